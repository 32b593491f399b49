"""The time of an entry for an article that shows none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from newsspider.pages.byline.listed_time import ListedTime, listed_time

FETCHED = datetime(2024, 5, 20, 2, 0, tzinfo=UTC)
LISTED = ListedTime(datetime(2024, 5, 18, 1, 20, tzinfo=UTC), "minute", "feed")


@pytest.mark.parametrize(
    ("own", "method", "takes"),
    [
        (None, None, True),
        (datetime(2024, 5, 17, 16, 0, tzinfo=UTC), "url", True),
        (datetime(2024, 5, 16, 16, 0, tzinfo=UTC), "url", False),
        (datetime(2024, 5, 17, 16, 0, tzinfo=UTC), "header", False),
    ],
)
def test_entry_gives_its_time_where_the_page_has_none(own: datetime | None, method: str | None, takes: bool) -> None:
    found = listed_time(own, method, LISTED, FETCHED)
    assert (found is not None) is takes
    if found:
        moment, place, certainty = found
        assert (moment.at, moment.precision, place) == (LISTED.at, "minute", "feed")
        assert 0.5 < certainty < 0.95


def test_entry_from_the_future_gives_no_time() -> None:
    late = ListedTime(FETCHED + timedelta(days=2), "minute", "listing")
    assert listed_time(None, None, late, FETCHED) is None


@pytest.mark.parametrize(
    ("at", "precision", "place", "is_one"),
    [
        ("2024-05-18T01:20:00+00:00", "minute", "feed", True),
        (None, "minute", "feed", False),
        ("2024-05-18T01:20:00+00:00", "hour", "feed", False),
        ("2024-05-18T01:20:00+00:00", "minute", "", False),
    ],
)
def test_parse_reads_what_a_request_keeps(at: str | None, precision: str, place: str, is_one: bool) -> None:
    assert (ListedTime.parse(at, precision, place) is not None) is is_one
