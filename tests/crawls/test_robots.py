"""robots.txt over HTTP: what it forbids while it is long, unreachable, missing, moved or in another encoding."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from library_site import HOST, QUICK, library, listing, path, stored

from benchmarks.invented.site import Page

FORBID = b"User-agent: *\nDisallow: /news/\n"
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
FILLING = b"# nothing to see here\n"


def robots(body: bytes, status: int = 200, **headers: str) -> Page:
    return Page(body, status, {"content-type": "text/plain", **headers})


def crawl(server: Any, run_scrapy: Any, *args: str) -> Any:
    server.forget_requests()
    return run_scrapy("crawl", "news", "-a", f"url={server.url('/news/')}", *QUICK, *args)


def pages_asked(server: Any) -> list[str]:
    return [asked for asked in server.requests if asked.startswith("/news/")]


@pytest.mark.parametrize(
    ("body", "is_forbidden"),
    [
        (FORBID + FILLING * 70_000, True),
        (FILLING * 20_000 + b"\n" + FORBID, True),
        (FILLING * 30_000 + b"\n" + FORBID, False),  # behind the first 500 KiB
        ("# 禁止抓取\n".encode("gbk") + FORBID, True),
        (b"\xef\xbb\xbf" + FORBID, True),
    ],
)
def test_a_long_or_foreign_file_is_obeyed(
    body: bytes, is_forbidden: bool, run_scrapy: Any, site_server: Any, mongo: Any
) -> None:
    site = library(1)
    site.add("/robots.txt", robots(body))
    server = site_server(site)
    done = crawl(server, run_scrapy)
    assert "Traceback" not in done.stderr
    assert bool(pages_asked(server)) is not is_forbidden
    assert bool(stored(mongo)) is not is_forbidden
    assert done.returncode == is_forbidden


@pytest.mark.parametrize(("kind", "value", "said"), [("refuse", 0, "closed"), ("status", 503, "HTTP 503")])
def test_an_unreachable_file_forbids_all_and_loses_nothing(
    kind: str, value: int, said: str, run_scrapy: Any, site_server: Any, mongo: Any
) -> None:
    server = site_server(library(1))
    server.behave("/robots.txt", kind, value)
    done = crawl(server, run_scrapy)
    assert done.returncode == 1
    assert server.requests["/robots.txt"] == 2  # RETRY_TIMES=1
    assert pages_asked(server) == []
    lines = [line for line in done.stderr.splitlines() if "robots.txt" in line]
    assert len(lines) == 1
    assert said in lines[0]
    assert mongo["pages"].count_documents({"state": "queued", "next_visit": {"$exists": True}}) == 1
    server.behave("/robots.txt", "none")
    assert crawl(server, run_scrapy).returncode == 0
    assert len(stored(mongo)) == 6 + 2


def test_a_file_that_cannot_be_had_keeps_what_was_queued(run_scrapy: Any, site_server: Any, mongo: Any) -> None:
    server = site_server(library(1))
    assert crawl(server, run_scrapy, "-s", "MAX_PAGES=2").returncode == 0
    waiting = mongo["pages"].count_documents({"state": "queued"})
    server.behave("/robots.txt", "refuse")
    crawl(server, run_scrapy)
    assert mongo["pages"].count_documents({"state": "queued"}) >= waiting > 0
    assert mongo["pages"].count_documents({"state": "failed"}) == 0


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_client_errors_forbid_nothing(status: int, run_scrapy: Any, site_server: Any, mongo: Any) -> None:
    site = library(1)
    site.add("/robots.txt", robots(FORBID, status))
    assert crawl(site_server(site), run_scrapy).returncode == 0
    assert len(stored(mongo)) == 6 + 2


@pytest.mark.parametrize(("hops", "is_forbidden"), [(5, True), (6, False)])
def test_five_redirects_are_followed_to_another_host_as_well(
    hops: int, is_forbidden: bool, run_scrapy: Any, site_server: Any, mongo: Any
) -> None:
    other = "static.hezhou-news.example"
    site = library(1)
    site.hosts.append(other)
    for hop in range(hops):
        target = f"http://{other}/r{hop + 1}.txt"
        place = ("/robots.txt", HOST) if hop == 0 else (f"/r{hop}.txt", other)
        site.add(place[0], robots(b"", 302, location=target), place[1])
    site.add(f"/r{hops}.txt", robots(FORBID), other)
    server = site_server(site)
    done = run_scrapy(
        *("crawl", "news", "-a", f"url=http://{HOST}/news/", *QUICK), env={"http_proxy": server.proxy_url}
    )
    assert "Traceback" not in done.stderr
    assert (path(1) not in server.requests) is is_forbidden


def test_sitemaps_that_the_file_names_are_read(run_scrapy: Any, site_server: Any, mongo: Any) -> None:
    site = library(1)
    site.add("/robots.txt", robots(b"User-agent: *\nDisallow: /secret/\n\nsitemap : /map-7.xml # all of it\n"))
    loc = f"<url><loc>http://{HOST}{path(103)}</loc></url>"
    site.add("/", listing(range(1, 7)))
    site.add("/map-7.xml", Page(f"<urlset>{loc}</urlset>".encode(), headers={"content-type": "text/xml"}))
    server = site_server(site)
    assert run_scrapy("crawl", "news", "-a", f"url={server.url('/')}", *QUICK).returncode == 0
    assert 103 in stored(mongo)


def test_a_page_in_place_of_the_file_has_no_rules(run_scrapy: Any, site_server: Any, mongo: Any) -> None:
    gate = (
        "<!-- gate --><html><head><title>请稍候</title></head><body><pre>\n" + FORBID.decode() + "</pre></body></html>"
    )
    site = library(1)
    site.add("/robots.txt", robots(gate.encode()))
    assert crawl(site_server(site), run_scrapy).returncode == 0
    assert len(stored(mongo)) == 6 + 2


def test_a_file_that_failed_twice_is_not_asked_for_at_once(run_scrapy: Any, site_server: Any, mongo: Any) -> None:
    server = site_server(library(1))
    server.behave("/robots.txt", "status", 503)
    for asked in (2, 2, 0):  # RETRY_TIMES=1; the third run leaves the host alone
        done = crawl(server, run_scrapy)
        assert (done.returncode, server.requests["/robots.txt"]) == (1, asked)
        assert len([line for line in done.stderr.splitlines() if "robots.txt" in line]) == 1
        assert pages_asked(server) == []
    server.behave("/robots.txt", "none")
    facts = mongo["sites"].find_one({"robots": {"$exists": True}})
    (name,) = facts["robots"]
    mongo["sites"].update_one({"_id": facts["_id"]}, {"$set": {f"robots.{name}.asked_again_at": LONG_AGO}})
    assert crawl(server, run_scrapy).returncode == 0
    assert len(stored(mongo)) == 6 + 2
    assert mongo["sites"].find_one({"_id": facts["_id"]})["robots"] == {}
