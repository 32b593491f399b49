"""Headings: of related blocks, of comments, of anything else; a sentence that begins alike is none."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsspider.pages.markup.lines import Line
from newsspider.pages.related import headings
from newsspider.pages.related.headings import heading_name, is_comment_heading, is_more, is_other_heading, is_title


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("相关阅读", "相关阅读"),
        ("【推荐阅读】", "推荐阅读"),
        ("延伸阅读：", "延伸阅读"),
        ("猜你喜欢", "猜你喜欢"),
        ("相关新闻 更多>>", "相关新闻"),
        ("相关渡口", "相关渡口"),
        ("相关主题 最新文章", "相关主题"),
        ("相关主题 最新船期", None),
        ("相关部门", None),
        ("相关规定", None),
        ("更多精彩", None),
        ("相关阅读显示渡口停航", None),
        ("推荐阅读这本写渡口的书", None),
        ("渡口停航", None),
        ("", None),
    ],
)
def test_heading_of_a_related_block_is_nothing_but_its_name(text: str, name: str | None) -> None:
    assert heading_name(text) == name


@pytest.mark.parametrize(
    ("text", "is_heading"),
    [
        ("网友评论 已有9人参与", True),
        ("评论(631)", True),
        ("精选留言", True),
        ("全部跟帖", True),
        ("Comments (3)", True),
        ("评论员文章", False),
        ("渡口停航引网友热议", False),
        ("网友评论说渡口该修了", False),
        ("回复渡口来信", False),
        ("点评一条渡船", False),
    ],
)
def test_heading_of_comments_is_nothing_but_that(text: str, is_heading: bool) -> None:
    assert is_comment_heading(text) is is_heading


@pytest.mark.parametrize(
    ("text", "is_heading"),
    [
        ("点击排行榜", True),
        ("最新新闻", True),
        ("友情链接", True),
        ("阅读下一篇", True),
        ("排行第三的渡口", False),
        ("渡口新闻", False),
        ("友情链接着两岸的人", False),
    ],
)
def test_heading_of_another_block_is_nothing_but_that(text: str, is_heading: bool) -> None:
    assert is_other_heading(text) is is_heading


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("渡口停航三天后恢复", True),
        ("更多>>", False),
        ("查看全文", False),
        ("渡口", False),
        ("1234条评论", False),
        ("https://hekou.example/1", False),
    ],
)
def test_title_of_an_entry_is_more_than_a_button(text: str, is_one: bool) -> None:
    assert is_title(text) is is_one


def test_more_is_a_button_and_no_title() -> None:
    assert is_more("更多>>")
    assert not is_more("更多渡口恢复通航")


def lines_of(pattern: re.Pattern[str]) -> st.SearchStrategy[str]:
    """Texts that a pattern matches; of its foreign figures only those that Chinese pages have."""
    alphabet = st.characters(codec="utf-8", exclude_categories=("Cc", "Nd", "Cs"), include_characters="0123456789９")
    return st.from_regex(pattern, fullmatch=True, alphabet=alphabet).map(str.strip)


@given(lines_of(headings._COMMENT_HEADING))
def test_every_heading_of_comments_begins_as_one_may(text: str) -> None:
    assert text[:1] in headings.COMMENT_STARTS


@given(lines_of(headings._OTHER_HEADING))
def test_every_other_heading_is_seen_by_its_ends(text: str) -> None:
    assert is_other_heading(text) is (0 < len(text.strip(headings._DECORATION)) <= 14 and _is_other(text))


def _is_other(text: str) -> bool:
    return headings._OTHER_HEADING.fullmatch(text.strip(headings._DECORATION)) is not None


@given(lines_of(headings._OTHER_HEADING))
def test_every_other_heading_ends_a_block(text: str) -> None:
    assert headings.ends_block(Line(0, text, 0, [text])) is (len(text) <= 26 and is_other_heading(text))


@given(lines_of(headings._MORE))
def test_every_more_is_seen_by_its_start(text: str) -> None:
    assert is_more(text)


@given(lines_of(headings._NOT_A_TITLE))
def test_what_is_not_a_title_is_seen_by_its_start(text: str) -> None:
    assert not is_title(text)


@given(lines_of(headings._INLINE_HEADING) | lines_of(headings.HEADING))
def test_every_heading_of_a_block_begins_as_one_may(text: str) -> None:
    assert text[:1] in headings.HEADING_STARTS
