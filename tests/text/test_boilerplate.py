"""Where boilerplate is taken out: at the ends, glued to a sentence, once per line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsspider.text.boilerplate import clean_lines

PROSE = "河口镇的渡口停了三天，往来的货船都在下游等候，镇上的粮店照常开门。"


def test_tail_rules_do_not_reach_into_the_middle() -> None:
    middle = "免责声明：这句话在正文中间出现。"
    lines = [PROSE] * 8 + [middle] + [PROSE] * 8
    assert clean_lines(lines) == []


def test_tail_grows_past_lines_taken_out() -> None:
    lines = [PROSE] * 6 + ["（责任编辑：李明）", *["分享到：微信 微博"] * 6, "免责声明：本文不代表本站观点"]
    assert [index for index, _, _ in clean_lines(lines)] == list(range(6, 14))


@pytest.mark.parametrize(
    ("line", "rest"),
    [
        (PROSE + "(文章来源:河口日报)", PROSE),
        (PROSE + "（责任编辑：李明）", PROSE),
        (PROSE + " 来源：河口日报", PROSE),
        (PROSE + "（編輯：李明）1120806", PROSE),
        (PROSE + "返回河口，查看更多", PROSE),
        ("河口日报记者 李明 编辑 王芳 校对 赵强", "河口日报记者 李明"),
    ],
)
def test_glued_trailer_is_cut_off(line: str, rest: str) -> None:
    assert clean_lines([PROSE, line])[0][2] == rest


@pytest.mark.parametrize("end", ["（完）", "（編輯：李明）1120806字", "他说，返回河口查看更多"])
def test_end_that_is_no_trailer_stays_glued(end: str) -> None:
    assert clean_lines([PROSE, PROSE + end]) == []


@given(st.lists(st.text(alphabet="（）()来源：:编辑责任 0123456789页下一相关阅读。，河口", max_size=60), max_size=12))
def test_clean_lines_gives_each_line_once_and_only_shortens(lines: list[str]) -> None:
    found = clean_lines(lines)
    assert len({index for index, _, _ in found}) == len(found)
    assert all(rest is None or lines[index].startswith(rest) for index, _, rest in found)
