"""Politeness per host: Crawl-delay of robots.txt, AutoThrottle, slow-down on errors, quiet hours."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import logging
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from scrapy import signals
from scrapy.exceptions import NotConfigured
from scrapy.extensions.throttle import AutoThrottle
from scrapy.utils.httpobj import urlparse_cached

from newsspider.downloadermiddlewares.retry import OVERLOADED, slow_host

if TYPE_CHECKING:
    from scrapy import Request, Spider
    from scrapy.core.downloader import Slot
    from scrapy.crawler import Crawler
    from scrapy.http import Response

logger = logging.getLogger(__name__)

QUIET_CHECK_S = 20.0


class Politeness(AutoThrottle):
    """AutoThrottle that keeps to a host's Crawl-delay, doubles the delay on 429 and 503, and pauses in quiet hours.

    A host on this machine is not slowed down, except by its own 429 and 503.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.floors: dict[str, float] = {}
        self._longest_crawl_delay = crawler.settings.getfloat("CRAWL_DELAY_MAX_S")
        self._agent = crawler.settings["ROBOTSTXT_USER_AGENT"] or crawler.settings["USER_AGENT"]
        self._quiet = QuietHours.parse(crawler.settings["QUIET_HOURS"], crawler.settings["QUIET_HOURS_TIME_ZONE"])
        self._is_proxied = False
        self._quiet_check: asyncio.Task[None] | None = None
        self._is_throttling = crawler.settings.getbool("AUTOTHROTTLE_ENABLED")
        with contextlib.suppress(NotConfigured):
            super().__init__(crawler)
        crawler.signals.connect(self._robots_parsed, signal=signals.robots_parsed)
        if self._quiet is not None:
            crawler.signals.connect(self._start_quiet_check, signal=signals.spider_opened)
            crawler.signals.connect(self._stop_quiet_check, signal=signals.spider_closed)

    def _robots_parsed(self, robotparser: Any, request: Request) -> None:
        delay = robotparser.crawl_delay(self._agent)
        if not delay:
            return
        host = urlparse_cached(request).hostname or ""
        self.floors[host] = min(float(delay), self._longest_crawl_delay)
        self.crawler.stats.max_value("politeness/crawl_delay_s", self.floors[host])
        slot = self.crawler.engine.downloader.slots.get(host)
        if slot is not None:
            slot.delay = max(slot.delay, self.floors[host])
            slot.jitter = 0.0

    def _response_downloaded(self, response: Response, request: Request, spider: Spider) -> None:
        # Scrapy sets `response.request` later, so `response.meta` cannot be read here
        self._is_proxied = bool(request.meta.get("proxy"))
        super()._response_downloaded(response, request, spider)

    def _adjust_delay(self, slot: Slot, latency: float, response: Response) -> None:
        host = urlparse_cached(response).hostname or ""
        floor = self.floors.get(host)
        if response.status in OVERLOADED:
            slow_host(self.crawler, slot)
            return
        if floor is None and not self._is_proxied and _is_own_machine(response):
            slot.delay = slot.delay / 2 if slot.delay > 0.1 else 0.0
            return
        super()._adjust_delay(slot, latency, response)
        if floor is not None:
            slot.delay = max(slot.delay, floor)
            slot.jitter = 0.0

    async def _start_quiet_check(self, spider: Spider) -> None:
        self._quiet_check = asyncio.get_running_loop().create_task(self._keep_quiet_hours())

    async def _stop_quiet_check(self, spider: Spider) -> None:
        if self._quiet_check is not None:
            self._quiet_check.cancel()

    async def _keep_quiet_hours(self) -> None:
        while self._quiet is not None:
            is_quiet = self._quiet.contains(datetime.now(UTC))
            if is_quiet and not self.crawler.engine.paused:
                logger.warning("quiet hours (%s): no requests until they end", self._quiet)
                self.crawler.engine.pause()
            elif not is_quiet and self.crawler.engine.paused:
                self.crawler.engine.unpause()
            await asyncio.sleep(QUIET_CHECK_S)


def _is_own_machine(response: Response) -> bool:
    address = response.ip_address
    return address is not None and ipaddress.ip_address(str(address)).is_loopback


class QuietHours:
    """A daily span of local time; it may include midnight."""

    def __init__(self, start: timedelta, end: timedelta, zone: ZoneInfo) -> None:
        self.start, self.end, self.zone = start, end, zone

    def __str__(self) -> str:
        return f"{str(self.start)[:-3]}-{str(self.end)[:-3]} {self.zone.key}"

    @classmethod
    def parse(cls, span: str, zone: str) -> QuietHours | None:
        """Return the hours of "01:00-06:30", None for an empty setting; ValueError for anything else."""
        if not span:
            return None
        try:
            start, end = (datetime.strptime(part.strip(), "%H:%M") for part in span.split("-"))  # noqa: DTZ007
        except ValueError:
            raise ValueError(f"QUIET_HOURS: {span!r} is not a span of time (expected: 01:00-06:30)") from None
        midnight = datetime.strptime("00:00", "%H:%M")  # noqa: DTZ007
        try:
            return cls(start - midnight, end - midnight, ZoneInfo(zone))
        except (ValueError, ZoneInfoNotFoundError):
            raise ValueError(f"QUIET_HOURS_TIME_ZONE: {zone!r} is not a time zone (expected: Asia/Shanghai)") from None

    def contains(self, moment: datetime) -> bool:
        """Return True if `moment` (aware) is within the hours."""
        local = moment.astimezone(self.zone)
        time_of_day = timedelta(hours=local.hour, minutes=local.minute, seconds=local.second)
        if self.start <= self.end:
            return self.start <= time_of_day < self.end
        return time_of_day >= self.start or time_of_day < self.end
