"""Marks copies: which story an article belongs to, whose copy it is, whom it quotes."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import Any, Final, Self

from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem, NotConfigured

from newsspider.items import Article
from newsspider.mongo.connection import Connection, MongoUnavailable
from newsspider.mongo.stories import Placement, PlacingFailed, Stories

logger = logging.getLogger(__name__)

KEEP: Final = ("all", "no-text", "first")
BATCH: Final = 16
RETRY_FIRST_S, RETRY_MOST_S = 0.1, 2.0

Waiting = tuple[Article, asyncio.Future[Placement | None]]


class DedupePipeline:
    """Stats: dedupe/duplicate, quotes, skipped (copies not stored), unmarked (MongoDB was away too long).

    Items that arrive while a batch is on its way make up the next one.
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
        self.address = (settings.get("MONGO_URI"), settings["MONGO_DATABASE"], Path(settings["MONGO_DATA_DIR"]))
        self.connection: Connection | None = None
        self.stories: Stories | None = None
        self._waiting: list[Waiting] = []
        self._running: asyncio.Task[None] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    async def open_spider(self) -> None:
        """Connect; where MongoDB cannot be had the store says so and ends the crawl."""
        try:
            self.connection = await Connection.open(*self.address, wait_s=self.retry_s)
        except MongoUnavailable as error:
            logger.warning("copies are not marked: %s", error)
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
        item.fingerprint = placement.fingerprint
        item.story_id, item.duplicate_of = placement.story_id, placement.duplicate_of
        item.quotes, item.alias_of = placement.quotes, placement.alias_of
        if item.quotes:
            self._count("dedupe/quotes")
        if item.duplicate_of is not None and item.alias_of is None:
            self._count("dedupe/duplicate")
            self._reduce(item)
        return item

    def _reduce(self, item: Article) -> None:
        """Leave out what DEDUPE_KEEP says of a copy. Raises DropItem for "first"."""
        if self.keep == "first":
            self._count("dedupe/skipped")
            raise DropItem(f"copy of {item.duplicate_of}: {item.url}")
        if self.keep == "no-text":
            item.text = item.body_html = ""

    async def _place(self, item: Article) -> Placement | None:
        if self.stories is None:
            return None
        future: asyncio.Future[Placement | None] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, future))
        if self._running is None or self._running.done():
            self._running = asyncio.create_task(self._work())
        return await future

    async def _work(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[:BATCH], self._waiting[BATCH:]
            try:
                placements = await self._place_batch([article for article, _ in batch])
            except Exception as error:  # whatever it is belongs to the items that wait, and the others go on
                for _, future in batch:
                    if not future.done():
                        future.set_exception(error)
                continue
            for (_, future), placement in zip(batch, placements, strict=True):
                if not future.done():
                    future.set_result(placement)

    async def _place_batch(self, articles: list[Article]) -> list[Placement | None]:
        """Return the placements; after STORE_RETRY_S without MongoDB nothing, and the store spools the articles."""
        assert self.stories is not None and self.connection is not None  # noqa: S101
        loop = asyncio.get_running_loop()
        deadline, pause_s = loop.time() + self.retry_s, RETRY_FIRST_S
        while True:
            try:
                return list(await self.stories.place(articles))
            except PlacingFailed as error:
                is_passing = error.is_passing
                if not is_passing and len(articles) > 1:
                    return [placed for article in articles for placed in await self._place_batch([article])]
                if not is_passing or loop.time() + pause_s > deadline:
                    logger.error("%d articles stay unmarked: %s", len(articles), error)
                    return [None] * len(articles)
            await self._revive()
            await asyncio.sleep(pause_s)
            pause_s = min(2 * pause_s, RETRY_MOST_S)

    async def _revive(self) -> None:
        if self.connection is None:
            return
        try:
            await self.connection.revive()
        except MongoUnavailable as error:
            logger.warning("waiting for MongoDB: %s", error)

    def _count(self, name: str) -> None:
        if self.crawler.stats is not None:
            self.crawler.stats.inc_value(name)
