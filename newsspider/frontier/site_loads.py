"""What is asked for in a site's turn: what was typed, then what waits in `pages`, batch by batch."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from scrapy import Request

from newsspider import clock
from newsspider.crawl.crawl_context import CrawlContext
from newsspider.crawl.leased.held_sites import HeldSite
from newsspider.crawl.request_context import RequestContext, context_of
from newsspider.frontier.admission import Admission
from newsspider.items import LISTING_KINDS
from newsspider.mongo.crawl_state.frontier import Frontier, PageState, RevisitPolicy
from newsspider.mongo.crawl_state.page_updates import postponed_update
from newsspider.mongo.crawl_state.site_leases import Lease
from newsspider.urls import registered_domain

# after so long what waits is looked at from its beginning: a listing may have become due
REREAD_S = 60
UNWANTED = "beyond the reach of this run"

PaceOf = Callable[[str], RevisitPolicy]
Enqueue = Callable[[Sequence[Request]], Awaitable[None]]


@dataclass(slots=True)
class Turn:
    """The reading of what waits for a site; `began_at` is by the monotonic clock."""

    lease: Lease
    pages: AsyncIterator[PageState]
    began_at: float
    is_first: bool = True


@dataclass(slots=True)
class TypedUrls:
    """The requests for typed URLs, by site, and what was fetched since when counts as asked for already."""

    requests: dict[str, list[Request]] = field(default_factory=lambda: defaultdict(list))
    since: dict[str, datetime] = field(default_factory=dict)


class SiteLoads:
    """Makes the requests of the sites that are held. No more than a batch of a site is in memory at a time."""

    def __init__(
        self,
        crawl: CrawlContext,
        frontier: Frontier,
        admission: Admission,
        pace_of: PaceOf,
        enqueue: Enqueue,
        closed_sites: Callable[[], Sequence[str]],
    ) -> None:
        self._crawl = crawl
        self._frontier = frontier
        self._admission = admission
        self._pace_of = pace_of
        self._enqueue = enqueue
        self._closed_sites = closed_sites
        self._turns: dict[str, Turn] = {}
        self._typed = TypedUrls()

    def type(self, request: Request, since: datetime) -> None:
        """Ask for a typed URL when its site is held, unless another worker fetched it at `since` or later."""
        site = registered_domain(request.url)
        self._typed.requests[site].append(request)
        self._typed.since[site] = since

    async def begin(self, lease: Lease) -> list[Request]:
        """Return the requests for what was typed of a site whose turn begins."""
        self._turns[lease.site] = Turn(lease, self._pages(lease, is_first=True), time.monotonic())
        typed = self._typed.requests.pop(lease.site, [])
        if not typed:
            return []
        since = self._typed.since.pop(lease.site)
        keys = {request: context.key for request in typed if (context := context_of(request)) is not None}
        known = await self._frontier.known(keys.values())
        return [request for request, key in keys.items() if not is_done_since(known.get(key), since)]

    def has_begun(self, site: str) -> bool:
        return site in self._turns

    def end(self, site: str) -> None:
        self._turns.pop(site, None)

    async def load(self, held: HeldSite) -> list[Request]:
        """Return requests for what waits, as many as there is room for; those for another visit are queued by this."""
        turn = self._turns[held.site]
        if held.has_overflow or time.monotonic() - turn.began_at > REREAD_S:
            held.has_overflow, turn.is_first = False, False
            turn.pages, turn.began_at = self._pages(turn.lease, is_first=False), time.monotonic()
        requests: list[Request] = []
        revisits: list[Request] = []
        room = min(self._crawl.held.room(held.site), held.load)
        held.load = min(2 * held.load, self._crawl.held.batch)
        while len(requests) < room:
            state = await anext(turn.pages, None)
            if state is None:
                held.is_exhausted = True
                break
            if (request := self._revived(state)) is not None:
                requests.append(request)
                if state.state != "queued":
                    revisits.append(request)
        else:
            held.is_exhausted = False
        await self._enqueue(revisits)
        return requests

    async def _pages(self, lease: Lease, *, is_first: bool) -> AsyncIterator[PageState]:
        """Yield what waits for a site: listings that are due where all is wanted that is, what is queued, what is due.

        At its beginning a run for typed sites takes up what was put off as well.
        """
        arguments, frontier, site = self._crawl.arguments, self._frontier, [lease.site]
        if lease.site in self._closed_sites():
            return
        now = clock.now()
        due_at = now if arguments.is_forever else lease.now
        if arguments.is_due:
            async for state in frontier.due(due_at, site, LISTING_KINDS):
                yield state
        is_all = is_first and not arguments.is_due
        async for state in frontier.queued(site, ripe_at=None if is_all else now):
            yield state
        own = self._pace_of(f"http://{lease.site}/")
        is_slower = lease.pace_s is None or own.article_s < lease.pace_s
        pace = own if is_slower and not arguments.is_due else None
        async for state in frontier.due(due_at, site, None if arguments.is_due else ("article",), pace):
            yield state

    def _revived(self, state: PageState) -> Request | None:
        """Return the request that `state` was queued with, None if this run does not want it."""
        crawl = self._crawl
        if state.key in crawl.policy.requested or not state.url:
            return None
        if state.seed:
            crawl.scope.trust_host(state.url)
        context = RequestContext.of_meta(state.meta, state.key)
        if reason := crawl.policy.left_over(state.url, context):
            crawl.policy.skip(reason)
            if crawl.arguments.is_due:
                self._put_off(state)
            return None
        request = crawl.request(state.url, context, state.priority)
        self._admission.prepare(request, state)
        return request

    def _put_off(self, state: PageState) -> None:
        """Let a page wait that only a run with a wider reach wants: such a run asks for it whenever it is due."""
        pause_s = self._pace_of(state.url).backoff_max_s
        update = postponed_update(state.key, state.url, state.kind, clock.now(), UNWANTED, pause_s)
        self._frontier.note(update)


def is_done_since(state: PageState | None, since: datetime) -> bool:
    """Return True if a page was fetched at `since` or later and does not wait to be fetched again."""
    if state is None or state.state == "queued" or state.last_fetch is None:
        return False
    return state.last_fetch >= since
