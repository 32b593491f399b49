"""Lists that go on by a field of the last row."""

from __future__ import annotations

from datetime import UTC, datetime

from lxml import html

from newsspider.pages.load_more.answer import json_fragment
from newsspider.pages.load_more.buttons import load_more
from newsspider.pages.load_more.cursors import continued_value, row_field

PLACE = "https://www.lanjiang.example/"
NOW = datetime(2026, 5, 3, tzinfo=UTC)


def page(rows: str, script: str = "") -> object:
    return html.fromstring(f"<html><body><ul>{rows}</ul><script>{script}</script></body></html>")


def test_the_field_is_the_one_whose_last_value_the_url_asks_for():
    rows = "".join(f"<li data-cid='8' data-pub-ts='{1_777_700_000 - n}'>兰江{n}</li>" for n in range(3))
    assert row_field(page(rows), f"{PLACE}more?cid=8&before={1_777_700_000 - 2}") == ("before", "pubts")
    assert row_field(page(rows), f"{PLACE}more?before={1_777_700_000 - 1}") is None
    state = "var rows=[{id:9,sort:'530'},{id:8,sort:'525'}];"
    assert row_field(page("", state), f"{PLACE}more?from_sort=525") == ("from_sort", "sort")


def test_an_answer_goes_on_by_that_field_of_its_last_row():
    rows = (
        '{"list":[{"title":"兰江的渡船换了新桨","url":"/a/5.html","pub_ts":1777699000},'
        '{"title":"江心洲的桃子熟了一半","url":"/a/4.html","pub_ts":1777698000}]}'
    )
    fragment = json_fragment(rows, f"{PLACE}more?cid=8&before=1777699998", NOW, cursor=("before", "pubts"))
    assert fragment.next_url == f"{PLACE}more?cid=8&before=1777698000"
    assert json_fragment(rows, f"{PLACE}more?last_time=1777699998", NOW).next_url == f"{PLACE}more?last_time=1777698000"


def test_without_a_name_the_field_has_to_go_on_from_what_was_asked():
    rows = [{"sn": 17, "hits": 1777699999, "when": 1777699000}, {"sn": 16, "hits": 3, "when": 1777698000}]
    assert continued_value(rows, "max_time", "1777699998") == "1777698000"
    assert continued_value(rows, "max_id", "18") is None, "too short to tell"
    assert (
        continued_value([{"t": "2026-05-02 08:00"}, {"t": "2026-05-01 09:30"}], "last_time", "2026-05-03 07:00")
        == "2026-05-01 09:30"
    )
    assert continued_value([{"when": 1777699998}], "max_time", "1777699998") is None


def test_a_cursor_alone_makes_a_call_a_list():
    rows = "".join(f"<li data-t='{1_777_700_000 - n}'>兰江{n}</li>" for n in range(3))
    (step,) = load_more(page(rows, f"var t={1_777_700_000 - 2};$.getJSON('/flow.json?max_time='+t,draw)"), PLACE)
    assert (step.url, step.cursor) == (f"{PLACE}flow.json?max_time={1_777_700_000 - 2}", ("max_time", "t"))
