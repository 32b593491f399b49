"""`scrapy fetch`: Scrapy's command without storage; exit code 1 where no page came."""

from __future__ import annotations

import argparse

from scrapy.commands.fetch import Command as ScrapyFetch
from scrapy.http import Response

from newsspider.cli.console import complain
from newsspider.cli.running import spider_problem, without_storage
from newsspider.cli.setting_names import CheckedSettings
from newsspider.extensions.summary import FAILED, WRONG_USE
from newsspider.messages import _


class Command(CheckedSettings, ScrapyFetch):
    has_answer = False

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        super().process_options(args, opts)
        without_storage(self.settings)

    def _print_response(self, response: Response, opts: argparse.Namespace) -> None:
        self.has_answer = True
        super()._print_response(response, opts)

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        if problem := spider_problem(self.crawler_process, opts.spider):
            complain(problem)
            self.exitcode = WRONG_USE
            return
        super().run(args, opts)
        if not self.has_answer:
            complain(_("no answer from {name}").format(name=args[0]))
            self.exitcode = FAILED
