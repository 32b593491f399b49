"""Stored articles judged by today's rules: those that a crawl would not store now, and wrong times. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from html import escape
from typing import Any, Final

from newsspider.mongo.articles.revisions import is_relative
from newsspider.pages.article.page_kind import verdict
from newsspider.pages.block_page import LONG_TEXT, block_page
from newsspider.pages.document import Document
from newsspider.text.dates import Published, parse_labelled_date

# the offset of China from UTC, half a day (下午 read as 上午), and CST taken for the time of Chicago
WRONG_BY: Final = frozenset(timedelta(hours=hours) for hours in (8, 12, 14))
EXCUSED_BY_DATE: Final = ("refused", "outage")
LABELS: Final = {"source": "来源：", "editor": "编辑："}
MAX_ANCHORS: Final = 40


@dataclass(frozen=True, slots=True)
class Finding:
    """`rule`: block, error, login, empty, repeated or time. `published`: the right time, of the rule time alone."""

    rule: str
    evidence: str
    published: Published | None = None


def finding(article: Mapping[str, Any], *, is_repeated: bool = False) -> Finding | None:
    """Return what is wrong with a stored article, None for nothing.

    `is_repeated`: the site has its title and text under other ids as well, none with a time or a source.
    """
    return not_an_article(article, is_repeated=is_repeated) or wrong_time(article)


def not_an_article(article: Mapping[str, Any], *, is_repeated: bool = False) -> Finding | None:
    """Return why today's rules would not store the article, None if they would."""
    text = article.get("text") or ""
    if not text.strip():
        is_left_out = article.get("duplicate_of") is not None
        return None if is_left_out or article.get("images") else Finding("empty", "no text and no picture")
    if len(text) >= LONG_TEXT:
        return None
    if found := _judged_page(article, text):
        return found
    return Finding("repeated", f"the same text under several ids: {text[:40]}") if is_repeated else None


def _judged_page(article: Mapping[str, Any], text: str) -> Finding | None:
    document = Document.from_text(page_of(article, text), article["url"], article["fetched_at"])
    is_dated = article.get("published_at") is not None
    block = block_page(document, text)
    if block is not None and not (is_dated and block.reason in EXCUSED_BY_DATE):
        return Finding("block", f"{block.reason}: {block.evidence}")
    images = len(article.get("images") or ())
    kind = verdict(document, article["title"], text, None, images, [])
    return Finding(kind.kind, "; ".join(kind.reasons)) if kind.kind in ("error", "login") else None


def page_of(article: Mapping[str, Any], text: str) -> str:
    """Return a page that shows what is stored of one: headline, byline, text and related links."""
    title = escape(article["title"])
    byline = [f"{label}{article[name]}" for name, label in LABELS.items() if article.get(name)]
    byline += [f"作者：{name}" for name in article.get("authors") or ()]
    byline += [article["published_raw"]] if article.get("published_raw") else []
    lines = "".join(f"<p>{escape(line)}</p>" for line in [*byline, *text.split("\n")])
    related = (article.get("related") or ())[:MAX_ANCHORS]
    links = "".join(f'<li><a href="{escape(row["url"])}">{escape(row["title"])}</a></li>' for row in related)
    return f"<html><head><title>{title}</title></head><body><h1>{title}</h1>{lines}<ul>{links}</ul></body></html>"


def wrong_time(article: Mapping[str, Any]) -> Finding | None:
    """Return the right time of an article whose stored one differs from it by exactly 8, 12 or 14 hours.

    `published_raw` is read again, against the time of the fetch. A relative time (2小时前) is not judged, because the
    fetch that it was relative to may have been an earlier one; nor is a day whose hour came from somewhere else.
    """
    stored, raw = article.get("published_at"), article.get("published_raw")
    if stored is None or not raw or is_relative(article):
        return None
    found = parse_labelled_date(raw, article["fetched_at"])
    if found is None or (found.precision == "day" and article.get("published_precision") != "day"):
        return None
    if abs(found.at - stored) not in WRONG_BY:
        return None
    return Finding("time", f"shown {raw!r}", found)
