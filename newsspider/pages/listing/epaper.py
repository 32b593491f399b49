"""E-paper issues: the previous issue and the sheets (第02版) of the current one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from newsspider.pages.listing.page_links import NEXT_WORDS, bare
from newsspider.urls import article_key, article_likelihood, resolve

if TYPE_CHECKING:
    from newsspider.pages.document import Document

MAX_SHEETS = 60
_ISSUE_BEFORE = re.compile(r"[上前]一?[期天日]\W*\Z")
_ISSUE_AFTER = re.compile(r"[下后後]一?[期天日]\W*\Z")
_SHEET = re.compile(r"(?:第\s*)?(?:[A-Z]\s*)?\d{1,3}\s*版(?:\W.{0,20})?\Z|[A-Z]\d{2}\s*[:：].{1,20}\Z|[上下]一版\W*\Z")


def previous_issue(document: Document) -> str | None:
    """Return the URL under 上一期 or 前一天; None where the page has pages of its own (下一页)."""
    found = None
    for text, url in _links(document):
        if NEXT_WORDS.match(text):
            return None
        if found is None and _ISSUE_BEFORE.match(text) and article_key(url) != article_key(document.url):
            found = url
    return found


def is_issue(document: Document) -> bool:
    """Return True if the page leads to other issues; the first one that ever was leads to later ones only."""
    return previous_issue(document) is not None or (
        any(_ISSUE_AFTER.match(text) for text, _ in _links(document)) and bool(sheets(document))
    )


def sheets(document: Document) -> list[str]:
    """Return the other sheets of the issue that the page belongs to: in its folder, named 第02版 or 下一版."""
    folder, own = urljoin(document.url, "."), article_key(document.url)
    found = {
        article_key(url): url
        for text, url in _links(document)
        if _SHEET.match(text) and urljoin(url, ".") == folder and article_likelihood(url) > 0
    }
    return [url for key, url in found.items() if key != own][:MAX_SHEETS]


def _links(document: Document) -> Iterator[tuple[str, str]]:
    for line in document.lines:
        for link in line.links:
            text = bare(link.text or link.title or "")
            url = resolve(document.base_url, link.href) if 0 < len(text) <= 30 else None
            if url:
                yield text, url
