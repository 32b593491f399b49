"""Marks a new reading of a stored article that does not agree with it, so that nothing is concluded from it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Self

from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured

from newsspider.items import Article
from newsspider.mongo.articles.agreement import disputes
from newsspider.mongo.server.connection import Connection, MongoSettings, MongoUnavailableError


class AgreementPipeline:
    """Reads what is stored of the articles that are visited again; the store keeps a disputed reading beside it."""

    def __init__(self, crawler: Crawler) -> None:
        settings = crawler.settings
        if not settings.getbool("CRAWL_STATE_ENABLED", True):
            raise NotConfigured  # without crawl state no visit is known to be a second one
        self._mongo = MongoSettings.of(settings)
        self._wait_s = settings.getfloat("STORE_RETRY_S")
        self._connection: Connection | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    async def process_item(self, item: Any) -> Any:
        if not isinstance(item, Article) or item.visit is None or not item.visit.is_revisit:
            return item
        try:
            if self._connection is None:
                self._connection = await Connection.open(*self._mongo, wait_s=self._wait_s)
            is_disputed = await disputes(self._connection, item)
        except MongoUnavailableError:
            return item  # the store compares again
        if is_disputed:
            item.visit = replace(item.visit, is_disputed=True)
        return item

    async def close_spider(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()
