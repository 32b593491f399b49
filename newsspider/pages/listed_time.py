"""The time of an article whose page shows none: that of its row in a feed, a news sitemap or a listing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from newsspider.items import Article
from newsspider.text.dates import FUTURE_TOLERANCE
from newsspider.text.zone import BEIJING

ListedIn = Literal["feed", "news sitemap", "listing"]

_CERTAINTY: Final[dict[ListedIn, float]] = {"feed": 0.85, "news sitemap": 0.85, "listing": 0.75}


@dataclass(frozen=True, slots=True)
class ListedTime:
    """When an entry says that its article was published (aware), to which precision, and where the entry stood."""

    at: datetime
    precision: Literal["second", "minute", "day"]
    place: ListedIn


def take_listed_time(article: Article, listed: ListedTime) -> float | None:
    """Give an article the time of its entry, with the entry's place as the method; return its certainty.

    Only where the page has no time, or no more than the day in its address and the entry the hour of that day. None
    where the article keeps its own, and for an entry dated after the fetch.
    """
    if listed.at > article.fetched_at + FUTURE_TOLERANCE:
        return None
    own = article.published_at
    is_of_address = article.methods.get("published_at") == "url" and listed.precision != "day"
    if own is not None and not (is_of_address and _is_same_day(own, listed.at)):
        return None
    article.published_at = listed.at
    article.published_raw = listed.at.isoformat()
    article.published_precision = listed.precision
    article.tz_assumed = False
    article.methods["published_at"] = listed.place
    return _CERTAINTY[listed.place]


def _is_same_day(first: datetime, second: datetime) -> bool:
    days = abs(first.astimezone(BEIJING).date() - second.astimezone(BEIJING).date())
    return days < timedelta(days=1)
