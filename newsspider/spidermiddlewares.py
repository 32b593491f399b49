"""The crawl state between spider and scheduler: nothing twice, nothing forgotten, whatever kills the process."""

from __future__ import annotations

import logging
import os
from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

from scrapy import Request, signals
from scrapy.exceptions import CloseSpider, NotConfigured
from scrapy.http import Response

from newsspider.crawl.request_context import Step
from newsspider.frontier.admission import Admission, goes_on
from newsspider.frontier.page_outcomes import LISTING_VERDICTS, PageOutcomes
from newsspider.mongo.crawl_state.frontier import Frontier, FrontierUnavailableError, PageState, RevisitPolicy
from newsspider.mongo.server.connection import Connection, MongoRefusedError, MongoSettings, MongoUnavailableError
from newsspider.responses import fetched_at, validators

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

logger = logging.getLogger(__name__)


class CrawlStateMiddleware:
    """Writes every link to MongoDB before the page that carries it counts as read.

    What is worth a request is for `Admission` to say, by the states that are read from MongoDB here.
    """

    def __init__(self, crawler: Crawler) -> None:
        if not hasattr(crawler.spidercls, "seed_step"):
            raise NotConfigured
        settings = crawler.settings
        self.crawler = crawler
        self.is_on = settings.getbool("CRAWL_STATE_ENABLED")
        self.is_replay = bool(settings.get("REPLAY"))
        self.pace = RevisitPolicy(
            article_s=settings.getfloat("REVISIT_ARTICLE_S"),
            article_times=settings.getint("REVISIT_ARTICLE_TIMES"),
            listing_s=settings.getfloat("REVISIT_LISTING_S"),
            backoff_s=settings.getfloat("BACKOFF_S"),
            backoff_max_s=settings.getfloat("BACKOFF_MAX_S"),
        )
        self.frontier: Frontier | None = None
        self.connection: Connection | None = None
        self.run = f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{os.getpid()}"
        is_conditional = not self.is_replay and not settings.get("RECORD")
        self.admission = Admission(crawler, self.run, is_conditional=is_conditional)
        self.journal: PageOutcomes | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> CrawlStateMiddleware:
        middleware = cls(crawler)
        crawler.signals.connect(middleware.spider_closed, signal=signals.spider_closed)
        return middleware

    @property
    def spider(self) -> Any:
        return self.crawler.spider

    # --- Start and end -----------------------------------------------------------------------------------------------

    async def process_start(self, start: AsyncIterator[Any]) -> AsyncIterator[Any]:
        """Yield the seeds, then what earlier runs left queued, then what is due."""
        await self._open()
        others = [output async for output in start]
        seeds = [output for output in others if isinstance(output, Request) and "newsspider" in output.meta]
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
            logger.error("%s: nothing is resumed or remembered in this run", error)
            self._count("frontier/unavailable")
            return
        self.frontier = Frontier(
            self.connection.db,
            run=self.run,
            retry=self.connection.retry(settings.getfloat("CRAWL_STATE_RETRY_S"), purpose="crawl state"),
        )
        self.journal = PageOutcomes(self.crawler, self.frontier, self.connection, self.pace)
        self.spider.journal = self.journal
        self.crawler.signals.connect(self.journal.item_scraped, signal=signals.item_scraped)
        self.crawler.signals.connect(self.journal.item_dropped, signal=signals.item_dropped)
        try:
            await self.frontier.ensure_indexes()
            for site in self.spider.sites:
                await self._learn(site)
        except FrontierUnavailableError as error:
            self._lost(error)

    async def _learn(self, site: str) -> None:
        if self.frontier is not None and site not in self.spider.shapes:
            shapes = self.spider.shapes_of(f"http://{site}/")
            self.spider.shapes[site] = type(shapes).from_dict(await self.frontier.shapes(site))
            self.spider.twins.learn(await self.frontier.twins(site))

    async def spider_closed(self) -> None:
        """Write what is left to write; a run that cannot costs the next one some second fetches."""
        if self.frontier is None or self.connection is None or self.journal is None:
            return
        await self.journal.settled()
        try:
            for site, shapes in self.spider.shapes.items():
                sources = {kind: sorted(urls) for kind, urls in self.admission.sources[site].items()}
                await self.frontier.learn(site, shapes.increments(), sources, datetime.now(UTC))
            for site, found in self.spider.twins.increments().items():
                await self.frontier.learn_twins(site, found, datetime.now(UTC))
        except FrontierUnavailableError as error:
            logger.warning("what was learnt about the site is not kept: %s", error)
        if self.frontier.unwritten:
            self._count("frontier/unwritten", self.frontier.unwritten)
        await self.connection.close()

    async def _seeds(self, seeds: Sequence[Request]) -> list[Request]:
        """Return the requests of what was typed: always asked for, unconditionally if a run broke off in the middle."""
        known = await self._known([request.meta["newsspider"]["key"] for request in seeds])
        admitted = []
        for request in seeds:
            step: Step = request.meta["newsspider"]
            if step["key"] in self.spider.asked_for:
                continue
            self.admission.prepare(request, step, known.get(step["key"]))
            admitted.append(request)
        await self._enqueue(admitted)
        return admitted

    async def _left_over(self, frontier: Frontier) -> AsyncIterator[Request]:
        arguments = self.spider.arguments
        if not arguments.is_due:
            async for state in frontier.queued(sorted(self.spider.sites)):
                if (request := self._revived(state)) is not None:
                    yield request
        if self.is_replay:
            return
        sites = None if arguments.is_due else sorted(self.spider.sites)
        kinds = None if arguments.is_due else ("article",)
        async for state in frontier.due(datetime.now(UTC), sites, kinds, self.pace):
            if arguments.is_due and not arguments.urls:
                self.spider.adopt_site(state.site)
                await self._learn(state.site)
            if (request := self._revived(state)) is not None:
                await self._enqueue([request])
                yield request

    def _revived(self, state: PageState) -> Request | None:
        """Return the request that `state` was queued with, None where this run does not want it."""
        step = cast(Step, {"kind": "article", "depth": 0, "page": 1, **state.meta, "key": state.key})
        if state.key in self.spider.asked_for or not state.url:
            return None
        if state.seed:
            self.spider.trust_host(state.url)
        is_wanted = self.spider.is_in_scope(state.url, step) and step.get("depth", 0) <= self.spider.related_depth
        if not is_wanted:
            self._count("links/skipped/left_queued")
            return None
        request: Request = self.spider.request(state.url, step, state.priority)
        self.admission.prepare(request, step, state)
        return request

    # --- What a page leads to ----------------------------------------------------------------------------------------

    async def process_spider_output(self, response: Response, result: AsyncIterator[Any]) -> AsyncIterator[Any]:
        """Yield what is let through, once MongoDB knows of it; then the page counts as read."""
        if asked := response.meta.get("newsspider"):
            asked["validators"] = {} if asked.get("part") else _validators(response, asked)
        outputs = [output async for output in result]
        requests = [o for o in outputs if isinstance(o, Request) and "newsspider" in o.meta]
        step: Step = response.meta.get("newsspider") or self.spider.seed_step(response.url)
        if step.get("verdict") == "unchanged":
            requests += await self._known_channels(step)
        admitted, unseen = await self._admitted(requests, response, step)
        await self._enqueue(admitted)
        items = [o for o in outputs if not isinstance(o, Request)]
        is_to_go_on = any(goes_on(request) for request in requests)
        if not items and not is_to_go_on:
            self._page_read(response, step, unseen, _articles(requests), len(_articles(admitted)))
        for output in outputs:
            if output not in requests:
                yield output
        for request in admitted:
            yield request

    def process_spider_exception(self, response: Response, exception: Exception) -> None:
        """Note a page that our own code failed on, so that it does not stay queued for ever."""
        step = response.meta.get("newsspider")
        is_ours = not isinstance(exception, CloseSpider) and response.status < 300
        if step and is_ours and self.journal is not None:
            self.journal.broken(step, response.url, self._now(response))

    def _page_read(self, response: Response, step: Step, unseen: int, shown: set[str], novel: int) -> None:
        if step.get("verdict") in LISTING_VERDICTS and not step.get("is_stored"):
            self.spider.listing_read(response.url, unseen, step, shown, novel)
        if self.journal is not None:
            url = response.request.url if response.request else response.url
            self.journal.read(step, url, self._now(response), unseen, _validators(response, step))

    async def _admitted(self, requests: list[Request], response: Response, step: Step) -> tuple[list[Request], int]:
        """Return the requests to let through, and how many articles no earlier run knew."""
        now = self._now(response)
        known = await self._known(
            key for r in requests if (key := r.meta["newsspider"]["key"]) not in self.spider.asked_for
        )
        return self.admission.admitted(requests, known, step, now)

    async def _known_channels(self, step: Step) -> list[Request]:
        """Return requests for the channels of a front page that has not changed: they may have."""
        if self.frontier is None:
            return []
        requests = []
        for state in await self.frontier.channels(step["key"]):
            link = cast(Step, {"kind": "listing", "depth": 0, "page": 1, **state.meta, "key": state.key})
            requests.append(self.spider.request(state.url, link, state.priority))
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
        pages = [self.admission.queued_page(r) for r in requests if not goes_on(r)]
        if self.frontier is None or not pages:
            return
        try:
            await self.frontier.enqueue(pages, datetime.now(UTC))
        except FrontierUnavailableError as error:
            self._lost(error)

    def _lost(self, error: FrontierUnavailableError) -> None:
        """Links are crawled in this run all the same, but a kill would lose them: say so."""
        logger.error("%s: links of this page are followed, but not remembered", error)
        self._count("frontier/unavailable")

    def _now(self, response: Response) -> datetime:
        return fetched_at(response, is_replay=True) if self.is_replay else datetime.now(UTC)

    def _count(self, stat: str, count: int = 1) -> None:
        self.crawler.stats.inc_value(stat, count)


def _validators(response: Response, step: Step) -> dict[str, str]:
    """Return the validators of an answer; a shell stays the same whatever its scripts fetch, so it has none."""
    return {} if step.get("is_shell") else validators(response)


def _articles(requests: Iterable[Request]) -> set[str]:
    """Return the keys of the articles among requests."""
    steps: Iterable[Step] = (request.meta["newsspider"] for request in requests)
    return {step["key"] for step in steps if step["kind"] == "article"}
