"""Names of persons and media: told apart, parted, and cleaned of what stands around them."""

from __future__ import annotations

import pytest

from newsspider.text.names import clean_name, is_place_or_device, looks_like_person, split_names


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("张三丰、李四光", ["张三丰", "李四光"]),
        ("陈智 整合", ["陈智"]),
        ("叨叨姐、胡一刀&李小飞刀", ["叨叨姐", "胡一刀", "李小飞刀"]),
        ("李明 江苏南通 教师", ["李明"]),
        ("邱雯琪 羅執中 台北報導", ["邱雯琪", "羅執中"]),
        ("林書豪青石鎮6日電", ["林書豪"]),
        ("林書豪新加坡16日電", ["林書豪"]),
        ("沈晗侯婷婷摄影高岸", ["沈晗", "侯婷婷"]),
        ("张三李四", ["张三", "李四"]),
        ("欧阳娜娜", ["欧阳娜娜"]),
        ("格桑边觉", ["格桑边觉"]),
        ("阿卜杜拉·艾山", ["阿卜杜拉·艾山"]),
        ("何 漪", ["何漪"]),
        ("Lin Shuhao and Amy Chan", ["Lin Shuhao", "Amy Chan"]),
        ("佚名", []),
    ],
)
def test_persons_of_a_credit(text: str, names: list[str]) -> None:
    assert split_names(text) == names


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("[ 河口金融报 ]\ue5c2", "河口金融报"),
        ('size="20"', None),
        ("{source}", None),
        ("<%=From%>", None),
        ("转载文章", None),
        ("楼主", None),
        ("转载周刊", "转载周刊"),
    ],
)
def test_name_of_a_source(text: str, name: str | None) -> None:
    assert clean_name(text) == name


@pytest.mark.parametrize(("word", "is_person"), [("闻舟", True), ("关注", False), ("高清", False), ("成都", False)])
def test_words_that_begin_like_a_surname_are_no_persons(word: str, is_person: bool) -> None:
    assert looks_like_person(word) is is_person


@pytest.mark.parametrize(
    ("name", "expected"),
    [("浙江", True), ("- 贵州遵义", True), ("iPhone客户端", True), ("浙江日报", False), ("河口新闻客户端", False)],
)
def test_where_a_post_came_from(name: str, expected: bool) -> None:
    assert is_place_or_device(name) is expected
