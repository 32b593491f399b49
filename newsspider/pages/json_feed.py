"""JSON Feed 1.0 and 1.1 (https://www.jsonfeed.org/version/1.1/), as strings: one bad item costs that item."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

_VERSION: Final = re.compile(r'"version"\s*:\s*"https?:\\?/\\?/(?:www\.)?jsonfeed\.org\\?/version\\?/1')
_ITEMS: Final = re.compile(r'"items"\s*:\s*\[')
_NEXT: Final = re.compile(r'"next_url"\s*:\s*("(?:[^"\\]|\\.){1,4000}")')
_ITEM: Final = re.compile(r'\{\s*"')
_WEB: Final = re.compile(r"https?://", re.I)
# one of these tells an item from an author or an attachment of a broken one
_ITEM_KEYS: Final = frozenset({"id", "title", "summary", "content_text", "content_html", "date_published"})
_HEAD_CHARACTERS: Final = 4_000


@dataclass(slots=True)
class JsonItem:
    """An item as its feed writes it; `title` may be "", `summary` may hold markup."""

    url: str
    title: str = ""
    summary: str = ""
    date: str | None = None
    image: str | None = None


@dataclass(slots=True)
class JsonFeed:
    items: list[JsonItem] = field(default_factory=list)
    next_url: str | None = None


def is_json_feed(text: str) -> bool:
    """Return True if `text`, or its beginning, is an object that names a version of JSON Feed."""
    start = text[:_HEAD_CHARACTERS].lstrip("\ufeff \t\r\n")
    return start.startswith("{") and _VERSION.search(start) is not None


def read_json_feed(text: str) -> JsonFeed:
    """Return the items that name an address."""
    text = text.lstrip("\ufeff \t\r\n")
    try:
        whole = json.loads(text, strict=False)
    except (ValueError, RecursionError):
        whole = {"items": list(_whole_items(text)), "next_url": _next_url(text)}
    records = whole.get("items") if isinstance(whole, dict) else None
    items = [item for record in (records if isinstance(records, list) else []) if (item := _item(record))]
    return JsonFeed(items, _string(whole, "next_url"))


def _item(record: Any) -> JsonItem | None:
    if not isinstance(record, dict) or record.keys().isdisjoint(_ITEM_KEYS):
        return None
    identity = _string(record, "id") or ""
    url = _string(record, "url") or _string(record, "external_url") or (identity if _WEB.match(identity) else None)
    if url is None:
        return None
    summary = _string(record, "summary") or _string(record, "content_text") or _string(record, "content_html")
    date = _string(record, "date_published") or _string(record, "date_modified")
    return JsonItem(url, _string(record, "title") or "", summary or "", date, _string(record, "image"))


def _string(record: dict[str, Any], name: str) -> str | None:
    value = record.get(name)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    text = str(value) if is_number else value
    return text.strip() or None if isinstance(text, str) else None


def _whole_items(text: str) -> Iterator[Any]:
    """Yield the items of broken JSON that are whole by themselves."""
    opening = _ITEMS.search(text)
    if opening is None:
        return
    decoder = json.JSONDecoder(strict=False)
    found = _ITEM.search(text, opening.end())
    while found is not None:
        try:
            item, end = decoder.raw_decode(text, found.start())
            yield item
        except (ValueError, RecursionError):
            end = found.end()
        found = _ITEM.search(text, end)


def _next_url(text: str) -> str | None:
    found = _NEXT.search(text)
    if found is None:
        return None
    try:
        return str(json.loads(found[1]))
    except ValueError:
        return None
