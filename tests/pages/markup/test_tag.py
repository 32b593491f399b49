"""Tags as pages write them: quoted in either way or not at all, in any case, with references or without."""

from __future__ import annotations

import pytest

from newsspider.pages.markup.tag import Tag, is_open, value_of


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ('img src="a.jpg" alt="渡口"', {"src": "a.jpg", "alt": "渡口"}),
        ("img src='a.jpg' alt=渡口", {"src": "a.jpg", "alt": "渡口"}),
        ('IMG SRC = "a.jpg"\nALT\t=\n渡口', {"src": "a.jpg", "alt": "渡口"}),
        ("img src=a.jpg/", {"src": "a.jpg/"}),
        ("img/src=a.jpg", {"src": "a.jpg"}),
        ("div hidden", {"hidden": ""}),
        ('a title="一" title="二"', {"title": "一"}),
        ('a href="?a=1&amp;b=2&copy=3"', {"href": "?a=1&b=2&copy=3"}),
        ('a title="&quot;渡口&#34;&#x4e00;"', {"title": '"渡口"一'}),
        ('img alt="渡口" 停航"', {"alt": "渡口", '停航"': ""}),
        ("br", {}),
        ("br/", {}),
    ],
)
def test_attributes_are_those_a_browser_reads(raw: str, expected: dict[str, str]) -> None:
    assert Tag(raw, raw.split()[0].lower()).attributes == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ('a href="/1"', "/1"),
        ("a href='/1'", "/1"),
        ("a HREF=/1", "/1"),
        ('a\nhref = "/1"', "/1"),
        ('a class="x"href="/1"', "/1"),
        ('a href="/?a&amp;b"', "/?a&b"),
        ('a data-href="/1"', None),
        ('a title="href=/1"', None),
        ("a name=top", None),
        ('a href=""', ""),
    ],
)
def test_one_attribute_is_found_however_it_is_written(raw: str, expected: str | None) -> None:
    assert value_of(raw, "href") == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ('a title="渡口', True),
        ("a title='渡口", True),
        ('a title="渡口"', False),
        ("a title='渡\"口'", False),
        ('a title=渡"口', False),
        ('img alt="5" 渡口"', False),
        ("a", False),
    ],
)
def test_tag_is_open_where_it_ends_inside_a_quoted_value(raw: str, expected: bool) -> None:
    assert is_open(raw) is expected


@pytest.mark.parametrize(
    ("raw", "names"),
    [
        ("p class=a id='b c'", "a b c"),
        ('p id="b"', "b"),
        ("p data-class=a", ""),
        ("p", ""),
        ('ul class="x-1" aria-labelledby="byline"', "x-1 byline"),
        ("ul data-testid=related aria-label=byline", "related"),
    ],
)
def test_names_are_class_id_and_what_tests_and_readers_call_it(raw: str, names: str) -> None:
    assert Tag(raw, "p").names == names
