"""Articles as Parquet and as an Excel workbook, through pyarrow and XlsxWriter (requirements-export.txt)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from types import ModuleType
from typing import Any

from newsspider.cli.exporting.lines import Document, flat
from newsspider.items import CONFIDENT_FIELDS
from newsspider.messages import _
from newsspider.mongo.archive import ArchiveError

ROWS_A_GROUP = 2_000
# limits of the format
MAX_CELL, MAX_ROWS = 32_767, 1_048_575
TIMES = frozenset({"published_at", "first_seen_at", "last_seen_at", "fetched_at", "withdrawn_at", "version_seen_at"})
NUMBERS = frozenset({"pages", "revision"})
FLAGS = frozenset({"tz_assumed"})
NAMES = frozenset({"authors", "tags", "aliases", "quotes", "kind_reasons"})
SHEET = "articles"


def write_parquet(articles: Iterable[Document], path: Path, columns: Sequence[str]) -> int:
    """Write `columns` with their types, zstd; return how many rows. Raises ArchiveError without pyarrow."""
    arrow, parquet = _module("pyarrow"), _module("pyarrow.parquet")
    schema = arrow.schema([(name, _arrow_type(arrow, name)) for name in columns])
    count = 0
    rows = iter(articles)
    with parquet.ParquetWriter(path, schema, compression="zstd") as writer:
        while group := list(islice(rows, ROWS_A_GROUP)):
            data = {name: [_arrow_value(name, row.get(name)) for row in group] for name in columns}
            writer.write_table(arrow.table(data, schema=schema))
            count += len(group)
    return count


def _arrow_type(arrow: ModuleType, name: str) -> Any:
    text, time = arrow.string(), arrow.timestamp("ms", tz="UTC")
    image = arrow.struct([("url", text), ("caption", text)])
    link = [("block", text), ("position", arrow.int32()), ("url", text), ("title", text), ("published_at", time)]
    nested = {
        "images": arrow.list_(image),
        "related": arrow.list_(arrow.struct(link)),
        "confidence": arrow.struct([(field, arrow.float64()) for field in CONFIDENT_FIELDS]),
    }
    if name in nested:
        return nested[name]
    if name in NAMES:
        return arrow.list_(text)
    kinds = {TIMES: time, NUMBERS: arrow.int32(), FLAGS: arrow.bool_()}
    return next((kind for names, kind in kinds.items() if name in names), text)


def _arrow_value(name: str, value: object) -> object:
    if name in NAMES or name in ("images", "related"):
        return value or []
    if value is None or name in TIMES | NUMBERS | FLAGS | {"confidence"}:
        return value
    return flat(value)


def write_xlsx(articles: Iterable[Document], path: Path, columns: Sequence[str]) -> int:
    """Write a sheet of text cells below a heading; return how many rows.

    Excel holds 32,767 characters in a cell: a longer one is cut and ends in "…". Raises ArchiveError without
    XlsxWriter and for more rows than a sheet holds.
    """
    xlsxwriter = _module("xlsxwriter")
    book = xlsxwriter.Workbook(path, {"constant_memory": True, "strings_to_urls": False, "strings_to_formulas": False})
    try:
        sheet = book.add_worksheet(SHEET)
        sheet.freeze_panes(1, 0)
        for at, name in enumerate(columns):
            sheet.write_string(0, at, name)
        count = 0
        for count, row in enumerate(articles, 1):
            if count > MAX_ROWS:
                raise ArchiveError(
                    _("a sheet holds {max_rows:,} articles: narrow the export, or use parquet").format(
                        max_rows=MAX_ROWS
                    )
                )
            for at, cell in enumerate(_cells(row, columns)):
                if cell:
                    sheet.write_string(count, at, cell)
    finally:
        book.close()
    return count


def _cells(row: Document, columns: Sequence[str]) -> Iterator[str]:
    for name in columns:
        value = flat(row.get(name))
        text = "" if value is None else str(value)
        yield text if len(text) <= MAX_CELL else text[: MAX_CELL - 1] + "…"


def _module(name: str) -> ModuleType:
    from importlib import import_module

    try:
        return import_module(name)
    except ImportError:
        raise ArchiveError(
            _("this format needs {more}: pip install -r requirements-export.txt").format(more=name.split(".")[0])
        ) from None
