"""Lists of sites to add: a URL per line (.txt), or a table with a heading (.csv)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from newsspider.cli.sites.values import control_changes, url_of
from newsspider.messages import _
from newsspider.mongo.archive import ArchiveError

COLUMNS: Final = ("url", "labels", "owner", "notes", "interval", "quiet_hours", "daily_budget")
# what spreadsheets in Chinese write besides UTF-8
ENCODINGS: Final = ("utf-8-sig", "gb18030")


@dataclass(frozen=True, slots=True)
class NewSite:
    """A site to add: the URL to begin at, and what is said of it."""

    url: str
    changes: dict[str, Any] = field(default_factory=dict)


def read_seeds(path: Path) -> Iterator[NewSite | str]:
    """Yield a site per line of a file, or a line about what is wrong, which names file and line.

    Raises ArchiveError where the file cannot be read, or is no table with a column `url`.
    """
    text = _text(path)
    if path.suffix.lower() == ".csv":
        yield from _of_table(path, text)
        return
    for number, line in enumerate(text.splitlines(), 1):
        content = line.strip()
        if content and not content.startswith("#"):
            yield _site(path, number, content, {})


def _text(path: Path) -> str:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ArchiveError(
            _("cannot read {path}: {strerror}").format(path=path, strerror=error.strerror or error)
        ) from None
    for encoding in ENCODINGS:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise ArchiveError(_("cannot read {path}: neither UTF-8 nor GB18030").format(path=path))


def _of_table(path: Path, text: str) -> Iterator[NewSite | str]:
    first_line = text.partition("\n")[0]
    delimiter = max(",;\t", key=first_line.count)
    rows = csv.reader(io.StringIO(text), delimiter=delimiter)
    heading = [name.strip().lower().replace(" ", "_").replace("-", "_") for name in next(rows, [])]
    if "url" not in heading:
        raise ArchiveError(
            _("{path}, line 1: no column url (known columns: {columns})").format(path=path, columns=", ".join(COLUMNS))
        )
    if unknown := next((name for name in heading if name not in COLUMNS), None):
        raise ArchiveError(
            _("{path}, line 1: unknown column {unknown!r} (known: {columns})").format(
                path=path, unknown=unknown, columns=", ".join(COLUMNS)
            )
        )
    for row in rows:
        if not any(cell.strip() for cell in row):
            continue
        if len(row) > len(heading):
            yield f"{path}, line {rows.line_num}: {len(row)} cells under {len(heading)} headings"
            continue
        cells = dict(zip(heading, row, strict=False))
        given = {name: cell for name, cell in cells.items() if name != "url" and cell.strip()}
        yield _site(path, rows.line_num, cells["url"], given)


def _site(path: Path, number: int, url: str, given: dict[str, str]) -> NewSite | str:
    try:
        return NewSite(url_of(url), control_changes(given))
    except ValueError as error:
        return f"{path}, line {number}: {error}"
