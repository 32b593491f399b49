"""The account that `scrapy extract --explain` gives of a page: per field the value, the method, what else was seen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from newsspider.console import printable
from newsspider.extraction import Extraction
from newsspider.items import Article

SHOWN_FIELDS = (
    *("title", "source", "authors", "editor", "published_at", "text", "images", "tags", "section", "language"),
    *("related", "pages", "kind"),
)
SHOWN_CHARACTERS = 160
SHOWN_CANDIDATES = 8


def explained(extraction: Extraction) -> Iterator[str]:
    """Yield the lines of the account."""
    article = extraction.article
    yield article.url
    for name in SHOWN_FIELDS:
        yield f"  {name:<13} {_value(article, name)}"
        method = article.methods.get(name)
        if method:
            yield f"      found by   {method}"
        yield from _candidates(extraction.explanation.get(name))
    yield from _blocks(article)
    yield from (f"  removed       [{line.rule}] {_short(line.text)}" for line in article.removed)


def _value(article: Article, name: str) -> str:
    value = getattr(article, name)
    if name == "text":
        lines = value.split("\n") if value else []
        return f"{len(lines)} lines, {len(value)} characters: {_short(value)}"
    if name == "published_at" and value:
        assumed = ", zone assumed" if article.tz_assumed else ""
        return f"{value.isoformat()} (from {article.published_raw!r}, to the {article.published_precision}{assumed})"
    if name == "images":
        return "; ".join(f"{image.url} {image.caption or ''}".strip() for image in value) or "-"
    if name == "related":
        return f"{len(value)} links"
    if isinstance(value, list):
        return ", ".join(map(printable, value)) or "-"
    return _short(value) if value else "-"


def _blocks(article: Article) -> Iterator[str]:
    for block in article.related_blocks:
        yield f"  block         {printable(block.name)}: {block.links} links"
        for link in article.related:
            if link.block == block.name:
                mark = " (this article)" if link.is_self else ""
                yield f"      {link.position:>2} {_short(link.title)}{mark}"


def _candidates(found: Any) -> Iterator[str]:
    """Yield what a field's entry of `ArticlePage.explain()` holds besides value and method."""
    if not isinstance(found, dict):
        return
    for name, values in found.items():
        if name in ("value", "method") or not values:
            continue
        rows: Iterable[Any] = values if isinstance(values, list | tuple) else [values]
        for number, row in enumerate(rows):
            if number == SHOWN_CANDIDATES:
                yield f"      {name:<10} ..."
                break
            yield f"      {name:<10} {_row(row)}"


def _row(row: Any) -> str:
    if isinstance(row, dict):
        return ", ".join(f"{key} {_row(value)}" for key, value in row.items())
    if isinstance(row, list | tuple):
        return " | ".join(_row(value) for value in row)
    if isinstance(row, float):
        return f"{row:.2f}"
    return row.isoformat() if isinstance(row, datetime) else _short(row)


def _short(value: object) -> str:
    text = printable(value)
    return text if len(text) <= SHOWN_CHARACTERS else text[:SHOWN_CHARACTERS] + "…"
