"""Data in scripts: JSON and literals are parsed, expressions are not run."""

from __future__ import annotations

import json
from typing import Any

import pytest

from newsspider.pages.markup.page_source import PageSource
from newsspider.pages.payloads import payloads

VALUE = {"title": "渡口停航", "rows": [1, 2]}
JSON = json.dumps(VALUE, ensure_ascii=False)


def values(script: str, kind: str = "") -> list[Any]:
    source = PageSource(f"<html><body><p>渡口</p><script{kind}>{script}</script></body></html>")
    return [value for _, value in payloads(source.scripts) if isinstance(value, dict)]


@pytest.mark.parametrize(
    ("script", "kind"),
    [
        (JSON, ' id="__NEXT_DATA__" type="application/json"'),
        (JSON, ' type="application/ld+json"'),
        (f"window.__INITIAL_STATE__={JSON};", ""),
        (f"window['__INITIAL_STATE__'] = {JSON};", ""),
        (f"var detail = {JSON}, other = 1;", ""),
        ('window.__NUXT__={title:"渡口停航",rows:[1,2]};', ""),
        (f"window.__STATE__ = JSON.parse({json.dumps(JSON)});", ""),
        (f"self.__next_f.push([1,{json.dumps('5:' + JSON)}])", ""),
        (f"self.__next_f.push([1,{json.dumps('5:' + JSON[:9])}]);self.__next_f.push([1,{json.dumps(JSON[9:])}])", ""),
    ],
)
def test_value_of_a_script_is_parsed(script: str, kind: str) -> None:
    assert VALUE in values(script, kind)


@pytest.mark.parametrize(
    "script",
    [
        "window.__INITIAL_STATE__ = (function(){ return {title: '渡口停航'} })();",
        "window.__STATE__ = {title: load('渡口停航')};",
        "window.__STATE__ = JSON.parse(atob('e30='));",
        "window.__STATE__ = {'title': '渡口停航'",
        "if (state == {}) { run() }",
        "self.__next_f.push([0])",
        "",
    ],
)
def test_expression_yields_nothing(script: str) -> None:
    assert [value for value in values(script) if value] == []


def test_state_that_a_function_returns_has_its_arguments_in_their_places() -> None:
    script = (
        'window.__NUXT__=(function(a,b,c){return {title:a,"rows":[b,!0,.5,void 0],unknown:d,'
        'text:\'\\x3Cp\\x3E"一", a: 二\',when:new Date(1)}}("渡口停航",2,null));'
    )
    assert values(script)[0] == {
        "title": "渡口停航",
        "rows": [2, True, 0.5, None],
        "unknown": None,
        "text": '<p>"一", a: 二',
        "when": None,
    }


def test_undefined_in_a_literal_is_null() -> None:
    assert values('window.__STATE__={title:undefined,"n":void 0};') == [{"title": None, "n": None}]


def test_place_names_the_script() -> None:
    source = PageSource(f'<body><script id="__NEXT_DATA__" type="application/json">{JSON}</script></body>')
    assert [place for place, _ in payloads(source.scripts)] == ["state __NEXT_DATA__"]
