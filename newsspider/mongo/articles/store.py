"""Articles into MongoDB by group commit: an article counts as saved when its batch is acknowledged, not before.

What MongoDB can never take goes to `quarantine` with the reason; what it cannot take for now waits, and in the end
goes to the spool.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

from pymongo import UpdateOne
from pymongo.errors import BulkWriteError, PyMongoError

from newsspider.errors import NewsspiderError
from newsspider.items import Article
from newsspider.mongo.articles.documents import quarantined, storable
from newsspider.mongo.articles.entry import Entry
from newsspider.mongo.articles.spool import Record, Spool, SpoolError
from newsspider.mongo.articles.updates import withdrawal_update
from newsspider.mongo.articles.writer import ArticleWriter
from newsspider.mongo.crawl_state.page_updates import DEFAULT_PACE, RevisitPolicy, closed_update, done_update
from newsspider.mongo.server.connection import Connection
from newsspider.mongo.server.errors import MongoRefusedError, MongoUnavailableError, explained, is_transient
from newsspider.mongo.server.types import Document
from newsspider.mongo.stories.writer import confirm_stories

logger = logging.getLogger(__name__)

Outcome = Literal["new", "changed", "unchanged", "older", "alias", "spooled"]

MAX_BATCH_BYTES = 32 * 1024 * 1024
RETRY_FIRST_S, RETRY_MOST_S = 0.1, 2.0
# batches on their way at a time: one's articles are written while another's crawl state is
MAX_WRITERS = 3
# a batch this part of the full size does not wait for more: a larger one is hardly cheaper an article
WORTH_A_WRITE = 4
# while there is other work to do a crawl waits for MongoDB this many times longer than at its end
PATIENCE_IN_CRAWL = 10


class QuarantinedError(NewsspiderError):
    """The article can never be stored and was put into `quarantine`; the message is the reason."""


class StoreError(NewsspiderError):
    """The article could neither be stored nor spooled. One line."""


@dataclass(slots=True)
class _Waiting:
    """An article that somebody waits for."""

    entry: Entry
    result: asyncio.Future[Outcome]


@dataclass(slots=True)
class StoreOptions:
    """How the store works; times in the unit of their name, `spool` None: nothing is spooled.

    `pace` None: no crawl state is written. `is_ending()` tells that the crawl has nothing else left to do.
    `count(name, n)` takes the stats; `gave_up(reason)` is called once, when the first article is spooled.
    """

    batch_size: int = 100
    linger_ms: float = 30
    retry_s: float = 60
    spool: Spool | None = None
    pace: RevisitPolicy | None = DEFAULT_PACE
    is_ending: Callable[[], bool] = field(default=lambda: True)
    count: Callable[[str, int], None] = field(default=lambda name, n: None)
    gave_up: Callable[[str], None] = field(default=lambda reason: None)
    now: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))


class ArticleStore:
    """Saves articles to `connection`; `fold` takes away width, 繁简 and white space before two texts are compared."""

    def __init__(
        self, connection: Connection, *, fold: Callable[[str], str], options: StoreOptions | None = None
    ) -> None:
        self.connection = connection
        self.options = options or StoreOptions()
        self._writer = ArticleWriter(connection.db, fold, self.options.now)
        self._queue: asyncio.Queue[_Waiting] = asyncio.Queue()
        self._writers: set[asyncio.Task[None]] = set()
        self._in_flight: list[set[str]] = []
        self._is_away = False

    async def save(self, article: Article, validators: dict[str, str] | None = None) -> Outcome:
        """Return what became of `article` once that is durable (journal, majority; or the spool, fsynced).

        `validators` are those of `done_update`. Raises Quarantined, or StoreError where not even the spool took it.
        """
        entry = Entry.of(article, self.options.now(), validators)
        waiting = _Waiting(entry, asyncio.get_running_loop().create_future())
        self._queue.put_nowait(waiting)
        if not self._writers or (len(self._writers) < MAX_WRITERS and self._is_enough(self._queue.qsize())):
            self._writers.add(asyncio.create_task(self._write_until_empty()))
        return await waiting.result

    async def drain(self) -> None:
        """Return when all that was handed in is settled."""
        while self._writers:
            await asyncio.wait(self._writers)

    async def close(self) -> None:
        """Settle what is left and let go of the spool; the connection stays open."""
        await self.drain()
        if self.options.spool is not None:
            self.options.spool.close()

    async def mark_withdrawn(self, key: str, at: datetime, status: int) -> bool:
        """Mark a stored article whose page has gone; its text stays. Return whether there was one to mark."""
        update = withdrawal_update(key, at, status)
        started = time.monotonic()
        pause_s = RETRY_FIRST_S
        while True:
            try:
                result = await self.connection.db["articles"].bulk_write([update])
                return result.modified_count > 0
            except PyMongoError as error:
                if not is_transient(error) or time.monotonic() - started > self.options.retry_s:
                    raise explained(error, self.connection.uri) from None
            pause_s = await self._pause(pause_s)

    async def _write_until_empty(self) -> None:
        try:
            while not self._queue.empty():
                await self._write_batch(await self._collected())
        finally:
            self._writers.difference_update([asyncio.current_task()])

    async def _write_batch(self, batch: Sequence[_Waiting]) -> None:
        """Settle `batch`; no two batches on their way hold the same article."""
        keys = {waiting.entry.key for waiting in batch}
        while any(not keys.isdisjoint(others) for others in self._in_flight):
            await asyncio.sleep(self.options.linger_ms / 3000)
        self._in_flight.append(keys)
        try:
            await self._commit(batch)
        except Exception as error:  # nobody else would tell those that wait
            logger.exception("a batch of %d articles was not stored", len(batch))
            self._fail(batch, f"{type(error).__name__}: {' '.join(str(error).split())[:300]}")
        finally:
            self._in_flight.remove(keys)

    async def _collected(self) -> list[_Waiting]:
        """Return the next batch: enough for a write, or all that came until nothing came for a third of the linger."""
        batch: list[_Waiting] = []
        size = 0
        deadline = time.monotonic() + self.options.linger_ms / 1000
        while True:
            before = len(batch)
            while not self._queue.empty() and len(batch) < self.options.batch_size and size < MAX_BATCH_BYTES:
                waiting = self._queue.get_nowait()
                batch.append(waiting)
                size += len(waiting.entry.data)
            is_enough = self._is_enough(len(batch)) or size >= MAX_BATCH_BYTES
            if is_enough or len(batch) == before or time.monotonic() >= deadline:
                return batch
            await asyncio.sleep(self.options.linger_ms / 3000)

    def _is_enough(self, articles: int) -> bool:
        return articles * WORTH_A_WRITE >= self.options.batch_size

    async def _commit(self, batch: Sequence[_Waiting]) -> None:
        """Write `batch` through any outage the crawl has patience for; then to the spool."""
        started: float | None = None
        pause_s = RETRY_FIRST_S
        entries = [waiting.entry for waiting in batch]
        while True:
            try:
                await self._writer.write(entries)
                await self.quarantine([self._quarantine_document(entry) for entry in entries if entry.refusal])
            except PyMongoError as error:
                started = started or time.monotonic()
                if not is_transient(error):
                    return await self._commit_refused(batch, error)
                if self._is_patience_over(started):
                    return self._to_spool(batch, str(explained(error, self.connection.uri)))
                logger.warning("waiting for MongoDB: %s", explained(error, self.connection.uri))
            else:
                self._is_away = False
                return await self._finish(batch)
            pause_s = await self._pause(pause_s)

    async def _finish(self, batch: Sequence[_Waiting]) -> None:
        """Finish stories and pages of stored articles, then tell those that wait; an unmarked page is fetched again."""
        started = time.monotonic()
        pause_s = RETRY_FIRST_S
        try:
            while True:
                try:
                    placed = [waiting.entry.key for waiting in batch if waiting.entry.article.fingerprint]
                    await confirm_stories(self.connection.db, placed)
                    return await self._write_pages([waiting.entry for waiting in batch])
                except PyMongoError as error:
                    if not is_transient(error) or self._is_patience_over(started):
                        self.options.count("store/pages_refused", len(batch))
                        return
                pause_s = await self._pause(pause_s)
        finally:
            self._acknowledge(batch)

    def _is_patience_over(self, started: float) -> bool:
        patience_s = self.options.retry_s * (1 if self.options.is_ending() else PATIENCE_IN_CRAWL)
        return self._is_away or time.monotonic() - started > patience_s

    async def _pause(self, pause_s: float) -> float:
        """Wait, start the private server if that has died, and return how long to wait next time."""
        await asyncio.sleep(pause_s)
        try:
            await self.connection.revive()
        except MongoUnavailableError as error:
            logger.warning("%s", error)
        return min(2 * pause_s, RETRY_MOST_S)

    async def _commit_refused(self, batch: Sequence[_Waiting], error: PyMongoError) -> None:
        """Deal with an error that waiting does not cure and that does not say which article it is about."""
        failure = explained(error, self.connection.uri)
        if isinstance(failure, MongoRefusedError):
            return self._to_spool(batch, str(failure))
        if len(batch) > 1:
            for waiting in batch:
                await self._commit([waiting])
        elif batch[0].entry.refusal is None:
            batch[0].entry.refusal = str(failure)
            await self._commit(batch)
        else:
            self._to_spool(batch, str(failure))

    def _acknowledge(self, batch: Sequence[_Waiting]) -> None:
        for waiting in batch:
            entry = waiting.entry
            if waiting.result.done():
                continue
            if entry.refusal is not None:
                self.options.count("store/quarantined", 1)
                waiting.result.set_exception(QuarantinedError(entry.refusal))
            elif entry.outcome is not None:
                waiting.result.set_result(entry.outcome)

    def _to_spool(self, batch: Sequence[_Waiting], reason: str) -> None:
        """Give up on MongoDB for `batch`; it is safe in the spool, or StoreError tells those that wait."""
        spool = self.options.spool
        try:
            if spool is None:
                raise SpoolError("no spool")
            spool.append([self._record(waiting.entry) for waiting in batch])
        except SpoolError as error:
            self._fail(batch, f"{reason}; {error}")
        else:
            self.options.count("store/spooled", len(batch))
            for waiting in batch:
                if not waiting.result.done():
                    waiting.result.set_result("spooled")
        if not self._is_away:
            self.options.gave_up(reason)
        self._is_away = True

    def _fail(self, batch: Sequence[_Waiting], reason: str) -> None:
        unsettled = [waiting for waiting in batch if not waiting.result.done()]
        self.options.count("store/failed", len(unsettled))
        for waiting in unsettled:
            waiting.result.set_exception(StoreError(f"{waiting.entry.article._id} not stored: {reason}"))

    def _record(self, entry: Entry) -> Record:
        if entry.refusal is not None:
            return Record("quarantine", self._quarantine_document(entry))
        return Record("article", {**entry.document, "alias_of": entry.article.alias_of})

    def _quarantine_document(self, entry: Entry) -> Document:
        return quarantined(entry.article, entry.refusal or "", entry.seen_at)

    async def quarantine(self, documents: Sequence[Document]) -> None:
        """Write documents to `quarantine`; one that is there already stays as it is."""
        if not documents:
            return
        updates = [
            UpdateOne({"_id": document["_id"]}, {"$setOnInsert": document}, upsert=True) for document in documents
        ]
        await self.connection.db["quarantine"].bulk_write(updates, ordered=False)
        for document in documents:
            logger.warning("quarantine: %s: %s", document["article_id"], document["reason"][:200])

    async def _write_pages(self, entries: Sequence[Entry]) -> None:
        """Mark the pages of acknowledged articles in the crawl state; a refused mark costs a second fetch at most."""
        pace = self.options.pace
        updates = [_page_update(entry, pace) for entry in entries] if pace is not None else []
        if not updates:
            return
        try:
            await self.connection.db["pages"].bulk_write(updates, ordered=False)
        except BulkWriteError as error:
            self.options.count("store/pages_refused", len(error.details.get("writeErrors", [])))


def _page_update(entry: Entry, pace: RevisitPolicy) -> UpdateOne:
    article = entry.article
    if entry.refusal is not None:
        return closed_update(storable(article._id), storable(article.url), "article", entry.seen_at, "quarantine")
    if entry.outcome == "alias":
        return closed_update(article._id, article.url, "article", entry.seen_at, "alias")
    has_changed, found = entry.outcome in ("new", "changed"), entry.validators
    return done_update(article._id, article.url, entry.seen_at, has_changed=has_changed, validators=found, pace=pace)
