"""Retries that obey Retry-After, and pauses per host."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from scrapy import Request
from scrapy.downloadermiddlewares.retry import RetryMiddleware

from newsspider import clock
from newsspider.downloadermiddlewares.refusals import PutOffError

if TYPE_CHECKING:
    from scrapy.core.downloader import Slot
    from scrapy.crawler import Crawler
    from scrapy.http import Response
OVERLOADED = (429, 503)
LEAST_PENALTY_S = 1.0


class PatientRetryMiddleware(RetryMiddleware):
    """Retries as Scrapy does, after the time in Retry-After; if that is too long the page waits for a later run."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler.settings)
        self.crawler = crawler
        self._longest_s = crawler.settings.getfloat("RETRY_AFTER_MAX_S")

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> PatientRetryMiddleware:
        return cls(crawler)

    def process_response(self, request: Request, response: Response) -> Request | Response:  # type: ignore[override]
        wait_s = retry_after_s(response, clock.now()) if response.status in OVERLOADED else None
        if wait_s is not None and wait_s > self._longest_s:
            self.crawler.stats.inc_value("politeness/put_off")
            raise PutOffError(f"{response.status}, asks to wait {wait_s:.0f} s", wait_s)
        if wait_s:
            self.crawler.stats.inc_value("politeness/waited")
            pause_host(self.crawler, request, wait_s)
        return super().process_response(request, response)


def retry_after_s(response: Response, now: datetime) -> float | None:
    """Return the seconds of a Retry-After header, a number or a date there; None without one."""
    raw = (response.headers.get("Retry-After") or b"").decode("latin-1").strip()
    if raw.isdigit():
        return float(raw)
    try:
        moment = parsedate_to_datetime(raw)
    except (ValueError, TypeError):
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())


def slow_host(crawler: Crawler, slot: Slot | None) -> None:
    """Double the delay of a host that is overloaded or refuses us, up to AUTOTHROTTLE_MAX_DELAY."""
    if slot is not None:
        longest_s = crawler.settings.getfloat("AUTOTHROTTLE_MAX_DELAY")
        slot.delay = min(max(2 * slot.delay, LEAST_PENALTY_S), longest_s)
        crawler.stats.inc_value("politeness/slowed_down")


def slot_of(crawler: Crawler, request: Request) -> Slot | None:
    """Return the downloader's slot of the request's host, None if there is none yet."""
    downloader = crawler.engine.downloader
    slot: Slot | None = downloader.slots.get(downloader.get_slot_key(request))
    return slot


def pause_host(crawler: Crawler, request: Request, seconds: float) -> None:
    """Send nothing to the request's host for `seconds`; this includes what already waits in its slot."""
    slot = slot_of(crawler, request)
    if slot is None:
        return
    slot.delay = max(slot.delay, 0.01)
    slot.lastseen = max(slot.lastseen, time.monotonic() + seconds - slot.delay)
