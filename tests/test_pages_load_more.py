"""Load-more addresses: where a list that the page does not show begins, and how cursors lead on."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from newsspider.pages.document import Document
from newsspider.pages.listing import ListingPage

HOST = "https://www.sample.example"
FETCHED_AT = datetime(2026, 11, 1, 8, 0, tzinfo=UTC)
TITLES = ["东湖新桥今日通车运营首日客流破万", "西山茶农迎来秋收新茶价格稳中有升", "南城地铁延长线开工预计三年建成"]


def rows(first: int = 10_283) -> str:
    return "".join(
        f'<div class="item" data-id="{first - n}"><a href="/a/{first - n}.html">{title}</a></div>'
        for n, title in enumerate(TITLES)
    )


LIST = f'<div id="stream">{rows()}</div>'
RANKING = f"<aside><h4>24小时热榜</h4>{rows(9_000).replace('data-id', 'data-rank')}</aside>"


def page(body: str) -> ListingPage:
    html = f"<html><head><title>要闻</title></head><body>{body}</body></html>"
    return ListingPage(Document.from_text(html, f"{HOST}/c/yaowen", FETCHED_AT))


def steps(body: str) -> list[tuple[str, bool]]:
    return [(step.url.removeprefix(HOST), step.is_first) for step in page(body).load_more()]


HIDDEN = {
    "numbered attribute": (
        '<div class="feed-list" data-api="/api/list?c=x&amp;size=10&amp;page=1"><p>加载中…</p></div>',
        "/api/list?c=x&size=10&page=1",
    ),
    "number beside": ('<div class="feed-list" data-api="/api/list?c=x" data-page="1"></div>', "/api/list?c=x&page=1"),
    "configuration": (
        '<script>window.__CONFIG__={"listApi":"/api/v2/feed?c=x&page={page}"};</script>',
        "/api/v2/feed?c=x&page=1",
    ),
    "counter": (
        '<script>var page=1;function load(){$.get("/api/list?page="+page,f);page++}load();</script>',
        "/api/list?page=1",
    ),
}


@pytest.mark.parametrize("name", HIDDEN)
def test_a_list_that_the_page_does_not_show_begins_at_the_first_page(name: str) -> None:
    markup, expected = HIDDEN[name]
    assert steps(markup) == [(expected, True)]
    assert steps(markup + RANKING) == [(expected, True)]


def test_an_empty_list_beside_another_one_begins_at_the_first_page() -> None:
    assert steps(LIST + HIDDEN["number beside"][0]) == [("/api/list?c=x&page=1", True)]


def test_a_server_without_a_first_page_is_asked_for_the_second() -> None:
    (step,) = page('<script>var u = {"listApi": "/more/list_{page}.json"};</script>').load_more()
    assert (step.url, step.otherwise) == (f"{HOST}/more/list_1.json", f"{HOST}/more/list_2.json")


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ('<button class="more" data-url="/api/list?page=1">加载更多</button>', "/api/list?page=2"),
        ('<div class="load-more" data-url="/api/list" data-page="1"></div>', "/api/list?page=2"),
        (HIDDEN["configuration"][0], "/api/v2/feed?c=x&page=2"),
    ],
)
def test_a_list_that_the_page_shows_goes_on_with_the_second_page(markup: str, expected: str) -> None:
    assert steps(LIST + markup) == [(expected, False)]


CURSORS = {
    "button": '<button class="js-more" data-url="/ajax/more" data-last-id="10281">加载更多</button>',
    "script": '<script>var last=$("#stream .item").last().data("id");$.get("/ajax/more?last_id="+last,f);</script>',
}


@pytest.mark.parametrize("name", CURSORS)
def test_a_cursor_begins_after_the_last_row_shown(name: str) -> None:
    assert steps(LIST + CURSORS[name]) == [("/ajax/more?last_id=10281", False)]


def test_an_unknown_variable_is_no_cursor_without_rows() -> None:
    assert steps(CURSORS["script"]) == []


@pytest.mark.parametrize(
    ("end", "expected"),
    [
        ('<span class="js-cursor" data-last-id="10272"></span>', ["/ajax/more?last_id=10272"]),
        ("", ["/ajax/more?last_id=10280"]),
        ('<i data-last-id="10272" data-has-more="0"></i>', []),
    ],
)
def test_the_cursor_of_an_answer_leads_on(end: str, expected: list[str]) -> None:
    url = f"{HOST}/ajax/more?last_id=10283"
    fragment = ListingPage.parse_fragment((rows(10_282) + end).encode(), url, FETCHED_AT)
    assert [following.removeprefix(HOST) for following in fragment.next_page()] == expected


def test_an_answer_without_rows_ends_the_list() -> None:
    fragment = ListingPage.parse_fragment(b"<!-- end -->", f"{HOST}/ajax/more?last_id=10283", FETCHED_AT)
    assert fragment.next_page() == []


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        (b'{"data": [{"no": 1, "words": "a"}, {"no": 2}, {"no": 3}]}', True),
        (b'{"data": []}', False),
        (b'{"data": [{"no": 1}], "ok": true}', False),
    ],
)
def test_rows_without_a_headline_are_told_from_no_rows(payload: bytes, expected: bool) -> None:
    assert ListingPage.parse_fragment(payload, f"{HOST}/api?page=1", FETCHED_AT).is_foreign is expected
