"""Listings in many layouts: every article, nothing else."""

import json
import time
from datetime import UTC, datetime

import pytest

from newsspider.pages.document import Document
from newsspider.pages.listing import ListingPage
from newsspider.pages.listing.channels import common_feed_urls

URL = "https://www.sample.example/china/"
FETCHED_AT = datetime(2026, 11, 1, 8, 0, tzinfo=UTC)
SURE = 0.5

TITLES = [
    "东湖新桥今日通车运营首日客流破万",
    "西山茶农迎来秋收新茶价格稳中有升",
    "南城地铁延长线开工预计三年建成",
    "北港货轮靠泊创下单日吞吐新纪录",
    "中央公园改造完成市民可免费入园",
    "老城区管网更新进入最后阶段",
]
NAVIGATION = (
    '<div class="nav"><a href="/">首页</a><a href="/china/">国内</a><a href="/world/">国际</a>'
    '<a href="/finance/">财经</a>'
    '<a href="/sports/index.html">体育</a><a href="/login/">登录</a><a href="/about/">关于我们</a></div>'
)
FOOTER = (
    '<div class="footer"><a href="/about/1001.html">关于我们</a> <a href="/about/1002.html">联系我们</a> '
    '<a href="https://beian.gov.example/x?id=33010002">公安备案33010002号</a>'
    '<a href="/help/10086.html">互联网新闻信息服务许可证</a></div>'
)


def listing(body: str, url: str = URL) -> ListingPage:
    html = f"<html><head><title>国内</title></head><body>{NAVIGATION}{body}{FOOTER}</body></html>"
    return ListingPage(Document.from_text(html, url, FETCHED_AT))


def address(number: int) -> str:
    return f"/2026/1101/{10000 + number}.html"


def sure_titles(page: ListingPage) -> list[str]:
    return [entry.title for entry in page.entries() if entry.score >= SURE]


def rows(pattern: str) -> str:
    return "".join(pattern.format(url=address(n), title=title, n=n) for n, title in enumerate(TITLES))


LAYOUTS = {
    "list with dates": "<ul>" + rows('<li><a href="{url}">{title}</a><span>2026-11-01 0{n}:10</span></li>') + "</ul>",
    "date first": "<ul>" + rows('<li><span>[11-01]</span><a href="{url}">{title}</a></li>') + "</ul>",
    "date on its own line": "<div>"
    + rows('<div class="it"><h3><a href="{url}">{title}</a></h3><p>2026年11月1日 0{n}:10</p></div>')
    + "</div>",
    "table": "<table>" + rows('<tr><td>·<a href="{url}">{title}</a></td><td>2026/11/01</td></tr>') + "</table>",
    "one cell with br": "<table><tr><td>" + rows('·<a href="{url}">{title}</a> (11/01)<br>') + "</td></tr></table>",
    "definition list": "<dl>" + rows('<dt><a href="{url}">{title}</a></dt><dd>3小时前</dd>') + "</dl>",
    "picture, title, snippet, more": "<div>"
    + rows(
        '<div class="card"><a href="{url}"><img src="/i/{n}.jpg"></a><h2><a href="{url}">{title}</a></h2>'
        '<p>这是第{n}条新闻的提要，说明事情的来龙去脉，后面还有<a href="{url}">更多</a></p>'
        "<span>2026-11-01</span></div>"
    )
    + "</div>",
    "block inside the link": "<div>"
    + rows(
        '<a class="card" href="{url}"><h3>{title}</h3>'
        "<p>第{n}条的提要写在这里，比标题要长出一些来。</p><em>2026-11-01</em></a>"
    )
    + "</div>",
    "date inside the link": "<ul>" + rows('<li><a href="{url}">{title} 2026-11-01</a></li>') + "</ul>",
    "cut title with the whole in an attribute": "<ul>"
    + "".join(f'<li><a href="{address(n)}" title="{t}">{t[:9]}...</a></li>' for n, t in enumerate(TITLES))
    + "</ul>",
    "no dates": "<div class='list'>" + rows('<p><a href="{url}">{title}</a></p>') + "</div>",
}


@pytest.mark.parametrize("name", LAYOUTS)
def test_every_article_and_nothing_else(name: str) -> None:
    page = listing(LAYOUTS[name])
    assert sure_titles(page) == TITLES


@pytest.mark.parametrize("name", [name for name in LAYOUTS if "no dates" not in name and "cut title" not in name])
def test_dates_belong_to_their_row(name: str) -> None:
    for entry in listing(LAYOUTS[name]).entries():
        if entry.score >= SURE:
            assert entry.published_at is not None
            assert entry.published_at.astimezone(UTC).date().isoformat() in ("2026-10-31", "2026-11-01")


def test_dates_above_their_titles() -> None:
    body = "".join(f'<p>2026-11-0{n}</p><h3><a href="{address(n)}">{TITLES[n]}</a></h3>' for n in (1, 2, 3, 4))
    page = ListingPage(Document.from_text(f"<body><div>{body}</div></body>", URL, datetime(2026, 11, 9, tzinfo=UTC)))
    days = [entry.published_at.day for entry in page.entries() if entry.published_at]
    assert days == [31, 1, 2, 3], "midnight in Beijing is the day before in UTC"


SHAPES = [
    "/show.php?id={}",
    "/article/{}",
    "/index.php?m=content&c=index&a=show&catid=3&id={}",
    "/n/{}.shtml",
    "/p/item{}",
]


@pytest.mark.parametrize("shape", SHAPES)
def test_other_address_shapes(shape: str) -> None:
    body = "".join(f'<li><a href="{shape.format(321 + n)}">{title}</a> 11-01</li>' for n, title in enumerate(TITLES))
    assert sure_titles(listing(f"<ul>{body}</ul>")) == TITLES


def test_snippet_is_not_the_title_and_loses_its_more() -> None:
    entry = listing(LAYOUTS["picture, title, snippet, more"]).entries()[0]
    assert entry.title == TITLES[0]
    assert entry.snippet == "这是第0条新闻的提要，说明事情的来龙去脉，后面还有"


def test_short_and_long_form_of_a_title() -> None:
    body = f'<div><a href="{address(1)}">{TITLES[0]}</a><p><a href="{address(1)}">{TITLES[0][:8]}</a></p></div>'
    assert listing(body).entries()[0].title == TITLES[0]


def test_hot_list_is_named() -> None:
    hot = (
        '<div class="rank"><h3>点击排行</h3><ol>'
        + "".join(f'<li><a href="/2026/1030/2{n}000.html">热门稿件之{n}写得很长</a></li>' for n in range(4))
        + "</ol></div>"
    )
    entries = listing(LAYOUTS["list with dates"] + hot).entries()
    assert {entry.region for entry in entries if "热门" in entry.title} == {"hot"}
    assert {entry.region for entry in entries if entry.title in TITLES} == {"main"}


@pytest.mark.parametrize(
    "junk",
    [
        '<div class="tags"><a href="/tag/1">通车</a><a href="/tag/2">新茶</a><a href="/tag/3">地铁</a></div>',
        '<div class="calendar"><a href="/2026/11/01/">1</a><a href="/2026/11/02/">2</a></div>',
        '<div><a href="/search?q=a&sort=new">按时间</a><a href="/search?q=a&sort=hot">按热度</a></div>',
        '<div><a href="/app/download.html">下载客户端看更多新闻</a></div>',
        '<div><a href="/i/1.jpg">东湖新桥通车现场高清大图</a><a href="/doc/1.pdf">东湖新桥通车公告全文下载</a></div>',
        '<div class="pages"><a href="/china/index_2.html">2</a><a href="index_2.html">下一页</a></div>',
        '<a href="javascript:void(0)">东湖新桥通车现场视频直播</a><a href="#top">回到页面最上面的地方</a>',
    ],
)
def test_junk_links_are_no_articles(junk: str) -> None:
    assert sure_titles(listing(LAYOUTS["list with dates"] + junk)) == TITLES


@pytest.mark.parametrize(
    "title",
    ["市公安局交警支队通报用电量进展", "首批充电桩经营许可证今日发放到企业手中", "小城作者的版权登记三年增长了四倍"],
)
def test_words_of_a_footer_in_a_headline_do_no_harm(title: str) -> None:
    page = listing(LAYOUTS["list with dates"] + f"<ul><li><a href='/2026/1101/10050.html'>{title}</a></li></ul>")
    assert title in sure_titles(page)


def test_what_stands_beside_a_headline_is_no_article_of_its_own() -> None:
    row = (
        '<li><a href="/c/2026/{n}.html">图书馆延长开放时间第{n}篇</a><i>10-30</i> <a href="/author/ada/">阿达</a>'
        '<a href="/comment/{n}.html">评论(3)</a> <a href="/print/{n}.html">打印</a></li>'
    )
    page = listing(f"<ul>{''.join(row.format(n=n) for n in range(70_001, 70_009))}</ul>")
    assert [entry.url.rpartition("/c/2026/")[1] for entry in page.entries()] == ["/c/2026/"] * 8


def test_channels_of_a_front_page() -> None:
    page = listing(LAYOUTS["no dates"], "https://www.sample.example/")
    found = page.channels()
    names = ("china/", "world/", "finance/", "sports/index.html")
    assert found == [f"https://www.sample.example/{name}" for name in names]


def test_more_links_are_listings_not_articles() -> None:
    page = listing(LAYOUTS["no dates"] + '<div><a href="/gundong/">+ 点击查看更多精彩</a></div>')
    assert page.more_links() == ["https://www.sample.example/gundong/"]
    assert "https://www.sample.example/gundong/" not in [entry.url for entry in page.entries() if entry.score >= SURE]


def test_feeds_and_sitemaps() -> None:
    head = (
        '<head><link rel="alternate" type="application/rss+xml" href="/rss/china.xml">'
        '<link rel="alternate" hreflang="en" href="/en/"><link rel="stylesheet" href="/feed.css"></head>'
    )
    links = '<a href="/feed/">RSS订阅</a><a href="/sitemap.xml">地图</a><a href="/sitemap.html">网站地图</a>'
    html = f"{head}<body>{links}</body>"
    page = ListingPage(Document.from_text(html, URL, FETCHED_AT))
    assert page.feeds() == ["https://www.sample.example/rss/china.xml", "https://www.sample.example/feed/"]
    assert page.sitemaps() == ["https://www.sample.example/sitemap.xml"]
    assert common_feed_urls(URL)[:2] == ["https://www.sample.example/sitemap.xml", "https://www.sample.example/rss.xml"]


MORE = {
    "attributes": (
        '<div id="more" data-url="/api/list?c=1&amp;page=2" data-page="2">加载更多</div>',
        "/api/list?c=1&page=2",
    ),
    "number beside": (
        '<a class="load-more" href="javascript:;" data-url="/api/list?c=1" data-page="1">加载更多</a>',
        "/api/list?c=1&page=2",
    ),
    "address of the page shown": ('<div id="more" data-url="/api/list?page=1">加载更多</div>', "/api/list?page=2"),
    "template attribute": ('<div class="list" data-next-url="/more/{page}.json"></div>', "/more/2.json"),
    "cursor": ('<div class="feed" data-api="/api/feed" data-cursor="a9"></div>', "/api/feed?cursor=a9"),
    "script, counted first": (
        '<script>var page = 1; $("#m").click(() => { page++; $.get("/ajax/list?cid=3&p=" + page, f) })</script>',
        "/ajax/list?cid=3&p=2",
    ),
    "script, counted after": (
        "<script>let page = 1; function load(){ fetch(`/api/news?page=${page}&size=20`); page += 1 }</script>",
        "/api/news?page=1&size=20",
    ),
    "script with data": (
        '<script>var pageNo = 2;$.ajax({url: "/api/more", data: {page: pageNo, size: 10, channel: "china"}})</script>',
        "/api/more?page=2&size=10&channel=china",
    ),
    "script with constants": (
        "<script>var cid = 'gn'; var p = 2; $.getJSON('/json/' + cid + '_' + p + '.json?callback=?', f)</script>",
        "/json/gn_2.json?callback=callback",
    ),
    "offset page function": (
        '<script>function go(num){ location.href = "/china/list_" + num + ".html" } var totalPages = 5;</script>',
        "/china/list_2.html",
    ),
}


@pytest.mark.parametrize("name", MORE)
def test_load_more(name: str) -> None:
    markup, expected = MORE[name]
    found = [step.url for step in listing(LAYOUTS["no dates"] + markup).load_more()]
    assert found == [f"https://www.sample.example{expected}"]


@pytest.mark.parametrize(
    "markup",
    [
        '<img class="lazy-load" data-src="/i/1.jpg">',
        '<div class="share" data-url="/2026/1101/10001.html">分享</div>',
        '<script>$.get("/api/comment/list?page=" + page)</script>',
        '<script>var hm = "https://hm.stat.example/h.js?page=1"; count("/stat/hit?page=1")</script>',
        '<script>$.post("/api/list?page=" + page, f)</script>',
        '<script>var a = "/news/list.html"; var b = "plain text / with slash"</script>',
    ],
)
def test_other_addresses_are_no_load_more(markup: str) -> None:
    assert listing(LAYOUTS["no dates"] + markup).load_more() == []


def test_fragment_of_html() -> None:
    body = rows('<li><a href="{url}">{title}</a></li>').encode()
    fragment = ListingPage.parse_fragment(body, "https://www.sample.example/more?page=2", FETCHED_AT)
    assert [entry.title for entry in fragment.entries()] == TITLES
    assert fragment.next_page() == ["https://www.sample.example/more?page=3"]


def test_fragment_of_html_inside_json() -> None:
    body = json.dumps({"ok": True, "html": rows('<li><a href="{url}">{title}</a></li>')}).encode()
    fragment = ListingPage.parse_fragment(body, "https://www.sample.example/more?page=2", FETCHED_AT)
    assert [entry.title for entry in fragment.entries()] == TITLES
    assert fragment.next_page() == ["https://www.sample.example/more?page=3"]


def test_fragment_of_jsonp() -> None:
    entries = [{"title": title, "url": address(n)} for n, title in enumerate(TITLES)]
    body = f"cb({json.dumps({'data': entries, 'hasMore': False})})".encode("gb18030")
    fragment = ListingPage.parse_fragment(body, "https://www.sample.example/m?page=2&callback=cb", FETCHED_AT)
    assert [entry.title for entry in fragment.entries()] == TITLES
    assert fragment.next_page() == []


@pytest.mark.parametrize("body", [b"", b"\x00\xff", b"{}", b"[]", b"null", b"<html></html>", b'{"a":' * 2000])
def test_empty_fragments(body: bytes) -> None:
    fragment = ListingPage.parse_fragment(body, "https://www.sample.example/more?page=2", FETCHED_AT)
    assert fragment.entries() == []
    assert fragment.next_page() == []


@pytest.mark.parametrize(
    "script",
    ['<script id="__NEXT_DATA__" type="application/json">{}</script>', "<script>window.__STATE__ = {};</script>"],
)
def test_a_page_drawn_by_scripts_lists_its_state(script: str) -> None:
    state = {"props": {"list": [{"title": title, "url": address(n)} for n, title in enumerate(TITLES)]}}
    page = listing('<div id="app"></div>' + script.replace("{}", json.dumps(state)))
    assert sure_titles(page) == TITLES


def test_a_hundred_thousand_links_are_read_in_seconds() -> None:
    body = "".join(f'<li><a href="{address(n)}">第{n}条新闻的标题写在这里</a> 2026-11-01</li>' for n in range(100_000))
    document = Document.from_text(f"<ul>{body}</ul>", URL, FETCHED_AT)
    assert len(document.lines) >= 20_000
    started = time.process_time()
    page = ListingPage(document)
    page.entries(), page.next_page(), page.load_more(), page.channels(), page.feeds(), page.sitemaps()
    assert time.process_time() - started < 5
