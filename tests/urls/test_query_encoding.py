"""Queries in the encoding of their page: as the URL Standard has them, and nothing else changed."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import quote

import pytest

from newsspider.pages.document import Document
from newsspider.pages.listing import ListingPage
from newsspider.urls.query_encoding import encoded_query, with_encoded_queries

NOW = datetime(2026, 5, 4, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("query", "encoding", "expected"),
    [
        ("lm=要闻&id=1", "gb18030", "lm=%D2%AA%CE%C5&id=1"),
        ("lm=要聞", "big5hkscs", "lm=%ADn%BBD"),  # a byte that is ASCII stays as it is
        ("a=～‧", "big5hkscs", "a=%A1%E3%A1E"),
        ("a=😀b", "gb18030", "a=%26%23128512%3Bb"),
        ("a=한", "gb18030", "a=%26%2354620%3B"),
        ("a=한", "euc-kr", "a=%C7%D1"),
        ("a=€", "gb18030", "a=%80"),
        ("a=&#35201;&#x95FB;&amp;b=&#38;", "gb18030", "a=%D2%AA%CE%C5&amp;b=&#38;"),
        ("a=%E8%A6%81", "gb18030", "a=%E8%A6%81"),
    ],
)
def test_a_query_is_encoded_as_browsers_do(query: str, encoding: str, expected: str) -> None:
    assert encoded_query(query, encoding) == expected


def test_a_page_declared_as_gb18030_has_all_of_it() -> None:
    page = '<meta charset="gb18030"><a href="/s?a=한">x</a>'
    assert 'href="/s?a=%836%843"' in with_encoded_queries(page, "gb18030")


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("<a href='/s?a=要'>要</a>", "<a href='/s?a=%D2%AA'>要</a>"),
        ("<a href=/s?a=要 title=要>要</a>", "<a href=/s?a=%D2%AA title=要>要</a>"),
        ("<a title='?要' HREF = \"s?a=要#要\">", "<a title='?要' HREF = \"s?a=%D2%AA#要\">"),
        ("<a href='/要/1.html'>?要</a>", "<a href='/要/1.html'>?要</a>"),
        ("<a href='/s?a=1'>要</a>", "<a href='/s?a=1'>要</a>"),
    ],
)
def test_only_queries_of_links_are_changed(markup: str, expected: str) -> None:
    assert with_encoded_queries(markup, "gb18030") == expected
    assert with_encoded_queries(markup, "utf-8") == markup


@pytest.mark.parametrize(
    ("declared", "codec"), [("gb2312", "gbk"), ("gbk", "gbk"), ("big5", "big5"), ("utf-8", "utf-8")]
)
def test_links_of_a_list_are_asked_for_in_its_encoding(declared: str, codec: str) -> None:
    rows = "".join(
        f"<li><a href='/目錄/show.asp?lm=要聞&id={n}'>河州圖書館延長開放時間第{n}篇</a></li>" for n in range(1, 7)
    )
    page = f"<html><head><meta charset={declared}><title>河州新聞</title></head><body><ul>{rows}</ul></body></html>"
    document = Document.from_bytes(page.encode(codec), "http://www.hezhou.example/list.asp", NOW)
    urls = [entry.url for entry in ListingPage(document).entries()]
    query = "".join(chr(b) if 0x40 <= b < 0x7F else f"%{b:02X}" for b in "要聞".encode(codec))
    assert urls[0] == f"http://www.hezhou.example/{quote('目錄')}/show.asp?lm={query}&id=1"
