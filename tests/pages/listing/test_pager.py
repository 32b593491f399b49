"""The page after: of an article in parts and of a listing; never the next article."""

from datetime import UTC, datetime

import pytest

from newsspider.pages.document import Document
from newsspider.pages.listing.page_links import continuation_links
from newsspider.pages.listing.pager import (
    full_text_link,
    next_article_page,
    next_listing_page,
    next_listing_pages,
    page_links,
    says_next,
)

FETCHED_AT = datetime(2026, 11, 1, 8, 0, tzinfo=UTC)
SITE = "https://www.sample.example"
PROSE = "<p>" + "新桥全长三公里，连接东西两岸，建设历时四年，今日正式通车。" * 4 + "</p>"


def page(body: str, path: str, head: str = "") -> Document:
    return Document.from_text(
        f"<html><head>{head}</head><body><h1>东湖新桥今日通车</h1>{PROSE}{body}</body></html>", SITE + path, FETCHED_AT
    )


ARTICLE_PAGERS = [
    (
        "/a/100.html",
        '<div class="page"><span>1</span><a href="100_2.html">2</a><a href="100_2.html">下一页</a></div>',
        "/a/100_2.html",
    ),
    (
        "/a/100_2.html",
        '<div><a href="100.html">1</a> 2 <a href="100_3.html">3</a><a href="100_3.html">下一页</a></div>',
        "/a/100_3.html",
    ),
    ("/a/100.html", '<div>[1] <a href="100_2.html">[2]</a> <a href="100_3.html">[3]</a></div>', "/a/100_2.html"),
    ("/a/c_1.html", '<p><a href="c_1_1.html">下一页</a></p>', "/a/c_1_1.html"),
    ("/a/100_1.html", '<ul><li>1</li><li><a href="100_2.html">2</a></li></ul>', "/a/100_2.html"),
    ("/a/100", '<div>1 <a href="/a/100?page=2">2</a></div>', "/a/100?page=2"),
    ("/a/100?page=2", '<div><a href="/a/100">1</a> 2 <a href="?page=3">3</a></div>', "/a/100?page=3"),
    ("/show.php?id=7", '<div><a href="?id=7&p=2">后页</a></div>', "/show.php?id=7&p=2"),
    ("/a/100/", '<div>1 <a href="/a/100/2">2</a></div>', "/a/100/2"),
    ("/a/100.html", '<div>1 <a href="100_2.html">2</a> <a href="100_all.html">单页阅读</a></div>', "/a/100_all.html"),
    (
        "/a/100",
        '<div><a href="/a/100?page=2">下一页</a><a href="/a/100?page=all">阅读全文</a></div>',
        "/a/100?page=all",
    ),
    ("/a/100.html", '<p><a href="100_2.html">余下全文</a></p>', "/a/100_2.html"),
    ("/show-3-100-1.html", '<div>1 <a href="/show-3-100-2.html">2</a></div>', "/show-3-100-2.html"),
]


@pytest.mark.parametrize(("path", "body", "expected"), ARTICLE_PAGERS)
def test_next_part_of_an_article(path: str, body: str, expected: str) -> None:
    assert next_article_page(page(body, path)) == SITE + expected


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/a/100.html", '<p>上一篇：<a href="99.html">西山茶农</a></p><p>下一篇：<a href="101.html">南城地铁</a></p>'),
        ("/a/100.html", '<p><a href="99.html">上一篇</a> <a href="101.html">下一篇</a></p>'),
        ("/a/100.html", '<p><a href="101.html">下一页</a></p>'),
        ("/2026/1101/12345.html", '<p><a href="12346.html">下一页</a></p>'),
        (
            "/a/100.html",
            '<div class="list">1 <a href="/china/index_2.html">2</a> <a href="/china/index_2.html">下一页</a></div>',
        ),
        ("/a/100.html", '<div class="comments">1 <a href="/a/100.html?cpage=2">2</a><a href="#c">下一页</a></div>'),
        (
            "/a/100_3.html",
            '<div><a href="100_2.html">上一页</a><a href="100.html">1</a><a href="100_2.html">2</a> 3</div>',
        ),
        ("/a/100.html?page=all", '<div>1 <a href="100.html?page=2">2</a></div>'),
        ("/a/100_2.html", '<div><a href="100_2.html">下一页</a></div>'),
        ("/a/100.html", '<p><a href="javascript:showAll()">展开全文</a></p>'),
        ("/a/100.html", '<p><a href="/b/200.html">阅读全文</a></p>'),
        ("/a/100.html", "<p>2023年共有12项工程，第2页载有全部。</p>"),
    ],
)
def test_no_next_part(path: str, body: str) -> None:
    assert next_article_page(page(body, path)) is None


def test_a_chain_of_parts_ends() -> None:
    numbers = "".join(f'<a href="100_{n}.html">{n}</a>' for n in range(2, 6))
    seen = [SITE + "/a/100.html"]
    while True:
        following = next_article_page(
            page(f'<div><a href="100.html">1</a>{numbers}</div>', seen[-1].removeprefix(SITE))
        )
        if following is None:
            break
        assert following not in seen
        seen.append(following)
    assert seen[1:] == [f"{SITE}/a/100_{n}.html" for n in range(2, 6)]


def test_full_text_link() -> None:
    whole = ('<p><a href="/a/100_all.html">在本页阅读全文</a></p>', SITE + "/a/100_all.html")
    for body, found in (whole, ('<p><a href="/a/101.html">阅读全文</a></p>', None)):
        document = page(body, "/a/100.html")
        assert full_text_link(document, list(continuation_links(document))) == found


LISTING_PAGERS = [
    ("/page/2/", '<div><a href="/page/3/">較舊的文章</a></div>', "/page/3/"),
    (
        "/c/node_7000.htm",
        '<select><option value="node_7000.htm">1</option><option value="node_7000_2.htm">2</option></select>',
        "/c/node_7000_2.htm",
    ),
    ("/c/node_7000_2.htm", '<p><a href="node_7000_3.htm">&gt;</a></p>', "/c/node_7000_3.htm"),
    (
        "/guonei/",
        '<select><option value="/guonei/p1" selected>第1页</option><option value="/guonei/p2">第2页</option></select>',
        "/guonei/p2",
    ),
    ("/?tab=1&offset=6", '<a href="/?tab=1&amp;offset=12">加载更多</a>', "/?tab=1&offset=12"),
    ("/?tab=1", '<a href="/?tab=1&amp;offset=6">查看更多</a>', "/?tab=1&offset=6"),
    ("/f/?cursor=a1", '<a href="/f/?cursor=b2">更多</a>', "/f/?cursor=b2"),
    (
        "/china/",
        '<div><span>1</span><a href="index_2.html">2</a><a href="index_2.html">下一页</a></div>',
        "/china/index_2.html",
    ),
    (
        "/china/index_2.html",
        '<div><a href="/china/">1</a><b>2</b><a href="index_3.html">3</a></div>',
        "/china/index_3.html",
    ),
    (
        "/list_12_3.html",
        '<div><a href="list_12_2.html">上页</a><a href="list_12_4.html">下页</a></div>',
        "/list_12_4.html",
    ),
    (
        "/c?page=4",
        '<ul><li><a href="?page=3">«</a></li><li>4</li><li><a href="?page=5">5</a></li><li>»</li></ul>',
        "/c?page=5",
    ),
    (
        "/g/list_9.html",
        "<div>" + "".join(f'<a href="list_{n}.html">{n}</a>' for n in (5, 6, 7, 8)) + " 9</div>",
        "/g/list_10.html",
    ),
    ("/w/", '<div><a href="/w/page/2/">« 较早文章</a></div>', "/w/page/2/"),
    ("/o/", """<input type="button" onclick="location.href='o_2.html'" value="下一页">""", "/o/o_2.html"),
    ("/m/list", '<div class="more"><a href="?page=2">加载更多</a></div>', "/m/list?page=2"),
    (
        "/dd/",
        '<li>首页</li><li>1</li><li><a href="list_1_2.html">2</a></li><li>共 <b>12</b>页</li>',
        "/dd/list_1_2.html",
    ),
    ("/tw/", '<p><a href="/tw/?p=2">下一頁</a></p>', "/tw/?p=2"),
    ("/b/", '<div>1 <a href="/b/2.htm">2</a> <a href="/b/2.htm">&gt;</a></div>', "/b/2.htm"),
    ("/c/", '<p>共30条 第1/3页 1 <a href="c_2.htm">2</a></p>', "/c/c_2.htm"),
    (
        "/d/",
        '<select><option value="/d/">第1页</option><option value="/d/list_2.html">第2页</option></select>',
        "/d/list_2.html",
    ),
    ("/e/", '<script>createPageHTML(10, 0, "index", "html");</script>', "/e/index_1.html"),
    ("/e/index_4.html", '<script>createPageHTML(10, 4, "index", "html");</script>', "/e/index_5.html"),
    (
        "/f/",
        "<script>var currentPage = 0; var countPage = 10; document.write('index_' + i)</script>",
        "/f/index_1.html",
    ),
    (
        "/f/",
        '<script>var countPage = 5;var currentPage = 2;createPageHTML(countPage,currentPage,"list","shtml")</script>',
        "/f/list_3.shtml",
    ),
    (
        "/g/list_5.html",
        "<div>" + "".join(f'<a href="list_{n}.html">{n}</a>' for n in range(1, 5)) + "<b>5</b> 共9页</div>",
        "/g/list_6.html",
    ),
]


@pytest.mark.parametrize(("path", "body", "expected"), LISTING_PAGERS)
def test_next_page_of_a_listing(path: str, body: str, expected: str) -> None:
    assert next_listing_page(page(body, path)) == SITE + expected


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (
            "/g/list_3.html",
            '<div><a href="list_1.html">1</a><a href="list_2.html">2</a><b>3</b><span>下一页</span></div>',
        ),
        ("/g/list_3.html", '<div><a href="list_1.html">1</a><a href="list_2.html">2</a><b>3</b> 共3页</div>'),
        ("/e/index_9.html", '<script>createPageHTML(10, 9, "index", "html");</script>'),
        ("/h/", '<div><a href="https://other.example/2">下一页</a></div>'),
        ("/g/list_4.html", "<div>" + "".join(f'<a href="list_{n}.html">{n}</a>' for n in (1, 2, 3, 4)) + "</div>"),
        ("/i/", '<p><a href="/a/2.html">下一篇</a></p>'),
        ("/m/", '<p><a href="/gundong/">更多</a></p>'),
        ("/m/?offset=12", '<p><a href="/m/?offset=6">更多</a></p>'),
        ("/m/?tab=1", '<p><a href="/m/?tab=2">更多</a></p>'),
        ("/j/", '<p><a href="javascript:go(2)">下一页</a></p>'),
        ("/k/?page=3", '<p><a href="?page=2">上一页</a> <a href="?page=3">下一页</a></p>'),
    ],
)
def test_the_last_page_of_a_listing(path: str, body: str) -> None:
    assert next_listing_pages(page(body, path)) == []


def test_rel_next_comes_first() -> None:
    body = '<div>1 <a href="/c/?page=2">2</a></div>'
    head = '<link rel="next" href="/c/page/2/">'
    assert next_listing_pages(page(body, "/c/", head)) == [SITE + "/c/page/2/", SITE + "/c/?page=2"]


def test_all_numbered_pages() -> None:
    body = '<div>1 <a href="l_2.html">2</a> <a href="l_3.html">3</a> … <a href="l_9.html">9</a></div>'
    assert page_links(page(body, "/c/")) == {n: f"{SITE}/c/l_{n}.html" for n in (2, 3, 9)}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ('<div><a href="/c/?p=2">1</a><a href="/c/?p=3">下一页</a></div>', True),
        ('<div><a href="/c/?p=3" rel="next">旧闻</a></div>', True),
        ('<div><a href="/c/">1</a> 2 <a href="/c/?p=3">3</a></div>', False),
        ('<div><a href="/c/?p=2">下一页</a></div>', False),  # to itself, as on the last page
        ('<div><a href="/a/101.html">下一篇</a></div>', False),
    ],
)
def test_a_list_names_its_next_page_in_words_or_does_not(body: str, expected: bool) -> None:
    assert says_next(page(body, "/c/?p=2")) is expected
