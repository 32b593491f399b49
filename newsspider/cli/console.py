"""Output of commands: tables on a terminal, tab-separated lines or JSON in a pipe, errors as one line on stderr."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TextIO

from newsspider.messages import _
from newsspider.printable import printable as printable
from newsspider.text.zone import BEIJING

if TYPE_CHECKING:
    from rich.console import Console, OverflowMethod

# a column that is copied into the next command: broken over lines where it is too long, never cut
COPIED = "id"
# a column of this width, such as one of times, keeps it
NARROW = 16
# the column that gets what the others leave of the terminal, and what any other column gets at most of it
WIDEST = "title"
OTHER_SHARE = 6
# the box draws one space between two columns
GAP = 1


def shown_time(moment: datetime | None, *, is_terminal: bool) -> str:
    """Return a time in Beijing time for a terminal, as ISO 8601 in UTC for a pipe, "" for None."""
    if moment is None:
        return ""
    if is_terminal:
        return moment.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M")
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def print_rows(
    columns: Sequence[str],
    rows: Iterable[Sequence[object]],
    stream: TextIO | None = None,
    *,
    has_heading: bool = True,
) -> None:
    """Print `rows`: as a table on a terminal, else one tab-separated line each below a line with the headings.

    Datetimes are shown by `shown_time`. On a terminal headings are in the user's language, wide columns are cut to fit,
    and empty columns are left out.
    """
    stream = stream or sys.stdout
    is_terminal = stream.isatty()
    cells = ([_cell(value, is_terminal) for value in row] for row in rows)
    if is_terminal:
        from rich.console import Console

        _print_table(*_filled(columns, list(cells)), Console(file=stream))
        return
    if has_heading:
        stream.write("\t".join(columns) + "\n")
    for row in cells:
        stream.write("\t".join(row) + "\n")


def padded(text: str, width: int) -> str:
    """Return `text` with spaces behind it up to `width` columns of a terminal, where Chinese characters take two."""
    from rich.cells import cell_len

    return text + " " * max(0, width - cell_len(text))


def print_json(values: Iterable[Mapping[str, Any]], stream: TextIO | None = None) -> None:
    """Print one JSON object per line; times as ISO 8601 in UTC."""
    stream = stream or sys.stdout
    for value in values:
        stream.write(json.dumps(value, ensure_ascii=False, default=_json_value) + "\n")


def _json_value(value: object) -> object:
    if isinstance(value, datetime):
        return shown_time(value, is_terminal=False)
    if isinstance(value, set | frozenset | tuple):
        return sorted(value)
    return value.hex() if isinstance(value, bytes) else str(value)


def _print_table(columns: Sequence[str], rows: list[list[str]], console: Console) -> None:
    from rich import box
    from rich.cells import cell_len
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, padding=0, show_edge=False)
    natural = [max(map(cell_len, (_(name), *cells))) for name, *cells in zip(columns, *rows, strict=True)]
    for name, width in zip(columns, _widths(columns, natural, console.width), strict=True):
        overflow: OverflowMethod = "fold" if name == COPIED else "ellipsis"
        table.add_column(_(name), overflow=overflow, no_wrap=name != COPIED, width=width)
    for row in rows:
        table.add_row(*(Text(cell, no_wrap=name != COPIED) for name, cell in zip(columns, row, strict=True)))
    console.print(table)


def _widths(columns: Sequence[str], natural: Sequence[int], terminal: int) -> list[int]:
    """Return the width of each column: its own, or where these are too wide in all, less for the widest ones."""
    from rich.cells import cell_len

    room = terminal - GAP * (len(columns) - 1)
    if sum(natural) <= room:
        return list(natural)
    caps = {COPIED: room // 2, WIDEST: room}
    widths = [
        min(width, caps.get(name, max(room // OTHER_SHARE, NARROW)))
        for name, width in zip(columns, natural, strict=True)
    ]
    if WIDEST in columns:
        at = columns.index(WIDEST)
        others = sum(widths) - widths[at]
        widths[at] = min(widths[at], max(room - others, room // 3))
    excess = max(0, sum(widths) - room)
    for at in sorted(range(len(columns)), key=lambda at: (columns[at] == WIDEST, -widths[at])):
        taken = min(excess, max(0, widths[at] - cell_len(_(columns[at]))))
        widths[at] -= taken
        excess -= taken
    return widths


def _filled(columns: Sequence[str], rows: list[list[str]]) -> tuple[list[str], list[list[str]]]:
    """Return columns and rows without the columns that no row has anything in."""
    kept = [index for index in range(len(columns)) if not rows or any(row[index] for row in rows)]
    return [columns[index] for index in kept], [[row[index] for index in kept] for row in rows]


def _cell(value: object, is_terminal: bool) -> str:
    return shown_time(value, is_terminal=is_terminal) if isinstance(value, datetime) else printable(value)


def escape_unknown_characters() -> None:
    """Write what the terminal or the file has no character for as an escape, in place of an error."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def complain(message: object) -> None:
    """Print an error message on one line of stderr."""
    print(f"newsspider: {' '.join(str(message).split())}", file=sys.stderr)
