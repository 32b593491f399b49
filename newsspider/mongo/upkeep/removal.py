"""Removal of articles that are none: to quarantine, out of their stories, and their pages due to be fetched again.

The quarantine document has `is_unfinished` until all of it is done, so that a kill at any moment leaves no trace of a
removed article behind: the next removal finishes it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pymongo import DeleteOne, UpdateOne
from pymongo.asynchronous.database import AsyncDatabase

from newsspider.mongo.articles.documents import article_of, quarantined
from newsspider.mongo.crawl_state.page_updates import refetch_update
from newsspider.mongo.daily.marks import mark_articles
from newsspider.mongo.server.types import Document
from newsspider.mongo.stories.repair import forget
from newsspider.mongo.upkeep.corrections import condition

STORE_FIELDS = (
    "revision",
    "version_id",
    "first_seen_at",
    "last_seen_at",
    "aliases",
    "story_id",
    "corrections",
    "disputed",
)
FLAG = "is_unfinished"


async def remove(
    database: AsyncDatabase[Document], judged: Sequence[tuple[Mapping[str, Any], str]], now: datetime
) -> set[str]:
    """Remove the articles of `judged` (article as it was judged, reason); return the ids of those removed.

    One that a crawl has changed meanwhile stays, as does one that quarantine cannot hold whole.
    """
    documents = []
    for article, reason in judged:
        whole = await database["articles"].find_one(condition(article))
        document = _quarantine_document(whole, reason, now) if whole is not None else None
        if document is not None and document["payload_is_whole"]:
            documents.append(document)
    if not documents:
        return set()
    writes = [
        UpdateOne({"_id": document["_id"]}, {"$setOnInsert": document, "$set": {FLAG: True}}, upsert=True)
        for document in documents
    ]
    await database["quarantine"].bulk_write(writes, ordered=False)
    conditions = {document["article_id"]: _version(document) for document in documents}
    await mark_articles(database, conditions)
    await database["articles"].bulk_write([DeleteOne(found) for found in conditions.values()], ordered=False)
    left = {found["_id"] async for found in database["articles"].find({"$or": list(conditions.values())}, {"_id": 1})}
    await finish_removals(database, now)
    return conditions.keys() - left


async def finish_removals(database: AsyncDatabase[Document], now: datetime) -> None:
    """Finish removals: pages due, stories without the article. An article that is stored again keeps its place."""
    documents = await database["quarantine"].find({FLAG: True}, {"payload": False}).to_list()
    if not documents:
        return
    removed = {document["article_id"]: document for document in documents}
    query = {"_id": {"$in": list(removed)}}
    stored = {found["_id"] async for found in database["articles"].find(query, {"_id": True})}
    pages = []
    for key in removed.keys() - stored:
        pages.append(refetch_update(key, removed[key]["url"], now))
        pages += [refetch_update(alias, None, now) for alias in removed[key]["removed"].get("aliases") or ()]
    if pages:
        await database["pages"].bulk_write(pages, ordered=False)
    await forget(database, removed.keys() - stored)
    ids = [document["_id"] for document in documents]
    await database["quarantine"].update_many({"_id": {"$in": ids}}, {"$unset": {FLAG: ""}})


async def fetch_again(database: AsyncDatabase[Document], articles: Sequence[Mapping[str, Any]], now: datetime) -> None:
    """Have the pages of articles fetched again by the next run."""
    if articles:
        writes = [refetch_update(article["_id"], article["url"], now) for article in articles]
        await database["pages"].bulk_write(writes, ordered=False)


def _quarantine_document(whole: Document, reason: str, now: datetime) -> Document:
    removed = {name: whole[name] for name in STORE_FIELDS if name in whole}
    return quarantined(article_of(whole), reason, now) | {"article_id": whole["_id"], "removed": removed}


def _version(document: Document) -> Document:
    return condition({"_id": document["article_id"], **document["removed"]})
