"""The text: found in whatever elements it stands, its neighbours left out, nothing of it lost."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsspider.pages.article import ArticlePage
from newsspider.pages.body.body import find_body
from newsspider.pages.body.line_scores import _FILE, _FILE_MARK, is_header
from newsspider.pages.document import Document

FETCHED = datetime(2023, 8, 7, 4, 0, tzinfo=UTC)
TITLE = "河口镇渡口停航三天后恢复通航"
BYLINE = "<div class=info>2023-08-06 10:20 来源：河口日报</div>"
SENTENCES = [
    "河口镇的渡口停了三天，往来的货船都在下游等候，镇上的粮店照常开门。",
    "水利站的值班员说，上游连日降雨，水位一度高出警戒线，昨天夜里才回落。",
    "六日清晨，第一班渡船载着二十多名乘客离岸，码头的小吃摊也支了起来。",
    "船工老周告诉记者，停航的三天里，他和同伴把两条船的缆绳都换了新的。",
]
PROSE = "".join(f"<p>{sentence}</p>" for sentence in SENTENCES)
ROW = "<li><a href='/a/{0}.html'>第{0}号渡口今年的船期公告已经发布</a></li>"
MENU = "<ul class=nav><li><a href='/1/'>社会</a></li><li><a href='/2/'>水运</a></li></ul>"


def page(body: str, *, behind: str = "", before: str = "") -> Document:
    html = (
        f"<html><head><title>{TITLE}_河口网</title></head><body>{MENU}{before}"
        f"<div id=main><h1>{TITLE}</h1>{BYLINE}{body}</div>{behind}</body></html>"
    )
    return Document.from_text(html, "https://hekou.example/2023/0806/1.html", FETCHED)


def paragraphs(body: str, *, behind: str = "", before: str = "") -> list[str]:
    return ArticlePage(page(body, behind=behind, before=before)).text().split("\n")


@pytest.mark.parametrize(
    "body",
    [
        f"<div>{PROSE}</div>",
        PROSE,
        "<div>" + "<br>".join(SENTENCES) + "</div>",
        "<div>" + "<br><br>\u3000\u3000".join(SENTENCES) + "</div>",
        "<br>".join(SENTENCES),
        "".join(f"<div>{sentence}</div>" for sentence in SENTENCES),
        "".join(f"<section><section><span>{sentence}</span></section></section>" for sentence in SENTENCES),
        "<table><tr><td>" + PROSE + "</td></tr></table>",
        "<table>" + "".join(f"<tr><td>{sentence}</td></tr>" for sentence in SENTENCES) + "</table>",
        "<article>" + PROSE + "</article>",
        "<pre>" + "<br>".join(SENTENCES) + "</pre>",
        f"<div><p>{SENTENCES[0]}</p><div><div><p>{SENTENCES[1]}</p></div>{SENTENCES[2]}</div><p>{SENTENCES[3]}</p></div>",
    ],
)  # fmt: skip
def test_body_is_found_in_any_element(body: str) -> None:
    assert paragraphs(body) == SENTENCES


@pytest.mark.parametrize(
    "heading", ["网友评论", "评论(631)", "最新评论 已有9人参与", "精选留言", "网友跟帖", "全部讨论", "Comments (3)"]
)
@pytest.mark.parametrize("times", [4, 40])
def test_body_ends_at_the_heading_of_the_comments(heading: str, times: int) -> None:
    comment = "<div><b>船客{0}</b><i>{0}分钟前</i><p>我那天也在渡口，等了很久，最后还是绕路走的，第{0}次了。</p></div>"
    behind = f"<div><h3>{heading}</h3>{''.join(comment.format(number) for number in range(1, times))}</div>"
    assert paragraphs(PROSE, behind=behind) == SENTENCES


def test_comments_in_an_element_called_so_need_no_heading() -> None:
    comment = "<li><b>船客</b><p>我那天也在渡口，等了很久，最后还是绕路走的，没有办法。</p></li>"
    assert paragraphs(PROSE, behind=f"<ul class=comment-list>{comment * 4}</ul>") == SENTENCES


def test_subhead_that_is_called_like_comments_does_not_end_the_body() -> None:
    body = f"<p>{SENTENCES[0]}</p><p>{SENTENCES[1]}</p><p><b>网友热议</b></p><p>{SENTENCES[2]}</p><p>{SENTENCES[3]}</p>"
    assert SENTENCES[3] in paragraphs(body)


def test_snippets_of_recommended_articles_are_no_text() -> None:
    snippet = (
        "<div><a href='/a/{0}.html'>第{0}号渡口今年的船期公告已经发布</a>"
        "<p>船期公告说，第{0}号渡口今年增开夜班，乘客可以提前一天订票，团体另有安排。</p></div>"
    )
    rows = "".join(snippet.format(number) for number in range(20))
    assert paragraphs(PROSE, behind=f"<div>{rows}</div>") == SENTENCES


def test_flash_news_beside_the_body_is_no_text() -> None:
    flash = "<li><i>10:{0}</i><p>河口快讯：第{0}号渡口今天上午恢复通航，首班船已经离岸，水位继续回落。</p></li>"
    rows = "".join(flash.format(number) for number in range(10, 14))
    assert paragraphs(f"<div>{PROSE * 2}</div>", behind=f"<ul>{rows}</ul>") == SENTENCES * 2


FLASH = "<li><i>10:{0}:07</i><p>河口快讯：第{0}号渡口今天上午恢复通航，首班船已经离岸，水位继续回落。</p></li>"


def test_column_of_flash_news_that_outweighs_the_described_article() -> None:
    flashes = "".join(FLASH.format(number) for number in range(10, 30))
    html = (
        f"<html><head><title>{TITLE}</title><meta name=description content='{SENTENCES[0]}'></head><body>"
        f"<div class=detail><h2>{TITLE}</h2><p>2023-08-06 10:20</p><p>{SENTENCES[0]}</p></div>"
        f"<ul class=side-bar>{flashes}</ul></body></html>"
    )
    document = Document.from_text(html, "https://hekou.example/detail/1", FETCHED)
    assert ArticlePage(document).text() == SENTENCES[0]


def test_ticker_below_a_short_article_is_no_text() -> None:
    flashes = "".join(FLASH.format(number) for number in range(10, 30))
    found = paragraphs(f"<p>{SENTENCES[0] * 2}</p>", behind=f"<div><h3>7×24快讯</h3><ul>{flashes}</ul></div>")
    assert len(found) == 1


def test_flash_news_that_is_the_page_is_its_text() -> None:
    flash = "<p>10:{0}</p><p>河口快讯：第{0}号渡口今天上午恢复通航，首班船已经离岸，水位继续回落。</p>"
    assert len(paragraphs("".join(flash.format(number) for number in range(10, 20)))) >= 10


@pytest.mark.parametrize(
    "disclaimer",
    [
        "版权声明：本网所有内容，未经书面授权，不得转载、摘编，违者必究。",
        "免责声明：本文仅代表作者个人观点，与本网无关，请读者自行核实。",
        "Copyright © 2023 河口网，All Rights Reserved，京ICP备00000000号。",
    ],
)
def test_disclaimer_in_another_element_is_no_text(disclaimer: str) -> None:
    assert paragraphs(f"<div>{PROSE}</div>", behind=f"<div><p>{disclaimer}</p></div>") == SENTENCES


@pytest.mark.parametrize("heading", ["相关阅读", "推荐阅读", "【延伸阅读】"])
def test_related_block_inside_the_body_is_left_out(heading: str) -> None:
    block = f"<div><p>{heading}</p><ul>{ROW.format(2)}{ROW.format(3)}</ul></div>"
    body = f"<div><p>{SENTENCES[0]}</p><p>{SENTENCES[1]}</p>{block}<p>{SENTENCES[2]}</p><p>{SENTENCES[3]}</p></div>"
    assert paragraphs(body) == SENTENCES


@pytest.mark.parametrize("element", ["p", "div"])
def test_text_goes_on_behind_a_related_block_late_in_it(element: str) -> None:
    first = "".join(f"<p>{sentence}</p>" for sentence in [*SENTENCES, *SENTENCES[:3]])
    block = "<dl><dt>延伸阅读</dt>" + "".join(f"<dd>{ROW.format(number)}</dd>" for number in range(3)) + "</dl>"
    rest = SENTENCES[2] + SENTENCES[3]
    found = paragraphs(f"<div>{first}{block}<{element}>{rest}</{element}></div>")
    assert (found[-1] == rest) is (element == "p")


@pytest.mark.parametrize(("style", "count"), [("display:none", 4), ("color:red", 5)])
def test_hidden_summary_in_front_of_the_text_is_no_part_of_it(style: str, count: int) -> None:
    summary = f"<p style='{style}'>本期节目主要内容：河口镇渡口恢复通航，货船陆续离岸。</p>"
    assert len(paragraphs(f"<div>{summary}{PROSE}</div>")) == count


@pytest.mark.parametrize(
    ("caption", "is_kept"),
    [
        ("<div class=image-caption>河口镇渡口的第一班船。（资料照片）</div>", True),
        ("<div class=image-caption><a href='/p/1'>查看河口镇渡口的全部图片</a></div>", False),
        ("<div class=deck>河口镇渡口的第一班船离岸</div>", False),
        ("<div class=pic><p><img src=/p/2.jpg></p><p>河口镇渡口的第一班船。</p></div>", True),
        ("<div class=top><p><img src=/p/2.jpg></p><p>河口镇渡口的第一班船。</p></div>", False),
    ],
)
def test_caption_in_front_of_the_texts_own_element(caption: str, is_kept: bool) -> None:
    body = f"<div class=wrap><div><img src=/p/1.jpg></div>{caption}<div class=text>{PROSE}</div></div>"
    assert (len(paragraphs(body)) == 5) is is_kept


@pytest.mark.parametrize(
    ("line", "is_kept"),
    [
        ("<section aria-labelledby=article-byline>河口网记者 发自渡口</section>", False),
        ("<section aria-labelledby=summary>河口网记者 发自渡口</section>", True),
        ("<time>2023年8月6日</time>", False),
    ],
)
def test_byline_below_the_lead_picture_is_no_text(line: str, is_kept: bool) -> None:
    picture = "<figure><img src=/p/1.jpg><figcaption>河口镇渡口的第一班船。</figcaption></figure>"
    assert (len(paragraphs(f"<div>{picture}{line}{PROSE}</div>")) == 6) is is_kept


def test_linked_words_inside_a_sentence_are_kept() -> None:
    linked = "据<a href='/a/9.html'>河口日报此前的报道</a>，渡口每年汛期都会停航，今年比往年早了十天。"
    assert paragraphs(f"{PROSE}<p>{linked}</p>")[-1].startswith("据河口日报此前的报道，")


def test_summary_under_its_label_is_no_text() -> None:
    summary = "渡口停航三天后恢复，货船等候，粮店照常开门，水位已经回落，乘客离岸。"
    assert paragraphs(f"<div><p>AI摘要</p><p>{summary}</p></div><div>{PROSE}</div>") == SENTENCES


@pytest.mark.parametrize("label", ["文章摘要<em>AI</em>", "核心提示："])
def test_whole_box_under_the_label_of_a_summary_is_no_text(label: str) -> None:
    summary = "渡口停航三天后恢复，货船等候，粮店照常开门，水位已经回落，乘客离岸。"
    box = f"<div><div>{label}</div><div>{summary}</div><ul><li>• 渡口恢复通航</li><li>• 粮店照常开门</li></ul></div>"
    assert paragraphs(f"<div>{box}<div>{PROSE}</div></div>") == SENTENCES


def test_text_in_one_box_with_the_label_of_a_summary_stays() -> None:
    summary = "渡口停航三天后恢复，货船等候，粮店照常开门，水位已经回落，乘客离岸。"
    assert paragraphs(f"<div><p>导读</p><p>{summary}</p>{PROSE}</div>") == SENTENCES


def test_summary_word_inside_a_sentence_labels_nothing() -> None:
    sentence = "内容摘要写在公告的第一页，第二页是船期，乘客可以在码头领取。"
    assert paragraphs(f"<p>{sentence}</p>{PROSE}") == [sentence, *SENTENCES]


def test_lead_in_front_of_the_body_is_a_part_of_it() -> None:
    lead = "停航三天的河口渡口今天清晨恢复通航，首班渡船准点离岸，两岸居民的出行恢复如常，货船也陆续起锚。"
    assert paragraphs(f"<div class=lead><p>{lead}</p></div><div class=content>{PROSE}</div>") == [lead, *SENTENCES]


def test_lead_that_the_body_repeats_is_left_out() -> None:
    lead = f"{SENTENCES[0]}"
    assert paragraphs(f"<div class=lead><p>{lead}</p></div><div class=content>{PROSE}</div>") == SENTENCES


def test_rest_behind_a_button_is_a_part_of_the_body() -> None:
    hidden = "".join(f"<p>{sentence}</p>" for sentence in SENTENCES[2:])
    body = f"<p>{SENTENCES[0]}</p><p>{SENTENCES[1]}</p><div style='display:none'>{hidden}</div><a href='#'>展开全文</a>"
    assert [line for line in paragraphs(f"<div>{body}</div>") if line != "展开全文"] == SENTENCES


def test_one_sentence_is_a_body() -> None:
    assert paragraphs(f"<p>{SENTENCES[0]}</p>", behind=f"<ul>{ROW.format(2) * 5}</ul>") == SENTENCES[:1]


def test_page_without_sentences_has_no_body() -> None:
    rows = "".join(ROW.format(number) for number in range(9))
    document = Document.from_text(f"<html><body>{MENU}<ul>{rows}</ul></body></html>", "https://hekou.example/", FETCHED)
    assert find_body(document) is None


def test_repeated_paragraph_is_kept() -> None:
    assert paragraphs(f"{PROSE}<p>{SENTENCES[0]}</p>") == [*SENTENCES, SENTENCES[0]]


@pytest.mark.parametrize(
    ("element", "texts"),
    [
        ("<ul><li>船票五元</li><li>儿童半价</li></ul>", ["船票五元", "儿童半价"]),
        ("<ol><li>先购票</li><li>后上船</li></ol>", ["先购票", "后上船"]),
        ("<blockquote>渡口是镇子的门。</blockquote>", ["渡口是镇子的门。"]),
        ("<table><tr><th>班次</th><th>时刻</th></tr><tr><td>首班</td><td>六点</td></tr></table>",
            ["班次 时刻", "首班 六点"]),
        ("<h2>夜里的水位</h2>", ["夜里的水位"]),
        ("<p><strong>恢复通航</strong></p>", ["恢复通航"]),
    ],
)  # fmt: skip
def test_short_lines_between_sentences_are_kept(element: str, texts: list[str]) -> None:
    body = f"<div><p>{SENTENCES[0]}</p><p>{SENTENCES[1]}</p>{element}<p>{SENTENCES[2]}</p><p>{SENTENCES[3]}</p></div>"
    assert paragraphs(body) == [*SENTENCES[:2], *texts, *SENTENCES[2:]]


@pytest.mark.parametrize("credit", ["责任编辑：何玉", "（责编：何玉）", "【責任編輯：何玉】"])
def test_credit_of_the_editor_ends_the_body(credit: str) -> None:
    behind = "本站提醒您，网上购票请认准码头的公众号，谨防假冒，如有疑问请致电码头。"
    text = paragraphs(f"<div>{PROSE}<p>{credit}</p><p>{behind}</p></div>")
    assert text[:4] == SENTENCES
    assert behind not in text


def test_sentence_about_an_editor_does_not_end_the_body() -> None:
    sentence = "县志的责任编辑何玉说，渡口的历史可以追溯到两百年前，最早只有一条木船。"
    assert paragraphs(f"<div>{PROSE}<p>{sentence}</p></div>")[-1] == sentence


def test_second_column_is_no_text() -> None:
    column = f"<div class=right><h3>热点排行</h3><ul>{''.join(ROW.format(number) for number in range(30))}</ul></div>"
    assert paragraphs(f"<div>{PROSE}</div>", behind=column) == SENTENCES
    assert paragraphs(f"<div>{PROSE}</div>", before=column) == SENTENCES


def test_two_paragraphs_between_links_are_text_and_three_teasers_are_not() -> None:
    link = "<p><a href='/app/{0}'>下载河口客户端看第{0}场直播抽奖</a></p>"
    parted = "".join(f"<p>{sentence}</p>" + link.format(n) for n, sentence in enumerate(SENTENCES[:3]))
    assert paragraphs(f"<div>{parted}<p>{SENTENCES[3]}</p></div>") == SENTENCES
    teasers = "".join(
        f"<h3><a href='/b/{n}.html'>另一条渡口的新闻标题{n}</a></h3><p>{s}</p>" for n, s in enumerate(SENTENCES)
    )
    assert paragraphs(f"<div>{PROSE}</div>", behind=f"<div class=news>{teasers}</div>") == SENTENCES


@pytest.mark.parametrize(
    ("line", "is_kept"),
    [
        ("<p>附件：<a href='/f/1.pdf'>渡口停航通告全文</a></p>", True),
        ("<p><a href='/f/2.docx?v=1'>2．船期调整表</a></p>", True),
        ("<p>论文链接：<a href='https://doi.example/1'>https://doi.example/1</a></p>", True),
        ("<p><a href='/a/2.html'>渡口停航通告发布以后</a></p>", False),
        ("<p>视频链接：<a href='https://v.example/1'>https://v.example/1</a></p>", False),
    ],
)
def test_link_to_a_document_is_text_and_one_to_a_page_is_not(line: str, is_kept: bool) -> None:
    assert (len(paragraphs(f"<div>{PROSE}{line}<p>河口镇政府</p></div>")) > 5) is is_kept


@pytest.mark.parametrize(
    ("header", "is_text"),
    [
        ("<p>日期：2023-08-06 来源：转自公众号“河口旧事” 作者：柳青 摄影：老周【字号：大 中 小】</p>", False),
        ("<p>文 / 顾念　图 / 林弋　2023年8月6日</p>", False),
        ("<p>【文/河口网专栏作者 顾念】</p>", True),
        ("<p>河口镇的来源，要从三百年前的一个渡口说起，那时这里还没有名字。</p>", True),
    ],
)
def test_line_of_labels_above_the_text_is_its_header(header: str, is_text: bool) -> None:
    assert (len(paragraphs(f"<div class=content>{header}{PROSE}</div>")) == 5) is is_text


@pytest.mark.parametrize(("heading", "is_text"), [("关于我们", False), ("关于我们的渡口", True)])
def test_what_a_site_says_of_itself_is_no_text(heading: str, is_text: bool) -> None:
    about = f"<p>{SENTENCES[0] * 2}</p><p>{SENTENCES[1] * 2}</p><h4>最新消息</h4>"
    html = f"<h1>{TITLE}</h1>{BYLINE}<div>{SENTENCES[2]}</div><div><h4>{heading}</h4>{about}</div>"
    document = Document.from_text(f"<title>{TITLE}</title>{html}", "https://hekou.example/1.html", FETCHED)
    assert (SENTENCES[0] in ArticlePage(document).text()) is is_text


def test_parts_around_a_box_are_one_text() -> None:
    box = "<div class=box><div>推荐阅读</div><a href='/b/1'>一条推荐的新闻标题在这里</a><em>2023.05.02</em></div>"
    half = "<div class=part>" + "".join(f"<p>{sentence}</p>" for sentence in SENTENCES[:2]) + "</div>"
    rest = "<div class=part>" + "".join(f"<p>{sentence}</p>" for sentence in SENTENCES[2:]) + "</div>"
    assert paragraphs(f"<main>{half}{box}{rest}</main>") == SENTENCES


@given(st.from_regex(_FILE, fullmatch=True))
def test_every_address_of_a_file_has_the_mark_that_is_looked_for_first(raw: str) -> None:
    assert _FILE_MARK.search(raw)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2023-08-06 14:25", True),
        ("2023年8月6日 来源：河口日报", True),
        ("来源：河口日报 作者：李明", True),
        ("14:25 14:25", False),
        ("2023年的来客", False),
        ("14:25的船。来源不明", False),
    ],
)
def test_header_is_two_different_marks(text: str, *, expected: bool) -> None:
    assert is_header(text) is expected
