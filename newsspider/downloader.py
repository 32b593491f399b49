"""Scrapy's downloader, which takes no more requests from the queue than it can soon send."""

from __future__ import annotations

from scrapy.core.downloader import Downloader

# requests that may wait for their host: what a page tells reorders all that is still queued
LOOK_AHEAD = 2


class ShortDownloader(Downloader):
    """Leaves requests in the scheduler, where what was learnt in the meantime puts better ones before them.

    Scrapy takes `CONCURRENT_REQUESTS` at once, of a single host most of them only to wait.
    """

    def needs_backout(self) -> bool:
        if super().needs_backout():
            return True
        hosts = {self.get_slot_key(request) for request in self.active}
        return bool(hosts) and len(self.active) >= sum(self._concurrency(host) + LOOK_AHEAD for host in hosts)

    def _concurrency(self, host: str) -> int:
        slot = self.slots.get(host)
        return slot.concurrency if slot is not None else self.domain_concurrency
