"""`scrapy sites`: what crawls have learned about a site: channels, feeds, URL patterns."""

from __future__ import annotations

import argparse
import sys

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from newsspider.cli.console import print_rows, printable
from newsspider.cli.database import DatabaseAccess
from newsspider.mongo.archive import ArchiveError
from newsspider.mongo.crawl_state.sites import known_sites, site_facts

COLUMNS = ("shape", "counts")


class Command(DatabaseAccess, ScrapyCommand):
    def syntax(self) -> str:
        return "list | show HOST"

    def short_desc(self) -> str:
        return "Show what crawls have learned about a site"

    def execute(self, args: list[str], opts: argparse.Namespace) -> None:
        if args == ["list"]:
            with self.archive() as archive:
                for site in known_sites(archive.database):
                    print(site)
        elif len(args) == 2 and args[0] == "show":
            self._show(args[1])
        else:
            raise UsageError("no action given: use list or show HOST", print_help=False)

    def _show(self, host: str) -> None:
        with self.archive() as archive:
            facts = site_facts(archive.database, host)
        if not facts:
            raise ArchiveError(f"unknown site {host} (`scrapy sites list` shows the known ones)")
        shapes = facts.pop("shapes")
        for name, value in facts.items():
            values = value if isinstance(value, list) else [value]
            for part in values:
                print(f"{name:<11} {printable(part)}")
        rows = sorted(shapes.items(), key=lambda shape: -sum(v for v in shape[1].values() if isinstance(v, int)))
        print_rows(COLUMNS, ((shape, _counts(counters)) for shape, counters in rows), sys.stdout)


def _counts(counters: dict[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in sorted(counters.items()))
