"""`scrapy checksites`: check the site files; the same check runs as a test."""

from __future__ import annotations

import argparse
from pathlib import Path

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from newsspider.cli.console import complain
from newsspider.cli.setting_names import CheckedSettings
from newsspider.cli.site_files.checks import shared_hosts, site_problems
from newsspider.cli.site_pages import site_spiders
from newsspider.messages import _

FIXTURES = Path("fixtures")


class Command(CheckedSettings, ScrapyCommand):
    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        return "[SITE...]"

    def short_desc(self) -> str:
        return "Check the site files"

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        if self.settings is None:
            raise RuntimeError("checksites runs inside `scrapy`")
        spiders = site_spiders(self.settings)
        unknown = sorted(set(args) - set(spiders))
        if unknown:
            raise UsageError(
                _("no site file {unknown!r}; there are: {spiders}").format(
                    unknown=unknown[0], spiders=", ".join(sorted(spiders))
                ),
                print_help=False,
            )
        conflicts = shared_hosts(spiders)
        for name in args or sorted(spiders):
            problems = [*site_problems(spiders[name], FIXTURES), *conflicts.get(name, ())]
            for problem in problems:
                complain(f"{name}: {problem}")
                self.exitcode = 1
            if not problems:
                print(f"{name}\tok")
