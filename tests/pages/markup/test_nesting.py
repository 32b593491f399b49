"""Elements that a page leaves open end where a browser ends them."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest

from newsspider.pages.document import Document

FETCHED = datetime(2023, 8, 7, 4, 0, tzinfo=UTC)


def read(markup: str) -> Document:
    return Document.from_text(markup, "https://hekou.example/a/1.html", FETCHED)


def places(markup: str) -> list[tuple[str, str]]:
    """Return (text, names of the block elements around it below body, innermost first) of each line."""
    document = read(markup)
    around = ([block.tag.name for block in document.around(line.block)][:-2] for line in document.lines)
    around = ([name for name in names if name != "tbody"] for names in around)
    return [(line.text, " ".join(names)) for line, names in zip(document.lines, around, strict=True)]


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("<p>一<p>二<div>三</div>", [("一", "p"), ("二", "p"), ("三", "div")]),
        ("<div><p>一</div>二", [("一", "p div"), ("二", "")]),
        ("<ul><li>一<li>二</ul>三", [("一", "li ul"), ("二", "li ul"), ("三", "")]),
        ("<ul><li><div>一<li>二</ul>", [("一", "div li ul"), ("二", "li ul")]),
        ("<ul><li>一<ul><li>二</ul>三</ul>", [("一", "li ul"), ("二", "li ul li ul"), ("三", "li ul")]),
        ("<dl><dt>一<dd>二<dt>三</dl>", [("一", "dt dl"), ("二", "dd dl"), ("三", "dt dl")]),
        ("<table><tr><td>一<tr><td>二</table>三", [("一", "td tr table"), ("二", "td tr table"), ("三", "")]),
        ("<table><tr><td>一<td>二</table>", [("一", "td tr table"), ("二", "td tr table")]),
        ("<table><tr><td><table><tr><td>一</table>二", [("一", "td tr table td tr table"), ("二", "td tr table")]),
        ("<div><table><tr><td>一</div>二</table>三", [("一二", "td tr table div"), ("三", "div")]),
        ("<h2>一<h3>二</h3>三", [("一", "h2"), ("二", "h3"), ("三", "")]),
        ("<div>一</p>二</section>三</div>", [("一", "div"), ("二三", "div")]),
        ("<div>一</div></div></div><div>二</div>", [("一", "div"), ("二", "div")]),
        ("<body class=a>一<body class=b>二", [("一二", "")]),
        ("<div>一</body></html><p>二</p></div>三", [("一", "div"), ("二", "p div"), ("三", "")]),
        ("3<5<p>一 < 二</p>", [("3<5", ""), ("一 < 二", "p")]),
        ("<table>一<tr><td>二</td></tr></table>", [("一", ""), ("二", "td tr table")]),
        ("<div/>一</div>二", [("一", "div"), ("二", "")]),
        ("<p>一<br/>二</br>三</p>", [("一", "p"), ("二", "p"), ("三", "p")]),
    ],
)  # fmt: skip
def test_open_element_ends_where_a_browser_ends_it(markup: str, expected: list[tuple[str, str]]) -> None:
    assert places(markup) == expected


def test_heading_left_open_ends_with_the_block_around_it() -> None:
    lines = read("<div><h1>渡口停航</div><p>三天后恢复</p>").lines
    assert [(line.text, line.level) for line in lines] == [("渡口停航", 1), ("三天后恢复", 0)]


@pytest.mark.parametrize(
    ("markup", "links"),
    [
        ("<p><a href=/1>一<a href=/2>二</a></p>", [["一", "二"]]),
        ("<p><a href=/1>一</p><p>二</p>", [["一"], ["二"]]),
        ("<p><a href=/1><b>一</a></b>二</p>", [["一"]]),
        ("<a href=/1><p>一</a>二</p>", [[""], ["一"]]),
        ("<p><a title='一 > 二' href=/1>三</a></p>", [["三"]]),
        ("<p><a title=\"<b>一</b>\" href=\"/1\">二</a></p>", [["二"]]),
        ("<p><A\nHREF='/1'>一</A></p>", [["一"]]),
    ],
)  # fmt: skip
def test_link_ends_where_a_browser_ends_it(markup: str, links: list[list[str]]) -> None:
    assert [[link.text for link in line.links] for line in read(markup).lines] == links


@pytest.mark.parametrize(
    ("markup", "formats"),
    [
        ("<p><b>一<i>二</b>三</i></p>", ["一二"]),
        ("<p><b>一</p><p>二</p>", ["一", "二"]),
        ("<b><p>一</b>二</p>", ["一"]),
    ],
)
def test_emphasis_ends_where_a_browser_ends_it(markup: str, formats: list[str]) -> None:
    lines = read(markup).lines
    assert [line.text[start:end] for line in lines for start, end, _ in line.formats] == formats


@pytest.mark.parametrize("name", ["svg", "template", "noscript", "object"])
def test_element_that_is_not_shown_and_never_ends_hides_nothing(name: str) -> None:
    assert [line.text for line in read(f"<p>渡口</p><{name}><p>停航</p><{name}><p>恢复</p>").lines] == [
        "渡口",
        "停航",
        "恢复",
    ]


@pytest.mark.parametrize(
    "markup",
    [
        "<div>" * 50_000 + "渡口" + "</section>" * 50_000,
        "<table><tr><td>" * 30_000 + "</div>" * 30_000,
        "<svg>" * 50_000,
        "<a href='" * 50_000,
        "<i>" * 50_000 + "</b>" * 50_000,
        "<ul>" + "<li><div>" * 50_000,
    ],
    ids=["divs", "cells", "svg", "quotes", "inline", "items"],
)
def test_broken_nesting_is_walked_in_time(markup: str) -> None:
    start = time.process_time()
    assert isinstance(read(markup).lines, list)
    assert time.process_time() - start < 5.0
