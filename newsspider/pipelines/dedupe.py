"""Marks duplicates: the story an article belongs to, the article it copies, the articles it quotes."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import Any, Final, Self

from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem, NotConfigured

from newsspider.items import Article
from newsspider.mongo.server.connection import Connection, MongoUnavailableError
from newsspider.mongo.stories.stories import KEEP, Stories, StoryAssignment, is_kept

logger = logging.getLogger(__name__)

BATCH: Final = 32
# a pause is this share of the time waited so far
PAUSE_PART, PAUSE_FIRST_S, PAUSE_MOST_S = 0.5, 0.1, 2.0
# while there is other work a crawl waits for MongoDB this many times longer than at its end
PATIENCE_IN_CRAWL = 10

Waiting = tuple[Article, asyncio.Future[StoryAssignment | None]]


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
        self._mongo = (settings.get("MONGO_URI"), settings["MONGO_DATABASE"], Path(settings["MONGO_DATA_DIR"]))
        self.connection: Connection | None = None
        self.stories: Stories | None = None
        self._waiting: list[Waiting] = []
        self._running: asyncio.Task[None] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    async def open_spider(self) -> None:
        """Connect. If MongoDB is away, the store pipeline reports it and closes the spider."""
        try:
            self.connection = await Connection.open(*self._mongo, wait_s=self.retry_s)
        except MongoUnavailableError as error:
            logger.info("copies are not marked: %s", error)
            return
        self.stories = Stories(self.connection.db, self.window_days)

    async def close_spider(self) -> None:
        connection, self.connection = self.connection, None
        if connection is not None:
            await connection.close()

    async def process_item(self, item: Any) -> Any:
        if not isinstance(item, Article):
            return item
        placement = await self._place(item)
        if placement is None:
            self._count("dedupe/unmarked")
            return item
        placement.mark(item)
        if item.quotes:
            self._count("dedupe/quotes")
        if item.duplicate_of is not None and item.alias_of is None:
            self._count("dedupe/duplicate")
        if not is_kept(item, self.keep):
            self._count("dedupe/skipped")
            raise DropItem(f"copy of {item.duplicate_of}: {item.url}")
        return item

    async def _place(self, item: Article) -> StoryAssignment | None:
        if self.stories is None:
            return None
        future: asyncio.Future[StoryAssignment | None] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, future))
        if self._running is None or self._running.done():
            self._running = asyncio.create_task(self._work())
        return await future

    async def _work(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[:BATCH], self._waiting[BATCH:]
            try:
                placements = await self._place_batch([article for article, _ in batch])
            except Exception as error:  # the items of the batch get the error, the others go on
                for _, future in batch:
                    if not future.done():
                        future.set_exception(error)
                continue
            for (_, future), placement in zip(batch, placements, strict=True):
                if not future.done():
                    future.set_result(placement)

    async def _place_batch(self, articles: list[Article]) -> list[StoryAssignment | None]:
        """Return the story assignments; None each after a long time without MongoDB: then the store spools them."""
        assert self.stories is not None  # noqa: S101
        return await self.stories.place_patiently(articles, self._pause)

    async def _pause(self, waited_s: float, reason: str) -> bool:
        patience_s = self.retry_s * (1 if self._is_ending() else PATIENCE_IN_CRAWL)
        if waited_s > patience_s:
            return False
        logger.warning("waiting for MongoDB: %s", reason)
        await self._revive()
        await asyncio.sleep(min(PAUSE_MOST_S, max(PAUSE_FIRST_S, PAUSE_PART * waited_s)))
        return True

    def _is_ending(self) -> bool:
        """Return True if the crawl has nothing left to do but wait for MongoDB."""
        engine = self.crawler.engine
        if not self.crawler.crawling or engine is None:
            return True
        return not engine.downloader.active and not engine.needs_backout()

    async def _revive(self) -> None:
        if self.connection is None:
            return
        try:
            await self.connection.revive()
        except MongoUnavailableError as error:
            logger.warning("waiting for MongoDB: %s", error)

    def _count(self, name: str) -> None:
        if self.crawler.stats is not None:
            self.crawler.stats.inc_value(name)
