"""What a page leaves open costs at most the element that it stands in, and no page takes long to parse."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest

from newsspider.pages.document import Document
from newsspider.pages.markup.repair import bounded, mended

FETCHED = datetime(2023, 8, 7, 4, 0, tzinfo=UTC)
FIRST, SECOND, THIRD = "渡口停航三天。", "货船在下游等候。", "粮店照常开门。"


def texts(markup: str) -> list[str]:
    return [line.text for line in Document.from_text(markup, "https://hekou.example/a/1.html", FETCHED).lines]


@pytest.mark.parametrize(
    "slip",
    [
        '<script src="/a.js" "></script>',
        "<script src='/a.js''></script>",
        '<style media="all""></style>',
        "<iframe src='/share?title=渡口'停航''></iframe>",
        '<iframe src="/share?title="渡口">停航"" width=1></iframe>',
        "<img src='/1.jpg' alt='渡口>",
        '<img src="/1.jpg" alt="渡口>',
        '<a name="top>',
        '<input value="3 > 2" placeholder="检索>',
        "<!-- 广告位开始",
        "<!-- 广告位开始 -- >",
        "<!-- 广告位开始 ->",
        "<!-- 广告位开始 –>",
        "<!-- 广告位 --!>",
        "<!-->",
        "<style>p { color: red }",
        "<textarea>写下评论",
        "<title>渡口",
        "<noscript><img src='/1.gif'>",
        "<object data='/1.swf'><param name=a>",
        "<template><i>模板</i>",
        "<iframe src=/1.html>",
        "<svg><path d='M0'>",
        '<?php echo "渡口" ?>',
        "<![endif]-->",
        "<script><!-- document.write('<script></script>') //--></script>",
        f"<script data-a='{'停航' * 5_000}'></script>",
        f"<div data-a='{'<b>停航</b>' * 200}'></div>",
    ],
)
@pytest.mark.parametrize(
    "rest", ["<p>{0}</p><p class='a'>{1}</p>", '<p class="a">{0}</p><!-- 页脚 --><p id="b">{1}</p>']
)
def test_slip_costs_at_most_the_element_around_it(slip: str, rest: str) -> None:
    page = f"<body><p>{FIRST}</p><div>{slip}</div>{rest.format(SECOND, THIRD)}</body></html>"
    found = texts(page)
    assert [line for line in found if line in (FIRST, SECOND, THIRD)] == [FIRST, SECOND, THIRD]
    assert not any("停航" in line for line in found[1:-2] if line != SECOND)


@pytest.mark.parametrize(
    "markup",
    [
        "<p>渡口</p><!-- <div><p>旧闻</p><!-- 里面 --></div>",
        "<p>渡口</p><!-- 旧闻 <p>一</p> -->",
        "<p>渡口</p><script>if (a < b && c > d) e = '<!--';</script>",
        "<p title='<b>一</b> > 二'>渡口</p>",
        "<p title='一 > 二'class='b'>渡口</p>",
    ],
)
def test_markup_without_a_slip_stays_as_it_is(markup: str) -> None:
    assert mended(markup) == markup


@pytest.mark.parametrize("end", [-1, -9, -20, -40, -60])
def test_page_that_is_cut_keeps_what_came_before(end: int) -> None:
    page = (
        f"<p>{FIRST}</p><p>{SECOND}</p><!-- 一段注释 --><img alt='渡口' src='/1.jpg'><script>a('<p>停航</p>')</script>"
    )
    assert texts(page[:end])[:2] == [FIRST, SECOND]


@pytest.mark.parametrize(
    "page",
    [
        "<div>" * 100_000,
        "<ul><li>" * 50_000,
        "<span>" * 50_000 + "<p>渡口" * 2_000,
        "".join(f"<p><font size={size}>渡口" for size in range(20_000)),
        "<a " + " ".join(f"a{number}=1" for number in range(100_000)) + ">",
        "<p>" + "<span style='display:none'>渡" * 20_000,
        "<!-- a <!-- b </div> -->" * 20_000,
        '<a b="><p>渡口</p>' * 20_000,
        "<script><!--<script>" * 20_000,
        "<style>" + "/*" * 50_000 + "</style>",
        "<style>" + ".a{" * 50_000 + "</style>",
        "<table><tr><td>一<td>二" * 10_000,
        "\0" * 500_000 + "<p>渡\0口</p>",
    ],
    ids=["divs", "items", "spans", "fonts", "attributes", "hidden", "comments", "quotes", "scripts", "css", "rules",
        "tables", "NUL"],
)  # fmt: skip
def test_hostile_markup_is_read_in_time(page: str) -> None:
    start = time.process_time()
    assert isinstance(texts(page), list)
    assert time.process_time() - start < 5.0


def test_nothing_but_tags_is_taken_from_a_deep_page() -> None:
    page = "<div>渡口" * 20_000
    kept = bounded(page.encode()).decode()
    assert kept.replace("<div>", "") == "渡口" * 20_000
    assert kept.count("<div>") == 500


def test_attributes_beyond_the_first_thousand_are_text() -> None:
    names = " ".join(f"a{number}=1" for number in range(3_000))
    kept = bounded(f"<p {names}>渡口</p>".encode()).decode()
    assert kept == f"<p {names}>渡口</p>".replace(" a1000=", "> a1000=")
