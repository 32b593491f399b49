"""Days of sites whose figures have to be counted anew, in the collection `daily_marks`.

A day is marked before anything of its articles is written, so that no kill leaves a day that is wrong and not marked.
The mark is written without waiting for the journal: the write of the article that follows it is journalled later than
the mark, so that it cannot survive without it. A mark may stand for nothing; counting a day anew does no harm.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple

from pymongo import ASCENDING, IndexModel, UpdateOne, WriteConcern
from pymongo.asynchronous.database import AsyncDatabase

from newsspider.mongo.server.types import Document
from newsspider.sites.control import day_of

COLLECTION: Final = "daily_marks"
DATED: Final = dict.fromkeys(("site", "published_at", "first_seen_at"), True)
INDEXES: Final = {
    # the days of articles without a time of their own
    "articles": [
        IndexModel(
            [("site", ASCENDING), ("first_seen_at", ASCENDING)],
            name="undated",
            partialFilterExpression={"published_at": {"$type": "null"}},
        )
    ]
}


class SiteDay(NamedTuple):
    """A day of Beijing time, as in 2026-12-01, of a site."""

    site: str
    day: str

    @classmethod
    def of(cls, article: Mapping[str, Any]) -> SiteDay | None:
        """Return the day that an article, or a part of its document, is counted in; None where it has no time."""
        at: datetime | None = article.get("published_at") or article.get("first_seen_at")
        site = article.get("site")
        return cls(site, day_of(at)) if at is not None and site else None

    @property
    def key(self) -> str:
        return f"{self.site} {self.day}"


async def mark(database: AsyncDatabase[Document], days: Iterable[SiteDay | None], session: Any = None) -> None:
    """Have `days` counted anew. With `session` the marks are part of its transaction."""
    writes = [
        UpdateOne(
            {"_id": each.key}, {"$set": {"site": each.site, "day": each.day}, "$currentDate": {"at": True}}, upsert=True
        )
        for each in sorted({day for day in days if day is not None})
    ]
    if not writes:
        return
    marks = database[COLLECTION]
    if session is None:
        marks = marks.with_options(write_concern=WriteConcern(w=1, j=False))
    await marks.bulk_write(writes, ordered=False, session=session)


async def mark_articles(database: AsyncDatabase[Document], keys: Collection[str], session: Any = None) -> None:
    """Have the days of the stored articles `keys` counted anew."""
    if keys:
        found = database["articles"].find({"_id": {"$in": list(keys)}}, DATED, session=session)
        await mark(database, [SiteDay.of(stored) async for stored in found], session)
