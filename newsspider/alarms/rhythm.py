"""The rhythm of a site: at which hours and on which days its new articles come. All hours are those of Beijing."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from itertools import accumulate, pairwise
from typing import Final

from newsspider.alarms.window import SiteWindow
from newsspider.text.zone import BEIJING

HOUR_S: Final = 3600
HOUR: Final = timedelta(hours=1)
# hours and weekdays of a site are known after so long and so many articles
KNOWN_AFTER: Final = timedelta(days=14)
LEAST_ARTICLES: Final = 100
# an hour in which a site publishes next to nothing still counts so much of an average one
LEAST_WEIGHT: Final = 0.1
# while the weekdays of a site are not known
UNKNOWN_WEEKEND: Final = 0.25
# a public holiday, for a site that rests at weekends or is not known, and for any other
RESTED_HOLIDAY: Final = 0.1
HOLIDAY: Final = 0.5
RESTS: Final = 0.5
WEEKEND: Final = (5, 6)
# days of the Spring Festival and of the National Day
LONG_HOLIDAY: Final = 8


@dataclass(frozen=True, slots=True)
class Gap:
    """A time without new articles: its hours, and its hours weighted by how many articles each usually brings."""

    hours: int
    weight: float


class Rhythm:
    """How much each hour counts for a site: about 1 on average, less at night, at weekends and on holidays."""

    def __init__(self, hours: Mapping[int, int], first_at: datetime, now: datetime) -> None:
        self._hours = hours
        is_known = now - first_at >= KNOWN_AFTER and sum(hours.values()) >= LEAST_ARTICLES
        self._by_weekday = _weights(hours, lambda at: at.weekday(), 7) if is_known else _unknown_week()
        self._by_hour = _weights(hours, lambda at: at.hour, 24) if is_known else [1.0] * 24
        # of whatever days: articles of Sunday may be seen on Monday
        least = sum(sorted(self._by_weekday)[: len(WEEKEND)]) / len(WEEKEND)
        self._holiday = HOLIDAY if is_known and least >= RESTS else RESTED_HOLIDAY

    def gaps(self, now: datetime) -> list[Gap]:
        """Return the times between hours with new articles, and last that from the last such hour until `now`."""
        known = [*sorted(self._hours), max(hour_of(now), max(self._hours))]
        weights = [0.0, *accumulate(self._weight(hour) for hour in range(known[0] + 1, known[-1] + 1))]
        return [
            Gap(later - earlier, weights[later - known[0]] - weights[earlier - known[0]])
            for earlier, later in pairwise(known)
        ]

    def _weight(self, hour: int) -> float:
        at = time_of(hour)
        weight = self._by_weekday[at.weekday()] * self._by_hour[at.hour]
        return weight * self._holiday if is_holiday(at.date()) else weight


def hour_of(moment: datetime) -> int:
    """Return the number of whole hours since 1970."""
    return int(moment.timestamp()) // HOUR_S


def time_of(hour: int) -> datetime:
    """Return the beginning of an hour, in Beijing time."""
    return datetime.fromtimestamp(hour * HOUR_S, BEIJING)


def day_of(moment: datetime) -> str:
    """Return the day in Beijing, as `days` of a window holds it."""
    return f"{moment.astimezone(BEIJING):%Y%m%d}"


def articles_between(window: SiteWindow, start: datetime, end: datetime) -> int:
    """Return the number of new articles in the hours after `start`, up to and with that of `end`."""
    first, last = hour_of(start), hour_of(end)
    return sum(count for hour, count in window.hours.items() if first < hour <= last)


def has_holiday(start: datetime, end: datetime) -> bool:
    """Return True if a public holiday of China lies between two moments."""
    day, last = start.astimezone(BEIJING).date(), end.astimezone(BEIJING).date()
    return any(is_holiday(day + timedelta(days=number)) for number in range((last - day).days + 1))


def is_holiday(day: date) -> bool:
    """Return True if `day` is a public holiday of China, or a weekend beside one."""
    days = _holidays(day.year)
    is_beside = day.weekday() in WEEKEND and any(day + timedelta(days=step) in days for step in (-2, -1, 1, 2))
    return day in days or is_beside


@cache
def _holidays(year: int) -> frozenset[date]:
    """Return the holidays of a year; the two long ones whole, also where the days off are not decreed yet."""
    import holidays  # loading it takes as long as judging many sites, and few commands judge

    known = holidays.country_holidays("CN", years=year, language="en_US")
    eve = min((day for day, name in known.items() if "Chinese New Year" in name), default=date(year, 10, 1))
    long_ones = (start + timedelta(days=step) for start in (eve, date(year, 10, 1)) for step in range(LONG_HOLIDAY))
    return frozenset({*known, *long_ones})


def _weights(hours: Mapping[int, int], place: Callable[[datetime], int], places: int) -> list[float]:
    """Return how many articles come at each hour of the day, or day of the week, as shares of the average."""
    counts = [0] * places
    for hour, count in hours.items():
        counts[place(time_of(hour))] += count
    total = sum(counts)
    return [max(LEAST_WEIGHT, count * places / total) for count in counts]


def _unknown_week() -> list[float]:
    return [UNKNOWN_WEEKEND if day in WEEKEND else 1.0 for day in range(7)]


def variation(gaps: list[Gap]) -> float:
    """Return the deviation of gaps as a share of their mean: 0 where they are all alike, about 1 by chance."""
    mean = sum(gap.weight for gap in gaps) / len(gaps)
    squares = sum((gap.weight - mean) ** 2 for gap in gaps) / len(gaps)
    return math.sqrt(squares) / mean if mean else 0.0
