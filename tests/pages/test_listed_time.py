"""The time of an entry for an article that shows none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from newsspider.items import Article
from newsspider.pages.listed_time import ListedTime, take_listed_time

FETCHED = datetime(2024, 5, 20, 2, 0, tzinfo=UTC)
LISTED = datetime(2024, 5, 18, 1, 20, tzinfo=UTC)


def article(own: datetime | None, method: str) -> Article:
    found = Article("k", "https://hekou.example/a", "hekou.example", "渡口", "停航", "<p>停航</p>", FETCHED)
    if own:
        found.published_at, found.published_precision, found.methods["published_at"] = own, "day", method
    return found


@pytest.mark.parametrize(
    ("own", "method", "takes"),
    [
        (None, "", True),
        (datetime(2024, 5, 17, 16, 0, tzinfo=UTC), "url", True),
        (datetime(2024, 5, 16, 16, 0, tzinfo=UTC), "url", False),
        (datetime(2024, 5, 17, 16, 0, tzinfo=UTC), "header", False),
    ],
)
def test_entry_gives_its_time_where_the_page_has_none(own: datetime | None, method: str, takes: bool) -> None:
    found = article(own, method)
    certainty = take_listed_time(found, ListedTime(LISTED, "minute", "feed"))
    assert (certainty is not None) is takes
    assert (found.published_at == LISTED) is takes
    assert (found.methods.get("published_at") == "feed") is takes


def test_entry_from_the_future_gives_no_time() -> None:
    found = article(None, "")
    assert take_listed_time(found, ListedTime(FETCHED + timedelta(days=2), "minute", "listing")) is None
    assert found.published_at is None
