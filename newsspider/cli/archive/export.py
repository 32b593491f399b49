"""Articles as JSON lines or CSV."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, TextIO

Document = Mapping[str, Any]

CSV_COLUMNS = (
    *("_id", "url", "site", "title", "source", "authors", "editor", "published_at", "section", "tags", "language"),
    *("text", "images", "pages", "revision", "first_seen_at", "last_seen_at", "story_id", "duplicate_of"),
)
# what a spreadsheet takes for a formula, in the half and the full width form
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
LIST_SEPARATOR = "; "


def write_export(articles: Iterable[Document], format_name: str, stream: TextIO) -> int:
    """Write `articles` to `stream` as "jsonl" or "csv"; return how many."""
    return FORMATS[format_name](articles, stream)


def write_jsonl(articles: Iterable[Document], stream: TextIO) -> int:
    """Write one object per line, all fields, times as ISO 8601 in UTC; `scrapy articles import` reads it back."""
    count = 0
    for article in articles:
        stream.write(json.dumps(article, ensure_ascii=False, default=_json_value) + "\n")
        count += 1
    return count


def _json_value(value: object) -> object:
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, bytes):
        return value.hex()
    raise TypeError(f"{type(value).__name__} has no place in JSON")


def write_csv(articles: Iterable[Document], stream: TextIO) -> int:
    """Write CSV_COLUMNS with a heading, UTF-8 with BOM, so that spreadsheets show Chinese and run no formula."""
    stream.write("\ufeff")
    writer = csv.writer(stream)
    writer.writerow(CSV_COLUMNS)
    count = 0
    for article in articles:
        writer.writerow([csv_cell(article.get(name)) for name in CSV_COLUMNS])
        count += 1
    return count


def csv_cell(value: object) -> object:
    """Return what stands in a cell; text that would be a formula gets an apostrophe in front."""
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, list):
        value = LIST_SEPARATOR.join(
            str(part.get("url", part)) if isinstance(part, dict) else str(part) for part in value
        )
    if isinstance(value, str):
        value = value.replace("\0", "")
        return "'" + value if value.lstrip(" \n\u3000\u00a0\ufeff\u200b").startswith(FORMULA_STARTS) else value
    return "" if value is None else value


def iso(moment: datetime) -> str:
    """Return an aware time as ISO 8601 in UTC."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


FORMATS: dict[str, Callable[[Iterable[Document], TextIO], int]] = {"jsonl": write_jsonl, "csv": write_csv}
