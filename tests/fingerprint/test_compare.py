"""Which pairs of articles are one story, and how they are related."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from project import SHARED
from texts import BRIDGE

from newsspider.fingerprint import fingerprint, same_story, unpacked, verify

PAIRS = SHARED / "dedupe" / "pairs.jsonl"


MARGIN = (
    "{name}（{code}）{day}获融资买入{a}万元，占当日买入金额的{b}%，当前融资余额{c}亿元，占流通市值的{d}%，超过历史60%分位水平。\n"
    "融券方面，{name}{day}融券偿还{e}万股，融券卖出{f}股，按当日收盘价计算，卖出金额{g}万元，融券余额{h}万元，低于历史40%分位水平。"
)


RESIGNS = (
    "{firm}今日公告，公司董事会于近日收到{name}提交的书面辞职报告，{name}因个人原因申请辞去公司副总经理职务，辞职后不再担任任何职务。\n"
    "根据有关规定，上述辞职报告自送达董事会之日起生效，不会影响公司相关工作的正常进行，公司将按照法定程序尽快完成补选工作。\n"
    "{name}在任职期间恪尽职守、勤勉尽责，公司及董事会对{name}在任职期间为公司发展所做出的贡献表示衷心感谢。"
)


def test_packed_fingerprint_comes_back() -> None:
    print_ = fingerprint("桥修好了", BRIDGE)
    back = unpacked(print_.packed())
    assert (back.body, back.title, back.body_hash) == (print_.body, print_.title, print_.body_hash)


def test_schemes_are_never_compared() -> None:
    print_ = fingerprint("桥修好了", BRIDGE)
    with pytest.raises(ValueError, match="schemes"):
        verify(print_, unpacked(print_.packed(), scheme=0))


def relation(text: str, title: str = "大桥恢复通车") -> str:
    return verify(fingerprint("大桥恢复通车", BRIDGE), fingerprint(title, text)).relation


def test_traditional_wide_and_reformatted_copy_is_exact() -> None:
    copy = BRIDGE.replace("1.2亿", "120,000,000").replace("，", ",").replace("2026年3月1日", "2026-03-01")
    assert relation(copy.replace("伸缩缝", "伸縮縫").replace("\n", "")) == "exact"


def test_relations() -> None:
    lines = BRIDGE.split("\n")
    assert relation("\n".join(lines[:-1])) == "reprint"
    assert relation("\n".join(lines[:4])) == "truncated"
    assert relation(BRIDGE.replace("38道", "36道")) == "update"
    assert relation("\n".join(reversed("海上生明月天涯共此时情人怨遥夜竟夕起相思" * 9))) == "different"


def test_digest_is_a_quotation() -> None:
    others = "".join(chr(0x4E00 + 7 * n % 5000) for n in range(600))
    assert relation(f"{BRIDGE}\n{others}", title="早间要闻") == "quotes"


def margin(**fields: Any) -> str:
    numbers = dict(zip("abcdefgh", ("3204.55", "12.31", "9.87", "4.02", "1.20", "3400", "5.61", "88.10"), strict=True))
    return MARGIN.format(**{"name": "临河股份", "code": "600999", "day": "5月4日", **numbers, **fields})


def test_next_day_of_a_margin_note_is_another_story() -> None:
    other = margin(day="5月5日", a="2980.10", b="10.07", c="9.91", d="4.04", e="0.80", f="1200", g="2.05", h="86.44")
    assert not same_story("临河股份获融资买入3204.55万元", margin(), "临河股份获融资买入2980.10万元", other)
    assert same_story(
        "临河股份获融资买入3204.55万元", margin(), "临河股份：融资买入3204.55万元", f"{margin()}\n（编辑 王小明）"
    )


def test_same_note_of_another_firm_and_person_is_another_story() -> None:
    first, second = RESIGNS.format(firm="临河股份", name="刘敏斌"), RESIGNS.format(firm="青山电力", name="张伟国")
    assert not same_story("临河股份：刘敏斌辞职", first, "青山电力：张伟国辞职", second)


NOTICE = (
    "{who}{when}公告，公司股东大会审议通过了年度利润分配方案，以实施分配方案时股权登记日的总股本为基数，向全体股东派发现金红利。\n"
    "本次分配不送红股，不以资本公积转增股本，剩余未分配利润结转以后年度，用于主营业务的日常经营和后续发展。\n"
    "独立董事发表了同意的意见，认为方案兼顾了股东的即期利益和长远利益，符合章程的规定和公司的实际情况，没有损害中小股东的利益。\n"
    "公司提醒投资者，方案的实施日期另行通知，具体内容请查阅指定媒体上刊登的文件，咨询可拨打证券部的电话或发送邮件。\n"
    "中介机构对方案的合规性出具了核查意见，认为决策程序合法有效，信息披露真实准确完整，不存在应当说明而没有说明的事项。\n"
    "派息工作由中国结算代理，红利于发放日划入各股东的资金账户，自然人股东和证券投资基金按持股时间的长短适用不同的税率。\n"
    "境外机构投资者由公司代扣代缴所得税，如需享受税收协定的待遇，可以按照规定在取得红利之后自行向主管税务机关提出申请。"
)
PLAN = "年度利润分配方案获股东大会通过"


@pytest.mark.parametrize(
    ("title", "who", "when"),
    [
        ("霁川银行：" + PLAN, "霁川银行（601202）", "3月6日晚间"),
        ("霁川银行：" + PLAN, "霁川银行（601202）", "3月5日晚间"),
        (PLAN, "霁川银行（601202）", "3月6日晚间"),
        (PLAN, "霁川银行（601202）", "3月5日晚间"),
        (PLAN, "霁川银行", "3月6日晚间"),
    ],
)
def test_a_notice_of_another_firm_is_another_story(title: str, who: str, when: str) -> None:
    first = NOTICE.format(who="青山股份（600101）", when="3月5日晚间")
    own_title = title.replace("霁川银行", "青山股份")
    assert not same_story(own_title, first, title, NOTICE.format(who=who, when=when), 1)


@pytest.mark.parametrize(
    "head", ["河州财经网3月6日讯　", "（来源：河州财经）", "记者从青山股份获悉，", "图为公司总部，"]
)
def test_a_notice_reprinted_under_another_head_is_the_same_story(head: str) -> None:
    first = NOTICE.format(who="青山股份（600101）", when="3月5日晚间")
    assert same_story("青山股份：" + PLAN, first, "股东大会通过分红方案", f"{head}{first}", 1)


def test_short_notes_need_the_same_body_and_title() -> None:
    text = "今日沪指高开，三大指数集体走强。"
    assert same_story("沪指高开", text, "沪指高开", text)
    assert not same_story("沪指高开", text, "深成指高开", text)
    assert not same_story("沪指高开", text, "沪指高开", text.replace("走强", "走弱"))


def test_beyond_the_window_only_the_same_body_counts() -> None:
    assert same_story("桥", BRIDGE, "桥", BRIDGE, days_apart=400)
    assert not same_story("桥", BRIDGE, "桥", BRIDGE.replace("一早", "清早"), days_apart=31)


@given(st.text(max_size=300), st.text(max_size=300))
def test_verdict_is_symmetric_and_total(a: str, b: str) -> None:
    first, second = fingerprint("", a), fingerprint("", b)
    assert verify(first, second).is_same_story == verify(second, first).is_same_story
    assert verify(first, first).relation == "exact"


def test_labelled_pairs_meet_the_targets() -> None:
    if not PAIRS.is_file():
        pytest.skip("../shared/dedupe/pairs.jsonl (labelled pairs, kept beside the project) is not here")
    found: dict[tuple[str, str], list[bool]] = defaultdict(list)
    for line in PAIRS.read_text("utf-8").splitlines():
        pair = json.loads(line)
        a, b = fingerprint(pair["title_a"], pair["a"]), fingerprint(pair["title_b"], pair["b"])
        is_candidate = a.body_hash == b.body_hash or bool(set(a.keys) & set(b.keys))
        found[pair["label"], pair["edit_type"]].append(is_candidate and verify(a, b).is_same_story)
    recall = {kind: sum(hits) / len(hits) for (label, kind), hits in found.items() if label == "dup"}
    assert min(recall.values()) >= 0.92
    assert sum(recall.values()) / len(recall) >= 0.985
    right = sum(sum(hits) for (label, _), hits in found.items() if label == "dup")
    wrong = sum(sum(hits) for (label, _), hits in found.items() if label == "not")
    assert right / (right + wrong) >= 0.995
    assert not any(any(hits) for (_, kind), hits in found.items() if kind.startswith("tpl_same") or kind == "tpl")
