"""A page that stands in place of an article is doubted; articles under odd links are not."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from newsspider.crawl.site_knowledge.usual_pages import Reading, UsualPages, elements_of, fit_of
from newsspider.pages.document import Document

FRAME = frozenset({"div nav", "div content", "div crumbs", "div foot", "ul menu"})
GATE = frozenset({"body", "p"})
STORY = "鹿川图书馆从本周起延长开放时间，自习区每晚开到十点，读者凭身份证即可办理借阅，周末另设亲子朗读角。"
MESSAGE = "为保障阅读环境，本页会在数秒之内自动进入，过程中无需任何操作。编号 7f3a-{number}，如未进入请联系站点管理员。"


def story(number: int, **fields: object) -> Reading:
    given = {"headline": f"鹿川图书馆第{number}次延长开放时间", "title": f"鹿川图书馆第{number}次延长开放时间"}
    return Reading(**{"key": f"a/{number}", "text": f"{STORY}第{number}篇", "elements": FRAME} | given | fields)


def gate(number: int, headline: str | None = "鹿川大桥昨日通车") -> Reading:
    return Reading(f"g/{number}", headline, "请稍等片刻", MESSAGE.format(number=number), GATE)


def usual(pages: int = 4) -> UsualPages:
    found = UsualPages()
    for number in range(pages):
        found.believe(story(number))
    return found


def test_articles_under_their_links_are_believed() -> None:
    assert usual().doubt(story(9)) is None
    assert usual(0).doubt(story(9)) is None


def test_first_gate_is_doubted_by_its_link() -> None:
    assert usual(0).doubt(gate(1)) == "misfit"
    assert usual().doubt(gate(1)) == "misfit"


def test_gate_without_a_headline_is_doubted_by_its_elements_and_by_its_repetition() -> None:
    assert usual().doubt(gate(1, None)) == "unlike"
    seen = usual(0)
    assert seen.doubt(gate(1, None)) == "unlike"
    seen.believe(gate(1, None))
    assert seen.doubt(gate(2, None)) == "repeated"


def test_page_without_headline_and_byline_is_unproven_and_doubted_where_the_site_signs_its_pages() -> None:
    own = "图书馆第九次延长开放时间以后，夜里来自习的人多了一倍，馆员轮流值班到十一点。"
    plain = story(9, headline=None, title="图书馆第九次延长开放时间", text=own)
    assert usual(0).doubt(plain) == "unproven"
    assert usual().doubt(plain) is None
    assert usual().doubt(replace(plain, title="请稍等片刻")) == "unlike"
    assert usual().doubt(replace(plain, is_redirected=True)) == "unlike"
    assert usual(0).doubt(story(9, headline=None, has_byline=True)) is None
    signed = UsualPages()
    for number in range(4):
        signed.believe(story(number, has_byline=True))
    assert signed.doubt(plain) == "unlike"


def test_long_page_of_other_elements_is_doubted() -> None:
    assert usual().doubt(Reading("g/1", None, "请稍等片刻", MESSAGE * 12, GATE)) == "unlike"


def test_sites_whose_pages_end_open_are_known() -> None:
    found = UsualPages()
    assert not found.are_open
    for number in range(4):
        found.believe(story(number, is_closed=False))
    assert found.are_open and not usual().are_open


@pytest.mark.parametrize(
    "page",
    [
        story(9, headline="图片新闻", has_byline=True),
        story(9, headline="一图看懂今年的民生实事清单", text=STORY * 30),
        story(9, headline="一图看懂今年的民生实事清单", has_byline=True),
        story(9, headline=None, key="a/9?print=1", has_byline=True),
    ],
    ids=["short link", "long text", "byline", "no link"],
)
def test_articles_under_odd_links_are_believed(page: Reading) -> None:
    assert usual().doubt(page) is None


def test_article_under_a_second_url_is_believed() -> None:
    found = usual()
    found.believe(story(9))
    assert found.doubt(story(9, key="b/9")) is None


def test_fit_counts_what_a_cut_or_reworded_link_shares() -> None:
    assert fit_of("鹿川图书馆延长开放…", "鹿川图书馆延长开放至夜里", STORY) == 1.0
    reworded = fit_of("图书馆自习区晚上开到十点了", "鹿川图书馆延长开放时间", STORY)
    assert reworded is not None and reworded > 0.3
    assert fit_of("通知", "鹿川图书馆", STORY) is None


def test_gates_that_differ_in_numbers_have_one_digest_and_are_not_the_same() -> None:
    assert gate(1).digest == gate(2).digest and gate(1).exact != gate(2).exact


def test_elements_are_named_by_tag_class_and_id() -> None:
    html = "<div id='nav'></div><div class='box a12'><p>一段话。</p></div>"
    found = elements_of(Document.from_text(html, "https://a.example/", datetime(2026, 1, 1, tzinfo=UTC)))
    assert {"div nav", "div box a0", "p"} <= found
