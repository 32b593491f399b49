"""Drops articles that an operator has removed, before anything of them is written."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final, Self

from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem

from newsspider.items import Article
from newsspider.mongo.articles.tombstones import Tombstones
from newsspider.mongo.server.connection import Connection, MongoSettings, MongoUnavailableError
from newsspider.mongo.server.errors import DatabaseError

# the store looks at each batch again: what is removed in this time costs a comparison, and is not stored
MAX_AGE_S: Final = 1.0


class RemovedPipeline:
    """Stat: articles/removed. While MongoDB is away everything passes: the spool is compared when it is stored."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self._mongo = MongoSettings.of(crawler.settings)
        self._wait_s = crawler.settings.getfloat("STORE_RETRY_S")
        self._connection: Connection | None = None
        self._tombstones: Tombstones | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    async def open_spider(self) -> None:
        """Connect. If MongoDB is away, the store pipeline reports it and closes the spider."""
        try:
            self._connection = await Connection.open(*self._mongo, wait_s=self._wait_s)
        except MongoUnavailableError:
            return
        self._tombstones = Tombstones(self._connection.db, MAX_AGE_S)

    async def process_item(self, item: Any) -> Any:
        if not isinstance(item, Article) or self._tombstones is None:
            return item
        try:
            is_removed = bool(await self._tombstones.removed([item]))
        except DatabaseError:
            return item  # the store looks again
        if is_removed:
            if item.visit is not None:
                item.visit = replace(item.visit, is_removed=True)
            self.crawler.stats.inc_value("articles/removed")
            raise DropItem(f"removed by an operator: {item.url}")
        return item

    async def close_spider(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()
