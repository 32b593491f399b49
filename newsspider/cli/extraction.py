"""Extraction without a crawl, from a saved page to a clean article; for `scrapy extract`, `bless` and imports."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import quote

from newsspider import clock
from newsspider.errors import NewsspiderError
from newsspider.items import Article
from newsspider.messages import _
from newsspider.pages.document import Document
from newsspider.pages.sniff import GZIP_MAGIC, is_binary
from newsspider.pipelines.clean import clean_article
from newsspider.recording.cases import META_NAME, RecordedResponse, RecordingError, read_case
from newsspider.rules import rules_version
from newsspider.sites.registry import SiteRegistry
from newsspider.urls import resolve

# where a saved page gives its URL, in this order; looked for in its first bytes only
HEAD_BYTES = 200_000
URL_TAGS = (
    re.compile(rb"<link\b[^<>]{0,300}?\brel\s*=\s*[\"']?canonical\b[^<>]{0,2000}>", re.IGNORECASE),
    re.compile(rb"<meta\b[^<>]{0,300}?\b(?:property|name)\s*=\s*[\"']?og:url\b[^<>]{0,2000}>", re.IGNORECASE),
    re.compile(rb"<base\b[^<>]{0,2000}>", re.IGNORECASE),
)
STATED_URL = re.compile(rb"\b(?:href|content)\s*=\s*[\"']?(https?://[^\"'\s<>]{1,2000})", re.IGNORECASE)
EARLIEST_PLAUSIBLE = datetime(1995, 1, 1, tzinfo=UTC)


class UnreadablePageError(NewsspiderError, ValueError):
    """The input is not a page; the message is one line."""


@dataclass(slots=True)
class Extraction:
    """An article, and where it was asked for what `ArticlePage.explain` tells of it."""

    article: Article
    explanation: dict[str, Any]


def extract(page: RecordedResponse, sites: SiteRegistry | None = None, *, is_explained: bool = False) -> Extraction:
    """Return the article of a page as a crawl would store it: as the file of its site has it, if there is one."""
    rules = (sites or SiteRegistry()).of_url(page.url)
    found = rules.page_for(document_of(page))
    article = clean_article(found.to_item())
    article.rules_version = rules_version(type(found))
    return Extraction(article, found.explain() if is_explained else {})


def document_of(page: RecordedResponse) -> Document:
    """Return a recorded page, decoded."""
    content_type = next((value for name, value in page.headers if name.lower() == "content-type"), None)
    return Document.from_bytes(page.body, page.url, page.fetched_at, content_type)


def to_json(article: Article) -> dict[str, Any]:
    """Return the item as JSON holds it: plain values, times as ISO 8601 with their zone."""
    fields: dict[str, Any] = json.loads(json.dumps(article.to_document(), ensure_ascii=False, default=_json_value))
    return fields


def _json_value(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, set | frozenset | tuple):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} has no place in JSON")


def read_page(path: Path, url: str | None = None, fetched_at: datetime | None = None) -> RecordedResponse:
    """Return the page saved at `path`. Raises UnreadablePageError, in one line.

    Its URL is `url`, else that of a meta.json beside it, else what the page says (canonical, og:url, base), else
    made from the file's name under `file.invalid`. Its fetch time is `fetched_at`, else that of meta.json, else the
    file's modification time: relative dates ("2小时前") count from there, so a copied file needs `fetched_at`.
    """
    if path.is_dir():
        return _in_case(path, url, fetched_at)
    try:
        body = path.read_bytes()
        modified_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except OSError as error:
        raise UnreadablePageError(f"{path}: {error.strerror or error}") from None
    if (path.parent / META_NAME).is_file() and path.stem == "page":
        return _in_case(path.parent, url, fetched_at)
    check_is_text(body, str(path))
    if fetched_at is None:
        fetched_at = modified_at if modified_at > EARLIEST_PLAUSIBLE else clock.now()
    url = url or stated_url(body) or f"https://file.invalid/{quote(path.name)}"
    return RecordedResponse(url, 200, [], body, fetched_at)


def _in_case(case: Path, url: str | None, fetched_at: datetime | None) -> RecordedResponse:
    try:
        page = read_case(case)
    except RecordingError as error:
        raise UnreadablePageError(str(error)) from None
    if page.error:
        raise UnreadablePageError(
            _("{case}: not a page but a failed download: {error}").format(case=case, error=": ".join(page.error))
        )
    check_is_text(page.body, str(case))
    page.url = url or page.url
    page.fetched_at = fetched_at or page.fetched_at
    return page


def check_is_text(body: bytes, name: str) -> None:
    """Raise UnreadablePageError for an empty page, and for an image, archive, program or the like."""
    if not body.strip():
        raise UnreadablePageError(_("{name}: empty").format(name=name))
    if body.startswith(GZIP_MAGIC) or is_binary(body):
        raise UnreadablePageError(_("{name}: binary, not a page").format(name=name))


def stated_url(body: bytes) -> str | None:
    """Return the absolute URL that the page gives as its own; None if it gives none."""
    head = body[:HEAD_BYTES]
    for pattern in URL_TAGS:
        tag = pattern.search(head)
        found = STATED_URL.search(tag[0]) if tag else None
        if found:
            text = unescape(found[1].decode("utf-8", "replace"))
            return resolve(text, text)
    return None
