"""Stories as they follow from the links: ids of stories into fingerprints and articles, `stories` itself.

Whoever has written something reads all that is connected again, until there is nothing left to write: so the last of
several workers finds everything as the links have it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from bson import ObjectId
from pymongo import UpdateOne, WriteConcern
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import AutoReconnect

from newsspider.errors import NewsspiderError
from newsspider.mongo.server.types import Document
from newsspider.mongo.stories.groups import Member, groups, story_document, story_names

# a story with more copies than this is a failed extraction or spam: it grows by pointer, without regrouping
MOST_REGROUPED: Final = 1000
MOST_ROUNDS: Final = 30
# for writes that are followed by an acknowledged one of the same worker: that makes them durable as well
UNCONFIRMED: Final = WriteConcern(w=1, j=False)
LINK_FIELDS: Final = dict.fromkeys(("e", "cl", "f", "s", "hb", "ch", "m"), True)
MEMBER_FIELDS: Final = ("site", "source", "published_at", "published_precision", "first_seen_at")


class LinksLostError(NewsspiderError, AutoReconnect):
    """A fingerprint or the links found for it are no longer there: another text is, or MongoDB was killed.

    The driver repeats a read or a write by itself when MongoDB comes back, so that no error tells of a restart.
    """


@dataclass(frozen=True, slots=True)
class Compared:
    """A fingerprint that a worker has compared, and the ids it was linked to."""

    id: str
    seen: ObjectId
    content_hash: str
    links: frozenset[str]

    @property
    def condition(self) -> Document:
        """Matches this very fingerprint as long as its links are there."""
        found: Document = {"_id": self.id, "s": self.seen, "ch": self.content_hash}
        return found | {"e.i": {"$all": list(self.links)}} if self.links else found

    def is_in(self, members: Mapping[str, Member]) -> bool:
        member = members.get(self.id)
        if member is None or (member.order, member.content_hash) != (self.seen.binary, self.content_hash):
            return False
        return self.links <= {link.other for link in member.links}


@dataclass(slots=True)
class ConnectedArticles:
    """All articles that links or stories lead to from some, and the documents of the stories they are in."""

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
        self, seeds: Iterable[str], compared: Mapping[str, Compared] | None = None
    ) -> tuple[dict[str, str], dict[str, str]]:
        """Bring the stories of all articles connected with `seeds` up to date; after LinksLostError place them again.

        `compared` are those that the caller has compared: whoever else is new or has changed gets its story from the
        worker that compares it, or else nobody would see that this is still to do.
        Return article -> story, and story -> canonical copy for the stories of two or more.
        """
        compared = compared or {}
        seeds = set(seeds)
        if not seeds:
            return {}, {}
        # A story written in an earlier round may since have been merged by another worker: it is looked at again.
        written: set[str] = set()
        for _ in range(MOST_ROUNDS):
            near = await self._neighbourhood(seeds, written)
            if lost := [key for key, found in compared.items() if not found.is_in(near.members)]:
                raise LinksLostError(f"changed meanwhile or lost: {', '.join(lost[:3])}")
            for key, member in near.members.items():
                member.is_pending = key not in compared and (member.has_moved or not member.story)
            if len(near.members) >= MOST_REGROUPED:
                return await self._join_crowd(seeds, near, compared), {}
            await self._name(near)
            written |= near.wanted.keys()
            moves = _moves(near, compared)
            concern = UNCONFIRMED if moves else None
            has_written = [await self._write_stories(near, concern), await self._mark(near, concern), bool(moves)]
            if moves:
                await self._fingerprints.bulk_write(moves, ordered=False)
            if not any(has_written):
                break
        return near.names, {name: document["canonical_id"] for name, document in near.wanted.items()}

    async def _neighbourhood(self, seeds: set[str], stories: set[str]) -> ConnectedArticles:
        near, asked, frontier = ConnectedArticles(), set(seeds), set(seeds)
        while frontier and len(near.members) < MOST_REGROUPED:
            cursor = self._fingerprints.find({"_id": {"$in": list(frontier)}}, LINK_FIELDS)
            reached = {document["_id"]: Member.of(document) async for document in cursor}
            near.members |= reached | await self._expired(frontier - reached.keys())
            frontier = {link.other for member in reached.values() for link in member.links} - asked
            if not frontier:
                names = {member.story for member in near.members.values() if member.story} | stories
                frontier = await self._add_stories(near, names) - asked
            asked |= frontier
        return near

    async def _add_stories(self, near: ConnectedArticles, names: set[str]) -> set[str]:
        """Read the stories called `names` that are not there yet; return the ids of their members."""
        unread = names - near.stories.keys()
        found = self._stories.find({"_id": {"$in": list(unread)}}) if unread else None
        read = {document["_id"]: document async for document in found} if found is not None else {}
        near.stories |= {name: {"_id": name, "is_new": True} for name in unread} | read
        return {member["id"] for document in read.values() for member in document["members"]}

    async def _expired(self, ids: Collection[str]) -> dict[str, Member]:
        """Return members whose fingerprint has expired, as far as the articles are stored."""
        if not ids:
            return {}
        fields = dict.fromkeys((*MEMBER_FIELDS, "story_id"), True)
        found = {f["_id"]: f async for f in self._articles.find({"_id": {"$in": list(ids)}}, fields)}
        return {
            key: Member(key, **{n: f[n] for n in MEMBER_FIELDS if n in f}, story=f.get("story_id") or "")
            for key, f in found.items()
        }

    async def _name(self, near: ConnectedArticles) -> None:
        """Set the names of the stories, and the documents of those that have copies."""
        roots = groups(near.members.values())
        taken: set[str] = set()
        if len({roots[key] for key in near.members}) > 1:
            cursor = self._stories.find({"_id": {"$in": list(near.members)}}, {"_id": True})
            taken = {document["_id"] async for document in cursor}
        near.names = story_names(near.members, roots, taken)
        by_name: dict[str, list[Member]] = {}
        for key, name in near.names.items():
            by_name.setdefault(name, []).append(near.members[key])
        near.wanted = {name: story_document(name, group) for name, group in by_name.items() if len(group) > 1}
        await self._add_stories(near, set(near.wanted))

    async def _write_stories(self, near: ConnectedArticles, concern: WriteConcern | None) -> bool:
        """Write the stories that differ from what is stored; return whether there were any."""
        writes = _story_writes(near.wanted, near.stories, near.names)
        if writes:
            await self._stories.with_options(write_concern=concern).bulk_write(writes, ordered=False)
        return bool(writes)

    async def _mark(self, near: ConnectedArticles, concern: WriteConcern | None) -> bool:
        """Tell the stored articles where they belong; return whether any did not know."""
        marks = {}
        for key, name in near.names.items():
            first = near.wanted[name]["canonical_id"] if name in near.wanted else key
            marks[key] = (name, None if first == key else first)
        return await _write_marks(self._articles.with_options(write_concern=concern), marks)

    async def _join_crowd(
        self, seeds: set[str], near: ConnectedArticles, compared: Mapping[str, Compared]
    ) -> dict[str, str]:
        """Put `seeds` into the story of the most senior member around and leave the rest as it is."""
        senior = min(near.members.values(), key=lambda member: (not member.story, member.seniority))
        name = senior.story or senior.id
        live = [key for key in seeds & near.members.keys() if not near.members[key].is_fixed]
        moves = [move(name, compared[key].condition if key in compared else {"_id": key}) for key in live]
        if moves:
            await self._fingerprints.bulk_write(moves, ordered=False)
        return dict.fromkeys(seeds, name)


async def confirm_stories(database: AsyncDatabase[Document], ids: Sequence[str]) -> None:
    """Give articles that were just stored the story that `stories` has them in.

    It may have changed since they were placed, before there was an article to tell it to.
    """
    for _ in range(MOST_ROUNDS):
        marks = {}
        fields = {"members.id": True, "canonical_id": True}
        async for found in database["stories"].find({"members.id": {"$in": list(ids)}}, fields):
            first = found["canonical_id"]
            for key in {member["id"] for member in found["members"]}.intersection(ids):
                marks[key] = (found["_id"], None if first == key else first)
        if not await _write_marks(database["articles"], marks):
            return


async def _write_marks(articles: Any, marks: Mapping[str, tuple[str, str | None]]) -> bool:
    """Set `story_id` and `duplicate_of` of the stored articles that have others; return whether there were any."""
    if not marks:
        return False
    stored = articles.find({"_id": {"$in": list(marks)}}, {"story_id": True, "duplicate_of": True})
    writes = [
        UpdateOne({"_id": a["_id"]}, {"$set": {"story_id": story, "duplicate_of": first}})
        async for a in stored
        for story, first in [marks[a["_id"]]]
        if (a.get("story_id"), a.get("duplicate_of")) != (story, first)
    ]
    if writes:
        await articles.bulk_write(writes, ordered=False)
    return bool(writes)


def _moves(near: ConnectedArticles, compared: Mapping[str, Compared]) -> list[UpdateOne]:
    """Return the writes that put fingerprints into other stories: of a round the last ones, they make it durable."""
    moves = []
    for key, member in near.members.items():
        if not member.is_fixed and (member.story != near.names[key] or member.has_moved):
            condition = compared[key].condition if key in compared else {"_id": key}
            moves.append(move(near.names[key], condition | {"cl": member.story or None}))
    return moves


def move(story: str, condition: Document) -> UpdateOne:
    """Return the write that puts the fingerprint that meets `condition` into a story."""
    return UpdateOne(condition, {"$set": {"cl": story}, "$unset": {"m": ""}})


def _story_writes(
    wanted: Mapping[str, Document], stored: Mapping[str, Document], names: Mapping[str, str]
) -> list[UpdateOne]:
    """Return the writes that make the stories as `wanted`; a story that is no more says where its members went."""
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
    """Return the line of a story's log: who came and who left; None if its members stay the same."""
    before = {member["id"] for member in (old or {}).get("members", ())}
    now = {member["id"] for member in new["members"]}
    if before == now and old is not None:
        return None
    event: Document = {"at": datetime.now(UTC), "joined": sorted(now - before), "left": sorted(before - now)}
    return event | ({"merged_into": new["merged_into"]} if new.get("merged_into") else {})
