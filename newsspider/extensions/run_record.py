"""The document of a crawl in the collection `runs`."""

from __future__ import annotations

import logging
import os
import socket
from typing import TYPE_CHECKING, Any, Self

from scrapy import signals
from scrapy.exceptions import NotConfigured

from newsspider import RUNS_AS, clock
from newsspider.extensions import summary
from newsspider.extensions.field_coverage import Coverage
from newsspider.items import Article
from newsspider.mongo import runs
from newsspider.mongo.server.connection import Connection, MongoSettings, MongoUnavailableError

if TYPE_CHECKING:
    from scrapy import Spider
    from scrapy.crawler import Crawler

logger = logging.getLogger(__name__)

MONGO_WAIT_S = 5.0
STORE_PIPELINE = "newsspider.pipelines.store.StorePipeline"


class RunRecord:
    """Writes the crawl's document.

    A crawl without the store pipeline (`scrapy shell`) has no document. One without MongoDB has none either; the store
    pipeline reports that.
    """

    def __init__(self, crawler: Crawler) -> None:
        if STORE_PIPELINE not in _names(crawler.settings.getdict("ITEM_PIPELINES")):
            raise NotConfigured
        settings = crawler.settings
        self.stats = crawler.stats
        self.coverage = Coverage()
        self.started_at = clock.now()
        self.run_id = f"{self.started_at:%Y%m%dT%H%M%S.%f}-{os.getpid()}"
        self._mongo = MongoSettings.of(settings)
        self._arguments = {name: str(value) for name, value in settings.getdict("RUN_ARGUMENTS").items()}
        self._replayed = settings["REPLAY"]

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        record = cls(crawler)
        for name in ("spider_opened", "spider_closed", "item_scraped", "item_dropped"):
            crawler.signals.connect(getattr(record, name), signal=getattr(signals, name))
        return record

    def item_scraped(self, item: Any) -> None:
        if isinstance(item, Article):
            self.coverage.add(item, is_stored=True)

    def item_dropped(self, item: Any) -> None:
        if isinstance(item, Article):
            self.coverage.add(item, is_stored=False)

    async def spider_opened(self, spider: Spider) -> None:
        document = {
            "_id": self.run_id,
            "spider": spider.name,
            "arguments": self._arguments,
            "replay": self._replayed,
            "host": socket.gethostname(),
            "pid": os.getpid(),
            "page_code": RUNS_AS,
            "started_at": self.started_at,
        }
        await self._write(lambda connection: runs.begin(connection.db, document))

    async def spider_closed(self, spider: Spider, reason: str) -> None:
        stats = self.stats.get_stats()
        result = {
            "finished_at": clock.now(),
            "finish_reason": reason,
            "pages": summary.pages(stats),
            "articles": summary.articles(stats),
            "requests": summary.request_count(stats),
            "errors": summary.errors(stats),
            "coverage": self.coverage.to_documents(),
        }
        await self._write(lambda connection: runs.finish(connection.db, self.run_id, result))

    async def _write(self, operation: Any) -> None:
        try:
            connection = await Connection.open(*self._mongo, wait_s=MONGO_WAIT_S)
        except MongoUnavailableError as error:
            logger.info("this run is not recorded: %s", error)
            return
        try:
            await connection.retry(0).run(lambda: operation(connection))
        except runs.NotRecorded as error:
            logger.info("this run is not recorded: %s", error)
        finally:
            await connection.close()


def _names(components: dict[Any, Any]) -> set[str]:
    """Return the dotted names of the components that are enabled."""
    on = (component for component, order in components.items() if order is not None)
    return {name if isinstance(name, str) else f"{name.__module__}.{name.__qualname__}" for name in on}
