"""Brings the full-text index up to date while a crawl runs, and at its end."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, Self

from scrapy import signals
from scrapy.exceptions import NotConfigured

from newsspider.extensions.summary import STOPPED
from newsspider.mongo.server.connection import Connection, MongoSettings, MongoUnavailableError
from newsspider.mongo.server.errors import DatabaseError, one_line

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from newsspider.search.index.keeping import IndexKeeper

logger = logging.getLogger(__name__)

# a crawl of this time or less writes the index once, at its end
FIRST_AFTER_S: Final = 30.0
MONGO_WAIT_S: Final = 5.0


class SearchIndex:
    """Follows the articles in threads beside the crawl. Without MongoDB or tantivy the index is left as it is."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self._settings = settings
        self._keeper: IndexKeeper | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        if not crawler.settings.getbool("SEARCH_INDEX"):
            raise NotConfigured
        try:
            import tantivy  # noqa: F401
        except ImportError:
            raise NotConfigured("there is no tantivy here: searches scan the articles") from None
        extension = cls(crawler.settings)
        crawler.signals.connect(extension.spider_opened, signal=signals.spider_opened)
        crawler.signals.connect(extension.spider_closed, signal=signals.spider_closed)
        return extension

    async def spider_opened(self) -> None:
        from newsspider.search.index.keeping import IndexKeeper

        try:
            self._connection = await Connection.open(*MongoSettings.of(self._settings), wait_s=MONGO_WAIT_S)
        except MongoUnavailableError as error:
            logger.info("search: the index is left as it is: %s", error)
            return
        self._keeper = IndexKeeper(self._connection, self._settings)
        self._following = asyncio.create_task(self._keeper.run(FIRST_AFTER_S))

    async def spider_closed(self, reason: str) -> None:
        if self._keeper is None:
            return
        self._keeper.stop()
        try:
            await self._following
            if reason != STOPPED:
                await self._finish()
        except (DatabaseError, OSError, ValueError) as error:
            logger.warning("search: the index is behind: %s", one_line(error))
        finally:
            await self._connection.close()

    async def _finish(self) -> None:
        """Write what the end of the crawl has stored."""
        from newsspider.search.index.keeping import refresh

        if waiting := await refresh(self._connection, self._settings):
            logger.warning("search: %d articles are not in the index: run `scrapy articles index` once", waiting)
