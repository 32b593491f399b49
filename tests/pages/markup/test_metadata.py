"""The head: meta elements, the title element, JSON-LD as sites write it."""

from __future__ import annotations

import json

import pytest

from newsspider.pages.markup.metadata import json_ld_nodes, meta_values, parsed_json
from newsspider.pages.markup.page_source import PageSource


def source(head: str, body: str = "") -> PageSource:
    return PageSource(f"<html><head>{head}</head><body><p>渡口</p>{body}</body></html>")


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ("<meta property='og:title' content='渡口停航'>", {"og:title": "渡口停航"}),
        ("<meta name='Author' content=' 何  玉 '>", {"author": "何 玉"}),
        ("<meta itemprop='datePublished' content='2023-08-06'>", {"datepublished": "2023-08-06"}),
        ("<meta name=a content='一'><meta name=a content='二'>", {"a": "一"}),
        ("<meta name=a content=' '><meta name=a content='二'>", {"a": "二"}),
        ("<meta name=a property='og:a' content='一'>", {"a": "一", "og:a": "一"}),
        ("<meta name=a><meta content='一'><meta http-equiv=refresh content='5'>", {}),
    ],
)
def test_meta_values_are_the_first_with_text(head: str, expected: dict[str, str]) -> None:
    assert meta_values(source(head).head_tags) == expected


@pytest.mark.parametrize(
    ("head", "body", "expected"),
    [
        ("<title> 渡口\n停航 </title>", "", "渡口 停航"),
        ("<title></title><title>停航</title>", "", "停航"),
        ("<title></title>", "", None),
        ("", "<svg><title>图标</title></svg>", None),
    ],
)
def test_title_element_is_the_first_with_text_outside_pictures(head: str, body: str, expected: str | None) -> None:
    assert source(head, body).title == expected


@pytest.mark.parametrize(
    ("text", "headlines"),
    [
        ('{"headline": "一"}', ["一"]),
        ('[{"headline": "一"}, {"headline": "二"}]', ["一", "二"]),
        ('{"@graph": [{"headline": "一"}]}', [None, "一"]),
        ('<!-- {"headline": "一"} -->', ["一"]),
        ('//<![CDATA[\n{"headline": "一"}\n//]]>', ["一"]),
        ('{"headline": "一",}', ["一"]),
        ('{"headline": "一\n二"}', ["一\n二"]),
        ('{"headline": "一"', []),
        ('"headline"', []),
        ("headline = 1", []),
        ("", []),
    ],
)
def test_json_ld_gives_its_objects(text: str, headlines: list[str | None]) -> None:
    nodes = json_ld_nodes(source(f'<script type="application/ld+json">{text}</script>').scripts)
    assert [node.get("headline") for node in nodes] == headlines


def test_script_of_another_type_is_no_json_ld() -> None:
    assert json_ld_nodes(source('<script type="application/json">{"headline": "一"}</script>').scripts) == []


def test_json_ld_without_end_is_cut() -> None:
    text = json.dumps([{"headline": "一"}] * 500)
    assert 0 < len(json_ld_nodes(source(f'<script type="application/ld+json">{text}</script>').scripts)) <= 60


@pytest.mark.parametrize("text", ["[" * 100_000, "{", "undefined", "new Date()"])
def test_what_is_no_json_is_none(text: str) -> None:
    assert parsed_json(text) is None
