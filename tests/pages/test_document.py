"""The document: parsed once whatever arrives, its blocks in step with the tree, addresses, what the head says."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from newsspider.pages.document import Document

FETCHED = datetime(2023, 8, 7, 4, 0, tzinfo=UTC)
URL = "https://hekou.example/a/1.html"
SKIPPED = (
    "",
    "<script>var a = '<div><p>';</script>",
    "<style>p > a {}</style><noscript><div><p>x</p></div></noscript>",
    "<select><option>一</option><optgroup><option>二</option></optgroup></select>",
    "<svg><g><svg><path d=''/></svg><circle/></g></svg>",
    "<textarea><p>x</p></textarea><iframe src='/x'><p>y</p></iframe>",
    "<video><source src='a.mp4'><p>x</p></video><object><param name=a><embed></object>",
    "<svg/><canvas></canvas><map><area href='/x'><area></map>",
    "<!-- <div> --><?php <div> ?>",
    "<a href='/x'/><br><hr><img src='a'><input><wbr><a></a><span/>",
)


@pytest.mark.parametrize("skipped", SKIPPED)
def test_blocks_stand_in_each_other_as_elements_do_in_the_tree(skipped: str) -> None:
    body = f"{skipped}<div id=a>{skipped}<p id=b>渡口{skipped}</p>{skipped}<ul id=c><li id=d>停航</li></ul></div>"
    document = Document.from_text(
        f"<html><head>{skipped}<title>t</title></head><body>{body}</body></html>", URL, FETCHED
    )
    found = {}
    for block in document.blocks:
        if (name := block.tag.get("id")) is not None:
            found[name] = document.blocks[block.parent].tag.get("id")
    expected = {
        element.get("id"): next((outer.get("id") for outer in element.iterancestors() if outer.get("id")), None)
        for element in document.root.xpath("//*[@id]")
    }
    assert found == expected == {"a": None, "b": "a", "c": "a", "d": "c"}


@pytest.mark.parametrize(
    "body",
    [b"", b" \n", b"\0", b"\0" * 1000, b"<", b"<!--", b"\xff\xfe", b"{}", b"<html>", b"<?xml version='1.0'?>", b"]]>"],
)
def test_page_without_markup_has_a_tree(body: bytes) -> None:
    document = Document.from_bytes(body, URL, FETCHED)
    assert document.root.tag == "html"
    assert isinstance(document.lines, list)


def test_nul_between_characters_does_not_end_the_page() -> None:
    document = Document.from_bytes("<p>渡口</p>\0<p>停航</p>".encode(), URL, FETCHED)
    assert [line.text for line in document.lines if "\ufffd" not in line.text] == ["渡口", "停航"]


def test_lone_surrogate_in_a_text_is_left_out() -> None:
    assert Document.from_text("<p>渡\ud800口</p>", URL, FETCHED).lines[0].text == "渡口"


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ("<base href='/b/'>", "https://hekou.example/b/"),
        ("<base href='https://m.hekou.example/'>", "https://m.hekou.example/"),
        ("<base target=_blank>", URL),
        ("<base href='javascript:;'>", URL),
        ("", URL),
    ],
)
def test_base_of_links_is_that_of_the_page_unless_it_states_another(head: str, expected: str) -> None:
    document = Document.from_text(f"<html><head>{head}</head><body><p>渡口</p></body></html>", URL, FETCHED)
    assert document.base_url == expected


def test_bytes_are_decoded_as_the_header_says() -> None:
    document = Document.from_bytes("<p>渡口停航三天</p>".encode("gbk"), URL, FETCHED, "text/html; charset=gb2312")
    assert (document.lines[0].text, document.encoding) == ("渡口停航三天", "gb18030")


def test_focused_view_shares_tree_and_address() -> None:
    document = Document.from_text("<p>渡口</p>", URL, FETCHED)
    focused = document.focused()
    assert focused.is_focused
    assert not document.is_focused
    assert (focused.root, focused.url, focused.fetched_at) == (document.root, document.url, document.fetched_at)
