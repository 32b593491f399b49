"""A scheduler that knows which sites are held."""

from __future__ import annotations

from scrapy import Request
from scrapy.core.scheduler import Scheduler

from newsspider.crawl.crawl_context import CrawlingSpider
from newsspider.crawl.leased.held_sites import HeldSites
from newsspider.crawl.request_context import is_continuation


class SiteScheduler(Scheduler):
    """Counts what waits for each site, and drops what waits for a site that is given back or lost.

    What is dropped is still queued in MongoDB.
    """

    @property
    def _held(self) -> HeldSites | None:
        spider = self.crawler.spider if self.crawler is not None else None
        held = spider.crawl.held if isinstance(spider, CrawlingSpider) else None
        return held if held is not None and held.is_on else None

    def enqueue_request(self, request: Request) -> bool:
        held = self._held
        return (held is None or held.enqueued(request)) and super().enqueue_request(request)

    def next_request(self) -> Request | None:
        held = self._held
        while (request := super().next_request()) is not None:
            if held is None or held.dequeued(request, is_begun=is_continuation(request)):
                return request
        return None
