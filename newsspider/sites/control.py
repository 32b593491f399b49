"""What an operator says of a site: whether it is fetched at all, how often, when, and how much of it a day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Any, Final, Self

from newsspider.sites.quiet_hours import QuietHours
from newsspider.text.zone import BEIJING

ACTIVE, PAUSED, RETIRED, REMOVED = "active", "paused", "retired", "removed"
STATES: Final = (ACTIVE, PAUSED, RETIRED, REMOVED)
ZONE: Final = "Asia/Shanghai"
A_DAY: Final = timedelta(days=1)


class Closure(StrEnum):
    """Why a site is not fetched; the value is the last part of a stat `links/skipped/<reason>`."""

    PAUSED = "site_paused"
    RETIRED = "site_retired"
    REMOVED = "site_removed"
    QUIET = "quiet_hours"
    BUDGET = "daily_budget"


@dataclass(frozen=True, slots=True)
class Closed:
    """A site that is not fetched at the moment; `until` None: until an operator says otherwise."""

    reason: Closure
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteControl:
    """The words of an operator; all of them may be left out.

    `state` is active, paused (until `paused_until`, else until it is resumed), retired (never fetched again, its
    articles stay) or removed (forgotten as well). `interval_s` is the shortest time between two visits of a page.
    `quiet_hours` are such as "01:00-06:30", in `quiet_hours_zone`. `daily_budget` is how many requests may be sent in a
    day of Beijing time, by all processes together. Times are aware.
    """

    state: str = ACTIVE
    paused_until: datetime | None = None
    labels: tuple[str, ...] = ()
    owner: str = ""
    notes: str = ""
    interval_s: float | None = None
    quiet_hours: str = ""
    quiet_hours_zone: str = ZONE
    daily_budget: int | None = None

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Self:
        """Return what the document of a site in MongoDB says; its other fields are left out."""
        known = {name: document[name] for name in CONTROL_FIELDS if document.get(name) is not None}
        return cls(**known | {"labels": tuple(known.get("labels", ()))})

    def to_document(self) -> dict[str, Any]:
        """Return the fields that say something, for MongoDB."""
        values = {name: getattr(self, name) for name in CONTROL_FIELDS}
        said = {name: value for name, value in values.items() if value not in (None, "", ())}
        if not self.quiet_hours:
            said.pop("quiet_hours_zone", None)
        return said | ({"labels": list(self.labels)} if self.labels else {})

    def is_paused(self, now: datetime) -> bool:
        return self.state == PAUSED and (self.paused_until is None or now < self.paused_until)

    def state_at(self, now: datetime) -> str:
        """Return the state; a pause that is over counts as active."""
        return ACTIVE if self.state == PAUSED and not self.is_paused(now) else self.state

    def closed(self, now: datetime) -> Closed | None:
        """Return why the site is not fetched at `now`, None if it is; the budget is not looked at."""
        if self.state in (RETIRED, REMOVED):
            return Closed(Closure.RETIRED if self.state == RETIRED else Closure.REMOVED)
        if self.is_paused(now):
            return Closed(Closure.PAUSED, self.paused_until)
        return quiet(self.quiet_hours, self.quiet_hours_zone, now)


CONTROL_FIELDS: Final = tuple(field.name for field in fields(SiteControl))


def quiet(span: str, zone: str, now: datetime) -> Closed | None:
    """Return that `now` is in the hours `span`, None if it is not. ValueError for hours that cannot be meant."""
    hours = QuietHours.parse(span, zone)
    if hours is None or not hours.contains(now):
        return None
    return Closed(Closure.QUIET, hours.end_after(now))


def day_of(now: datetime) -> str:
    """Return the day of Beijing time, as in 2026-12-01."""
    return now.astimezone(BEIJING).date().isoformat()


def next_day(now: datetime) -> datetime:
    """Return the beginning of the next day of Beijing time."""
    return datetime.combine(now.astimezone(BEIJING).date() + A_DAY, time(), BEIJING)
