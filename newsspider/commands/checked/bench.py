"""`scrapy bench`: Scrapy's command without politeness, storage and silence."""

from __future__ import annotations

import argparse

from scrapy.commands.bench import Command as ScrapyBench

from newsspider.cli.setting_names import CheckedSettings

BENCH_SETTINGS = {
    "LOG_LEVEL": "INFO",
    "ITEM_PIPELINES": {},
    "ROBOTSTXT_OBEY": False,
    "AUTOTHROTTLE_ENABLED": False,
    "DOWNLOAD_DELAY": 0,
    "PROGRESS_ENABLED": False,
}


class Command(CheckedSettings, ScrapyBench):
    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        if self.settings is not None:
            for name, value in BENCH_SETTINGS.items():
                self.settings.set(name, value, priority="project")
        super().process_options(args, opts)
