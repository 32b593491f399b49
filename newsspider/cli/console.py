"""Output of commands: tables on a terminal, tab-separated lines in a pipe, errors as one line on stderr."""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import TextIO

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from newsspider.text.zone import BEIJING

UNPRINTABLE_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})

# a column whose cells are all as narrow as this keeps its width where the terminal is too narrow for the table
NARROW = 19
# a column that is copied into the next command: broken over lines where it is too long, never cut
COPIED = "id"


def printable(value: object) -> str:
    """Return `value` on one line without terminal control: control characters, escapes, direction overrides."""
    text = "" if value is None else str(value)
    if text.isascii() and text.isprintable():
        return text
    kept = (" " if character in "\t\r\n" else character for character in text)
    return "".join(c for c in kept if unicodedata.category(c) not in UNPRINTABLE_CATEGORIES).strip()


def shown_time(moment: datetime | None, *, is_terminal: bool) -> str:
    """Return a time in Beijing time for a terminal, as ISO 8601 in UTC for a pipe, "" for None."""
    if moment is None:
        return ""
    if is_terminal:
        return moment.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M")
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def print_rows(columns: Sequence[str], rows: Iterable[Sequence[object]], stream: TextIO | None = None) -> None:
    """Print `rows`: under headings on a terminal, else one tab-separated line each without headings.

    Datetimes are shown by `shown_time`. On a terminal wide columns are cut to fit, and empty columns are left out.
    """
    stream = stream or sys.stdout
    is_terminal = stream.isatty()
    cells = ([_cell(value, is_terminal) for value in row] for row in rows)
    if is_terminal:
        _print_table(*_filled(columns, list(cells)), Console(file=stream))
        return
    for row in cells:
        stream.write("\t".join(row) + "\n")


def _print_table(columns: Sequence[str], rows: list[list[str]], console: Console) -> None:
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False, show_edge=False)
    for name, cells in zip(columns, zip(*rows, strict=True) if rows else [()] * len(columns), strict=True):
        if name == COPIED:
            table.add_column(name, overflow="fold", no_wrap=True, max_width=console.width // 2)
        else:
            is_narrow = all(cell_len(cell) <= NARROW for cell in cells)
            table.add_column(name, overflow="ellipsis", no_wrap=is_narrow)
    for row in rows:
        table.add_row(*(Text(cell, no_wrap=name != COPIED) for name, cell in zip(columns, row, strict=True)))
    console.print(table)


def _filled(columns: Sequence[str], rows: list[list[str]]) -> tuple[list[str], list[list[str]]]:
    """Return columns and rows without the columns that no row has anything in."""
    kept = [index for index in range(len(columns)) if not rows or any(row[index] for row in rows)]
    return [columns[index] for index in kept], [[row[index] for index in kept] for row in rows]


def _cell(value: object, is_terminal: bool) -> str:
    return shown_time(value, is_terminal=is_terminal) if isinstance(value, datetime) else printable(value)


def complain(message: object) -> None:
    """Print an error message on one line of stderr."""
    print(f"newsspider: {' '.join(str(message).split())}", file=sys.stderr)
