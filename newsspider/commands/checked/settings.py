"""`scrapy settings`: Scrapy's command with a check of the names of settings."""

from __future__ import annotations

from scrapy.commands.settings import Command as ScrapySettings

from newsspider.cli.setting_names import CheckedSettings


class Command(CheckedSettings, ScrapySettings):
    """Exit code 2 for `-s` with a name that is not a setting."""
