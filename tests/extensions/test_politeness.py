"""Hours in which a site is left alone."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from newsspider.sites.quiet_hours import QuietHours


@pytest.mark.parametrize(
    ("span", "moment", "is_quiet"),
    [
        ("01:00-06:30", datetime(2024, 4, 25, 17, 0, tzinfo=UTC), True),
        ("01:00-06:30", datetime(2024, 4, 25, 22, 30, tzinfo=UTC), False),
        ("23:00-02:00", datetime(2024, 4, 25, 16, 0, tzinfo=UTC), True),
        ("23:00-02:00", datetime(2024, 4, 25, 19, 0, tzinfo=UTC), False),
    ],
)
def test_quiet_hours_are_local_and_may_pass_midnight(span, moment, is_quiet):
    hours = QuietHours.parse(span, "Asia/Shanghai")
    assert hours is not None
    assert hours.contains(moment) is is_quiet


def test_no_quiet_hours_and_wrong_ones():
    assert QuietHours.parse("", "Asia/Shanghai") is None
    with pytest.raises(ValueError, match="QUIET_HOURS"):
        QuietHours.parse("night", "Asia/Shanghai")
