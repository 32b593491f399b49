"""A downloader that takes no more requests from the queue than it can soon send."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from scrapy import Request
from scrapy.core.downloader import Downloader, Slot
from scrapy.utils.asyncio import call_later
from twisted.internet.defer import CancelledError
from twisted.python.failure import Failure

from newsspider.crawl.crawl_context import CrawlingSpider
from newsspider.crawl.request_context import context_of
from newsspider.downloadermiddlewares.fetch_rules import fetch_rules
from newsspider.downloadermiddlewares.refusals import InterruptedRequestError
from newsspider.items import LISTING_KINDS
from newsspider.stopping import DOWNLOADS

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from twisted.internet.defer import Deferred

# requests that may wait for their host; what is still queued can be overtaken by what a page brings
LOOK_AHEAD = 2
# with more hosts than this there is always something to send that does not depend on an open listing
FEW_HOSTS = 3
# what a download ends with that was cancelled
CANCELLED = (CancelledError, asyncio.CancelledError)


class ShortDownloader(Downloader):
    """Leaves requests in the scheduler, where requests of higher priority can still go before them.

    Scrapy's downloader takes `CONCURRENT_REQUESTS` at once; in a crawl of one host most of them only wait. A crawl of
    few hosts also waits for the links of a listing that has arrived and is being read.

    When the run is stopped, what has not been answered is given up, also where it waits for robots.txt, a name server
    or its turn.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._unanswered: dict[Request, Deferred[Any]] = {}
        DOWNLOADS.when_over(self._give_up)

    def fetch(self, request: Request, *_: object) -> Deferred[Any]:
        answer: Deferred[Any] = super().fetch(request)
        if not answer.called:
            self._unanswered[request] = answer
            answer.addBoth(self._answered, request)
            if DOWNLOADS.is_over:
                call_later(0, answer.cancel)
        return answer

    def _answered(self, result: Any, request: Request) -> Any:
        self._unanswered.pop(request, None)
        if DOWNLOADS.is_over and isinstance(result, Failure) and isinstance(result.value, CANCELLED):
            self.crawler.stats.inc_value("stopped/requests")
            raise InterruptedRequestError(f"given up when the run was stopped: {request.url}")
        return result

    def _give_up(self) -> None:
        for slot in self.slots.values():
            slot.queue.clear()
        for answer in list(self._unanswered.values()):
            answer.cancel()

    def _get_slot(self, request: Request, *_: object) -> tuple[str, Slot]:
        key = self.get_slot_key(request)
        rules = fetch_rules(self.crawler)
        if key not in self.slots and rules is not None and (own := rules.slot_settings(key)):
            self.per_slot_settings[key] = {**self.per_slot_settings.get(key, {}), **own}
        slot: tuple[str, Slot] = super()._get_slot(request)
        return slot

    def needs_backout(self) -> bool:
        if super().needs_backout() or self._has_articles_under_way():
            return True
        hosts = {self.get_slot_key(request) for request in self.active}
        if hosts and len(self.active) >= sum(self._concurrency(host) + LOOK_AHEAD for host in hosts):
            return True
        return len(hosts) <= FEW_HOSTS and self._is_reading_listing()

    def _concurrency(self, host: str) -> int:
        slot = self.slots.get(host)
        return slot.concurrency if slot is not None else self.domain_concurrency

    def _has_articles_under_way(self) -> bool:
        """Return True if what is under way may be all the articles that the run may have."""
        spider = self.crawler.spider
        if not isinstance(spider, CrawlingSpider):
            return False
        contexts = (context_of(request) for request in {*self.active, *self._being_read})
        requests = sum(context is not None and context.kind == "article" for context in contexts)
        return spider.crawl.budget.has_articles_under_way(requests)

    def _is_reading_listing(self) -> bool:
        return any(_is_listing(request) for request in self._being_read)

    @property
    def _being_read(self) -> set[Request]:
        """The requests whose answers the spider and the pipelines are at."""
        engine = self.crawler.engine
        slot = engine.scraper.slot if engine is not None else None
        return slot.active if slot is not None else set()


def _is_listing(request: Request) -> bool:
    context = context_of(request)
    return context is not None and context.kind in LISTING_KINDS
