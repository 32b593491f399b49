"""Silence and volume, by the rhythm of a site: nights, weekends, holidays, catching up."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta

import pytest

from newsspider.alarms.alarm import Alarm, Finding, Part
from newsspider.alarms.output import silence_finding, volume_finding
from newsspider.alarms.rhythm import day_of, hour_of
from newsspider.alarms.window import SiteWindow
from newsspider.text.zone import BEIJING

MONDAY = datetime(2026, 8, 31, tzinfo=BEIJING)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
Flow = Callable[[datetime], int]


def looks(flow: Flow, start: datetime, days: int, every: timedelta) -> Iterator[tuple[SiteWindow, datetime]]:
    """Yield the window of a site after each look at it; `flow` is the number of new articles of an hour."""
    window = SiteWindow("a.example", start)
    waiting, hour, now = 0, start, start
    while now < start + days * DAY:
        while hour <= now:
            waiting += flow(hour)
            hour += HOUR
        if waiting:
            window.hours[hour_of(now)] = waiting
            waiting = 0
        yield window, now
        window.looked_at = now
        window.days = sorted({*window.days, day_of(now)})
        now += every


def raised(flow: Flow, start: datetime, days: int, every: timedelta) -> list[tuple[str, datetime]]:
    found = []
    for window, now in looks(flow, start, days, every):
        for finding in (silence_finding(window, (), now), volume_finding(window, (), now)):
            if finding is not None:
                found.append((finding.kind, now))
    return found


def newsroom(seed: int, *, weekend: float = 1.0, a_day: float = 20.0) -> Flow:
    """Return a site that publishes from 7 to 23, less at weekends."""
    chance = random.Random(seed)

    def flow(hour: datetime) -> int:
        local = hour.astimezone(BEIJING)
        rate = a_day / 16 if 7 <= local.hour < 23 else 0.0
        if local.weekday() >= 5:
            rate *= weekend
        return sum(chance.random() < rate / 8 for _ in range(8))

    return flow


@pytest.mark.parametrize("every", [HOUR, DAY])
@pytest.mark.parametrize("weekend", [1.0, 0.3, 0.0])
@pytest.mark.parametrize("a_day", [3.0, 20.0])
def test_nights_and_weekends_are_no_silence(every: timedelta, weekend: float, a_day: float) -> None:
    flow = newsroom(7, weekend=weekend, a_day=a_day)
    assert raised(flow, MONDAY, 27, every) == []  # up to the national day


def test_a_site_of_two_articles_a_week_is_not_silent() -> None:
    chance = random.Random(3)
    assert raised(lambda hour: int(chance.random() < 2 / 168), MONDAY, 240, DAY) == []


@pytest.mark.parametrize(("every", "most"), [(HOUR, 30 * HOUR), (DAY, 4 * DAY)])
def test_silence_is_noticed(every: timedelta, most: timedelta) -> None:
    flow, end = newsroom(1), MONDAY + 20 * DAY + 10 * HOUR
    found = raised(lambda hour: flow(hour) if hour < end else 0, MONDAY, 26, every)
    assert found
    assert found[0][0] == "silence"
    assert found[0][1] - end <= most


def test_a_paper_that_rests_at_the_spring_festival_is_not_silent() -> None:
    flow = newsroom(2, weekend=0.1)
    rest = (date(2026, 2, 15), date(2026, 2, 23))

    def rested(hour: datetime) -> int:
        return 0 if rest[0] <= hour.astimezone(BEIJING).date() <= rest[1] else flow(hour)

    assert raised(rested, datetime(2026, 1, 12, tzinfo=BEIJING), 60, DAY) == []


def test_a_new_site_is_not_silent() -> None:
    flow = newsroom(4)
    end = MONDAY + 2 * DAY
    assert raised(lambda hour: flow(hour) if hour < end else 0, MONDAY, 5, 6 * HOUR) == []


def test_a_flood_and_a_trickle_are_noticed() -> None:
    flow = newsroom(5)
    flooded = raised(lambda hour: 40 if hour >= MONDAY + 20 * DAY else flow(hour), MONDAY, 21, HOUR)
    assert {kind for kind, _ in flooded} == {"volume"}
    chance = random.Random(6)
    thin = raised(lambda hour: flow(hour) if hour < MONDAY + 28 * DAY else int(chance.random() < 0.1), MONDAY, 29, DAY)
    assert thin == []
    august = MONDAY - 56 * DAY
    start = MONDAY - 21 * DAY
    less = raised(lambda hour: flow(hour) if hour < start else int(chance.random() < 0.1), august, 56, DAY)
    assert less
    assert less[0][0] == "volume"
    assert less[0][1] - start <= 7 * DAY


def test_what_was_missed_comes_at_once_and_is_no_flood() -> None:
    """Nobody looked for twelve days; or pages were blocked for so long, of which an alarm has told."""
    flow = newsroom(8)
    *_, (window, _) = looks(flow, MONDAY, 20, DAY)
    later = MONDAY + 32 * DAY
    window.hours[hour_of(later)] = 12 * 20
    assert volume_finding(window, (), later) is None
    window.looked_at = later - DAY
    assert volume_finding(window, (), later) is not None
    blocked = Alarm.raised("a.example", Finding("verdict", later - 12 * DAY, {"blocked": Part("good", 1, 0, 9)}), later)
    blocked.state, blocked.healed_at = "healed", later - HOUR
    assert volume_finding(window, [blocked], later) is None
