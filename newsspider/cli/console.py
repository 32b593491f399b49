"""What commands print: a table on a terminal, tab-separated lines in a pipe; one line on stderr for what went wrong."""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import TextIO
from zoneinfo import ZoneInfo

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

SHOWN_ZONE = ZoneInfo("Asia/Shanghai")
UNPRINTABLE_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})

# columns of a table: as wide a one is never cut, the least a cut one keeps, what lies between two
NARROW, LEAST, GAP = 19, 12, 2
# a column that is copied into the next command: broken over lines where it is too long, never cut
COPIED = "id"


def printable(value: object) -> str:
    """Return `value` on one line, without what steers a terminal: controls, escapes, direction overrides."""
    text = "" if value is None else str(value)
    if text.isascii() and text.isprintable():
        return text
    kept = (" " if character in "\t\r\n" else character for character in text)
    return "".join(c for c in kept if unicodedata.category(c) not in UNPRINTABLE_CATEGORIES).strip()


def shown_time(moment: datetime | None, *, is_terminal: bool) -> str:
    """Return a time for a person in Beijing time, for a pipe as ISO 8601 in UTC; "" for None."""
    if moment is None:
        return ""
    if is_terminal:
        return moment.astimezone(SHOWN_ZONE).strftime("%Y-%m-%d %H:%M")
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def print_rows(columns: Sequence[str], rows: Iterable[Sequence[object]], stream: TextIO | None = None) -> None:
    """Print `rows`: under headings on a terminal, else one tab-separated line each without headings.

    Datetimes are shown by `shown_time`. On a terminal the widest columns give way, and those with nothing in them go.
    """
    stream = stream or sys.stdout
    is_terminal = stream.isatty()
    cells = ([_cell(value, is_terminal) for value in row] for row in rows)
    if not is_terminal:
        for row in cells:
            stream.write("\t".join(row) + "\n")
        return
    columns, shown = _filled(columns, list(cells))
    console = Console(file=stream)
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False, show_edge=False)
    natural = [max(map(cell_len, column)) for column in zip(columns, *shown, strict=True)]
    whole = columns.index(COPIED) if COPIED in columns else None
    for index, width in enumerate(column_widths(natural, console.width, whole)):
        is_whole = index == whole
        table.add_column(columns[index], overflow="fold" if is_whole else "ellipsis", no_wrap=not is_whole, width=width)
    for row in shown:
        table.add_row(*(Text(cell) for cell in row))
    console.print(table)


def column_widths(natural: Sequence[int], total: int, whole: int | None = None) -> list[int]:
    """Return the widths of columns on a terminal `total` wide: narrow ones whole, the others share what is left.

    The column `whole` is served first, as long as the others keep their least.
    """
    widths = {index: width for index, width in enumerate(natural) if width <= NARROW}
    left = total - GAP * (len(natural) - 1) - sum(widths.values())
    wide = sorted((width, index) for index, width in enumerate(natural) if index not in widths)
    if whole is not None and whole not in widths:
        wide.remove((natural[whole], whole))
        widths[whole] = min(natural[whole], max(left - sum(min(width, 2 * LEAST) for width, _ in wide), LEAST))
        left -= widths[whole]
    for position, (width, index) in enumerate(wide):
        share = max(left // (len(wide) - position), LEAST)
        widths[index] = min(width, share)
        left -= widths[index]
    return [widths[index] for index in range(len(natural))]


def _filled(columns: Sequence[str], rows: list[list[str]]) -> tuple[list[str], list[list[str]]]:
    """Return columns and rows without the columns that no row has anything in."""
    kept = [index for index in range(len(columns)) if not rows or any(row[index] for row in rows)]
    return [columns[index] for index in kept], [[row[index] for index in kept] for row in rows]


def _cell(value: object, is_terminal: bool) -> str:
    return shown_time(value, is_terminal=is_terminal) if isinstance(value, datetime) else printable(value)


def complain(message: object) -> None:
    """Print one line on stderr that says what is wrong."""
    print(f"newsspider: {' '.join(str(message).split())}", file=sys.stderr)
