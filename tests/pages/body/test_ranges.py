"""Which range of a page is its text: small invented pages of kinds on which size alone would decide wrongly."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from newsspider.pages.article import ArticlePage
from newsspider.pages.article.explain import reasons
from newsspider.pages.body.body import weighed
from newsspider.pages.body.figures import FIGURES
from newsspider.pages.body.page_sums import PageSums
from newsspider.pages.document import Document

FETCHED = datetime(2024, 5, 6, 4, 0, tzinfo=UTC)
TITLE = "柳湾村旧码头改成阅览室"
FIRST = "柳湾村的旧码头今年春天改成了阅览室，原来堆缆绳的仓房里摆了六排书架，靠窗的位置留给孩子。"
SECOND = "村支书柳长河说，书是县图书馆配的，每季度换一批，钥匙由两户邻居轮流保管。"
THIRD = "阅览室每天开到晚上九点，雨天也不关门。"
TEXT = "".join(f"<p>{sentence}</p>" for sentence in (FIRST, SECOND, THIRD))
BYLINE = "<div class=info>2024-05-05 08:30 来源：柳湾新闻</div>"
REMARK = "我小时候常在那个码头钓鱼，现在改成阅览室也挺好的，就是停车的地方少了一点，希望以后能多画几个车位"


def page(body: str, *, after: str = "", before: str = "", head: str = "") -> ArticlePage:
    html = (
        f"<html><head><title>{TITLE}_柳湾新闻</title>{head}</head><body>{before}<div class=wrap><h1>{TITLE}</h1>"
        f"{BYLINE}<div class=txt>{body}</div></div>{after}</body></html>"
    )
    return ArticlePage(Document.from_text(html, "https://liuwan.example/2024/0505/7.html", FETCHED))


def lines(body: str, *, after: str = "", before: str = "", head: str = "") -> list[str]:
    return page(body, after=after, before=before, head=head).text().split("\n")


def test_comments_without_times_are_known_by_their_reactions() -> None:
    comments = "".join(f"<div>湖边人{number} 江西 {REMARK}。赞{number}</div>" for number in range(14))
    assert lines(TEXT, after=f"<div><h3>评论</h3>{comments}</div>") == [FIRST, SECOND, THIRD]


def test_comments_that_outweigh_the_article_beside_it_in_one_element() -> None:
    comments = "".join(f"<li><b>湖边人{n}</b> <i>{n}天前</i><p>{REMARK}。</p></li>" for n in range(1, 17))
    assert lines(f"<p>{FIRST}</p><h4>网友评论</h4><ul>{comments}</ul>") == [FIRST]


def test_statistics_line_of_a_column_heads_no_comments() -> None:
    column = (
        "<div><div>日志:27</div><div>留言:31</div><div>访问:1213</div><div>2024年5月6日</div><div>5月1日</div></div>"
    )
    assert lines(TEXT, before=column) == [FIRST, SECOND, THIRD]


def test_notice_to_visitors_that_outweighs_a_short_article() -> None:
    notice = (
        "本网站使用 Cookie 来改善服务并记录阅读习惯，继续浏览即表示您同意本站的隐私政策，"
        "您也可以随时在浏览器的设置中关闭它们，"
        "关闭以后部分功能可能无法使用，我们对此表示歉意。"
    )
    assert lines(f"<p>{FIRST}</p>", before=f"<div class=bar><p>{notice}</p></div>") == [FIRST]


def test_signature_and_date_of_a_notice_of_one_paragraph() -> None:
    notice = [FIRST, "特此公告。", "柳湾村村民委员会", "2024年5月5日"]
    assert lines("".join(f"<p>{line}</p>" for line in notice)) == notice


def test_short_last_paragraph_after_one_long_paragraph() -> None:
    long = (FIRST + SECOND) * 4
    assert lines(f"<p>{long}</p><p>{THIRD}</p>") == [long, THIRD]


@pytest.mark.parametrize(
    "box",
    [
        "<div class=q>柳湾港务 8.41 -1.06% 换手率2.3%</div>",
        "<div class=v>视频｜旧码头的阅览室开门了</div>",
        "<div class=f>字级设定：小 中 大</div>",
    ],
)
def test_boxes_between_the_paragraphs_are_no_text(box: str) -> None:
    assert lines(f"<p>{FIRST}</p>{box}<p>{SECOND}</p><p>{THIRD}</p>") == [FIRST, SECOND, THIRD]


@pytest.mark.parametrize(
    "paragraph",
    ["柳湾港务 8.41 -1.06% 换手率2.3%", "视频里，老人把第一本书放上书架。", "换手率降到2.3%，成交额4.1亿元。"],
)
def test_figures_and_words_of_boxes_in_paragraphs_are_text(paragraph: str) -> None:
    assert paragraph in lines(f"<p>{FIRST}</p><p>{paragraph}</p><p>{SECOND}</p><p>{THIRD}</p>")


def test_headline_and_description_are_found_on_the_page() -> None:
    document = page(TEXT, head=f"<meta name=description content='{FIRST}{SECOND}'>").document
    sums = PageSums(document, weighed(document))
    assert sums.headline is not None and document.lines[sums.headline].text == TITLE
    assert {document.lines[index].text for index in sums.described} == {FIRST, SECOND}


def test_every_candidate_has_every_figure_and_the_best_is_explained() -> None:
    found = page(TEXT, after=f"<div><p>{REMARK}。</p><p>{REMARK}。</p></div>")._body
    assert found is not None and len(found.candidates) > 1
    assert {len(one.figures) for one in found.candidates} == {len(FIGURES)}
    assert [one.score for one in found.candidates] == sorted((one.score for one in found.candidates), reverse=True)
    assert all(reason[0] in "+-" and ", the next one's" in reason for reason in reasons(found.candidates))


def test_confidence_is_lower_where_another_text_competes() -> None:
    alone = page(TEXT).confidence()["text"]
    rival = page(f"<p>{FIRST}</p>", after=f"<div>{''.join(f'<p>{REMARK}。</p>' for _ in range(9))}</div>")
    assert 0 < rival.confidence()["text"] < alone <= 1
