"""How soon the pages of a site are visited again: by the settings, and by its site file where that differs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from scrapy.settings import BaseSettings

from newsspider.mongo.crawl_state.page_updates import RevisitPolicy
from newsspider.sites.registry import SiteRegistry, SiteRules

# settings -> parts of the pace
PACE_SETTINGS = {
    "REVISIT_ARTICLE_S": "article_s",
    "REVISIT_ARTICLE_TIMES": "article_times",
    "REVISIT_LISTING_S": "listing_s",
    "BACKOFF_S": "backoff_s",
    "BACKOFF_MAX_S": "backoff_max_s",
}


def common_pace(settings: BaseSettings) -> RevisitPolicy:
    """Return the pace of all sites without one of their own."""
    values = {part: settings.getfloat(name) for name, part in PACE_SETTINGS.items()}
    return RevisitPolicy(**values | {"article_times": settings.getint("REVISIT_ARTICLE_TIMES")})  # type: ignore[arg-type]


def pace_by_site(
    settings: BaseSettings, sites: SiteRegistry, interval_of: Callable[[str], float | None] = lambda url: None
) -> Callable[[str], RevisitPolicy]:
    """Return what gives the pace for a URL; no visit comes sooner after another than `interval_of(url)` seconds."""
    common = common_pace(settings)
    of_rules: dict[SiteRules, RevisitPolicy] = {sites.general: common}

    def pace_of(url: str) -> RevisitPolicy:
        rules = sites.of_url(url)
        if rules not in of_rules:
            own = {part: rules.settings[name] for name, part in PACE_SETTINGS.items() if name in rules.settings}
            of_rules[rules] = replace(common, **own)
        pace, least_s = of_rules[rules], interval_of(url)
        if least_s is None:
            return pace
        return replace(pace, article_s=max(pace.article_s, least_s), listing_s=max(pace.listing_s, least_s))

    return pace_of
