"""Which articles tell the same story, kept in MongoDB for any number of workers.

A worker inserts its fingerprints first, then looks for others: of any two articles the later one sees the earlier one.
Every pair that matches is written as a link to both; the stories follow from the links alone (`story_groups.groups`).
Who has written links reads the connected articles, writes what is out of date, and reads again until nothing is.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from bson import Binary, ObjectId
from bson.errors import BSONError
from pymongo import ASCENDING, IndexModel, ReplaceOne, UpdateOne
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import PyMongoError

from newsspider.fingerprint import SCHEME, Fingerprint, fingerprint, unpacked, verify
from newsspider.items import Article
from newsspider.mongo.errors import is_transient
from newsspider.mongo.story_groups import Link, Member, groups, site_of, story_document
from newsspider.mongo.story_repair import recluster, story
from newsspider.text import content_hash

__all__ = ["INDEXES", "Placement", "PlacingFailed", "Stories", "recluster", "story"]

Document = dict[str, Any]

INDEXES: dict[str, list[IndexModel]] = {
    "fingerprints": [
        IndexModel([("k", ASCENDING)], name="keys"),
        IndexModel([("hb", ASCENDING)], name="body_hash"),
        IndexModel([("exp", ASCENDING)], name="expiry", expireAfterSeconds=0),
    ],
    "stories": [IndexModel([("members.id", ASCENDING)], name="members")],
    "articles": [
        IndexModel([("story_id", ASCENDING), ("published_at", ASCENDING)], name="story"),
        IndexModel(
            [("fingerprint.hb", ASCENDING)],
            name="body_hash",
            partialFilterExpression={"fingerprint.hb": {"$exists": True}},
        ),
    ],
}
CANDIDATES: Final = 30
# an expiry counts from our clock, not from the fetch: a recording of last year is compared like today's pages
KEEP_AFTER_WINDOW: Final = timedelta(days=15)
# a story with more copies than this is a failed extraction or spam: it grows by pointer, without regrouping
MOST_REGROUPED: Final = 1000
SAME_BODY: Final = 50
MOST_ROUNDS: Final = 30
LINK_FIELDS: Final = {"e": True, "cl": True, "f": True}
COMPARED_FIELDS: Final = {"p": True, "hb": True, "f.site": True, "ch": True, "s": True, "d": True}
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class PlacingFailed(RuntimeError):
    """MongoDB could not be asked, or an article cannot be written; `is_passing`: it may work later."""

    def __init__(self, reason: str, is_passing: bool) -> None:
        super().__init__(reason)
        self.is_passing = is_passing


@dataclass(slots=True)
class Placement:
    """Where an article belongs. `duplicate_of` is the canonical copy's id, None if that is the article itself.

    `alias_of`: the id under which this very article of this very site is known already.
    """

    fingerprint: Document
    story_id: str
    duplicate_of: str | None = None
    quotes: list[str] = field(default_factory=list)
    alias_of: str | None = None


@dataclass(slots=True)
class Newcomer:
    """An article on its way into the index."""

    article: Article
    print: Fingerprint
    document: Document
    links: list[Link] = field(default_factory=list)
    quotes: list[str] = field(default_factory=list)
    alias_of: str | None = None

    @property
    def id(self) -> str:
        return self.article._id


class Stories:
    """The stories of one database; copies are looked for `window_days` around an article's day, equal bodies always."""

    def __init__(self, database: AsyncDatabase[Document], window_days: int = 30) -> None:
        self._fingerprints = database["fingerprints"]
        self._stories = database["stories"]
        self._articles = database["articles"]
        self.window = timedelta(days=window_days)

    async def place(self, articles: Sequence[Article]) -> list[Placement]:
        """Return where each article belongs, in order. After PlacingFailed the same call may be made again."""
        try:
            return await self._place(articles)
        except (PyMongoError, BSONError, UnicodeEncodeError) as error:
            is_passing = isinstance(error, PyMongoError) and is_transient(error)
            raise PlacingFailed(" ".join(str(error).split())[:200], is_passing) from error

    async def _place(self, articles: Sequence[Article]) -> list[Placement]:
        newcomers = {article._id: self._newcomer(article) for article in articles}
        touched = await self._insert(list(newcomers.values()))
        fresh = [newcomer for newcomer in newcomers.values() if newcomer.id in touched]
        await self._find_links(fresh)
        await self._write_links([newcomer for newcomer in fresh if newcomer.alias_of is None])
        aliases = [newcomer.id for newcomer in fresh if newcomer.alias_of]
        if aliases:
            await self._fingerprints.delete_many({"_id": {"$in": aliases}})
        seeds = {newcomer.id for newcomer in newcomers.values() if newcomer.alias_of is None}
        linked = {newcomer.id for newcomer in fresh if newcomer.links or touched[newcomer.id]} | (
            seeds - touched.keys()
        )
        roots, canonicals = await self.regroup(linked | {other for left in touched.values() for other in left})
        placements = {n.id: self._placement(n, roots, canonicals) for n in newcomers.values()}
        return [placements[article._id] for article in articles]

    def _placement(self, newcomer: Newcomer, roots: Mapping[str, str], canonicals: Mapping[str, str]) -> Placement:
        root = roots.get(newcomer.alias_of or newcomer.id, newcomer.alias_of or newcomer.id)
        first = canonicals.get(root, root)
        own = {"nv": newcomer.print.scheme, "hb": newcomer.print.body_hash}
        duplicate_of = None if first == newcomer.id else first
        return Placement(own, root, duplicate_of, newcomer.quotes, newcomer.alias_of)

    def _newcomer(self, article: Article) -> Newcomer:
        print_ = fingerprint(article.title, article.text)
        seen = article.fetched_at
        published = min(article.published_at, seen) if article.published_at else None
        day = published or seen
        document: Document = {
            "_id": article._id,
            "k": print_.keys,
            "d": day.replace(hour=0, minute=0, second=0, microsecond=0),
            "hb": print_.body_hash,
            "nv": print_.scheme,
            "ch": article.content_hash or content_hash(article.title, article.text),
            "cl": article._id,
            "p": Binary(print_.packed()),
            "s": ObjectId(),
            "e": [],
            "exp": datetime.now(UTC) + self.window + KEEP_AFTER_WINDOW,
            "f": {
                "site": article.site,
                "source": article.source,
                "source_site": site_of(article.source_url),
                "published_at": published,
                "published_precision": article.published_precision,
                "first_seen_at": seen,
                "chars": len(print_.body),
            },
        }
        return Newcomer(article, print_, document)

    async def _insert(self, newcomers: Sequence[Newcomer]) -> dict[str, list[str]]:
        """Write the fingerprints that are new or changed; return their ids with the neighbours they had before."""
        ids = [newcomer.id for newcomer in newcomers]
        fields = {"hb": True, "nv": True, "ch": True, "e": True, "s": True, "f": True}
        known = {found["_id"]: found async for found in self._fingerprints.find({"_id": {"$in": ids}}, fields)}
        touched: dict[str, list[str]] = {}
        writes: list[ReplaceOne[Document] | UpdateOne] = []
        for newcomer in newcomers:
            old, document = known.get(newcomer.id), newcomer.document
            if old is not None:
                seen = min(old["f"]["first_seen_at"], document["f"]["first_seen_at"])
                document["f"]["first_seen_at"], document["s"] = seen, old["s"]
                if all(old[name] == document[name] for name in ("hb", "nv", "ch")):
                    kept = {name: document[name] for name in ("d", "f", "exp")}
                    writes.append(UpdateOne({"_id": newcomer.id}, {"$set": kept}))
                    continue
            touched[newcomer.id] = [link["i"] for link in old["e"]] if old else []
            writes.append(ReplaceOne({"_id": newcomer.id}, document, upsert=True))
        await self._unlink({key: neighbours for key, neighbours in touched.items() if neighbours})
        if writes:
            await self._fingerprints.bulk_write(writes, ordered=False)
        return touched

    async def _unlink(self, neighbours: Mapping[str, Iterable[str]]) -> None:
        """Take the links of changed articles out of their neighbours: the new text has to match again."""
        pulls = [
            UpdateOne({"_id": other}, {"$pull": {"e": {"i": key}}})
            for key, others in neighbours.items()
            for other in others
        ]
        if pulls:
            await self._fingerprints.bulk_write(pulls, ordered=False)

    async def _find_links(self, newcomers: Sequence[Newcomer]) -> None:
        """Compare each newcomer with its candidates: links, quotes and aliases are noted in it."""
        by_hash: dict[str, list[Newcomer]] = {}
        for newcomer in newcomers:
            by_hash.setdefault(newcomer.print.body_hash, []).append(newcomer)
        equal, stored, *ranked = await asyncio.gather(
            self._fingerprints.find({"hb": {"$in": list(by_hash)}, "nv": SCHEME}, COMPARED_FIELDS)
            .limit(SAME_BODY * len(by_hash))
            .to_list(),
            self._articles.find(
                {"fingerprint.hb": {"$in": list(by_hash)}, "fingerprint.nv": SCHEME},
                {"fingerprint": True, "title": True, "text": True, "site": True, "content_hash": True},
            )
            .limit(SAME_BODY * len(by_hash))
            .to_list(),
            *(self._ranked(newcomer) for newcomer in newcomers),
        )
        for newcomer, candidates in zip(newcomers, ranked, strict=True):
            same = [found for found in equal if found["hb"] == newcomer.print.body_hash]
            old = [found for found in stored if found["fingerprint"]["hb"] == newcomer.print.body_hash]
            self._note_alias(newcomer, same, old)
            if newcomer.alias_of is None:
                self._compare(newcomer, same + candidates, old)

    async def _ranked(self, newcomer: Newcomer) -> list[Document]:
        """Return the articles of the window that share most band keys, best first."""
        keys, day = newcomer.document["k"], newcomer.document["d"]
        if not keys:
            return []
        pipeline: list[Document] = [
            {"$match": {"k": {"$in": keys}, "d": {"$gte": day - self.window, "$lte": day + self.window}}},
            {"$match": {"_id": {"$ne": newcomer.id}, "nv": SCHEME}},
            {"$set": {"shared": {"$size": {"$setIntersection": ["$k", keys]}}}},
            {"$sort": {"shared": -1, "_id": 1}},
            {"$limit": CANDIDATES},
            {"$project": COMPARED_FIELDS},
        ]
        cursor = await self._fingerprints.aggregate(pipeline)
        return await cursor.to_list()

    def _note_alias(self, newcomer: Newcomer, same: Sequence[Document], old: Sequence[Document]) -> None:
        own = newcomer.document
        earlier = [f for f in same if f["ch"] == own["ch"] and f["f"]["site"] == newcomer.article.site]
        earlier = [f for f in earlier if f["_id"] != newcomer.id and f["s"] < own["s"]]
        if earlier:
            newcomer.alias_of = min(earlier, key=lambda found: found["s"])["_id"]
            return
        live = {found["_id"] for found in same}
        for found in old:
            is_twin = found["site"] == newcomer.article.site and found.get("content_hash") == own["ch"]
            if is_twin and found["_id"] not in live:
                newcomer.alias_of = found["_id"]

    def _compare(self, newcomer: Newcomer, candidates: Sequence[Document], old: Sequence[Document]) -> None:
        seen = {newcomer.id}
        for found in candidates:
            if found["_id"] in seen:
                continue
            seen.add(found["_id"])
            if found["f"]["site"] == newcomer.article.site and found["ch"] == newcomer.document["ch"]:
                continue
            self._judge(newcomer, found["_id"], unpacked(found["p"], found["hb"]))
        for found in old:
            if found["_id"] not in seen:
                self._judge(newcomer, found["_id"], fingerprint(found["title"], found["text"]))

    def _judge(self, newcomer: Newcomer, other: str, other_print: Fingerprint) -> None:
        verdict = verify(other_print, newcomer.print)
        if verdict.is_same_story:
            link = Link(other, verdict.relation, round(verdict.containment, 4), round(verdict.jaccard, 4))
            newcomer.links.append(link)
        elif verdict.relation == "quotes" and len(newcomer.print.body) > len(other_print.body):
            newcomer.quotes.append(other)

    async def _write_links(self, newcomers: Sequence[Newcomer]) -> None:
        """Write every link to both of its articles; one that is there already is left."""
        writes = []
        for newcomer in newcomers:
            for link in newcomer.links:
                back = Link(newcomer.id, link.relation, link.containment, link.jaccard)
                for key, forth in ((newcomer.id, link), (link.other, back)):
                    absent = {"_id": key, "e.i": {"$ne": forth.other}}
                    writes.append(UpdateOne(absent, {"$push": {"e": forth.to_document()}}))
        if writes:
            await self._fingerprints.bulk_write(writes, ordered=False)

    async def regroup(self, seeds: Iterable[str]) -> tuple[dict[str, str], dict[str, str]]:
        """Bring roots and stories of all articles connected with `seeds` up to date.

        Return article -> root, and root -> canonical copy for the stories of two or more.
        """
        seeds = set(seeds)
        if not seeds:
            return {}, {}
        for _ in range(MOST_ROUNDS):
            members = await self._connected(seeds)
            if len(members) >= MOST_REGROUPED:
                return await self._join_crowd(seeds, members), {}
            roots = groups(members.values())
            stale = [m for m in members.values() if m.root != roots[m.id]]
            if stale:
                moves = [UpdateOne({"_id": m.id}, {"$set": {"cl": roots[m.id]}}) for m in stale]
                await self._fingerprints.bulk_write(moves, ordered=False)
            canonicals, has_changed = await self._write_stories(members, roots, stale)
            if not stale and not has_changed:
                break
        return roots, canonicals

    async def _join_crowd(self, seeds: set[str], members: Mapping[str, Member]) -> dict[str, str]:
        """Point `seeds` to the smallest root around and leave the rest as it is."""
        root = min(member.root for member in members.values())
        await self._fingerprints.update_many({"_id": {"$in": list(seeds & members.keys())}}, {"$set": {"cl": root}})
        return dict.fromkeys(seeds, root)

    async def _expired(self, ids: Iterable[str]) -> dict[str, Member]:
        """Return members whose fingerprint has expired, as far as the articles are stored."""
        wanted = list(ids)
        if not wanted:
            return {}
        fields = dict.fromkeys(("site", "source", "published_at", "published_precision", "first_seen_at"), True)
        found = self._articles.find({"_id": {"$in": wanted}}, fields)
        return {f["_id"]: Member(f.pop("_id"), **f) async for f in found}

    async def _connected(self, seeds: set[str]) -> dict[str, Member]:
        """Return all articles that links lead to from `seeds`."""
        members: dict[str, Member] = {}
        frontier = set(seeds)
        while frontier and len(members) < MOST_REGROUPED:
            found = self._fingerprints.find({"_id": {"$in": list(frontier)}}, LINK_FIELDS)
            reached = {member.id: member async for member in (Member.of(document) async for document in found)}
            members |= reached
            frontier = {link.other for member in reached.values() for link in member.links} - members.keys() - frontier
        return members

    async def _write_stories(
        self, members: Mapping[str, Member], roots: Mapping[str, str], stale: Sequence[Member]
    ) -> tuple[dict[str, str], bool]:
        """Write the stories that differ from what is stored; return root -> canonical and whether any was written."""
        known = {**members, **await self._expired(roots.keys() - members.keys())}
        by_root: dict[str, list[Member]] = {}
        for key in known:
            by_root.setdefault(roots[key], []).append(known[key])
        wanted = {root: story_document(root, group) for root, group in by_root.items() if len(group) > 1}
        ids = {m.root for m in stale} | roots.keys()
        stored = {s["_id"]: s async for s in self._stories.find({"_id": {"$in": list(ids)}})}
        writes = _story_writes(wanted, stored, roots)
        if writes:
            await self._stories.bulk_write(writes, ordered=False)
            await self._mark_articles(known.keys(), wanted, roots)
        return {root: document["canonical_id"] for root, document in wanted.items()}, bool(writes)

    async def _mark_articles(
        self, ids: Iterable[str], wanted: Mapping[str, Document], roots: Mapping[str, str]
    ) -> None:
        """Tell the stored articles where they belong now."""
        marks = []
        for key in ids:
            first = wanted[roots[key]]["canonical_id"] if roots[key] in wanted else key
            mark = {"story_id": roots[key], "duplicate_of": None if key == first else first}
            marks.append(UpdateOne({"_id": key}, {"$set": mark}))
        await self._articles.bulk_write(marks, ordered=False)


def _story_writes(
    wanted: Mapping[str, Document], stored: Mapping[str, Document], roots: Mapping[str, str]
) -> list[UpdateOne]:
    """Return the writes that make the stories as `wanted`; a story that is no more points to where its root went."""
    writes = []
    for root, document in wanted.items():
        old = stored.get(root)
        if old is None or old.get("merged_into") or any(old.get(name) != value for name, value in document.items()):
            update: Document = {"$set": document, "$unset": {"merged_into": ""}}
            if event := _event(old, document):
                update["$push"] = {"log": event}
            writes.append(UpdateOne({"_id": root}, update, upsert=True))
    for root, old in stored.items():
        if root not in wanted and not old.get("merged_into") and root in roots:
            gone: Document = {"merged_into": roots[root], "n": 0, "members": [], "sites": []}
            writes.append(UpdateOne({"_id": root}, {"$set": gone, "$push": {"log": _event(old, gone)}}))
    return writes


def _event(old: Mapping[str, Any] | None, new: Mapping[str, Any]) -> Document | None:
    """Return the line of a story's log: who came and who left; None if its members stay the same."""
    before = {member["id"] for member in (old or {}).get("members", ())}
    now = {member["id"] for member in new["members"]}
    if before == now and old is not None:
        return None
    event: Document = {"at": datetime.now(UTC), "joined": sorted(now - before), "left": sorted(before - now)}
    return event | ({"merged_into": new["merged_into"]} if new.get("merged_into") else {})
