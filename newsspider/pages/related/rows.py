"""Rows of a related-link block: links, time and snippet of one URL."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from newsspider.pages.client_redirects import href_of
from newsspider.pages.document import Document, Line
from newsspider.pages.markup.tag import value_of
from newsspider.pages.related.headings import MIN_TITLE, is_more, is_title
from newsspider.text import fold, squeeze
from newsspider.text.dates import Published, find_dates, parse_date
from newsspider.urls import redirect_target, resolve

MIN_SNIPPET: Final = 14
MAX_TIME_TEXT: Final = 48
MAX_AROUND_TIME: Final = 16
MAX_TITLE: Final = 60
# A link that is all of its line may have so short a title; its URL has to be like its neighbours'.
SHORT_TITLE: Final = 4
_TIME_LIKE: Final = re.compile(r"[\d\s:：/年月日.\-()（）\[\]|·前天昨今小时分钟秒週周]{4,28}")
_ELLIPSIS: Final = re.compile(r"(?:\.{2,6}|…{1,3})$")
_PLAIN: Final = re.compile(r"https?://[a-z0-9.-]{3,80}/[\w./?=&%~,;@!+-]{0,400}", re.ASCII)
_SENTENCE: Final = re.compile(r"[，。！？,!?]|\.{3}|…")
_TRIM: Final = " \t\u3000\u00a0[](){}（）【】|丨·•-—_,，"


@dataclass(slots=True)
class RelatedRow:
    """What one URL shows in a block, in reading order; `texts` are those of its links that may be a title."""

    url: str
    texts: list[str] = field(default_factory=list)
    tooltip: str | None = None
    image: Any = None
    snippet: str | None = None
    published: Published | None = None

    has_title: bool = False


def related_rows(lines: Iterable[Line], document: Document) -> list[RelatedRow]:
    """Return one row per URL; links of a picture, a title and 更多 (more) are merged."""
    rows = _Rows(document)
    for line in lines:
        for raw, start, end in line.anchors:
            if end - start >= SHORT_TITLE or line.images or "title" in raw or "TITLE" in raw:
                rows.read_link(raw, line.text[start:end], line)
        if rows.current is not None and (line.images or line.linked < len(line.text)):
            rows.read_rest(rows.current, line)
    return list(rows.found.values())


# `<a>…<b>2024-05-01</b></a>`
_DAY_AT_END: Final = re.compile(
    r"\s{0,3}[(（\[【]?\s?(?:19|20)\d{2}[-/.年]\d{1,2}[-/.月]\d{1,2}日?(?:\s\d{1,2}:\d{2}(?::\d{2})?)?\s?[)）\]】]?\Z"
)
_DAY_ENDS: Final = "0123456789日)）]】"


class _Rows:
    """The rows of a block as they are found, and the one that a line without a link of its own belongs to."""

    def __init__(self, document: Document) -> None:
        self.found: dict[str, RelatedRow] = {}
        self.current: RelatedRow | None = None
        self._document = document
        self._addresses: dict[str, str | None] = {}
        self._moments: dict[str, Published | None] = {}

    def read_link(self, raw: str, text: str, line: Line) -> None:
        """Add a link to its URL's row; read from its tag, since most of a block's are asked but this once."""
        href, title = href_of(raw), value_of(raw, "title")
        is_short = SHORT_TITLE <= len(text) < MIN_TITLE and len(text) == len(line.text) and not is_more(text)
        is_title_or_picture = title or line.images or len(text) >= MIN_TITLE or is_short
        if not href or href.startswith(("javascript:", "#")) or not is_title_or_picture:
            return
        if href not in self._addresses:
            self._addresses[href] = _absolute(self._document.base_url, href)
        url = self._addresses[href]
        if url is None:
            return
        text = text.strip()
        is_named, is_picture = is_short or is_title(text), bool(line.images and not text)
        tooltip = title if title and is_title(title) else None
        row = self.found.get(url)
        if row is None:
            if not (is_named or tooltip or is_picture):
                return
            row = self.found[url] = RelatedRow(url)
        if is_named:
            row.texts.append(self._without_date(row, text))
        if tooltip:
            row.tooltip = squeeze(tooltip)
        row.has_title = row.has_title or is_named or tooltip is not None
        if self.current is None or row.has_title or (is_picture and self.current.has_title):
            self.current = row

    def read_rest(self, row: RelatedRow, line: Line) -> None:
        """Attach the line's image and its text outside links to the row: a time or a snippet."""
        if row.image is None and line.images:
            row.image = line.images[0]
        if row.published is not None and (row.snippet is not None or not row.has_title):
            return
        outside = outside_links(line)
        if not outside or (row.published is not None and len(outside) < MIN_SNIPPET):
            return
        moment = self._moment(outside)
        if moment is not None:
            row.published = row.published or moment
        elif row.snippet is None and len(outside) >= MIN_SNIPPET and row.has_title:
            row.snippet = squeeze(outside)

    def _without_date(self, row: RelatedRow, text: str) -> str:
        """Return a link's text without the day at its end, which is the row's time."""
        day = _DAY_AT_END.search(text) if text[-1:] in _DAY_ENDS else None
        if day is None or day.start() < MIN_TITLE:
            return text
        row.published = row.published or self._moment(day[0].strip())
        return text[: day.start()].rstrip()

    def _moment(self, text: str) -> Published | None:
        """Return the time in a text: many rows of a block show the same."""
        if text not in self._moments:
            self._moments[text] = row_time(text, self._document.fetched_at)
        return self._moments[text]


def _absolute(base_url: str, href: str) -> str | None:
    """Return `resolve(base, href)`, or the URL that a redirector of the site names; plain absolute URLs are quick."""
    address = href.partition("#")[0]
    url = address if _PLAIN.fullmatch(address) and "/." not in address else resolve(base_url, href)
    return redirect_target(url) or url if url and "?" in url else url


def outside_links(line: Line) -> str:
    """Return the line's text without that of its links: the 更多 anchor goes, a sentence that ends in 更多 stays."""
    if not line.anchors:
        return line.text.strip()
    text, place = [], 0
    for _, start, end in line.anchors:
        text.append(line.text[place:start])
        place = max(place, end)
    return " ".join([*text, line.text[place:]]).strip()


def row_time(text: str, reference: datetime) -> Published | None:
    """Return the time in a text that is little else, such as `某报 2小时前`; a date in a sentence is none."""
    if len(text) > MAX_TIME_TEXT:
        return None
    dates = find_dates(text, reference)
    if dates:
        start, end, moment = dates[-1]
        around = (text[:start] + text[end:]).strip(_TRIM)
        return moment if len(around) <= MAX_AROUND_TIME and not _SENTENCE.search(around) else None
    return parse_date(text.strip(_TRIM), reference) if _TIME_LIKE.fullmatch(text) else None


def image_url(image: object, base_url: str) -> str | None:
    """Return the absolute URL of a line's image, lazy attributes first; None for data: and the like."""
    get = getattr(image, "get", None)
    if get is None:
        value = getattr(image, "url", None) or getattr(image, "src", None)
        return resolve(base_url, value) if value else None
    for name in ("data-src", "data-original", "data-lazy-src", "_src", "src"):
        if value := get(name):
            if _PLAIN.fullmatch(value):
                return str(value)
            if url := resolve(base_url, value):
                return url
    return None


def titles(row: RelatedRow) -> tuple[str, str | None, str | None]:
    """Return (title, short title, snippet): the longest form that others are a beginning of, unless it is a snippet."""
    texts = list(dict.fromkeys(map(squeeze, row.texts)))
    snippet = row.snippet
    if not texts:
        return row.tooltip or "", None, snippet
    title = texts[0]
    if len(texts) == 1 and snippet is None and row.tooltip in (None, title):
        return title, None, None
    for text in texts[1:]:
        stem = fold(_stem(title))
        if fold(text).startswith(stem):
            if len(text) <= MAX_TITLE or len(title) > MAX_TITLE:
                title = text
        elif not fold(title).startswith(fold(_stem(text))) and len(text) > len(title) and snippet is None:
            snippet = text
    if (
        row.tooltip
        and row.tooltip != title
        and len(row.tooltip) <= 2 * MAX_TITLE
        and fold(row.tooltip).startswith(fold(_stem(title)))
    ):
        texts.append(row.tooltip)
        title = max(title, row.tooltip, key=len)
    shorter = [text for text in texts if text != title and fold(title).startswith(fold(_stem(text)))]
    return title, min(shorter, key=len) if shorter else _cut_copy(row, title), snippet


def _stem(title: str) -> str:
    """Return a cut title without its dots."""
    return _ELLIPSIS.sub("", title) if title.endswith((".", "…")) else title


def _cut_copy(row: RelatedRow, title: str) -> str | None:
    """Return the cut title where it is printed as plain text under the full one."""
    if row.snippet and fold(title).startswith(fold(_stem(row.snippet))):
        return row.snippet
    return None
