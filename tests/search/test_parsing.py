"""What users type, and what it means."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsspider.search.parsing import parse
from newsspider.search.query import (
    And,
    Copies,
    Field,
    Language,
    Node,
    Not,
    Or,
    QueryError,
    Site,
    Span,
    Term,
)
from newsspider.text.zone import BEIJING

NOW = datetime(2026, 12, 1, 4, 0, tzinfo=UTC)


def term(text: str, *, in_title: bool = False) -> Term:
    return Term(tuple(text), in_title)


def beijing(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BEIJING).astimezone(UTC)


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("", And()),
        ("產業鏈", term("产业链")),
        ("甲 乙", And((term("甲"), term("乙")))),
        ("甲\u3000－乙", And((term("甲"), Not(term("乙"))))),
        ("甲 AND NOT 乙", And((term("甲"), Not(term("乙"))))),
        ("甲 - 乙 &", And((term("甲"), term("乙")))),
        ("“甲乙 丙”", term("甲乙丙")),
        ("「甲乙」丙", And((term("甲乙"), term("丙")))),
        ('"甲乙，丙"', term("甲乙|丙")),
        ("甲 OR 乙 丙", And((Or((term("甲"), term("乙"))), term("丙")))),
        ("甲|乙｜丙", Or((term("甲"), term("乙"), term("丙")))),
        ("（甲 乙）OR 丙", Or((And((term("甲"), term("乙"))), term("丙")))),
        ("-(甲 乙)", Not(And((term("甲"), term("乙"))))),
        ("title:甲 标题：“乙”", And((term("甲", in_title=True), term("乙", in_title=True)))),
        ("ＧＤＰ增长", Term(("gdp", "增", "长"))),
        ("COVID-19", Term(("covid", "19"))),
        ("快讯:甲", Term(("快", "讯", "|", "甲"))),
        ("http://a.example/b", Term(("http", "|", "a", "example", "b"))),
        ("source:新華社", Field("source", "新华社")),
        ('來源："新华社 北京"', Field("source", "新华社北京", is_exact=True)),
        ("作者:李 tag:a", And((Field("author", "李"), Field("tag", "a")))),
        ("-site:https://www.hekou.example/a", Not(Site("hekou.example"))),
        ("site:news.hekou.example", Site("news.hekou.example")),
        ("lang:zh-Hant", Language("zh-hant")),
        ("copies:no", Copies(False)),
        ("since:2026-04", Span(since=beijing("2026-04-01"))),
        ("until:2026年4月24日", Span(until=beijing("2026-04-25"))),
        ("until:2026", Span(until=beijing("2027-01-01"))),
        ("until:2026-12-24T08:00", Span(until=beijing("2026-12-24T08:00"))),
        ("since:7d", Span(since=datetime(2026, 11, 24, 4, 0, tzinfo=UTC))),
        ("since:昨天", Span(since=beijing("2026-11-30"))),
    ],
)
def test_what_users_type(text: str, meaning: Node) -> None:
    assert parse(text, NOW).root == meaning


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("“甲", "not closed"),
        ("OR 甲", "between two words"),
        ("甲 OR", "between two words"),
        ("(甲", "not closed"),
        ("甲)", "without a ("),
        ("甲 NOT", "before a word"),
        ("&&", "no word"),
        ("titel:甲", "unknown field titel"),
        ("site:", "needs a value"),
        ("site:*", "not a domain"),
        ("since:soon", "not a date"),
        ("until:2026-02-30", "not a date"),
        ("since:99999年", "not a date"),
        ("copies:maybe", "not no, only or all"),
        ("lang:中", "not a language code"),
        ("(" * 20 + "甲" + ")" * 20, "deep"),
        ("甲 " * 200, "more than 100 words"),
        ("甲" * 3000, "longer than"),
    ],
)
def test_what_cannot_be_read_is_said(text: str, said: str) -> None:
    with pytest.raises(QueryError, match=said.replace("(", r"\(")):
        parse(text, NOW)


@given(st.text(alphabet='甲a1 "“”「」()（）-－|:：.，$\n', max_size=40) | st.text(max_size=60))
def test_no_text_raises_anything_else(text: str) -> None:
    with contextlib.suppress(QueryError):
        parse(text, NOW)


def test_marked_are_the_words_that_a_hit_has() -> None:
    assert parse("甲 -乙 (丙 OR title:丁) site:a.example", NOW).terms == (
        term("甲"),
        term("丙"),
        term("丁", in_title=True),
    )
