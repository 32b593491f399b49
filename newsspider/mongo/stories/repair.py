"""The repair of stories: all links are looked for again in the stored articles."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection
from typing import Any, Final

from pymongo import UpdateOne
from pymongo.asynchronous.database import AsyncDatabase

from newsspider.fingerprint import SCHEME
from newsspider.items import Article
from newsspider.mongo.server.retry import Retry
from newsspider.mongo.server.types import Document
from newsspider.mongo.stories.fingerprint_document import Field, linked_ids
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
        await _assign(database, stories, batch, retry)
        counts["articles"] += len(batch)
    await _drop_leftovers(database, stories)
    async for found in database["stories"].find({"n": {"$gt": 1}}, {"n": True}):
        counts["stories"] += 1
        counts["copies"] += found["n"] - 1
    return counts


async def reassign(database: AsyncDatabase[Document], keys: Collection[str], window_days: int = 30) -> None:
    """Make the fingerprints of some stored articles again, whose text or time was corrected, and their stories."""
    stories, retry = Stories(database, window_days), Retry(PATIENCE_S)
    async for batch in _batches(database, {"_id": {"$in": list(keys)}}):
        await _assign(database, stories, batch, retry)


async def neighbours(database: AsyncDatabase[Document], keys: Collection[str], session: Any = None) -> set[str]:
    """Return the ids of the other articles that articles are linked to, or share a story with."""
    gone = {"$in": list(keys)}
    found: set[str] = set()
    async for story in database["stories"].find({"members.id": gone}, {"members.id": True}, session=session):
        found.update(member["id"] for member in story["members"])
    async for stored in database["fingerprints"].find({Field.ID: gone}, {Field.LINKS: True}, session=session):
        found.update(linked_ids(stored))
    return found.difference(keys)


async def forget(database: AsyncDatabase[Document], keys: Collection[str], others: Collection[str] = ()) -> None:
    """Take articles that are not stored any more out of the fingerprints and the stories; may be repeated.

    `others` are further articles whose stories they were in. What stays of a story gets a new leader.
    """
    if not keys:
        return
    gone = {"$in": list(keys)}
    members = [
        [member["id"] for member in found["members"] if member["id"] not in keys]
        async for found in database["stories"].find({"members.id": gone}, {"members.id": True})
    ]
    fingerprints = database["fingerprints"]
    linked = {
        key async for found in fingerprints.find({Field.ID: gone}, {Field.LINKS: True}) for key in linked_ids(found)
    }
    pull = {"$pull": {Field.LINKS: {Field.LINKED_ID: gone}}}
    await fingerprints.update_many({Field.ID: {"$in": list(linked.union(others, *members) - set(keys))}}, pull)
    await fingerprints.delete_many({Field.ID: gone})
    # story by story: what is regrouped together counts as one, up to a size
    writer = Stories(database).writer
    for group in members:
        await writer.regroup(group)
    regrouped: set[str] = set()
    for key in sorted(linked.union(others).difference(keys, *members)):
        if key not in regrouped:
            names, _ = await writer.regroup([key])
            regrouped.update(names)
    # what is left: stories without other members, and those too large to be regrouped
    rest = {"$filter": {"input": "$members", "cond": {"$not": [{"$in": ["$$this.id", list(keys)]}]}}}
    await database["stories"].update_many(
        {"members.id": gone}, [{"$set": {"members": rest}}, {"$set": {"n": {"$size": "$members"}}}]
    )


async def _assign(database: AsyncDatabase[Document], stories: Stories, batch: list[Article], retry: Retry) -> None:
    assignments = await stories.assign(batch, retry, is_anew=True)
    writes = [
        UpdateOne({"_id": article._id}, {"$set": {"fingerprint": found.fingerprint, "quotes": found.quotes}})
        for article, found in zip(batch, assignments, strict=True)
        if found.alias_of is None
    ]
    if writes:
        await database["articles"].bulk_write(writes, ordered=False)


async def _drop_leftovers(database: AsyncDatabase[Document], stories: Stories) -> None:
    """Delete fingerprints of older schemes without articles, and empty the stories without articles."""
    await database["fingerprints"].delete_many({Field.SCHEME: {"$ne": SCHEME}})
    async for found in database["stories"].find({"n": {"$gt": 0}}, {"members.id": True}):
        await stories.writer.regroup([member["id"] for member in found["members"]])


async def _batches(database: AsyncDatabase[Document], query: Document | None = None) -> AsyncIterator[list[Article]]:
    batch: list[Article] = []
    async for found in database["articles"].find(query or {}, dict.fromkeys(ARTICLE_FIELDS, True)).sort("_id", 1):
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
