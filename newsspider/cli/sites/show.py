"""`scrapy sites show`: all that is known of a site, in words."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from newsspider.cli.console import padded, print_rows, printable
from newsspider.cli.sites.listing import state_words
from newsspider.messages import N_, _
from newsspider.mongo.server.types import Document
from newsspider.sites.control import SiteControl
from newsspider.text.zone import BEIJING

DAY_COLUMNS: Final = ("day (+08:00)", "requests", "failed", "new articles", "changed articles")
PATTERN_COLUMNS: Final = ("URL pattern", "what its pages were")
# counters of a URL pattern -> words
COUNTERS: Final = {
    "links": N_("links seen"),
    "articles": N_("articles"),
    "listings": N_("listings"),
    "junk": N_("other pages"),
    "duplicates": N_("repeated pages"),
    "fresh": N_("new articles on its listings"),
    "novel": N_("articles its listings showed first"),
    "dry": N_("listings that showed no article first"),
}
WIDTH: Final = 18
SHOWN_URLS: Final = 20


def shown(moment: datetime | None) -> str:
    """Return a time in Beijing time, with the zone."""
    return f"{moment.astimezone(BEIJING):%Y-%m-%d %H:%M} (+08:00)" if moment else _("never")


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
    yield _("site"), row["site"]
    yield _("state"), state_words(control, now)
    yield from _said(control)
    yield _("site file"), facts["file"] or _("none: the general rules hold")
    yield _("articles"), str(totals.get("articles", _("not counted yet (scrapy sites recount)")))
    yield _("last new article"), shown(totals.get("last_new_at"))
    yield _("last changed"), shown(totals.get("last_changed_at"))
    yield _("next visit"), shown(row["next_due"])
    yield _("pages"), ", ".join(f"{count} {state}" for state, count in sorted(facts["pages"].items())) or _("none")
    if problem := totals.get("last_problem"):
        yield _("last failure"), f"{shown(problem['at'])}: {problem['line']}"
    yield _("alarms"), ", ".join(row["alarms"]) or _("none")
    for name, words in (
        ("seeds", _("typed")),
        ("channels", _("channel")),
        ("feeds", _("feed")),
        ("sitemaps", _("sitemap")),
    ):
        yield from _urls(words, facts.get(name, ()))
    yield from ((_("same pages on"), mirror) for mirror in facts.get("twins", ()))


def _said(control: SiteControl) -> Iterator[tuple[str, str]]:
    """Yield what an operator says of a site."""
    if control.labels:
        yield _("labels"), ", ".join(control.labels)
    if control.owner:
        yield _("owner"), control.owner
    if control.notes:
        yield _("notes"), control.notes
    if control.interval_s:
        yield _("visited again"), _("after {span} at the earliest").format(span=span(control.interval_s))
    if control.quiet_hours:
        yield (
            _("quiet hours"),
            _("{quiet_hours} {quiet_hours_zone}: not asked then").format(
                quiet_hours=control.quiet_hours, quiet_hours_zone=control.quiet_hours_zone
            ),
        )
    if control.daily_budget:
        yield (
            _("daily budget"),
            _("{daily_budget} requests per day of Beijing time").format(daily_budget=control.daily_budget),
        )


def _urls(words: str, urls: list[str] | tuple[str, ...]) -> Iterator[tuple[str, str]]:
    yield from ((words, url) for url in urls[:SHOWN_URLS])
    if len(urls) > SHOWN_URLS:
        yield words, _("and {count} more (--json has all)").format(count=len(urls) - SHOWN_URLS)


def print_site(row: Document, facts: Mapping[str, Any], days: list[Document], now: datetime) -> None:
    """Print what is known of a site, its last days, and its URL patterns, most seen first."""
    for name, value in lines(row, facts, now):
        print(padded(name, WIDTH), printable(value))
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
    return ", ".join(f"{count} {_(COUNTERS.get(name, name))}" for name, count in sorted(counters.items()) if count)
