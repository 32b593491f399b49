"""`scrapy stats disk`: how much space the database takes, and when the disk is full."""

from __future__ import annotations

import argparse

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from newsspider import clock
from newsspider.cli.console import print_json
from newsspider.cli.database import DatabaseAccess
from newsspider.cli.upkeep.disk import as_json, print_disk
from newsspider.messages import _
from newsspider.mongo.upkeep.disk import disk_use


class Command(DatabaseAccess, ScrapyCommand):
    def syntax(self) -> str:
        return "[options] disk"

    def short_desc(self) -> str:
        return "Show the size of the database, its growth and a forecast"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--json", action="store_true", help="one JSON object, sizes in bytes")

    def execute(self, args: list[str], opts: argparse.Namespace) -> None:
        if args != ["disk"]:
            raise UsageError(_("no action given: use disk"), print_help=False)
        with self.archive() as archive:
            use = disk_use(archive.database, clock.now())
        if opts.json:
            print_json([as_json(use)])
        else:
            print_disk(use, self.required_settings().getdict("RETENTION_DAYS"))
