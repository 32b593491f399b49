"""Rows that scripts draw or open, written as the links that a reader gets.

A row may be no link at all: `<li onclick="location.href='/a.html'">`, `<tr data-href="/a.html">`,
`<a href="javascript:open('/a.html')">`; or it may stand as a record in a script, which draws it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from html import escape
from typing import Final

from newsspider.pages.client_redirects import opened_url
from newsspider.pages.document import Document
from newsspider.pages.load_more.records import xml_records
from newsspider.pages.markup.page_source import PageSource
from newsspider.pages.written_tags import written_attributes

LEAST_ALIKE: Final = 3
MAX_SCRIPT: Final = 5_000_000
# elements that a script may make a link of; a row as a whole may also name its URL in an attribute
_OPENING: Final = re.compile(
    r"(?:a|div|li|tr|t[dh]|span|p|d[ldt]|section|article|figure|label|h[1-6]|em|b|strong|i|img|button)\Z"
)
_CELLS: Final = ("td", "th")
# elements whose end tag may be left out: the next one ends them
_ENDED_BY_NEXT: Final = ("tr", "p", "dd", "dt")
_ROWS: Final = frozenset(("li", "tr", "div", "dl", "dd", "article", "section", "p", "span", "a"))
_ROW_ATTRIBUTES: Final = ("data-href", "data-url", "data-link", "data-uri")
_HINTS: Final = re.compile(r"onclick\s*=|javascript:|data-(?:href|url|link|uri)\s*=", re.IGNORECASE)
_XML_SCRIPT: Final = re.compile(
    r"<script\b[^>]*\btype\s*=\s*[\"']?(?:text|application)/xml\b[^>]*>(.*?)</script\s*>", re.IGNORECASE | re.DOTALL
)
_PIECE: Final = re.compile(
    r"<!--.*?-->|<(?P<raw>script|style|textarea|title|iframe)\b.*?</(?P=raw)\s*>"
    r"""|<(?P<end>/?)(?P<name>[a-zA-Z][\w-]*)(?P<rest>(?:[^<>"']|"[^"]*"|'[^']*')*+)>""",
    re.IGNORECASE | re.DOTALL,
)
_VOID_HREF: Final = re.compile(r"(?:javascript:\s*(?:;|void\b.*)?|#\S*)?\s*\Z", re.IGNORECASE)
_HREF: Final = re.compile(r"""\shref\s*=\s*(?:"[^"]*"|'[^']*'|[^\s>]+)""", re.IGNORECASE)
_FILE: Final = re.compile(r"\.(?:jpe?g|png|gif|webp|svg|mp4|mp3|m3u8|js|css|json|xml)(?:$|[?#])", re.IGNORECASE)
_URL: Final = re.compile(r"(?:https?:)?//\S|\.{0,2}/\S|\S+\.s?html?(?:$|[?#])", re.IGNORECASE)


def with_drawn_rows(document: Document) -> Document:
    """Return the page with its drawn and opened rows as links; the page itself where it has none."""
    text = document.source.text
    drawn = _XML_SCRIPT.sub(_records_markup, text) if "/xml" in text else text
    if _HINTS.search(drawn):
        drawn = _Rewriter(drawn).run()
    if drawn == text:
        return document
    return Document(PageSource(drawn), document.url, document.fetched_at, document.encoding)


def next_records(document: Document) -> list[str]:
    """Return the URLs, as they are written, of the records after those in the page's scripts."""
    scripts = (script for script in document.source.scripts if "/xml" in (script.tag.get("type") or ""))
    found = (xml_records(script.text[:MAX_SCRIPT]) for script in scripts)
    return [records.next_href for records in found if records is not None and records.next_href]


def _records_markup(script: re.Match[str]) -> str:
    """Return the rows of a script of records in front of the script itself."""
    records = xml_records(script[1][:MAX_SCRIPT])
    return f"{records.markup}{script[0]}" if records is not None and records.markup else script[0]


class _Rewriter:
    """Goes through the tags of a page once; inside a row that names its URL a link without one leads there."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._alike = _alike_rows(text)
        self._row: tuple[str, str] | None = None  # tag and URL of the open row
        self._depth = 0

    def run(self) -> str:
        return _PIECE.sub(self._piece, self._text)

    def _piece(self, found: re.Match[str]) -> str:
        if found["name"] is None:
            return found[0]
        name = found["name"].lower()
        if found["end"]:
            return self._leave(name) + found[0]
        ended = self._enter(name)
        if name == "a":
            return ended + self._link(found)
        if name in _CELLS and self._row is not None and self._row[0] == "tr":
            return f'{found[0]}<a href="{escape(self._row[1])}">'
        if not _OPENING.match(name) or "=" not in found["rest"] or self._row is not None:
            return ended + found[0]
        tag = written_attributes(found[0])
        url = opened_url(tag.get("onclick", "")) or self._named(name, tag)
        if url is None or found["rest"].endswith("/"):
            return ended + found[0]
        link = f'<a href="{escape(url)}">'
        if name == "img":
            return f"{ended}{link}{found[0]}</a>"
        self._row, self._depth = (name, url), 1
        return ended + (found[0] if name == "tr" else f"{found[0]}{link}")

    def _link(self, found: re.Match[str]) -> str:
        tag = written_attributes(found[0])
        href = tag.get("href", "").strip()
        is_void = _VOID_HREF.match(href) is not None
        url = opened_url(href) if href[:11].lower() == "javascript:" else None
        if url is None and is_void:
            url = opened_url(tag.get("onclick", "")) or self._named("a", tag) or (self._row[1] if self._row else None)
        if url is None:
            return found[0]
        return f'<a href="{escape(url)}"{_HREF.sub("", found["rest"])}>'

    def _named(self, name: str, tag: Mapping[str, str]) -> str | None:
        """Return the URL in an attribute of a row that has others like it."""
        found = _row_url(tag)
        return found if found and (name, tag.get("class", "")) in self._alike else None

    def _enter(self, name: str) -> str:
        """Note a start tag; return what ends the open row before it, "" where it goes on."""
        if self._row is None or name != self._row[0]:
            return ""
        if name in _ENDED_BY_NEXT:
            self._row = None
            return "" if name == "tr" else "</a>"
        self._depth += 1
        return ""

    def _leave(self, name: str) -> str:
        """Note an end tag; return what ends the link of the row or cell before it."""
        if self._row is None:
            return ""
        if self._row[0] == "tr" and name in _CELLS:
            return "</a>"
        if name == self._row[0]:
            self._depth -= 1
            if self._depth <= 0:
                self._row = None
                return "" if name == "tr" else "</a>"
        return ""


def _row_url(tag: Mapping[str, str]) -> str | None:
    for attribute in _ROW_ATTRIBUTES:
        value = tag.get(attribute, "").strip()
        if value and _URL.match(value) and not _FILE.search(value):
            return value
    return None


def _alike_rows(text: str) -> set[tuple[str, str]]:
    """Return (tag, class) of the elements of which several name different URLs in an attribute."""
    named: Counter[tuple[str, str]] = Counter()
    seen: set[tuple[str, str, str]] = set()
    for found in _PIECE.finditer(text):
        if found["name"] is None or found["end"] or found["name"].lower() not in _ROWS or "data-" not in found["rest"]:
            continue
        name, tag = found["name"].lower(), written_attributes(found[0])
        url, classes = _row_url(tag), tag.get("class", "")
        if url and (name, classes, url) not in seen:
            seen.add((name, classes, url))
            named[name, classes] += 1
    return {row for row, count in named.items() if count >= LEAST_ALIKE}
