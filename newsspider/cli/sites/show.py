"""`scrapy sites show`: all that is known of a site, in words."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from newsspider.cli.console import print_rows, printable
from newsspider.cli.sites.listing import state_words
from newsspider.mongo.server.types import Document
from newsspider.sites.control import SiteControl
from newsspider.text.zone import BEIJING

DAY_COLUMNS: Final = ("day (+08:00)", "requests", "failed", "new articles", "changed articles")
PATTERN_COLUMNS: Final = ("URL pattern", "what its pages were")
# counters of a URL pattern -> words
COUNTERS: Final = {
    "links": "links seen",
    "articles": "articles",
    "listings": "listings",
    "junk": "other pages",
    "duplicates": "repeated pages",
    "fresh": "new articles on its listings",
    "novel": "articles its listings showed first",
    "dry": "listings that showed no article first",
}
WIDTH: Final = 18
SHOWN_URLS: Final = 20


def shown(moment: datetime | None) -> str:
    """Return a time in Beijing time, with the zone."""
    return f"{moment.astimezone(BEIJING):%Y-%m-%d %H:%M} (+08:00)" if moment else "never"


def span(value_s: float) -> str:
    """Return seconds as days, hours or minutes."""
    for unit, length in (("d", 86_400), ("h", 3_600), ("m", 60)):
        if value_s >= length and value_s % length == 0:
            return f"{value_s / length:g} {unit}"
    return f"{value_s:g} s"


def lines(row: Document, facts: Mapping[str, Any], now: datetime) -> Iterator[tuple[str, str]]:
    """Yield (name, value) of all that is known of a site; what is not known is left out."""
    control: SiteControl = row["control"]
    totals = row["totals"]
    yield "site", row["site"]
    yield "state", state_words(control, now)
    yield from _said(control)
    yield "site file", facts["file"] or "none: the general rules hold"
    yield "articles", str(totals.get("articles", "not counted yet (scrapy sites recount)"))
    yield "last new article", shown(totals.get("last_new_at"))
    yield "last changed", shown(totals.get("last_changed_at"))
    yield "next visit", shown(row["next_due"])
    yield "pages", ", ".join(f"{count} {state}" for state, count in sorted(facts["pages"].items())) or "none"
    if problem := totals.get("last_problem"):
        yield "last failure", f"{shown(problem['at'])}: {problem['line']}"
    yield "alarms", ", ".join(row["alarms"]) or "none"
    for name, words in (("seeds", "typed"), ("channels", "channel"), ("feeds", "feed"), ("sitemaps", "sitemap")):
        yield from _urls(words, facts.get(name, ()))
    yield from (("same pages on", mirror) for mirror in facts.get("twins", ()))


def _said(control: SiteControl) -> Iterator[tuple[str, str]]:
    """Yield what an operator says of a site."""
    if control.labels:
        yield "labels", ", ".join(control.labels)
    if control.owner:
        yield "owner", control.owner
    if control.notes:
        yield "notes", control.notes
    if control.interval_s:
        yield "visited again", f"after {span(control.interval_s)} at the earliest"
    if control.quiet_hours:
        yield "quiet hours", f"{control.quiet_hours} {control.quiet_hours_zone}: not asked then"
    if control.daily_budget:
        yield "daily budget", f"{control.daily_budget} requests per day of Beijing time"


def _urls(words: str, urls: list[str] | tuple[str, ...]) -> Iterator[tuple[str, str]]:
    yield from ((words, url) for url in urls[:SHOWN_URLS])
    if len(urls) > SHOWN_URLS:
        yield words, f"and {len(urls) - SHOWN_URLS} more (--json has all)"


def print_site(row: Document, facts: Mapping[str, Any], days: list[Document], now: datetime) -> None:
    """Print what is known of a site, its last days, and its URL patterns, most seen first."""
    for name, value in lines(row, facts, now):
        print(f"{name:<{WIDTH}} {printable(value)}")
    print()
    print_rows(DAY_COLUMNS, ((day["day"], *(day.get(name, 0) for name in COUNTED)) for day in days), sys.stdout)
    print()
    patterns = sorted(facts["shapes"].items(), key=lambda item: -sum(_numbers(item[1])))
    print_rows(PATTERN_COLUMNS, ((pattern, counts(counters)) for pattern, counters in patterns), sys.stdout)


COUNTED: Final = ("requests", "failures", "new", "changed")


def _numbers(counters: Mapping[str, Any]) -> list[int]:
    return [value for value in counters.values() if isinstance(value, int)]


def counts(counters: Mapping[str, int]) -> str:
    """Return the counters of a URL pattern in words."""
    return ", ".join(f"{count} {COUNTERS.get(name, name)}" for name, count in sorted(counters.items()) if count)
