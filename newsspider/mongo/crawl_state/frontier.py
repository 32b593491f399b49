"""The crawl state of every URL, in MongoDB: what is queued, done, failed or gone, and when to look again.

Kept there and not in a JOBDIR because a kill at any moment must lose nothing, several processes may crawl the same
site, and the articles that decide what is "new" live in the same place.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pymongo import ASCENDING, DESCENDING, IndexModel, UpdateOne
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import PyMongoError

from newsspider.items import LISTING_KINDS
from newsspider.mongo.crawl_state.page_updates import (
    QueuedPage,
    RevisitPolicy,
    done_update,
    early_visits,
    queued_update,
)
from newsspider.mongo.crawl_state.sites import load_shapes, load_twins, save_counts, save_sources, save_twins
from newsspider.mongo.server.errors import MongoUnavailableError, is_transient

__all__ = ["INDEXES", "Frontier", "FrontierUnavailableError", "PageState", "QueuedPage", "RevisitPolicy", "done_update"]

logger = logging.getLogger(__name__)

INDEXES = {
    "pages": [
        IndexModel([("site", ASCENDING), ("state", ASCENDING), ("priority", DESCENDING), ("_id", ASCENDING)]),
        IndexModel([("next_visit", ASCENDING), ("_id", ASCENDING)], sparse=True),
        IndexModel([("parent", ASCENDING)], sparse=True),
    ]
}
STATE_FIELDS = dict.fromkeys(
    (
        *("url", "site", "kind", "state", "run", "meta", "priority", "seed", "stored"),
        *("etag", "last_modified", "last_fetch", "next_visit", "failures", "visits", "reason"),
    ),
    True,
)
BATCH = 500
LINGER_S = 0.01
RETRY_FIRST_S, RETRY_MOST_S = 0.1, 2.0


class FrontierUnavailableError(MongoUnavailableError):
    """The crawl state could not be read or written for as long as the crawl is willing to wait."""


@dataclass(slots=True)
class PageState:
    """What is known of one URL; `seed` is set on what was typed, `stored` on what is in `articles`."""

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

    @property
    def key(self) -> str:
        return self._id

    def is_due(self, now: datetime) -> bool:
        """Return whether it is time for another visit; a page without `next_visit` is never visited again."""
        return self.next_visit is not None and self.next_visit <= now


class Frontier:
    """Reads and writes `pages`; writes of many responses share a bulk, and a write waits out an outage of MongoDB."""

    def __init__(
        self,
        database: AsyncDatabase[dict[str, Any]],
        *,
        run: str,
        retry_s: float = 60,
        revive: Callable[[], Any] | None = None,
    ) -> None:
        self._pages = database["pages"]
        self.run = run
        self._retry_s = retry_s
        self._revive = revive
        self._waiting: list[tuple[list[UpdateOne], asyncio.Future[None] | None]] = []
        self._writer: asyncio.Task[None] | None = None
        self.unwritten = 0

    async def ensure_indexes(self) -> None:
        """Create the indexes; harmless where they exist."""
        await self._persistently(lambda: self._pages.create_indexes(INDEXES["pages"]))

    async def known(self, keys: Iterable[str]) -> dict[str, PageState]:
        """Return what is known of `keys`, by key, in one query."""
        wanted = list(dict.fromkeys(keys))
        if not wanted:
            return {}
        documents = await self._persistently(lambda: self._pages.find({"_id": {"$in": wanted}}, STATE_FIELDS).to_list())
        return {document["_id"]: PageState(**document) for document in documents}

    async def enqueue(self, pages: Sequence[QueuedPage], now: datetime) -> None:
        """Write `pages` as queued and return once MongoDB has acknowledged it."""
        if pages:
            await self.commit([queued_update(page, self.run, now) for page in pages])

    async def queued(self, sites: Sequence[str]) -> AsyncIterator[PageState]:
        """Yield what earlier runs left queued for `sites`, most urgent first."""
        condition: dict[str, Any] = {"site": {"$in": list(sites)}, "state": "queued", "run": {"$ne": self.run}}
        async for state in self._in_order(condition, "priority", DESCENDING):
            yield state

    async def due(
        self,
        now: datetime,
        sites: Sequence[str] | None = None,
        kinds: Sequence[str] | None = None,
        pace: RevisitPolicy | None = None,
    ) -> AsyncIterator[PageState]:
        """Yield what is due for a visit at `now`, longest due first; of all sites if `sites` is None.

        Of `sites` an article is due as well where `pace` is shorter than the one that it was marked with.
        """
        condition: dict[str, Any] = {"next_visit": {"$lte": now}, "state": {"$in": ["done", "failed", "queued"]}}
        if sites is not None:
            condition["site"] = {"$in": list(sites)}
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

    async def sites(self) -> list[str]:
        """Return the sites of all pages known."""
        return list(await self._persistently(lambda: self._pages.distinct("site")))

    async def shapes(self, site: str) -> dict[str, dict[str, int]]:
        """Return what is known of the addresses of a site: what `UrlPatterns.from_dict` takes."""
        return dict(await self._persistently(lambda: load_shapes(self._pages.database, site)))

    async def twins(self, site: str) -> list[dict[str, Any]]:
        """Return what is known of twin hosts of a site: what `MirrorHosts.learn` takes."""
        return list(await self._persistently(lambda: load_twins(self._pages.database, site)))

    async def learn_twins(self, site: str, found: list[dict[str, Any]], at: datetime) -> None:
        await self._persistently(lambda: save_twins(self._pages.database, site, at, found))

    async def learn(
        self, site: str, shapes: dict[str, dict[str, int]], sources: dict[str, list[str]], at: datetime
    ) -> None:
        """Add what this run learnt of a site: counts of its address shapes, and where its news is listed."""
        database = self._pages.database
        await self._persistently(lambda: save_counts(database, site, shapes, at))
        await self._persistently(lambda: save_sources(database, site, at, **sources))

    def note(self, *updates: UpdateOne) -> None:
        """Write `updates` soon, without waiting: for what costs no more than a second fetch if it is lost."""
        if updates:
            self._waiting.append((list(updates), None))
            self._wake()

    async def commit(self, updates: list[UpdateOne]) -> None:
        """Write `updates` and return once they are acknowledged; FrontierUnavailableError after a long outage."""
        acknowledged: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((updates, acknowledged))
        self._wake()
        await acknowledged

    async def flush(self) -> None:
        """Return when everything noted so far is written or given up."""
        while self._writer is not None and not self._writer.done():
            await asyncio.wait([self._writer])

    def _wake(self) -> None:
        if self._writer is None or self._writer.done():
            self._writer = asyncio.get_running_loop().create_task(self._write_all())

    async def _write_all(self) -> None:
        while self._waiting:
            await asyncio.sleep(LINGER_S)
            batch, self._waiting = self._waiting, []
            updates = [update for group, _ in batch for update in group]
            try:
                await self._persistently(lambda updates=updates: self._pages.bulk_write(updates, ordered=False))  # type: ignore[misc]
            except (FrontierUnavailableError, PyMongoError) as error:
                self.unwritten += len(updates)
                self._settle(batch, error)
            else:
                self._settle(batch, None)

    @staticmethod
    def _settle(batch: list[tuple[list[UpdateOne], asyncio.Future[None] | None]], error: Exception | None) -> None:
        for _, acknowledged in batch:
            if acknowledged is None or acknowledged.done():
                continue
            if error is None:
                acknowledged.set_result(None)
            else:
                acknowledged.set_exception(FrontierUnavailableError(f"crawl state not written: {error}"))

    async def _in_order(self, condition: dict[str, Any], name: str, direction: int) -> AsyncIterator[PageState]:
        """Yield what meets `condition` by `name`, then key, in batches: no cursor stays open meanwhile."""
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

    async def _persistently(self, operation: Callable[[], Any]) -> Any:
        """Return what `operation` gives, tried again through an outage; FrontierUnavailableError after `retry_s`."""
        deadline = time.monotonic() + self._retry_s
        pause_s = RETRY_FIRST_S
        while True:
            try:
                return await operation()
            except PyMongoError as error:
                if not is_transient(error) or time.monotonic() + pause_s > deadline:
                    raise FrontierUnavailableError(
                        f"MongoDB, crawl state: {' '.join(str(error).split())[:200]}"
                    ) from error
                logger.warning("waiting for MongoDB (crawl state): %s", " ".join(str(error).split())[:120])
            await asyncio.sleep(pause_s)
            pause_s = min(2 * pause_s, RETRY_MOST_S)
            if self._revive is not None:
                await self._revive()
