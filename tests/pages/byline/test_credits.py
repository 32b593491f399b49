"""The grammar of credit lines: joined, split, unlabelled and reordered headers, names in the body."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsspider.pages.byline.credits import loose_words, read_credits
from newsspider.pages.byline.labels import _LABEL_STARTS, _LABELS
from newsspider.pages.byline.signatures import inline_authors, own_line_authors, signature
from newsspider.text.names import split_names

REFERENCE = datetime(2023, 8, 7, 4, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("来源:经济日报时间:2023-08-06 14:25:32", "经济日报"),
        ("来源：经济日报　时间：2023-08-06 14:25:32", "经济日报"),
        ("来源:北京时间时间:2023-08-06 14:25:32", "北京时间"),
        ("来源:时间财经 2023-08-06", "时间财经"),
        ("来源：河口晚报-新闻频道 2023-08-06", "河口晚报-新闻频道"),
        ("2023-08-06 10:00 来源: 新华社 字号：大 中 小", "新华社"),
        ("发表于2023-08-06 21:30| 1164次阅读| 来源河口网| 0 条评论| 作者李明", "河口网"),
        ("来源：甲报/乙报 2023-08-06", "甲报/乙报"),
        ("来源:时间:2023-08-06 14:25:32", None),
        ("来源：未知 作者：admin 发布时间：2023-08-06", None),
        ("来源：网络", None),
        ("来源：互联网 2023-08-06", None),
        ("收入来源十分有限", None),
        ("来源：河口青年报（ID：hekouqn）", "河口青年报"),
        ("来源：河口青年报（海外版）", "河口青年报（海外版）"),
        ("【来源：河口日报】", "河口日报"),
        ("来源, 河口日报", "河口日报"),
        ("据来源, 河口日报", None),
        ("数据来源：河口水文站 来源：河口日报", "河口日报"),
        ("来源：河口日报 A03版 2023-08-06", "河口日报"),
    ],
)
def test_source(text: str, source: str | None) -> None:
    assert read_credits(text, REFERENCE).source == source


@pytest.mark.parametrize(
    ("text", "editor"),
    [
        ("责任编辑：李明 SN222", "李明"),
        ("责任编辑：李明_NF123", "李明"),
        ("责任编辑：DF142", "DF142"),
        ("责任编辑：Li2", "Li2"),
    ],
)
def test_staff_number_is_no_part_of_a_name(text: str, editor: str) -> None:
    assert read_credits(text, REFERENCE).editor == editor


def test_empty_source_is_known_to_be_labelled() -> None:
    assert read_credits("来源:时间:2023-08-06", REFERENCE).has_source_label
    assert not read_credits("河口日报 2023-08-06", REFERENCE).has_source_label


def test_unlabelled_words_are_kept_apart() -> None:
    found = read_credits("原创 河口文史 2023-08-06 18:14:21 举报", REFERENCE)
    assert (found.source, found.rest) == (None, ["河口文史"])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[收藏]", []),
        ("[河口]网", ["[河口]网"]),
        ("http://news.hekou.example/ 河口渡船", ["河口渡船"]),
        ("hekou.example 河口渡船", ["hekou.example", "河口渡船"]),
    ],
)
def test_buttons_and_addresses_are_no_names(text: str, words: list[str]) -> None:
    assert loose_words(text) == words


def test_editor_is_not_an_author() -> None:
    found = read_credits("作者：张三 责任编辑：李四", REFERENCE)
    assert (found.authors, found.editor) == (["张三"], "李四")


@pytest.mark.parametrize(
    ("text", "authors"),
    [
        ("供稿：宣传部 2023-08-06", []),
        ("作者：河口镇政府办公室", []),
        ("供稿：张三 2023-08-06", ["张三"]),
        ("文／王小明 圖／李大同", ["王小明"]),
        ("作者：渡口老王", ["渡口老王"]),
    ],
)
def test_offices_and_photographers_are_no_authors(text: str, authors: list[str]) -> None:
    assert read_credits(text, REFERENCE).authors == authors


def test_update_time_gives_way_to_publication() -> None:
    found = read_credits("更新时间：2023-08-06 12:00 发布时间：2023-08-05 10:00", REFERENCE)
    assert found.published is not None
    assert found.published.raw == "2023-08-05 10:00"


@pytest.mark.parametrize(
    "order", list(permutations(["来源：河口日报", "作者：张三", "时间：2023-08-06 14:25:32", "责任编辑：李四"]))
)
@pytest.mark.parametrize("joint", ["", " ", "　", " | ", "\n"])
def test_order_and_joint_do_not_matter(order: tuple[str, ...], joint: str) -> None:
    found = read_credits(joint.join(order), REFERENCE)
    assert (found.source, found.authors, found.editor) == ("河口日报", ["张三"], "李四")
    assert found.published is not None
    assert found.published.raw == "2023-08-06 14:25:32"


@given(
    st.sampled_from(["：", ":"]),
    st.sampled_from(["2023-08-06 14:25:32", "2023年8月6日14时25分", "2小时前", "昨天 08:30", "08-06 14:25"]),
)
def test_width_and_time_form_do_not_touch_the_source(colon: str, time: str) -> None:
    found = read_credits(f"来源{colon}经济日报时间{colon}{time}", REFERENCE)
    assert found.source == "经济日报"
    assert found.published is not None
    assert found.is_time_labelled


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("张三、李四", ["张三", "李四"]),
        ("张 三", ["张三"]),
        ("张 三 李 四", ["张三", "李四"]),
        ("张 三、李小四", ["张三", "李小四"]),
        ("河口报记者 余小菁 向小妮", ["余小菁", "向小妮"]),
        ("记者 张三 通讯员 李四", ["张三", "李四"]),
        ("阿布都拉·买买提", ["阿布都拉·买买提"]),
        ("未知", []),
        ("", []),
    ],
)
def test_split_names(text: str, names: list[str]) -> None:
    assert split_names(text) == names


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("采写：河口都市报见习记者 林小沛", ["林小沛"]),
        ("河口报记者 陆小夫", ["陆小夫"]),
        ("河口新闻记者 段小超 廖小艳", ["段小超", "廖小艳"]),
        ("文/张三 图/李四", ["张三"]),
        ("文 | 张三", ["张三"]),
        ("【文/河口网 张三】", ["张三"]),
        ("（记者 王小明）", ["王小明"]),
        ("记者陈小凱／台北報導", ["陈小凱"]),
        ("河口报记者 陆小夫 编辑 王芳 校对 赵强", ["陆小夫"]),
        ("〔河口時報記者張三／台北報導〕", ["張三"]),
        ("文/图 河口报记者 张三", ["张三"]),
        ("图文：张三", ["张三"]),
        ("文｜张三 编辑｜李四", ["张三"]),
        ("文／王小明 圖／李大同", ["王小明"]),
        ("圖／李大同", []),
        ("图文电视停播", []),
        ("作者：未知 责任编辑：棒棒", []),
        ("记者从镇上了解到", []),
        ("摄影：张三", []),
        ("□快报记者 张三", ["张三"]),
        ("■ 本报记者 张三 李四", ["张三", "李四"]),
        ("21世纪河口报道记者 张三 河口报道", ["张三"]),
        ("作者：张三（河口大学教授）", ["张三"]),
        ("□渡口恢复通航", []),
    ],
)
def test_own_line_authors(line: str, names: list[str]) -> None:
    assert own_line_authors(line) == names


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("河口报讯（记者 陆小夫）11月25日，渡口恢复通航。", ["陆小夫"]),
        ("新华社北京8月6日电（记者张三、李四）渡口恢复通航。", ["张三", "李四"]),
        ("渡口恢复通航。（记者 张三 通讯员 李四）", ["张三", "李四"]),
        ("渡口恢复通航。（河口社记者 王五摄）", []),
        ("本报讯（记者白镕清摄影报道）渡口恢复通航。", ["白镕清"]),
        ("本报讯（记者 白镕清 文/图）渡口恢复通航。", ["白镕清"]),
        ("〔記者陳以寧、黃柏翰／東澳報導〕渡口恢復通航。", ["陳以寧", "黃柏翰"]),
        ("〔記者陳以寧／東澳專電〕渡口恢復通航。", ["陳以寧"]),
        ("〔圖：記者黃柏翰攝〕", []),
        ("（中央社記者王小明台北6日電）渡口恢復通航。", ["王小明"]),
        ("（中央社記者王小明河口村6日電）渡口恢復通航。", ["王小明"]),
        ("（应受访者要求，文中王五为化名。）", []),
        ("他对（当时的）记者说，渡口恢复通航。", []),
        ("本报河口8月6日讯 记者 张三 报道：渡口恢复通航。", ["张三"]),
        ("河口8月6日电 记者张三、李四报道，渡口恢复通航。", ["张三", "李四"]),
        ("河口8月6日电 记者报道，渡口恢复通航。", []),
        ("据河口8月6日消息 记者团报道，渡口恢复通航。", []),
    ],
)
def test_inline_authors(line: str, names: list[str]) -> None:
    assert inline_authors(line) == names


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("渡口恢复通航。（张小峰）", ["张小峰"]),
        ("渡口恢复通航。（河口镇发改局）", []),
        ("渡口恢复通航。（完）", []),
        ("（刘通摄）", []),
    ],
)
def test_signature(line: str, names: list[str]) -> None:
    assert signature(line) == names


@given(st.text(alphabet="来源作者记者编辑时间：: 0123456789-|（）张三报网、\n", max_size=80))
def test_any_text_gives_clean_values(text: str) -> None:
    found = read_credits(text, REFERENCE)
    assert found.source is None or found.source.strip()
    assert all(name.strip() for name in found.authors)


# What stands around a label is not a part of it.
LABELS = [re.sub(r"\(\?<?[=!][^()]*\)", "", pattern) for pattern in _LABELS.values()]


@pytest.mark.parametrize("pattern", LABELS)
@given(st.data())
def test_every_label_begins_as_one_may(pattern: str, data: st.DataObject) -> None:
    assert data.draw(st.from_regex(pattern, fullmatch=True))[0] in _LABEL_STARTS


@pytest.mark.parametrize(
    ("text", "authors"),
    [
        ("□记者 崔健 通讯员 宁小溪 2011-11-04 08:00", ["崔健", "宁小溪"]),
        ("作者：李 建 设 来源：河口法院", ["李建设"]),
        ("报道：黄诗涵", ["黄诗涵"]),
        ("相关报道：黄诗涵", []),
        ("报道：新款相机展台亮相", []),
        ("发信人: windmill (风车), 信区: Life", ["windmill"]),
        ("By Li Ming in Hefei | River Daily | Updated: 2019-05-06 09:12", ["Li Ming"]),
    ],
)
def test_authors_of_other_headers(text: str, authors: list[str]) -> None:
    assert read_credits(text, REFERENCE).authors == authors


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("公告日期：2022-04-29", []),
        ("河口网时间：2022-04-29", ["河口网"]),
        ("By Li Ming | River Daily | Updated: 2019-05-06 09:12", ["River Daily"]),
        ("注册：2004-9-12", []),
        ("2021-12-05 19:44 来自 山寨机", []),
    ],
)
def test_words_that_no_label_names(text: str, rest: list[str]) -> None:
    credits = read_credits(text, REFERENCE)
    assert (credits.rest, credits.source) == (rest, None)


def test_day_of_joining_is_not_the_publication() -> None:
    assert read_credits("等级：站友 注册：2004-9-12", REFERENCE).published is None
