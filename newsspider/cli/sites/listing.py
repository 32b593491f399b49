"""`scrapy sites list`: a row per site."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from newsspider.cli.console import print_rows
from newsspider.messages import _
from newsspider.mongo.server.types import Document
from newsspider.sites.control import ACTIVE, PAUSED, REMOVED, SiteControl
from newsspider.text.zone import BEIJING

COLUMNS: Final = ("site", "state", "articles", "last new (+08:00)", "next due (+08:00)", "failures", "alarm", "labels")
SORTS: Final[dict[str, Callable[[Document], Any]]] = {
    "site": lambda row: row["site"],
    "articles": lambda row: -row["totals"].get("articles", 0),
    "last-new": lambda row: -_stamp(row["totals"].get("last_new_at")),
    "next-due": lambda row: _stamp(row["next_due"]) or float("inf"),
    "failures": lambda row: -row["failures"],
    "alarm": lambda row: -len(row["alarms"]),
}
ALL: Final = "all"
LEASE_COLUMNS: Final = ("site", "held by", "since (+08:00)", "pages due", "lease ends / due since (+08:00)")


def _stamp(moment: datetime | None) -> float:
    return moment.timestamp() if moment else 0.0


def chosen(rows: Sequence[Document], states: Sequence[str], labels: Sequence[str], now: datetime) -> list[Document]:
    """Return the rows of sites in one of `states` (none: all but removed ones) that have all of `labels`."""
    return [
        row
        for row in rows
        if _is_wanted(row["control"].state_at(now), states) and set(labels) <= set(row["control"].labels)
    ]


def _is_wanted(state: str, states: Sequence[str]) -> bool:
    return state != REMOVED if not states else ALL in states or state in states


def ordered(rows: Sequence[Document], sort: str) -> list[Document]:
    return sorted(rows, key=lambda row: (SORTS[sort](row), row["site"]))


def state_words(control: SiteControl, now: datetime) -> str:
    """Return the state of a site for a person."""
    state = control.state_at(now)
    if state == PAUSED and control.paused_until:
        return _("paused until {until:%m-%d %H:%M}").format(until=control.paused_until.astimezone(BEIJING))
    return state


def print_list(rows: Sequence[Document], now: datetime) -> None:
    """Print a table on a terminal, tab-separated lines in a pipe."""
    print_rows(COLUMNS, (_cells(row, now) for row in rows))
    if not rows:
        print(_("0 sites"), file=sys.stderr)


def _cells(row: Document, now: datetime) -> tuple[object, ...]:
    control: SiteControl = row["control"]
    return (
        row["site"],
        state_words(control, now),
        row["totals"].get("articles"),
        row["totals"].get("last_new_at"),
        row["next_due"] if control.state_at(now) == ACTIVE else None,
        row["failures"] or None,
        ", ".join(row["alarms"]),
        ", ".join(control.labels),
    )


def as_json(row: Document, now: datetime) -> dict[str, Any]:
    """Return a row for `print_json`."""
    control = row["control"].to_document() | {"state": row["control"].state_at(now)}
    values = {**control, "alarms": row["alarms"], "next_due": row["next_due"], **row["totals"]}
    values |= {"failures_2_days": row["failures"], "requests_2_days": row["requests"]}
    return {"site": row["site"], **values}


def print_leases(hosts: Sequence[Document], pages: Mapping[str, int]) -> None:
    """Print sites with their leases: who holds each, since when, how many of its pages are due, and its time."""
    print_rows(LEASE_COLUMNS, (tuple(lease_json(host, pages).values()) for host in hosts))
    if not hosts:
        print(_("0 sites"), file=sys.stderr)


def lease_json(host: Document, pages: Mapping[str, int]) -> dict[str, Any]:
    """Return a site's lease for `print_json`; owner and since are None for a site that waits for a process."""
    site = host["_id"]
    lease = {name: host.get(name) for name in ("owner", "since")}
    return {"site": site, **lease, "pages_due": pages.get(site, 0), "due": host["due"]}
