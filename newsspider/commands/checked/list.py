"""`scrapy list`: Scrapy's command with a check of the names of settings."""

from __future__ import annotations

from scrapy.commands.list import Command as ScrapyList

from newsspider.cli.setting_names import CheckedSettings


class Command(CheckedSettings, ScrapyList):
    """Exit code 2 for `-s` with a name that is not a setting."""
