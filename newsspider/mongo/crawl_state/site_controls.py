"""What operators say of sites, and how many requests they were sent on each day: collections `sites`, `site_days`.

A document of `sites` has the fields of `SiteControl` beside what crawls have learnt, and `controlled_at`, when an
operator changed it last. One of `site_days` has `_id` ("<site> <day>"), site, day (of Beijing time), requests,
failures, new and changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from pymongo import ASCENDING, IndexModel, ReturnDocument, UpdateOne
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import PyMongoError

from newsspider.mongo.server.types import Document
from newsspider.sites.control import ACTIVE, CONTROL_FIELDS, PAUSED, SiteControl, day_of

SITES: Final = "sites"
DAYS: Final = "site_days"
INDEXES: Final = {
    SITES: [IndexModel([("controlled_at", ASCENDING)], name="controlled", sparse=True)],
    DAYS: [IndexModel([("day", ASCENDING), ("site", ASCENDING)], name="day_site")],
}
PROJECTION: Final = dict.fromkeys((*CONTROL_FIELDS, "controlled_at"), True)
# counts of a day are kept so long
KEPT_DAYS: Final = 400
# what a caller catches that can do without these collections for a while
ControlsUnavailable = PyMongoError


async def load_controls(
    database: AsyncDatabase[Document], since: datetime | None = None
) -> tuple[dict[str, SiteControl], datetime | None]:
    """Return site -> control of all that an operator has said something of, and when that was last.

    With `since` only those that were changed at that time or later.
    """
    query = {"controlled_at": {"$gte": since} if since else {"$exists": True}}
    found: dict[str, SiteControl] = {}
    last = since
    async for document in database[SITES].find(query, PROJECTION):
        found[document["_id"]] = SiteControl.of(document)
        last = max(last or document["controlled_at"], document["controlled_at"])
    return found, last


async def end_pauses(database: AsyncDatabase[Document], now: datetime) -> None:
    """Make sites active again whose pause is over."""
    over = {"controlled_at": {"$exists": True}, "state": PAUSED, "paused_until": {"$lte": now}}
    await database[SITES].update_many(over, {"$set": {"state": ACTIVE}, "$unset": {"paused_until": ""}})


async def take_requests(database: AsyncDatabase[Document], site: str, now: datetime, *, count: int, budget: int) -> int:
    """Count up to `count` requests of today ahead, and return how many of them `budget` still allows.

    Of several processes that ask at once none gets what another has got.
    """
    day = day_of(now)
    sent: Document = {"$ifNull": ["$requests", 0]}
    allowed = {"$max": [sent, {"$min": [budget, {"$add": [sent, count]}]}]}
    before = await database[DAYS].find_one_and_update(
        {"_id": f"{site} {day}"},
        [{"$set": {"site": {"$literal": site}, "day": day, "requests": allowed}}],
        upsert=True,
        return_document=ReturnDocument.BEFORE,
    )
    sent_before = int((before or {}).get("requests", 0))
    return max(0, min(budget, sent_before + count) - sent_before)


async def requests_of(database: AsyncDatabase[Document], sites: Iterable[str], day: str) -> dict[str, int]:
    """Return how many requests each of `sites` was sent on a day."""
    keys = [f"{site} {day}" for site in sites]
    found = database[DAYS].find({"_id": {"$in": keys}}, {"site": True, "requests": True})
    return {document["site"]: int(document.get("requests", 0)) async for document in found}


def day_update(site: str, day: str, counts: Mapping[str, int]) -> UpdateOne:
    """Return the write that adds `counts` (requests, failures, new, changed) to a day of a site; negative ones too."""
    return UpdateOne({"_id": f"{site} {day}"}, {"$set": {"site": site, "day": day}, "$inc": dict(counts)}, upsert=True)


async def add_days(database: AsyncDatabase[Document], counts: Mapping[tuple[str, str], Mapping[str, int]]) -> None:
    """Add counts by (site, day)."""
    updates = [day_update(site, day, added) for (site, day), added in counts.items() if any(added.values())]
    if updates:
        await database[DAYS].bulk_write(updates, ordered=False)


async def save_problems(database: AsyncDatabase[Document], problems: Mapping[str, tuple[datetime, str]]) -> None:
    """Write why a request of a site failed last: site -> (time, one line)."""
    updates = [
        UpdateOne({"_id": site}, {"$set": {"totals.last_problem": {"at": at, "line": line}}}, upsert=True)
        for site, (at, line) in problems.items()
    ]
    if updates:
        await database[SITES].bulk_write(updates, ordered=False)


async def drop_old_days(database: AsyncDatabase[Document], now: datetime) -> None:
    """Delete the counts of days that are longer ago than KEPT_DAYS."""
    await database[DAYS].delete_many({"day": {"$lt": day_of(now - timedelta(days=KEPT_DAYS))}})


async def save_totals(database: AsyncDatabase[Document], newest: Mapping[str, Mapping[str, datetime]]) -> None:
    """Write what `sites list` shows of the articles of sites: how many there are, and the times in `newest`.

    `newest` has by site last_new_at, last_changed_at and last_seen_at. The articles are counted in the index, so what a
    kill or a removal leaves behind is right again after the next run of the site.
    """
    updates = []
    for site, times in newest.items():
        count = await database["articles"].count_documents({"site": site})
        moments = {f"totals.{name}": moment for name, moment in times.items()}
        updates.append(UpdateOne({"_id": site}, {"$set": {"totals.articles": count}, "$max": moments}, upsert=True))
    if updates:
        await database[SITES].bulk_write(updates, ordered=False)


async def recount(database: AsyncDatabase[Document]) -> int:
    """Count the articles of all sites anew, in the index alone; return the number of sites."""
    by_site: list[Document] = [{"$group": {"_id": "$site", "articles": {"$sum": 1}}}]
    updates: list[Any] = []
    stored = set()
    async for row in await database["articles"].aggregate(by_site, hint="site_published"):
        stored.add(row["_id"])
        updates.append(UpdateOne({"_id": row["_id"]}, {"$set": {"totals.articles": row["articles"]}}, upsert=True))
    if updates:
        await database[SITES].bulk_write(updates, ordered=False)
    empty = {"totals.articles": {"$gt": 0}, "_id": {"$nin": sorted(stored)}}
    await database[SITES].update_many(empty, {"$set": {"totals.articles": 0}})
    return len(stored)
