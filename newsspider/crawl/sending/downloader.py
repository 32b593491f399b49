"""A downloader that takes no more requests from the queue than it can soon send."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

from scrapy import Request
from scrapy.core.downloader import Downloader, Slot
from scrapy.utils.asyncio import call_later
from twisted.internet.defer import CancelledError
from twisted.python.failure import Failure

from newsspider.crawl.crawl_context import CrawlingSpider
from newsspider.crawl.leased.held_sites import HeldSites, Standing
from newsspider.crawl.request_context import context_of
from newsspider.downloadermiddlewares.fetch_rules import fetch_rules
from newsspider.downloadermiddlewares.refusals import InterruptedRequestError, LostLeaseError
from newsspider.items import LISTING_KINDS
from newsspider.stopping import DOWNLOADS

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from twisted.internet.defer import Deferred

# requests that may wait for their host; what is still queued can be overtaken by what a page brings
LOOK_AHEAD = 2
# between two looks whether a lease was renewed
RENEWAL_LOOK_S = 0.5
# pages that have arrived and are not yet read, or not yet stored: each is fetched again where the process is killed
MOST_UNREAD, MOST_UNSTORED = 8, 32
# between two looks whether they are, at a host with a delay and at one without
STORED_LOOK_S, STORED_LOOK_AT_ONCE_S = 0.05, 0.01
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
        """Return the slot of the request's host; a new one keeps to what an earlier holder of its site has learnt."""
        key = self.get_slot_key(request)
        is_new, rules = key not in self.slots, fetch_rules(self.crawler)
        if is_new and rules is not None and (own := rules.slot_settings(key)):
            self.per_slot_settings[key] = {**self.per_slot_settings.get(key, {}), **own}
        key, slot = super()._get_slot(request)
        if is_new and self._held is not None and (pause := self._held.pause_of(key, slot.delay)) is not None:
            slot.delay = max(slot.delay, pause.delay_s)
            slot.lastseen = max(slot.lastseen, pause.ready_at - slot.delay)
        return key, slot

    def _process_queue(self, slot: Slot) -> None:
        """Send what waits for a host, as long as the lease of its site holds."""
        while slot.queue and not slot.latercall and self._held is not None:
            standing = self._held.standing(slot.queue[0][0])
            if standing is Standing.SEND:
                break
            if standing is Standing.WAIT:
                slot.latercall = call_later(RENEWAL_LOOK_S, self._latercall, slot)
                return
            request, answer = slot.queue.popleft()
            answer.errback(LostLeaseError(f"another process crawls this site now: {request.url}"))
        if slot.queue and not slot.latercall and self._held is not None and self._is_behind(slot):
            look_s = STORED_LOOK_S if slot.delay > 0 else STORED_LOOK_AT_ONCE_S
            slot.latercall = call_later(look_s, self._latercall, slot)
            return
        super()._process_queue(slot)

    def _is_behind(self, slot: Slot) -> bool:
        """Return True if what has arrived is to be stored first: so much in all, or a page of a host with a delay."""
        if self._is_full():
            return True
        host = self.get_slot_key(slot.queue[0][0])
        return slot.delay > 0 and any(self.get_slot_key(request) == host for request in self._being_read)

    def _is_full(self) -> bool:
        """Return True if so many pages have arrived that are not yet read or stored that the next ones can wait."""
        engine = self.crawler.engine
        slot = engine.scraper.slot if engine is not None else None
        if slot is None:
            return False
        return len(slot.active) >= MOST_UNSTORED or len(slot.active) - slot.itemproc_size >= MOST_UNREAD

    def _wait_for_download(self, slot: Slot, request: Request, queue_dfd: Deferred[Any]) -> Coroutine[Any, Any, None]:
        """Take the place of a transfer at once: Scrapy's does so only when it runs, too late without a delay."""
        slot.transferring.add(request)
        return super()._wait_for_download(slot, request, queue_dfd)

    @property
    def _held(self) -> HeldSites | None:
        spider = self.crawler.spider
        held = spider.crawl.held if isinstance(spider, CrawlingSpider) else None
        return held if held is not None and held.is_on else None

    def needs_backout(self) -> bool:
        if super().needs_backout() or self._has_articles_under_way():
            return True
        if self._held is not None and self._is_full():
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
