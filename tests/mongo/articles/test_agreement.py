"""A stored article is replaced by a page that is still that article."""

from __future__ import annotations

import pytest
from mongo_articles import HOUR, MONDAY, article

from newsspider.mongo.articles.agreement import agrees, is_disputed
from newsspider.mongo.articles.entry import Entry
from newsspider.mongo.articles.updates import MAX_DISPUTED_TEXT, disputed_update

TITLE = "河口镇渡船今起恢复通航"
TEXT = (
    "河口镇的渡船今天早上六点恢复通航，首班船坐了四十二人，比停航前一天还多三人。\n"
    "船工老周说，水位已经退了三米，码头的栏杆也重新刷过漆，老人和孩子上下船都稳当。\n"
    "镇里表示，汛期还没有过去，遇到大雨仍会停航，请乘客留意码头的广播和村里的通知。"
)


@pytest.mark.parametrize(
    ("title", "text"),
    [
        (TITLE, TEXT.replace("四十二", "五十二")),
        ("渡船复航首日客流平稳", TEXT),
        (
            TITLE,
            "晚间消息：渡船首日运送旅客三百一十人次，没有发生险情，海事部门将值守到十月底为止，并加派两艘巡逻艇。" * 3,
        ),
        (TITLE, TEXT.split("\n")[0]),
        ("河口鎮渡船今起恢復通航", TEXT),
        (
            "更正",
            "本文已作更正：首班船应为六点半，此前的报道把时间写错了，特此说明并向读者致歉，全文如下。"
            + "新的全文。" * 30,
        ),
    ],
    ids=["edited", "new headline", "rewritten", "cut", "other script", "corrected"],
)
def test_reading_of_the_same_article_agrees(title: str, text: str) -> None:
    assert agrees({"title": TITLE, "text": TEXT}, {"title": title, "text": text})


@pytest.mark.parametrize(
    ("title", "text"),
    [
        (
            "正在进行安全检查，请稍候",
            "为了保护网站安全，我们需要确认您的浏览器环境正常。本过程会自动完成，请不要关闭本页。" * 3,
        ),
        ("系统繁忙", "数据库连接失败，请稍后再试。"),
        (TITLE, "登录后查看全文"),
        ("山城地铁三号线开通", "三号线今天开通，全长二十一公里，设站十六座，首班车六点十分发出，票价两元起。" * 3),
    ],
    ids=["gate", "outage", "wall under the headline", "another article"],
)
def test_reading_of_something_else_does_not_agree(title: str, text: str) -> None:
    assert not agrees({"title": TITLE, "text": TEXT}, {"title": title, "text": text})


def test_disputed_reading_is_written_beside_the_article_and_changes_nothing_of_it() -> None:
    entry = Entry.of(article(1, text="潮州湾的拖网船昨夜返港。" * 20_000, title="拖网船避风"), MONDAY)
    operation = disputed_update(entry, {"_id": entry.key, "revision": 3})._doc
    assert list(operation) == ["$set"] and list(operation["$set"]) == ["disputed"]
    reading = operation["$set"]["disputed"]
    assert (reading["title"], reading["seen_at"]) == ("拖网船避风", entry.seen_at)
    assert len(reading["text"]) == MAX_DISPUTED_TEXT
    assert "neither its headline nor" in reading["reason"]


def test_dispute_is_settled_by_a_later_visit_that_reads_the_same() -> None:
    other = {"title": "拖网船避风", "text": "台风外围环流昨夜影响沿岸，渔政部门逐船通知返港，今晨所有拖网船均已靠泊。"}
    stored = {"title": TITLE, "text": TEXT}
    assert is_disputed(stored, other, MONDAY)
    once = stored | {"disputed": other | {"seen_at": MONDAY}}
    assert is_disputed(once, other, MONDAY), "the same visit again proves nothing"
    assert not is_disputed(once, other, MONDAY + HOUR)
    third = {"title": "灯会", "text": "元宵灯会今晚开幕，主街到河滩一路挂灯两千盏，晚上八点在码头放河灯。"}
    assert is_disputed(once, third, MONDAY + HOUR)
