"""What an answer is, by its bytes; and when it was given."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime, timedelta

import pytest
from scrapy.http import Response

from newsspider.pages.sniff import body_type
from newsspider.responses import fetched_at, validators

URL = "http://www.linhe-news.example/x"


@pytest.mark.parametrize(
    ("body", "content_type", "expected"),
    [
        (b"<html><body>x", "text/html", "html"),
        ("<p>你好</p>".encode("gb18030"), "text/html", "html"),
        (b"\xff\xfe<\x00h\x00t\x00m\x00l\x00>\x00", "text/html", "html"),
        (b"", "text/html", "empty"),
        (b" \r\n\t", "text/html", "empty"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "text/html", "binary"),
        (b"%PDF-1.7 ...", "text/html", "binary"),
        (bytes(range(256)) * 8, "text/html", "binary"),
        (b"<html><body>a\x00b\x00 text</body></html>", "text/html", "html"),
        (b'{"list": [1]}', "text/html", "fragment"),
        (b'[{"url": "/a"}]', "application/json", "fragment"),
        (b'jQuery123_4({"a": 1});', "application/javascript", "fragment"),
        (b"<?xml version='1.0'?><rss><channel/></rss>", "text/html", "feed"),
        (b"<urlset></urlset>", "application/xml", "feed"),
        (gzip.compress(b"<urlset></urlset>", mtime=0), "application/octet-stream", "feed"),
        (b"https://a.example/1.html\nhttps://a.example/2.html", "text/plain", "feed"),
        ("[快讯]今天".encode(), "text/html", "html"),
    ],
)
def test_an_answer_is_recognised_by_its_bytes(body, content_type, expected):
    assert body_type(body, content_type) == expected


def test_a_recorded_answer_keeps_its_time_and_a_live_one_only_if_it_can_be_true():
    old = Response(URL, headers={"Date": "Fri, 26 Apr 2024 02:30:00 GMT"})
    assert fetched_at(old, is_replay=True) == datetime(2024, 4, 26, 2, 30, tzinfo=UTC)
    assert datetime.now(UTC) - fetched_at(old) < timedelta(minutes=1)
    assert datetime.now(UTC) - fetched_at(Response(URL, headers={"Date": "never"})) < timedelta(minutes=1)


def test_validators_are_those_the_answer_has():
    assert validators(Response(URL, headers={"ETag": '"a"'})) == {"etag": '"a"'}
    assert validators(Response(URL)) == {}
