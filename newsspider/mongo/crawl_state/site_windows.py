"""The collection `site_windows`: the last articles, fetches and listings of each site, written as they come.

`newsspider.alarms.window` says what a document holds. Every write adds to one document at a time, so that several
processes may write at once; a write that is made twice, or lost with a killed process, costs the window some entries.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import xxhash
from pymongo import UpdateOne
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import PyMongoError
from pymongo.write_concern import WriteConcern

from newsspider.alarms.rhythm import day_of, hour_of
from newsspider.alarms.window import GOOD, MAX_ARTICLES, MAX_FETCHES, MAX_ROW_COUNTS, Fetch, SiteWindow
from newsspider.mongo.server.errors import one_line
from newsspider.mongo.server.types import Document

logger = logging.getLogger(__name__)

# a write to one document of `site_windows`
WindowUpdate = UpdateOne
COLLECTION: Final = "site_windows"
MAX_LISTS: Final = 300
MAX_URL: Final = 1000
MAX_LINE: Final = 200
# how long hours, days and listings are kept; of a slow site at least so many hours
KEPT_HOURS: Final = timedelta(days=45)
LEAST_HOURS: Final = 60
KEPT_DAYS: Final = timedelta(days=60)
KEPT_LISTS: Final = timedelta(days=30)


def articles_update(site: str, entries: Sequence[Document]) -> UpdateOne:
    """Return the write that adds new articles (`window.entry_of`) to the window of their site."""
    hours: dict[str, int] = {}
    for entry in entries:
        name = f"hours.{hour_of(entry['t'])}"
        hours[name] = hours.get(name, 0) + 1
    pushed = {"articles": {"$each": list(entries), "$slice": -MAX_ARTICLES}}
    first_at = min(entry["t"] for entry in entries)
    return UpdateOne({"_id": site}, {"$push": pushed, "$inc": hours, "$min": {"first_at": first_at}}, upsert=True)


def fetches_update(site: str, fetches: Sequence[Fetch]) -> UpdateOne:
    """Return the write that adds fetches to the window of a site."""
    rows = [_fetch_document(fetch) for fetch in fetches]
    pushed = {"fetches": {"$each": rows, "$slice": -MAX_FETCHES}}
    return UpdateOne({"_id": site}, {"$push": pushed, "$min": {"first_at": fetches[0].at}}, upsert=True)


def rows_update(site: str, url: str, count: int, at: datetime) -> UpdateOne:
    """Return the write that adds the number of articles that a listing shows to the window of its site."""
    name = f"lists.{xxhash.xxh3_64_hexdigest(url.encode('utf-8', 'replace'))}"
    pushed = {f"{name}.r": {"$each": [{"t": at, "n": count}], "$slice": -MAX_ROW_COUNTS}}
    changes = {"$set": {f"{name}.u": url[:MAX_URL]}, "$push": pushed, "$min": {"first_at": at}}
    return UpdateOne({"_id": site}, changes, upsert=True)


def looked_updates(window: SiteWindow, now: datetime) -> list[UpdateOne]:
    """Return the writes that mark a site as looked at, and drop what is too old to be of use."""
    oldest_hour = hour_of(now - KEPT_HOURS)
    old = [f"hours.{hour}" for hour in sorted(window.hours)[:-LEAST_HOURS] if hour < oldest_hour]
    by_visit = sorted(window.lists.items(), key=lambda item: item[1].counts[-1][0], reverse=True)
    stale = (name for name, rows in by_visit if rows.counts[-1][0] < now - KEPT_LISTS)
    old += [f"lists.{name}" for name in {*stale, *(name for name, _ in by_visit[MAX_LISTS:])}]
    changes: dict[str, Any] = {"$set": {"looked_at": now}, "$addToSet": {"days": day_of(now)}}
    if old:
        changes["$unset"] = dict.fromkeys(old, "")
    key = {"_id": window.site}
    return [UpdateOne(key, changes), UpdateOne(key, {"$pull": {"days": {"$lt": day_of(now - KEPT_DAYS)}}})]


async def add_notes(database: AsyncDatabase[Document], updates: Sequence[UpdateOne]) -> None:
    """Write updates of windows; what cannot be written is lost, and logged.

    They need not survive a failover, so the primary alone acknowledges them.
    """
    if not updates:
        return
    windows = database.get_collection(COLLECTION, write_concern=WriteConcern(w=1))
    try:
        await windows.bulk_write(updates, ordered=False)
    except PyMongoError as error:
        logger.info("notes for alarms are lost: %s", one_line(error))


async def load(database: AsyncDatabase[Document], sites: Iterable[str] | None = None) -> AsyncIterator[SiteWindow]:
    """Yield the windows of `sites` that have one, of all sites for None."""
    wanted = {"first_at": {"$exists": True}} | ({} if sites is None else {"_id": {"$in": list(sites)}})
    async for document in database[COLLECTION].find(wanted):
        yield SiteWindow.of(document)


def _fetch_document(fetch: Fetch) -> Document:
    row: Document = {"t": fetch.at, "v": fetch.verdict}
    if fetch.verdict != GOOD:
        row |= {"u": fetch.url[:MAX_URL], "w": fetch.line[:MAX_LINE]}
    return row
