"""Stories derived anew from the stored articles, and one story told: who was first, who followed, what changed."""

from __future__ import annotations

import difflib
from collections.abc import AsyncIterator
from typing import Any, Final

from pymongo.asynchronous.database import AsyncDatabase

from newsspider.items import Article

Document = dict[str, Any]
BATCH: Final = 200
ARTICLE_FIELDS: Final = (
    *("_id", "url", "site", "title", "text", "source", "source_url", "published_at", "published_precision"),
    *("content_hash", "first_seen_at", "fetched_at"),
)


async def recluster(database: AsyncDatabase[Document], window_days: int = 30) -> Document:
    """Fingerprint all stored articles anew and derive the stories from nothing; return counts.

    Repairs pointers, wrong links and fingerprints of an older scheme; may run beside a crawl. Expired fingerprints are
    restored for the time of the run and expire again.
    """
    from newsspider.mongo.stories import Stories

    stories = Stories(database, window_days)
    counts = {"articles": 0, "stories": 0, "copies": 0}
    await database["fingerprints"].update_many({}, {"$set": {"nv": 0}})
    await database["stories"].delete_many({})
    async for batch in _batches(database):
        placements = await stories.place(batch)
        counts["articles"] += len(batch)
        for article, placed in zip(batch, placements, strict=True):
            if placed.alias_of is None:
                mark: Document = {"fingerprint": placed.fingerprint, "quotes": placed.quotes}
                if placed.story_id == article._id and placed.duplicate_of is None:
                    mark |= {"story_id": article._id, "duplicate_of": None}
                await database["articles"].update_one({"_id": article._id}, {"$set": mark})
    await database["fingerprints"].delete_many({"nv": 0})
    async for found in database["stories"].find({"n": {"$gt": 1}}):
        counts["stories"] += 1
        counts["copies"] += found["n"] - 1
    return counts


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
    )


async def story(database: AsyncDatabase[Document], name: str) -> Document | None:
    """Return the story that an article (or a story's id, also a merged one's) belongs to; None if it has no copies.

    `members` are in the order of publication, each with `changes`: how its paragraphs differ from the canonical copy's,
    lines that begin with "- " or "+ ".
    """
    found = await database["stories"].find_one({"members.id": name})
    found = found or await database["stories"].find_one({"_id": name})
    while found is not None and found.get("merged_into") not in (None, found["_id"]):
        found = await database["stories"].find_one({"_id": found["merged_into"]})
    if found is None or not found["members"]:
        return None
    ids = [member["id"] for member in found["members"]]
    cursor = database["articles"].find({"_id": {"$in": ids}}, {"text": True, "title": True, "url": True})
    articles = {article["_id"]: article async for article in cursor}
    first = articles.get(found["canonical_id"], {}).get("text", "").split("\n")
    for member in found["members"]:
        article = articles.get(member["id"], {})
        member |= {"title": article.get("title"), "url": article.get("url")}
        member["changes"] = paragraph_changes(first, article.get("text", "").split("\n"))
    return found


def paragraph_changes(before: list[str], after: list[str]) -> list[str]:
    """Return the paragraphs taken out ("- ...") and put in ("+ ...")."""
    return [line for line in difflib.ndiff(before, after) if line.startswith(("- ", "+ "))]
