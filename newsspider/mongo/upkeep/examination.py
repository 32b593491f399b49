"""Stored articles read one batch after the other, as far as it takes to judge them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Final

import pymongo
from pymongo.asynchronous.database import AsyncDatabase

from newsspider.mongo.server.types import Document

BATCH: Final = 200
# this many ids of one site with the same title and text, none with a time or a source
REPEATED: Final = 3
LONGEST_PASS_S: Final = 24 * 3600
JUDGED_FIELDS: Final = (
    *("_id", "url", "site", "title", "text", "content_hash", "images", "source", "authors", "editor", "duplicate_of"),
    *("published_at", "published_raw", "published_precision", "fetched_at", "revision", "version_id"),
    *("related.url", "related.title"),
)

# site and content hash
Text = tuple[str, str]


async def repeated_texts(database: AsyncDatabase[Document], site: str | None = None) -> set[Text]:
    """Return the texts that a site has under REPEATED or more ids, none of which states a time or a source."""
    stated = {"$cond": [{"$or": [{"$ifNull": ["$published_at", False]}, {"$ifNull": ["$source", False]}]}, 1, 0]}
    pipeline: list[Document] = [
        {"$match": {"content_hash": {"$type": "string"}} | ({"site": site} if site else {})},
        {
            "$group": {
                "_id": {"site": "$site", "hash": "$content_hash"},
                "ids": {"$sum": 1},
                "stated": {"$sum": stated},
            }
        },
        {"$match": {"ids": {"$gte": REPEATED}, "stated": 0}},
    ]
    with pymongo.timeout(LONGEST_PASS_S):
        cursor = await database["articles"].aggregate(pipeline, allowDiskUse=True)
        return {(found["_id"]["site"], found["_id"]["hash"]) async for found in cursor}


async def batches(database: AsyncDatabase[Document], site: str | None = None) -> AsyncIterator[list[Document]]:
    """Yield all articles, of one site if it is given, with JUDGED_FIELDS, in the order of their ids.

    Every batch is a query of its own: no cursor is open while a batch is dealt with.
    """
    chosen: Document = {"site": site} if site else {}
    after: Document = {}
    while True:
        query = {"$and": [chosen, after]}
        found = database["articles"].find(query, dict.fromkeys(JUDGED_FIELDS, True)).sort("_id", 1).limit(BATCH)
        batch = await found.to_list()
        if batch:
            yield batch
        if len(batch) < BATCH:
            return
        after = {"_id": {"$gt": batch[-1]["_id"]}}


async def versions(database: AsyncDatabase[Document], key: str) -> list[Document]:
    """Return the earlier versions of an article, the latest first."""
    return await database["revisions"].find({"article_id": key}).sort("revision", -1).to_list()
