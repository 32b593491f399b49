"""Saved searches, and which articles each has found, so that an article is sent once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import xxhash
from pymongo import ASCENDING, IndexModel, ReturnDocument
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import BulkWriteError, DuplicateKeyError

from newsspider.errors import NewsspiderError
from newsspider.mongo.server.types import Document

SEARCHES: Final = "searches"
MATCHES: Final = "search_matches"
INDEXES: Final = {
    MATCHES: [
        IndexModel([("search", ASCENDING), ("story_id", ASCENDING)], name="search_story"),
        IndexModel(
            [("search", ASCENDING), ("found_at", ASCENDING)],
            name="pending",
            partialFilterExpression={"told_at": None},
        ),
    ]
}
_DUPLICATE_KEY: Final = 11000
# a process that took matches to send them and has not said so after this time has died
_CLAIM: Final = timedelta(minutes=10)
_AT_ONCE: Final = 1_000


class SearchNameError(NewsspiderError):
    """No search has this name, or one has it already."""


@dataclass(frozen=True, slots=True)
class SavedSearch:
    """A search by name; `is_alert`: what it finds from `created_at` on is sent. Times are aware UTC."""

    name: str
    query: str
    is_alert: bool
    created_at: datetime
    checked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """An article that a search has found; `story_id` is its own id where it has no story."""

    id: str
    article_id: str
    story_id: str
    found_at: datetime


class SavedSearches:
    """The saved searches of `database`; raises PyMongoError."""

    def __init__(self, database: AsyncDatabase[Document]) -> None:
        self._searches = database[SEARCHES]
        self._matches = database[MATCHES]

    async def prepare(self) -> None:
        """Create the indexes where they do not exist."""
        await self._matches.create_indexes(INDEXES[MATCHES])

    async def add(self, search: SavedSearch) -> None:
        """Save a search. Raises SearchNameError where its name is taken."""
        document = {
            "_id": search.name,
            "query": search.query,
            "is_alert": search.is_alert,
            "created_at": search.created_at,
            "checked_at": None,
        }
        try:
            await self._searches.insert_one(document)
        except DuplicateKeyError:
            raise SearchNameError(f"there is a search {search.name!r} already (`scrapy searches list`)") from None

    async def find(self, names: Sequence[str] = ()) -> list[SavedSearch]:
        """Return the searches `names`, all without names, by name. Raises SearchNameError for an unknown one."""
        query = {"_id": {"$in": list(names)}} if names else {}
        found = [_search(document) async for document in self._searches.find(query).sort("_id", ASCENDING)]
        if missing := set(names) - {search.name for search in found}:
            raise SearchNameError(f"no search {min(missing)!r} (`scrapy searches list` shows all)")
        return found

    async def remove(self, name: str) -> None:
        """Remove a search and what it has found. Raises SearchNameError."""
        if not (await self._searches.delete_one({"_id": name})).deleted_count:
            raise SearchNameError(f"no search {name!r} (`scrapy searches list` shows all)")
        await self._matches.delete_many({"search": name})

    async def record(self, name: str, articles: Iterable[Mapping[str, Any]], now: datetime) -> int:
        """Keep those of `articles` (_id, story_id) that the search has not found before; return how many these are."""
        documents = [
            {
                "_id": f"{xxhash.xxh3_128_hexdigest(name.encode())}/{article['_id']}",
                "search": name,
                "article_id": article["_id"],
                "story_id": article.get("story_id") or article["_id"],
                "found_at": now,
                "told_at": None,
            }
            for article in articles
        ]
        if not documents:
            return 0
        try:
            await self._matches.insert_many(documents, ordered=False)
        except BulkWriteError as error:
            failures = error.details.get("writeErrors", [])
            if any(failure["code"] != _DUPLICATE_KEY for failure in failures):
                raise
            return len(documents) - len(failures)
        return len(documents)

    async def checked(self, name: str, now: datetime) -> None:
        """Say that what a search finds was recorded up to `now`."""
        await self._searches.update_one({"_id": name}, {"$set": {"checked_at": now}})

    async def claim(self, name: str, now: datetime) -> list[Match]:
        """Return matches that nobody was told of, oldest first; another process does not get them meanwhile."""
        claimed: list[Match] = []
        free = {"search": name, "told_at": None, "$or": [{"claimed_at": None}, {"claimed_at": {"$lt": now - _CLAIM}}]}
        while len(claimed) < _AT_ONCE:
            found = await self._matches.find_one_and_update(
                free,
                {"$set": {"claimed_at": now}},
                sort=[("found_at", ASCENDING)],
                return_document=ReturnDocument.AFTER,
            )
            if found is None:
                break
            claimed.append(Match(found["_id"], found["article_id"], found["story_id"], found["found_at"]))
        return claimed

    async def settle(self, matches: Sequence[Match], now: datetime, *, is_told: bool) -> None:
        """Say that matches were sent, or leave them to the next run."""
        chosen = {"_id": {"$in": [match.id for match in matches]}}
        changes: Document = {"$set": {"told_at": now}} if is_told else {"$unset": {"claimed_at": ""}}
        await self._matches.update_many(chosen, changes)

    async def told_stories(self, name: str, stories: Sequence[str]) -> set[str]:
        """Return those of `stories` of which an article was sent before."""
        query = {"search": name, "story_id": {"$in": list(stories)}, "told_at": {"$ne": None}}
        return {found["story_id"] async for found in self._matches.find(query, {"story_id": True})}


def _search(document: Mapping[str, Any]) -> SavedSearch:
    times = document["created_at"], document.get("checked_at")
    return SavedSearch(document["_id"], document["query"], bool(document["is_alert"]), *times)
