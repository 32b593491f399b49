"""Whole crawls of small sites over HTTP with a real MongoDB: traversal, resume, budgets, safety, bad input."""

from __future__ import annotations

import http.server
import json
import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from library_site import HOST, QUICK, article, asked, block, library, listing, path, stored, title

from benchmarks.invented.site import Page, Site, html_page, redirect


@pytest.fixture
def crawl(run_scrapy: Callable[..., Any]) -> Callable[..., Any]:
    """Run `scrapy crawl news` on addresses with arguments and settings; -> CompletedProcess, its log in stderr."""

    def run(
        *urls: str,
        settings: tuple[str, ...] = (),
        spider: str = "news",
        env: dict[str, str] | None = None,
        **arguments: str,
    ) -> Any:
        given = [part for name, value in arguments.items() for part in ("-a", f"{name}={value}")]
        seeds = ["-a", "url=" + ",".join(urls)] if urls else []
        return run_scrapy("crawl", spider, *seeds, *given, *QUICK, *settings, timeout=120, env=env or {})

    return run


def repeat(target: str) -> Page:
    """A pager that invents pages and shows the same articles on each."""
    number = int(re.sub(r"\D", "", target) or 1)
    return listing([1, 2, 3, 4, 5, 6], f"/news/index_{number + 1}.html")


def day(target: str) -> Page:
    """A calendar: every day leads to the days around it and to nothing else."""
    number = int(re.sub(r"\D", "", target) or 1)
    links = "".join(f"<a href='/rili/{number + step}/'>要闻{number + step}</a> " for step in (-1, 1, 7, 31))
    return html_page(f"<html><head><title>日历</title></head><body><div>{links}</div></body></html>")


def test_a_listing_is_crawled_to_the_depth_and_then_for_what_is_new(crawl, site_server, mongo):
    site = library()
    server = site_server(site)
    done = crawl(server.url("/news/"))
    assert done.returncode == 0, done.stderr
    assert stored(mongo) == {*range(1, 19), 101, 102}
    assert max(asked(server).values()) == 1
    assert server.requests["/news/index_3.html"] == 1
    server.forget_requests()
    done = crawl(server.url("/news/"))
    assert done.returncode == 0, done.stderr
    assert asked(server) == {}
    assert server.requests["/news/"] == 1
    assert server.requests["/news/index_2.html"] == 0
    assert (mongo["articles"].count_documents({}), mongo["revisions"].count_documents({})) == (20, 0)
    site.add("/news/", listing([50, *range(1, 6)], "/news/index_2.html"))
    site.add(path(50), article(50))
    server.replace(site)
    server.forget_requests()
    crawl(server.url("/news/"))
    assert asked(server) == {path(50): 1}
    assert 50 in stored(mongo)


def test_articles_without_a_time_take_that_of_their_row_in_a_feed(crawl, site_server, mongo):
    site = Site("hezhou", HOST, [f"http://{HOST}/rss.xml"], scheme="http")
    rows = "".join(
        f"<item><title>{title(number)}</title><link>http://{HOST}{path}</link>"
        f"<pubDate>Wed, 24 Apr 2024 09:3{number}:00 +0800</pubDate></item>"
        for number, path in ((1, "/a/10001.html"), (2, "/a/10002.html"))
    )
    feed = f"<?xml version='1.0'?><rss version='2.0'><channel><title>河州</title>{rows}</channel></rss>"
    site.add("/rss.xml", Page(feed.encode(), headers={"content-type": "application/rss+xml; charset=utf-8"}))
    site.add("/a/10001.html", article(1, time=""))
    site.add("/a/10002.html", article(2, time="2024-04-25 10:00:00"))
    done = crawl(site_server(site).url("/rss.xml"))
    assert done.returncode == 0, done.stderr
    found = {
        item["title"]: (item["published_at"].strftime("%d %H:%M"), item["methods"]["published_at"])
        for item in mongo.articles.find()
    }
    assert found == {title(1): ("24 01:31", "feed"), title(2): ("25 02:00", "header")}


def test_depth_and_blocks_limit_related_links(crawl, site_server, mongo):
    server = site_server(library(pages=1))
    crawl(server.url("/news/"), depth="1")
    assert stored(mongo) == {*range(1, 7), 101}
    mongo.client.drop_database(mongo.name)
    crawl(server.url("/news/"), follow_related="推荐阅读")
    assert stored(mongo) == {*range(1, 7)}


def test_a_crawl_that_ran_out_of_budget_is_finished_by_the_next(crawl, site_server, mongo):
    server = site_server(library(pages=4))
    crawl(server.url("/news/"), settings=("-s", "MAX_PAGES=7", "-s", "CONCURRENT_REQUESTS=2"))
    some = stored(mongo)
    assert 0 < len(some) < 20
    crawl(server.url("/news/"))
    assert stored(mongo) == {*range(1, 25), 101, 102}
    assert sum(asked(server).values()) <= 26 + 4


def test_max_articles_and_sample_are_exact(crawl, site_server, mongo):
    server = site_server(library())
    crawl(server.url("/news/"), max_articles="4")
    assert len(stored(mongo)) == 4
    crawl(server.url("/news/"), sample="3")
    assert len(stored(mongo)) == 7


def test_an_article_as_seed_gives_itself_and_what_it_recommends(crawl, site_server, mongo):
    server = site_server(library(pages=1))
    crawl(server.url(path(101)))
    assert stored(mongo) == {101, 102, 103}


def test_due_pages_of_all_sites_are_visited_without_an_address_and_what_is_gone_is_withdrawn(crawl, site_server, mongo):
    site = library(pages=1)
    server = site_server(site)
    crawl(server.url("/news/"), depth="0")
    server.forget_requests()
    crawl(due="1")
    assert asked(server) == {}
    del site.pages[HOST, path(3)]
    server.replace(site)
    mongo["pages"].update_many({}, {"$set": {"next_visit": mongo["articles"].find_one()["first_seen_at"]}})
    done = crawl(due="1", depth="0")
    assert done.returncode == 0, done.stderr
    assert len(asked(server)) == 6
    assert server.requests["/news/"] == 1
    withdrawn = [a["url"] for a in mongo["articles"].find({"withdrawn_at": {"$type": "date"}})]
    assert len(withdrawn) == 1
    assert withdrawn[0].endswith(path(3))
    assert mongo["articles"].find_one({"url": withdrawn[0]})["text"]


def test_robots_that_disallow_all_give_one_clear_line(crawl, site_server, mongo):
    site = library(pages=1)
    site.add("/robots.txt", Page(b"User-agent: *\nDisallow: /\n", headers={"content-type": "text/plain"}))
    server = site_server(site)
    done = crawl(server.url("/news/"))
    lines = [line for line in done.stderr.splitlines() if "robots" in line]
    assert len(lines) == 1
    assert "disallows every page" in lines[0]
    assert done.returncode == 1
    assert stored(mongo) == set()
    assert set(server.requests) == {"/robots.txt"}
    assert "Traceback" not in done.stderr


def test_links_to_private_addresses_are_not_followed_but_the_typed_host_is(crawl, site_server, mongo):
    site = library(pages=1)
    trap = Site("trap", "trap.hezhou-news.example", [], scheme="http")
    trap.add("/news/2024/0424/10077.html", article(77))
    site.add(
        "/news/", listing([1, 2, 3, 4, 5, 6], extra=f"<ul><li><a href='http://{trap.host}{path(77)}'>{title(77)}</a>")
    )
    site.add(path(2), Page(b"", 302, {"location": f"http://{trap.host}{path(77)}"}))
    server = site_server(site, trap)
    done = crawl(server.url("/news/"), offsite="one-hop", depth="0")
    assert 77 not in stored(mongo)
    assert server.requests[path(77)] == 0
    assert stored(mongo) == {1, 3, 4, 5, 6}
    assert "Traceback" not in done.stderr


def test_an_endless_pager_of_repeats_and_an_endless_calendar_are_survived(crawl, site_server, mongo):
    site = library(pages=1)
    site.endless["/news/index_"] = repeat
    site.endless["/rili/"] = day
    site.add("/news/", listing([1, 2, 3, 4, 5, 6], "/news/index_2.html"))
    site.add("/", listing([1, 2, 3, 4, 5, 6], extra="<div><a href='/news/'>新闻</a> <a href='/rili/1/'>要闻</a></div>"))
    server = site_server(site)
    crawl(server.url("/"), depth="0")
    assert sum(count for p, count in server.requests.items() if "/rili/" in p) <= 12
    assert stored(mongo) == {1, 2, 3, 4, 5, 6}
    assert sum(count for p, count in server.requests.items() if "index_" in p) <= 2


def test_a_ranking_that_links_later_pages_does_not_end_the_list(crawl, site_server, mongo):
    site = library(pages=5)
    for page in range(1, 6):
        name = "/news/" if page == 1 else f"/news/index_{page}.html"
        numbers = list(range((page - 1) * 6 + 1, page * 6 + 1))
        following = f"/news/index_{page + 1}.html" if page < 5 else ""
        site.add(name, listing(numbers, following, block("热门排行", *range(7, 19))))
    server = site_server(site)
    crawl(server.url("/news/"), depth="0")
    assert stored(mongo) == set(range(1, 31))
    server.forget_requests()
    crawl(server.url("/news/"), depth="0")
    assert asked(server) == {}
    assert server.requests["/news/index_2.html"] == 0


def answer(numbers: range) -> Page:
    rows = [{"title": title(n), "url": path(n), "publishTime": "2024-04-24 09:30:00"} for n in numbers]
    return Page(json.dumps({"data": {"list": rows}}).encode(), headers={"content-type": "application/json"})


def test_a_list_behind_a_shell_is_read_from_its_beginning_and_polled_by_every_run(crawl, site_server, mongo):
    site = library(pages=3)
    shell = html_page(
        "<html><body><div class='feed-list' data-api='/api/list?size=6' data-page='1'></div></body></html>"
    )
    site.add("/c/", Page(shell.body, headers={**shell.headers, "etag": '"shell"'}))
    site.add("/", listing([1, 2, 3], extra="<div class='nav'><a href='/c/'>要闻</a> <a href='/c/'>新闻</a></div>"))
    for number in (1, 2, 3):
        site.add(f"/api/list?size=6&page={number}", answer(range(6 * number - 5, 6 * number + 1)))
    server = site_server(site)
    crawl(server.url("/"), depth="0")
    assert stored(mongo) == set(range(1, 19))
    site.add(path(50), article(50))
    site.add("/api/list?size=6&page=1", answer(range(50, 51)))
    server.replace(site)
    server.forget_requests()
    crawl(server.url("/"), depth="0")
    assert asked(server) == {path(50): 1}


def sheet(day: int, number: int) -> Page:
    """Sheet 1 or 2 of the issue of `day`: two articles each, none on the 24th and the 23rd; a calendar beside them."""
    first = (25 - day) * 10 + number * 2
    rows = "".join(f"<li><a href='{path(n)}'>{title(n)}</a></li>" for n in (first, first + 1) if day not in (23, 24))
    names = "".join(f"<a href='node_{n}.htm'>第0{n}版：要闻</a> " for n in (1, 2))
    days = "".join(f"<td><a href='../{day:02}/node_1.htm'>{day}</a></td>" for day in range(1, 26))
    turn = f"<a href='../{day - 1:02}/node_1.htm'>上一期</a> <a href='../{day + 1:02}/node_1.htm'>下一期</a>"
    return html_page(f"<html><body><p>{turn}</p><p>{names}</p><ul>{rows}</ul><table>{days}</table></body></html>")


def test_a_paper_is_read_back_through_its_issues_and_their_sheets(crawl, site_server, mongo):
    site = library(pages=1)
    for day_ in range(1, 26):
        for number in (1, 2):
            site.add(f"/paper/2024-04/{day_:02}/node_{number}.htm", sheet(day_, number))
            for n in (0, 1):
                written = (25 - day_) * 10 + number * 2 + n
                site.add(path(written), article(written))
    server = site_server(site)
    crawl(server.url("/paper/2024-04/25/node_1.htm"), depth="0")
    assert stored(mongo) == {10 * day_ + n for day_ in range(25) if day_ not in (1, 2) for n in (2, 3, 4, 5)}
    server.forget_requests()
    crawl(server.url("/paper/2024-04/25/node_1.htm"), depth="0")
    assert asked(server) == {}
    assert server.requests["/paper/2024-04/24/node_1.htm"] == 0


def test_an_unchanged_article_is_asked_for_with_its_validators(crawl, site_server, mongo):
    site = library(pages=1)
    part = "<div class='page'><b>1</b> <a href='10002_2.html'>2</a> <a href='10002_2.html'>下一页</a></div>"
    site.add(path(2), article(2, part))
    site.add("/news/2024/0424/10002_2.html", article(2))
    server = site_server(site)
    again = ("-s", "REVISIT_ARTICLE_S=0")
    crawl(server.url("/news/"), depth="0", settings=again)
    site.add(path(3), article(3, time="2024-04-24 10:45:00"))
    server.replace(site)
    server.forget_requests()
    done = crawl(server.url("/news/"), depth="0", settings=again)
    answers = {asked_path: status for _, asked_path, status in server.log if asked_path.startswith("/news/2024")}
    changed = [path(2), "/news/2024/0424/10002_2.html", path(3)]
    assert answers == {path(n): 304 for n in (1, 4, 5, 6)} | dict.fromkeys(changed, 200), done.stderr
    assert mongo["articles"].count_documents({"revision": {"$gt": 1}}) == 1


def test_a_failed_part_leaves_the_parts_before_it_and_says_so(crawl, site_server, mongo):
    site = library(pages=1)
    parts = "<div class='page'><b>1</b> <a href='10001_2.html'>2</a> <a href='10001_2.html'>下一页</a></div>"
    site.add(path(1), article(1, parts))
    server = site_server(site)
    done = crawl(server.url("/news/"), depth="0")
    found = mongo["articles"].find_one({"url": {"$regex": "10001.html"}})
    assert found is not None
    assert "incomplete" in found["methods"]["pages"]
    assert "only 1 pages" in done.stderr


def test_retry_after_is_waited_for(crawl, site_server, mongo):
    server = site_server(library(pages=1))
    server.behave(path(2), "retry-after", 2, times=1)
    crawl(server.url("/news/"), depth="0")
    assert stored(mongo) == {1, 2, 3, 4, 5, 6}
    moments = [(at, status) for at, p, status in server.log if p == path(2)]
    assert [status for _, status in moments] == [429, 200]
    assert moments[1][0] - moments[0][0] >= 1.9


def test_a_host_that_asks_for_too_much_time_is_put_off(crawl, site_server, mongo):
    server = site_server(library(pages=1))
    server.behave(path(2), "retry-after", 86400)
    done = crawl(server.url("/news/"), depth="0")
    assert stored(mongo) == {1, 3, 4, 5, 6}
    assert server.requests[path(2)] == 1
    assert "asks to wait" in done.stderr


MAX_BYTES = 2_000_000
BAD_PAGES = {
    "/gone": (Page(b"<h1>gone</h1>", 410), "HTTP 410"),
    "/missing": (None, "HTTP 404"),
    "/forbidden": (Page(b"no", 403), "HTTP 403"),
    "/broken": (Page(b"oops", 500), "HTTP 500"),
    "/empty": (Page(b""), "a blank answer"),
    "/file": (Page(b"\x89PNG\r\n\x1a\n" + bytes(5000)), "a file, not a page"),
    "/not-found": (
        html_page(
            "<html><title>404_河州新闻网</title><body><h1>页面不存在</h1><p>您访问的页面不存在或已被删除</p></body></html>"
        ),
        "a page that says",
    ),
    "/login": (
        html_page(
            "<html><title>用户登录</title><body><h1>请先登录</h1><form action='/login' method='post'>"
            "<input name='user'>"
            "<input type='password' name='p'><button>登录</button></form><p>登录后查看全文</p></body></html>"
        ),
        "login",
    ),
    "/nothing": (listing([]), ""),
}


@pytest.fixture
def tls_port(tmp_path: Any) -> Iterator[int]:
    """The port of a server with a certificate that nobody signed."""
    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    moment = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), 1)
        .not_valid_before(moment - timedelta(days=1))
        .not_valid_after(moment + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    pem = tmp_path / "server.pem"
    pem.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


def test_bad_pages_give_one_line_each_and_never_a_traceback(crawl, site_server, mongo, tls_port):
    site = library(pages=1)
    for place, (page, _) in BAD_PAGES.items():
        if page is not None:
            site.add(place, page)
    for place in ("/loop", "/truncated", "/bomb", "/huge", "/refuse"):
        site.add(place, html_page("<html><body>" + "x" * 1000 + "</body></html>"))
    site.add("/huge", Page(b"<html><body>" + b"x" * MAX_BYTES))
    server = site_server(site)
    for place, kind in (("/loop", "loop"), ("/truncated", "truncated"), ("/refuse", "refuse")):
        server.behave(place, kind)
    server.behave("/bomb", "bomb", 8 * MAX_BYTES)
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    elsewhere = {
        "http://no-such-host.invalid/": "host not found",
        f"http://127.0.0.1:{port}/": "refused",
        f"https://127.0.0.1:{tls_port}/": "TLS",
    }
    largest = ("-s", f"DOWNLOAD_MAXSIZE={MAX_BYTES}", "-s", "DOWNLOAD_WARNSIZE=0")
    places = [*BAD_PAGES, "/loop", "/truncated", "/bomb", "/huge", "/refuse"]
    done = crawl(
        *(server.url(place) for place in places), *elsewhere, server.url("/news/"), depth="0", settings=largest
    )
    assert "Traceback" not in done.stderr
    expected = {place: text for place, (_, text) in BAD_PAGES.items()}
    expected |= {"/loop": "redirects without end", "/bomb": "larger than", "/huge": "larger than", "/refuse": ""}
    for place, text in expected.items():
        lines = [line for line in done.stderr.splitlines() if re.search(re.escape(place) + r"\b", line)]
        assert len(lines) == 1, (place, lines)
        assert text in lines[0]
    for url, text in elsewhere.items():
        lines = [line for line in done.stderr.splitlines() if url in line]
        assert len(lines) == 1, (url, lines)
        assert text in lines[0]
    assert stored(mongo) == {1, 2, 3, 4, 5, 6}


@pytest.mark.parametrize("arguments", [["-a", "depth=deep", "-a", "url=http://a.example/"], [], ["-a", "url=nowhere"]])
def test_wrong_arguments_are_one_line_and_exit_code_2(run_scrapy, arguments):
    done = run_scrapy("crawl", "news", *arguments, env={"MONGO_URI": "mongodb://127.0.0.1:9/"})
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1
    assert done.stdout == ""


def step_on(target: str) -> Page:
    """A farm: each address redirects to the next."""
    number = int(re.sub(r"\D", "", target) or 1)
    return redirect(f"/lucky/{number + 10}", 302)


def test_a_farm_of_redirects_costs_one_try(crawl, site_server, mongo):
    site = library(pages=1)
    links = "".join(f"<li><a href='/lucky/{n}'>今日好礼等你领取第{n}波火热进行中</a></li>" for n in range(1, 9))
    site.add("/news/", listing(range(1, 7), extra=f"<div class='side'><ul>{links}</ul></div>"))
    site.endless = {"/lucky/": step_on}
    server = site_server(site)
    crawl(f"http://{HOST}/news/", depth="0", env={"http_proxy": server.proxy_url})
    assert stored(mongo) == set(range(1, 7))
    assert sum(count for asked_path, count in server.requests.items() if asked_path.startswith("/lucky/")) <= 4


def weblog(articles: int) -> Site:
    """A weblog: the front page is turned through all articles, a category lists every second one again."""
    site = Site("weblog", HOST, [f"http://{HOST}/"], scheme="http")
    for base, numbers in (("/", range(1, articles + 1)), ("/category/society/", range(1, articles + 1, 2))):
        pages = [list(numbers[first : first + 5]) for first in range(0, len(numbers), 5)]
        for page, shown in enumerate(pages, 1):
            following = f"{base}page/{page + 1}/" if page < len(pages) else ""
            front = "<div class='nav'><a href='/category/society/'>社会</a></div>"
            site.add(base if page == 1 else f"{base}page/{page}/", listing(shown, following, front))
    for number in range(1, articles + 1):
        site.add(path(number), article(number))
    return site


@pytest.mark.parametrize(("articles", "turned"), [(23, 0), (25, 2)])
def test_a_channel_is_not_turned_where_a_front_page_with_an_end_has_shown_all(
    articles, turned, crawl, site_server, mongo
):
    server = site_server(weblog(articles))
    proxy = {"http_proxy": server.proxy_url}
    crawl(f"http://{HOST}/", depth="0", env=proxy)
    assert stored(mongo) == set(range(1, articles + 1))
    assert server.requests["/category/society/"] == 1
    assert sum(count for p, count in server.requests.items() if p.startswith("/category/society/page/")) == turned
    server.forget_requests()
    crawl(f"http://{HOST}/", depth="0", env=proxy)
    assert asked(server) == {}


def test_twin_hosts_are_proven_by_links_and_remembered(crawl, site_server, mongo):
    twin = "news.hezhou-news.example"
    site = library(pages=1)
    for number in range(1, 7):
        site.add(path(number), article(number), twin)
    rows = "".join(f"<li><a href='http://{twin}{path(n)}'>{title(n)}</a></li>" for n in (1, 2))
    site.add("/news/", listing(range(1, 4), extra=f"<ul class='side'>{rows}</ul>"))
    server = site_server(site)
    crawl(f"http://{HOST}/news/", depth="0", env={"http_proxy": server.proxy_url})
    assert max(asked(server).values()) == 1
    assert [facts["proofs"] for facts in mongo["sites"].find_one()["twins"].values()] == [2]
    site.add("/news/", listing(range(1, 4), extra=f"<ul><li><a href='http://{twin}{path(5)}'>{title(5)}</a></li></ul>"))
    server.replace(site)
    crawl(f"http://{HOST}/news/", depth="0", env={"http_proxy": server.proxy_url})
    assert "hezhou-news.example/news/2024/0424/10005.html" in {document["_id"] for document in mongo["pages"].find()}


def bare(paths: list[str]) -> Site:
    """A front page that shows one article and leads nowhere; `paths` are where more are named."""
    site = Site("bare", HOST, [f"http://{HOST}/"], scheme="http")
    site.add("/", html_page(f"<html><body><h2><a href='{path(1)}'>{title(1)}</a></h2></body></html>"))
    for number in range(1, 7):
        site.add(path(number), article(number))
    entries = "".join(f"<url><loc>http://{HOST}{path(number)}</loc></url>" for number in range(1, 7))
    for where in paths:
        site.add(where, Page(f"<urlset>{entries}</urlset>".encode(), headers={"content-type": "application/xml"}))
    return site


@pytest.mark.parametrize(("paths", "tried"), [(["/sitemap.xml"], 1), (["/sitemap_index.xml"], 4)])
def test_a_front_page_that_leads_nowhere_is_asked_for_its_usual_sitemap(paths, tried, crawl, site_server, mongo):
    server = site_server(bare(paths))
    crawl(server.url("/"))
    assert stored(mongo) == set(range(1, 7))
    usual = ("/sitemap.xml", "/rss.xml", "/feed/", "/sitemap_index.xml")
    assert sum(server.requests[where] for where in usual) == tried


def test_a_front_page_that_names_channels_is_asked_for_no_sitemap(crawl, site_server, mongo):
    site = bare(["/sitemap.xml"])
    site.add("/", html_page("<html><body><div class='nav'><a href='/shehui/'>社会</a></div></body></html>"))
    site.add("/shehui/", listing(range(1, 4)))
    server = site_server(site)
    crawl(server.url("/"))
    assert stored(mongo) == {1, 2, 3}
    assert server.requests["/sitemap.xml"] == 0
