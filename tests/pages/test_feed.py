"""Feeds and sitemaps, whole, gzipped, mislabelled and broken."""

import gzip
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsspider.pages.feed import is_feed, parse_feed
from newsspider.pages.feed_dates import feed_date

URL = "https://www.sample.example/rss/china.xml"
FETCHED_AT = datetime(2026, 11, 1, 8, 0, tzinfo=UTC)

RSS = """<?xml version="1.0" encoding="{encoding}"?>
<rss version="2.0"><channel><title>国内</title><link>https://www.sample.example/</link>
<item><title><![CDATA[东湖新桥今日通车]]></title><link>/2026/1101/1001.html</link>
<description>&lt;p&gt;本报讯 新桥全长三公里。&lt;/p&gt;</description>
<pubDate>Sun, 01 Nov 2026 10:00:00 +0800</pubDate></item>
<item><title>西山茶农迎来秋收 &amp;amp; 新茶</title><link>https://www.sample.example/2026/1101/1002.html?spm=1</link>
<pubDate>2026-11-01 09:30:00</pubDate></item>
</channel></rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><link rel="next" href="?page=2"/>
<entry><title>南城地铁延长线开工</title><link rel="alternate" href="https://www.sample.example/a/77.html"/>
<updated>2026-11-01T02:00:00Z</updated><summary>开工仪式</summary></entry></feed>"""
RDF = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="x"><title>t</title></channel>
<item rdf:about="https://www.sample.example/b/1.html"><title>北港货轮靠泊</title>
<link>https://www.sample.example/b/1.html</link><dc:date>2026-10-31T08:00:00+08:00</dc:date></item></rdf:RDF>"""
SITEMAP = """<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
<url><loc>https://www.sample.example/2026/1101/1001.html</loc><lastmod>2026-11-01T10:00:00+08:00</lastmod></url>
<url><loc> https://www.sample.example/about/ </loc></url>
<url><loc>https://www.sample.example/2026/1101/1001.html</loc></url></urlset>"""
NEWS_SITEMAP = """<urlset xmlns:n="http://www.google.com/schemas/sitemap-news/0.9"><url>
<loc>https://www.sample.example/x/1</loc><n:news><n:publication><n:name>样报</n:name></n:publication>
<n:publication_date>2026-11-01</n:publication_date><n:title>古城墙修缮完工</n:title></n:news></url></urlset>"""
INDEX = """<sitemapindex><sitemap><loc>https://www.sample.example/s-old.xml.gz</loc><lastmod>2025-01-01</lastmod></sitemap>
<sitemap><loc>/s-new.xml</loc><lastmod>2026-10-31</lastmod></sitemap></sitemapindex>"""


def test_rss_gives_title_address_time_and_snippet() -> None:
    feed = parse_feed(RSS.format(encoding="utf-8").encode(), URL, FETCHED_AT)
    assert feed.kind == "rss"
    first, second = feed.entries
    assert (first.title, first.url) == ("东湖新桥今日通车", "https://www.sample.example/2026/1101/1001.html")
    assert first.snippet == "本报讯 新桥全长三公里。"
    assert first.published_at == datetime(2026, 11, 1, 2, 0, tzinfo=UTC)
    assert second.title == "西山茶农迎来秋收 & 新茶"
    assert second.published_at == datetime(2026, 11, 1, 1, 30, tzinfo=UTC), "a naive time is Beijing time"
    assert first.score >= 0.9


@pytest.mark.parametrize("encoding", ["gbk", "gb2312", "big5"])
def test_rss_in_other_encodings(encoding: str) -> None:
    body = (
        RSS.format(encoding=encoding)
        .replace("东湖新桥今日通车", "三峽大壩")
        .encode("gb18030" if "gb" in encoding else "big5", "ignore")
    )
    assert parse_feed(body, URL, FETCHED_AT).entries[0].title == "三峽大壩"


def test_utf8_under_a_lying_declaration() -> None:
    body = RSS.format(encoding="gb2312").encode("utf-8")
    assert parse_feed(body, URL, FETCHED_AT).entries[0].title == "东湖新桥今日通车"


def test_atom_and_its_next_page() -> None:
    feed = parse_feed(ATOM.encode(), URL, FETCHED_AT)
    assert feed.kind == "atom"
    assert [entry.url for entry in feed.entries] == ["https://www.sample.example/a/77.html"]
    assert feed.entries[0].published_at == datetime(2026, 11, 1, 2, 0, tzinfo=UTC)
    assert feed.next == URL + "?page=2"


def test_rss_one() -> None:
    feed = parse_feed(RDF.encode(), URL, FETCHED_AT)
    assert (feed.kind, feed.entries[0].title) == ("rss", "北港货轮靠泊")
    assert feed.entries[0].published_at == datetime(2026, 10, 31, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize("wrap", [lambda body: body, gzip.compress, lambda body: gzip.compress(body)[:-6]])
def test_sitemap_also_gzipped_and_cut(wrap) -> None:
    feed = parse_feed(wrap(SITEMAP.encode()), URL, FETCHED_AT)
    assert feed.kind == "sitemap"
    assert [entry.url for entry in feed.entries] == [
        "https://www.sample.example/2026/1101/1001.html",
        "https://www.sample.example/about/",
    ]
    assert feed.entries[0].changed_at == datetime(2026, 11, 1, 2, 0, tzinfo=UTC)
    assert feed.entries[0].published_at is None, "an edit time is no publication time"
    assert feed.entries[1].score < 0.3 < feed.entries[0].score


def test_news_sitemap() -> None:
    feed = parse_feed(NEWS_SITEMAP.encode(), URL, FETCHED_AT)
    assert feed.kind == "newssitemap"
    assert feed.entries[0].title == "古城墙修缮完工"
    assert feed.entries[0].published_precision == "day"
    assert feed.entries[0].published_at == datetime(2026, 10, 31, 16, 0, tzinfo=UTC)


def test_sitemap_index_lists_the_last_changed_first() -> None:
    feed = parse_feed(INDEX.encode(), URL, FETCHED_AT)
    assert feed.kind == "sitemapindex"
    assert feed.children == ["https://www.sample.example/s-new.xml", "https://www.sample.example/s-old.xml.gz"]


def test_sitemap_as_plain_text() -> None:
    feed = parse_feed(
        b"https://www.sample.example/a/10001.html\r\nhttps://www.sample.example/a/10002.html\n", URL, FETCHED_AT
    )
    assert (feed.kind, len(feed.entries)) == ("sitemap", 2)


@pytest.mark.parametrize(
    "broken",
    [
        RSS.format(encoding="utf-8").replace("</item>", "", 1),
        RSS.format(encoding="utf-8").replace("<channel>", "<channel>\x0b\x00"),
        RSS.format(encoding="utf-8").replace("本报讯", "A&B <b>本报讯"),
        RSS.format(encoding="utf-8")[:-40],
        "\n\n  " + RSS.format(encoding="utf-8"),
        RSS.format(encoding="utf-8").replace("?spm=1", "?a=1&b=2"),
    ],
)
def test_broken_rss_still_gives_its_entries(broken: str) -> None:
    titles = [entry.title for entry in parse_feed(broken.encode(), URL, FETCHED_AT).entries]
    assert "东湖新桥今日通车" in titles


def test_entities_are_not_expanded() -> None:
    bomb = '<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY f SYSTEM "file:///etc/hostname">]>'
    body = bomb + SITEMAP.removeprefix('<?xml version="1.0"?>').replace("about/", "about/&b;&f;")
    feed = parse_feed(body.encode(), URL, FETCHED_AT)
    assert len(feed.entries) == 2
    assert all(len(entry.url) < 100 and "aaaa" not in entry.url for entry in feed.entries)


@pytest.mark.parametrize(
    "body", [b"", b"<html><body>rss</body></html>", b"\x1f\x8bxxxx", b"{}", b"<rss", b"\xff\xfe\x00"]
)
def test_what_is_no_feed_is_none(body: bytes) -> None:
    assert parse_feed(body, URL, FETCHED_AT).entries == []


def test_is_feed_goes_by_the_first_element() -> None:
    assert is_feed(RSS.format(encoding="utf-8").encode(), "text/html")
    assert is_feed(gzip.compress(SITEMAP.encode()))
    assert not is_feed(b"<!DOCTYPE html><html><body><feed>x</feed></body></html>", "application/xml")


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("2026-11-01T10:00:00+08:00", datetime(2026, 11, 1, 2, tzinfo=UTC)),
        ("Sun, 01 Nov 2026 02:00:00 GMT", datetime(2026, 11, 1, 2, tzinfo=UTC)),
        ("Sun, 01 Nov 2026 15:00:00 GMT", datetime(2026, 11, 1, 7, tzinfo=UTC)),
        ("2026年11月1日 10:00", datetime(2026, 11, 1, 2, tzinfo=UTC)),
        ("0000-00-00 00:00:00", None),
        ("1970-01-01", None),
        ("2031-01-01", None),
        ("soon", None),
        ("", None),
        (None, None),
        ("99999999999999999999", None),
    ],
)
def test_feed_date(raw: str | None, expected: datetime | None) -> None:
    assert feed_date(raw, FETCHED_AT)[0] == expected


@settings(max_examples=200, deadline=None)
@given(
    st.binary(max_size=200), st.integers(0, 700), st.sampled_from([RSS.format(encoding="utf-8"), ATOM, SITEMAP, INDEX])
)
def test_no_bytes_raise(noise: bytes, at: int, feed: str) -> None:
    whole = feed.encode()
    for body in (noise, whole[:at] + noise + whole[at:], whole[:at]):
        for entry in parse_feed(body, URL, FETCHED_AT).entries:
            assert entry.url.startswith("http")


MAY = datetime(2026, 5, 4, 1, 30, tzinfo=UTC)  # 09:30 in Beijing


@pytest.mark.parametrize(
    "raw",
    [
        "Mon May 04 09:30:00 CST 2026",
        "Mon, 04 May 2026 09:30:00 CST",
        "Mon May 04 09:30:00 UTC+0800 2026",
        "Mon, 04 May 2026 09:30:00 GMT+8",
        "Mon, 04 May 2026 09:30:00 GMT+08:00",
        "Mon, 04 May 2026 09:30:00 UTC+8",
        "Mon, 04 May 2026 09:30:00 +08:00",
        "Mon, 04 May 2026 09:30 +0800",
        "Mon May 04 2026 09:30:00 GMT+0800 (中国标准时间)",
        "Mon May 04 2026 09:30:00 GMT+0800 (China Standard Time)",
        "星期一, 04 五月 2026 09:30:00 +0800",
        "04 5月 2026 09:30:00 +0800",
        "2026-05-04 09:30:00 +0800",
        "2026-05-04 09:30:00 CST",
        "2026/5/4 9:30:00 UTC+8",
        "2026-05-04 09:30:00 北京时间",
        "2026年5月4日 09:30",
        "2026-05-04T09:30:00+08:00",
        "2026-05-04T09:30:00",
        "1777858200",
        "1777858200000",
        "Mon, 04 May 2026 10:30:00 JST",
        "Mon, 04 May 2026 01:30:00 GMT",
        "Mon, 04 May 2026 01:30:00 Z",
        "Sun, 03 May 2026 21:30:00 EDT",
        "Sun, 03 May 2026 21:30:00 -04:00",
        "2026-05-04 01:30:00 UTC",
        "2026-05-04T01:30:00Z",
        "2026年5月4日 01:30 GMT",
    ],
)
def test_a_time_zone_is_meant_as_in_china(raw: str) -> None:
    assert feed_date(raw, FETCHED_AT)[0] == MAY


@pytest.mark.parametrize("raw", ["soon", "0", "17778582", "99999999999999999999", "Mon, 99 May 2026 99:30:00 +9900"])
def test_what_is_not_a_date_is_none(raw: str) -> None:
    assert feed_date(raw, FETCHED_AT) == (None, None)


def test_named_entities_of_html_stand_in_sitemaps_and_their_indexes() -> None:
    sitemap = NEWS_SITEMAP.replace(
        "古城墙修缮完工", "&ldquo;古城墙&middot;北门&rdquo;修缮&nbsp;完工 &nosuch; &lt;图&gt;"
    )
    assert parse_feed(sitemap.encode(), URL, FETCHED_AT).entries[0].title == "“古城墙·北门”修缮 完工 &nosuch;"
    index = INDEX.replace("/s-new.xml", "/s-new.xml?a=1&copy=2&amp;b=3&middot;")
    assert parse_feed(index.encode(), URL, FETCHED_AT).children[0].endswith("?a=1&copy=2&b=3%C2%B7")


BAD_LOCATIONS = ["<loc>http://[</loc>", "<loc>&bogus;</loc>", "<loc><b>", "<loc/>", "<loc>\x00\x01</loc>", "<![CDATA["]


@pytest.mark.parametrize("bad", BAD_LOCATIONS)
def test_a_bad_record_costs_that_record(bad: str) -> None:
    rows = "".join(f"<url><loc>https://www.sample.example/a/{n}.html</loc></url>\n" for n in (1, 2, 3))
    sitemap = f"<urlset>{rows}<url>{bad}</url>\n{rows.replace('/a/', '/b/')}</urlset>"
    urls = [entry.url for entry in parse_feed(sitemap.encode(), URL, FETCHED_AT).entries]
    expected = [f"https://www.sample.example/{part}/{n}.html" for part in "ab" for n in (1, 2, 3)]
    assert [url for url in urls if url in expected] == (expected if bad != "<![CDATA[" else expected[:3])


def test_a_bad_byte_costs_its_character() -> None:
    body = RSS.format(encoding="utf-8").encode().replace("通车".encode(), b"\xe9\x80" + "车".encode())
    titles = [entry.title for entry in parse_feed(body, URL, FETCHED_AT).entries]
    assert titles == ["东湖新桥今日\ufffd车", "西山茶农迎来秋收 & 新茶"]


JSON_FEED = """{"version": "https://jsonfeed.org/version/1.1", "title": "样报", "next_url": "/feed.json?page=2",
"items": [
{"id": "1", "url": "/2026/1101/1001.html", "title": "东湖新桥今日通车", "content_html": "<p>新桥全长三公里。</p>",
 "date_published": "2026-11-01T10:00:00+08:00", "image": "/p/1.jpg", "authors": [{"name": "甲", "url": "/u/1"}]},
{"id": "https://www.sample.example/2026/1101/1002.html", "title": "西山茶农迎来秋收", "date_published": 7,
 "date_modified": "2026-11-01T09:30:00+08:00"},
{"id": 3, "external_url": "https://www.sample.example/2026/1101/1003.html", "content_text": "没有标题的短讯"},
{"id": "4", "title": "没有地址"}, "5", null
]}"""


def test_json_feed_gives_title_address_time_and_picture() -> None:
    feed = parse_feed(JSON_FEED.encode(), URL, FETCHED_AT)
    assert (feed.kind, feed.next) == ("jsonfeed", "https://www.sample.example/feed.json?page=2")
    first, second, third = feed.entries
    assert (first.title, first.url) == ("东湖新桥今日通车", "https://www.sample.example/2026/1101/1001.html")
    assert first.snippet == "新桥全长三公里。"
    assert first.image == "https://www.sample.example/p/1.jpg"
    assert first.published_at == datetime(2026, 11, 1, 2, 0, tzinfo=UTC)
    assert (second.title, second.published_at) == ("西山茶农迎来秋收", None)
    assert (third.title, third.snippet) == ("", "没有标题的短讯")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_json_feed_in_other_encodings(encoding: str) -> None:
    body = JSON_FEED.encode(encoding)
    assert is_feed(body, "application/json")
    assert parse_feed(body, URL, FETCHED_AT).entries[0].title == "东湖新桥今日通车"


def test_a_bad_item_of_a_json_feed_costs_that_item() -> None:
    broken = JSON_FEED.replace(
        '"title": "西山茶农迎来秋收"', '"title": "西山"茶农"迎来秋收", "authors": [{"name": "乙", "url": "/u/2"}]'
    )
    titles = [entry.title for entry in parse_feed(broken.encode(), URL, FETCHED_AT).entries]
    assert titles == ["东湖新桥今日通车", ""]
    cut = JSON_FEED[: JSON_FEED.index('"date_modified"')]
    assert [entry.title for entry in parse_feed(cut.encode(), URL, FETCHED_AT).entries] == ["东湖新桥今日通车"]


@pytest.mark.parametrize(
    "text", ['{"items": [{"url": "/1"}]}', '{"version": "1.1"}', '["https://jsonfeed.org/version/1"]']
)
def test_other_json_is_not_a_feed(text: str) -> None:
    assert not is_feed(text.encode(), "application/json")
