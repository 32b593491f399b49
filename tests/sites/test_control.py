"""What an operator says of a site, and what follows from it at a moment."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from newsspider.sites.control import Closed, Closure, SiteControl, day_of, next_day

NOON = datetime(2026, 12, 1, 4, 0, tzinfo=UTC)  # 12:00 in Beijing
LATER = datetime(2026, 12, 3, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("control", "closed"),
    [
        (SiteControl(), None),
        (SiteControl(state="paused"), Closed(Closure.PAUSED)),
        (SiteControl(state="paused", paused_until=LATER), Closed(Closure.PAUSED, LATER)),
        (SiteControl(state="paused", paused_until=NOON), None),
        (SiteControl(state="retired"), Closed(Closure.RETIRED)),
        (SiteControl(state="removed"), Closed(Closure.REMOVED)),
        (SiteControl(quiet_hours="13:00-14:00"), None),
    ],
)
def test_when_a_site_is_closed(control: SiteControl, closed: Closed | None) -> None:
    assert control.closed(NOON) == closed


@pytest.mark.parametrize(
    ("hours", "zone", "until"),
    [
        ("11:30-12:30", "Asia/Shanghai", datetime(2026, 12, 1, 4, 30, tzinfo=UTC)),
        ("11:30-06:00", "Asia/Shanghai", datetime(2026, 12, 1, 22, 0, tzinfo=UTC)),
        ("23:00-06:00", "Europe/Berlin", datetime(2026, 12, 1, 5, 0, tzinfo=UTC)),
    ],
)
def test_quiet_hours_end_in_their_zone(hours: str, zone: str, until: datetime) -> None:
    closed = SiteControl(quiet_hours=hours, quiet_hours_zone=zone).closed(NOON)
    assert closed == Closed(Closure.QUIET, until)


def test_a_pause_that_is_over_counts_as_active() -> None:
    control = SiteControl(state="paused", paused_until=LATER)
    assert (control.state_at(NOON), control.state_at(LATER)) == ("paused", "active")


def test_a_control_survives_its_document() -> None:
    control = SiteControl(
        state="paused",
        paused_until=LATER,
        labels=("省报", "日报"),
        owner="编辑部",
        interval_s=3600.0,
        quiet_hours="01:00-06:30",
        daily_budget=500,
    )
    assert SiteControl.of(control.to_document() | {"shapes": {}}) == control
    assert SiteControl.of({}) == SiteControl()
    assert SiteControl().to_document() == {"state": "active"}


def test_a_day_is_one_of_beijing_time() -> None:
    assert day_of(datetime(2026, 12, 1, 15, 59, tzinfo=UTC)) == "2026-12-01"
    assert day_of(datetime(2026, 12, 1, 16, 0, tzinfo=UTC)) == "2026-12-02"
    assert next_day(NOON) == datetime(2026, 12, 1, 16, 0, tzinfo=UTC)
