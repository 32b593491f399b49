"""`scrapy record`: pages, or a whole crawl, into a folder of fixtures or a WARC file."""

from __future__ import annotations

import argparse
import sys

from scrapy.commands import ScrapyCommand
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.exceptions import UsageError
from scrapy.utils.conf import arglist_to_dict

from newsspider.cli.console import complain
from newsspider.cli.fetching import fetch, is_url
from newsspider.cli.running import run_to_end
from newsspider.cli.setting_names import CheckedSettings
from newsspider.messages import _


class Command(CheckedSettings, ScrapyCommand):
    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        return "FOLDER_OR_WARC (URL... | --crawl SPIDER [-a NAME=VALUE])"

    def short_desc(self) -> str:
        return "Record pages or a crawl as fixtures"

    def long_desc(self) -> str:
        return (
            "Fetch URLs into fixtures/<site> (one folder a page) or x.warc.gz, with their robots.txt; or run a crawl "
            "with --crawl, which stores its articles as well. Replay with -s REPLAY=FOLDER_OR_WARC."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--crawl", metavar="SPIDER", help="record the responses of this spider's crawl")
        parser.add_argument("-a", dest="spargs", action="append", default=[], metavar="NAME=VALUE")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        unknown = [arg for arg in args if arg.startswith("-")]
        if unknown:
            raise UsageError(_("unknown option {unknown}").format(unknown=unknown[0]), print_help=False)
        if not args or is_url(args[0]):
            raise UsageError(
                _("no recording given: name a folder such as fixtures/site, or a .warc.gz file"), print_help=False
            )
        if bool(opts.crawl) == bool(args[1:]) or not all(map(is_url, args[1:])):
            raise UsageError(_("nothing to record: give http(s) URLs or --crawl SPIDER"), print_help=False)
        if self.settings is None:
            raise RuntimeError("record runs inside `scrapy`")
        self.settings.set("RECORD", args[0], priority="cmdline")
        self.exitcode = self._crawl(opts) if opts.crawl else self._fetch(args[1:])

    def _fetch(self, urls: list[str]) -> int:
        fetched = fetch(urls, self.settings)
        for url, problem in fetched.problems.items():
            complain(f"{url}: {problem}")
        print(
            _("{count} of {wanted} pages recorded").format(count=len(fetched.pages), wanted=len(urls)), file=sys.stderr
        )
        return 1 if fetched.problems else 0

    def _crawl(self, opts: argparse.Namespace) -> int:
        try:
            arguments = arglist_to_dict(opts.spargs)
        except ValueError:
            raise UsageError(_("-a takes NAME=VALUE"), print_help=False) from None
        process = AsyncCrawlerProcess(self.settings)
        names = sorted(process.spider_loader.list())
        if opts.crawl not in names:
            complain(_("no spider {name!r}; there are: {names}").format(name=opts.crawl, names=", ".join(names)))
            return 2
        crawler = process.create_crawler(opts.crawl)
        crawler.settings.set("RUN_ARGUMENTS", arguments, priority="cmdline")
        return run_to_end(process, crawler, arguments)
