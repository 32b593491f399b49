"""The crawl state between spider and scheduler: no page is requested twice or forgotten, even if a run is killed."""

from __future__ import annotations

import logging
import os
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import asdict
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from scrapy import Request, signals
from scrapy.exceptions import CloseSpider, NotConfigured
from scrapy.http import Response

from newsspider import clock
from newsspider.crawl.crawl_context import CrawlContext, CrawlingSpider, crawl_of
from newsspider.crawl.request_context import RequestContext, context_of, result_of
from newsspider.crawl.site_knowledge.url_patterns import UrlPatterns
from newsspider.downloadermiddlewares.fetch_rules import RobotsFailure
from newsspider.frontier.admission import Admission, Admitted, is_continuation
from newsspider.frontier.pace import pace_by_site
from newsspider.frontier.page_outcomes import LISTING_RESULTS, PageOutcomes
from newsspider.frontier.site_gate import SiteGate
from newsspider.mongo.crawl_state.frontier import Frontier, FrontierUnavailableError, PageState, RevisitPolicy
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
        """Yield the seeds, then what earlier runs left queued, then what is due."""
        await self._open()
        others = [output async for output in start]
        seeds = [output for output in others if _is_ours(output)]
        for request in await self._seeds(seeds):
            yield request
        for output in others:
            if output not in seeds:
                yield output
        if self.frontier is None:
            return
        try:
            async for request in self._left_over(self.frontier):
                yield request
        except FrontierUnavailableError as error:
            self._lost(error)

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
        self.pace_of = pace_by_site(settings, self.crawl.sites, self.crawl.gate.interval_s)
        self.outcomes = PageOutcomes(self.crawl, self.frontier, self.connection, self.pace_of)
        self.crawl.outcomes = self.outcomes
        self.crawler.signals.connect(self.outcomes.item_scraped, signal=signals.item_scraped)
        self.crawler.signals.connect(self.outcomes.item_dropped, signal=signals.item_dropped)
        try:
            await self.gate.open()
            await self.frontier.ensure_indexes()
            for site in self.crawl.scope.sites:
                await self._learn(site)
        except FrontierUnavailableError as error:
            self._lost(error)

    def _retry(self) -> Retry:
        assert self.connection is not None  # noqa: S101 for the type checker
        return self.connection.retry(self.crawler.settings.getfloat("CRAWL_STATE_RETRY_S"), purpose="crawl state")

    async def _learn(self, site: str) -> None:
        knowledge = self.crawl.knowledge
        if self.frontier is not None and site not in knowledge.patterns:
            knowledge.patterns[site] = UrlPatterns()
            knowledge.patterns[site] = UrlPatterns.from_dict(await self.frontier.url_patterns(site))
            knowledge.mirrors.learn(await self.frontier.mirror_hosts(site))
            knowledge.usual_pages(site).learn_doubts(await self.frontier.doubts(site))
            for origin, facts in (await self.frontier.robots_failures(site)).items():
                knowledge.robots_failures[origin] = RobotsFailure(**facts)

    async def spider_closed(self) -> None:
        """Write what is not written yet. If that fails, the next run fetches some pages a second time."""
        if self.frontier is None or self.connection is None or self.outcomes is None:
            return
        await self.outcomes.settled()
        await self._look_ahead(self.frontier)
        if not self.is_replay:
            await self.gate.close()
        knowledge = self.crawl.knowledge
        try:
            for site, patterns in knowledge.patterns.items():
                sources = {kind: sorted(urls) for kind, urls in self.admission.sources[site].items()}
                await self.frontier.learn(site, patterns.increments(), sources, clock.now())
            for site, found in knowledge.mirrors.increments().items():
                await self.frontier.learn_twins(site, found, clock.now())
            for site, doubts in knowledge.doubts().items():
                await self.frontier.save_doubts(site, doubts, clock.now())
            failures = knowledge.new_robots_failures.items()
            facts = {origin: asdict(failure) if failure else None for origin, failure in failures}
            await self.frontier.save_robots_failures(facts, clock.now())
        except FrontierUnavailableError as error:
            logger.warning("what was learnt about the site is not stored: %s", error)
        if self.frontier.unwritten:
            self._count("frontier/unwritten", self.frontier.unwritten)
        await self.connection.close()

    async def _look_ahead(self, frontier: Frontier) -> None:
        """Have the summary say what waits, and when it is looked at next."""
        sites = None if self.crawl.arguments.is_all_due else sorted(self.crawl.scope.sites)
        try:
            now = clock.now()
            outlook = await frontier.outlook(sites, now, self.gate.closed_sites(now))
        except FrontierUnavailableError as error:
            logger.info("what waits is not known: %s", error)
            return
        self.crawler.stats.set_value("frontier/waiting", outlook.waiting)
        self.crawler.stats.set_value("frontier/known", outlook.known)
        self.crawler.stats.set_value("frontier/next_visit", outlook.next_visit)

    async def _seeds(self, seeds: Sequence[Request]) -> list[Request]:
        """Return the requests of the seeds: always made, and without conditions if an earlier run was interrupted."""
        keys = {request: context.key for request in seeds if (context := context_of(request)) is not None}
        known = await self._known(keys.values())
        admitted = []
        for request, key in keys.items():
            if key in self.crawl.policy.requested:
                continue
            self.admission.prepare(request, known.get(key))
            admitted.append(request)
        await self._enqueue(admitted)
        return admitted

    async def _left_over(self, frontier: Frontier) -> AsyncIterator[Request]:
        """Yield what earlier runs left queued, then what is due."""
        arguments, now = self.crawl.arguments, clock.now()
        sites = await frontier.sites() if arguments.is_all_due else sorted(self.crawl.scope.sites)
        closed = set(self.gate.closed_sites(now))
        for site in sites:
            if site in closed:
                continue
            async for state in frontier.queued([site], ripe_at=now if arguments.is_due else None):
                await self._adopt(state.site)
                if (request := self._revived(state)) is not None:
                    yield request
        if self.is_replay:
            return
        async for state in self._due(frontier):
            await self._adopt(state.site)
            if (request := self._revived(state)) is not None:
                await self._enqueue([request])
                yield request

    async def _due(self, frontier: Frontier) -> AsyncIterator[PageState]:
        """Yield what is due: everything with `due=1`, else articles; of this crawl's sites, each at its own pace."""
        arguments, now = self.crawl.arguments, clock.now()
        if arguments.is_all_due:
            async for state in frontier.due(now, without=self.gate.closed_sites(now)):
                yield state
            return
        kinds = None if arguments.is_due else ("article",)
        sites_at: dict[RevisitPolicy, list[str]] = defaultdict(list)
        for site in sorted(self.crawl.scope.sites - set(self.gate.closed_sites(now))):
            sites_at[self.pace_of(f"http://{site}/")].append(site)
        for pace, sites in sites_at.items():
            async for state in frontier.due(now, sites, kinds, pace):
                yield state

    async def _adopt(self, site: str) -> None:
        """Make a site that nobody typed in this run part of it, with the hosts that were typed in earlier ones."""
        scope = self.crawl.scope
        if site in scope.sites or not self.crawl.arguments.is_all_due or self.frontier is None:
            return
        scope.adopt_site(site)
        await self._learn(site)
        for url in await self.frontier.typed_urls(site):
            scope.trust_host(url)

    def _revived(self, state: PageState) -> Request | None:
        """Return the request that `state` was queued with, None if this run does not want it."""
        crawl = self.crawl
        if state.key in crawl.policy.requested or not state.url:
            return None
        if state.seed:
            crawl.scope.trust_host(state.url)
        context = RequestContext.of_meta(state.meta, state.key)
        if reason := crawl.policy.left_over(state.url, context):
            crawl.policy.skip(reason)
            return None
        request = crawl.request(state.url, context, state.priority)
        self.admission.prepare(request, state)
        return request

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
        for request in admitted.requests:
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


def _is_ours(output: Any) -> bool:
    """Return True for a request with a context."""
    return isinstance(output, Request) and context_of(output) is not None
