"""The crawl state between spider and scheduler: no page is requested twice or forgotten, even if a run is killed."""

from __future__ import annotations

import logging
import os
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from scrapy import Request, signals
from scrapy.exceptions import CloseSpider, NotConfigured
from scrapy.http import Response

from newsspider import clock
from newsspider.crawl.crawl_context import CrawlContext, CrawlingSpider, crawl_of
from newsspider.crawl.request_context import RequestContext, context_of, is_continuation, result_of
from newsspider.frontier.admission import Admission, Admitted
from newsspider.frontier.pace import pace_by_site
from newsspider.frontier.page_outcomes import LISTING_RESULTS, PageOutcomes
from newsspider.frontier.site_gate import SiteGate
from newsspider.frontier.site_sharing import SiteSharing
from newsspider.mongo.crawl_state.frontier import Frontier, FrontierUnavailableError, PageState
from newsspider.mongo.server.connection import Connection, MongoRefusedError, MongoSettings, MongoUnavailableError
from newsspider.mongo.server.retry import Retry
from newsspider.responses import fetched_at

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

logger = logging.getLogger(__name__)


class CrawlStateMiddleware:
    """Writes every link to MongoDB before the page that shows it counts as read.

    It reads the states of pages from MongoDB; `Admission` decides by them what is worth a request.
    """

    def __init__(self, crawler: Crawler) -> None:
        if not issubclass(crawler.spidercls, CrawlingSpider):
            raise NotConfigured
        settings = crawler.settings
        self.crawler = crawler
        self.is_on = settings.getbool("CRAWL_STATE_ENABLED")
        self.is_replay = bool(settings.get("REPLAY"))
        self.frontier: Frontier | None = None
        self.connection: Connection | None = None
        self.run = f"{clock.now():%Y%m%dT%H%M%S}-{os.getpid()}"
        self.is_conditional = not self.is_replay and not settings.get("RECORD")
        self.outcomes: PageOutcomes | None = None
        self.sharing: SiteSharing | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> CrawlStateMiddleware:
        middleware = cls(crawler)
        crawler.signals.connect(middleware.spider_closed, signal=signals.spider_closed)
        return middleware

    @property
    def crawl(self) -> CrawlContext:
        return crawl_of(self.crawler)

    @cached_property
    def admission(self) -> Admission:
        return Admission(self.crawl, self.run, is_conditional=self.is_conditional)

    # --- Start and end -----------------------------------------------------------------------------------------------

    async def process_start(self, start: AsyncIterator[Any]) -> AsyncIterator[Any]:
        """Yield what was typed, then what earlier runs left queued, then what is due, of one site after the other."""
        await self._open()
        others = [output async for output in start]
        seeds = [output for output in others if _is_ours(output)]
        for output in others:
            if output not in seeds:
                yield output
        if self.sharing is None:
            prepared = self._prepared(seeds, await self._known(_keys(seeds).values()))
            await self._enqueue(prepared)
            for request in prepared:
                yield request
            return
        try:
            await self.sharing.type(seeds)
        except FrontierUnavailableError as error:
            self._lost(error)
        async for request in self.sharing.turns.requests():
            yield request

    async def _open(self) -> None:
        if not self.is_on:
            return
        settings = self.crawler.settings
        try:
            self.connection = await Connection.open(
                *MongoSettings.of(settings), wait_s=settings.getfloat("CRAWL_STATE_RETRY_S")
            )
        except MongoRefusedError as error:
            logger.error("%s", error)
            raise CloseSpider("mongo_refused") from None
        except MongoUnavailableError as error:
            logger.error("%s: this run resumes nothing and records nothing", error)
            self._count("frontier/unavailable")
            return
        self.frontier = Frontier(
            self.connection.db,
            run=self.run,
            retry=self._retry(),
        )
        self.gate = SiteGate(self.connection, self.crawl.sites, self._retry(), self.crawl.count)
        if not self.is_replay:
            self.crawl.gate = self.gate
            self.crawl.policy.ended = self.gate.ended
        pace_of = pace_by_site(settings, self.crawl.sites, self.crawl.gate.interval_s)
        self.outcomes = PageOutcomes(self.crawl, self.frontier, self.connection, pace_of)
        self.crawl.outcomes = self.outcomes
        self.crawler.signals.connect(self.outcomes.item_scraped, signal=signals.item_scraped)
        self.crawler.signals.connect(self.outcomes.item_dropped, signal=signals.item_dropped)
        sharing = SiteSharing(
            self.crawler,
            self.crawl,
            self.frontier,
            self.connection,
            self.admission,
            self.outcomes,
            closed_sites=lambda: self.gate.closed_sites(clock.now()),
        )
        try:
            await self.gate.open()
            await sharing.open()
            self.sharing = sharing
        except FrontierUnavailableError as error:
            self._lost(error)

    def _retry(self) -> Retry:
        assert self.connection is not None  # noqa: S101 for the type checker
        return self.connection.retry(self.crawler.settings.getfloat("CRAWL_STATE_RETRY_S"), purpose="crawl state")

    async def spider_closed(self) -> None:
        """Write what is not written yet. If that fails, the next run fetches some pages a second time."""
        if self.frontier is None or self.connection is None or self.outcomes is None:
            return
        await self.outcomes.settled()
        if self.sharing is not None:
            await self.sharing.close()
        if not self.is_replay:
            await self.gate.close()
        if self.frontier.unwritten:
            self._count("frontier/unwritten", self.frontier.unwritten)
        await self.connection.close()

    def _prepared(self, seeds: Sequence[Request], known: Mapping[str, PageState]) -> list[Request]:
        """Return the requests of the seeds: always made, and without conditions if an earlier run was interrupted."""
        admitted = []
        for request, key in _keys(seeds).items():
            if key not in self.crawl.policy.requested:
                self.admission.prepare(request, known.get(key))
                admitted.append(request)
        return admitted

    # --- What a page leads to ----------------------------------------------------------------------------------------

    async def process_spider_output(self, response: Response, result: AsyncIterator[Any]) -> AsyncIterator[Any]:
        """Yield what is let through, once MongoDB knows of it; then the page counts as read."""
        outputs = [output async for output in result]
        requests = [output for output in outputs if _is_ours(output)]
        context = context_of(response) or self.crawl.seed_context(response.url)
        if result_of(response).kind == "unchanged":
            requests += await self._known_channels(context)
        admitted = await self._admitted(requests, response, context)
        await self._enqueue(admitted.requests)
        has_item = any(not isinstance(output, Request) for output in outputs)
        if not has_item and not any(is_continuation(request) for request in requests):
            self._page_read(response, context, admitted)
        for output in outputs:
            if not _is_ours(output):
                yield output
        requests = admitted.requests if self.sharing is None else await self.sharing.let_in(admitted.requests)
        for request in requests:
            yield request

    def process_spider_exception(self, response: Response, exception: Exception) -> None:
        """Record a page that our own code failed on, so that it does not stay queued for ever."""
        context = context_of(response)
        is_ours = not isinstance(exception, CloseSpider) and response.status < 300
        if context and is_ours and self.outcomes is not None:
            self.outcomes.broken(context, context.page_url or response.url, self._now(response))

    def _page_read(self, response: Response, context: RequestContext, admitted: Admitted) -> None:
        result = result_of(response)
        if result.kind in LISTING_RESULTS and not context.is_stored:
            self.crawl.listing_read(
                response.url,
                context,
                set(admitted.articles),
                unseen=admitted.unseen,
                first_shown=len(set(admitted.article_requests)),
            )
        if self.outcomes is not None:
            url = context.page_url or (response.request.url if response.request else response.url)
            self.outcomes.read(context, url, result, self._now(response), unseen=admitted.unseen)

    async def _admitted(self, requests: list[Request], response: Response, context: RequestContext) -> Admitted:
        """Return the requests to let through, by what MongoDB knows of their pages."""
        contexts = (context_of(request) for request in requests)
        requested = self.crawl.policy.requested
        known = await self._known(link.key for link in contexts if link is not None and link.key not in requested)
        return self.admission.admitted(requests, known, context, self._now(response))

    async def _known_channels(self, context: RequestContext) -> list[Request]:
        """Return requests for the channels of a front page that has not changed: they may have."""
        if self.frontier is None:
            return []
        requests = []
        for state in await self.frontier.channels(context.key):
            link = RequestContext.of_meta(state.meta, state.key, default_kind="listing")
            requests.append(self.crawl.request(state.url, link, state.priority))
        return requests

    # --- MongoDB -----------------------------------------------------------------------------------------------------

    async def _known(self, keys: Iterable[str]) -> dict[str, PageState]:
        if self.frontier is None:
            return {}
        try:
            return await self.frontier.known(keys)
        except FrontierUnavailableError as error:
            self._lost(error)
            return {}

    async def _enqueue(self, requests: Sequence[Request]) -> None:
        pages = [self.admission.queued_page(r) for r in requests if not is_continuation(r)]
        if self.frontier is None or not pages:
            return
        try:
            await self.frontier.enqueue(pages, clock.now())
        except FrontierUnavailableError as error:
            self._lost(error)

    def _lost(self, error: FrontierUnavailableError) -> None:
        """Report that links are followed in this run, but would be lost if it was killed."""
        logger.error("%s: links of this page are followed, but not stored", error)
        self._count("frontier/unavailable")

    def _now(self, response: Response) -> datetime:
        return fetched_at(response, is_replay=True) if self.is_replay else clock.now()

    def _count(self, stat: str, count: int = 1) -> None:
        self.crawler.stats.inc_value(stat, count)


def _keys(requests: Iterable[Request]) -> dict[Request, str]:
    return {request: context.key for request in requests if (context := context_of(request)) is not None}


def _is_ours(output: Any) -> bool:
    """Return True for a request with a context."""
    return isinstance(output, Request) and context_of(output) is not None
