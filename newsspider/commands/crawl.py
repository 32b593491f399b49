"""`scrapy crawl`: Scrapy's command with argument checks, exit codes and a summary."""

from __future__ import annotations

import argparse

from scrapy.commands.crawl import Command as ScrapyCrawl
from scrapy.crawler import Crawler
from scrapy.exceptions import UsageError

from newsspider.cli.console import complain
from newsspider.cli.running import run_to_end
from newsspider.extensions.summary import WRONG_USE


class Command(ScrapyCrawl):
    """Exit code 0 fine, 1 failed or lost something, 2 wrong arguments: see newsspider.extensions.summary."""

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        if len(args) != 1:
            raise UsageError(
                f"expected exactly one spider{' (arguments take -a name=value)' if args else ''}", print_help=False
            )
        if self.crawler_process is None:
            raise RuntimeError("crawl runs inside `scrapy`")
        crawler = self._crawler_of(args[0])
        if crawler is None:
            self.exitcode = WRONG_USE
            return
        crawler.settings.set("RUN_ARGUMENTS", opts.spargs, priority="cmdline")
        self.exitcode = run_to_end(self.crawler_process, crawler, opts.spargs)  # type: ignore[arg-type]

    def _crawler_of(self, name: str) -> Crawler | None:
        if self.crawler_process is None:
            return None
        loader = self.crawler_process.spider_loader
        try:
            return self._create_crawler(loader.load(name))
        except KeyError:
            complain(f"no spider {name!r}; there are: {', '.join(sorted(loader.list()))}")
            return None
