"""Lets requests of a site through as its operator and its site file have it: pauses, quiet hours, a daily budget."""

from __future__ import annotations

import logging
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import datetime
from time import monotonic
from typing import Final
from urllib.parse import urlsplit

from scrapy import Request

from newsspider import clock
from newsspider.crawl.request_context import context_of
from newsspider.downloadermiddlewares.refusals import RefusedError
from newsspider.mongo.crawl_state.frontier import FrontierUnavailableError
from newsspider.mongo.crawl_state.site_controls import (
    ControlsUnavailable,
    add_days,
    drop_old_days,
    end_pauses,
    load_controls,
    requests_of,
    save_problems,
    take_requests,
)
from newsspider.mongo.server.connection import Connection
from newsspider.mongo.server.errors import one_line
from newsspider.mongo.server.retry import Retry
from newsspider.sites.control import REMOVED, RETIRED, ZONE, Closed, Closure, SiteControl, day_of, next_day, quiet
from newsspider.sites.registry import SiteRegistry
from newsspider.text.zone import BEIJING
from newsspider.urls import registered_domain

logger = logging.getLogger(__name__)

# how often an operator's words are read again, and counts are written, in a run that goes on
REFRESH_S: Final = 20.0
# requests of a daily budget that a process takes at once: what a killed one has taken is lost for the day
MOST_TAKEN, SHARE_TAKEN = 20, 50
CLOSED_STAT: Final = "sites/closed/"
_NOBODY: Final = SiteControl()


class SiteGate:
    """Knows which sites are closed, and counts the requests of each day."""

    def __init__(self, connection: Connection, sites: SiteRegistry, retry: Retry, count: Callable[[str], None]) -> None:
        self._database = connection.db
        self._sites = sites
        self._retry = retry
        self._count_stat = count
        self._controls: dict[str, SiteControl] = {}
        self._last_change: datetime | None = None
        self._refreshed_at = monotonic()
        self._taken: Counter[tuple[str, str]] = Counter()
        self._used_up: set[tuple[str, str]] = set()
        self._counts: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)
        self._problems: dict[str, tuple[datetime, str]] = {}

    async def open(self) -> None:
        """Read what operators say. Raises FrontierUnavailableError."""
        try:
            await self._retry.run(lambda: end_pauses(self._database, clock.now()))
            await self._retry.run(lambda: drop_old_days(self._database, clock.now()))
            await self._retry.run(self._load)
            await self._retry.run(self._find_used_up)
        except ControlsUnavailable as error:
            raise FrontierUnavailableError(f"MongoDB, sites: {one_line(error)}") from error

    async def _load(self) -> None:
        found, self._last_change = await load_controls(self._database, self._last_change)
        changed = {site for site, said in found.items() if said.daily_budget != self.control(site).daily_budget}
        self._used_up = {(site, day) for site, day in self._used_up if site not in changed}
        self._controls |= found

    async def _find_used_up(self) -> None:
        budgets = {site: said.daily_budget for site, said in self._controls.items() if said.daily_budget is not None}
        day = day_of(clock.now())
        sent = await requests_of(self._database, budgets, day) if budgets else {}
        self._used_up |= {(site, day) for site, budget in budgets.items() if sent.get(site, 0) >= budget}

    def control(self, site: str) -> SiteControl:
        """Return what an operator says of a site (a registered domain)."""
        return self._controls.get(site, _NOBODY)

    def interval_s(self, url: str) -> float | None:
        """Return the shortest time between two visits of a page of this site, None if nobody has said one."""
        return self.control(registered_domain(url)).interval_s

    def closed(self, url: str, now: datetime) -> Closed | None:
        """Return why the site of `url` is not fetched at `now`, None if it is."""
        site = registered_domain(url)
        if site in self._controls and (closed := self._controls[site].closed(now)):
            return closed
        if (site, day_of(now)) in self._used_up:
            return Closed(Closure.BUDGET, next_day(now))
        settings = self._sites.of_url(url).settings
        if span := settings.get("QUIET_HOURS"):
            return quiet(span, settings.get("QUIET_HOURS_TIME_ZONE", ZONE), now)
        return None

    def closed_sites(self, now: datetime) -> list[str]:
        """Return the sites that an operator has closed, for now or for good, or whose budget is used up."""
        spent = {site for site, day in self._used_up if day == day_of(now)}
        return sorted(site for site, said in self._controls.items() if site in spent or said.closed(now))

    def ended(self, url: str) -> Closure | None:
        """Return why links to `url` are not even queued: its site is retired or removed; None if it is not."""
        if not self._controls:
            return None
        state = self.control(registered_domain(url)).state
        return {RETIRED: Closure.RETIRED, REMOVED: Closure.REMOVED}.get(state)

    async def admit(self, request: Request) -> None:
        """Raise RefusedError for a request to a closed site; count it otherwise.

        A robots.txt is counted and never refused: it is asked for on behalf of a page that was let through.
        """
        if not request.url.startswith("http"):
            return
        now = clock.now()
        await self._refresh()
        site = registered_domain(request.url)
        is_page = context_of(request) is not None
        if is_page and (closed := self.closed(request.url, now)):
            self._refuse(request.url, site, closed)
        budget = self.control(site).daily_budget
        key = (site, day_of(now))
        if budget is None or (not is_page and key in self._used_up):
            self._counts[key]["requests"] += 1
        elif not await self._take(site, now, budget) and is_page:
            self._refuse(request.url, site, Closed(Closure.BUDGET, next_day(now)))

    async def _take(self, site: str, now: datetime, budget: int) -> bool:
        """Take one request of the day's budget; return False where none is left, or nobody can say."""
        key = (site, day_of(now))
        if not self._taken[key]:
            count = max(1, min(MOST_TAKEN, budget // SHARE_TAKEN))
            try:
                taken = await self._retry.run(
                    lambda: take_requests(self._database, site, now, count=count, budget=budget)
                )
            except ControlsUnavailable as error:
                logger.warning("%s: its daily budget cannot be looked up: %s", site, one_line(error))
                return False
            self._taken[key] += taken
        if self._taken[key] <= 0:
            self._used_up.add(key)
            return False
        self._taken[key] -= 1
        return True

    def _refuse(self, url: str, site: str, closed: Closed) -> None:
        words = self._words(site, closed)
        self._count_stat(f"{CLOSED_STAT}{words}")
        raise RefusedError(closed.reason, f"{url}: {words}")

    def _words(self, site: str, closed: Closed) -> str:
        until = f"{closed.until.astimezone(BEIJING):%Y-%m-%d %H:%M} Beijing time" if closed.until else ""
        if closed.reason == Closure.PAUSED:
            return f"{site} is paused" + (f" until {until}" if until else f" (scrapy sites resume {site})")
        if closed.reason == Closure.QUIET:
            return f"{site} has quiet hours until {until}"
        if closed.reason == Closure.BUDGET:
            return f"{site} has used up its {self.control(site).daily_budget} requests of today, next at {until}"
        return f"{site} is retired" if closed.reason == Closure.RETIRED else f"{site} was removed"

    def wait_s(self, url: str, now: datetime) -> float:
        """Return in how many seconds a page that was refused is due; 0 where its site is not asked for pages anyway."""
        closed = self.closed(url, now)
        if closed is None or closed.until is None or closed.reason == Closure.PAUSED:
            return 0.0
        return max(0.0, (closed.until - now).total_seconds())

    def failed(self, url: str, line: str, now: datetime) -> None:
        """Count a request that gave no page, and remember why."""
        host = urlsplit(url).hostname or ""
        self._counts[registered_domain(url), day_of(now)]["failures"] += 1
        self._problems[registered_domain(url)] = (now, f"{host}: {line}")

    async def _refresh(self) -> None:
        """Read what operators have said meanwhile, and write what was counted."""
        if monotonic() - self._refreshed_at < REFRESH_S:
            return
        self._refreshed_at = monotonic()
        try:
            await self._load()
            await self._write()
        except ControlsUnavailable as error:
            logger.info("pauses and counts of sites: %s", one_line(error))

    async def _write(self) -> None:
        counts, self._counts = self._counts, defaultdict(Counter)
        problems, self._problems = self._problems, {}
        await add_days(self._database, counts)
        await save_problems(self._database, problems)

    async def close(self) -> None:
        """Write what was counted, and give back what was taken of budgets and not used."""
        for key, left in self._taken.items():
            if left > 0:
                self._counts[key]["requests"] -= left
        try:
            await self._retry.run(self._write)
        except ControlsUnavailable as error:
            logger.warning("the requests of this run are not counted by site: %s", one_line(error))
