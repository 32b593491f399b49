"""`scrapy parse`: Scrapy's command for any URL; pipelines and MongoDB are used with `--pipelines` only."""

from __future__ import annotations

import argparse

from scrapy import Request
from scrapy.commands.parse import Command as ScrapyParse
from scrapy.crawler import Crawler
from scrapy.utils.spider import spidercls_for_request

from newsspider.cli.console import complain
from newsspider.cli.running import run_to_end, spider_problem, without_storage
from newsspider.cli.setting_names import CheckedSettings
from newsspider.extensions.summary import FAILED, FINE, WRONG_USE, Stats
from newsspider.messages import _

ANY_SITE = "news"


class Command(CheckedSettings, ScrapyParse):
    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        super().process_options(args, opts)
        if not opts.pipelines:
            without_storage(self.settings)

    def set_spidercls(self, url: str, opts: argparse.Namespace) -> None:
        """Take the spider of the site, and without one that for any site."""
        assert self.crawler_process is not None  # noqa: S101 for the type checker
        if not opts.spider:
            found = spidercls_for_request(self.crawler_process.spider_loader, Request(url))
            opts.spider = found.name if found is not None else ANY_SITE
        if opts.spider == ANY_SITE:
            opts.spargs.setdefault("url", url)
        super().set_spidercls(url, opts)

    def start_parsing(self, url: str, opts: argparse.Namespace) -> None:
        """Run the spider; says in one line why nothing came."""
        assert self.spidercls is not None and self.crawler_process is not None  # noqa: S101 for the type checker
        self.pcrawler = self._create_crawler(self.spidercls)
        self.exitcode = run_to_end(self.crawler_process, self.pcrawler, opts.spargs, show=_nothing)  # type: ignore[arg-type]
        if not self.first_response and self.exitcode != WRONG_USE:
            complain(_("no answer from {url}").format(url=url))
            self.exitcode = FAILED

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        if problem := spider_problem(self.crawler_process, opts.spider):
            complain(problem)
            self.exitcode = WRONG_USE
            return
        super().run(args, opts)

    def print_results(self, opts: argparse.Namespace) -> None:
        if self.first_response or self.exitcode == FINE:
            super().print_results(opts)


def _nothing(crawler: Crawler, stats: Stats) -> list[str]:
    """Print no summary: the results are printed."""
    return []
