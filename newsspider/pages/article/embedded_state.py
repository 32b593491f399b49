"""The article of a page that shows little of it: its scripts hold the text as data, or its textareas as markup."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from html import escape, unescape
from typing import Any, Final

from newsspider.pages.document import Document
from newsspider.pages.feed import plain
from newsspider.pages.load_more.answer import epoch_time, walk
from newsspider.pages.markup.hints import SIDE_CONTENT
from newsspider.pages.markup.metadata import parsed_json
from newsspider.pages.markup.page_source import PageSource, RawElement
from newsspider.pages.payloads import payloads
from newsspider.text import fold, squeeze
from newsspider.text.zone import BEIJING

# What shows less is compared with its data, which has to hold so many times as much.
SHOWN_PROSE: Final = 200
STATED_RATIO: Final = 1.5
LEAST_TEXT: Final = 60
SURE_TEXT: Final = 100
MAX_AREAS: Final = 100
# What a textarea's name has in front of the field's: `article-source-name`.
_AREA_PREFIX: Final = re.compile(r"(?:article|art|news|detail|doc|post|txt|hid(?:den)?)[-_]?(?=[a-z])")
_TAG: Final = re.compile(r"<(?:p|br|div|section|img|h[1-6])\b", re.IGNORECASE)
_TITLES: Final = ("headline", "title", "maintitle", "newstitle", "articletitle", "doctitle")
_TEXTS: Final = (
    "content", "articlebody", "body", "html", "contenthtml", "bodyhtml", "articlecontent", "newscontent", "maintext",
    "detail", "text", "paragraphs", "blocks",
)  # fmt: skip
_TIMES: Final = (
    "publishtime", "publishedat", "publishdate", "publisheddate", "datepublished", "pubtime", "pubdate", "ptime",
    "releasetime", "showtime", "inputtime", "newstime", "createtime", "createdat", "ctime", "time", "date",
)  # fmt: skip
_SOURCES: Final = ("source", "sourcename", "origin", "medianame", "media", "publisher")
_AUTHORS: Final = ("author", "authorname", "authors", "reporter", "writer")
_TAGS: Final = ("keywords", "tags", "keyword", "tag")
_EDITORS: Final = ("editor", "editorname", "dutyeditor")


@dataclass(slots=True)
class _Stated:
    """What one JSON object says of an article; `text` is HTML."""

    title: str
    text: str
    size: int
    values: Mapping[str, Any]
    place: str


def stated_document(document: Document) -> tuple[Document, str] | None:
    """Return the page with the article of its scripts written into it, and its place; None where it shows as much.

    The object counts whose title the page's head repeats; where the head names the site alone, the only long text.
    """
    shown = _shown_prose(document)
    if shown >= SHOWN_PROSE:
        return None
    found = [stated for stated in _candidates(document) if stated.size >= STATED_RATIO * shown]
    heads = fold(f"{document.title_tag or ''} {document.meta.get('og:title', '')}")
    agreeing = [stated for stated in found if fold(stated.title) in heads]
    if not agreeing and len({fold(stated.title) for stated in found}) == 1 and found[0].size >= SURE_TEXT:
        agreeing = found
    if not agreeing:
        return None
    best = max(agreeing, key=lambda stated: stated.size)
    source = PageSource(document.source.text + _markup(best))
    stated = Document(source, document.url, document.fetched_at, document.encoding, is_focused=document.is_focused)
    return stated, best.place


def _shown_prose(document: Document) -> int:
    """Return how many characters of sentences the page shows itself, counted up to `SHOWN_PROSE`."""
    shown = 0
    for line in document.lines:
        text = line.text
        if not line.anchors and ("。" in text or "，" in text) and not line.hints & SIDE_CONTENT:
            shown += len(text)
            if shown >= SHOWN_PROSE:
                break
    return shown


def _candidates(document: Document) -> Iterator[_Stated]:
    for place, payload in payloads(document.source.scripts):
        yield from _stated_in(payload, place)
    fields: dict[str, Any] = {"title": document.meta.get("og:title") or document.title_tag or ""}
    for area in document.source.areas[:MAX_AREAS]:
        text = unescape(area.text).strip()
        data = parsed_json(text) if text[:1] in ("{", "[") else None
        if isinstance(data, dict):
            yield from _stated_in(data, "textarea")
        elif text:
            fields.update(dict.fromkeys(_area_names(area), data or text))
    is_markup = any(isinstance(value, str) and _TAG.search(value) for value in fields.values())
    if is_markup and (stated := _stated(fields, "textarea")) is not None:
        yield stated


def _stated_in(payload: Any, place: str) -> Iterator[_Stated]:
    for node in walk(payload):
        if isinstance(node, dict) and (stated := _stated(node, place)) is not None:
            yield stated


def _area_names(area: RawElement) -> list[str]:
    """Return the names of the field that a textarea holds, from its id, name and classes, without what all have."""
    words = f"{area.tag.get('id') or ''} {area.tag.get('name') or ''} {area.tag.get('class') or ''}".lower().split()
    return [_AREA_PREFIX.sub("", word, count=1) for word in words]


def _stated(node: dict[str, Any], place: str) -> _Stated | None:
    """Return the article of an object with a title and a long text, None for any other object."""
    values = {str(key).lower().replace("_", "").replace("-", ""): value for key, value in node.items()}
    title = next((squeeze(text) for key in _TITLES if isinstance(text := values.get(key), str) and text.strip()), "")
    if len(title) < 4:
        return None
    for key in _TEXTS:
        html = _html(values.get(key))
        size = len(plain(html))
        if size >= LEAST_TEXT and "。" in html:
            return _Stated(title, html, size, values, place)
    return None


def _html(value: Any) -> str:
    """Return a text, or a list of paragraphs and blocks, as HTML."""
    if isinstance(value, str):
        if _TAG.search(value):
            return value
        return "".join(f"<p>{escape(line)}</p>" for line in value.splitlines() if line.strip())
    if isinstance(value, list):
        return "".join(_html(part) for part in value)
    if isinstance(value, dict):
        return next((html for key in ("text", "content", "value", "html") if (html := _html(value.get(key)))), "")
    return ""


def _markup(stated: _Stated) -> str:
    """Return the article as a server would have written it."""
    credits = [
        f"<span>{escape(label)}{escape(text)}</span>"
        for label, text in (
            ("", _time(stated.values)),
            ("来源：", _names(stated.values, _SOURCES)),
            ("作者：", _names(stated.values, _AUTHORS)),
            ("责任编辑：", _names(stated.values, _EDITORS)),
        )
        if text
    ]
    return (
        f'<article><h1>{escape(stated.title)}</h1><div class="info">{"".join(credits)}</div>'
        f'<div class="content">{stated.text}</div>{_tag_line(stated.values)}</article>'
    )


def _tag_line(values: Mapping[str, Any]) -> str:
    """Return the line of the tags that are given as a list; keywords in one string are for search engines."""
    for key in _TAGS:
        if isinstance(value := values.get(key), list):
            words = [word for word in value if isinstance(word, str) and word.strip()]
            return f'<div class="tags">标签：{"".join(f"<span>{escape(word)}</span>" for word in words)}</div>'
    return ""


def _time(values: Mapping[str, Any]) -> str:
    latest = datetime.max.replace(tzinfo=BEIJING)
    for key in _TIMES:
        value = values.get(key)
        if value in (None, "", 0) or isinstance(value, bool | list | dict):
            continue
        moment, _ = epoch_time(value, latest)
        return f"{moment.astimezone(BEIJING):%Y-%m-%d %H:%M:%S}" if moment else str(value)
    return ""


def _names(values: Mapping[str, Any], keys: tuple[str, ...]) -> str:
    """Return the names under the first of `keys` that has any."""
    for key in keys:
        value = values.get(key)
        parts = value if isinstance(value, list) else [value]
        names = [part.get("name") if isinstance(part, dict) else part for part in parts]
        found = [squeeze(name) for name in names if isinstance(name, str) and name.strip()]
        if found:
            return " ".join(found)
    return ""
