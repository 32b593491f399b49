"""A crawl keeps its pages, and `scrapy articles reread` makes of them what today's rules give, without the network."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest
from library_site import BODY, HOST, QUICK, article, listing, path, title
from project import ROOT

from benchmarks.invented.site import Page, Site, html_page
from newsspider.recording.archive_files import warc_files
from newsspider.recording.cdxj import entries_with

Run = Callable[..., CompletedProcess[str]]

SITE = "hezhou-news.example"
# the newspaper names the agency it takes its text from in a line that the general rules do not know
MENDED = """
from newsspider.pages.article import ArticlePage
from newsspider.site_spider import SiteSpider

class HezhouPage(ArticlePage):
    source_selector = "p.taken"

class Hezhou(SiteSpider):
    name = "hezhou"
    seeds = ("http://www.hezhou-news.example/news/",)
    page_class = HezhouPage
"""


def redesigned(number: int, extra: str = "", title_suffix: str = "", text: str = "") -> Page:
    name = f"{title(number)}{title_suffix}"
    paragraphs = "".join(f"<p>　　第{number}篇：{paragraph}</p>" for paragraph in BODY)
    return html_page(
        f"<html><head><title>{name}_河州新闻网</title></head><body><h1>{name}</h1>"
        f"<div class='info'>来源：河州新闻网　时间：2024-04-24 09:{number % 60:02}:00</div>"
        f"<p class='taken'>北岸周刊{number % 3}</p><div class='content'>{paragraphs}{text}</div>{extra}</body></html>"
    )


def framed(number: int, inner: str) -> Page:
    name = title(number)
    return html_page(f"<html><head><title>{name}</title></head><body><h1>{name}</h1>{inner}</body></html>")


def numbers(count: int) -> range:
    return range(1, count + 1)


def site(count: int) -> Site:
    """`count` plain articles; one of two pages, one with a block that a script fetches, one in a frame."""
    made = Site("hezhou", HOST, [f"http://{HOST}/news/"], scheme="http")
    made.add("/news/", listing([*numbers(count), 201, 202, 203]))
    for number in numbers(count):
        made.add(path(number), redesigned(number))
    following = path(201).replace(".html", "_2.html")
    pager = "<div class='pages'><span>1</span><a href='{}'>2</a> <a href='{}'>下一页</a></div>"
    made.add(path(201), redesigned(201, pager.format(following, following)))
    second = f"<p>　　续前页：{BODY[1][::-1]}</p>" * 3
    made.add(following, framed(201, f"<div class='content'>{second}</div>"))
    block = "<div><h3>相关阅读</h3><ul id='xg'></ul><script>$('#xg').load('/part/202.html')</script></div>"
    made.add(path(202), redesigned(202, block))
    made.add("/part/202.html", html_page(f"<li><a href='{path(1)}'>{title(1)}</a></li>"))
    made.add(path(203), framed(203, "<iframe src='/text/203.htm' width='700'></iframe>"))
    made.add("/text/203.htm", article(203))
    return made


@pytest.fixture
def mended(tmp_path: Path) -> tuple[dict[str, str], tuple[str, ...]]:
    """Environment and settings of a project whose site file for the site was mended."""
    folder = tmp_path / "mended"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    (folder / "hezhou.py").write_text(MENDED)
    return {"PYTHONPATH": f"{tmp_path}:{ROOT}"}, ("-s", "SPIDER_MODULES=newsspider.spiders,mended")


def fields(mongo: Any) -> dict[str, dict[str, Any]]:
    left_out = ("version_id", "last_seen_at", "details_hash", "rules_version", "kept_at")
    return {a["_id"]: {name: a[name] for name in a if name not in left_out} for a in mongo["articles"].find()}


def test_a_mended_site_file_is_read_into_every_article(
    run_scrapy: Run,
    site_server: Any,
    mongo: Any,
    mended: tuple[dict[str, str], tuple[str, ...]],
    scrapy_environment: dict[str, str],
    soak: Callable[[Any, Any], Any],
) -> None:
    count = soak(12, 60)
    server = site_server(site(count))
    proxied = {"http_proxy": server.proxy_url}
    crawl = ("crawl", "news", "-a", f"url=http://{HOST}/news/", *QUICK, "-s", "REVISIT_ARTICLE_S=0")
    assert run_scrapy(*crawl, "-s", "PAGE_ARCHIVE_LISTINGS=1", env=proxied).returncode == 0
    folder = Path(scrapy_environment["NEWSSPIDER_DATA_DIR"]) / "warc"
    lists = [entry for found in folder.glob("*.cdxj") for entry in entries_with(found, "example,hezhou-news)/news ")]
    assert [(entry.url, entry.status) for entry in lists] == [(f"http://{HOST}/news/", "200")]
    edited = site(count)
    edited.add(path(2), redesigned(2, text="<p>　　更正：周末的朗读角改在上午九点。</p>"))
    server.replace(edited)
    assert run_scrapy(*crawl, env=proxied).returncode == 0
    stored = fields(mongo)
    assert len(stored) == count + 3
    assert sorted(a["pages"] for a in stored.values())[-2:] == [1, 2]
    assert {a["source"] for key, a in stored.items() if "10203" not in key} == {"河州新闻网"}

    # by the same rules every article is what it was: parts, script blocks and frames included
    requests = dict(server.requests)
    same = run_scrapy("articles", "reread", SITE)
    assert (same.returncode, same.stdout) == (0, ""), same.stdout + same.stderr
    assert f"{count + 3} articles read again: 0 changed, {count + 3} unchanged" in same.stderr
    assert fields(mongo) == stored

    environment, settings = mended
    dry = run_scrapy("articles", "reread", SITE, "--dry-run", *settings, env=environment)
    assert f"{count + 2} changed" in dry.stderr, dry.stderr
    assert "source: 河州新闻网 -> 北岸周刊1" in dry.stdout
    assert fields(mongo) == stored
    done = run_scrapy("articles", "reread", SITE, *settings, env=environment)
    assert done.stdout == dry.stdout, done.stderr
    assert dict(server.requests) == requests
    after = fields(mongo)
    for number in numbers(count):
        (found,) = (a for key, a in after.items() if str(10000 + number) in key)
        assert found["source"] == f"北岸周刊{number % 3}"
        assert found["change"]["kind"] == "reread"
    rules = {a["rules_version"] for a in mongo["articles"].find() if a["revision"] > 1}
    assert len(rules) == 1

    # the paper's edit and our reading stand apart, and the next crawl finds nothing new
    key = next(key for key in after if "10002" in key)
    history = run_scrapy("articles", "history", key).stdout
    assert [line.split("  ")[1][:6] for line in history.splitlines() if line.startswith("revision")] == [
        "seen 2",
        "seen 2",
        "reread",
    ]
    assert "source: + 北岸周刊2" in history
    crawled = run_scrapy("crawl", "hezhou", *QUICK, "-s", "REVISIT_ARTICLE_S=0", *settings, env=proxied | environment)
    assert "0 new, 0 changed" in crawled.stderr, crawled.stderr
    again = run_scrapy("articles", "reread", SITE, *settings, env=environment)
    assert "0 changed" in again.stderr

    shown = run_scrapy("articles", "show", key, "--page")
    assert "更正：周末的朗读角" in shown.stdout
    assert f"http://{HOST}{path(2)} fetched" in shown.stderr
    parts = next(key for key in after if "10201" in key)
    assert "续前页" in run_scrapy("articles", "show", parts, "--page", "2").stdout
    assert "there is no page 3" in run_scrapy("articles", "show", parts, "--page", "3").stderr

    assert run_scrapy("articles", "remove", parts, "--reason", "request").returncode == 0
    data = b"".join(gzip.decompress(found.read_bytes()) for found in warc_files(folder))
    assert "续前页".encode() not in data
    assert "更正：周末的朗读角".encode() in data
