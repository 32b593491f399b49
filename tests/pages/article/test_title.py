"""The headline: what headings, title element and metadata agree on, less the names of site and channel."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise

import pytest

from newsspider.pages.article import ArticlePage
from newsspider.pages.article.title import strip_site
from newsspider.pages.document import Document

FETCHED = datetime(2023, 8, 7, 4, 0, tzinfo=UTC)
TITLE = "河口镇渡口停航三天后恢复通航"
PROSE = "<p>河口镇的渡口停了三天，往来的货船都在下游等候，镇上的粮店照常开门。</p>" * 4


def title(head: str, body: str) -> str:
    html = f"<html><head>{head}</head><body>{body}{PROSE}</body></html>"
    return ArticlePage(Document.from_text(html, "https://hekou.example/a/1.html", FETCHED)).title()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"{TITLE}_河口网", TITLE),
        (f"{TITLE}-社会-河口新闻网", TITLE),
        (f"{TITLE} | 河口日报", TITLE),
        (f"{TITLE}——河口在线", TITLE),
        (f"河口网_{TITLE}", TITLE),
        (f"河口网 - {TITLE} - 社会频道", TITLE),
        (TITLE, TITLE),
        ("渡口停航：货船等候-粮店照常开门", "渡口停航：货船等候-粮店照常开门"),
        ("河口日报社论：渡口该修了", "河口日报社论：渡口该修了"),
        (f"河口在线-文化-{TITLE}", TITLE),
        (f"河口在线_社会新闻_{TITLE}", TITLE),
        (f"{TITLE} :: 河口部落 HEKOU ::", TITLE),
        ("文化-让渡口再热闹", "文化-让渡口再热闹"),
    ],
)
def test_name_of_the_site_is_no_part_of_the_title(text: str, expected: str) -> None:
    assert strip_site(text) == expected


def test_name_that_the_head_gives_the_site_is_taken_off() -> None:
    assert strip_site("渡口停航三天_河口百姓生活每日谈", "河口百姓生活每日谈") == "渡口停航三天"
    assert strip_site("渡口停航三天_河口百姓生活每日谈") == "渡口停航三天_河口百姓生活每日谈"


@pytest.mark.parametrize(
    ("head", "body"),
    [
        (f"<title>{TITLE}_河口网</title>", f"<h1>{TITLE}</h1>"),
        (f"<title>{TITLE}_河口网</title>", f"<h1>河口网</h1><h2>{TITLE}</h2>"),
        (f"<title>{TITLE}_河口网</title>", f"<h1><a href='/'>河口网</a></h1><h1>{TITLE}</h1>"),
        (f"<title>{TITLE}_社会_河口网</title>", f"<h1>社会</h1><div class=t>{TITLE}</div>"),
        (f"<title>{TITLE}_河口网</title>", f"<div>{TITLE}</div>"),
        (f"<title>{TITLE}_河口网</title>", "<div>2023-08-06 10:20</div>"),
        ("<title>河口网</title>", f"<h1>{TITLE}</h1>"),
        ("", f"<h1>{TITLE}</h1>"),
        (f"<meta property='og:title' content='{TITLE}'>", ""),
        (f"<meta property='og:title' content='{TITLE}'><title>{TITLE}_河口网</title>", ""),
        (f"<title>{TITLE[:10]}...</title>", f"<h1>{TITLE}</h1>"),
        (f"<title>{TITLE}_河口网</title>", f"<h1>{TITLE}</h1><h2>相关阅读</h2>"),
        (f"<title>{TITLE}_河口网</title>", f"<h1>【原创】{TITLE}</h1>"),
        (f"<title>{TITLE}_河口网</title>", f"<h1><i>原创</i>{TITLE}</h1>"),
        ('<script type="application/ld+json">{"headline": "%s"}</script><title>河口网</title>' % TITLE, ""),  # noqa: UP031
    ],
)
def test_title_is_the_headline_alone(head: str, body: str) -> None:
    assert title(head, body) == TITLE


@pytest.mark.parametrize(
    "headline",
    [
        "渡口停航：三天后恢复通航",
        "渡口停航——一个镇子的三天",
        "渡口-县城班车恢复",
        "原创音乐节在渡口开幕",
        "“渡口”停航 | 记者在现场",
        "7·21洪水之后的渡口",
        "《渡口》一书出版",
    ],
)
def test_marks_inside_a_headline_are_kept(headline: str) -> None:
    assert title(f"<title>{headline}_河口网</title>", f"<h1>{headline}</h1>") == headline


def test_headline_in_two_rows_is_one() -> None:
    rows = "<div class=t>河口镇渡口停航三天后<br>首班渡船准点离岸</div>"
    head = "<title>河口镇渡口停航三天后首班渡船准点离岸_河口网</title>"
    assert title(head, rows) == "河口镇渡口停航三天后 首班渡船准点离岸"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("<h1><a href='/'>河口网</a> 〉<a href='/1/'>社会</a> 〉河口镇渡口恢复通航</h1>", "河口镇渡口恢复通航"),
        ("<h1><a href='/a/1.html'>河口镇 > 渡口恢复通航</a></h1>", "河口镇 > 渡口恢复通航"),
        ("<h2>河口镇渡口恢复通航 <span>【18:45】</span></h2>", "河口镇渡口恢复通航"),
        ("<h2>河口镇渡口恢复通航 <span>2023-08-06 18:45 来源：河口网</span></h2>", "河口镇渡口恢复通航"),
        ("<h2>河口镇渡口恢复通航在18:45分</h2>", "河口镇渡口恢复通航在18:45分"),
    ],
)
def test_breadcrumb_and_time_on_its_line_are_no_part_of_the_title(line: str, expected: str) -> None:
    assert title(f"<title>{expected}_河口网</title>", line) == expected


def test_second_row_that_the_head_does_not_name_is_no_part() -> None:
    assert title(f"<title>{TITLE}_河口网</title>", f"<div>{TITLE}<br>货船下游等候</div>") == TITLE


def test_title_of_a_related_article_is_not_the_headline() -> None:
    related = "<div class=related><h2><a href='/a/2.html'>渡口旧闻：十年前的一次停航</a></h2></div>"
    assert title(f"<title>{TITLE}_河口网</title>", f"<h1>{TITLE}</h1>{related}") == TITLE


def test_page_without_any_title_has_none() -> None:
    assert title("", "") == ""


CRUMBS = "<ul><li><a href='/'>首页</a></li><li><a href='/zw/'>政务</a></li><li>正文</li></ul>"
BYLINE = "<p>2023-08-06 10:20　来源：河口日报</p>"


@pytest.mark.parametrize(
    ("head", "body"),
    [
        ("<title>在线访谈</title>", f"<h1>河口镇政府网 在线访谈</h1>{CRUMBS}<p><strong>{TITLE}</strong></p>{BYLINE}"),
        (
            "<title>河口热线--社会新闻</title>",
            f"<div>河口热线</div>{CRUMBS}<font size=5><b>{TITLE}</b></font><br>{BYLINE}",
        ),
        ("<title>打印文章</title>", f"<div>打印文章</div>{CRUMBS}<center><h2>{TITLE}</h2></center>{BYLINE}"),
        (f"<title>{TITLE}_河口镇人民政府</title>", f"<h1>河口镇人民政府</h1><div class=bt>{TITLE}</div>{BYLINE}"),
    ],
)
def test_headline_above_the_byline_beats_the_name_of_the_site(head: str, body: str) -> None:
    assert title(head, body) == TITLE


def test_line_above_the_byline_beats_no_headline_that_the_head_names() -> None:
    kicker = "<p><strong>河口镇水利站八月工作通报</strong></p>"
    assert title(f"<title>{TITLE}_河口网</title>", f"<h1>{TITLE}</h1>{kicker}{BYLINE}") == TITLE


@pytest.mark.parametrize(("size", "is_headline"), [("23px", True), ("14px", False)])
def test_line_set_large_and_bold_is_a_headline_where_the_head_has_none(size: str, is_headline: bool) -> None:
    cell = f"<td><x-row><strong style='font-size:{size}'>{TITLE}</strong></x-row></td>"
    found = title("<title>河口日报电子版</title>", f"<table><tr>{cell}</tr></table>")
    assert (found == TITLE) is is_headline


def test_headline_below_the_byline_is_no_part_of_the_text() -> None:
    header = "<tr><td>作者：李明 来源：河口日报 发布时间：2023-08-06 08:00</td></tr>"
    table = f"<table>{header}<tr><td>{TITLE}</td></tr><tr><td>{PROSE}</td></tr></table>"
    html = f"<html><head><title>{TITLE}_河口网</title></head><body>{table}</body></html>"
    page = ArticlePage(Document.from_text(html, "https://hekou.example/a/1.html", FETCHED))
    assert (page.title(), TITLE in page.text()) == (TITLE, False)


def test_sentence_below_the_byline_that_is_not_called_like_the_page_stays() -> None:
    sentence = "河口镇渡口停航三天，镇上的人说，这在十年里是头一回。"
    html = f"<html><head><title>{TITLE}</title></head><body><h1>{TITLE}</h1><p>{sentence}</p>{PROSE}</body></html>"
    page = ArticlePage(Document.from_text(html, "https://hekou.example/a/1.html", FETCHED))
    assert page.text().startswith(sentence)


@pytest.mark.parametrize("mark", ["(图)", "（组图）"])
def test_mark_of_pictures_that_a_headline_shows_is_a_part_of_it(mark: str) -> None:
    assert title(f"<title>{TITLE}{mark}_河口网</title>", f"<h1>{TITLE}{mark}</h1>") == TITLE + mark


def test_headline_of_a_digital_newspaper_is_told_from_the_lines_around_it() -> None:
    rows = (
        "<founder-introtitle>停了三天的船又开了</founder-introtitle>",
        f"<founder-title>{TITLE}</founder-title>",
        "<founder-subtitle>镇上的粮店照常开门</founder-subtitle>",
        "<founder-author>本报记者 李明</founder-author>",
    )
    table = "".join(f"<tr><td>{row}</td></tr>" for row in rows)
    assert title("<title>河口日报数字报</title>", f"<table>{table}</table>") == TITLE


@pytest.mark.parametrize(
    ("row", "expected"),
    [("<div class=title>本报记者 李明</div>", ""), ("<div class=title>本报记者走进渡口</div>", "本报记者走进渡口")],
)
def test_byline_is_no_headline(row: str, expected: str) -> None:
    assert title("<title>河口日报</title>", f"{row}<div>2023-08-06</div>").replace("河口日报", "") == expected


@pytest.mark.parametrize(
    "headline",
    [
        f"{TITLE}<span class='share'>分享到</span><em>[图]</em>",
        f"<a class='node' href='/node/1'>水运</a> <span>{TITLE}</span>",
        f"{TITLE} <small>船老大说从来没有这么热闹</small>",
        f"主题：{TITLE}",
    ],
)
def test_headline_without_what_its_elements_add(headline: str) -> None:
    assert title(f"<title>{TITLE}_河口网</title>", f"<h1>{headline}</h1>") == TITLE


def test_element_that_the_head_repeats_stays_in_the_headline() -> None:
    assert (
        title(f"<title>{TITLE} 船又开了_河口网</title>", f"<h1>{TITLE} <span>船又开了</span></h1>")
        == f"{TITLE} 船又开了"
    )


@pytest.mark.parametrize("parts", [[4, 8], [3, 6, 10]])
def test_headline_broken_over_blocks_is_put_together(parts: list[int]) -> None:
    cuts = [0, *parts, len(TITLE)]
    rows = [TITLE[start:end] for start, end in pairwise(cuts)]
    body = "".join(f"<p align='center'>{row}</p>" for row in rows)
    assert title(f"<title>{TITLE}__河口县公报</title>", f"<div>{body}</div>").replace(" ", "") == TITLE


@pytest.mark.parametrize("box", ["Blog统计", "随笔分类", "最新评论", "文章档案", "阅读排行榜", "友情链接"])
def test_heading_of_a_box_is_no_headline(box: str) -> None:
    body = f"<div><h3>{box}</h3></div><div class='post_title'><a href='/a/1.html'>{TITLE}</a></div>"
    assert title(f"<title>{TITLE} - 渡口客 - 河口博客</title>", body) == TITLE


def test_description_that_is_the_headline_once_more_finds_it() -> None:
    head = f"<title>河口电视台 新闻网</title><meta property='og:description' content='{TITLE}'>"
    assert title(head, f"<table><tr><td>{TITLE}</td></tr></table>") == TITLE


@pytest.mark.parametrize(
    "head",
    [
        "河口日报--2024年05月06日--第3版--旧码头改成阅览室",
        "河口网-文化-旧码头改成阅览室",
        "河口日报数字报-旧码头改成阅览室",
        "旧码头改成阅览室 | 社会 | 河口新闻网 - 河口在线",
        "旧码头改成阅览室 - 读书会 - 河口社区 - Powered by Discuz!",
    ],
)
def test_site_issue_and_channel_around_a_headline_go(head: str) -> None:
    assert strip_site(head) == "旧码头改成阅览室"
