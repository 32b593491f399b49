"""The sites that this process may send requests to, because it holds their leases."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import Enum, auto

from scrapy import Request

from newsspider.downloadermiddlewares.fetch_rules import CONTEXT_KEY
from newsspider.urls import registered_domain

# part of a lease's time after which nothing is sent unless it was renewed
SENDING_SHARE = 0.7
# part of the next load below which it is made
REFILL_SHARE = 0.25
# pages of a site that are loaded at first, twice as many each time after that: a turn may be short
FIRST_LOAD = 20
# requests in memory from which on a site gets no more than its first load
MOST_WAITING = 10_000
# key of `request.meta`: site and epoch of the lease under which a request waits
STAMP_KEY = "newsspider_lease"


class Standing(Enum):
    """What may be done with a request: send it, wait until the lease is renewed, or give it up."""

    SEND = auto()
    WAIT = auto()
    LOST = auto()


@dataclass(slots=True, frozen=True)
class Pause:
    """What an earlier holder learnt of a host: seconds between requests, and (monotonic) when it may be asked again."""

    delay_s: float
    ready_at: float


@dataclass(slots=True)
class HeldSite:
    """A site and its lease; times by the monotonic clock.

    `waiting`: requests in the scheduler. `is_drying`: no new request is sent, so that it can be given back.
    `has_overflow`: links were left in MongoDB alone since the last load. `is_exhausted`: the last load found no more.
    `is_abandoned`: its last holder did not give it back. `load`: how many pages the next load brings at most.
    """

    site: str
    epoch: int
    since: float
    renewed_at: float
    waiting: int = 0
    is_drying: bool = False
    has_overflow: bool = False
    is_exhausted: bool = False
    is_abandoned: bool = False
    load: int = FIRST_LOAD
    pauses: dict[str, Pause] = field(default_factory=dict)


class HeldSites:
    """Says of each request whether it may wait here and be sent. While it is off everything may.

    `batch` is how many requests of a site wait in memory; the rest stays in MongoDB.
    """

    def __init__(self) -> None:
        self.is_on = False
        self.batch = 0
        self._lease_s = 0.0
        self._sites: dict[str, HeldSite] = {}

    def switch_on(self, batch: int, lease_s: float) -> None:
        self.is_on, self.batch, self._lease_s = True, batch, lease_s

    def __iter__(self) -> Iterator[HeldSite]:
        return iter(list(self._sites.values()))

    def __len__(self) -> int:
        return len(self._sites)

    def __contains__(self, site: object) -> bool:
        return site in self._sites

    def get(self, site: str) -> HeldSite | None:
        return self._sites.get(site)

    def hold(self, held: HeldSite) -> None:
        self._sites[held.site] = held

    def drop(self, site: str) -> None:
        """Hold a site no longer; what waits for it is dropped."""
        self._sites.pop(site, None)

    def renewed(self, sites: Iterable[str], asked_at: float) -> None:
        """Note that leases were renewed by what was asked at `asked_at` (monotonic)."""
        for site in sites:
            if site in self._sites:
                self._sites[site].renewed_at = asked_at

    # --- The scheduler -----------------------------------------------------------------------------------------------

    def enqueued(self, request: Request) -> bool:
        """Count a request that is about to wait; return False if the lease under which it was made is lost.

        One for a site that is not held, such as a redirect's target, may wait: it is held before it is sent.
        """
        site = registered_domain(request.url)
        held, stamp = self._sites.get(site), request.meta.pop(STAMP_KEY, None)
        if held is None:
            return stamp is None or stamp[0] != site
        held.waiting += 1
        request.meta[STAMP_KEY] = (site, held.epoch)
        return True

    def dequeued(self, request: Request, *, is_begun: bool) -> bool:
        """Count a request that no longer waits; return False if it is not to be sent.

        `is_begun`: it is for more of a page that was fetched, which is finished before its site is given back.
        """
        stamp = request.meta.get(STAMP_KEY)
        if stamp is None:
            return True
        held = self._sites.get(stamp[0])
        if held is None or held.epoch != stamp[1]:
            return False
        held.waiting -= 1
        return is_begun or not held.is_drying

    def room(self, site: str) -> int:
        """Return how many more requests of a site may wait in memory, 0 for one that is not held or given back."""
        held = self._sites.get(site)
        if held is None or held.is_drying:
            return 0
        waiting = sum(known.waiting for known in self._sites.values())
        most = self.batch if waiting < MOST_WAITING else min(self.batch, FIRST_LOAD)
        return max(0, most - held.waiting)

    def is_low(self, held: HeldSite) -> bool:
        """Return True if more is to be loaded for a site."""
        if held.is_drying or (held.is_exhausted and not held.has_overflow):
            return False
        return held.waiting < max(1, REFILL_SHARE * self.room_for_load(held))

    def room_for_load(self, held: HeldSite) -> int:
        """Return how many pages of a site are loaded next."""
        return min(held.load, self.batch)

    # --- The downloader ----------------------------------------------------------------------------------------------

    def standing(self, request: Request) -> Standing:
        """Return whether a request that waits in its host's slot may be sent now."""
        if not self.is_on:
            return Standing.SEND
        held = self._sites.get(registered_domain(request.url))
        if held is None:
            return Standing.SEND if request.meta.get(CONTEXT_KEY) is None else Standing.LOST
        is_fresh = time.monotonic() - held.renewed_at < SENDING_SHARE * self._lease_s
        return Standing.SEND if is_fresh else Standing.WAIT

    def pause_of(self, host: str, delay_s: float) -> Pause | None:
        """Return what the downloader's new slot of `host` has to keep to; `delay_s` is what it would begin with."""
        held = self._sites.get(registered_domain(host))
        if held is None:
            return None
        known = held.pauses.pop(host, None)
        if known is None and held.is_abandoned and delay_s:
            return Pause(delay_s, held.since + delay_s)
        return known
