"""`scrapy crawl`: Scrapy's command with argument checks, exit codes and a summary."""

from __future__ import annotations

import argparse

from scrapy.commands.crawl import Command as ScrapyCrawl
from scrapy.exceptions import UsageError
from scrapy.utils.log import configure_logging

from newsspider.cli.running import log_ending, run_to_end, say_wrong_use, spider_problem, use_job_log
from newsspider.cli.setting_names import CheckedSettings
from newsspider.extensions.summary import WRONG_USE
from newsspider.messages import _


class Command(CheckedSettings, ScrapyCrawl):
    """Exit code 0 fine, 1 failed or lost something, 2 wrong arguments: see newsspider.extensions.summary.

    With `--fail-on-alarm` it is 3 where 0 is not the whole truth: a site of the crawl has an open alarm.
    """

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument(
            "--fail-on-alarm", action="store_true", help="exit code 3 if a site of the crawl has an open alarm"
        )

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        try:
            super().process_options(args, opts)
        except UsageError as error:
            use_job_log(self.settings)
            if self.settings is not None and self.settings["LOG_FILE"]:
                configure_logging(self.settings)
                log_ending(self.settings, [str(error)], WRONG_USE)
            raise
        use_job_log(self.settings)

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        if len(args) != 1:
            raise UsageError(
                _("expected exactly one spider{more}").format(
                    more=_(" (arguments take -a name=value)") if args else ""
                ),
                print_help=False,
            )
        if self.crawler_process is None:
            raise RuntimeError("crawl runs inside `scrapy`")
        if problem := spider_problem(self.crawler_process, args[0]):
            self.exitcode = say_wrong_use(problem, self.settings)
            return
        spider = self.crawler_process.spider_loader.load(args[0])
        if opts.spargs.get("processes", "1").strip() not in ("", "0", "1"):
            self.exitcode = self._run_many(args[0], opts)
            return
        crawler = self._create_crawler(spider)
        crawler.settings.set("RUN_ARGUMENTS", opts.spargs, priority="cmdline")
        if opts.fail_on_alarm:
            crawler.settings.set("FAIL_ON_ALARM", True, priority="cmdline")
        self.exitcode = run_to_end(self.crawler_process, crawler, opts.spargs)  # type: ignore[arg-type]

    def _run_many(self, name: str, opts: argparse.Namespace) -> int:
        from newsspider.cli.processes import parent

        if self.crawler_process is None or self.settings is None:
            raise RuntimeError("crawl runs inside `scrapy`")
        if opts.fail_on_alarm:
            self.settings.set("FAIL_ON_ALARM", True, priority="cmdline")
        spider = self.crawler_process.spider_loader.load(name)
        return parent.run(name, opts.spargs, getattr(spider, "seeds", ()), self.settings)
