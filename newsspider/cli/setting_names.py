"""Names of settings: one that nobody knows is refused, with the nearest that is known."""

from __future__ import annotations

import argparse
from difflib import SequenceMatcher
from typing import Any, Final

from scrapy.exceptions import UsageError
from scrapy.settings import Settings, default_settings

from newsspider import clock
from newsspider import settings as own_settings
from newsspider.messages import _

# settings of what may be installed beside us, and of Scrapy's media pipelines, which have no defaults
FOREIGN_PREFIXES: Final = (
    *(
        "AWS_",
        "AZURE_",
        "CRAWLERA_",
        "DELTAFETCH_",
        "FILES_",
        "FTP_",
        "GCS_",
        "HCF_",
        "IMAGES_",
        "MEDIA_",
        "PLAYWRIGHT_",
    ),
    *(
        "REDIS_",
        "S3_",
        "SCRAPEOPS_",
        "SCRAPY_POET_",
        "SCRAPYD_",
        "SELENIUM_",
        "SENTRY_",
        "SH_",
        "SPIDERMON_",
        "SPLASH_",
    ),
    *("STATSD_", "ZYTE_", "MYEXT_"),
)
NEAR: Final = 0.7
SAME_BUT_A_SLIP: Final = 0.9


def known_settings() -> set[str]:
    """Return the names of Scrapy's settings and of ours."""
    return {name for module in (default_settings, own_settings) for name in vars(module) if name.isupper()}


def unknown_setting(names: list[str]) -> str | None:
    """Return what is wrong with the first name that is not a setting, None where all are."""
    known = known_settings()
    for name in names:
        if name in known:
            continue
        likeness, nearest = max((SequenceMatcher(None, name.upper(), other).ratio(), other) for other in known)
        if name.startswith(FOREIGN_PREFIXES) and likeness < SAME_BUT_A_SLIP:
            continue
        return _("unknown setting {name}").format(name=name) + (
            _("; did you mean {nearest}?").format(nearest=nearest) if likeness >= NEAR else ""
        )
    return None


class CheckedSettings:
    """Mixed into a ScrapyCommand: exit code 2 for `-s` with a name that is not a setting. It sets the clock."""

    settings: Settings | None

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        """Do what Scrapy does; raises UsageError."""
        parent: Any = super()
        parent.process_options(args, opts)
        if problem := unknown_setting([setting.partition("=")[0].strip() for setting in opts.set]):
            raise UsageError(problem, print_help=False)
        if self.settings is not None:
            self._set_clock(self.settings["CLOCK_AHEAD_S"])

    def _set_clock(self, ahead_s: object) -> None:
        try:
            clock.put_ahead(float(str(ahead_s)))
        except (ValueError, OverflowError):
            raise UsageError(
                _("CLOCK_AHEAD_S: {value!r} is not a number of seconds").format(value=ahead_s), print_help=False
            ) from None
