"""robots.txt."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

from scrapy import Request, signals
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.http.request import NO_CALLBACK
from scrapy.utils.httpobj import urlparse_cached
from scrapy.utils.misc import build_from_crawler

from newsspider.downloadermiddlewares.refusals import DOWNLOAD_ERRORS, RefusedError

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.robotstxt import RobotParser

logger = logging.getLogger(__name__)


ROBOTS_MAX_BYTES = 1_048_576


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
            raise RefusedError("robots", f"robots.txt of {host} disallows {request.url}") from None

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
