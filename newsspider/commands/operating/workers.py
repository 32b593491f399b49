"""`scrapy workers`: the processes that crawl on this database."""

from __future__ import annotations

import argparse
import socket
from collections.abc import Mapping, Sequence
from typing import Any

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from newsspider.cli.console import print_rows
from newsspider.cli.database import DatabaseAccess
from newsspider.messages import _
from newsspider.mongo.archive import ArchiveError
from newsspider.mongo.crawl_state.workers import known_workers, worker_rows

COLUMNS = ("process", "sites", "pages", "pages/min", "sign of life", "state")


class Command(DatabaseAccess, ScrapyCommand):
    def syntax(self) -> str:
        return "[--check]"

    def short_desc(self) -> str:
        return "Show the processes that crawl on this database"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument(
            "--check", action="store_true", help="exit code 1 unless a process of this machine gives signs of life"
        )

    def execute(self, args: list[str], opts: argparse.Namespace) -> None:
        if args:
            raise UsageError(_("workers takes no arguments"), print_help=False)
        lease_s = self.required_settings().getfloat("LEASE_S")
        with self.archive() as archive:
            workers, now = known_workers(archive.database)
        rows = worker_rows(workers, now, lease_s)
        if opts.check:
            _check(rows, lease_s)
        else:
            print_rows(COLUMNS, map(_cells, rows))


def _check(rows: Sequence[Mapping[str, Any]], lease_s: float) -> None:
    host = socket.gethostname()
    if not any(row["host"] == host and row["state"] == "alive" for row in rows):
        raise ArchiveError(
            _("no process of {host} has given a sign of life within {lease_s:.0f} s").format(host=host, lease_s=lease_s)
        )


def _cells(row: Mapping[str, Any]) -> tuple[Any, ...]:
    return (
        f"{row['host']}:{row['pid']}",
        row["sites"],
        row["pages"],
        f"{row['pages_per_minute']:.0f}",
        f"{row['silent_s']:.0f} s ago",
        row["state"],
    )
