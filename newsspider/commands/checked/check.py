"""`scrapy check`: Scrapy's command with a check of the names of settings."""

from __future__ import annotations

from scrapy.commands.check import Command as ScrapyCheck

from newsspider.cli.setting_names import CheckedSettings


class Command(CheckedSettings, ScrapyCheck):
    """Exit code 2 for `-s` with a name that is not a setting."""
