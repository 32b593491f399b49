"""Cleaning keeps text and HTML in step, records what it takes out, and is safe to repeat."""

from __future__ import annotations

import re
from copy import deepcopy
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scrapy.utils.test import get_crawler

from newsspider.items import Article, Image
from newsspider.pipelines.clean import CleanPipeline, _safe, clean_article, safe_html
from newsspider.pipelines.clean_html import is_plain

FETCHED = datetime(2023, 8, 7, 4, 0, tzinfo=UTC)
PICTURE = "https://img.hekou.example/1.jpg"
PROSE = "河口镇的渡口停了三天，往来的货船都在下游等候，镇上的粮店照常开门。"


def article(lines: list[tuple[str, str]], **changes: object) -> Article:
    values: dict[str, object] = {
        "_id": "hekou.example/a/1",
        "url": "https://hekou.example/a/1",
        "site": "hekou.example",
        "title": "渡口恢复通航",
        "text": "\n".join(text for text, _ in lines),
        "body_html": "\n".join(html for _, html in lines),
        "fetched_at": FETCHED,
    }
    return Article(**(values | changes))  # type: ignore[arg-type]


def paragraph(text: str) -> tuple[str, str]:
    return text, f"<p>{text}</p>"


def test_reference_layout_keeps_its_paragraphs_only() -> None:
    item = clean_article(
        article([paragraph("(资料图)"), paragraph(PROSE), paragraph(PROSE + "完"), paragraph("(文章来源:经济日报)")])
    )
    assert item.text == f"{PROSE}\n{PROSE}完"
    assert item.body_html == f"<p>{PROSE}</p>\n<p>{PROSE}完</p>"
    assert [(removed.rule, removed.text) for removed in item.removed] == [
        ("placeholder", "(资料图)"),
        ("source-trailer", "(文章来源:经济日报)"),
    ]
    assert item.language == "zh-Hans"
    assert item.content_hash


def test_placeholder_becomes_its_pictures_caption_and_the_figure_moves_on() -> None:
    figure = f'<figure><img src="{PICTURE}"></figure>'
    item = article([("（资料图）", f"{figure}<p>（资料图）</p>"), paragraph(PROSE)], images=[Image(PICTURE)])
    clean_article(item)
    assert item.images == [Image(PICTURE, "资料图")]
    assert item.body_html == f"{figure}<p>{PROSE}</p>"


def test_picture_of_a_promotion_goes_with_it() -> None:
    figure = f'<figure><img src="{PICTURE}"></figure>'
    promotion = "长按识别二维码关注我们"
    item = clean_article(
        article([paragraph(PROSE), (promotion, f"{figure}<p>{promotion}</p>")], images=[Image(PICTURE)])
    )
    assert item.images == []
    assert item.body_html == f"<p>{PROSE}</p>"


@pytest.mark.parametrize(
    ("shown", "html"),
    [
        (" (17.42, -0.31, -1.75%)[股吧]", ' <i>(17.42, -0.31, -1.75%)</i><a href="https://x.example/">[股吧]</a>'),
        ("(6.08,0.04,0.66%)", "(6.08,0.04,0.66%)"),
        ("（600000，股吧）", '（<a href="https://x.example/">600000</a>，<a href="https://y.example/">股吧</a>）'),
    ],
)
def test_injected_quotes_leave_the_sentence(shown: str, html: str) -> None:
    item = clean_article(article([(f"云杉股份{shown}上涨。{PROSE}", f"<p>云杉股份{html}上涨。{PROSE}</p>")]))
    assert item.text == f"云杉股份上涨。{PROSE}"
    assert re.sub("<[^>]+>", "", item.body_html) == item.text
    assert [removed.rule for removed in item.removed] == ["stock-quote"]


@pytest.mark.parametrize("kept", ["（同比增长11.4%）", "(3.9%)", "（股吧网友）", "（600000）"])
def test_figures_of_the_text_stay(kept: str) -> None:
    assert clean_article(article([paragraph(f"云杉股份{kept}上涨。{PROSE}")])).text == f"云杉股份{kept}上涨。{PROSE}"


def test_glued_trailer_is_cut_in_both() -> None:
    item = clean_article(
        article(
            [paragraph(PROSE), (PROSE + "（责任编辑：李明）", f"<p><strong>{PROSE}</strong>（责任编辑：李明）</p>")]
        )
    )
    assert item.text == f"{PROSE}\n{PROSE}"
    assert item.body_html == f"<p>{PROSE}</p>\n<p><strong>{PROSE}</strong></p>"


def test_related_links_inside_the_body_go_with_their_heading() -> None:
    link = ("渡口停航三天", '<p><a href="https://hekou.example/a/2">渡口停航三天</a></p>')
    item = clean_article(article([paragraph(PROSE), paragraph("相关阅读："), link, link, paragraph(PROSE)]))
    assert item.text == f"{PROSE}\n{PROSE}"


def test_link_inside_a_sentence_stays() -> None:
    html = f'<p>{PROSE[:4]}<a href="https://hekou.example/a/2">{PROSE[4:]}</a></p>'
    assert clean_article(article([(PROSE, html)])).body_html == html


def test_summary_that_repeats_the_text_goes() -> None:
    item = clean_article(article([paragraph(f"摘要：{PROSE}"), paragraph(PROSE)]))
    assert item.text == PROSE


def test_summary_broken_off_that_the_text_repeats_goes() -> None:
    item = clean_article(article([paragraph(PROSE[:-6]), paragraph(f"河口网讯：{PROSE}"), paragraph("停航三天。")]))
    assert item.text == f"河口网讯：{PROSE}\n停航三天。"


def test_first_paragraph_that_is_printed_twice_stays() -> None:
    lines = [paragraph(PROSE), ("", ""), paragraph(PROSE), paragraph("渡口明天起停航三天，请大家改走河口大桥。")]
    assert clean_article(article(lines)).text.count(PROSE) == 2


@pytest.mark.parametrize(("end", "is_summary"), [("", True), ("...", True), ("镇上另有安排。", False)])
def test_summary_that_runs_lines_together_goes(end: str, is_summary: bool) -> None:
    opening = ["各位乡亲：", "渡口明天起停航三天，请大家改走河口大桥。", PROSE]
    summary = "".join(opening[:2]) + end
    text = clean_article(article([paragraph(line) for line in (summary, *opening)])).text
    assert (text == "\n".join(opening)) is is_summary


def test_first_paragraph_that_ends_or_stands_alone_stays() -> None:
    texts = [PROSE, f"{PROSE[:-1]}；渡口恢复。"]
    assert clean_article(article([paragraph(text) for text in texts])).text == "\n".join(texts)
    assert clean_article(article([paragraph(PROSE[:-1]), paragraph("停航三天。")])).text == f"{PROSE[:-1]}\n停航三天。"


@given(
    st.lists(
        st.sampled_from(
            "<p> </p> <h2> </h2> <ul><li> </li></ul> <strong> </strong> <em> </em> </a> </figure> <figure> <script> <b>"
            " <figure><img\xa0src=%22https://a.example/p?x=1&amp;y=2%22></figure> <a\xa0href=%22http://a.example%22>"
            " <a\xa0href=%22javascript:x()%22> <a\xa0href=%22http://1.2.3%22> <img\xa0src=%22/p%22> &amp; & &lt; &quot;"
            " <blockquote> </blockquote> <u> </u> <!-- --> 渡口 \n".replace("%22", '"').split(" ")
        ),
        max_size=14,
    )
)
def test_plain_html_is_what_the_sanitizer_gives_back(pieces: list[str]) -> None:
    html = "".join(pieces).replace("\xa0", " ")
    assert not is_plain(html) or _safe(html) == html


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ('<figure><img src="https://a.example/1.jpg"></figure><p>渡<strong>口</strong>&amp;</p>\n<h2>渡口</h2>', True),
        ('<ul><li><a href="https://a.example/?x=1&amp;y=2">渡口</a></li></ul>', True),
        ("", True),
        ("<p>渡口", False),
        ("<p>渡口</p><p>渡口</p>", False),
        ("<p onclick='x()'>渡口</p>", False),
        ('<a href="javascript:x()">渡口</a>', False),
        ('<p><a href="http://1.2.3.4.5/">渡口</a></p>', False),
        ("<p>&nbsp;</p>", False),
    ],
)
def test_plain_html(html: str, expected: bool) -> None:
    assert is_plain(html) is expected


def test_html_is_made_safe() -> None:
    html = safe_html(
        '<p onclick="x()">a<script>alert(1)</script><a href="javascript:x">b</a><iframe src="x"></iframe></p>\n<p>c</p>'
    )
    assert html == "<p>a<a>b</a></p>\n<p>c</p>"


def test_control_characters_and_nul_go() -> None:
    item = clean_article(article([paragraph(f"\x00{PROSE}\x07")], title="渡口\x00恢复"))
    assert item.text == PROSE
    assert item.title == "渡口恢复"


def test_html_out_of_step_is_written_anew() -> None:
    item = clean_article(article([paragraph(PROSE), paragraph("甲 < 乙")], body_html="<p>one</p>"))
    assert item.body_html == f"<p>{PROSE}</p>\n<p>甲 &lt; 乙</p>"


def test_future_date_is_set_aside() -> None:
    item = clean_article(
        article([paragraph(PROSE)], published_at=FETCHED + timedelta(days=9), published_raw="2023-08-16")
    )
    assert item.published_at is None
    assert item.removed[0].rule == "future-date"


def test_pipeline_counts_what_it_removes() -> None:
    crawler = get_crawler()
    CleanPipeline.from_crawler(crawler).process_item(article([paragraph(PROSE), paragraph("（责任编辑：李明）")]))
    assert crawler.stats.get_value("clean/removed/editor") == 1


LINES = st.lists(
    st.sampled_from(
        [
            PROSE,
            "（资料图）",
            "（责任编辑：李明）",
            "相关阅读：",
            "",
            "甲乙",
            PROSE + "(来源:甲报)",
            "下一页",
            "2023-08-06 10:00 来源：甲报",
        ]
    ),
    max_size=10,
)


@given(LINES)
def test_cleaning_twice_changes_nothing_and_keeps_step(texts: list[str]) -> None:
    item = clean_article(article([paragraph(text) for text in texts]))
    assert item.text.count("\n") == item.body_html.count("\n")
    again = clean_article(deepcopy(item))
    assert (again.text, again.body_html, again.content_hash) == (item.text, item.body_html, item.content_hash)


def left(*tail: str) -> list[str]:
    """Return the lines that cleaning leaves behind three of prose."""
    prose = (PROSE, "水位回落以后，第一班船坐满了人。", "船老大说，从来没有这么热闹。")
    item = clean_article(article([*map(paragraph, prose), *map(paragraph, tail)]))
    return item.text.split("\n")[3:]


@pytest.mark.parametrize(
    ("tail", "kept"),
    [
        (["（记者 闻舟 编辑 高岸）"], []),
        (["【记者：闻舟 编辑：高岸 校对：江流】"], []),
        (["河口报记者 闻舟 编辑 高岸 校对 江流"], ["河口报记者 闻舟"]),
        (["（记者 闻舟 通讯员 高岸）"], ["（记者 闻舟 通讯员 高岸）"]),
        (["策划：江流", "文字：闻舟", "摄影：高岸", "编辑：江帆", "校对：江浦"], []),
        (["采写：闻舟", "摄影：高岸", "编辑：江帆", "校对：江浦"], ["采写：闻舟"]),
        (["文字：闻舟", "摄影：高岸"], ["文字：闻舟", "摄影：高岸"]),
        (["記者︰闻舟", "編輯︰高岸", "美術︰江流"], ["記者︰闻舟"]),
    ],
)
def test_credits_go_or_stay_whole(tail: list[str], kept: list[str]) -> None:
    assert left(*tail) == kept


def test_bracket_of_credits_behind_a_sentence_goes_whole() -> None:
    assert left(f"{PROSE}（记者 闻舟 编辑 高岸）") == [PROSE]


@pytest.mark.parametrize(
    ("line", "stays"),
    [
        ("即時追蹤全縣船班，立即下載河口App：https://s.example/a1B2", False),
        ("訂閱河口Telegram最新優惠：https://s.example/c3D4", False),
        ("還想看更多新聞嗎？歡迎下載河口新聞APP，現在看新聞還能抽獎，共九百個中獎機會等著你：", False),
        ("■河口報料熱線﹕news@hekou.example/ 5555 0101", False),
        ("镇长说，想看更多船期的居民可以下载河口客户端，也可以到码头的公告栏去看。", True),
        ("居民说，他们下载了时刻表，见 https://s.example/a1B2", True),
    ],
)
def test_calls_to_follow_go_and_prose_about_them_stays(line: str, stays: bool) -> None:
    assert left(line) == ([line] if stays else [])


def test_caption_that_says_what_the_text_says_is_no_summary() -> None:
    caption = "河口镇的渡口停了三天，往来的货船都在下游等候。资料图片"
    item = article(
        [
            (caption, f'<figure><img src="{PICTURE}"></figure><p>{caption}</p>'),
            paragraph(PROSE),
            paragraph(PROSE[::-1]),
        ],
        images=[Image(PICTURE, caption)],
    )
    assert clean_article(item).text.startswith(caption)


def test_rows_of_one_table_become_one_table_in_step_with_the_text() -> None:
    def row(table: int, *cells: str) -> tuple[str, str]:
        inner = "".join(f"<td>{cell}</td>" for cell in cells)
        return " ".join(cells), f'<table data-table="{table}"><tr>{inner}</tr></table>'

    item = clean_article(article([paragraph(PROSE), row(3, "鲫鱼", "8.5"), row(3, "草鱼", "6"), row(7, "白鲢", "3")]))
    assert item.text.split("\n") == [PROSE, "鲫鱼 8.5", "草鱼 6", "白鲢 3"]
    assert item.body_html.split("\n") == [
        f"<p>{PROSE}</p>",
        "<table><tbody><tr><td>鲫鱼</td><td>8.5</td></tr>",
        "<tr><td>草鱼</td><td>6</td></tr></tbody></table>",
        "<table><tbody><tr><td>白鲢</td><td>3</td></tr></tbody></table>",
    ]
    before = deepcopy(item)
    assert clean_article(item) == before
