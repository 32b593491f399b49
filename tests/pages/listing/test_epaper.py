"""E-papers: the issue before, the sheets of an issue."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from newsspider.pages.document import Document
from newsspider.pages.listing import ListingPage
from newsspider.pages.listing.epaper import is_issue, previous_issue, sheets

BASE = "https://paper.sample.example/html/2026-11/"
CALENDAR = "".join(f"<td><a href='../{day:02}/node_1.htm'>{day}</a></td>" for day in range(1, 29))
SHEETS = "".join(
    f"<tr><td><a href='./node_{n}.htm'>第0{n}版：要闻</a> <a href='0{n}.pdf'>第0{n}版</a></td></tr>" for n in (1, 2, 3)
)
ISSUE = (
    "<table><tr><td><a href='../24/node_1.htm'>上一期</a> <a href='../26/node_1.htm'>下一期</a></td></tr>"
    f"{SHEETS}<tr>{CALENDAR}</tr></table><p>本日无内容</p>"
)


def document(body: str) -> Document:
    moment = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)
    return Document.from_text(f"<html><body>{body}</body></html>", f"{BASE}25/node_1.htm", moment)


@pytest.mark.parametrize("text", ["上一期", "[上期]", "前一天", "上一日 &gt;"])
def test_the_issue_before_comes_before_calendar_cells(text: str) -> None:
    page = document(ISSUE.replace("上一期", text))
    assert previous_issue(page) == f"{BASE}24/node_1.htm"
    assert ListingPage(page).next_page() == [f"{BASE}24/node_1.htm"]


@pytest.mark.parametrize("text", ["上一篇", "往期回顾", "上一期中奖号码公布"])
def test_other_words_are_no_issue(text: str) -> None:
    assert previous_issue(document(ISSUE.replace("上一期", text))) is None


def test_a_list_with_pages_of_its_own_is_turned_by_them() -> None:
    page = document(ISSUE + "<div><a href='node_1_2.htm'>下一页</a></div>")
    assert previous_issue(page) is None


def test_the_sheets_of_an_issue_are_the_links_of_its_folder() -> None:
    elsewhere = "<a href='../24/node_9.htm'>第09版：副刊</a><a href='content_1.htm'>第9版印错了地址向读者致歉</a>"
    assert sheets(document(ISSUE + elsewhere)) == [f"{BASE}25/node_2.htm", f"{BASE}25/node_3.htm"]


def test_the_sheet_after_is_a_sheet() -> None:
    assert sheets(document("<a href='node_2.htm'>下一版</a>")) == [f"{BASE}25/node_2.htm"]


def test_the_first_issue_of_all_has_sheets_as_well() -> None:
    page = document(ISSUE.replace("<a href='../24/node_1.htm'>上一期</a>", "<a>上一期</a>"))
    assert previous_issue(page) is None
    assert is_issue(page)
    assert ListingPage(page).sheets() == [f"{BASE}25/node_2.htm", f"{BASE}25/node_3.htm"]


def test_a_page_with_an_issue_after_it_but_no_sheets_is_no_issue() -> None:
    assert not is_issue(document("<a href='/2026/27.html'>下一期</a><p>彩票第26期开奖公告</p>"))
