"""The repair of stories: all links are looked for again in the stored articles."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Final

from pymongo import UpdateOne
from pymongo.asynchronous.database import AsyncDatabase

from newsspider.fingerprint import SCHEME
from newsspider.items import Article
from newsspider.mongo.server.retry import Retry
from newsspider.mongo.server.types import Document
from newsspider.mongo.stories.fingerprint_document import Field
from newsspider.mongo.stories.stories import Stories

BATCH: Final = 200
# a crawl has changed an article meanwhile, or MongoDB was away
PATIENCE_S = 5.0
ARTICLE_FIELDS: Final = (
    *("_id", "url", "site", "title", "text", "source", "source_url", "published_at", "published_precision"),
    *("content_hash", "story_id", "first_seen_at", "fetched_at"),
)


async def recluster(database: AsyncDatabase[Document], window_days: int = 30) -> Document:
    """Make the fingerprints of all stored articles again and look for all links again; return counts.

    Repairs wrong links and pointers, lost or expired fingerprints and those of an older scheme; stories keep their ids.
    May be interrupted and run again, and may run beside a crawl: only an article that changes at that moment keeps the
    fingerprint of its earlier text until it is fetched again. A restored fingerprint expires again.
    """
    stories, retry = Stories(database, window_days), Retry(PATIENCE_S)
    counts = {"articles": 0, "stories": 0, "copies": 0}
    async for batch in _batches(database):
        known = [UpdateOne({"_id": a._id}, {"$set": {Field.STORY: a.story_id}}) for a in batch]
        await database["fingerprints"].bulk_write(known, ordered=False)
    async for batch in _batches(database):
        assignments = await stories.assign(batch, retry, is_anew=True)
        counts["articles"] += len(batch)
        await database["articles"].bulk_write(
            [
                UpdateOne({"_id": article._id}, {"$set": {"fingerprint": found.fingerprint, "quotes": found.quotes}})
                for article, found in zip(batch, assignments, strict=True)
                if found.alias_of is None
            ],
            ordered=False,
        )
    await _drop_leftovers(database, stories)
    async for found in database["stories"].find({"n": {"$gt": 1}}, {"n": True}):
        counts["stories"] += 1
        counts["copies"] += found["n"] - 1
    return counts


async def _drop_leftovers(database: AsyncDatabase[Document], stories: Stories) -> None:
    """Delete fingerprints of older schemes without articles, and empty the stories without articles."""
    await database["fingerprints"].delete_many({Field.SCHEME: {"$ne": SCHEME}})
    async for found in database["stories"].find({"n": {"$gt": 0}}, {"members.id": True}):
        await stories.writer.regroup([member["id"] for member in found["members"]])


async def _batches(database: AsyncDatabase[Document]) -> AsyncIterator[list[Article]]:
    batch: list[Article] = []
    async for found in database["articles"].find({}, dict.fromkeys(ARTICLE_FIELDS, True)).sort("_id", 1):
        batch.append(_article(found))
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _article(found: Document) -> Article:
    seen = found.get("first_seen_at") or found["fetched_at"]
    return Article(
        _id=found["_id"],
        url=found["url"],
        site=found["site"],
        title=found["title"],
        text=found["text"],
        body_html="",
        fetched_at=seen,
        source=found.get("source"),
        source_url=found.get("source_url"),
        published_at=found.get("published_at"),
        published_precision=found.get("published_precision"),
        content_hash=found.get("content_hash"),
        story_id=found.get("story_id"),
    )
