"""What a crawl tells while it runs and afterwards: a progress line, its articles, its document in `runs`, drift."""

from __future__ import annotations

import logging
import os
import socket
import sys
import time
from collections import deque
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TextIO

from scrapy import signals
from scrapy.exceptions import NotConfigured
from scrapy.utils.asyncio import create_looping_call
from scrapy.utils.log import get_scrapy_root_handler

from newsspider import outcome
from newsspider.coverage import Coverage, drift
from newsspider.items import Article
from newsspider.mongo import runs
from newsspider.mongo.connection import Connection, MongoUnavailable

if TYPE_CHECKING:
    from scrapy import Spider
    from scrapy.crawler import Crawler
    from scrapy.statscollectors import StatsCollector

logger = logging.getLogger(__name__)

SHOWN_ARTICLES = 100
PROGRESS_INTERVAL_S = 0.5
MONGO_WAIT_S = 5.0
STORE_PIPELINE = "newsspider.pipelines.store.StorePipeline"
CLEAR_LINE = "\r\x1b[2K"


class ArticleReport:
    """Keeps the first articles of a crawl for the table at its end, and counts items that a pipeline lost."""

    def __init__(self, stats: StatsCollector) -> None:
        self.stats = stats
        self.articles: list[Article] = []
        self.scraped = 0

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        report = cls(crawler.stats)
        crawler.signals.connect(report.item_scraped, signal=signals.item_scraped)
        crawler.signals.connect(report.item_error, signal=signals.item_error)
        return report

    def item_scraped(self, item: Any) -> None:
        self.scraped += 1
        if isinstance(item, Article) and len(self.articles) < SHOWN_ARTICLES:
            self.articles.append(item)

    def item_error(self) -> None:
        self.stats.inc_value("items/failed")


class ProgressLine:
    """One line on the terminal that is written over: pages, articles, new, changed, duplicate, errors, rate."""

    def __init__(self, stats: StatsCollector, stream: TextIO) -> None:
        self.stats = stats
        self.stream = stream
        self.started = time.monotonic()
        self._recent: deque[tuple[float, int]] = deque(maxlen=20)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        if not sys.stderr.isatty() or not crawler.settings.getbool("PROGRESS_ENABLED", True):
            raise NotConfigured
        progress = cls(crawler.stats, sys.stderr)
        crawler.signals.connect(progress.spider_opened, signal=signals.spider_opened)
        crawler.signals.connect(progress.spider_closed, signal=signals.spider_closed)
        return progress

    def spider_opened(self) -> None:
        handler = get_scrapy_root_handler()
        if handler is not None:
            handler.addFilter(self._make_room)
        self._loop = create_looping_call(self.draw)
        self._loop.start(PROGRESS_INTERVAL_S)

    def spider_closed(self) -> None:
        self._loop.stop()
        self._erase()

    def _make_room(self, record: logging.LogRecord) -> bool:
        """Erase the line before a log record is written where it stands."""
        self._erase()
        return True

    def _erase(self) -> None:
        self.stream.write(CLEAR_LINE)
        self.stream.flush()

    def draw(self) -> None:
        """Write the line, cut to the width of the terminal."""
        stats = self.stats.get_stats()
        now, read = time.monotonic(), outcome.pages(stats)
        self._recent.append((now, read))
        line = progress_line(stats, now - self.started, self._rate())
        try:
            width = os.get_terminal_size(self.stream.fileno()).columns
        except OSError:
            width = 80
        self.stream.write(CLEAR_LINE + line[: width - 1])
        self.stream.flush()

    def _rate(self) -> float:
        (first, before), (last, after) = self._recent[0], self._recent[-1]
        return (after - before) / (last - first) if last > first else 0.0


def progress_line(stats: outcome.Stats, elapsed_s: float, rate: float) -> str:
    """Return the progress line of a crawl with these stats; `rate` in pages a second."""
    counts = outcome.articles(stats)
    minutes, seconds = divmod(int(elapsed_s), 60)
    return (
        f"{minutes}:{seconds:02} {outcome.pages(stats)} pages ({rate:.1f}/s), "
        f"{sum(counts.values()) - counts['duplicate']} articles: {counts['new']} new, {counts['changed']} changed, "
        f"{counts['duplicate']} duplicate, {outcome.errors(stats)} errors"
    )


class RunRecord:
    """Writes the crawl's document in `runs` and warns where a site's fields are found far less often than before.

    A crawl that stores nothing (no store pipeline, as in `scrapy shell`) has none. MongoDB being away is the store
    pipeline's to report: the run document is then left out.
    """

    def __init__(self, crawler: Crawler) -> None:
        if STORE_PIPELINE not in _names(crawler.settings.getdict("ITEM_PIPELINES")):
            raise NotConfigured
        settings = crawler.settings
        self.stats = crawler.stats
        self.coverage = Coverage()
        self.started_at = datetime.now(UTC)
        self.run_id = f"{self.started_at:%Y%m%dT%H%M%S.%f}-{os.getpid()}"
        self._address = (settings["MONGO_URI"], settings["MONGO_DATABASE"], Path(settings["MONGO_DATA_DIR"]))
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
            "started_at": self.started_at,
        }
        await self._write(lambda connection: runs.begin(connection.db, document))

    async def spider_closed(self, spider: Spider, reason: str) -> None:
        stats = self.stats.get_stats()
        result = {
            "finished_at": datetime.now(UTC),
            "finish_reason": reason,
            "pages": outcome.pages(stats),
            "articles": outcome.articles(stats),
            "requests": outcome.request_count(stats),
            "errors": outcome.errors(stats),
            "coverage": self.coverage.to_documents(),
        }
        await self._write(lambda connection: self._finish(connection, result))

    async def _finish(self, connection: Connection, result: dict[str, Any]) -> None:
        if not self._replayed:
            await self._warn_of_drift(connection)
        await runs.finish(connection.db, self.run_id, result)

    async def _warn_of_drift(self, connection: Connection) -> None:
        for site, counts in self.coverage.sites.items():
            usual = await runs.usual_coverage(connection.db, site, self.started_at)
            for line in drift(site, counts, usual):
                self.stats.inc_value("coverage/drift")
                logger.warning("%s", line)

    async def _write(self, operation: Any) -> None:
        try:
            connection = await Connection.open(*self._address, wait_s=MONGO_WAIT_S)
        except MongoUnavailable as error:
            logger.info("this run is not recorded: %s", error)
            return
        try:
            await operation(connection)
        except runs.NotRecorded as error:
            logger.info("this run is not recorded: %s", error)
        finally:
            await connection.close()


def _names(components: dict[Any, Any]) -> set[str]:
    """Return the dotted names of the components that are switched on."""
    on = (component for component, order in components.items() if order is not None)
    return {name if isinstance(name, str) else f"{name.__module__}.{name.__qualname__}" for name in on}
