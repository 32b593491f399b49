"""How an article was read, in lines: value, method and rejected candidates of each field."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from newsspider.items import Article
from newsspider.printable import printable
from newsspider.text.zone import BEIJING

SHOWN_FIELDS = (
    *("title", "source", "authors", "editor", "published_at", "text", "images", "tags", "section", "language"),
    *("related", "kind"),
)
SHOWN_CHARACTERS = 160
SHOWN_ROWS = 8


def explained(article: Article, explanation: Mapping[str, Any]) -> Iterator[str]:
    """Yield the lines of the account; `explanation` is that of `ArticlePage.explain`."""
    yield article.url
    for name in SHOWN_FIELDS:
        found = explanation.get(name, {})
        method = article.methods.get(name) or found.get("method")
        yield _line(name, _value(article, name))
        if method and _is_there(article, name):
            yield _line("", f"by {method}")
        yield from _rows("candidate", map(_candidate, found.get("candidates", ())))
        yield from _rows("reason", found.get("reasons", ()))
        yield from _rows("left out", map(_candidate, found.get("left_out", ())))
        if name == "images":
            yield from _rows("picture", (f"{image.url}  {image.caption or ''}" for image in article.images))
        if name == "related":
            yield from _blocks(article)
    yield from (_line("removed", f"[{line.rule}] {_short(line.text)}") for line in article.removed)


def _line(label: str, text: str) -> str:
    return f"  {label:<13} {text}"


def _is_there(article: Article, name: str) -> bool:
    return getattr(article, name) not in (None, "", [])


def _value(article: Article, name: str) -> str:
    value = getattr(article, name)
    if name == "text":
        lines = value.split("\n") if value else []
        return f"{len(lines)} lines, {len(value)} characters: {_short(value)}"
    if name == "published_at" and value:
        assumed = ", zone assumed" if article.tz_assumed else ""
        shown = value.astimezone(BEIJING).isoformat(sep=" ")
        return f"{shown} (shown {article.published_raw!r}, to the {article.published_precision}{assumed})"
    if name == "images":
        return f"{len(value)} pictures" if value else "-"
    if name == "related":
        return f"{len(value)} links"
    if isinstance(value, list):
        return ", ".join(map(printable, value)) or "-"
    return _short(value) if value else "-"


def _blocks(article: Article) -> Iterator[str]:
    for name in dict.fromkeys(block.name for block in article.related_blocks):
        links = [link for link in article.related if link.block == name]
        unread = next((block.unread for block in article.related_blocks if block.name == name and block.unread), None)
        shown = f"not read: {unread}" if unread and not links else f"{len(links)} links"
        yield _line("block", f"{printable(name) or '(no heading)'}: {shown}")
        rows = (f"{_short(link.title)}{' (this article)' if link.is_self else ''}" for link in links)
        yield from _rows("", rows)


def _rows(label: str, rows: Iterable[object]) -> Iterator[str]:
    """Yield the first rows, and how many more there are."""
    shown = [_short(row) for row in rows]
    yield from (f"    {label:<11} {row}".rstrip() for row in shown[:SHOWN_ROWS])
    if len(shown) > SHOWN_ROWS:
        yield f"    {label:<11} ... {len(shown) - SHOWN_ROWS} more"


def _candidate(row: Mapping[str, Any]) -> str:
    """Return "7.00  a headline (h1 and title)": score and method where there are any."""
    score = f"{row['score']:.2f}  " if row.get("score") is not None else ""
    method = f" ({row['method']})" if row.get("method") else ""
    return f"{score}{_short(row['value'])}{method}"


def _short(value: object) -> str:
    text = printable(value)
    return text if len(text) <= SHOWN_CHARACTERS else text[:SHOWN_CHARACTERS] + "…"
