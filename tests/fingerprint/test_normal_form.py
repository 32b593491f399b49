"""The form in which bodies are compared: numbers, numerals, frames."""

from __future__ import annotations

import pytest
from texts import BRIDGE

from newsspider.fingerprint.normal_form import han_value, is_advertisement, normal_body, normal_numbers


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("1,234人", "1234人"),
        ("1.2万吨", "12000吨"),
        ("3.4亿元", "340000000元"),
        ("百分之五", "5%"),
        ("百分之十二点五", "12.5%"),
        ("三名学生", "3名学生"),
        ("六十四天", "64天"),
        ("2024-08-04", "2024年8月4日"),
        ("2024/8/4", "2024年8月4日"),
        ("08月04日", "8月4日"),
        ("14:05", "14点05分"),
        ("第三方", "第三方"),
        ("一路平安", "一路平安"),
        ("12,34", "12,34"),
    ],
)
def test_number_has_one_notation(written: str, normal: str) -> None:
    assert normal_numbers(written) == normal


@pytest.mark.parametrize(("numeral", "value"), [("十", 10), ("二百零五", 205), ("二〇二四", 2024), ("千里", None)])
def test_value_of_a_han_numeral(numeral: str, value: int | None) -> None:
    assert han_value(numeral) == value


def test_frame_of_credits_and_advertisements_is_no_part_of_the_body() -> None:
    framed = f"临河日报记者 王小明 编辑 李四\n本报讯（记者 王小明）{BRIDGE}\n点击领取新人红包\n延伸阅读\n三座老桥的往事"
    assert normal_body(framed) == normal_body(BRIDGE)


def test_short_lines_that_are_the_text_stay() -> None:
    assert normal_body("床前明月光\n疑是地上霜\n举头望明月\n低头思故乡") == "床前明月光疑是地上霜举头望明月低头思故乡"


def test_prose_about_advertising_stays() -> None:
    assert not is_advertisement("记者走访发现，" + "扫码点餐在小城已经普及，" * 6)
