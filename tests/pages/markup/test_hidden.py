"""Noise that pages hide between the words of a text is left out, and what only looks hidden is not."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from newsspider.pages.document import Document

FETCHED = datetime(2023, 8, 7, 4, 0, tzinfo=UTC)
SHOWN = "河口镇的渡口停了三天，货船都在下游等候。"


def texts(markup: str, style: str = "") -> list[str]:
    page = f"<html><head><style>{style}</style></head><body>{markup}</body></html>"
    return [line.text for line in Document.from_text(page, "https://hekou.example/a/1.html", FETCHED).lines]


def around(element: str) -> str:
    return f"<p>河口镇的渡口{element}停了三天，货船都在下游等候。</p>"


@pytest.mark.parametrize(
    "element",
    [
        "<span style='display:none'>x7q</span>",
        "<span style='DISPLAY: None !important'>x7q</span>",
        "<font style='visibility:hidden'>x7q</font>",
        "<i style='font-size:0'>x7q</i>",
        "<i style='font-size: 0px; color: #333'>x7q</i>",
        "<i style='font-size:1px'>x7q</i>",
        "<i style='font:0/0 a'>x7q</i>",
        "<em style='opacity:0'>x7q</em>",
        "<em style='opacity: .01'>x7q</em>",
        "<b style='position:absolute;left:-9999px'>x7q</b>",
        "<b style='display:inline-block;text-indent:-999em'>x7q</b>",
        "<span style='clip:rect(0,0,0,0);position:absolute'>x7q</span>",
        "<span style='clip-path: inset(50%)'>x7q</span>",
        "<span style='width:0;height:0;overflow:hidden'>x7q</span>",
        "<span style='overflow:hidden;display:inline-block;width:0'>x7q</span>",
        "<span style='transform: scale(0)'>x7q</span>",
        "<span style='color:#eee;background:#eee'>x7q</span>",
        "<span style='color:transparent'>x7q</span>",
        "<span style='color:#FFF'>x7q</span>",
        "<font color='#ffffff'>x7q</font>",
        "<font color=white>x7q</font>",
        "<span hidden>x7q</span>",
        "<span class='sr-only'>x7q</span>",
        "<font class='jammer'>x7q</font>",
        "<span style='display:none'>x7<b>q</b> <a href='/'>y</a></span>",
        "<span style='display:none'><img src='/1.jpg'></span>",
        "<a href='/' style='display:none'>x7q</a>",
    ],
)
def test_hidden_inline_element_is_left_out(element: str) -> None:
    assert texts(around(element)) == [SHOWN]


@pytest.mark.parametrize(
    ("style", "element"),
    [
        (".a7 { display: none }", "<span class='b a7'>x7q</span>"),
        ("p .a7, .c { font-size: 0 }", "<span class=a7>x7q</span>"),
        ("span.a7{color:#fff}", "<span class=a7>x7q</span>"),
        ("#n { opacity: 0; }", "<i id=n>x7q</i>"),
        ("/* .b {} */ body { color: #000 }\n.A7 { VISIBILITY: hidden }", "<i class=A7>x7q</i>"),
    ],
)
def test_style_sheet_of_the_page_hides(style: str, element: str) -> None:
    assert texts(around(element), style) == [SHOWN]


@pytest.mark.parametrize(
    ("style", "element"),
    [
        ("", "<span style='font-size:10px'>夜里</span>"),
        ("", "<span style='font-size:0.9em'>夜里</span>"),
        ("", "<span style='opacity:0.8'>夜里</span>"),
        ("", "<span style='left:-2px'>夜里</span>"),
        ("", "<span style='color:#fff;background:#c00'>夜里</span>"),
        ("", "<span style='color:#ffeeee'>夜里</span>"),
        ("", "<span style='overflow:hidden'>夜里</span>"),
        ("", "<span aria-hidden='true'>夜里</span>"),
        ("", "<span class='hidden-print'>夜里</span>"),
        ("@media print { .a7 { display: none } }", "<span class=a7>夜里</span>"),
        (".mobile .a7 { display: none }", "<span class=a7>夜里</span>"),
        (".a7:hover { display: none }", "<span class=a7>夜里</span>"),
        (".a7 .b { display: none }", "<span class=a7>夜里</span>"),
        ("div.a7 { display: none }", "<span class=a7>夜里</span>"),
    ],
)
def test_what_only_looks_hidden_is_read(style: str, element: str) -> None:
    assert texts(around(element), style) == ["河口镇的渡口夜里停了三天，货船都在下游等候。"]


def test_white_text_is_read_where_nothing_else_is_or_on_a_colour() -> None:
    assert texts("<p><font color='#fff'>渡口停航</font></p>") == ["渡口停航"]
    assert texts("<div style='background:#c00'><p>第一版<font color='#fff'>渡口</font></p></div>") == ["第一版渡口"]


def test_white_text_before_a_line_is_left_out() -> None:
    assert texts("<p><font color='#fff'>x7q</font>河口镇的渡口停了三天。</p>") == ["河口镇的渡口停了三天。"]


def test_hidden_element_with_much_text_or_with_paragraphs_is_kept() -> None:
    """A script may show it: the rest of an article behind a button."""
    assert texts(f"<p>渡口<span style='display:none'>{SHOWN * 20}</span></p>") == ["渡口" + SHOWN * 20]
    assert texts(f"<span style='display:none'><p>{SHOWN}</p><p>渡口</p></span>") == [SHOWN, "渡口"]


def test_links_marks_and_emphasis_keep_their_places() -> None:
    markup = "<p>看<i style='display:none'>x7 <a href='/9'>q</a></i><a href='/2'>第二版</a>和<b>第三版</b></p>"
    (line,) = Document.from_text(markup, "https://hekou.example/", FETCHED).lines
    assert [(link.href, link.text) for link in line.links] == [("/2", "第二版")]
    assert [line.text[start:end] for start, end, _ in line.formats] == ["第三版"]
