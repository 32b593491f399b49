"""Start tags as a page's markup has them: attributes in double quotes, five characters escaped."""

from __future__ import annotations

import pytest

from newsspider.pages.markup.page_source import PageSource
from newsspider.pages.markup.tag import Tag, value_of


@pytest.mark.parametrize(
    ("written", "expected"),
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
        ("a title='<b>一</b> > \"二\"&nbsp;'", {"title": '<b>一</b> > "二"\xa0'}),
        ('img alt="渡口" 停航"', {"alt": "渡口", '停航"': ""}),
        ("div", {}),
        ("div/", {}),
    ],
)
def test_attributes_are_those_a_browser_reads(written: str, expected: dict[str, str]) -> None:
    name = written.split()[0].split("/")[0].lower()
    (tag,) = PageSource(f"<body><{written}>").tags(name)
    assert tag.attributes == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ('a href="/1"', "/1"),
        ('a class="x" href="/?a&amp;b"', "/?a&b"),
        ('a data-href="/1"', None),
        ('a title="href=/1"', None),
        ('a name="top"', None),
        ('a href=""', ""),
    ],
)
def test_one_attribute_is_found_by_its_name(raw: str, expected: str | None) -> None:
    assert value_of(raw, "href") == expected


@pytest.mark.parametrize(
    ("raw", "names"),
    [
        ('p class="a" id="b c"', "a b c"),
        ('p id="b"', "b"),
        ('p data-class="a"', ""),
        ("p", ""),
        ('ul class="x-1" aria-labelledby="byline"', "x-1 byline"),
        ('ul data-testid="related" aria-label="byline"', "related"),
    ],
)
def test_names_are_class_id_and_what_tests_and_readers_call_it(raw: str, names: str) -> None:
    assert Tag(raw, "p").names == names
