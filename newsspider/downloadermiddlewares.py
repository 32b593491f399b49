"""What may be asked for, and how often: scope of redirects, robots.txt, private addresses, patient retries."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import socket
from datetime import UTC, datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from scrapy import Request, signals
from scrapy.downloadermiddlewares.retry import RetryMiddleware
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.http.request import NO_CALLBACK
from scrapy.utils.httpobj import urlparse_cached
from scrapy.utils.misc import build_from_crawler

from newsspider.failures import DOWNLOAD_ERRORS
from newsspider.politeness import OVERLOADED, pause_host, retry_after_s
from newsspider.resolver import is_trusted
from newsspider.urls import article_key, is_public_address, registered_domain, url_shape

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from scrapy.robotstxt import RobotParser

logger = logging.getLogger(__name__)

FARM_STEPS = 2
IDLE_REASONS = {
    "barren_shape": "its kind of address never gave an article",
    "covered": "the list of the front page has shown all of it",
}
ROBOTS_MAX_BYTES = 1_048_576
LOCAL_NAMES = (".localhost", ".local", ".internal", ".localdomain", ".lan", ".intranet", ".home.arpa")


class Refused(IgnoreRequest):
    """A request that must not be sent; `reason` is the last part of its stat, `target` where a redirect led."""

    def __init__(self, reason: str, message: str, target: str | None = None) -> None:
        super().__init__(message)
        self.reason = reason
        self.target = target


class PutOff(IgnoreRequest):
    """A host asks to wait longer than this run will; `wait_s` is how long."""

    def __init__(self, message: str, wait_s: float) -> None:
        super().__init__(message)
        self.wait_s = wait_s


class ScopeMiddleware:
    """Stops redirects that leave the site or lead to a page asked for anyway, and shapes that never gave an article."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> ScopeMiddleware:
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        step = request.meta.get("newsspider")
        spider: Any = self.crawler.spider
        if not step or not hasattr(spider, "asked_for"):
            return
        if reason := spider.idle_reason(request.url, step):
            raise Refused(reason, f"{request.url}: {IDLE_REASONS[reason]}")
        if request.meta.get("redirect_times"):
            self._check_redirect(request, step, spider)

    def _check_redirect(self, request: Request, step: dict[str, Any], spider: Any) -> None:
        key, url = spider.key_of(request.url), request.url
        if step["kind"] == "seed":
            spider.adopt_site(registered_domain(url))
        elif not spider.is_in_scope(url, step):
            raise Refused("offsite_redirect", f"redirected off the site to {url}", url)
        elif is_farm([*request.meta.get("redirect_urls", ()), url]):
            spider.shapes_of(url).bar(url)
            raise Refused("redirect_farm", f"redirected from one address to the next of its kind: {url}")
        if key == step["key"] or key in step.get("passed", ()):
            return
        if key in spider.asked_for:
            raise Refused("redirect_to_known", f"redirected to {url}, which is asked for anyway", url)
        spider.asked_for.add(key)
        request.meta["newsspider"] = {**step, "passed": [*step.get("passed", ()), key]}


def is_farm(urls: Sequence[str]) -> bool:
    """Return whether redirects lead on and on through one shape of addresses; one such step is a page that moved."""
    steps = [pair for pair in pairwise(urls) if article_key(pair[0]) != article_key(pair[1])]
    return sum(url_shape(before) == url_shape(after) for before, after in steps) >= FARM_STEPS


class RobotsMiddleware(RobotsTxtMiddleware):
    """Scrapy's robots.txt middleware with a reason for its verdict, and one line for a robots.txt not to be had.

    As RFC 9309 says: a server error on robots.txt forbids all for now, any other missing file forbids nothing.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._fetches: dict[str, asyncio.Task[RobotParser | None]] = {}

    def process_request_2(self, rp: RobotParser | None, request: Request) -> None:
        try:
            super().process_request_2(rp, request)
        except IgnoreRequest:
            host = urlparse_cached(request).netloc
            raise Refused("robots", f"robots.txt of {host} disallows {request.url}") from None

    async def robot_parser(self, request: Request) -> RobotParser | None:
        parts = urlparse_cached(request)
        origin = f"{parts.scheme}://{parts.netloc}"
        if parts.netloc not in self._fetches:
            self._fetches[parts.netloc] = asyncio.get_running_loop().create_task(self._fetched(origin, request))
        return await asyncio.shield(self._fetches[parts.netloc])

    async def _fetched(self, origin: str, request: Request) -> RobotParser | None:
        meta = {"dont_obey_robotstxt": True, "download_maxsize": ROBOTS_MAX_BYTES}
        robots = Request(f"{origin}/robots.txt", NO_CALLBACK, priority=self.DOWNLOAD_PRIORITY, meta=meta)
        self._stats.inc_value("robotstxt/request_count")
        try:
            response = await self.crawler.engine.download_async(robots)
        except DOWNLOAD_ERRORS as error:
            logger.info("%s/robots.txt: %s", origin, " ".join(str(error).split())[:200])
            return None
        self._stats.inc_value("robotstxt/response_count")
        body = response.body if response.status < 400 else b""
        spider: Any = self.crawler.spider
        if body and hasattr(spider, "robots_read"):
            spider.robots_read(response)
        if response.status >= 500:
            logger.warning("%s/robots.txt: HTTP %d: nothing of the site is asked for now", origin, response.status)
            body = b"User-agent: *\nDisallow: /\n"
        parser: RobotParser = build_from_crawler(self._parserimpl, self.crawler, body)
        await self.crawler.signals.send_catch_log_async(
            signal=signals.robots_parsed, robotparser=parser, request=request
        )
        return parser


class AddressMiddleware:
    """Refuses requests to addresses that are not of the public internet, unless their host was typed as a seed.

    The first line, for addresses written in the URL; the second is the resolver, the third the address that answered.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> AddressMiddleware:
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        parts = urlparse_cached(request)
        if parts.scheme in ("data", "file") and not request.meta.get("newsspider"):
            return
        if parts.scheme not in ("http", "https"):
            raise Refused("scheme", f"{parts.scheme}: is not followed: {request.url[:200]}")
        host = (parts.hostname or "").lower()
        if is_private_host(host) and not is_trusted(host, self.crawler):
            raise Refused("private_address", f"{request.url} is on a private network and no seed")

    def process_response(self, request: Request, response: Response) -> Response:
        address = response.ip_address
        if address is None or request.meta.get("proxy") or is_public_address(str(address)):
            return response
        if is_trusted(urlparse_cached(request).hostname or "", self.crawler):
            return response
        raise Refused("private_address", f"{request.url} was answered by the private address {address}")


def is_private_host(host: str) -> bool:
    """Return whether `host` names this machine or its network: a local name, or an IP address however it is written.

    `127.1`, `2130706433`, `0x7f.1` and `0177.0.0.1` are all the address that the system's resolver makes of them.
    """
    if not host or host == "localhost" or host.endswith(LOCAL_NAMES):
        return True
    try:
        address = str(ipaddress.ip_address(host.strip("[]").partition("%")[0]))
    except ValueError:
        if not (host[0].isdigit() or host.startswith("0x")):
            return False
        try:
            address = socket.inet_ntoa(socket.inet_aton(host))
        except OSError:
            return False
    return not is_public_address(address)


class PatientRetryMiddleware(RetryMiddleware):
    """Retries as Scrapy does, after the time that the server asks for; a host that asks for too much is put off."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler.settings)
        self.crawler = crawler
        self._longest_s = crawler.settings.getfloat("RETRY_AFTER_MAX_S")

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> PatientRetryMiddleware:
        return cls(crawler)

    def process_response(self, request: Request, response: Response) -> Request | Response:  # type: ignore[override]
        wait_s = retry_after_s(response, datetime.now(UTC)) if response.status in OVERLOADED else None
        if wait_s is not None and wait_s > self._longest_s:
            self.crawler.stats.inc_value("politeness/put_off")
            raise PutOff(f"{response.status}, asks to wait {wait_s:.0f} s", wait_s)
        if wait_s:
            self.crawler.stats.inc_value("politeness/waited")
            pause_host(self.crawler, request, wait_s)
        return super().process_response(request, response)
