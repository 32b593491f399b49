"""`scrapy shell`: Scrapy's command without pipelines, so that no MongoDB is started."""

from __future__ import annotations

import argparse

from scrapy.commands.shell import Command as ScrapyShell


class Command(ScrapyShell):
    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        super().process_options(args, opts)
        if self.settings is not None:
            self.settings.set("ITEM_PIPELINES", {}, priority="cmdline")
            self.settings.set("CRAWL_STATE_ENABLED", False, priority="cmdline")
