"""`scrapy version`: Scrapy's command, and with -v whether page code runs as C or as Python."""

from __future__ import annotations

import argparse

from scrapy.commands.version import Command as ScrapyVersion

from newsspider import RUNS_AS, __version__
from newsspider.cli.setting_names import CheckedSettings


class Command(CheckedSettings, ScrapyVersion):
    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        super().run(args, opts)
        if opts.verbose:
            print(f"newsspider {__version__}, page code runs as {RUNS_AS}")
