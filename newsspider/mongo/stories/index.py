"""The fingerprints in MongoDB: which articles may be copies of which.

A worker writes its fingerprints before it looks for others: of any two articles the later one sees the earlier one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Final

from pymongo import ASCENDING, IndexModel, InsertOne, UpdateOne
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import BulkWriteError

from newsspider.fingerprint import SCHEME
from newsspider.items import Article
from newsspider.mongo.server.types import Document
from newsspider.mongo.stories.candidates import CandidateSearch
from newsspider.mongo.stories.fingerprint_document import Field, FingerprintDocument, Link, linked_ids, projection
from newsspider.mongo.stories.fingerprint_writes import FingerprintWrites
from newsspider.mongo.stories.incoming import IncomingArticle, compare, incoming_of, note_alias
from newsspider.mongo.stories.writer import UNCONFIRMED, ComparedArticle, move

INDEXES: list[IndexModel] = [
    IndexModel([(Field.KEYS, ASCENDING)], name="keys"),
    IndexModel([(Field.BODY_HASH, ASCENDING)], name="body_hash"),
    IndexModel([(Field.EXPIRES_AT, ASCENDING)], name="expiry", expireAfterSeconds=0),
]
# The expiry counts from our clock and not from the fetch: a recording of last year is compared like today's pages.
KEEP_AFTER_WINDOW: Final = timedelta(days=15)
MAX_SAME_BODY: Final = 50
DUPLICATE_KEY: Final = 11000
KNOWN_FIELDS: Final = projection(
    *(Field.BODY_HASH, Field.SCHEME, Field.CONTENT_HASH, Field.LINKS, Field.ORDER),
    *(Field.FACTS, Field.TEXT_SEEN_AT, Field.STORY, Field.IS_TO_COMPARE),
)
COMPARED_FIELDS: Final = projection(
    *(Field.PACKED, Field.BODY_HASH, f"{Field.FACTS}.site", Field.CONTENT_HASH, Field.ORDER, Field.STORY)
)


class StoryIndex:
    """Looks for near-duplicates within `window` of an article's day, and for equal bodies of any day."""

    def __init__(self, database: AsyncDatabase[Document], window: timedelta) -> None:
        self._fingerprints = database["fingerprints"]
        self._unconfirmed = self._fingerprints.with_options(write_concern=UNCONFIRMED)
        self._articles = database["articles"]
        self.candidates = CandidateSearch(database, window)

    def incoming(self, article: Article) -> IncomingArticle:
        return incoming_of(article, self.candidates.window + KEEP_AFTER_WINDOW)

    async def insert(self, incoming: Sequence[IncomingArticle], *, is_anew: bool = False) -> dict[str, list[str]]:
        """Write the fingerprints that are new or changed (`is_anew`: all); return their ids with former neighbours.

        Until a fingerprint has been compared it has no story, or is marked as to be compared.
        """
        known, bodies, articles = await asyncio.gather(
            self._known(incoming), self._by_body(incoming), self._stored(incoming)
        )
        writes = FingerprintWrites(known, bodies, articles, is_anew)
        for one in incoming:
            writes.add(one)
        if writes.updates:
            await self._fingerprints.bulk_write(writes.updates, ordered=False)
        await self._unlink(writes.touched)
        await self._insert_new(writes.inserts)
        return writes.touched

    async def _insert_new(self, inserts: Sequence[InsertOne[Document]]) -> None:
        """Insert the fingerprints that no other worker has inserted meanwhile."""
        try:
            if inserts:
                await self._unconfirmed.bulk_write(inserts, ordered=False)
        except BulkWriteError as error:
            if any(failure["code"] != DUPLICATE_KEY for failure in error.details["writeErrors"]):
                raise

    async def _known(self, incoming: Sequence[IncomingArticle]) -> dict[str, FingerprintDocument]:
        query = {Field.ID: {"$in": [one.id for one in incoming]}}
        found = self._fingerprints.find(query, KNOWN_FIELDS)
        return {stored[Field.ID]: FingerprintDocument.of(stored) async for stored in found}

    async def _by_body(self, incoming: Sequence[IncomingArticle]) -> dict[str, list[FingerprintDocument]]:
        """Return body hash -> fingerprints that have it."""
        hashes = {one.document.body_hash for one in incoming}
        query = {Field.BODY_HASH: {"$in": list(hashes)}, Field.SCHEME: SCHEME}
        bodies: dict[str, list[FingerprintDocument]] = {}
        async for stored in self._fingerprints.find(query, KNOWN_FIELDS).limit(MAX_SAME_BODY * len(hashes)):
            found = FingerprintDocument.of(stored)
            bodies.setdefault(found.body_hash, []).append(found)
        return bodies

    async def _stored(self, incoming: Sequence[IncomingArticle]) -> dict[str, Document]:
        """Return the articles that are stored: one whose fingerprint has expired keeps its story."""
        query = {"_id": {"$in": [one.id for one in incoming]}}
        found = self._articles.find(query, {"story_id": True, "content_hash": True})
        return {article["_id"]: article async for article in found}

    async def _unlink(self, neighbours: Mapping[str, Iterable[str]]) -> None:
        """Remove the links to changed articles from their neighbours: the new text has to match again."""
        pulls = [
            UpdateOne({Field.ID: other}, {"$pull": {Field.LINKS: {Field.LINKED_ID: key}}})
            for key, others in neighbours.items()
            for other in others
        ]
        if pulls:
            await self._fingerprints.bulk_write(pulls, ordered=False)

    async def find_links(self, incoming: Sequence[IncomingArticle]) -> None:
        """Compare each article with its candidates; its links, quotes and aliases are noted in it."""
        if not incoming:
            return
        hashes = [one.document.body_hash for one in incoming]
        ranked, equal, old = await asyncio.gather(
            self.candidates.find(incoming), self._same_bodies(hashes), self._stored_bodies(hashes)
        )
        wanted = {k for o in incoming for k in (*ranked[o.id], *equal.get(o.document.body_hash, ())) if k != o.id}
        found = await self._compared(wanted)
        for one in incoming:
            body_hash = one.document.body_hash
            same = [found[key] for key in equal.get(body_hash, ()) if key in found and key != one.id]
            candidates = [found[key] for key in ranked[one.id] if key in found]
            note_alias(one, same, old.get(body_hash, ()))
            if one.alias_of is None:
                compare(one, same + candidates, old.get(body_hash, ()))

    async def _compared(self, ids: Collection[str]) -> dict[str, FingerprintDocument]:
        if not ids:
            return {}
        found = self._fingerprints.find({Field.ID: {"$in": list(ids)}, Field.SCHEME: SCHEME}, COMPARED_FIELDS)
        return {stored[Field.ID]: FingerprintDocument.of(stored) async for stored in found}

    async def _same_bodies(self, hashes: Sequence[str]) -> dict[str, list[str]]:
        """Return body hash -> ids of the fingerprints that have it."""
        query = {Field.BODY_HASH: {"$in": list(set(hashes))}, Field.SCHEME: SCHEME}
        cursor = self._fingerprints.find(query, projection(Field.BODY_HASH)).limit(MAX_SAME_BODY * len(hashes))
        found: dict[str, list[str]] = {}
        async for stored in cursor:
            found.setdefault(stored[Field.BODY_HASH], []).append(stored[Field.ID])
        return found

    async def _stored_bodies(self, hashes: Sequence[str]) -> dict[str, list[Document]]:
        """Return body hash -> stored articles that have it: their fingerprints may have expired."""
        body_hash, scheme = f"fingerprint.{Field.BODY_HASH}", f"fingerprint.{Field.SCHEME}"
        query = {body_hash: {"$in": list(set(hashes))}, scheme: SCHEME}
        fields = projection(body_hash, "title", "text", "site", "content_hash", "story_id")
        found: dict[str, list[Document]] = {}
        async for article in self._articles.find(query, fields).limit(MAX_SAME_BODY * len(hashes)):
            found.setdefault(article["fingerprint"][Field.BODY_HASH], []).append(article)
        return found

    async def write_links(self, incoming: Sequence[IncomingArticle]) -> None:
        """Write every link to both of its articles, if these have the texts that were compared.

        The side of the incoming article is written last: where it has survived a restart of MongoDB the other has too.
        """
        backward, forward = [], []
        for one in incoming:
            for link in one.links:
                back = Link(one.id, link.relation, link.containment, link.jaccard)
                backward.append(_push(link.other, one.linked_texts[link.other], back))
                forward.append(_push(one.id, one.document.content_hash, link))
        if forward:
            await self._unconfirmed.bulk_write(backward + forward)

    async def confirm(self, alone: Collection[ComparedArticle]) -> list[str]:
        """Make articles without copies stories of their own, durably; return the ids that are not alone any more.

        An article whose fingerprint was lost or replaced is among these.
        """
        if not alone:
            return []
        ids = {compared.id for compared in alone}
        writes = [move(one.id, one.condition | {Field.STORY: None, Field.LINKS: []}) for one in alone]
        result = await self._fingerprints.bulk_write(writes, ordered=False)
        if result.matched_count == len(ids):
            return []
        query = {Field.ID: {"$in": list(ids)}, Field.LINKS: []}
        found = self._fingerprints.find(query, projection(Field.STORY))
        return sorted(ids - {stored[Field.ID] async for stored in found if stored[Field.STORY] == stored[Field.ID]})

    async def remove(self, ids: Sequence[str]) -> set[str]:
        """Remove fingerprints; return the ids of those that were linked to them."""
        neighbours: set[str] = set()
        links = projection(f"{Field.LINKS}.{Field.LINKED_ID}")
        for key in ids:
            neighbours.update(linked_ids(await self._fingerprints.find_one_and_delete({Field.ID: key}, links)))
        return neighbours


def _push(key: str, content_hash: str, link: Link) -> UpdateOne:
    """Return the write of one side of a link, which replaces an earlier link to the same article."""
    is_other = {"$ne": [f"$$link.{Field.LINKED_ID}", {"$literal": link.other}]}
    others: Document = {"$filter": {"input": f"${Field.LINKS}", "as": "link", "cond": is_other}}
    links = {"$concatArrays": [others, [{"$literal": link.to_document()}]]}
    return UpdateOne({Field.ID: key, Field.CONTENT_HASH: content_hash}, [{"$set": {Field.LINKS: links}}])
