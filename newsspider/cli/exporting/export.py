"""`scrapy articles export`: format by file name, fields, edges; a file is complete or not there."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from difflib import get_close_matches
from pathlib import Path
from typing import Final, TextIO

from scrapy.exceptions import UsageError

from newsspider.cli.exporting.columnar import write_parquet, write_xlsx
from newsspider.cli.exporting.data_card import DataCard
from newsspider.cli.exporting.edges import EDGE_COLUMNS, edges, write_graphml
from newsspider.cli.exporting.formats import EDGE_FORMATS, FORMATS, TEXT_FORMATS
from newsspider.cli.exporting.lines import Document, write_csv, write_jsonl
from newsspider.cli.whole_file import write_whole
from newsspider.items import Article
from newsspider.messages import _
from newsspider.mongo.archive import ArchiveError

COLUMNS: Final = (
    *("_id", "url", "site", "title", "source", "authors", "editor", "published_at", "published_precision"),
    *("tz_assumed", "section", "tags", "language", "text", "images", "related", "kind", "pages", "revision"),
    *("first_seen_at", "last_seen_at", "fetched_at", "story_id", "duplicate_of", "confidence", "rules_version"),
)
STORED_FIELDS: Final = frozenset(
    {*(field.name for field in fields(Article)), *COLUMNS, "aliases", "withdrawn_at", "version_seen_at", "short_id"}
)


@dataclass(frozen=True, slots=True)
class Export:
    """What is to be written: a format, the fields (None: the format's own), the kind of edges, a file or stdout."""

    format_name: str
    names: tuple[str, ...] | None
    edge_kind: str | None
    path: Path | None

    @classmethod
    def of(cls, opts: argparse.Namespace) -> Export:
        """Return the export that the options ask for. Raises UsageError, one line."""
        formats = EDGE_FORMATS if opts.edges else FORMATS
        suffix = Path(opts.output or "").suffix.lstrip(".").lower()
        if opts.format and opts.format not in formats:
            raise UsageError(
                _("--format {format} is not for --edges: {formats}").format(
                    format=opts.format, formats=", ".join(formats)
                ),
                print_help=False,
            )
        if opts.output and suffix not in formats and (not opts.format or suffix in {*FORMATS, *EDGE_FORMATS}):
            expected = _("a name that ends in .{formats}").format(formats=", .".join(formats))
            raise UsageError(
                _("-o {output}: expected {expected}").format(output=opts.output, expected=expected), print_help=False
            )
        if opts.format and suffix in formats and suffix != opts.format:
            raise UsageError(
                _("-o {output} and --format {format} do not agree").format(output=opts.output, format=opts.format),
                print_help=False,
            )
        format_name = opts.format or suffix or ("csv" if opts.edges else "jsonl")
        if not opts.output and format_name not in TEXT_FORMATS:
            raise UsageError(
                _("{format_name} needs a file: -o NAME.{format_name}").format(format_name=format_name), print_help=False
            )
        if opts.edges and opts.fields:
            raise UsageError(_("--fields is not for --edges"), print_help=False)
        return cls(format_name, _names(opts.fields), opts.edges, Path(opts.output) if opts.output else None)

    def write(self, articles: Iterable[Document], chosen: Mapping[str, object]) -> tuple[int, list[Path]]:
        """Write `articles`; return how many rows and the files. Raises ArchiveError.

        `chosen` names the options that chose the articles, for the data card beside a Parquet file.
        """
        if self.path is None:
            return self._write_text(articles, sys.stdout), []
        card = DataCard()
        counted = card.counted(articles) if self.format_name == "parquet" else articles
        try:
            count = write_whole(self.path, lambda draft: self._write_file(counted, draft))
        except OSError as error:
            raise ArchiveError(
                _("cannot write {path}: {strerror}").format(path=self.path, strerror=error.strerror or error)
            ) from None
        if self.format_name != "parquet":
            return count, [self.path]
        try:
            return count, [self.path, card.write(self.path, chosen)]
        except OSError as error:
            raise ArchiveError(
                _("cannot write the data card: {strerror}").format(strerror=error.strerror or error)
            ) from None

    def _write_file(self, articles: Iterable[Document], draft: Path) -> int:
        if self.format_name == "parquet":
            return write_parquet(articles, draft, self.names or COLUMNS)
        if self.format_name == "xlsx":
            return write_xlsx(articles, draft, self.names or COLUMNS)
        if self.format_name == "graphml" and self.edge_kind:
            return write_graphml(articles, draft, self.edge_kind)
        with draft.open("w", encoding="utf-8", newline="") as stream:
            return self._write_text(articles, stream)

    def _write_text(self, articles: Iterable[Document], stream: TextIO) -> int:
        if self.edge_kind:
            return write_csv(edges(articles, self.edge_kind), stream, EDGE_COLUMNS[self.edge_kind])
        if self.format_name == "csv":
            return write_csv(articles, stream, self.names or COLUMNS)
        return write_jsonl(articles, stream, self.names)


def _names(text: str | None) -> tuple[str, ...] | None:
    """Return the fields of --fields. Raises UsageError for one that articles do not have."""
    if text is None:
        return None
    names = tuple(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))
    for name in names:
        if name not in STORED_FIELDS:
            near = get_close_matches(name, STORED_FIELDS, 1)
            meant = (
                _(" (do you mean {near}?)").format(near=near[0]) if near else f": {', '.join(sorted(STORED_FIELDS))}"
            )
            raise UsageError(
                _("--fields: articles have no field {name!r}{meant}").format(name=name, meant=meant), print_help=False
            )
    if not names:
        raise UsageError(_("--fields names no field"), print_help=False)
    return names


def chosen_options(opts: argparse.Namespace, names: Sequence[str]) -> dict[str, object]:
    """Return the options of `names` that were given."""
    return {name: getattr(opts, name) for name in names if getattr(opts, name, None) is not None}
