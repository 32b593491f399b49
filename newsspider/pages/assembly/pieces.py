"""Pieces of a page that stand at other URLs, and the page with them put in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Final

from newsspider.pages.client_redirects import frame_urls
from newsspider.pages.document import Document
from newsspider.pages.entries import ListingEntry
from newsspider.pages.listing.page import ListingPage
from newsspider.pages.load_more.answer import parse_json
from newsspider.pages.markup.encoding import decode
from newsspider.pages.sniff import is_binary
from newsspider.pages.written_tags import place_of, start_tag_pattern, written_attributes
from newsspider.text.zone import BEIJING
from newsspider.urls import resolve

MAX_PIECE: Final = 2_000_000
_FRAME: Final = start_tag_pattern("i?frame")
_FRAME_END: Final = re.compile(r"\s*(?:[^<]{0,500}</iframe\s*>)?", re.IGNORECASE)
_BODY: Final = re.compile(r"<(?:body|frameset)\b[^>]*>(.*?)(?:</(?:body|html)\s*>|\Z)", re.IGNORECASE | re.DOTALL)
_NOT_SHOWN: Final = re.compile(
    r"<(script|style|noscript|head|title)\b.*?</\1\s*>|<!--.*?-->", re.IGNORECASE | re.DOTALL
)
_ADDRESS: Final = re.compile(
    r"""(\s(?:href|src|data-src|data-original)\s*=\s*)("[^"]*"|'[^']*'|[^\s>"']+)""", re.IGNORECASE
)


@dataclass(slots=True, frozen=True)
class Piece:
    """What stands at `url` and belongs behind (a frame: in place of) the start tag of `name` with `attributes`.

    `block` is the name of the related block that it fills, None for a frame.
    """

    url: str
    name: str
    attributes: Mapping[str, str]
    block: str | None = None


def frame_pieces(document: Document) -> list[Piece]:
    """Return the frames and iframes of a page that show something, in its order."""
    wanted = set(frame_urls(document))
    found: dict[str, Piece] = {}
    for match in _FRAME.finditer(document.source.text):
        written = written_attributes(match[0])
        url = resolve(document.base_url, (written.get("src") or written.get("data-src") or "").strip())
        if url in wanted:
            name = "iframe" if match[0][:7].lower() == "<iframe" else "frame"
            found.setdefault(url, Piece(url, name, written))
    return list(found.values())


def with_piece(text: str, piece: Piece, markup: str) -> str:
    """Return the page `text` with the `markup` of a piece in its place; as it is where the place is gone."""
    begin = max(0, text.find(piece.block)) if piece.block else 0
    start, end = place_of(text, piece.name, piece.attributes, begin)
    if start < 0:
        return text
    if piece.block is not None:
        return f"{text[:end]}{markup}{text[end:]}"
    after = _FRAME_END.match(text, end)
    return f"{text[:start]}<div>{markup}</div>{text[after.end() if after else end :]}"


def piece_markup(body: bytes, url: str, fetched_at: datetime, content_type: str | None, base_url: str) -> str | None:
    """Return what the answer at `url` shows as HTML with absolute URLs, None where it is nothing readable.

    The rows of JSON, JSONP or XML become links with their dates; `base_url` is the page's, which rows are relative to.
    """
    body = body[:MAX_PIECE]
    if is_binary(body) or not body.strip():
        return None
    answer = ListingPage.parse_fragment(body, url, fetched_at, content_type=content_type, base_url=base_url)
    if answer.kind != "html":
        return "".join(map(_row, _unique(answer.entries())))
    text, _ = decode(body, content_type)
    if parse_json(text)[0] != "none":
        return ""
    inner = _BODY.search(text)
    shown = _NOT_SHOWN.sub("", inner[1] if inner else text)
    document = Document.from_text(text[:20_000], url, fetched_at)
    base = document.base_url if inner else base_url
    return _ADDRESS.sub(lambda found: f'{found[1]}"{escape(_absolute(base, found[2]))}"', shown)


def _unique(entries: Iterable[ListingEntry]) -> Iterable[ListingEntry]:
    return {entry.url: entry for entry in entries}.values()


def _row(entry: ListingEntry) -> str:
    shown = ""
    if entry.published_at is not None:
        form = "%Y-%m-%d" if entry.published_precision == "day" else "%Y-%m-%d %H:%M"
        shown = f" <span>{entry.published_at.astimezone(BEIJING):{form}}</span>"
    return f'<div><a href="{escape(entry.url)}">{escape(entry.title)}</a>{shown}</div>'


def _absolute(base_url: str, raw: str) -> str:
    value = raw.strip("\"'").strip()
    return resolve(base_url, value.replace("&amp;", "&")) or value
