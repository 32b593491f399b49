"""Articles into MongoDB by group commit: an article counts as saved once its batch is acknowledged, not before.

An article that MongoDB can never take goes to `quarantine` with the reason. One that MongoDB cannot take at the moment
waits, and after a long outage goes to the spool.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from pymongo import UpdateOne
from pymongo.errors import PyMongoError

from newsspider import clock
from newsspider.errors import NewsspiderError
from newsspider.items import Article
from newsspider.mongo.articles.documents import quarantined
from newsspider.mongo.articles.entry import Entry
from newsspider.mongo.articles.finish import finish
from newsspider.mongo.articles.spool import Record, Spool, SpoolError
from newsspider.mongo.articles.tombstones import Tombstones, take_back
from newsspider.mongo.articles.updates import withdrawal_update
from newsspider.mongo.articles.writer import ArticleWriter
from newsspider.mongo.crawl_state.page_updates import DEFAULT_PACE, PaceOf
from newsspider.mongo.server.batches import BatchLimits, BatchQueue, Pending
from newsspider.mongo.server.connection import Connection
from newsspider.mongo.server.errors import MongoRefusedError, explained, is_transient, one_line
from newsspider.mongo.server.types import Document

logger = logging.getLogger(__name__)

Outcome = Literal["new", "changed", "unchanged", "older", "alias", "disputed", "removed", "spooled"]

MAX_BATCH_BYTES = 32 * 1024 * 1024
# batches in flight at a time: the articles of one are written while the crawl state of another is
MAX_WRITERS = 3


class QuarantinedError(NewsspiderError):
    """The article can never be stored and was put into `quarantine`; the message is the reason."""


class StoreError(NewsspiderError):
    """The article could neither be stored nor spooled."""


@dataclass(slots=True)
class StoreOptions:
    """Options of the store; times in the unit of their name.

    `spool` None: nothing is spooled. `pace_of` None: no crawl state is written. `is_ending()`: the crawl has nothing
    else left to do. `count(name, n)` takes the stats. `gave_up(reason)` is called when the first article is spooled.
    `keep(articles)` puts the answers that articles were read from on the disk, and returns False where that failed.
    """

    batch_size: int = 100
    linger_ms: float = 30
    retry_s: float = 60
    spool: Spool | None = None
    pace_of: PaceOf | None = field(default=lambda url: DEFAULT_PACE)
    is_ending: Callable[[], bool] = field(default=lambda: True)
    count: Callable[[str, int], None] = field(default=lambda name, n: None)
    gave_up: Callable[[str], None] = field(default=lambda reason: None)
    keep: Callable[[Sequence[Article]], Awaitable[bool]] | None = None
    now: Callable[[], datetime] = field(default=clock.now)


class ArticleStore:
    """Saves articles to `connection`; `fold` removes width, 繁简 and white space before two texts are compared."""

    def __init__(
        self, connection: Connection, *, fold: Callable[[str], str], options: StoreOptions | None = None
    ) -> None:
        self.connection = connection
        self.options = options or StoreOptions()
        self._tombstones = Tombstones(connection.db)
        self._writer = ArticleWriter(connection.db, fold, self.options.now)
        self._retry = connection.retry(self.options.retry_s, is_ending=self.options.is_ending)
        limits: BatchLimits[Entry] = BatchLimits(
            self.options.batch_size,
            self.options.linger_ms / 1000,
            MAX_WRITERS,
            MAX_BATCH_BYTES,
            size_of=lambda entry: len(entry.data),
            key_of=lambda entry: entry.key,
        )
        self._queue: BatchQueue[Entry, Outcome] = BatchQueue(self._write_batch, limits)

    async def save(self, article: Article, validators: dict[str, str] | None = None) -> Outcome:
        """Return the outcome of `article` once it is durable: journalled by a majority, or fsynced in the spool.

        An article with a tombstone is not stored: its outcome is "removed".
        `validators` as in `done_update`. Raises QuarantinedError, or StoreError if not even the spool took it.
        """
        return await self._queue.put(Entry.of(article, self.options.now(), validators))

    async def drain(self) -> None:
        """Return when all articles handed in are settled."""
        await self._queue.drain()

    async def close(self) -> None:
        """Settle what is left and release the spool; the connection stays open."""
        await self.drain()
        if self.options.spool is not None:
            self.options.spool.close()

    async def mark_withdrawn(self, key: str, at: datetime, status: int) -> bool:
        """Mark a stored article whose page has gone and keep its text; return False if there was none to mark."""
        update = withdrawal_update(key, at, status)
        try:
            result = await self._retry.run(lambda: self.connection.db["articles"].bulk_write([update]))
        except PyMongoError as error:
            raise explained(error, self.connection.uri) from None
        return result.modified_count > 0

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

    async def _write_batch(self, batch: Sequence[Pending[Entry, Outcome]]) -> None:
        try:
            await self._commit(batch)
        except Exception as error:  # nobody else would tell the tasks that wait
            logger.exception("a batch of %d articles was not stored", len(batch))
            self._fail(batch, f"{type(error).__name__}: {' '.join(str(error).split())[:300]}")

    async def _commit(self, batch: Sequence[Pending[Entry, Outcome]]) -> None:
        """Write `batch`, through any outage that the crawl has patience for; after that into the spool."""
        entries = [pending.item for pending in batch]
        await self._keep_pages(entries)
        try:
            await self._retry.run(lambda: self._write(entries))
        except PyMongoError as error:
            failure = explained(error, self.connection.uri)
            if is_transient(error) or isinstance(failure, MongoRefusedError):
                self._to_spool(batch, str(failure))
            else:
                await self._commit_each(batch, str(failure))
        else:
            await self._finish(batch)

    async def _keep_pages(self, entries: Sequence[Entry]) -> None:
        """Have the answers of `entries` on the disk before their articles are written.

        A revisit that gave what is stored already needs none: the answer that it was stored from is kept.
        """
        if self.options.keep is None:
            return
        wanted = [e for e in entries if "kept_at" in e.document and e.refusal is None and not e.article.alias_of]
        again = [entry.key for entry in wanted if entry.article.visit and entry.article.visit.is_revisit]
        known = await self._kept(again) if again else set()
        wanted = [e for e in wanted if (e.key, e.article.content_hash, e.document["details_hash"]) not in known]
        if not wanted or await self.options.keep([entry.article for entry in wanted]):
            return
        self.options.count("archive/failed", len(wanted))
        for entry in wanted:
            entry.is_not_kept()

    async def _kept(self, keys: Sequence[str]) -> set[tuple[str, str | None, str | None]]:
        """Return (id, content hash, details hash) of the stored articles among `keys` whose pages are kept."""
        fields = dict.fromkeys(("content_hash", "details_hash"), True)
        try:
            found = self.connection.db["articles"].find({"_id": {"$in": list(keys)}, "kept_at": {"$ne": None}}, fields)
            return {(a["_id"], a.get("content_hash"), a.get("details_hash")) async for a in found}
        except PyMongoError:
            return set()

    async def _write(self, entries: Sequence[Entry]) -> None:
        await self._leave_out_removed([entry for entry in entries if entry.outcome is None])
        await self._writer.write(entries)
        await self.quarantine([self._quarantine_document(entry) for entry in entries if entry.refusal])
        await self._take_back_removed(entries)

    async def _leave_out_removed(self, entries: Sequence[Entry]) -> None:
        """Settle entries of removed articles, and take the links to such articles out of the others."""
        articles = [entry.article for entry in entries]
        sites = await self._tombstones.sites()
        removed = await self._tombstones.removed(articles, sites)
        urls = await self._tombstones.removed_links(articles, sites)
        for entry in entries:
            if entry.article._id in removed:
                entry.outcome, entry.refusal = "removed", None
            elif urls and entry.refusal is None:
                entry.leave_out(urls)

    async def _take_back_removed(self, entries: Sequence[Entry]) -> None:
        """Delete what was stored of articles that were removed between the look at their tombstones and the write."""
        written = [entry for entry in entries if entry.outcome != "removed"]
        known = await self._tombstones.known_keys({entry.key for entry in written})
        if known:
            await take_back(self.connection.db, known)
        for entry in written:
            if entry.key in known:
                entry.outcome, entry.refusal = "removed", None

    async def _commit_each(self, batch: Sequence[Pending[Entry, Outcome]], failure: str) -> None:
        """Write articles one by one after an error that does not say which one it is about and does not pass."""
        if len(batch) > 1:
            for pending in batch:
                await self._commit([pending])
        elif batch[0].item.refusal is None:
            batch[0].item.refusal = failure
            await self._commit(batch)
        else:
            self._to_spool(batch, failure)

    async def _finish(self, batch: Sequence[Pending[Entry, Outcome]]) -> None:
        """Finish stories and pages of stored articles, then acknowledge them in any case."""
        entries = [pending.item for pending in batch]
        refused = len(batch)
        try:
            refused = await self._retry.run(lambda: finish(self.connection.db, entries, self.options.pace_of))
        except PyMongoError as error:
            logger.warning("%d pages are not marked and will be fetched again: %s", refused, one_line(error))
        finally:
            if refused:
                self.options.count("store/pages_refused", refused)
            self._acknowledge(batch)

    def _acknowledge(self, batch: Sequence[Pending[Entry, Outcome]]) -> None:
        for pending in batch:
            entry = pending.item
            if pending.is_settled:
                continue
            if entry.refusal is not None:
                self.options.count("store/quarantined", 1)
                pending.fail(QuarantinedError(entry.refusal))
            elif entry.outcome is not None:
                pending.settle(entry.outcome)

    def _to_spool(self, batch: Sequence[Pending[Entry, Outcome]], reason: str) -> None:
        """Give up on MongoDB for `batch`: write it to the spool, or raise StoreError in the tasks that wait."""
        spool = self.options.spool
        try:
            if spool is None:
                raise SpoolError("no spool")
            spool.append([self._record(pending.item) for pending in batch])
        except SpoolError as error:
            self._fail(batch, f"{reason}; {error}")
        else:
            self.options.count("store/spooled", len(batch))
            for pending in batch:
                pending.settle("spooled")
        if not self._retry.is_given_up:
            self.options.gave_up(reason)
        self._retry.is_given_up = True

    def _fail(self, batch: Sequence[Pending[Entry, Outcome]], reason: str) -> None:
        unsettled = [pending for pending in batch if not pending.is_settled]
        self.options.count("store/failed", len(unsettled))
        for pending in unsettled:
            pending.fail(StoreError(f"{pending.item.article._id} not stored: {reason}"))

    def _record(self, entry: Entry) -> Record:
        if entry.refusal is not None:
            return Record("quarantine", self._quarantine_document(entry))
        return Record("article", {**entry.document, "alias_of": entry.article.alias_of})

    def _quarantine_document(self, entry: Entry) -> Document:
        return quarantined(entry.article, entry.refusal or "", entry.seen_at)
