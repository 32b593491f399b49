"""The source: what is markup, what is the text of scripts and comments, and where either ends."""

from __future__ import annotations

import time

import pytest

from newsspider.pages.markup.page_source import PageSource


@pytest.mark.parametrize(
    ("text", "markup"),
    [
        ("<p>渡口</p><script>a = '<p>停航</p>'</script><p>恢复</p>", "<p>渡口</p><p>恢复</p>"),
        ("<p>渡口</p><SCRIPT src=a.js></SCRIPT ><p>恢复</p>", "<p>渡口</p><p>恢复</p>"),
        ("<p>渡口<!-- <p> -->停航</p>", "<p>渡口停航</p>"),
        ("<p>渡口<!-->停航<!--->恢复</p>", "<p>渡口停航恢复</p>"),
        ("<style>p > a {}</style><p>渡口</p>", "<p>渡口</p>"),
        ("<script data-a='</script>'>a()</script><p>渡口</p>", "<p>渡口</p>"),
        ("<p>渡口</p><style>p {} <p>停航</p>", "<p>渡口</p>p {} <p>停航</p>"),
        ("<p>渡口</p><script>a() <p>停航</p>", "<p>渡口</p>"),
        ("<p>渡口</p><!-- 停航", "<p>渡口</p>"),
        ("<p>渡口</p><!-- 停航 --!><p>恢复</p>", "<p>渡口</p><p>恢复</p>"),
        ("<p>渡口</p><script><!-- a('<script></script>') //--></script><p>恢复</p>", "<p>渡口</p><p>恢复</p>"),
        ("<p>渡口</p><script><!-- <script> --></script><p>恢复</p>", "<p>渡口</p><p>恢复</p>"),
        ("<template>停航<template>一</template></template><p>渡口</p>", "<p>渡口</p>"),
        ("<p>渡口</p><xmp><b>停航</xmp>", "<p>渡口</p><pre>&lt;b&gt;停航</pre>"),
        ("<p>渡\0口</p>", "<p>渡口</p>"),
        ("<svg></svg><p<svg>渡口</p>", "<p<svg>渡口<p></p></p<svg>"),
        ("<p><b<script>渡口</p><script>a()</script>", "<p><b<script>渡口</b<script></p>"),
        ("<scripted>渡口</scripted>", "<scripted>渡口</scripted>"),
    ],
)
def test_markup_is_the_page_without_what_is_no_markup(text: str, markup: str) -> None:
    found = PageSource(text).markup.removeprefix("<html><head></head><body>").removesuffix("</body></html>")
    assert found == markup


def test_script_keeps_its_tag_and_text() -> None:
    (script,) = PageSource('<script type=\'application/json\' id=state>{"a": "<b>"}</script>').scripts
    assert (script.tag.get("type"), script.tag.get("id"), script.text) == ("application/json", "state", '{"a": "<b>"}')


def test_textarea_keeps_what_it_shows() -> None:
    (area,) = PageSource("<textarea class=article>&lt;p&gt;渡口</textarea>").areas
    assert (area.tag.get("class"), area.text) == ("article", "&lt;p&gt;渡口")


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("<title>渡口 &amp; 停航</title>", "渡口 & 停航"),
        ("<svg><title>图标</title></svg><title>渡口</title>", "渡口"),
        ("<svg></svg><title>渡口</title>", "渡口"),
        ("<p>渡口</p>", None),
    ],
)
def test_title_is_that_of_the_page(text: str, title: str | None) -> None:
    assert PageSource(text).title == title


@pytest.mark.parametrize(
    ("text", "contents"),
    [
        ("<meta name=a content='一 > 二'>", ["一 > 二"]),
        ('<META NAME="a" CONTENT="一">', ["一"]),
        ('<meta name="a" content="一><p>二</p><meta name="b" content="三">', ["一", "三"]),
        ("<metadata content=一></metadata><p meta content=二>", []),
    ],
)
def test_tags_of_a_name_are_read_as_they_are_written(text: str, contents: list[str | None]) -> None:
    assert [tag.get("content") for tag in PageSource(text).tags("meta")][: len(contents)] == contents


@pytest.mark.parametrize(
    "text",
    [
        '<meta a="' * 50_000,
        "<meta 'a\"" * 50_000,
        '<script "' * 50_000,
        "<!--" * 200_000,
        "<svg><title>" * 20_000,
        "<title></" * 50_000,
    ],
)
def test_broken_markup_is_read_in_time(text: str) -> None:
    start = time.process_time()
    list(PageSource(text).tags("meta"))
    assert time.process_time() - start < 5.0


@pytest.mark.parametrize("name", ["select", "template", "svg", "applet", "object"])
@pytest.mark.parametrize(
    "inner", ["</{0}><{0}><{0}>x</{0}> y", "<{0}><{0}<{0}>x", "<{0} a='<{0}'>x", "<{0}>&lt;{0}<{0}>"]
)
def test_elements_within_their_kind_that_are_never_closed_are_read_once(name: str, inner: str) -> None:
    """A search that went back to an end tag before the element would read the page for ever."""
    source = PageSource(f"<html><body><p>前面一段话。</p>{inner.format(name)}</body></html>")
    assert source.markup.count("前面一段话。") == 1
