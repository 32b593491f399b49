"""Articles as JSON lines or CSV."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TextIO

Document = Mapping[str, Any]

# what a spreadsheet takes for a formula, in the half and the full width form
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
LIST_SEPARATOR = "; "


def write_jsonl(articles: Iterable[Document], stream: TextIO, fields: Sequence[str] | None = None) -> int:
    """Write one object per line and return how many; times as ISO 8601 in UTC, all fields unless `fields` names some.

    With all fields `scrapy articles import` reads it back.
    """
    count = 0
    for article in articles:
        values = article if fields is None else {name: article.get(name) for name in fields}
        stream.write(json.dumps(values, ensure_ascii=False, default=json_value) + "\n")
        count += 1
    return count


def write_csv(rows: Iterable[Document], stream: TextIO, columns: Sequence[str]) -> int:
    """Write `columns` with a heading, UTF-8 with BOM, so that spreadsheets show Chinese and run no formula."""
    stream.write("\ufeff")
    writer = csv.writer(stream)
    writer.writerow(columns)
    count = 0
    for row in rows:
        writer.writerow([csv_cell(row.get(name)) for name in columns])
        count += 1
    return count


def csv_cell(value: object) -> object:
    """Return what is written into a cell; text that would be a formula gets an apostrophe in front."""
    value = flat(value)
    if isinstance(value, str):
        return "'" + value if value.lstrip(" \n\u3000\u00a0\ufeff\u200b").startswith(FORMULA_STARTS) else value
    return "" if value is None else value


def flat(value: object) -> object:
    """Return a value for one cell: times as ISO 8601, names joined, what is nested as JSON, no NUL."""
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        value = LIST_SEPARATOR.join(value)
    elif isinstance(value, list | dict):
        value = json.dumps(value, ensure_ascii=False, default=json_value)
    return value.replace("\0", "") if isinstance(value, str) else value


def json_value(value: object) -> object:
    """Return what JSON holds for a time or bytes. Raises TypeError for anything else."""
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, bytes):
        return value.hex()
    raise TypeError(f"{type(value).__name__} has no place in JSON")


def iso(moment: datetime) -> str:
    """Return an aware time as ISO 8601 in UTC."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
