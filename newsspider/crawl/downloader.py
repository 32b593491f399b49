"""Scrapy's downloader, which takes no more requests from the queue than it can soon send."""

from __future__ import annotations

from scrapy import Request
from scrapy.core.downloader import Downloader

from newsspider.crawl.request_context import LISTING_KINDS

# requests that may wait for their host: what a page tells reorders all that is still queued
LOOK_AHEAD = 2
# with more hosts than this there is always something to send that no open listing bears upon
FEW_HOSTS = 3


class ShortDownloader(Downloader):
    """Leaves requests in the scheduler, where what was learnt in the meantime puts better ones before them.

    Scrapy takes `CONCURRENT_REQUESTS` at once, of a single host most of them only to wait. A crawl of few hosts waits
    as well for the links of a listing that has arrived and is being read.
    """

    def needs_backout(self) -> bool:
        if super().needs_backout():
            return True
        hosts = {self.get_slot_key(request) for request in self.active}
        if hosts and len(self.active) >= sum(self._concurrency(host) + LOOK_AHEAD for host in hosts):
            return True
        return len(hosts) <= FEW_HOSTS and self._is_reading_listing()

    def _concurrency(self, host: str) -> int:
        slot = self.slots.get(host)
        return slot.concurrency if slot is not None else self.domain_concurrency

    def _is_reading_listing(self) -> bool:
        engine = self.crawler.engine
        slot = engine.scraper.slot if engine is not None else None
        return slot is not None and any(_is_listing(request) for request in slot.active)


def _is_listing(request: Request) -> bool:
    return request.meta.get("newsspider", {}).get("kind") in LISTING_KINDS
