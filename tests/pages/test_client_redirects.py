"""Redirects by refresh and script, links inside code, frames."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from newsspider.pages.client_redirects import client_redirect, frame_urls, opened_url, reloads_itself
from newsspider.pages.document import Document

URL = "https://www.luchuan.example/go/1.html"
TARGET = "https://www.luchuan.example/news/7.html"
PROSE = "鹿川大桥昨天上午通车，两岸往来不必再绕行上游，全程只要六分钟，市民称赞方便。" * 6


def document(html: str) -> Document:
    return Document.from_text(html, URL, datetime(2026, 11, 20, tzinfo=UTC))


@pytest.mark.parametrize(
    "html",
    [
        "<meta http-equiv=refresh content='0;url=/news/7.html'>",
        "<meta http-equiv='Refresh' content='0; /news/7.html'>",
        "<meta http-equiv=refresh content=\"1,URL='/news/7.html'\">",
        "<meta http-equiv=refresh content='3 url=../news/7.html'>",
        "<noscript><meta http-equiv='refresh' content='0; url=/news/7.html'></noscript>",
        "<script>location.href='/news/7.html';</script>",
        '<script>top.location = "/news/7.html"</script>',
        "<script>window.location.replace('/news/7.html')</script>",
        "<script>self.location.assign(`/news/7.html`)</script>",
        "<script>setTimeout(\"location.href='/news/7.html'\", 500)</script><p>正在跳转，请稍候</p>",
        "<script>window.location='https:\\/\\/www.luchuan.example\\/news\\/7.html'</script>",
        "<body onload=\"location.href='/news/7.html'\"></body>",
    ],
)
def test_redirect_of_a_bare_page_is_read(html: str) -> None:
    assert client_redirect(document(html)) == TARGET


@pytest.mark.parametrize(
    "html",
    [
        "<meta http-equiv=refresh content=300>",
        "<meta http-equiv=refresh content='60;url=/news/7.html'>",
        "<meta http-equiv=refresh content='0;url=/go/1.html'>",
        "<script>location.href='/news/'+id+'.html'</script>",
        "<script>if (location.href == '/news/7.html') {}</script>",
        "<script>location.href='javascript:void(0)'</script>",
        f"<script>location.href='/m/'</script><h1>鹿川大桥通车</h1><p>{PROSE}</p>",
    ],
)
def test_other_pages_redirect_nowhere(html: str) -> None:
    assert client_redirect(document(html)) is None


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p>请稍候</p><script>location.reload()</script>", True),
        ("<p>请稍候</p><meta http-equiv=refresh content=1>", True),
        ("<p>请稍候</p><meta http-equiv=refresh content='2;url=/go/1.html'>", True),
        ("<p>请稍候</p><script>location.href='/news/7.html'</script>", False),
        (f"<p>{PROSE}</p><meta http-equiv=refresh content=3>", False),
    ],
)
def test_page_that_loads_itself_again_is_told(html: str, expected: bool) -> None:
    assert reloads_itself(document(html)) is expected


@pytest.mark.parametrize(
    ("code", "url"),
    [
        ("javascript:window.open('/a/1.html')", "/a/1.html"),
        ("window.open('/a/1.html','_blank','width=600');return false", "/a/1.html"),
        ('location.href="a/1.html"', "a/1.html"),
        ("javascript:showNews('show.asp?id=12')", "show.asp?id=12"),
        ("JavaScript:void(window.open('http://b.example/1.htm'))", "http://b.example/1.htm"),
        ("javascript:void(0)", None),
        ("doVote('12')", None),
        ("window.open('/a/'+id)", None),
        ("share('weibo')", None),
    ],
)
def test_url_in_code_is_read_if_it_is_a_literal(code: str, url: str | None) -> None:
    assert opened_url(code) == url


def test_frames_that_show_something_are_named_once() -> None:
    html = (
        "<iframe src='roll.htm'></iframe><iframe src='roll.htm#x'></iframe><iframe src='/stat.htm' width=0></iframe>"
        "<iframe src='/hidden.htm' style='display: none'></iframe>"
        "<iframe data-src='/lazy.htm'></iframe><iframe></iframe>"
    )
    assert frame_urls(document(html)) == [
        "https://www.luchuan.example/go/roll.htm",
        "https://www.luchuan.example/lazy.htm",
    ]
    frameset = "<frameset cols='160,*'><frame src='inc/menu.htm'><frame src='inc/front.htm'></frameset>"
    assert [url.rpartition("/")[2] for url in frame_urls(document(frameset))] == ["menu.htm", "front.htm"]
