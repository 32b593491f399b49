"""One process among those that crawl on one database: puts together what leases, loads and gives back its sites."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

import xxhash
from scrapy import Request
from scrapy.crawler import Crawler

from newsspider import clock
from newsspider.crawl.crawl_context import CrawlContext
from newsspider.crawl.request_context import context_of, is_continuation
from newsspider.frontier.admission import Admission
from newsspider.frontier.lease_keeper import LeaseKeeper
from newsspider.frontier.page_outcomes import PageOutcomes
from newsspider.frontier.site_loads import SiteLoads, is_done_since
from newsspider.frontier.site_memory import SiteMemory
from newsspider.frontier.site_turns import SiteTurns
from newsspider.mongo.crawl_state.frontier import Frontier
from newsspider.mongo.crawl_state.persistence import FrontierUnavailableError
from newsspider.mongo.crawl_state.site_leases import SiteLeases
from newsspider.mongo.crawl_state.workers import WorkerIdentity, Workers
from newsspider.mongo.server.connection import Connection
from newsspider.urls import registered_domain

logger = logging.getLogger(__name__)

# what `workers` says of a process that takes any site
ALL_SITES = "due"


class SiteSharing:
    """Opens and closes the turns of a run, and says which of a page's requests wait here and which in MongoDB."""

    def __init__(
        self,
        crawler: Crawler,
        crawl: CrawlContext,
        frontier: Frontier,
        connection: Connection,
        admission: Admission,
        outcomes: PageOutcomes,
        *,
        closed_sites: Callable[[], Sequence[str]],
    ) -> None:
        """`closed_sites` are those that are not crawled now, whatever is due there."""
        settings = crawler.settings
        self._crawler = crawler
        self._crawl = crawl
        self._frontier = frontier
        self._admission = admission
        self._closed_sites = closed_sites
        self._started_at = clock.now()
        self._sites = None if crawl.arguments.is_all_due else set(crawl.scope.sites)
        self._lease_s = settings.getfloat("LEASE_S")
        retry = connection.retry(settings.getfloat("CRAWL_STATE_RETRY_S"), purpose="leases")
        identity = WorkerIdentity.of_this_process()
        self._leases = SiteLeases(connection.db, identity.name, self._lease_s, retry)
        self._workers = Workers(connection.db, identity, _scope(self._sites), self._lease_s, retry)
        self._memory = SiteMemory(crawl, frontier, admission)
        self._loads = SiteLoads(crawl, frontier, admission, outcomes.pace_of, self._enqueue, closed_sites)
        self._keeper = LeaseKeeper(
            crawler,
            crawl.held,
            self._leases,
            self._workers,
            lease_s=self._lease_s,
            most_sites=settings.getint("LEASE_SITES"),
            sites=self._sites,
        )
        self.turns = SiteTurns(
            crawler,
            crawl,
            frontier,
            self._leases,
            self._keeper,
            self._loads,
            self._memory,
            admission,
            outcomes,
            sites=self._sites,
            slice_s=settings.getfloat("LEASE_SLICE_S"),
            closed_sites=closed_sites,
        )

    async def open(self) -> None:
        """Make this process known to the others. Raises FrontierUnavailableError."""
        await self._frontier.ensure_indexes()
        await self._leases.ensure_indexes()
        await self._keeper.start()
        for site in self._sites or ():
            await self._memory.learn(site)
        self._crawl.held.switch_on(self._crawler.settings.getint("LEASE_BATCH"), self._lease_s)
        self._crawl.turns = self.turns

    async def type(self, seeds: Sequence[Request]) -> None:
        """Queue typed URLs, but those that another process has fetched, or is about to, for the same list of URLs."""
        keys = {request: context.key for request in seeds if (context := context_of(request)) is not None}
        known = await self._frontier.known(keys.values())
        sites = {registered_domain(request.url) for request in keys}
        held = {found["_id"]: found["since"] for found in await self._leases.held_by_others(sites)}
        peers = [worker for worker in await self._workers.others() if worker["scope"] == self._workers.scope]
        started_at = min([self._started_at, *(worker["started_at"] for worker in peers)])
        typed = []
        for request, key in keys.items():
            site, state = registered_domain(request.url), known.get(key)
            since = min(started_at, held.get(site, started_at))
            is_waiting = site in held and state is not None and state.state == "queued"
            if key in self._crawl.policy.requested or is_waiting or is_done_since(state, since):
                continue
            self._admission.prepare(request, state)
            self._loads.type(request, since)
            typed.append(request)
        await self._enqueue(typed)
        await self._leases.wake(sites)

    async def let_in(self, requests: Sequence[Request]) -> list[Request]:
        """Return which of the requests that a page leads to wait in memory; the others are found in `pages` later.

        Sites that are not held here are woken: whoever holds them next asks for these pages.
        """
        held = self._crawl.held
        by_site: defaultdict[str, list[Request]] = defaultdict(list)
        let_in = [request for request in requests if is_continuation(request)]
        for request in requests:
            if not is_continuation(request):
                by_site[registered_domain(request.url)].append(request)
        for site, waiting in by_site.items():
            room = held.room(site)
            waiting.sort(key=lambda request: -request.priority)
            let_in += waiting[:room]
            self._leave(site, waiting[room:])
        order = {request: number for number, request in enumerate(requests)}
        try:
            await self.turns.wake(site for site in by_site if site not in held)
        except FrontierUnavailableError as error:
            logger.warning("%s: links to other sites wait for a later run", error)
        return sorted(let_in, key=order.__getitem__)

    def _leave(self, site: str, requests: Iterable[Request]) -> None:
        """Have requests wait in `pages` alone."""
        known = self._crawl.held.get(site)
        for request in requests:
            if (context := context_of(request)) is not None:
                self._crawl.policy.unclaim(context.key)
            if known is not None:
                known.has_overflow = True

    async def close(self) -> None:
        """Give the sites back, save what was learnt, and have the summary say what waits."""
        try:
            await self.turns.close()
            await self._look_ahead()
            await self._memory.save()
        except FrontierUnavailableError as error:
            logger.warning("what was learnt is not stored, and sites are held until their leases end: %s", error)

    async def _look_ahead(self) -> None:
        now = clock.now()
        if self._sites is None:
            sites, soonest = await self._leases.ahead()
            sites = sorted(set(sites) - set(self._closed_sites()))
        else:
            sites, soonest = sorted(self._crawl.scope.sites - set(self._closed_sites())), None
        outlook = await self._frontier.outlook(sites, now, is_all=self._sites is None)
        stats = self._crawler.stats
        stats.set_value("frontier/waiting", outlook.waiting)
        stats.set_value("frontier/known", outlook.known)
        stats.set_value("frontier/next_visit", soonest or outlook.next_visit)

    async def _enqueue(self, requests: Sequence[Request]) -> None:
        pages = [self._admission.queued_page(request) for request in requests]
        await self._frontier.enqueue(pages, clock.now())


def _scope(sites: set[str] | None) -> str:
    """Return a word that is the same for processes that crawl the same sites."""
    return ALL_SITES if sites is None else xxhash.xxh3_64_hexdigest(" ".join(sorted(sites)).encode())
