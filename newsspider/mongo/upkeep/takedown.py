"""Removal of articles for good: a tombstone stays, in one transaction with the removal of all that is in MongoDB.

What a transaction cannot hold follows it: stories are regrouped, the links of other articles go. Until that is done the
tombstone is marked as unfinished, so that a kill at any moment leaves nothing behind: the next removal, crawl or
`articles doctor --fix` finishes it. A server that is not a replica set has no transactions; there the tombstone is
written first and the rest is finished in the same way.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from bson import ObjectId
from pymongo import UpdateOne
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import OperationFailure

from newsspider import clock
from newsspider.mongo.articles.tombstones import (
    COLLECTION,
    UNFINISHED,
    delete_contents,
    sites_of,
    text_hash,
)
from newsspider.mongo.crawl_state.page_updates import removed_page_update
from newsspider.mongo.server.types import Document
from newsspider.mongo.stories.fingerprint_document import Field
from newsspider.mongo.stories.repair import forget, neighbours
from newsspider.mongo.upkeep.references import drop_references
from newsspider.urls import article_key

AUDIT: Final = "audit"
# articles of one transaction
BATCH: Final = 50
# removals that are finished by one pass over the articles that may name them
FINISHED_TOGETHER: Final = 10_000
# a server that is not a replica set answers so to the first operation of a transaction
NO_TRANSACTIONS: Final = 20
CONTENT_FIELDS: Final = dict.fromkeys(("url", "site", "title", "text", "aliases"), True)


Erase = Callable[[AbstractSet[str]], object]


def _nothing_else(keys: AbstractSet[str]) -> None:
    """Erase nothing: no file holds articles."""


@dataclass(frozen=True, slots=True)
class Order:
    """Who has articles removed, and why; kept in `audit`."""

    by: str
    reason: str
    action: str = "remove"
    at: datetime = field(default_factory=clock.now)


@dataclass(slots=True)
class Grave:
    """A removed article: its id, URL, and what its tombstone holds."""

    id: str
    url: str
    site: str
    keys: set[str]
    hashes: set[str] = field(default_factory=set)

    def tombstone(self, at: datetime, others: Collection[str] = ()) -> UpdateOne:
        """Return the write of the tombstone; it adds to that of an earlier removal."""
        held: dict[str, Iterable[str]] = {"keys": self.keys, "hashes": self.hashes, "sites": sites_of(self.keys)}
        lists = {name: {"$each": sorted(values)} for name, values in (held | {"neighbours": others}).items()}
        update = {"$addToSet": lists, "$set": {UNFINISHED: True}, "$setOnInsert": {"removed_at": at}}
        return UpdateOne({"_id": self.id}, update, upsert=True)


async def take_down(database: AsyncDatabase[Document], ids: Sequence[str], order: Order) -> int:
    """Remove the stored articles `ids` and leave tombstones; return how many articles were removed.

    Ids that are not stored are passed over. `finish_take_downs` has to follow.
    """
    return sum([await _bury(database, ids[start : start + BATCH], order) for start in range(0, len(ids), BATCH)])


async def ids_of_site(database: AsyncDatabase[Document], site: str) -> list[str]:
    """Return the ids of the stored articles of a site."""
    return [found["_id"] async for found in database["articles"].find({"site": site}, {"_id": True})]


async def _bury(database: AsyncDatabase[Document], ids: Sequence[str], order: Order) -> int:
    async def bury(session: Any) -> int:
        graves = await _graves(database, ids, session)
        return await _write(database, graves, order, session) if graves else 0

    try:
        async with database.client.start_session() as session:
            return int(await session.with_transaction(bury))
    except OperationFailure as error:
        if error.code != NO_TRANSACTIONS:
            raise
    return await bury(None)


async def _graves(database: AsyncDatabase[Document], ids: Sequence[str], session: Any) -> list[Grave]:
    """Return what the tombstones of the stored articles among `ids` are to hold."""
    graves: dict[str, Grave] = {}
    async for stored in database["articles"].find({"_id": {"$in": list(ids)}}, CONTENT_FIELDS, session=session):
        grave = Grave(stored["_id"], stored["url"], stored["site"], {stored["_id"], article_key(stored["url"])})
        grave.keys.update(stored.get("aliases") or ())
        graves[grave.id] = grave
        _add_hash(grave, stored)
    async for version in database["revisions"].find(
        {"article_id": {"$in": list(graves)}}, {"article_id": True, "title": True, "text": True}, session=session
    ):
        _add_hash(graves[version["article_id"]], version)
    reasons = {f"alias of {key}": key for key in graves}
    query = {"site": {"$in": sorted({grave.site for grave in graves.values()})}, "state": "done"}
    pages = database["pages"].find(query | {"reason": {"$in": list(reasons)}}, {"reason": True}, session=session)
    async for page in pages:
        graves[reasons[page["reason"]]].keys.add(page["_id"])
    return list(graves.values())


def _add_hash(grave: Grave, version: Mapping[str, Any]) -> None:
    found = text_hash(grave.site, version.get("title") or "", version.get("text") or "")
    if found is not None:
        grave.hashes.add(found)


async def _write(database: AsyncDatabase[Document], graves: Sequence[Grave], order: Order, session: Any) -> int:
    """Write tombstones and remove what they stand for; return how many articles were removed."""
    keys = set().union(*(grave.keys for grave in graves))
    writes = [grave.tombstone(order.at, await neighbours(database, grave.keys, session)) for grave in graves]
    await database[COLLECTION].bulk_write(writes, ordered=False, session=session)
    await database[AUDIT].insert_one(_audit(order, graves), session=session)
    removed = await delete_contents(database, keys, session)
    await database["fingerprints"].delete_many({Field.ID: {"$in": list(keys)}}, session=session)
    await database["stories"].update_many({"members.id": {"$in": list(keys)}}, _without(keys), session=session)
    await database["pages"].bulk_write(_pages(graves, order.at), ordered=False, session=session)
    return removed


def _audit(order: Order, graves: Sequence[Grave]) -> Document:
    return {
        "_id": ObjectId(),
        "at": order.at,
        "by": order.by,
        "action": order.action,
        "reason": order.reason,
        "articles": sorted(grave.id for grave in graves),
    }


def _without(keys: Collection[str]) -> list[Document]:
    rest = {"$filter": {"input": "$members", "cond": {"$not": [{"$in": ["$$this.id", {"$literal": list(keys)}]}]}}}
    return [{"$set": {"members": rest}}, {"$set": {"n": {"$size": "$members"}}}]


def _pages(graves: Iterable[Grave], at: datetime) -> list[UpdateOne]:
    return [
        removed_page_update(key, grave.url if key == grave.id else None, at) for grave in graves for key in grave.keys
    ]


async def finish_take_downs(database: AsyncDatabase[Document], erase: Erase = _nothing_else) -> int:
    """Finish removals: stories, what other articles say of removed ones, and by `erase` what is kept in files.

    Return how many tombstones were not finished. May be repeated.
    """
    finished = 0
    while True:
        found = await database[COLLECTION].find({UNFINISHED: True}).limit(FINISHED_TOGETHER).to_list()
        for start in range(0, len(found), BATCH):
            batch = found[start : start + BATCH]
            keys = _all_keys(batch)
            others = {key for tombstone in batch for key in tombstone.get("neighbours", ())} - keys
            # a crawl may have stored one between its look at the tombstones and their transaction
            await delete_contents(database, keys)
            pages = [removed_page_update(key, None, one["removed_at"]) for one in batch for key in one["keys"]]
            await database["pages"].bulk_write(pages, ordered=False)
            await forget(database, keys, others)
        if found:
            await drop_references(database, _all_keys(found))
            erase(_all_keys(found))
            done = {"_id": {"$in": [tombstone["_id"] for tombstone in found]}}
            await database[COLLECTION].update_many(done, {"$unset": {UNFINISHED: "", "neighbours": ""}})
        finished += len(found)
        if len(found) < FINISHED_TOGETHER:
            return finished


def _all_keys(tombstones: Iterable[Mapping[str, Any]]) -> set[str]:
    return {key for tombstone in tombstones for key in tombstone["keys"]}


async def restore_tombstones(
    database: AsyncDatabase[Document], graves: Sequence[Mapping[str, Any]], order: Order
) -> int:
    """Write tombstones of an export, and remove what a restored backup has brought back; return how many articles.

    What has the text of a removed article under another address of its site is removed as well.
    """
    await database[COLLECTION].bulk_write(
        [_of_export(grave).tombstone(grave["removed_at"]) for grave in graves], ordered=False
    )
    ids = []
    keys = sorted(_all_keys(graves))
    for start in range(0, len(keys), FINISHED_TOGETHER):
        chosen = {"_id": {"$in": keys[start : start + FINISHED_TOGETHER]}}
        ids += [found["_id"] async for found in database["articles"].find(chosen, {"_id": True})]
    ids += await _same_texts(database, graves)
    return await take_down(database, list(dict.fromkeys(ids)), order)


def _of_export(grave: Mapping[str, Any]) -> Grave:
    return Grave(grave["_id"], "", "", set(grave["keys"]), set(grave["hashes"]))


async def _same_texts(database: AsyncDatabase[Document], graves: Sequence[Mapping[str, Any]]) -> list[str]:
    hashes = {found for grave in graves for found in grave["hashes"]}
    sites = sorted({site for grave in graves if grave["hashes"] for site in grave["sites"]})
    query = {"site": {"$in": sites}}
    return [
        stored["_id"]
        async for stored in database["articles"].find(query, CONTENT_FIELDS)
        if text_hash(stored["site"], stored["title"], stored["text"]) in hashes
    ]
