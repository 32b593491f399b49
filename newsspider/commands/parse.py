"""`scrapy parse`: Scrapy's command; pipelines and MongoDB are used with `--pipelines` only."""

from __future__ import annotations

import argparse

from scrapy.commands.parse import Command as ScrapyParse


class Command(ScrapyParse):
    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        super().process_options(args, opts)
        if self.settings is not None and not opts.pipelines:
            self.settings.set("ITEM_PIPELINES", {}, priority="cmdline")
            self.settings.set("CRAWL_STATE_ENABLED", False, priority="cmdline")
