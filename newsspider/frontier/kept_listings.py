"""Keeps the pages that list articles (PAGE_ARCHIVE_LISTINGS) in the page archive."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from typing import Any, Self

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.http import Response

from newsspider.crawl.request_context import result_of
from newsspider.frontier.page_outcomes import LISTING_RESULTS
from newsspider.recording.archive_settings import archive_options, is_archiving
from newsspider.recording.cases import RecordingError
from newsspider.recording.page_archive import PageArchive
from newsspider.responses import fetched_page

logger = logging.getLogger(__name__)


class KeptListingsMiddleware:
    """Stats: archive/listings, archive/listings_failed. They are on the disk when the crawl ends, not page by page."""

    def __init__(self, crawler: Crawler) -> None:
        if not (is_archiving(crawler.settings) and crawler.settings.getbool("PAGE_ARCHIVE_LISTINGS")):
            raise NotConfigured
        self.stats = crawler.stats
        self.archive = PageArchive(archive_options(crawler.settings))

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        middleware = cls(crawler)
        crawler.signals.connect(middleware.spider_closed, signal=signals.spider_closed)
        return middleware

    async def process_spider_output(self, response: Response, result: AsyncIterator[Any]) -> AsyncIterator[Any]:
        async for output in result:
            yield output
        # the spider attaches its result at its end
        if result_of(response).kind in LISTING_RESULTS and response.body:
            await self._keep(response)

    async def _keep(self, response: Response) -> None:
        try:
            await asyncio.to_thread(self.archive.keep_page, fetched_page(response))
        except RecordingError as error:
            logger.error("%s", error)
            self.stats.inc_value("archive/listings_failed")
        else:
            self.stats.inc_value("archive/listings")

    async def spider_closed(self) -> None:
        await asyncio.to_thread(self.archive.close)
