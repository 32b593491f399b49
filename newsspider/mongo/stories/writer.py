"""The writes that bring stories up to date with the links: in fingerprints, articles and `stories`.

A worker that has written something reads all connected articles again until there is nothing left to write, so that the
last of several workers leaves all of them as the links have it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from bson import ObjectId
from pymongo import UpdateOne, WriteConcern
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import AutoReconnect

from newsspider import clock
from newsspider.errors import NewsspiderError
from newsspider.mongo.daily.marks import DATED, SiteDay, mark
from newsspider.mongo.server.types import Document
from newsspider.mongo.stories.fingerprint_document import Field, FingerprintDocument, projection
from newsspider.mongo.stories.groups import Member, connected_components, story_document, story_names

# a story with more copies than this is a failed extraction or spam: it grows without being regrouped
MAX_REGROUPED: Final = 1000
MAX_ROUNDS: Final = 30
# for writes that a journalled write of the same worker follows, which makes them durable as well
UNCONFIRMED: Final = WriteConcern(w=1, j=False)
MEMBER_PROJECTION: Final = projection(
    *(Field.LINKS, Field.STORY, Field.FACTS, Field.ORDER, Field.BODY_HASH, Field.CONTENT_HASH, Field.IS_TO_COMPARE)
)
MEMBER_FIELDS: Final = ("site", "source", "published_at", "published_precision", "first_seen_at")


class LinksLostError(NewsspiderError, AutoReconnect):
    """A fingerprint or its links were lost or replaced: by another text, or because MongoDB was killed.

    The driver repeats a read or a write by itself when MongoDB is back, so that no other error reports a restart.
    """


@dataclass(frozen=True, slots=True)
class ComparedArticle:
    """A fingerprint that a worker has compared, and the ids that it was linked to."""

    id: str
    order: ObjectId
    content_hash: str
    links: frozenset[str]

    @property
    def condition(self) -> Document:
        """The query for this very fingerprint, as long as it has its links."""
        found: Document = {Field.ID: self.id, Field.ORDER: self.order, Field.CONTENT_HASH: self.content_hash}
        linked_id = f"{Field.LINKS}.{Field.LINKED_ID}"
        return found | {linked_id: {"$all": list(self.links)}} if self.links else found

    def is_in(self, members: Mapping[str, Member]) -> bool:
        member = members.get(self.id)
        if member is None or (member.order, member.content_hash) != (self.order.binary, self.content_hash):
            return False
        return self.links <= {link.other for link in member.links}


@dataclass(slots=True)
class ConnectedArticles:
    """All articles that links or stories lead to from some articles, and the documents of their stories."""

    members: dict[str, Member] = field(default_factory=dict)
    stories: dict[str, Document] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    wanted: dict[str, Document] = field(default_factory=dict)


class StoryWriter:
    """Writes the stories of one database."""

    def __init__(self, database: AsyncDatabase[Document]) -> None:
        self._fingerprints = database["fingerprints"]
        self._stories = database["stories"]
        self._articles = database["articles"]

    async def regroup(
        self, seeds: Iterable[str], compared: Mapping[str, ComparedArticle] | None = None
    ) -> tuple[dict[str, str], dict[str, str]]:
        """Bring the stories of all articles connected with `seeds` up to date.

        `compared` are those that the caller has compared. Any other that is new or has changed gets its story from the
        worker that compares it: a story would hide that it is still to be compared.
        Return article -> story, and story -> canonical copy for stories of two or more. After a LinksLostError the
        articles have to be assigned again.
        """
        compared = compared or {}
        seeds = set(seeds)
        if not seeds:
            return {}, {}
        # another worker may have merged a story that was written in an earlier round: it is read again
        written: set[str] = set()
        for _ in range(MAX_ROUNDS):
            connected = await self._connected(seeds, written)
            if lost := [key for key, found in compared.items() if not found.is_in(connected.members)]:
                raise LinksLostError(f"changed meanwhile or lost: {', '.join(lost[:3])}")
            for key, member in connected.members.items():
                member.is_pending = key not in compared and (member.has_moved or not member.story)
            if len(connected.members) >= MAX_REGROUPED:
                return await self._join_oversized(seeds, connected, compared), {}
            await self._name(connected)
            written |= connected.wanted.keys()
            moves = _moves(connected, compared)
            concern = UNCONFIRMED if moves else None
            has_written = await self._write_stories(connected, concern)
            has_marked = await self._mark(connected, concern)
            if moves:
                await self._fingerprints.bulk_write(moves, ordered=False)
            if not (has_written or has_marked or moves):
                break
        return connected.names, {name: document["canonical_id"] for name, document in connected.wanted.items()}

    async def _connected(self, seeds: set[str], stories: set[str]) -> ConnectedArticles:
        connected, asked, frontier = ConnectedArticles(), set(seeds), set(seeds)
        while frontier and len(connected.members) < MAX_REGROUPED:
            cursor = self._fingerprints.find({Field.ID: {"$in": list(frontier)}}, MEMBER_PROJECTION)
            found = [FingerprintDocument.of(stored) async for stored in cursor]
            reached = {fingerprint.id: Member.of(fingerprint) for fingerprint in found}
            connected.members |= reached | await self._expired(frontier - reached.keys())
            frontier = {link.other for member in reached.values() for link in member.links} - asked
            if not frontier:
                names = {member.story for member in connected.members.values() if member.story} | stories
                frontier = await self._add_stories(connected, names) - asked
            asked |= frontier
        return connected

    async def _add_stories(self, connected: ConnectedArticles, names: set[str]) -> set[str]:
        """Read the stories of the ids `names` that have not been read yet; return the ids of their members."""
        unread = names - connected.stories.keys()
        found = self._stories.find({"_id": {"$in": list(unread)}}) if unread else None
        read = {document["_id"]: document async for document in found} if found is not None else {}
        connected.stories |= {name: {"_id": name, "is_new": True} for name in unread} | read
        return {member["id"] for document in read.values() for member in document["members"]}

    async def _expired(self, ids: Collection[str]) -> dict[str, Member]:
        """Return the stored articles among `ids`, whose fingerprints have expired."""
        if not ids:
            return {}
        fields = dict.fromkeys((*MEMBER_FIELDS, "story_id"), True)
        found = {f["_id"]: f async for f in self._articles.find({"_id": {"$in": list(ids)}}, fields)}
        return {
            key: Member(key, **{n: f[n] for n in MEMBER_FIELDS if n in f}, story=f.get("story_id") or "")
            for key, f in found.items()
        }

    async def _name(self, connected: ConnectedArticles) -> None:
        """Set the ids of the stories, and the documents of those that have copies."""
        roots = connected_components(connected.members.values())
        taken: set[str] = set()
        if len({roots[key] for key in connected.members}) > 1:
            cursor = self._stories.find({"_id": {"$in": list(connected.members)}}, {"_id": True})
            taken = {document["_id"] async for document in cursor}
        connected.names = story_names(connected.members, roots, taken)
        by_name: dict[str, list[Member]] = {}
        for key, name in connected.names.items():
            by_name.setdefault(name, []).append(connected.members[key])
        connected.wanted = {name: story_document(name, group) for name, group in by_name.items() if len(group) > 1}
        await self._add_stories(connected, set(connected.wanted))

    async def _write_stories(self, connected: ConnectedArticles, concern: WriteConcern | None) -> bool:
        """Write the stories that differ from the stored ones; return True if there were any."""
        writes = _story_writes(connected.wanted, connected.stories, connected.names)
        if writes:
            await self._stories.with_options(write_concern=concern).bulk_write(writes, ordered=False)
        return bool(writes)

    async def _mark(self, connected: ConnectedArticles, concern: WriteConcern | None) -> bool:
        """Write story and canonical copy into the stored articles; return True if any had others."""
        marks = {}
        for key, name in connected.names.items():
            first = connected.wanted[name]["canonical_id"] if name in connected.wanted else key
            marks[key] = (name, None if first == key else first)
        return await _write_marks(self._articles.with_options(write_concern=concern), marks)

    async def _join_oversized(
        self, seeds: set[str], connected: ConnectedArticles, compared: Mapping[str, ComparedArticle]
    ) -> dict[str, str]:
        """Put `seeds` into the story of the most senior member and leave the other articles as they are."""
        senior = min(connected.members.values(), key=lambda member: (not member.story, member.seniority))
        name = senior.story or senior.id
        live = [key for key in seeds & connected.members.keys() if not connected.members[key].is_fixed]
        moves = [move(name, compared[key].condition if key in compared else {Field.ID: key}) for key in live]
        if moves:
            await self._fingerprints.bulk_write(moves, ordered=False)
        return dict.fromkeys(seeds, name)


async def confirm_stories(database: AsyncDatabase[Document], ids: Sequence[str]) -> None:
    """Give articles that were just stored the story that `stories` has them in.

    Another worker may have changed it after it was assigned and before the article was stored.
    """
    for _ in range(MAX_ROUNDS):
        marks = {}
        fields = {"members.id": True, "canonical_id": True}
        async for found in database["stories"].find({"members.id": {"$in": list(ids)}}, fields):
            first = found["canonical_id"]
            for key in {member["id"] for member in found["members"]}.intersection(ids):
                marks[key] = (found["_id"], None if first == key else first)
        if not await _write_marks(database["articles"], marks):
            return


async def _write_marks(articles: Any, marks: Mapping[str, tuple[str, str | None]]) -> bool:
    """Set `story_id` and `duplicate_of` of the stored articles that have others; return True if there were any."""
    if not marks:
        return False
    stored = articles.find({"_id": {"$in": list(marks)}}, {"story_id": True, "duplicate_of": True, **DATED})
    others = [a async for a in stored if (a.get("story_id"), a.get("duplicate_of")) != marks[a["_id"]]]
    writes = [
        UpdateOne({"_id": a["_id"]}, {"$set": {"story_id": story, "duplicate_of": first}})
        for a in others
        for story, first in [marks[a["_id"]]]
    ]
    if writes:
        await mark(articles.database, [SiteDay.of(a) for a in others if a.get("duplicate_of") != marks[a["_id"]][1]])
        await articles.bulk_write(writes, ordered=False)
    return bool(writes)


def _moves(connected: ConnectedArticles, compared: Mapping[str, ComparedArticle]) -> list[UpdateOne]:
    """Return the writes that put fingerprints into other stories; the last ones of a round, they make it durable."""
    moves = []
    for key, member in connected.members.items():
        if not member.is_fixed and (member.story != connected.names[key] or member.has_moved):
            condition = compared[key].condition if key in compared else {Field.ID: key}
            moves.append(move(connected.names[key], condition | {Field.STORY: member.story or None}))
    return moves


def move(story: str, condition: Document) -> UpdateOne:
    """Return the write that puts the fingerprint that matches `condition` into a story."""
    return UpdateOne(condition, {"$set": {Field.STORY: story}, "$unset": {Field.IS_TO_COMPARE: ""}})


def _story_writes(
    wanted: Mapping[str, Document], stored: Mapping[str, Document], names: Mapping[str, str]
) -> list[UpdateOne]:
    """Return the writes that make the stories as `wanted`; an empty story gets `merged_into` if its members moved."""
    writes = []
    for name, document in wanted.items():
        old = None if stored[name].get("is_new") else stored[name]
        if old is None or old.get("merged_into") or any(old.get(field) != value for field, value in document.items()):
            update: Document = {"$set": document, "$unset": {"merged_into": ""}}
            if event := _event(old, document):
                update["$push"] = {"log": event}
            writes.append(UpdateOne({"_id": name}, update, upsert=True))
    for name, old in stored.items():
        if name in wanted or not old.get("members"):
            continue
        gone: Document = {"n": 0, "members": [], "sites": []}
        went = next((names[m["id"]] for m in old["members"] if names.get(m["id"], name) != name), None)
        if went is not None and name not in names.values():
            gone["merged_into"] = went
        writes.append(UpdateOne({"_id": name}, {"$set": gone, "$push": {"log": _event(old, gone)}}))
    return writes


def _event(old: Mapping[str, Any] | None, new: Mapping[str, Any]) -> Document | None:
    """Return the entry of a story's log: members that joined and left; None if they are the same."""
    before = {member["id"] for member in (old or {}).get("members", ())}
    now = {member["id"] for member in new["members"]}
    if before == now and old is not None:
        return None
    event: Document = {"at": clock.now(), "joined": sorted(now - before), "left": sorted(before - now)}
    return event | ({"merged_into": new["merged_into"]} if new.get("merged_into") else {})
