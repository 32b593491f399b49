"""Marks duplicates: the story an article belongs to, the article it copies, the articles it quotes."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import partial
from typing import Any, Final, Self

from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem, NotConfigured

from newsspider.crawl.ending import is_ending
from newsspider.items import Article
from newsspider.mongo.server.batches import BatchLimits, BatchQueue, Pending
from newsspider.mongo.server.connection import Connection, MongoSettings, MongoUnavailableError
from newsspider.mongo.stories.stories import KEEP, Stories, StoryAssignment, is_kept

logger = logging.getLogger(__name__)

BATCH: Final = 32


class DedupePipeline:
    """Stats: dedupe/duplicate, quotes, skipped (copies not stored), unmarked (MongoDB was away too long).

    Items that arrive while a batch is processed form the next one.
    """

    def __init__(self, crawler: Crawler) -> None:
        settings = crawler.settings
        if not settings.getbool("DEDUPE_ENABLED"):
            raise NotConfigured("DEDUPE_ENABLED is off")
        self.keep: str = settings.get("DEDUPE_KEEP", "all")
        if self.keep not in KEEP:
            raise ValueError(f"DEDUPE_KEEP is {self.keep!r}, not one of {', '.join(KEEP)}")
        self.crawler = crawler
        self.window_days = settings.getint("DEDUPE_WINDOW_DAYS", 30)
        self.retry_s = settings.getfloat("STORE_RETRY_S")
        self.mongo = MongoSettings.of(settings)
        self.connection: Connection | None = None
        self.stories: Stories | None = None
        self._queue: BatchQueue[Article, StoryAssignment | None] = BatchQueue(self._assign_batch, BatchLimits(BATCH))

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    async def open_spider(self) -> None:
        """Connect. If MongoDB is away, the store pipeline reports it and closes the spider."""
        try:
            self.connection = await Connection.open(*self.mongo, wait_s=self.retry_s)
        except MongoUnavailableError as error:
            logger.info("copies are not marked: %s", error)
            return
        self.stories = Stories(self.connection.db, self.window_days)
        self.retry = self.connection.retry(self.retry_s, is_ending=partial(is_ending, self.crawler))

    async def close_spider(self) -> None:
        connection, self.connection = self.connection, None
        if connection is not None:
            await connection.close()

    async def process_item(self, item: Any) -> Any:
        if not isinstance(item, Article) or (item.visit is not None and item.visit.is_disputed):
            return item
        assignment = await self._queue.put(item) if self.stories is not None else None
        if assignment is None:
            self._count("dedupe/unmarked")
            return item
        assignment.mark(item)
        if item.quotes:
            self._count("dedupe/quotes")
        if item.duplicate_of is not None and item.alias_of is None:
            self._count("dedupe/duplicate")
        if not is_kept(item, self.keep):
            self._count("dedupe/skipped")
            raise DropItem(f"copy of {item.duplicate_of}: {item.url}")
        return item

    async def _assign_batch(self, batch: Sequence[Pending[Article, StoryAssignment | None]]) -> None:
        """Assign stories; an article without one after a long outage goes to the store's spool."""
        assert self.stories is not None  # noqa: S101
        assignments = await self.stories.assign_each([pending.item for pending in batch], self.retry)
        for pending, assignment in zip(batch, assignments, strict=True):
            pending.settle(assignment)

    def _count(self, name: str) -> None:
        if self.crawler.stats is not None:
            self.crawler.stats.inc_value(name)
