"""`scrapy view`: Scrapy's command without storage, with a check of the names of settings."""

from __future__ import annotations

import argparse

from scrapy.commands.view import Command as ScrapyView

from newsspider.cli.running import without_storage
from newsspider.cli.setting_names import CheckedSettings


class Command(CheckedSettings, ScrapyView):
    """Exit code 2 for `-s` with a name that is not a setting."""

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        super().process_options(args, opts)
        without_storage(self.settings)
