"""What makes a revision and what does not."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from mongo_articles import MONDAY, TEXT, article

from newsspider.mongo.articles.documents import document_of
from newsspider.mongo.articles.revisions import change_between, paragraph_diff, reasons
from newsspider.text import fold

DAY = {"published_at": MONDAY, "published_raw": "2026-03-02", "published_precision": "day"}
MINUTE = {
    "published_at": MONDAY + timedelta(hours=3),
    "published_raw": "2026-03-02 19:00",
    "published_precision": "minute",
}
RELATIVE = {"published_at": MONDAY + timedelta(hours=2), "published_raw": "2小时前", "published_precision": "minute"}
NEXT_DAY = {
    "published_at": MONDAY + timedelta(days=1, minutes=5),
    "published_raw": "x",
    "published_precision": "minute",
}


def document(**fields: Any) -> dict[str, Any]:
    return document_of(article(1, **fields))


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({}, {}, []),
        ({"title": "渡船恢复通航"}, {"title": "渡船停航"}, ["title"]),
        ({"title": "渡船恢复通航"}, {"title": "渡船恢復通航"}, []),
        ({"title": "渡船ＡＢ恢复 通航"}, {"title": "渡船ab恢复通航"}, []),
        ({"text": TEXT}, {"text": TEXT + "\n续航。"}, ["text"]),
        ({"text": TEXT}, {"text": TEXT.replace("，", ",")}, []),
        ({"source": "河口日报"}, {"source": "临河晚报"}, ["source"]),
        ({"source": "河口日报"}, {"source": None}, []),
        ({"source": None}, {"source": "河口日报"}, []),
        (MINUTE, NEXT_DAY, ["published_at"]),
        (DAY, MINUTE, []),
        (DAY, NEXT_DAY, ["published_at"]),
        (RELATIVE, NEXT_DAY, []),
        (NEXT_DAY, RELATIVE, []),
    ],
)
def test_only_title_text_source_and_time_make_a_revision(
    before: dict[str, Any], after: dict[str, Any], expected: list[str]
) -> None:
    assert reasons(document(**before), document(**after), fold) == expected


def test_paragraph_diff_names_the_changed_lines_only() -> None:
    assert paragraph_diff("甲\n乙\n丙", "甲\n乙二\n丙\n丁") == [
        {"op": "replace", "line": 1, "old": ["乙"], "new": ["乙二"]},
        {"op": "insert", "line": 3, "old": [], "new": ["丁"]},
    ]


def test_change_tells_old_and_new_values() -> None:
    change = change_between(document(title="甲"), document(title="乙"), ["title"], MONDAY)
    assert change == {"reason": ["title"], "seen_at": MONDAY, "title": {"old": "甲", "new": "乙"}}


def test_diff_of_endless_texts_is_bounded() -> None:
    assert paragraph_diff("a\n" * 5000, "b\n" * 5000) == [
        {"op": "replace", "line": 0, "old": [], "new": [], "is_cut": True}
    ]
