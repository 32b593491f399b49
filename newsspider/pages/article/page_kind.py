"""Is a page an article at all? A kind, with the reasons for it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from math import exp
from typing import Final
from urllib.parse import urlsplit

from newsspider.pages.article.page_figures import KIND_FIGURES, counts
from newsspider.pages.body.body import Body
from newsspider.pages.document import Document
from newsspider.pages.learned.model import model
from newsspider.pages.listing.shell import is_shell
from newsspider.pages.markup.hints import SIDE_CONTENT
from newsspider.text import squeeze
from newsspider.urls import article_likelihood

SHORT_BODY: Final = 60
LONG_BODY: Final = 200
# a page with fewer links lists nothing
FEWEST_ROWS: Final = 2
FEW_HEADLINES: Final = 3
MODEL: Final = "kind"
LEAST_SCORE: Final = 0.5
# What an address alone says is not learned: most saved pages come without theirs.
URL_SHIFT: Final = 0.5
LIKELY_URL: Final = 0.6
UNLIKELY_URL: Final = 0.1
UNKNOWN_HOST: Final = "file.invalid"
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


@dataclass(slots=True)
class PageKind:
    """`kind` is article, listing, topic, gallery, video, login, error, shell or empty.

    `score` (0 to 1) is for an article.
    """

    kind: str
    score: float = 0.0
    reasons: list[str] = field(default_factory=list)


def verdict(
    document: Document, title: str, text: str, body: Body | None, image_count: int, figures: list[float]
) -> PageKind:
    """Return what the page is, from its title, its extracted text, and what else stands on it.

    `figures` are those of `page_figures`, [] for a page without text or with a text that a selector found.
    """
    size = len(text)
    lines = document.lines
    if lines and (found := _unavailable(document, title, text)):
        return found
    if size < LONG_BODY and is_shell(document):
        return PageKind("shell", 0.0, ["nothing to read until its scripts have run"])
    if not lines:
        return PageKind("empty", 0.0, ["no text"])
    if special := _special(document, title, text, image_count):
        return special
    if body is None or not (body.candidates or size):
        return PageKind("empty" if not title else _list_kind(document), 0.0, ["no text"])
    headlines = counts(document)[0]
    score = _article_share(document.url, figures) if figures else 1.0
    reasons = _reasons(document, title, text, headlines, score)
    if score >= LEAST_SCORE and size >= 10:
        return PageKind("article", score, reasons)
    if title and size >= SHORT_BODY and sum(len(line.links) for line in lines) < FEWEST_ROWS:
        return PageKind("article", score, [*reasons, "hardly a link, so not a list"])
    if headlines < FEW_HEADLINES and size < SHORT_BODY and not title:
        return PageKind("empty", score, reasons)
    return PageKind(_list_kind(document), score, reasons)


def _list_kind(document: Document) -> str:
    return "topic" if _TOPIC.search(f"{document.url} {document.title_tag}") else "listing"


def _article_share(url: str, figures: list[float]) -> float:
    """Return how likely (0 to 1) the page is an article: by what was learned, moved by what its address looks like."""
    score = model(MODEL, KIND_FIGURES).score(figures) + _url_shift(url)
    return 1.0 / (1.0 + exp(-score))


def _url_shift(url: str) -> float:
    """Return what an address adds; nothing where the page was saved without its own."""
    if urlsplit(url).hostname == UNKNOWN_HOST:
        return 0.0
    likelihood = article_likelihood(url, is_own_host=True)
    return URL_SHIFT if likelihood >= LIKELY_URL else -URL_SHIFT if likelihood <= UNLIKELY_URL else 0.0


def _reasons(document: Document, title: str, text: str, headlines: int, score: float) -> list[str]:
    sentences = sum(text.count(mark) for mark in "。！？!?")
    found = [f"an article with {score:.2f}", f"text of {len(text)} characters"]
    found += [f"{sentences} sentences"] if sentences >= 2 else []
    found += ["the page is called after its headline"] if title and title in (document.title_tag or "") else []
    return [*found, f"{headlines} headlines beside the text"] if headlines >= FEW_HEADLINES else found


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
        return PageKind("error", 0.0, [f"it says {squeeze(found[0])!r}"])
    if size < SHORT_BODY * 2:
        found = _LOGIN.search(shown) or _LOGIN.search(text)
        if found and (size < SHORT_BODY or any(tag.get("type") == "password" for tag in document.source.tags("input"))):
            return PageKind("login", 0.0, [f"it says {squeeze(found[0])!r}"])
    if found := _PAY_WALL.search(text):
        sentences = [line for line in text.split("\n") if "。" in line and not _PAY_WALL.search(line)]
        if sum(map(len, sentences)) < 2 * SHORT_BODY:
            return PageKind("login", 0.0, [f"it says {squeeze(found[0])!r}"])
    return None


def _special(document: Document, title: str, text: str, image_count: int) -> PageKind | None:
    """Return the verdict of a video or gallery: its own elements or address, and hardly any text."""
    size = len(text)
    path = urlsplit(document.url).path
    if size < 2 * SHORT_BODY and title:
        kind = (document.meta.get("og:type") or "").lower()
        has_player = next(document.source.tags("video", "embed", "object"), None) is not None
        if kind.startswith("video") or (has_player and size < SHORT_BODY) or (_VIDEO_PATH.search(path) and has_player):
            return PageKind("video", 0.0, ["a player and hardly any text"])
    if image_count >= 4 and size < 35 * image_count:
        return PageKind("gallery", 0.0, [f"{image_count} pictures and {size} characters"])
    if _GALLERY_PATH.search(path) and image_count >= 2 and size < LONG_BODY:
        return PageKind("gallery", 0.0, [f"a gallery's address, {image_count} pictures and {size} characters"])
    return None
