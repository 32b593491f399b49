"""The crawl state between spider and scheduler: nothing twice, nothing forgotten, whatever kills the process."""

from __future__ import annotations

import logging
import os
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from scrapy import Request, signals
from scrapy.exceptions import CloseSpider, NotConfigured
from scrapy.http import Response

from newsspider.answers import fetched_at, validators
from newsspider.listing_chain import ListingChain
from newsspider.mongo.connection import Connection, MongoRefused, MongoUnavailable
from newsspider.mongo.frontier import Frontier, FrontierUnavailable, Pace, PageState, QueuedPage
from newsspider.page_journal import LISTING_VERDICTS, PageJournal
from newsspider.steps import LISTING_KINDS, Step, kept
from newsspider.urls import registered_domain

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

logger = logging.getLogger(__name__)

TOO_OLD = "before "
SHELL = "shell"
SOURCES = {"listing": "channels", "feed": "feeds", "sitemap": "sitemaps"}


class CrawlStateMiddleware:
    """Writes every link to MongoDB before the page that carries it counts as read, and lets through what is worth it.

    A link is let through if nobody asked for it yet, if its page is due, or if it is a listing. The page after a
    listing is let through only if the listing showed articles that no earlier run has dealt with, whatever this run
    already queued of them, or was itself interrupted.
    """

    def __init__(self, crawler: Crawler) -> None:
        if not hasattr(crawler.spidercls, "seed_step"):
            raise NotConfigured
        settings = crawler.settings
        self.crawler = crawler
        self.is_on = settings.getbool("CRAWL_STATE_ENABLED")
        self.is_replay = bool(settings.get("REPLAY"))
        self.is_conditional = not self.is_replay and not settings.get("RECORD")
        self.pace = Pace(
            article_s=settings.getfloat("REVISIT_ARTICLE_S"),
            article_times=settings.getint("REVISIT_ARTICLE_TIMES"),
            listing_s=settings.getfloat("REVISIT_LISTING_S"),
            backoff_s=settings.getfloat("BACKOFF_S"),
            backoff_max_s=settings.getfloat("BACKOFF_MAX_S"),
        )
        self.frontier: Frontier | None = None
        self.connection: Connection | None = None
        self.run = f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{os.getpid()}"
        self.fresh: set[str] = set()
        self.chains: dict[str, ListingChain] = defaultdict(ListingChain)
        self.sources: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
        self.journal: PageJournal | None = None

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
        except FrontierUnavailable as error:
            self._lost(error)

    async def _open(self) -> None:
        if not self.is_on:
            return
        settings = self.crawler.settings
        try:
            self.connection = await Connection.open(
                settings["MONGO_URI"],
                settings["MONGO_DATABASE"],
                Path(settings["MONGO_DATA_DIR"]),
                wait_s=settings.getfloat("CRAWL_STATE_RETRY_S"),
            )
        except MongoRefused as error:
            logger.error("%s", error)
            raise CloseSpider("mongo_refused") from None
        except MongoUnavailable as error:
            logger.error("%s: nothing is resumed or remembered in this run", error)
            self._count("frontier/unavailable")
            return
        self.frontier = Frontier(
            self.connection.db,
            run=self.run,
            retry_s=settings.getfloat("CRAWL_STATE_RETRY_S"),
            revive=self.connection.revive,
        )
        self.journal = PageJournal(self.crawler, self.frontier, self.connection, self.pace)
        self.spider.journal = self.journal
        self.crawler.signals.connect(self.journal.item_scraped, signal=signals.item_scraped)
        self.crawler.signals.connect(self.journal.item_dropped, signal=signals.item_dropped)
        try:
            await self.frontier.ensure_indexes()
            for site in self.spider.sites:
                await self._learn(site)
        except FrontierUnavailable as error:
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
                sources = {kind: sorted(urls) for kind, urls in self.sources[site].items()}
                await self.frontier.learn(site, shapes.increments(), sources, datetime.now(UTC))
            for site, found in self.spider.twins.increments().items():
                await self.frontier.learn_twins(site, found, datetime.now(UTC))
        except FrontierUnavailable as error:
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
            self._prepare(request, step, known.get(step["key"]))
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
        self._prepare(request, step, state)
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
        is_to_go_on = any(_goes_on(request) for request in requests)
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
        admitted: list[Request] = []
        following: list[Request] = []
        shown: list[str] = []
        for request in requests:
            link: Step = request.meta["newsspider"]
            key = link["key"]
            if _goes_on(request):
                admitted.append(request)
                continue
            if link["kind"] in LISTING_KINDS and link.get("page", 1) > 1:
                following.append(request)
                continue
            state = known.get(key)
            if link["kind"] == "article":
                if key not in self.spider.asked_for and (state is None or state.run == self.run):
                    self.fresh.add(key)
                shown.append(key)
            if self._is_let_through(link, state, now):
                self._prepare(request, link, state)
                admitted.append(request)
        news = {key for key in shown if key in self.fresh}
        if step.get("is_second_way"):
            news = {r.meta["newsspider"]["key"] for r in admitted if r.meta["newsspider"]["kind"] == "article"}
        chain = self.chains[step.get("chain") or step["key"]]
        is_moving = bool(following) and chain.goes_on(shown, news, is_resumed=bool(step.get("is_resumed")))
        admitted += self._following(following, known, is_moving=is_moving)
        return admitted, len(news)

    def _following(self, requests: Iterable[Request], known: dict[str, PageState], *, is_moving: bool) -> list[Request]:
        """Return the requests for the pages after a listing, if that listing is worth going on with."""
        admitted = []
        for request in requests:
            link: Step = request.meta["newsspider"]
            if link["key"] in self.spider.asked_for:
                self._count("links/skipped/seen")
            elif not is_moving:
                self._count("links/skipped/nothing_new")
            else:
                self._prepare(request, link, known.get(link["key"]))
                admitted.append(request)
        return admitted

    def _is_let_through(self, link: Step, state: PageState | None, now: datetime) -> bool:
        if link["key"] in self.spider.asked_for:
            self._count("links/skipped/seen")
            return False
        if state is None or state.state == "queued":
            return True
        if state.state in ("failed", "gone"):
            if state.is_due(now):
                return True
            self._count("links/skipped/backoff" if state.state == "failed" else "links/skipped/gone")
            return False
        if link["kind"] in LISTING_KINDS and state.kind in LISTING_KINDS:
            return True
        changed_at = link.get("changed_at")
        has_changed = changed_at and state.last_fetch and datetime.fromisoformat(changed_at) > state.last_fetch
        was_too_old = (state.reason or "").startswith(TOO_OLD) and self._reaches_before(str(state.reason))
        if state.reason == SHELL and self.spider.is_rendering:
            return True
        if state.is_due(now) or was_too_old or (state.stored and has_changed):
            return True
        self._count("links/skipped/known")
        return False

    def _reaches_before(self, reason: str) -> bool:
        """Return whether this run wants articles older than the run did that closed the page with `reason`."""
        since = self.spider.reach["since"]
        return since is None or f"{TOO_OLD}{since}" < reason

    def _prepare(self, request: Request, step: Step, state: PageState | None) -> None:
        """Take note that `request` will be sent, and let it ask "anything new since?" where that is safe."""
        self.spider.asked_for.add(step["key"])
        if step["kind"] in SOURCES and step.get("page", 1) == 1:
            self.sources[registered_domain(request.url)][SOURCES[step["kind"]]].add(request.url)
        if step["kind"] == "article" and (state is None or state.state == "queued"):
            self.fresh.add(step["key"])
        if state is None:
            return
        step["is_resumed"] = state.state == "queued"
        step["is_stored"] = state.stored
        if state.stored and step["kind"] == "seed":
            return  # its related links are asked for, however deep
        if not self.is_conditional or state.state != "done" or not _reaches_as_far(state.meta, step, self.spider.reach):
            return
        if state.etag:
            request.headers["If-None-Match"] = state.etag
        if state.last_modified:
            request.headers["If-Modified-Since"] = state.last_modified
        if state.etag or state.last_modified:
            request.meta["handle_httpstatus_list"] = [304]

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
        except FrontierUnavailable as error:
            self._lost(error)
            return {}

    async def _enqueue(self, requests: Sequence[Request]) -> None:
        pages = [self._queued_page(r) for r in requests if not _goes_on(r)]
        if self.frontier is None or not pages:
            return
        try:
            await self.frontier.enqueue(pages, datetime.now(UTC))
        except FrontierUnavailable as error:
            self._lost(error)

    def _queued_page(self, request: Request) -> QueuedPage:
        step: Step = request.meta["newsspider"]
        parent = step.get("parent")
        meta = kept(step) | ({"reach": self.spider.reach} if step["kind"] in LISTING_KINDS else {})
        return QueuedPage(
            step["key"],
            request.url,
            step["kind"],
            meta,
            request.priority,
            parent=self.spider.key_of(parent) if parent else None,
            is_seed=step["kind"] == "seed",
        )

    def _lost(self, error: FrontierUnavailable) -> None:
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


def _goes_on(request: Request) -> bool:
    """Return whether `request` is for more of the page that it came from: an article's next part, its rendering."""
    return bool(request.meta["newsspider"].get("part") or request.meta.get("render"))


def _articles(requests: Iterable[Request]) -> set[str]:
    """Return the keys of the articles among requests."""
    steps: Iterable[Step] = (request.meta["newsspider"] for request in requests)
    return {step["key"] for step in steps if step["kind"] == "article"}


def _reaches_as_far(earlier: dict[str, Any], step: Step, reach: dict[str, Any]) -> bool:
    """Return whether the visit that `earlier` is the meta of took up all that this one would."""
    before = earlier.get("reach") or {}
    since, since_before = reach.get("since"), before.get("since")
    return (
        (since_before is None or (since is not None and since_before <= since))
        and (before.get("offsite") or not reach.get("offsite"))
        and earlier.get("channels", 0) >= step.get("channels", 0)
    ) or step["kind"] == "article"
