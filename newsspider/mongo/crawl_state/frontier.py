"""The crawl state of every URL, in MongoDB: queued, done, failed or gone, and the time of the next visit.

It is kept there and not in a JOBDIR because a kill at any moment must lose nothing, several processes may crawl the
same site, and the articles that decide what is "new" are in the same database.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar

from pymongo import ASCENDING, DESCENDING, IndexModel, UpdateOne
from pymongo.asynchronous.database import AsyncDatabase

from newsspider.items import LISTING_KINDS
from newsspider.mongo.crawl_state.page_updates import (
    QueuedPage,
    RevisitPolicy,
    done_update,
    early_visits,
    queued_update,
)
from newsspider.mongo.crawl_state.persistence import FrontierUnavailableError, persistently
from newsspider.mongo.crawl_state.sites import (
    SiteFacts,
    load_facts,
    save_counts,
    save_doubts,
    save_robots_failures,
    save_sources,
    save_twins,
)
from newsspider.mongo.server.batches import BatchLimits, BatchQueue, Pending
from newsspider.mongo.server.retry import Retry

__all__ = [
    "INDEXES",
    "Frontier",
    "FrontierUnavailableError",
    "Outlook",
    "PageState",
    "QueuedPage",
    "RevisitPolicy",
    "done_update",
]

Result = TypeVar("Result")

INDEXES = {
    "pages": [
        IndexModel([("site", ASCENDING), ("state", ASCENDING), ("priority", DESCENDING), ("_id", ASCENDING)]),
        IndexModel([("site", ASCENDING), ("next_visit", ASCENDING), ("_id", ASCENDING)]),
        IndexModel([("site", ASCENDING), ("kind", ASCENDING), ("next_visit", ASCENDING), ("_id", ASCENDING)]),
        IndexModel([("parent", ASCENDING)], sparse=True),
        IndexModel([("site", ASCENDING)], name="typed", partialFilterExpression={"seed": True}),
        IndexModel(
            [("site", ASCENDING), ("next_visit", ASCENDING)],
            name="site_next_visit",
            partialFilterExpression={"next_visit": {"$exists": True}},
        ),
    ]
}
STATE_FIELDS = dict.fromkeys(
    (
        *("url", "site", "kind", "state", "run", "meta", "priority", "seed", "stored"),
        *("etag", "last_modified", "last_fetch", "next_visit", "failures", "visits", "reason", "doubted"),
    ),
    True,
)
# pages read at once: what is read ahead of its turn stays in memory
BATCH = 50
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
# the end of a run counts no more waiting pages than this
MOST_COUNTED = 100_000
# groups of updates that are written together, and how long a small batch of them waits for more
WRITTEN_TOGETHER, LINGER_S = 1000, 0.01


@dataclass(slots=True)
class PageState:
    """The state of one URL; `seed`: it was given by the user, `stored`: it is in `articles`. Times are aware UTC."""

    _id: str
    url: str = ""
    site: str = ""
    kind: str = "article"
    state: str = "queued"
    run: str | None = None
    meta: dict[str, Any] = field(default_factory=dict)
    priority: int = 0
    seed: bool = False
    stored: bool = False
    etag: str | None = None
    last_modified: str | None = None
    last_fetch: datetime | None = None
    next_visit: datetime | None = None
    failures: int = 0
    visits: int = 0
    reason: str | None = None
    doubted: str | None = None

    @property
    def key(self) -> str:
        return self._id

    def is_due(self, now: datetime) -> bool:
        """Return True if another visit is due; a page without `next_visit` is never visited again."""
        return self.next_visit is not None and self.next_visit <= now


@dataclass(slots=True, frozen=True)
class Outlook:
    """What a run leaves: pages that wait (MOST_COUNTED at most), articles stored, and when the next page is due."""

    waiting: int
    known: int
    next_visit: datetime | None


class Frontier:
    """Reads and writes `pages`; writes of many responses share a bulk, and `retry` waits out an outage of MongoDB."""

    def __init__(
        self,
        database: AsyncDatabase[dict[str, Any]],
        *,
        run: str,
        retry: Retry | None = None,
    ) -> None:
        self._pages = database["pages"]
        self.run = run
        self._retry = retry or Retry(60)
        self._writes: BatchQueue[Sequence[UpdateOne], None] = BatchQueue(
            self._write, BatchLimits(WRITTEN_TOGETHER, LINGER_S)
        )
        self.unwritten = 0

    async def ensure_indexes(self) -> None:
        """Create the indexes where they do not exist."""
        await self._persistently(lambda: self._pages.create_indexes(INDEXES["pages"]))

    async def known(self, keys: Iterable[str]) -> dict[str, PageState]:
        """Return key -> state of those of `keys` that are known, in one query."""
        wanted = list(dict.fromkeys(keys))
        if not wanted:
            return {}
        documents = await self._persistently(lambda: self._pages.find({"_id": {"$in": wanted}}, STATE_FIELDS).to_list())
        return {document["_id"]: PageState(**document) for document in documents}

    async def enqueue(self, pages: Sequence[QueuedPage], now: datetime) -> None:
        """Write `pages` as queued and return once MongoDB has acknowledged it."""
        if pages:
            await self.commit([queued_update(page, self.run, now) for page in pages])

    async def queued(self, sites: Sequence[str], ripe_at: datetime | None = None) -> AsyncIterator[PageState]:
        """Yield the pages of `sites` that are queued, highest priority first.

        With `ripe_at` those that were put off beyond that time are left out.
        """
        condition: dict[str, Any] = {"site": {"$in": list(sites)}, "state": "queued"}
        if ripe_at is not None:
            condition["$or"] = [{"next_visit": None}, {"next_visit": {"$lte": ripe_at}}]
        async for state in self._in_order(condition, "priority", DESCENDING):
            yield state

    async def due(
        self,
        now: datetime,
        sites: Sequence[str],
        kinds: Sequence[str] | None = None,
        pace: RevisitPolicy | None = None,
    ) -> AsyncIterator[PageState]:
        """Yield the pages that are due for another visit at `now`, longest due first.

        An article is due as well where `pace` is shorter than the one that it was marked with.
        """
        condition: dict[str, Any] = {"site": {"$in": list(sites)}, "state": {"$in": ["done", "failed"]}}
        condition["next_visit"] = {"$gte": BEGINNING, "$lte": now}
        if pace is not None:
            condition["$or"] = [{"next_visit": condition.pop("next_visit")}, *early_visits(now, pace)]
        if kinds is not None:
            condition["kind"] = {"$in": list(kinds)}
        async for state in self._in_order(condition, "next_visit", ASCENDING):
            yield state

    async def channels(self, parent: str) -> list[PageState]:
        """Return the listings and feeds found on the page `parent`, further pages of a listing left out."""
        condition = {"parent": parent, "kind": {"$in": list(LISTING_KINDS)}, "meta.page": {"$lte": 1}}
        documents = await self._persistently(lambda: self._pages.find(condition, STATE_FIELDS).to_list())
        return [PageState(**document) for document in documents]

    async def typed_urls(self, site: str) -> list[str]:
        """Return the URLs on `site` that were typed as seeds, in whatever run."""
        condition = {"site": site, "seed": True}
        documents = await self._persistently(lambda: self._pages.find(condition, {"url": True}).to_list())
        return [document["url"] for document in documents if document.get("url")]

    async def outlook(self, sites: Sequence[str], now: datetime, *, is_all: bool) -> Outlook:
        """Return what is left to do on `sites`; `is_all`: these are all sites where anything is."""
        of_sites = {"site": {"$in": list(sites)}}
        waiting = of_sites | {"state": "queued", "$or": [{"next_visit": None}, {"next_visit": {"$lte": now}}]}
        later = of_sites | {"state": {"$in": ["done", "failed", "queued"]}, "next_visit": {"$gt": now}}
        articles = self._pages.database["articles"]

        async def look() -> Outlook:
            soonest = await self._pages.find(later, {"next_visit": True}).sort("next_visit").limit(1).to_list()
            return Outlook(
                waiting=await self._pages.count_documents(waiting, limit=MOST_COUNTED),
                known=await (articles.estimated_document_count() if is_all else articles.count_documents(of_sites)),
                next_visit=soonest[0]["next_visit"] if soonest else None,
            )

        return await self._persistently(look)

    async def sites(self) -> list[str]:
        """Return the sites of all pages known."""
        return list(await self._persistently(lambda: self._pages.distinct("site")))

    async def oldest(self, sites: Sequence[str]) -> dict[str, datetime]:
        """Return when the first page of each site is due, without the sites where none ever is."""
        condition: dict[str, Any] = {"next_visit": {"$gte": BEGINNING}, "state": {"$in": ["done", "failed", "queued"]}}

        async def first(site: str) -> tuple[str, Any]:
            found = self._pages.find({"site": site} | condition, {"next_visit": True}).sort("next_visit").limit(1)
            documents = await self._persistently(found.clone().to_list)
            return site, documents[0]["next_visit"] if documents else None

        return {site: due for site, due in await asyncio.gather(*map(first, sites)) if due is not None}

    async def knowledge(self, site: str) -> SiteFacts:
        """Return what is known of a site, as the parts of `SiteKnowledge` take it."""
        return await self._persistently(lambda: load_facts(self._pages.database, site))

    async def learn_twins(self, site: str, found: list[dict[str, Any]], at: datetime) -> None:
        await self._persistently(lambda: save_twins(self._pages.database, site, at, found))

    async def save_doubts(self, site: str, doubts: dict[str, list[str]], at: datetime) -> None:
        await self._persistently(lambda: save_doubts(self._pages.database, site, at, doubts))

    async def save_robots_failures(self, failures: Mapping[str, Mapping[str, Any] | None], at: datetime) -> None:
        await self._persistently(lambda: save_robots_failures(self._pages.database, at, failures))

    async def learn(
        self, site: str, shapes: dict[str, dict[str, int]], sources: dict[str, list[str]], at: datetime
    ) -> None:
        """Add what this run has learnt of a site: counts of its URL patterns, and its listings."""
        database = self._pages.database
        await self._persistently(lambda: save_counts(database, site, shapes, at))
        await self._persistently(lambda: save_sources(database, site, at, **sources))

    def note(self, *updates: UpdateOne) -> None:
        """Write `updates` soon, without waiting: for writes whose loss costs no more than a second fetch."""
        if updates:
            self._writes.add(updates)

    async def commit(self, updates: list[UpdateOne]) -> None:
        """Write `updates` and return once they are acknowledged; FrontierUnavailableError after a long outage."""
        await self._writes.put(updates)

    async def flush(self) -> None:
        """Return when all updates noted so far are written or given up."""
        await self._writes.drain()

    async def _write(self, batch: Sequence[Pending[Sequence[UpdateOne], None]]) -> None:
        updates = [update for pending in batch for update in pending.item]
        try:
            await self._persistently(lambda: self._pages.bulk_write(updates, ordered=False))
        except FrontierUnavailableError as error:
            self.unwritten += len(updates)
            for pending in batch:
                pending.fail(FrontierUnavailableError(f"crawl state not written: {error}"))
        else:
            for pending in batch:
                pending.settle(None)

    async def _in_order(self, condition: dict[str, Any], name: str, direction: int) -> AsyncIterator[PageState]:
        """Yield the pages that match `condition`, by `name` and key, in batches without an open cursor."""
        after: dict[str, Any] = {}
        beyond = "$lt" if direction == DESCENDING else "$gt"
        while True:
            query = {"$and": [condition, after]} if after else condition
            documents = await self._persistently(
                lambda query=query: (
                    self._pages.find(query, STATE_FIELDS)  # type: ignore[misc]
                    .sort([(name, direction), ("_id", ASCENDING)])
                    .limit(BATCH)
                    .to_list()
                )
            )
            for document in documents:
                yield PageState(**document)
            if len(documents) < BATCH:
                return
            last = documents[-1]
            after = {"$or": [{name: {beyond: last[name]}}, {name: last[name], "_id": {"$gt": last["_id"]}}]}

    async def _persistently(self, operation: Callable[[], Awaitable[Result]]) -> Result:
        return await persistently(self._retry, operation)
