"""The fingerprints in MongoDB: who might be a copy of whom.

A worker writes its fingerprints before it looks for others: of any two articles the later one sees the earlier one.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from pymongo import ASCENDING, IndexModel, InsertOne, ReplaceOne, UpdateOne
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import BulkWriteError

from newsspider.fingerprint import SCHEME
from newsspider.items import Article
from newsspider.mongo.server.types import Document
from newsspider.mongo.stories.groups import Link
from newsspider.mongo.stories.incoming import IncomingArticle, compare, first_address, newcomer_of, note_alias
from newsspider.mongo.stories.writer import UNCONFIRMED, Compared, move

INDEXES: list[IndexModel] = [
    IndexModel([("k", ASCENDING)], name="keys"),
    IndexModel([("hb", ASCENDING)], name="body_hash"),
    IndexModel([("exp", ASCENDING)], name="expiry", expireAfterSeconds=0),
]
CANDIDATES: Final = 30
# no more articles than this are read at once for the keys that they share with a batch
MOST_SHARING: Final = 500
# a key that more of them hold is a template's: it says nothing, and looking it up again would cost the most
CROWDED: Final = 100
# an article is told from others by so many keys that are not crowded; with fewer MongoDB ranks all that share one
MIN_SELECTIVE_KEYS: Final = 12
MOST_CROWDED: Final = 100_000
# an expiry counts from our clock, not from the fetch: a recording of last year is compared like today's pages
KEEP_AFTER_WINDOW: Final = timedelta(days=15)
SAME_BODY: Final = 50
DUPLICATE_KEY: Final = 11000
KNOWN_FIELDS: Final = dict.fromkeys(("hb", "nv", "ch", "e", "s", "f", "t", "cl", "m"), True)
COMPARED_FIELDS: Final = {"p": True, "hb": True, "f.site": True, "ch": True, "s": True, "cl": True}


class StoryIndex:
    """Near-duplicates are looked for `window` around an article's day, equal bodies always."""

    def __init__(self, database: AsyncDatabase[Document], window: timedelta) -> None:
        self._fingerprints = database["fingerprints"]
        self._unconfirmed = self._fingerprints.with_options(write_concern=UNCONFIRMED)
        self._articles = database["articles"]
        self.window = window
        self._crowded: set[int] = set()

    def newcomer(self, article: Article) -> IncomingArticle:
        return newcomer_of(article, self.window + KEEP_AFTER_WINDOW)

    async def insert(self, newcomers: Sequence[IncomingArticle], *, is_anew: bool = False) -> dict[str, list[str]]:
        """Write the fingerprints that are new or changed (`is_anew`: all); return their ids with former neighbours.

        What is to be compared says so until it is: it has no story (`cl`) or is marked (`m`). The second address of an
        article that is known gets no fingerprint: nobody is to take it for a copy. What a worker that was killed has
        left of one is named with its neighbours.
        """
        known, bodies, stored = await asyncio.gather(
            self._known(newcomers), self._by_body(newcomers), self._stored(newcomers)
        )
        touched: dict[str, list[str]] = {}
        inserts: list[InsertOne[Document]] = []
        updates: list[ReplaceOne[Document] | UpdateOne] = []
        for newcomer in newcomers:
            old, document = known.get(newcomer.id), newcomer.document
            first = None
            if not (is_anew or document["cl"] or newcomer.id in stored):
                first = first_address(newcomer, old, bodies.get(document["hb"], ()))
            if first is not None:
                newcomer.alias_of, newcomer.alias_story = first["_id"], first["cl"]
                if old is not None:
                    touched[newcomer.id] = [link["i"] for link in old["e"]]
            elif old is None:
                document["cl"] = document["cl"] or stored.get(newcomer.id, {}).get("story_id")
                if document["cl"]:
                    document["m"] = True
                touched[newcomer.id] = []
                inserts.append(InsertOne(document))
                bodies.setdefault(document["hb"], []).append(document)
            elif _is_outdated(old, document):
                continue
            elif _carry_over(old, document) and not is_anew:
                facts = {name: document[name] for name in ("t", "d", "f", "exp")}
                # a worker was stopped before it had compared it, or before this text of the article was stored
                is_stored = stored.get(newcomer.id, {}).get("content_hash") == document["ch"]
                if old["cl"] is None or old.get("m") or not is_stored:
                    touched[newcomer.id] = []
                    if old["cl"]:
                        facts["m"] = True
                updates.append(UpdateOne({"_id": newcomer.id, "ch": old["ch"]}, {"$set": facts}))
            else:
                touched[newcomer.id] = [link["i"] for link in old["e"]]
                updates.append(ReplaceOne({"_id": newcomer.id, "ch": old["ch"]}, document | {"m": True}))
        if updates:
            await self._fingerprints.bulk_write(updates, ordered=False)
        await self._unlink(touched)
        await self._insert_new(inserts)
        return touched

    async def _insert_new(self, inserts: Sequence[InsertOne[Document]]) -> None:
        """Insert what nobody has inserted meanwhile."""
        try:
            if inserts:
                await self._unconfirmed.bulk_write(inserts, ordered=False)
        except BulkWriteError as error:
            if any(failure["code"] != DUPLICATE_KEY for failure in error.details["writeErrors"]):
                raise

    async def _known(self, newcomers: Sequence[IncomingArticle]) -> dict[str, Document]:
        ids = [newcomer.id for newcomer in newcomers]
        return {found["_id"]: found async for found in self._fingerprints.find({"_id": {"$in": ids}}, KNOWN_FIELDS)}

    async def _by_body(self, newcomers: Sequence[IncomingArticle]) -> dict[str, list[Document]]:
        """Return body hash -> fingerprints that have it."""
        hashes = {newcomer.print.body_hash for newcomer in newcomers}
        query = {"hb": {"$in": list(hashes)}, "nv": SCHEME}
        bodies: dict[str, list[Document]] = {}
        async for found in self._fingerprints.find(query, KNOWN_FIELDS).limit(SAME_BODY * len(hashes)):
            bodies.setdefault(found["hb"], []).append(found)
        return bodies

    async def _stored(self, newcomers: Sequence[IncomingArticle]) -> dict[str, Document]:
        """Return the articles that are stored: one whose fingerprint has expired keeps its story."""
        ids = [newcomer.id for newcomer in newcomers]
        found = self._articles.find({"_id": {"$in": ids}}, {"story_id": True, "content_hash": True})
        return {article["_id"]: article async for article in found}

    async def _unlink(self, neighbours: Mapping[str, Iterable[str]]) -> None:
        """Take the links of changed articles out of their neighbours: the new text has to match again."""
        pulls = [
            UpdateOne({"_id": other}, {"$pull": {"e": {"i": key}}})
            for key, others in neighbours.items()
            for other in others
        ]
        if pulls:
            await self._fingerprints.bulk_write(pulls, ordered=False)

    async def find_links(self, newcomers: Sequence[IncomingArticle]) -> None:
        """Compare each newcomer with its candidates: links, quotes and aliases are noted in it."""
        if not newcomers:
            return
        hashes = [newcomer.print.body_hash for newcomer in newcomers]
        ranked, equal, old = await asyncio.gather(
            self._candidates(newcomers), self._same_bodies(hashes), self._stored_bodies(hashes)
        )
        wanted = {k for n in newcomers for k in (*ranked[n.id], *equal.get(n.print.body_hash, ())) if k != n.id}
        cursor = self._fingerprints.find({"_id": {"$in": list(wanted)}, "nv": SCHEME}, COMPARED_FIELDS)
        found = {document["_id"]: document async for document in cursor} if wanted else {}
        for newcomer in newcomers:
            body_hash = newcomer.print.body_hash
            same = [found[key] for key in equal.get(body_hash, ()) if key in found and key != newcomer.id]
            candidates = [found[key] for key in ranked[newcomer.id] if key in found]
            note_alias(newcomer, same, old.get(body_hash, ()))
            if newcomer.alias_of is None:
                compare(newcomer, same + candidates, old.get(body_hash, ()))

    async def _candidates(self, newcomers: Sequence[IncomingArticle]) -> dict[str, list[str]]:
        """Return newcomer -> ids of the articles of its window that share most band keys with it, best first."""
        telling: dict[str, list[int]] = {}
        crowd: list[IncomingArticle] = []
        for newcomer in newcomers:
            keys = [key for key in newcomer.document["k"] if key not in self._crowded]
            if len(keys) < min(MIN_SELECTIVE_KEYS, len(newcomer.document["k"])):
                crowd.append(newcomer)
            else:
                telling[newcomer.id] = keys
        found, ranked = await asyncio.gather(
            self._sharing([newcomer for newcomer in newcomers if newcomer.id in telling], telling),
            asyncio.gather(*(self.ranked(n.id, n.document["k"], n.document["d"]) for n in crowd)),
        )
        return found | {newcomer.id: ids for newcomer, ids in zip(crowd, ranked, strict=True)}

    async def _sharing(
        self, newcomers: Sequence[IncomingArticle], telling: Mapping[str, Sequence[int]]
    ) -> dict[str, list[str]]:
        """Return what `_candidates` does, by the keys in `telling`; those of them that are crowded are noted."""
        keys = {key for newcomer in newcomers for key in telling[newcomer.id]}
        if not keys:
            return {newcomer.id: [] for newcomer in newcomers}
        query = {"k": {"$in": list(keys)}, "nv": SCHEME}
        found = await self._fingerprints.find(query, {"k": True, "d": True}).limit(MOST_SHARING + 1).to_list()
        holders: dict[int, list[Document]] = {}
        for document in found:
            for key in keys.intersection(document["k"]):
                holders.setdefault(key, []).append(document)
        if len(found) <= MOST_SHARING:
            return {n.id: self._best(n, telling[n.id], holders) for n in newcomers}
        crowded = {key for key, documents in holders.items() if len(documents) > CROWDED}
        if crowded:
            self._note_crowded(crowded)
            return await self._candidates(newcomers)
        if len(newcomers) == 1:
            only = newcomers[0]
            return {only.id: await self.ranked(only.id, telling[only.id], only.document["d"])}
        middle = len(newcomers) // 2
        halves = [self._sharing(newcomers[:middle], telling), self._sharing(newcomers[middle:], telling)]
        first, second = await asyncio.gather(*halves)
        return first | second

    def _note_crowded(self, keys: Collection[int]) -> None:
        if len(self._crowded) + len(keys) > MOST_CROWDED:
            self._crowded.clear()
        self._crowded.update(keys)

    def _best(
        self, newcomer: IncomingArticle, keys: Iterable[int], holders: Mapping[int, Sequence[Document]]
    ) -> list[str]:
        day = newcomer.document["d"]
        shared = Counter(
            other["_id"]
            for key in set(keys)
            for other in holders.get(key, ())
            if abs(other["d"] - day) <= self.window and other["_id"] != newcomer.id
        )
        return sorted(shared, key=lambda key: (-shared[key], key))[:CANDIDATES]

    async def ranked(self, own_id: str, keys: Sequence[int], day: datetime) -> list[str]:
        """Return what `_candidates` does for one article, ranked by MongoDB."""
        if not keys:
            return []
        pipeline: list[Document] = [
            {"$match": {"k": {"$in": keys}, "d": {"$gte": day - self.window, "$lte": day + self.window}}},
            {"$match": {"_id": {"$ne": own_id}, "nv": SCHEME}},
            {"$project": {"shared": {"$size": {"$setIntersection": ["$k", keys]}}}},
            {"$sort": {"shared": -1, "_id": 1}},
            {"$limit": CANDIDATES},
        ]
        cursor = await self._fingerprints.aggregate(pipeline)
        return [found["_id"] for found in await cursor.to_list()]

    async def _same_bodies(self, hashes: Sequence[str]) -> dict[str, list[str]]:
        """Return body hash -> ids of the fingerprints that have it."""
        query = {"hb": {"$in": list(set(hashes))}, "nv": SCHEME}
        found: dict[str, list[str]] = {}
        async for document in self._fingerprints.find(query, {"hb": True}).limit(SAME_BODY * len(hashes)):
            found.setdefault(document["hb"], []).append(document["_id"])
        return found

    async def _stored_bodies(self, hashes: Sequence[str]) -> dict[str, list[Document]]:
        """Return body hash -> stored articles that have it: their fingerprints may have expired."""
        query = {"fingerprint.hb": {"$in": list(set(hashes))}, "fingerprint.nv": SCHEME}
        fields = dict.fromkeys(("fingerprint.hb", "title", "text", "site", "content_hash", "story_id"), True)
        found: dict[str, list[Document]] = {}
        async for article in self._articles.find(query, fields).limit(SAME_BODY * len(hashes)):
            found.setdefault(article["fingerprint"]["hb"], []).append(article)
        return found

    async def write_links(self, newcomers: Sequence[IncomingArticle]) -> None:
        """Write every link to both of its articles, if these have the texts that were compared.

        A newcomer's own side comes last: where that has survived a restart of MongoDB the other has as well.
        """
        backward, forward = [], []
        for newcomer in newcomers:
            for link in newcomer.links:
                back = Link(newcomer.id, link.relation, link.containment, link.jaccard)
                backward.append(_push(link.other, newcomer.linked_texts[link.other], back))
                forward.append(_push(newcomer.id, newcomer.document["ch"], link))
        if forward:
            await self._unconfirmed.bulk_write(backward + forward)

    async def confirm(self, alone: Collection[Compared]) -> list[str]:
        """Make articles without copies stories of their own, durably; return the ids that are not alone any more.

        A fingerprint that is gone or another one counts as such.
        """
        if not alone:
            return []
        ids = {compared.id for compared in alone}
        writes = [move(one.id, one.condition | {"cl": None, "e": []}) for one in alone]
        result = await self._fingerprints.bulk_write(writes, ordered=False)
        if result.matched_count == len(ids):
            return []
        found = self._fingerprints.find({"_id": {"$in": list(ids)}, "e": []}, {"cl": True})
        return sorted(ids - {document["_id"] async for document in found if document["cl"] == document["_id"]})

    async def remove(self, ids: Sequence[str]) -> set[str]:
        """Remove fingerprints; return the ids of those that were linked to them."""
        neighbours: set[str] = set()
        for key in ids:
            removed = await self._fingerprints.find_one_and_delete({"_id": key}, {"e.i": True})
            neighbours.update(link["i"] for link in (removed or {}).get("e", ()))
        return neighbours


def _push(key: str, content_hash: str, link: Link) -> UpdateOne:
    """Return the write of one side of a link, in place of an earlier one to the same article."""
    others: Document = {
        "$filter": {"input": "$e", "as": "link", "cond": {"$ne": ["$$link.i", {"$literal": link.other}]}}
    }
    links = {"$concatArrays": [others, [{"$literal": link.to_document()}]]}
    return UpdateOne({"_id": key, "ch": content_hash}, [{"$set": {"e": links}}])


def _is_outdated(old: Document, document: Document) -> bool:
    """Return whether a later text of the article is there already: what comes out of a spool may be older."""
    return old["nv"] == document["nv"] and bool(
        document["t"] < old.get("t", document["t"]) and old["ch"] != document["ch"]
    )


def _carry_over(old: Document, document: Document) -> bool:
    """Keep in `document` what stays of the fingerprint it replaces; return whether its text is the same."""
    document["f"]["first_seen_at"] = min(old["f"]["first_seen_at"], document["f"]["first_seen_at"])
    document["s"], document["cl"] = old["s"], document["cl"] or old["cl"]
    if old["ch"] == document["ch"]:
        document["t"] = max(old.get("t", document["t"]), document["t"])
    return all(old[name] == document[name] for name in ("hb", "nv", "ch"))
