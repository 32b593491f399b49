"""`scrapy workers`: the processes that crawl on this database."""

from __future__ import annotations

import argparse
import socket
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from newsspider.cli.console import print_rows
from newsspider.cli.database import DatabaseAccess
from newsspider.messages import _
from newsspider.mongo.archive import ArchiveError
from newsspider.mongo.crawl_state.workers import has_died, known_workers

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
        if opts.check:
            _check(workers, now, lease_s)
        else:
            print_rows(COLUMNS, [_row(worker, now, lease_s) for worker in workers])


def _check(workers: Sequence[Mapping[str, Any]], now: datetime, lease_s: float) -> None:
    host = socket.gethostname()
    if not any(worker["host"] == host and _state(worker, now, lease_s) == "alive" for worker in workers):
        raise ArchiveError(
            _("no process of {host} has given a sign of life within {lease_s:.0f} s").format(host=host, lease_s=lease_s)
        )


def _row(worker: Mapping[str, Any], now: datetime, lease_s: float) -> tuple[Any, ...]:
    minutes = max((worker["at"] - worker["started_at"]).total_seconds(), 1) / 60
    silent_s = (now - worker["at"]).total_seconds()
    return (
        f"{worker['host']}:{worker['pid']}",
        worker.get("sites", 0),
        worker.get("pages", 0),
        f"{worker.get('pages', 0) / minutes:.0f}",
        f"{silent_s:.0f} s ago",
        _state(worker, now, lease_s),
    )


def _state(worker: Mapping[str, Any], now: datetime, lease_s: float) -> str:
    """Return whether a worker lives: dead is one whose process has ended, silent one whose leases have ended."""
    if has_died(worker):
        return "dead"
    return "silent" if (now - worker["at"]).total_seconds() > lease_s else "alive"
