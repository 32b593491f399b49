"""The settings that a site file may name in `custom_settings`."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any, Final

from newsspider.sites.quiet_hours import QuietHours

# name -> type of its value: what holds for one site in every crawl
SITE_SETTINGS: Final[dict[str, type[Any]]] = {
    "DOWNLOAD_DELAY": float,
    "CONCURRENT_REQUESTS_PER_DOMAIN": int,
    "DOWNLOAD_TIMEOUT": float,
    "DOWNLOAD_MAXSIZE": int,
    "QUIET_HOURS": str,
    "QUIET_HOURS_TIME_ZONE": str,
    "REVISIT_ARTICLE_S": float,
    "REVISIT_ARTICLE_TIMES": int,
    "REVISIT_LISTING_S": float,
    "BACKOFF_S": float,
    "BACKOFF_MAX_S": float,
    "RELATED_DEPTH": int,
    "RELATED_MAX_AGE_DAYS": int,
    "RELATED_FETCHES": int,
    "CHANNEL_DEPTH": int,
    "MAX_LISTING_PAGES": int,
    "MAX_ARTICLE_PARTS": int,
    "MAX_LINKS_PER_PAGE": int,
    "MAX_LINKS_PER_SITEMAP": int,
    "RENDER": bool,
}
# limits and words of a run: they hold where the file's own spider runs, and say nothing about the site
RUN_SETTINGS: Final = frozenset(
    ("MAX_PAGES", "MAX_ARTICLES", "MAX_SECONDS", "RENDER_MAX_PAGES", "LOG_LEVEL", "PROGRESS_ENABLED")
)
_LEAST: Final = {"CONCURRENT_REQUESTS_PER_DOMAIN": 1, "MAX_ARTICLE_PARTS": 1}
_ZONE: Final = "Asia/Shanghai"
_WORDS: Final = {float: "a number", int: "a whole number", str: "a text", bool: "True or False"}


def setting_problems(custom: Mapping[str, Any]) -> Iterator[str]:
    """Yield a line for every entry of `custom_settings` that cannot hold for one site."""
    for name, value in custom.items():
        if name in RUN_SETTINGS:
            continue
        if name not in SITE_SETTINGS:
            yield f"custom_settings: {name} is not a setting of one site (use -s, or newsspider/settings.py)"
        elif problem := _problem(name, value):
            yield f"custom_settings: {name}: {problem}"
    if isinstance(custom.get("QUIET_HOURS"), str):
        try:
            QuietHours.parse(custom["QUIET_HOURS"], str(custom.get("QUIET_HOURS_TIME_ZONE", _ZONE)))
        except ValueError as error:
            yield f"custom_settings: {error}"


def _problem(name: str, value: object) -> str | None:
    kind = SITE_SETTINGS[name]
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if kind in (int, float) and is_number and not (kind is int and isinstance(value, float)):
        number = float(value)  # type: ignore[arg-type]
        least = _LEAST.get(name, 0)
        return None if math.isfinite(number) and number >= least else f"{value!r} is less than {least} or not finite"
    return None if kind in (str, bool) and isinstance(value, kind) else f"{value!r} is not {_WORDS[kind]}"


def site_values(custom: Mapping[str, Any]) -> dict[str, Any]:
    """Return those of `custom` that hold for the site in every crawl."""
    return {name: value for name, value in custom.items() if name in SITE_SETTINGS}
