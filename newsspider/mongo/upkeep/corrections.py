"""Corrections of stored articles that are ours and not the paper's: another time, an earlier version again.

They are compare-and-set writes: an article that a crawl has changed since it was judged stays as it is. Each is
recorded in `corrections` of the article: by, at, field, revision, old, new. No revision is made of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from bson import ObjectId
from pymongo import UpdateOne
from pymongo.asynchronous.database import AsyncDatabase

from newsspider.mongo.articles.documents import article_of, quarantined
from newsspider.mongo.articles.revisions import VERSION_FIELDS, revision_id
from newsspider.mongo.daily.marks import DATED, SiteDay, mark
from newsspider.mongo.server.types import Document

DOCTOR: Final = "doctor"


def condition(article: Mapping[str, Any]) -> Document:
    """Return the query for an article as long as it is the version that was judged."""
    return {"_id": article["_id"], "revision": article["revision"], "version_id": article.get("version_id")}


async def correct_time(
    database: AsyncDatabase[Document],
    article: Mapping[str, Any],
    time: Document,
    earlier: Sequence[tuple[Document, Document]],
    now: datetime,
) -> bool:
    """Give an article, and the `earlier` (version, time) of it, another time; return False if it has changed.

    A time holds published_at, published_precision and tz_assumed. A new `version_id` makes a writer that has compared
    its own reading with the wrong time compare again.
    """
    records = [
        _record(version, "published_at", version["published_at"], new["published_at"], now)
        for version, new in [*earlier, (article, time)]
    ]
    update = {"$set": {**time, "version_id": ObjectId()}, "$push": {"corrections": {"$each": records}}}
    await mark(database, await _days(database, article, time))
    if not (await database["articles"].update_one(condition(article), update)).modified_count:
        return False
    if earlier:
        writes = [
            UpdateOne({"_id": version["_id"], "published_at": version["published_at"]}, {"$set": new})
            for version, new in earlier
        ]
        await database["revisions"].bulk_write(writes, ordered=False)
    return True


async def restore(
    database: AsyncDatabase[Document],
    article: Mapping[str, Any],
    versions: Sequence[Document],
    reason: str,
    now: datetime,
) -> bool:
    """Make the last of `versions` (latest first) the current one again; return False if the article has changed.

    The version that is current now, and those between, go to quarantine first.
    """
    whole = await database["articles"].find_one(condition(article))
    if whole is None:
        return False
    *between, wanted = versions
    kept = [quarantined(article_of({**whole, **version}), reason, now) for version in [{}, *between]]
    kept = [document | {"article_id": whole["_id"]} for document in kept]
    writes = [UpdateOne({"_id": document["_id"]}, {"$setOnInsert": document}, upsert=True) for document in kept]
    await database["quarantine"].bulk_write(writes, ordered=False)
    # before the article's own number goes back: a later version must find its number free
    await database["revisions"].delete_many({"_id": {"$in": [version["_id"] for version in between]}})
    fields = {name: wanted[name] for name in VERSION_FIELDS if name in wanted and name != "last_seen_at"}
    record = _record(whole, "version", whole["revision"], wanted["revision"], now) | {"reason": reason}
    update = {
        "$set": {**fields, "version_id": ObjectId()},
        "$push": {"corrections": record},
        "$unset": {"details_hash": "", "disputed": ""},
    }
    await mark(database, await _days(database, whole, fields))
    if not (await database["articles"].update_one(condition(article), update)).modified_count:
        return False
    await database["revisions"].delete_one({"_id": revision_id(whole["_id"], wanted["revision"])})
    return True


async def _days(
    database: AsyncDatabase[Document], article: Mapping[str, Any], changes: Mapping[str, Any]
) -> list[SiteDay | None]:
    """Return the days that an article is counted in now, and with `changes`."""
    stored = await database["articles"].find_one({"_id": article["_id"]}, DATED) or {}
    return [SiteDay.of(stored), SiteDay.of({**stored, **changes})]


def _record(version: Mapping[str, Any], field: str, old: object, new: object, now: datetime) -> Document:
    return {"by": DOCTOR, "at": now, "field": field, "revision": version["revision"], "old": old, "new": new}
