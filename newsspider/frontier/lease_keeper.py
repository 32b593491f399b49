"""Keeps the leases of this process alive, and its share of the sites fair."""

from __future__ import annotations

import asyncio
import logging
import math
import time
from datetime import timedelta
from typing import Any, Final

from scrapy.crawler import Crawler

from newsspider import clock
from newsspider.crawl.leased.held_sites import HeldSites
from newsspider.mongo.crawl_state.persistence import FrontierUnavailableError
from newsspider.mongo.crawl_state.site_leases import SiteLeases
from newsspider.mongo.crawl_state.workers import Workers
from newsspider.urls import registered_domain

logger = logging.getLogger(__name__)

# leases are renewed so often in their time, and asked for again so soon after a failure
RENEWALS: Final = 4
AGAIN_S: Final = 1.0
# a process that has missed this many signs of life may be dead: no site is kept for it
MISSED_SIGNS: Final = 2


class LeaseKeeper:
    """Renews leases, gives signs of life, ends slices, and lets sites go that others have room for."""

    def __init__(
        self,
        crawler: Crawler,
        held: HeldSites,
        leases: SiteLeases,
        workers: Workers,
        *,
        lease_s: float,
        most_sites: int,
        sites: set[str] | None,
    ) -> None:
        """`sites` are those that the run is about, None for all."""
        self._crawler = crawler
        self._held = held
        self._leases = leases
        self._workers = workers
        self._lease_s = lease_s
        self._most_sites = most_sites
        self._sites = sites
        self._is_hungry = True
        self._is_to_offer = sites is None
        self._offering = asyncio.Lock()
        self._waiting = 0
        self._task: asyncio.Task[None] | None = None
        self._at_once = asyncio.Event()
        self._lost: list[str] = []
        self.capacity = most_sites

    async def start(self) -> None:
        """Give the first sign of life, free what processes of this machine have left that died, and keep on."""
        await self._sign()
        await self._bury()
        await self._workers.forget_silent()
        if self._is_to_offer and not await self._leases.is_any_due(None):
            await self.offer()
        await self._share()
        self._task = asyncio.get_running_loop().create_task(self._keep())

    async def offer(self) -> None:
        """Make sites due whose pages are and that are not by now: once, and where others are due after these begin."""
        async with self._offering:
            if self._is_to_offer:
                await self._leases.offer_due()
            self._is_to_offer = False

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()

    async def leave(self) -> None:
        await self._workers.leave()

    def found(self, is_found: bool) -> None:
        """Note whether there was a site to claim."""
        if not is_found and not self._is_hungry:
            self._at_once.set()
        self._is_hungry = not is_found

    async def _keep(self) -> None:
        pause_s = self._lease_s / RENEWALS
        while True:
            try:
                async with asyncio.timeout(pause_s):
                    await self._at_once.wait()
            except TimeoutError:
                pass
            self._at_once.clear()
            try:
                await self._renew()
                await self._sign()
                await self._bury()
                await self._share()
                await self.offer()
                pause_s = self._lease_s / RENEWALS
            except FrontierUnavailableError as error:
                logger.info("the leases of this process are not renewed: %s", error)
                pause_s = min(AGAIN_S, self._lease_s / RENEWALS)

    async def _renew(self) -> None:
        asked_at = time.monotonic()
        slots = {held.site: self.slots_of(held.site) for held in self._held}
        lost = await self._leases.renew(slots)
        self._held.renewed(set(slots) - lost, asked_at)
        for site in lost & {held.site for held in self._held}:
            logger.warning("%s is crawled by another process now: the lease ended before it was renewed", site)
            self._crawler.stats.inc_value("leases/lost")
            self._held.drop(site)
            self._lost.append(site)

    async def _sign(self) -> None:
        stats = self._crawler.stats
        await self._workers.show(
            sites=len(self._held),
            wants=max(0, self._most_sites - len(self._held)) if self._is_hungry else 0,
            pages=stats.get_value("response_received_count", 0),
        )

    async def _bury(self) -> None:
        """Free the sites of processes of this machine that have died, without waiting for their leases to end."""
        for worker in await self._workers.died_here():
            logger.info("process %s has ended without giving its sites back: they are taken over", worker)
            await self._leases.abandon(worker)
            await self._workers.forget(worker)

    async def _share(self) -> None:
        """Take no more than a fair share while another process that crawls the same sites has room for more."""
        living = await self._workers.others(within_s=MISSED_SIGNS * self._lease_s / RENEWALS)
        peers = [worker for worker in living if worker.get("scope") == self._workers.scope]
        held, due = await self._leases.counts(self._sites)
        self._waiting = due
        is_wanted = any(worker.get("wants") for worker in peers)
        fair = max(1, math.ceil((held + due) / (len(peers) + 1)))
        self.capacity = min(self._most_sites, fair) if is_wanted else self._most_sites
        staying = sorted((site for site in self._held if not site.is_drying), key=lambda site: site.since)
        for surplus in staying[self.capacity :]:
            surplus.is_drying = True

    def end_slices(self, slice_s: float) -> None:
        """Let go the sites that were held for so long, those held longest first, as many as others wait."""
        if not self._waiting:
            return
        ended = [held for held in self._held if not held.is_drying and time.monotonic() - held.since > slice_s]
        for held in sorted(ended, key=lambda held: held.since)[: self._waiting]:
            held.is_drying = True
            self._waiting -= 1

    def take_lost(self) -> list[str]:
        """Return the sites whose leases were lost since the last call."""
        lost, self._lost = self._lost, []
        return lost

    def slots_of(self, site: str) -> list[dict[str, Any]]:
        """Return what was learnt of a site's hosts: host, delay_s, and not_before (aware UTC)."""
        engine = self._crawler.engine
        slots = engine.downloader.slots if engine is not None else {}
        found = []
        for host, slot in slots.items():
            if slot.delay > 0 and registered_domain(host) == site:
                wait_s = max(0.0, slot.lastseen + slot.delay - time.monotonic())
                not_before = clock.now() + timedelta(seconds=wait_s)
                found.append({"host": host, "delay_s": slot.delay, "not_before": not_before})
        return found
