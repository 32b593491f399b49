"""The writes of one batch of articles, in an order that leaves whole articles after a kill at any moment.

A version is copied to `revisions` before `articles` is overwritten, and overwritten only if it is still the version
that was compared (`revision` as compare-and-set). Every write may be made again: `version_id` tells an article that
this very write has already stored from another one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from bson.raw_bson import RawBSONDocument
from pymongo import InsertOne, UpdateOne
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import AutoReconnect, BulkWriteError

from newsspider.errors import NewsspiderError
from newsspider.mongo.articles.agreement import is_disputed
from newsspider.mongo.articles.entry import Entry
from newsspider.mongo.articles.revisions import (
    COMPARED_FIELDS,
    VERSION_FIELDS,
    kept_version,
    may_differ,
    reasons,
    revision_id,
)
from newsspider.mongo.articles.updates import (
    alias_update,
    disputed_update,
    new_version_update,
    sighting_update,
)
from newsspider.mongo.daily.marks import SiteDay, mark
from newsspider.mongo.server.errors import is_passing
from newsspider.mongo.server.types import Document

DUPLICATE_KEY = 11000
MAX_ROUNDS = 50
# a stored time further ahead of our clock than this is a wrong clock and does not keep newer versions out
CLOCK_TOLERANCE = timedelta(hours=1)


class BatchInterruptedError(NewsspiderError, AutoReconnect):
    """A write was not acknowledged for a temporary reason: no primary, a full disk."""


class ArticleWriter:
    """Writes entries to `articles` and `revisions` of one database; `fold` as in `revisions.reasons`."""

    def __init__(
        self, database: AsyncDatabase[Document], fold: Callable[[str], str], now: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._articles = database["articles"]
        self._revisions = database["revisions"]
        self._fold = fold
        self._now = now

    async def write(self, entries: Sequence[Entry]) -> None:
        """Settle all entries. A PyMongoError leaves some unsettled: call again with the same ones."""
        for _ in range(MAX_ROUNDS):
            pending = [entry for entry in entries if not entry.is_settled]
            if not pending:
                return
            articles = [entry for entry in pending if entry.alias_of is None]
            await self._write_round(_first_of_each(articles or pending))
        raise BatchInterruptedError(f"other writers were faster {MAX_ROUNDS} times")

    async def _write_round(self, entries: Sequence[Entry]) -> None:
        """Write at most one entry per article; one that lost a race to another writer stays unsettled."""
        stored = await _by_id(self._articles, [entry.key for entry in entries], (*COMPARED_FIELDS, "first_seen_at"))
        different = [e for e in entries if e.key in stored and not e.alias_of and self._is_to_compare(e, stored[e.key])]
        whole = await _by_id(self._articles, [entry.key for entry in different], (*VERSION_FIELDS, *COMPARED_FIELDS))
        operations: list[tuple[Entry, InsertOne[Document] | UpdateOne]] = []
        copies: list[tuple[Entry, UpdateOne]] = []
        days: set[SiteDay | None] = set()
        for entry in entries:
            current = whole.get(entry.key) or stored.get(entry.key)
            operation: InsertOne[Document] | UpdateOne | None
            if current is None:
                operation = self._insert(entry)
            elif await self._is_written_before(entry, current):
                continue
            else:
                operation = self._update(entry, current, copies)
            if operation is not None:
                operations.append((entry, operation))
                days |= _days(entry, stored.get(entry.key))
        await mark(self._database, days)
        await self._bulk(self._revisions, copies)
        accepted = [pair for pair in operations if pair[0].refusal is None]
        outrun = await self._bulk(self._articles, accepted)
        await self._settle([entry for entry, _ in accepted if entry.refusal is None and entry not in outrun])

    def _is_to_compare(self, entry: Entry, stored: Mapping[str, Any]) -> bool:
        return not self._is_older(entry, stored) and may_differ(stored, entry.document)

    def _is_older(self, entry: Entry, stored: Mapping[str, Any]) -> bool:
        last_seen_at = stored.get("last_seen_at")
        return last_seen_at is not None and entry.seen_at < last_seen_at <= self._now() + CLOCK_TOLERANCE

    def _insert(self, entry: Entry) -> InsertOne[Document]:
        """Return the insert of a first version; an alias whose target is not stored yet is stored in its place."""
        if entry.alias_of is not None:
            entry.take_place_of_target()
        entry.intended = entry.attempted = "new"
        return InsertOne(RawBSONDocument(entry.data))  # type: ignore[arg-type]

    def _update(
        self, entry: Entry, stored: Mapping[str, Any], copies: list[tuple[Entry, UpdateOne]]
    ) -> UpdateOne | None:
        if entry.alias_of is not None:
            entry.intended = "alias"
            return alias_update(entry)
        if self._is_older(entry, stored):
            entry.intended = "older"
            return UpdateOne({"_id": entry.key}, {"$min": {"first_seen_at": entry.seen_at}})
        changed = reasons(stored, entry.document, self._fold) if "text" in stored else []
        if not changed:
            entry.intended = "unchanged"
            return sighting_update(entry, stored)
        if {"title", "text"} & set(changed) and is_disputed(stored, entry.document, entry.seen_at):
            entry.intended = "disputed"
            return disputed_update(entry, stored)
        version = kept_version(stored)
        key = revision_id(entry.key, stored["revision"])
        copies.append((entry, UpdateOne({"_id": key}, {"$setOnInsert": version}, upsert=True)))
        entry.intended = entry.attempted = "changed"
        return new_version_update(entry, stored, changed)

    async def _is_written_before(self, entry: Entry, stored: Mapping[str, Any]) -> bool:
        """Settle an entry that an earlier, unacknowledged attempt has stored, even if replaced in the meantime."""
        if entry.attempted is None:
            return False
        is_ours = stored.get("version_id") == entry.version_id
        if not is_ours:
            condition = {"article_id": entry.key, "version_id": entry.version_id}
            is_ours = await self._revisions.find_one(condition, {"_id": True}) is not None
        if is_ours:
            entry.outcome = entry.attempted
        return is_ours

    async def _bulk(
        self, collection: AsyncCollection[Document], pairs: Sequence[tuple[Entry, InsertOne[Document] | UpdateOne]]
    ) -> list[Entry]:
        """Write unordered and return the entries that lost a race; an error of MongoDB becomes the entry's refusal."""
        outrun: list[Entry] = []
        if not pairs:
            return outrun
        try:
            await collection.bulk_write([operation for _, operation in pairs], ordered=False)
        except BulkWriteError as error:
            failures = error.details.get("writeErrors", [])
            for failure in failures:
                if failure["code"] == DUPLICATE_KEY:
                    outrun.append(pairs[failure["index"]][0])
                    continue
                if is_passing(failure["code"], failure.get("errmsg", "")):
                    raise BatchInterruptedError(failure.get("errmsg", "")) from error
                pairs[failure["index"]][0].refusal = _refusal(failure)
            if error.details.get("writeConcernErrors"):
                raise BatchInterruptedError(str(error.details["writeConcernErrors"][:1])) from error
        return outrun

    async def _settle(self, entries: Sequence[Entry]) -> None:
        """Set the outcomes of acknowledged writes; a read shows whether a compare-and-set has found its version."""
        racing = [entry for entry in entries if entry.intended == "changed"]
        stored = await _by_id(self._articles, [entry.key for entry in racing], ("version_id",))
        for entry in entries:
            is_won = stored.get(entry.key, {}).get("version_id") == entry.version_id
            if is_won or entry not in racing:
                entry.outcome = entry.intended


def _first_of_each(entries: Iterable[Entry]) -> list[Entry]:
    """Return the first entry of each article: a second one has to see what the first has written."""
    first: dict[str, Entry] = {}
    for entry in entries:
        first.setdefault(entry.key, entry)
    return list(first.values())


def _days(entry: Entry, stored: Mapping[str, Any] | None) -> set[SiteDay | None]:
    """Return the days whose counts the write of an entry may change: of the article as it is, and as it will be."""
    document = entry.document
    if stored is None:
        return {SiteDay.of(document)}
    is_counted_already = stored.get("details_hash") == document["details_hash"] and all(
        stored.get(name) for name in ("source", "published_at", "story_id")
    )
    if entry.intended in ("alias", "disputed") or (entry.intended == "unchanged" and is_counted_already):
        return set()
    known = {"site": document["site"], "published_at": stored.get("published_at")}
    seen = [at for at in (stored.get("first_seen_at"), entry.seen_at) if at is not None]
    times = [{"first_seen_at": at} for at in {seen[0], min(seen)}]
    new = {"site": document["site"], "published_at": document["published_at"]}
    return {SiteDay.of(one | time) for one in (known, new) for time in times}


async def _by_id(
    collection: AsyncCollection[Document], keys: Sequence[str], names: Iterable[str]
) -> dict[str, Document]:
    if not keys:
        return {}
    found = await collection.find({"_id": {"$in": list(keys)}}, dict.fromkeys(names, True)).to_list()
    return {document["_id"]: document for document in found}


def _refusal(failure: Mapping[str, Any]) -> str:
    details = failure.get("errInfo", {}).get("details", {})
    return f"refused by MongoDB: {failure.get('errmsg', failure['code'])}: {details}"[:1000]
