"""Rows that are no links: opened by a script, named in an attribute, drawn from records."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from newsspider.pages.document import Document
from newsspider.pages.listing import ListingPage
from newsspider.pages.listing.unlisted import unlisted_reason

URL = "https://www.luoyuan.example/news/"
NOW = datetime(2026, 5, 3, tzinfo=UTC)
NAMES = ("罗源渔港的冷库五月开门迎客", "山里的旧茶厂改成了少年宫", "县道加宽后头一趟班车准点到站")


def found(html: str) -> list[tuple[str, str]]:
    page = ListingPage(Document.from_text(f"<html><body>{html}</body></html>", URL, NOW))
    return [(entry.url.removeprefix("https://www.luoyuan.example"), entry.title) for entry in page.entries()]


@pytest.mark.parametrize(
    "row",
    [
        "<li><a href=\"javascript:window.open('{url}')\">{name}</a></li>",
        '<li><a href="javascript:void(0)" onclick="show(\'{url}\');return false">{name}</a></li>',
        "<li><a onclick=\"location.href='{url}'\">{name}</a></li>",
        "<li onclick=\"window.location.href='{url}'\"><h4>{name}</h4><span>2026-05-02</span></li>",
        "<p><span onclick='go(\"{url}\")'>{name}</span></p>",
        "<div class=r data-href='{url}'><b>{name}</b></div>",
        "<dl class=r data-url={url}><dt><a href='javascript:;'>{name}</a></dt><dd>2026-05-02</dd></dl>",
        "<table><tr onclick=\"location='{url}'\"><td>1</td><td>{name}</td><td>2026-05-02</td></tr></table>",
        "<li><a href='/go?url={url}'>{name}</a></li>",
    ],
)
def test_a_row_that_a_script_opens_is_an_entry(row):
    rows = "".join(row.format(url=f"/news/2026/0502/{n}.html", name=name) for n, name in enumerate(NAMES, 71))
    expected = [(f"/news/2026/0502/{n}.html", name) for n, name in enumerate(NAMES, 71)]
    assert found(f"<div>{rows}</div>") == expected


def test_plain_links_in_a_row_with_another_url_keep_theirs():
    rows = "".join(
        f"<li data-url='/share/{n}'><a href='/news/2026/0502/{n}.html'>{name}</a></li>"
        for n, name in enumerate(NAMES, 71)
    )
    assert [url for url, title in found(f"<ul>{rows}</ul>") if title] == [
        f"/news/2026/0502/{n}.html" for n in (71, 72, 73)
    ]


def test_code_that_names_no_url_and_lone_attributes_make_no_rows():
    assert (
        found(f"<li onclick=\"detail(71)\">{NAMES[0]}</li><div data-url='/news/2026/0502/72.html'>{NAMES[1]}</div>")
        == []
    )


def test_records_in_a_script_are_rows_and_name_the_next():
    rows = "".join(
        f"<record><![CDATA[<li><a href='/news/2026/0502/{n}.html'>{name}</a></li>]]></record>"
        for n, name in enumerate(NAMES)
    )
    script = f"<datastore><nextgroup><![CDATA[<a href='/rows.do?n=2&amp;u=7'></a>]]></nextgroup>{rows}</datastore>"
    html = f"<html><body><div><script type='text/xml'>{script}</script></div></body></html>"
    page = ListingPage(Document.from_text(html, URL, NOW))
    assert [entry.title for entry in page.entries()] == list(NAMES)
    assert [step.url for step in page.load_more()] == ["https://www.luoyuan.example/rows.do?n=2&u=7"]
    answer = ListingPage.parse_fragment(script.replace("n=2", "n=3").encode(), page.load_more()[0].url, NOW)
    assert [entry.title for entry in answer.entries()] == list(NAMES)
    assert answer.next_page() == ["https://www.luoyuan.example/rows.do?n=3&u=7"]
    assert answer.says_next


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<iframe src='https://rows.example/news/list.html' width=600></iframe>", "frame of rows.example"),
        ("<form><input name=u><input type=password name=p></form>", "login"),
        ("<ul class='news-list'></ul><script>$.post(api(),{k:key()},draw)</script>", "script"),
        ("<p>请到窗口办理。</p>", None),
    ],
)
def test_a_page_without_rows_says_where_they_are(html, expected):
    reason = unlisted_reason(Document.from_text(f"<html><body>{html}</body></html>", URL, NOW))
    assert (reason is None) if expected is None else (expected in str(reason))
