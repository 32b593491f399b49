"""The sites that this process crawls in turn: it claims them, has loaded what waits there, and gives them back.

All work is in `pages`, and `hosts` says who may do it: processes that crawl on one database share the sites, and what
one that dies leaves is done by the others.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from scrapy import Request
from scrapy.crawler import Crawler

from newsspider import clock
from newsspider.crawl.crawl_context import CrawlContext
from newsspider.crawl.leased.held_sites import HeldSite, Pause
from newsspider.downloadermiddlewares.refusals import InterruptedRequestError, RefusedError, SkipReason
from newsspider.frontier.admission import Admission
from newsspider.frontier.lease_keeper import LeaseKeeper
from newsspider.frontier.page_outcomes import PageOutcomes
from newsspider.frontier.site_loads import SiteLoads
from newsspider.frontier.site_memory import SiteMemory
from newsspider.mongo.crawl_state.frontier import Frontier
from newsspider.mongo.crawl_state.persistence import FrontierUnavailableError
from newsspider.mongo.crawl_state.site_leases import Lease, Release, SiteLeases
from newsspider.urls import registered_domain

logger = logging.getLogger(__name__)

# between two looks whether a site is finished, and whether another is due
LOOK_S: Final = 0.03
CLAIM_S: Final = 0.5
# sites claimed at once, and read from MongoDB side by side
CLAIMED_TOGETHER: Final = 20
# a process that stays leaves a site alone for so long although pages of it seem to be due still
REST_S: Final = 60.0
NAMED_SITES: Final = 3


class SiteTurns:
    """Yields the requests of one site after the other, until nothing is due and nobody else holds a site."""

    def __init__(
        self,
        crawler: Crawler,
        crawl: CrawlContext,
        frontier: Frontier,
        leases: SiteLeases,
        keeper: LeaseKeeper,
        loads: SiteLoads,
        memory: SiteMemory,
        admission: Admission,
        outcomes: PageOutcomes,
        *,
        sites: set[str] | None,
        slice_s: float,
        closed_sites: Callable[[], Sequence[str]],
    ) -> None:
        """`sites` are those that the run is about, None for all; after `slice_s` one is given back if others wait."""
        self._crawler = crawler
        self._crawl = crawl
        self._held = crawl.held
        self._frontier = frontier
        self._leases = leases
        self._keeper = keeper
        self._loads = loads
        self._memory = memory
        self._admission = admission
        self._outcomes = outcomes
        self._slice_s = slice_s
        self._closed_sites = closed_sites
        self._sites = sites
        self._finished: set[str] = set()
        self._new: dict[str, Lease] = {}  # sites that are held and not yet begun
        self._claims_at = 0.0
        self._taking = asyncio.Lock()
        self._has_told = False

    # --- The requests of this process --------------------------------------------------------------------------------

    async def requests(self) -> AsyncIterator[Request]:
        """Yield what is to be requested, as long as there is anything to do."""
        while True:
            try:
                await self._give_back()
                async for request in self._of_new_sites():
                    yield request
                for held in self._held:
                    if self._loads.has_begun(held.site) and self._held.is_low(held):
                        for request in await self._loads.load(held):
                            yield request
                if await self._is_over():
                    return
            except FrontierUnavailableError as error:
                logger.warning("%s: the sites of this process are looked at again later", error)
                await asyncio.sleep(CLAIM_S)
            await asyncio.sleep(LOOK_S if len(self._held) else CLAIM_S)

    async def _of_new_sites(self) -> AsyncIterator[Request]:
        """Claim sites as long as there are any and this process may hold more; yield the first requests of each."""
        async for request in self._first_requests():
            yield request
        while (room := self._keeper.capacity - len(self._held)) > 0 and time.monotonic() >= self._claims_at:
            asked_at = time.monotonic()
            most = min(room, CLAIMED_TOGETHER)
            leases = await self._leases.claim(self._sites, self._done, without=self._without, most=most)
            self._keeper.found(bool(leases))
            if not leases:
                self._claims_at = time.monotonic() + CLAIM_S
                return
            for lease in leases:
                self._hold(lease, asked_at)
                self._new[lease.site] = lease
            async for request in self._first_requests():
                yield request

    async def _first_requests(self) -> AsyncIterator[Request]:
        """Yield the first requests of the sites that are held and not yet begun."""
        begun = await asyncio.gather(*map(self._begin, list(self._new.values())), return_exceptions=True)
        for requests in begun:
            for request in requests if isinstance(requests, list) else ():
                yield request
        if errors := [error for error in begun if isinstance(error, BaseException)]:
            raise errors[0]

    @property
    def _without(self) -> list[str]:
        """The sites that are not claimed: those held already and, unless they were typed, those that are closed."""
        closed = self._closed_sites() if self._sites is None else ()
        return [*closed, *(held.site for held in self._held)]

    @property
    def _done(self) -> set[str]:
        """The sites that this run has finished; one that stays looks at them again when they are due."""
        return set() if self._crawl.arguments.is_forever else self._finished

    async def _begin(self, lease: Lease) -> list[Request]:
        """Return the first requests of a site that was claimed; none if it has been lost meanwhile."""
        held = self._held.get(lease.site)
        if held is None:
            self._new.pop(lease.site, None)
            return []
        if self._sites is None and lease.site not in self._crawl.scope.sites:
            self._crawl.scope.adopt_site(lease.site)
            for url in await self._frontier.typed_urls(lease.site):
                self._crawl.scope.trust_host(url)
        await self._memory.learn(lease.site)
        typed = await self._loads.begin(lease)
        self._new.pop(lease.site, None)
        return typed + await self._loads.load(held)

    def _hold(self, lease: Lease, asked_at: float) -> HeldSite:
        held = HeldSite(lease.site, lease.epoch, time.monotonic(), asked_at, is_abandoned=lease.is_abandoned)
        held.pauses = {slot["host"]: _pause(slot, lease.now) for slot in lease.slots}
        self._held.hold(held)
        return held

    async def _is_over(self) -> bool:
        """Return True if nothing is left to do: nothing is held here or by another worker, and nothing is due."""
        if len(self._held) or self._crawl.arguments.is_forever:
            return False
        await self._keeper.offer()
        if await self._leases.is_any_due(self._sites, self._done, without=self._without):
            self._claims_at = 0.0
            return False
        others = await self._leases.held_by_others(self._sites)
        if others and not self._has_told:
            self._has_told = True
            named = ", ".join(f"{found['_id']} (since {found['since']:%H:%M} UTC)" for found in others[:NAMED_SITES])
            more = f" and {len(others) - NAMED_SITES} more" if len(others) > NAMED_SITES else ""
            logger.warning("crawled by other processes (`scrapy workers` shows them): %s%s: waiting", named, more)
        return not others

    # --- Sites that are given back -----------------------------------------------------------------------------------

    async def _give_back(self) -> None:
        """Give back the sites of which nothing is under way and nothing more is to be loaded."""
        self._keeper.end_slices(self._slice_s)
        for site in self._keeper.take_lost():
            await self._memory.save([site])
            self._forget(site)
        busy = self._busy_sites()
        ready = [held for held in self._held if self._is_idle(held, busy) and not self._held.is_low(held)]
        if not ready:
            return
        is_dry = {held.site: held.is_drying for held in ready}
        for held in ready:
            held.is_drying = True
        await self._outcomes.settled()
        busy = self._busy_sites()
        for held in ready:
            held.is_drying = is_dry[held.site] or self._is_idle(held, busy)
        await self._release([held for held in ready if held.is_drying and self._is_idle(held, busy)], is_dry)
        self._claims_at = 0.0

    def _is_idle(self, held: HeldSite, busy: set[str]) -> bool:
        return held.waiting <= 0 and held.site not in busy

    def _busy_sites(self) -> set[str]:
        """Return the sites with requests under way: being downloaded, read or stored."""
        engine = self._crawler.engine
        slot = engine.scraper.slot if engine is not None else None
        if engine is None or slot is None:
            return set()
        queued = (entry[1] for entry in slot.queue)
        return {registered_domain(request.url) for request in (*engine.downloader.active, *slot.active, *queued)}

    async def _release(self, ready: Sequence[HeldSite], is_dry: dict[str, bool]) -> None:
        """Save what was learnt of sites, give them back, and forget them."""
        if not ready:
            return
        sites = [held.site for held in ready]
        await self._memory.save(sites)
        soonest = await self._frontier.oldest(sites)
        releases = []
        for held in ready:
            is_unfinished = held.has_overflow or is_dry[held.site]
            releases.append(self._releasing(held.site, soonest.get(held.site), is_unfinished=is_unfinished))
            if not is_unfinished:
                self._finished.add(held.site)
        await self._leases.release(releases)
        for site in sites:
            self._held.drop(site)
            self._forget(site)

    def _forget(self, site: str) -> None:
        self._new.pop(site, None)
        self._loads.end(site)
        self._memory.forget(site)

    def _releasing(self, site: str, due: datetime | None, *, is_unfinished: bool = False) -> Release:
        if due is not None and self._crawl.arguments.is_forever and not is_unfinished:
            due = max(due, clock.now() + timedelta(seconds=REST_S))
        slots = self._keeper.slots_of(site)
        return Release(site, due, is_unfinished, slots, self._outcomes.pace_of(f"http://{site}/").article_s)

    async def close(self) -> None:
        """Give all sites back at the end of a run, however that came; what was not fetched is due at once."""
        sites = [held.site for held in self._held]
        await self._keeper.stop()
        soonest = await self._frontier.oldest(sites)
        await self._leases.release([self._releasing(site, soonest.get(site)) for site in sites])
        for site in sites:
            self._held.drop(site)
        await self._keeper.leave()

    # --- Sites that a page leads to ----------------------------------------------------------------------------------

    async def wake(self, sites: Iterable[str]) -> None:
        """Have sites crawled that are not held here: pages of them were queued."""
        if not (found := set(sites)):
            return
        if self._sites is not None:
            self._sites |= found
        self._claims_at = 0.0
        await self._leases.wake(found)

    async def hold(self, request: Request) -> None:
        """Have the site of a redirect's target held; where another process holds it, the target is queued for that."""
        site = registered_domain(request.url)
        try:
            if await self.take(site):
                return
            if (target := self._admission.redirected_page(request)) is not None:
                await self._frontier.enqueue([target], clock.now())
            await self._leases.wake([site])
        except FrontierUnavailableError as error:
            raise InterruptedRequestError(f"{request.url}: {error}") from None
        message = f"redirected to {request.url}, which another process crawls"
        raise RefusedError(SkipReason.HELD_ELSEWHERE, message, request.url)

    async def take(self, site: str) -> bool:
        """Hold the site that a redirect leads to; return False if another worker holds it."""
        async with self._taking:
            if site in self._held:
                return True
            asked_at = time.monotonic()
            lease = await self._leases.take(site)
            if lease is None:
                return False
            self._hold(lease, asked_at)
            await self._memory.learn(site)
            await self._loads.begin(lease)
            return True


def _pause(slot: Mapping[str, Any], now: datetime) -> Pause:
    """Return what was learnt of a host, by this process's clock; `now` is the time of the claim."""
    not_before = slot.get("not_before")
    wait_s = (not_before - now).total_seconds() if isinstance(not_before, datetime) else 0.0
    return Pause(float(slot["delay_s"]), time.monotonic() + wait_s)
