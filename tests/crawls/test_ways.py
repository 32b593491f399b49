"""Whole crawls of articles that no plain link leads to: scripts, frames, POST, cursors, records, redirectors."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from library_site import HOST, QUICK, article, listing, path, stored, title

from benchmarks.invented.site import Page, Site, html_page, redirect

OTHER_HOST = "dongqu.hezhou-news.example"


@pytest.fixture
def crawl(run_scrapy: Callable[..., Any]) -> Callable[..., Any]:
    """Run `scrapy crawl news` on URLs; -> CompletedProcess, its log in stderr."""

    def run(*urls: str, settings: tuple[str, ...] = ()) -> Any:
        return run_scrapy("crawl", "news", "-a", "url=" + ",".join(urls), *QUICK, *settings, timeout=120, env={})

    return run


def answer(numbers: list[int], **facts: Any) -> Page:
    rows = [{"headline": title(n), "href": path(n), "stamp": 1_713_900_000 - 600 * n} for n in numbers]
    return Page(json.dumps({"items": rows, **facts}).encode(), headers={"content-type": "application/json"})


def records(numbers: list[int], following: str = "") -> str:
    rows = "".join(
        f"<record><![CDATA[<tr><td><a href='{path(n)}'>{title(n)}</a></td></tr>]]></record>" for n in numbers
    )
    more = f"<nextgroup><![CDATA[<a href='{following}'></a>]]></nextgroup>" if following else ""
    return f"<datastore>{more}<recordset>{rows}</recordset></datastore>"


def add_lists(site: Site) -> None:
    """Add three channels that go on by POST, by the time of the last row, and by records of XML."""
    script = (
        "<script>var page=2;$('#more').click(function(){fetch('/api/list',{method:'POST',"
        "body:JSON.stringify({page:page,size:3})}).then(draw);page++})</script>"
    )
    site.add("/post/", listing([20, 21, 22], extra=f"<a id='more' href='javascript:;'>加载更多</a>{script}"))
    site.add('/api/list#{"page": 2, "size": 3}', answer([23, 24, 25]))
    site.add('/api/list#{"page": 3, "size": 3}', answer([]))

    def stamp(number: int) -> int:
        return 1_713_900_000 - 600 * number

    rows = "".join(f"<li data-stamp='{stamp(n)}'><a href='{path(n)}'>{title(n)}</a></li>" for n in (30, 31, 32))
    script = (
        f"<script>var t={stamp(32)};$('#go').click(function(){{$.getJSON('/flow.json?before_ts='+t,draw)}})</script>"
    )
    site.add("/flow/", html_page(f"<html><body><ul>{rows}</ul><a id='go' href='#'>更多</a>{script}</body></html>"))
    site.add(f"/flow.json?before_ts={stamp(32)}", answer([33, 34, 35]))
    site.add(f"/flow.json?before_ts={stamp(35)}", answer([36]))
    site.add(f"/flow.json?before_ts={stamp(36)}", answer([]))
    inner = records([40, 41, 42], "/rows.jsp?from=4&amp;unit=7".replace("&amp;", "&"))
    site.add("/gov/", html_page(f"<html><body><table><script type='text/xml'>{inner}</script></table></body></html>"))
    site.add("/rows.jsp?from=4&unit=7", Page(records([43]).encode(), headers={"content-type": "text/xml"}))


def add_ways(site: Site) -> None:
    """Add pages that only send on, rows that a script opens, a frame with a list, an article in a frame."""
    jumps = (
        f"<script>location.replace('{path(1)}')</script>",
        f"<noscript><meta http-equiv='refresh' content='0;url={path(2)}'></noscript>",
        f"<meta http-equiv='refresh' content='0; {path(3)}'>",
    )
    for number, jump in enumerate(jumps, 1):
        site.add(f"/a/2024/{number}.html", html_page(f"<html><head>{jump}</head><body></body></html>"))
    site.add("/a/2024/90.html", html_page("<script>location.href='/a/2024/91.html'</script>"))
    site.add("/a/2024/91.html", html_page("<script>location.href='/a/2024/90.html'</script>"))
    site.add("/list/inner.html", listing([8, 9]))
    site.add("/open?id=11", redirect(path(11)))
    head = f"<html><head><title>{title(12)}</title></head><body><h1>{title(12)}</h1>"
    site.add(path(12), html_page(f"{head}<iframe src='/text/12.htm' width='700'></iframe></body></html>"))
    site.add("/text/12.htm", article(12))


def add_related(site: Site) -> None:
    """Let article 1 fetch a block that is there, 2 one that is not, 3 one that is empty."""
    for number, url in ((1, "/part/1.html"), (2, "/part/2.html"), (3, "/part/3.json")):
        place = f"<div><h3>相关阅读</h3><ul id='xg{number}'></ul><script>$('#xg{number}').load('{url}')</script></div>"
        site.add(path(number), article(number, place))
    site.add("/part/1.html", html_page(f"<li><a href='{path(50)}'>{title(50)}</a></li>"))
    site.add("/part/3.json", answer([]))


def site_of_ways() -> Site:
    site = Site("hezhou", HOST, [f"http://{HOST}/"], scheme="http")
    jumps = "".join(f"<li><a href='/a/2024/{n}.html'>{title(n)}</a></li>" for n in (1, 2, 3))
    rows = (
        f"<li><a href='/a/2024/90.html'>{title(90)}</a></li>"
        f"<li><a href=\"javascript:window.open('{path(4)}')\">{title(4)}</a></li>"
        f"<li onclick=\"location.href='{path(5)}'\"><span>{title(5)}</span></li>"
        + "".join(f"<p class='r' data-url='{path(n)}'>{title(n)}</p>" for n in (6, 7, 13))
        + f"<li><a href='/go?url={quote(path(10), safe='')}'>{title(10)}</a></li>"
        f"<li><a href='/open?id=11'>{title(11)}</a></li><li><a href='{path(12)}'>{title(12)}</a></li>"
    )
    menu = "".join(
        f"<a href='/{name}/'>{text}</a> " for name, text in (("post", "要闻"), ("flow", "快讯"), ("gov", "政务"))
    )
    site.add(
        "/",
        html_page(
            f"<html><body><div class='nav'>{menu}</div><ul>{jumps}{rows}</ul>"
            "<iframe src='/list/inner.html' width='300'></iframe></body></html>"
        ),
    )
    for number in (*range(4, 12), 13, *range(20, 26), *range(30, 37), *range(40, 44), 50):
        site.add(path(number), article(number))
    add_lists(site)
    add_ways(site)
    add_related(site)
    return site


def test_every_way_leads_to_its_articles_once(crawl, site_server, mongo):
    server = site_server(site_of_ways())
    done = crawl(server.url("/"))
    assert done.returncode == 0, done.stderr
    assert stored(mongo) == {*range(1, 14), *range(20, 26), *range(30, 37), *range(40, 44), 50}, done.stderr
    requests = server.requests
    assert max(count for target, count in requests.items() if target.startswith("/news/")) == 1
    assert sum(requests["/a/2024/" + name] for name in ("90.html", "91.html")) <= 9
    assert not any(target.startswith("/go?") for target in requests)
    aliases = {page["_id"].partition("/")[2] for page in mongo["pages"].find({"kind": "alias"})}
    assert {"a/2024/1.html", "a/2024/2.html", "a/2024/3.html", "open?id=11"} <= aliases
    assert any(key.startswith("go?") for key in aliases)
    blocks = {a["url"]: a for a in mongo["articles"].find() if a["related_blocks"]}
    shown = {url.rpartition("/")[2]: article["related_blocks"][0] for url, article in blocks.items()}
    assert (shown["10001.html"]["links"], shown["10001.html"]["unread"]) == (1, None)
    assert (shown["10002.html"]["links"], shown["10002.html"]["unread"]) == (0, "HTTP 404")
    assert (shown["10003.html"]["links"], shown["10003.html"]["unread"]) == (0, None)
    framed = mongo["articles"].find_one({"url": {"$regex": "10012"}})
    assert title(12) == framed["title"]
    assert framed["text"].count("第12篇") == 3


def test_related_fetches_are_bounded(crawl, site_server, mongo):
    server = site_server(site_of_ways())
    crawl(server.url(path(1)), settings=("-s", "RELATED_FETCHES=0"))
    assert server.requests["/part/1.html"] == 0
    assert mongo["articles"].find_one()["related_blocks"][0]["unread"] == "RELATED_FETCHES is reached"


def test_a_sitemap_is_asked_for_beside_a_feed_and_a_list_elsewhere_is_named(crawl, site_server, mongo):
    site = Site("hezhou", HOST, [f"http://{HOST}/"], scheme="http")
    site.add(
        "/",
        html_page(
            "<html><head><link rel='alternate' type='application/rss+xml' href='/new.xml'></head><body>河州新闻网"
            "<iframe src='http://rows.example/news/list.html' width='600'></iframe></body></html>"
        ),
    )
    items = "".join(f"<item><title>{title(n)}</title><link>http://{HOST}{path(n)}</link></item>" for n in (1, 2))
    site.add("/new.xml", Page(f"<rss><channel>{items}</channel></rss>".encode(), headers={"content-type": "text/xml"}))
    urls = "".join(f"<url><loc>http://{HOST}{path(n)}</loc></url>" for n in range(1, 6))
    site.add("/sitemap.xml", Page(f"<urlset>{urls}</urlset>".encode(), headers={"content-type": "text/xml"}))
    for number, place in enumerate(("城东", "城西", "城南", "城北", "江心"), 1):
        page = article(number)
        site.add(
            path(number), Page(page.body.replace("图书馆".encode(), f"{place}图书馆".encode()), headers=page.headers)
        )
    server = site_server(site)
    done = crawl(server.url("/"))
    assert stored(mongo) == set(range(1, 6))
    assert server.requests["/sitemap.xml"] == 1
    assert "listings without articles" in done.stderr + done.stdout
    assert "a frame of rows.example" in done.stderr + done.stdout


def test_typed_hosts_are_mirrors_by_their_pages_only(crawl, site_server, mongo):
    """Two hosts with equal paths and headlines: articles that differ are both stored."""
    site = Site("hezhou", HOST, [f"http://{HOST}/"], scheme="http")
    site.hosts.append(OTHER_HOST)
    for host, name in ((HOST, "河州"), (OTHER_HOST, "东区")):
        site.pages[host, "/"] = listing(range(1, 7))
        for number in range(1, 7):
            page = article(number)
            body = page.body.replace("图书馆四月".encode(), f"图书馆{name}馆四月".encode())
            site.pages[host, path(number)] = Page(body, page.status, page.headers)
    server = site_server(site)
    crawl(server.url("/"), server.url("/", OTHER_HOST))
    assert mongo["articles"].count_documents({}) == 12
