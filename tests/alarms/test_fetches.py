"""Fetches that give no pages, and listings that lose their rows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from newsspider.alarms.alarm import Alarm
from newsspider.alarms.fetches import list_finding, renew_lists, renew_verdict, verdict_finding
from newsspider.alarms.window import GOOD, Fetch, Rows

START = datetime(2026, 3, 2, tzinfo=UTC)
URL = "https://www.a.example/news/"


def fetches(*spans: tuple[int, str, float]) -> list[Fetch]:
    """Return fetches by (number, verdict, hours since the start), a second apart."""
    return [
        Fetch(
            START + timedelta(hours=hours, seconds=number), verdict, f"https://a.example/{verdict}{number}", "HTTP 403"
        )
        for count, verdict, hours in spans
        for number in range(count)
    ]


GOOD_DAYS = tuple((12, GOOD, 24.0 * day) for day in range(5))


@pytest.mark.parametrize(
    "spans",
    [
        ((6, "blocked", 120),),  # a day's run that is refused until the host is left alone
        ((1, "unreachable", 120), (1, "unreachable", 144)),  # a site that is asked once a day
        ((8, GOOD, 120), (12, "login", 120.5), (3, GOOD, 121), (10, "login", 121.5)),  # walls before most articles
        ((3, GOOD, 120), (10, "shell", 120.5), (1, GOOD, 121)),
    ],
)
def test_answers_that_are_no_pages(spans: tuple[tuple[int, str, float], ...]) -> None:
    found = verdict_finding(fetches(*GOOD_DAYS, *spans), ())
    assert found is not None
    assert found.field in ("blocked", "unreachable", "login", "shell")
    assert found.example is not None
    assert found.example.url.startswith(f"https://a.example/{found.field}")


@pytest.mark.parametrize(
    "spans",
    [
        ((4, "unreachable", 120),),  # the first look at a site that is down for a while
        ((12, "unreachable", 96.2), (12, GOOD, 97)),  # down for a short time
        ((12, "unreachable", 96.2),),
        ((2, "missing", 120), (10, GOOD, 120.2)),
    ],
)
def test_short_outages_are_no_alarm(spans: tuple[tuple[int, str, float], ...]) -> None:
    assert verdict_finding(fetches(*GOOD_DAYS, *spans), ()) is None


def test_a_site_that_was_never_readable_has_no_alarm() -> None:
    assert verdict_finding(fetches(*((6, "shell", 24.0 * day) for day in range(9))), ()) is None


def test_a_block_heals_when_pages_come_again() -> None:
    blocked = fetches(*GOOD_DAYS, (6, "blocked", 120))
    found = verdict_finding(blocked, ())
    assert found is not None
    alarm = Alarm.raised("a.example", found, blocked[-1].at)
    assert alarm.notes == {"blocked": 6}
    assert not renew_verdict(alarm, fetches(*GOOD_DAYS, (6, "blocked", 120), (5, "blocked", 144)))
    assert not renew_verdict(alarm, fetches(*GOOD_DAYS, (6, "blocked", 120), (4, GOOD, 144)))
    assert renew_verdict(alarm, fetches(*GOOD_DAYS, (6, "blocked", 120), (12, GOOD, 144)))


def rows(*counts: tuple[float, int]) -> list[Rows]:
    return [Rows(URL, tuple((START + timedelta(hours=hours), count) for hours, count in counts))]


USUAL_ROWS = tuple((24.0 * day, 20 + day % 3) for day in range(5))


def test_a_listing_that_lost_its_rows() -> None:
    found = list_finding(rows(*USUAL_ROWS, (120, 0)), ())
    assert found is not None
    assert found.parts[URL].usual == 20
    alarm = Alarm.raised("a.example", found, START)
    assert not renew_lists(alarm, rows(*USUAL_ROWS, (120, 0), (144, 1)))
    assert renew_lists(alarm, rows(*USUAL_ROWS, (120, 0), (144, 18)))


@pytest.mark.parametrize(
    "counts",
    [
        (*USUAL_ROWS, (96.5, 0)),  # once, a short time after it had them: asked again before anything is said
        (*USUAL_ROWS, (120, 9)),  # shorter, not lost
        ((0, 20), (24, 20), (48, 0)),  # hardly known
        ((0, 20), (24, 2), (48, 30), (72, 0), (96, 25), (120, 0)),  # a list that is often empty
    ],
)
def test_listings_that_have_lost_nothing(counts: tuple[tuple[float, int], ...]) -> None:
    assert list_finding(rows(*counts), ()) is None


def test_a_listing_that_is_empty_twice_in_a_row_within_the_hour() -> None:
    hourly = tuple((float(hour), 20) for hour in range(6))
    assert list_finding(rows(*hourly, (6, 0)), ()) is None
    assert list_finding(rows(*hourly, (6, 0), (7, 0)), ()) is not None
