"""Politeness per host: Crawl-delay of robots.txt, AutoThrottle, slow-down on errors, quiet hours."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from scrapy import signals
from scrapy.exceptions import NotConfigured
from scrapy.extensions.throttle import AutoThrottle
from scrapy.utils.httpobj import urlparse_cached

from newsspider.downloadermiddlewares.fetch_rules import fetch_rules
from newsspider.downloadermiddlewares.retry import OVERLOADED, slow_host
from newsspider.sites.quiet_hours import QuietHours

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
        floor, own = self.floors.get(host), self._own_delay(host)
        if response.status in OVERLOADED:
            slow_host(self.crawler, slot)
            return
        if floor is None and own is None and not self._is_proxied and _is_own_machine(response):
            slot.delay = slot.delay / 2 if slot.delay > 0.1 else 0.0
            return
        super()._adjust_delay(slot, latency, response)
        if floor is not None:
            slot.delay = max(slot.delay, floor)
            slot.jitter = 0.0
        if own is not None:
            slot.delay = max(slot.delay, own)

    def _own_delay(self, host: str) -> float | None:
        """Return the delay that the site file of `host` asks for, None without one."""
        rules = fetch_rules(self.crawler)
        return rules.slot_settings(host).get("delay") if rules is not None else None

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
