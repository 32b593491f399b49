"""What stored articles and stories say of removed ones: copy of, quotes, related links, leader of a story."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any, Final

from pymongo import UpdateOne
from pymongo.asynchronous.database import AsyncDatabase

from newsspider.mongo.articles.tombstones import sites_of
from newsspider.mongo.daily.marks import mark_articles
from newsspider.mongo.server.types import Document
from newsspider.urls import article_key

BATCH: Final = 500
# so many removed articles are looked for by their URLs in the links of others; more of them by their sites
MOST_URLS: Final = 50
FIELDS: Final = dict.fromkeys(("duplicate_of", "story_id", "related.url"), True)


async def drop_references(database: AsyncDatabase[Document], keys: Collection[str]) -> None:
    """Take the removed articles `keys` out of what the others say; one pass over the articles."""
    await _choose_leaders(database, keys)
    gone = {"$in": list(keys)}
    query = {"$or": [{"duplicate_of": gone}, {"quotes": gone}, {"related.url": _link_pattern(keys)}]}
    writes: list[UpdateOne] = []
    copies: list[str] = []
    async for stored in database["articles"].find(query, FIELDS):
        writes.append(UpdateOne({"_id": stored["_id"]}, _update(stored, keys, gone)))
        copies += [stored["_id"]] * (stored.get("duplicate_of") in keys)
        if len(writes) >= BATCH:
            await mark_articles(database, copies)
            await database["articles"].bulk_write(writes, ordered=False)
            writes, copies = [], []
    if writes:
        await mark_articles(database, copies)
        await database["articles"].bulk_write(writes, ordered=False)


def _update(stored: Mapping[str, Any], keys: Collection[str], gone: Document) -> Document:
    update: Document = {"$pull": {"quotes": gone}}
    urls = [row["url"] for row in stored.get("related") or () if article_key(row["url"]) in keys]
    if urls:
        update["$pull"]["related"] = {"url": {"$in": urls}}
        update["$unset"] = {"details_hash": ""}
    if stored.get("duplicate_of") in keys:
        update["$set"] = {"duplicate_of": None}
    return update


async def _choose_leaders(database: AsyncDatabase[Document], keys: Collection[str]) -> None:
    """Give stories that are too large to be regrouped their first published copy as leader."""
    query = {"canonical_id": {"$in": list(keys)}, "n": {"$gt": 0}}
    async for story in database["stories"].find(query, {"members.id": True}):
        first = story["members"][0]["id"]
        await database["stories"].update_one({"_id": story["_id"]}, {"$set": {"canonical_id": first}})
        members = [member["id"] for member in story["members"]]
        await mark_articles(database, members)
        await database["articles"].update_many({"_id": {"$in": members}}, {"$set": {"duplicate_of": first}})
        await database["articles"].update_one({"_id": first}, {"$set": {"duplicate_of": None}})


def _link_pattern(keys: Collection[str]) -> Document:
    """Return the query for a URL that may have one of `keys`."""
    if len(keys) <= MOST_URLS:
        paths = {key.partition("?")[0].partition("/")[2] or key for key in keys}
        return {"$regex": "|".join(re.escape(path) for path in sorted(paths))}
    hosts = "|".join(re.escape(site) for site in sites_of(keys))
    return {"$regex": rf"^https?://(?:[^/?#]*[.@])?(?:{hosts})(?:[:/?#]|$)"}
