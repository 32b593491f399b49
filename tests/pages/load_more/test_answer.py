"""Answers of load-more addresses: what they list, and the step after."""

import json
from datetime import UTC, datetime

import pytest

from newsspider.pages.load_more.answer import epoch_time, json_fragment, markup_in, parse_json
from newsspider.urls.paging import narrows, next_page_url, page_number, with_page_number

URL = "https://www.sample.example/api/list?page=2&size=2"
FETCHED_AT = datetime(2026, 11, 1, 8, 0, tzinfo=UTC)
ROWS = [
    {
        "id": 7,
        "title": "东湖新桥今日通车",
        "url": "/a/10007.html",
        "ptime": 1793498400,
        "img": "/i/7.jpg",
        "digest": "<b>新桥</b>三公里",
    },
    {"id": 6, "title": "西山茶农迎来秋收", "url": "//www.sample.example/a/10006.html", "ptime": "2026-11-01 09:00:00"},
]
TITLES = [row["title"] for row in ROWS]


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(ROWS),
        json.dumps({"code": 0, "data": {"list": {"items": ROWS}, "page": 2}}, ensure_ascii=False),
        "callback(" + json.dumps({"data": ROWS}) + ");",
        "/**/ jQuery1234_5678(" + json.dumps(ROWS) + ")",
        "var newsList = " + json.dumps(ROWS) + ";",
        "\ufeff" + json.dumps({"a": [[{"b": ROWS}]]}),
        "[{id:7,title:'东湖新桥今日通车',url:'/a/10007.html',ptime:1793498400,},{title:'西山茶农迎来秋收',url:'/a/10006.html'},]",
    ],
)
def test_rows_are_found_at_any_depth(text: str) -> None:
    fragment = json_fragment(text, URL, FETCHED_AT)
    assert [entry.title for entry in fragment.entries] == TITLES
    assert [entry.url for entry in fragment.entries] == [f"https://www.sample.example/a/1000{n}.html" for n in (7, 6)]
    assert fragment.entries[0].published_at == datetime(2026, 11, 1, 2, 0, tzinfo=UTC)


def test_a_row_carries_snippet_and_image() -> None:
    entry = json_fragment(json.dumps(ROWS), URL, FETCHED_AT).entries[0]
    assert (entry.snippet, entry.image) == ("新桥 三公里", "https://www.sample.example/i/7.jpg")


@pytest.mark.parametrize("text", ["", "<li>", "hello", "{", "callback(", "[1,2", "\x00"])
def test_what_is_no_json_is_none(text: str) -> None:
    assert json_fragment(text, URL, FETCHED_AT).entries == []


@pytest.mark.parametrize(
    "row",
    [
        {"title": "东湖新桥今日通车"},
        {"title": "", "url": "/a/1.html"},
        {"title": "东湖新桥今日通车", "imgUrl": "/a/1.jpg"},
        {"title": "东湖新桥今日通车", "url": "javascript:void(0)"},
    ],
)
def test_objects_without_title_or_address_are_no_entries(row: dict[str, str]) -> None:
    assert json_fragment(json.dumps([row]), URL, FETCHED_AT).entries == []


def test_a_short_title_gives_way_to_its_long_form() -> None:
    row = {"title": "东湖新桥今…", "longTitle": "东湖新桥今日通车", "url": "/a/1.html"}
    assert json_fragment(json.dumps([row]), URL, FETCHED_AT).entries[0].title == "东湖新桥今日通车"


def test_a_site_can_name_the_rows_and_their_address() -> None:
    payload = {"hot": ROWS[:1], "result": {"rows": [{"title": "北港货轮靠泊", "docid": "K77"}]}}
    fragment = json_fragment(
        json.dumps(payload), URL, FETCHED_AT, items_path="result.rows", item_urls=["/doc/{docid}.html"]
    )
    assert [entry.url for entry in fragment.entries] == ["https://www.sample.example/doc/K77.html"]


def test_wrapped_markup_is_handed_on() -> None:
    payload = parse_json('{"html": "<li><a href=\\"/a/1.html\\">东湖</a></li>", "n": "<b>"}')[1]
    assert markup_in(payload) == '<li><a href="/a/1.html">东湖</a></li>'


BASE = "https://a.example/api"


@pytest.mark.parametrize(
    ("url", "payload", "expected"),
    [
        (f"{BASE}?page=2", {"data": ROWS}, f"{BASE}?page=3"),
        (f"{BASE}?page=2", {"has_more": False}, None),
        (f"{BASE}?page=2", {"data": {"isEnd": 1}}, None),
        (f"{BASE}?page=2", {"totalPage": 2}, None),
        (f"{BASE}?page=2", {"totalPage": 3}, f"{BASE}?page=3"),
        (f"{BASE}?pn=0&rn=20", {}, f"{BASE}?pn=1&rn=20"),
        (f"{BASE}?offset=20&limit=10", {}, f"{BASE}?offset=30&limit=10"),
        (f"{BASE}?start=4", {}, f"{BASE}?start=6"),
        (f"{BASE}?cursor=a1", {"next_cursor": "b2", "has_more": True}, f"{BASE}?cursor=b2"),
        (f"{BASE}?cursor=a1", {"data": {"cursor": "c/3"}}, f"{BASE}?cursor=c%2F3"),
        (BASE, {"nextCursor": "b2"}, f"{BASE}?cursor=b2"),
        (f"{BASE}?last_id=9", {"ok": 1}, f"{BASE}?last_id=6"),
        (f"{BASE}?max_time=9", {"next": {"max_time": 5}}, f"{BASE}?max_time=5"),
        (BASE, {"next": "/api?page=9"}, f"{BASE}?page=9"),
        ("https://a.example/list_3.json", {}, "https://a.example/list_4.json"),
        ("https://a.example/more/2/", {}, "https://a.example/more/3/"),
        ("https://a.example/cms/2026/11.json", {"next": None}, "https://a.example/cms/2026/12.json"),
        (BASE, {}, None),
    ],
)
def test_next_step(url: str, payload: object, expected: str | None) -> None:
    assert next_page_url(url, payload, ROWS) == expected


def test_no_rows_end_the_list() -> None:
    assert next_page_url(f"{BASE}?page=2", {"data": []}, []) is None


def test_page_numbers_in_addresses() -> None:
    assert page_number("https://a.example/list_12_3.html") == 3
    assert page_number("https://a.example/?page=7") == 7
    assert page_number("https://a.example/2026/1101/123456.html") is None
    assert with_page_number("https://a.example/list_12_3.html", 4) == "https://a.example/list_12_4.html"
    assert with_page_number("https://a.example/list.html", 4) is None


@pytest.mark.parametrize(
    ("value", "year"), [(1793498400, 2026), ("1793498400000", 2026), (5, None), ("x", None), (9e12, None)]
)
def test_epoch_time(value: object, year: int | None) -> None:
    moment, _ = epoch_time(value, FETCHED_AT)
    assert (moment.year if moment else None) == year


@pytest.mark.parametrize(
    ("own", "other", "expected"),
    [
        ("/find?area=1&kind=2", "/find?kind=2&area=1&year=2023", True),
        ("/find?area=1", "/find?area=1&sort=hot", True),
        ("/list", "/list?order=hot", True),
        ("/find?area=1&page=3", "/find?area=1&year=2023", True),
        ("/list.php", "/list.php?cat=3", False),
        ("/find?area=1", "/find?area=2", False),
        ("/find?area=1", "/find?area=1&page=2", False),
        ("/find?area=1", "/find?area=1&last_id=77", False),
        ("/find?area=1", "/search?area=1&year=2023", False),
        ("/find?area=1", "/find?area=1", False),
    ],
)
def test_filters_of_a_filtered_list_narrow_it(own: str, other: str, expected: bool) -> None:
    assert narrows(f"https://www.sample.example{own}", f"https://www.sample.example{other}") is expected
