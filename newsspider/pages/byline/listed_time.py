"""The time of an article whose page shows none: that of its row in a feed, a news sitemap or a listing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal, Self, cast, get_args

from newsspider.text.clocks import Precision
from newsspider.text.dates import FUTURE_TOLERANCE, Published
from newsspider.text.zone import BEIJING

ListedIn = Literal["feed", "news sitemap", "listing"]

_CERTAINTY: Final[dict[ListedIn, float]] = {"feed": 0.85, "news sitemap": 0.85, "listing": 0.75}


@dataclass(frozen=True, slots=True)
class ListedTime:
    """When an entry says that its article was published (aware), to which precision, and where the entry stood."""

    at: datetime
    precision: Precision
    place: ListedIn

    @classmethod
    def parse(cls, at: str | None, precision: str, place: str) -> Self | None:
        """Return the time of these strings, as `isoformat` and the fields give them; None where they are not one."""
        if not at or place not in get_args(ListedIn) or precision not in get_args(Precision):
            return None
        return cls(datetime.fromisoformat(at), cast(Precision, precision), cast(ListedIn, place))


def listed_time(
    own: datetime | None, method: str | None, listed: ListedTime, fetched_at: datetime
) -> tuple[Published, str, float] | None:
    """Return (time, method, certainty) of an entry for an article with this time, found by this method, of its own.

    Only where the page has no time, or no more than the day in its URL and the entry the hour of that day. None where
    the article keeps its own, and for an entry dated after the fetch.
    """
    if listed.at > fetched_at + FUTURE_TOLERANCE:
        return None
    if own is not None:
        is_day_of_url = method == "url" and listed.precision != "day"
        if not is_day_of_url or own.astimezone(BEIJING).date() != listed.at.astimezone(BEIJING).date():
            return None
    moment = Published(listed.at.astimezone(UTC), listed.at.isoformat(), listed.precision, False)
    return moment, listed.place, _CERTAINTY[listed.place]
