"""Keeps the full-text index up to date while a crawl runs, and sends what saved searches find that is new."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, Self

from scrapy import signals
from scrapy.utils.asyncio import create_looping_call

from newsspider import clock
from newsspider.extensions.summary import STOPPED
from newsspider.mongo.search.saved import SavedSearches
from newsspider.mongo.server.connection import Connection, MongoSettings, MongoUnavailableError
from newsspider.mongo.server.errors import DatabaseError, one_line

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from newsspider.search.index.keeping import IndexKeeper

logger = logging.getLogger(__name__)

# a crawl of this time or less writes the index once, at its end
FIRST_AFTER_S: Final = 30.0
# how often a long crawl runs the saved searches
INTERVAL_S: Final = 900.0
MONGO_WAIT_S: Final = 5.0
# how long the end of a crawl waits for another process that writes the index
OTHERS_S: Final = 3.0


class ArchiveSearches:
    """Works in threads beside the crawl. Without MongoDB nothing is done, without tantivy there is no index.

    Stat: searches/sent, the articles that were sent.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._settings: Mapping[str, Any] = crawler.settings
        self._stats = crawler.stats
        self._connection: Connection | None = None
        self._keeper: IndexKeeper | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        extension = cls(crawler)
        crawler.signals.connect(extension.spider_opened, signal=signals.spider_opened)
        crawler.signals.connect(extension.spider_closed, signal=signals.spider_closed)
        return extension

    async def spider_opened(self) -> None:
        try:
            self._connection = await Connection.open(*MongoSettings.of(self._settings), wait_s=MONGO_WAIT_S)
        except MongoUnavailableError as error:
            logger.info("search: the index is left as it is: %s", error)
            return
        if self._settings["SEARCH_INDEX"]:
            try:
                from newsspider.search.index.keeping import IndexKeeper
            except ImportError:
                logger.info("search: there is no tantivy here: searches scan the articles")
            else:
                self._keeper = IndexKeeper(self._connection, self._settings)
                self._following = asyncio.create_task(self._keeper.run(FIRST_AFTER_S))
        self._loop = create_looping_call(self._tell)
        self._loop.start(INTERVAL_S, now=False)

    async def spider_closed(self, reason: str) -> None:
        if self._connection is None:
            return
        if self._loop.running:
            self._loop.stop()
        try:
            if self._keeper is not None:
                self._keeper.stop()
                await self._following
                if reason != STOPPED:
                    await self._refresh(self._connection)
            if reason != STOPPED:
                await self._tell()
        except (DatabaseError, OSError, ValueError) as error:
            logger.warning("search: the index is behind: %s", one_line(error))
        finally:
            await self._connection.close()

    async def _refresh(self, connection: Connection) -> None:
        """Write what the end of the crawl has stored."""
        from newsspider.search.index.keeping import refresh

        if waiting := await refresh(connection, self._settings, wait_s=OTHERS_S):
            logger.warning("search: %d articles are not in the index: run `scrapy articles index` once", waiting)

    async def _tell(self) -> None:
        """Run the saved searches that are to alert, where there is somebody to be told."""
        if self._connection is None or not self._settings["ALERT_URLS"]:
            return
        try:
            searches = [one for one in await SavedSearches(self._connection.db).find() if one.is_alert]
            if not searches:
                return
            from newsspider.search.saved.alerting import run_searches

            for ran in await run_searches(self._connection, self._settings, searches, clock.now()):
                self._stats.inc_value("searches/sent", ran.sent)
        except DatabaseError as error:
            logger.warning("search: saved searches are left to the next run: %s", one_line(error))
