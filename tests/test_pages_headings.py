"""Headings: of related blocks, of comments, of anything else; a sentence that begins alike is none."""

from __future__ import annotations

import pytest

from newsspider.pages.headings import heading_name, is_comment_heading, is_more, is_other_heading, is_title


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("相关阅读", "相关阅读"),
        ("【推荐阅读】", "推荐阅读"),
        ("延伸阅读：", "延伸阅读"),
        ("猜你喜欢", "猜你喜欢"),
        ("相关新闻 更多>>", "相关新闻"),
        ("相关渡口", "相关渡口"),
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
