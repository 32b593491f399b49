"""Signs that a page was cut off or damaged on its way."""

from __future__ import annotations

import pytest

from newsspider.pages.damage import has_lost_characters, is_cut_off, is_questioned

PAGE = "<!DOCTYPE html><html lang=zh><body class=a><h1>鹿川夜市重开</h1><p>八十多个摊位沿河摆开。</p></body></html>"


def test_whole_page_shows_no_damage() -> None:
    assert not is_cut_off(PAGE) and not has_lost_characters(PAGE)


@pytest.mark.parametrize(
    "end", ["</body></html>", "</html>", "个摊位沿河摆开。</p></body></html>", "</p></BODY></HTML>"]
)
def test_page_without_its_end_is_cut_off(end: str) -> None:
    assert is_cut_off(PAGE.replace("</body></html>", "").removesuffix(end))
    assert not is_cut_off(PAGE.removesuffix("</html>") + " </Html >")


def test_piece_that_opens_nothing_is_not_cut_off() -> None:
    assert not is_cut_off("<div><p>八十多个摊位")


@pytest.mark.parametrize("lost", ["\x00", "\x07", "\ufffd"])
def test_control_and_replacement_characters_are_lost_ones(lost: str) -> None:
    assert has_lost_characters(PAGE.replace("摊位", lost))
    assert not has_lost_characters(PAGE.replace("摊位", "\t摊\r\n位\x1b"))


def test_question_marks_within_words_stand_for_lost_characters() -> None:
    assert is_questioned("河口?的?船今?恢复?航，首班?坐了四十二人。")
    assert not is_questioned("渡船恢复了吗?今天六点。谁来开?老周。" * 3 + "其余照旧，" * 80)
