"""Is a page an article at all? A kind, with the reasons for it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from newsspider.pages.article.body import Body
from newsspider.pages.article.line_scores import PROSE_WEIGHT, is_link_line
from newsspider.pages.document import Document
from newsspider.pages.listing.shell import is_shell
from newsspider.pages.markup.hints import SIDE_CONTENT
from newsspider.text import squeeze
from newsspider.urls import article_likelihood

TINY_BODY: Final = 30
SHORT_BODY: Final = 60
LONG_BODY: Final = 200
HEADLINE: Final = 9
MANY_HEADLINES: Final = 8
MANY_BETWEEN: Final = 4
FEW_HEADLINES: Final = 3
LEAST_SCORE: Final = 0.3
_ERROR: Final = re.compile(
    r"(?:^|\W)(?:404|410)(?:\W|$)|not found|页面(?:不存在|没有找到|已删除|走丢|未找到|找不到|无法访问|丢失)|頁面不存在"
    r"|找不到(?:该|您|相关)?(?:页面|網頁|网页|内容|文章)"
    r"|(?:文章|内容|内容页|新闻|信息|稿件|网页|页面|帖子|您访问的\S{0,8}|您查看的\S{0,8})(?:已经|已|可能已|不存在或已)?(?:被)?(?:不存在|删除|刪除|下线|撤销|失效|过期|移除|被移动)"
    r"|该(?:内容|文章|信息|新闻)(?:已|不)|访问的页面|出错了|參數錯誤|参数错误",
    re.IGNORECASE,
)
_LOGIN: Final = re.compile(r"(?:请|請)(?:先|您)?(?:登录|登入|登錄)|扫码登录|登录/注册后")
# Said in place of the text, not beside the comment box.
_PAY_WALL: Final = re.compile(
    r"登录后(?:才能|即可|可|继续)?(?:查看|阅读|浏览|访问|观看)|(?:会员|會員|订阅用户|付费用户|订阅后?)(?:专享|專享|可见|才能|可阅读)"
    r"|(?:付费|订阅|開通|开通)(?:会员|會員)?(?:后|即可)(?:阅读|查看|閱讀)|(?:试读|剩余)\s?\d{1,3}\s?%|开通会员[，,]|登[录入錄]後(?:繼續)?閱讀"
)
_TOPIC: Final = re.compile(r"专题|專題|特别报道|special|/zt/|/zhuanti/|/topics?/", re.IGNORECASE)
_VIDEO_PATH: Final = re.compile(r"/(?:video|v|tv|live|shipin|spxw)/", re.IGNORECASE)
_GALLERY_PATH: Final = re.compile(
    r"/(?:photo|photos|slide|gallery|tupian|tuji|pic|picture|hd)s?/|slide_", re.IGNORECASE
)
_DATELINE: Final = re.compile(
    r"[【\[(（\s]{0,3}(?:新华社|新華社|本报|本報|中新|中国|据|據|[㐀-鿿]{2,8}(?:网|網|社|报|報|讯|訊|日电|日電|消息|记者|記者))"
)


@dataclass(slots=True)
class PageKind:
    """`kind` is article, listing, topic, gallery, video, login, error, shell or empty; `score` (-1 to 1) is for an
    article.
    """

    kind: str
    score: float = 0.0
    reasons: list[str] = field(default_factory=list)


def verdict(
    document: Document, title: str, text: str, body: Body | None, image_count: int, *, is_dated: bool
) -> PageKind:
    """Return what the page is, from its title, its extracted text, and what else stands on it."""
    size = len(text)
    lines = document.lines
    if lines and (found := _unavailable(document, title, text)):
        return found
    if size < LONG_BODY and is_shell(document):
        return PageKind("shell", -1.0, ["nothing to read until its scripts have run"])
    if not lines:
        return PageKind("empty", -1.0, ["no text"])
    if special := _special(document, title, text, image_count):
        return special
    headlines, prose = _counts(document)
    score, reasons = _score(document, title, text, (headlines, prose), is_dated=is_dated)
    between = _headlines_between(document, body)
    if between >= MANY_BETWEEN:
        score -= 0.8
        reasons.append(f"{between} headlines between the sentences")
    if score >= LEAST_SCORE and size >= 10:
        return PageKind("article", min(score, 1.0), reasons)
    if headlines < FEW_HEADLINES:
        if size < SHORT_BODY and not title:
            return PageKind("empty", score, reasons)
        if size >= SHORT_BODY // 2 and score >= 0.0 and title:
            return PageKind("article", score, reasons)
    kind = "topic" if _TOPIC.search(f"{document.url} {document.title_tag}") else "listing"
    return PageKind(kind, score, reasons)


def _score(
    document: Document, title: str, text: str, counts: tuple[int, int], *, is_dated: bool
) -> tuple[float, list[str]]:
    """Return (score, reasons) for the page being an article; weights set by hand on recorded and written pages."""
    headlines, prose = counts
    size = len(text)
    sentences = sum(text.count(mark) for mark in "。！？!?")
    likelihood = article_likelihood(document.url)
    is_called = len(title) >= HEADLINE and title in (document.title_tag or "")
    # A dated text under the headline that the page is called after may well be shorter than what surrounds it.
    doubt = 0.3 if is_called and is_dated and (sentences or "，" in text) and size >= TINY_BODY else 1.0
    score, reasons = 0.0, []
    for weight, is_so, reason in (
        (0.5, size >= LONG_BODY, f"text of {size} characters"),
        (0.25, SHORT_BODY <= size < LONG_BODY, f"text of {size} characters"),
        (-0.5, size < TINY_BODY, f"only {size} characters of text"),
        (-0.1, TINY_BODY <= size < SHORT_BODY, f"only {size} characters of text"),
        (0.2, sentences >= 2, f"{sentences} sentences"),
        (0.2, is_dated, "a time of publication"),
        (0.2, bool(title), "a headline"),
        (0.2, is_called, "the page is called after its headline"),
        (0.15, _DATELINE.match(text) is not None, "a dateline"),
        (0.25, likelihood >= 0.6, "an article's address"),
        (-0.2 * doubt, likelihood <= 0.1, "a listing's address"),
        (
            -0.4 * doubt,
            headlines >= MANY_HEADLINES and headlines * 22 > 2 * size,
            f"{headlines} headlines beside the text",
        ),
        (-0.3 * doubt, prose > 3 * size > 0, "most sentences stand outside the text"),
    ):
        if is_so:
            score += weight
            reasons.append(reason)
    return score, reasons


def _unavailable(document: Document, title: str, text: str) -> PageKind | None:
    """Return the verdict of a page that says it has nothing to show: soft 404, login or pay wall."""
    size = len(text)
    if size >= 2 * LONG_BODY:
        return None
    shown = " ".join(
        line.text for line in document.lines[:60] if not line.hints & SIDE_CONTENT and len(line.text) <= 80
    )
    heading = f"{document.title_tag or ''} {title}"
    if size < LONG_BODY and (found := _ERROR.search(heading) or (size < SHORT_BODY and _ERROR.search(shown[:600]))):
        return PageKind("error", -1.0, [f"it says {squeeze(found[0])!r}"])
    if size < SHORT_BODY * 2:
        found = _LOGIN.search(shown) or _LOGIN.search(text)
        if found and (size < SHORT_BODY or any(tag.get("type") == "password" for tag in document.source.tags("input"))):
            return PageKind("login", -1.0, [f"it says {squeeze(found[0])!r}"])
    if found := _PAY_WALL.search(text):
        sentences = [line for line in text.split("\n") if "。" in line and not _PAY_WALL.search(line)]
        if sum(map(len, sentences)) < 2 * SHORT_BODY:
            return PageKind("login", -1.0, [f"it says {squeeze(found[0])!r}"])
    return None


def _special(document: Document, title: str, text: str, image_count: int) -> PageKind | None:
    """Return the verdict of a video or gallery: its own elements or address, and hardly any text."""
    size = len(text)
    path = urlsplit(document.url).path
    if size < 2 * SHORT_BODY and title:
        kind = (document.meta.get("og:type") or "").lower()
        has_player = next(document.source.tags("video", "embed", "object"), None) is not None
        if kind.startswith("video") or (has_player and size < SHORT_BODY) or (_VIDEO_PATH.search(path) and has_player):
            return PageKind("video", -0.5, ["a player and hardly any text"])
    if image_count >= 4 and size < 35 * image_count:
        return PageKind("gallery", -0.3, [f"{image_count} pictures and {size} characters"])
    if _GALLERY_PATH.search(path) and image_count >= 2 and size < LONG_BODY:
        return PageKind("gallery", -0.3, [f"a gallery's address, {image_count} pictures and {size} characters"])
    return None


def _headlines_between(document: Document, body: Body | None) -> int:
    """Return how many linked headlines stand in the text's range, 0 where sentences prevail by far."""
    if body is None:
        return 0
    inside = document.lines[body.first : body.last + 1]
    headlines = sum(len(line.text) >= HEADLINE - 3 and line.linked > 0 and is_link_line(line) for line in inside)
    sentences = sum(body.weights[line.index] >= PROSE_WEIGHT for line in inside)
    return headlines if headlines * 2 >= sentences else 0


def _counts(document: Document) -> tuple[int, int]:
    """Return (headline links outside navigation, characters of sentences outside links)."""
    headlines = prose = 0
    for line in document.lines:
        if line.hints & SIDE_CONTENT:
            continue
        if line.anchors:
            if line.linked >= HEADLINE:
                headlines += sum([end - start >= HEADLINE for _, start, end in line.anchors])
        elif len(line.text) >= 30 and ("。" in line.text or "，" in line.text):
            prose += len(line.text)
    return headlines, prose
