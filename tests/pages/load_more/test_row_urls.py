"""Addresses of rows that carry only a number, read from the page's own templates."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from newsspider.pages.document import Document
from newsspider.pages.listing import ListingPage
from newsspider.pages.load_more.row_urls import filled

HOST = "https://www.sample.example"
FETCHED_AT = datetime(2026, 11, 1, 8, 0, tzinfo=UTC)


def templates(body: str) -> list[str]:
    html = f"<html><head><title>要闻</title></head><body>{body}</body></html>"
    return ListingPage(Document.from_text(html, f"{HOST}/c/yaowen", FETCHED_AT)).row_url_templates()


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ('<a ng-href="/detail/{{doc.docId}}.html">{{doc.title}}</a>', "/detail/{docId}.html"),
        ("<a :href=\"'/article/' + item.id + '.html'\">x</a>", "/article/{id}.html"),
        ("<script>list.push(`<a href='/news/view?newsId=${row.newsId}'>`)</script>", "/news/view?newsId={newsId}"),
        ('<script>location.href = "/detail/" + doc.docId + ".html";</script>', "/detail/{docId}.html"),
        ('<script type="text/html"><a href="/a/<%= uuid %>.shtml"></a></script>', "/a/{uuid}.shtml"),
    ],
)
def test_the_template_of_a_row(body: str, expected: str) -> None:
    assert templates(body) == [expected]


@pytest.mark.parametrize(
    "body",
    [
        '<script>$.get("/api/list?channelId=" + channelId, f)</script>',
        '<a ng-href="/user/{{row.userId}}.html">x</a>',
        "<img :src=\"'/upload/' + item.id + '.jpg'\">",
        "<a href='/tags/{{ tag }}'>x</a>",
    ],
)
def test_lists_readers_and_files_are_no_rows(body: str) -> None:
    assert templates(body) == []


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"docId": "a1 b"}, "/d/a1%20b.html"),
        ({"docId": 77}, "/d/77.html"),
        ({"docId": None}, None),
        ({"docId": True}, None),
        ({"docId": ""}, None),
        ({"id": 5}, None),
    ],
)
def test_a_row_fills_it(row: dict[str, object], expected: str | None) -> None:
    assert filled("/d/{docId}.html", row) == expected


def test_rows_get_their_address_and_names_do_not() -> None:
    body = '{"list": [{"title": "东湖新桥今日通车", "docId": 9, "author": {"name": "沈岚岚", "docId": 3}}]}'
    page = ListingPage.parse_fragment(
        body.encode(), f"{HOST}/api?page=1", FETCHED_AT, item_urls=["/d/{docId}.html"], base_url=f"{HOST}/c/yaowen"
    )
    assert [entry.url for entry in page.entries()] == [f"{HOST}/d/9.html"]


def test_addresses_are_relative_to_the_page_that_shows_them() -> None:
    body = '{"list": [{"title": "东湖新桥今日通车", "url": "a/1.html"}]}'
    page = ListingPage.parse_fragment(body.encode(), f"{HOST}/api/v2?page=1", FETCHED_AT, base_url=f"{HOST}/c/yaowen/")
    assert [entry.url for entry in page.entries()] == [f"{HOST}/c/yaowen/a/1.html"]
