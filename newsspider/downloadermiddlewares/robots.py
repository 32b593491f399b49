"""robots.txt, as RFC 9309 has it."""

from __future__ import annotations

import asyncio
import logging
import re
import time
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final
from weakref import WeakKeyDictionary

from scrapy import Request, signals
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.exceptions import CannotResolveHostError, IgnoreRequest, StopDownload
from scrapy.http.request import NO_CALLBACK
from scrapy.robotstxt import ProtegoRobotParser
from scrapy.utils.httpobj import urlparse_cached
from scrapy.utils.misc import build_from_crawler

from newsspider import clock
from newsspider.downloadermiddlewares.download_errors import DOWNLOAD_ERRORS, described
from newsspider.downloadermiddlewares.fetch_rules import RobotsFailure, fetch_rules
from newsspider.downloadermiddlewares.refusals import InterruptedRequestError, PutOffError, RefusedError, SkipReason

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from scrapy.robotstxt import RobotParser

logger = logging.getLogger(__name__)

READ_BYTES: Final = 512_000  # RFC 9309, 2.5: at least 500 KiB are to be obeyed
UNPACKED_BYTES: Final = 64 << 20
MAX_REDIRECTS: Final = 5  # RFC 9309, 2.3.1.2
KEPT_S: Final = 86_400  # RFC 9309, 2.4
RETRY_FIRST_S, RETRY_MOST_S = 60.0, 3_600.0
# a page in place of the file: a gate, a front page for whatever is asked
_PAGE: Final = re.compile(rb"[\s\xef\xbb\xbf]*(?:<!--.{0,2000}?-->\s*)*<(?:!doctype|[a-z?])", re.IGNORECASE | re.DOTALL)
UNREACHABLE_STAT: Final = "robotstxt/unreachable/"
_OWN_META: Final = "newsspider_robots"


class RobotsUnreachableError(RefusedError):
    """A request of a host whose robots.txt cannot be had now: that forbids all of it until it can."""

    def __init__(self, message: str) -> None:
        super().__init__(SkipReason.ROBOTS_UNREACHABLE, message)


@dataclass(slots=True)
class _RobotsFile:
    """What is known of a host's robots.txt; times by the monotonic clock.

    `parser` None: nothing is forbidden. `problem`: why it cannot be had, "" if it can. `attempts` failed in a row.
    """

    parser: RobotParser | None = None
    problem: str = ""
    expires_at: float = 0.0
    attempts: int = 0
    is_had: bool = False


class RobotsMiddleware(RobotsTxtMiddleware):
    """Scrapy's robots.txt middleware by RFC 9309, with a reason for each verdict.

    A file over 500 KiB is obeyed as far as that. Client errors and more than five redirects forbid nothing; server
    errors and failed connections forbid everything, until a later attempt succeeds. An answer is kept for 24 hours,
    and longer where a newer one cannot be had. An HTML page in place of the file has no rules: it forbids nothing, and
    the file is soon asked for again. A host whose file could not be had twice in a row is not asked at once by the next
    run either: the crawl state keeps the pause.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._files: dict[str, _RobotsFile] = {}
        self._fetches: dict[str, asyncio.Task[None]] = {}
        self._received: WeakKeyDictionary[Request, int] = WeakKeyDictionary()
        self._is_replay = bool(crawler.settings.get("REPLAY"))
        crawler.signals.connect(self._bytes_received, signal=signals.bytes_received)

    def process_request_2(self, rp: RobotParser | None, request: Request) -> None:
        try:
            super().process_request_2(rp, request)
        except IgnoreRequest:
            host = urlparse_cached(request).netloc
            raise RefusedError(SkipReason.ROBOTS, f"robots.txt of {host} disallows {request.url}") from None

    async def robot_parser(self, request: Request) -> RobotParser | None:
        """Return the parser of the request's host, None if nothing is forbidden; raises RobotsUnreachableError."""
        parts = urlparse_cached(request)
        host = parts.netloc
        if host not in self._files:
            self._files[host] = self._remembered(f"{parts.scheme}://{host}")
        known = self._files[host]
        if known.expires_at <= time.monotonic() and host not in self._fetches:
            fetch = self._fetch(f"{parts.scheme}://{host}", known, request)
            self._fetches[host] = asyncio.get_running_loop().create_task(fetch)
            self._fetches[host].add_done_callback(lambda fetch: self._fetched(host, fetch))
        if host in self._fetches:
            await asyncio.shield(self._fetches[host])
        if known.problem:
            raise RobotsUnreachableError(f"robots.txt of {host} cannot be read ({known.problem}): not asked for now")
        return known.parser

    def _fetched(self, host: str, fetch: asyncio.Task[None]) -> None:
        self._fetches.pop(host, None)
        if not fetch.cancelled():
            fetch.exception()  # the requests that wait for it have it; there are none if the run was stopped

    async def _fetch(self, origin: str, known: _RobotsFile, request: Request) -> None:
        """Bring `known` up to date; an answer that was had before outlives a failure."""
        problem, response = await self._download(origin)
        is_page = response is not None and _PAGE.match(response.body) is not None
        if (problem or is_page) and known.is_had:
            known.expires_at = time.monotonic() + RETRY_MOST_S
            return
        known.problem = problem
        if problem:
            self._failed(origin, known)
            return
        if known.attempts and (rules := fetch_rules(self.crawler)) is not None:
            rules.robots_failed(origin, None)
        known.attempts, known.is_had = 0, not is_page
        known.expires_at = time.monotonic() + (RETRY_MOST_S if is_page else KEPT_S)
        self._stats.get_stats().pop(UNREACHABLE_STAT + origin, None)
        known.parser = await self._parsed(response, request) if response is not None and not is_page else None

    def _failed(self, origin: str, known: _RobotsFile) -> None:
        known.attempts += 1
        pause_s = min(RETRY_FIRST_S * 2 ** min(known.attempts - 1, 10), RETRY_MOST_S)
        known.expires_at = time.monotonic() + pause_s
        self._stats.set_value(UNREACHABLE_STAT + origin, known.problem)
        if (rules := fetch_rules(self.crawler)) is not None:
            asked_again_at = clock.now() + timedelta(seconds=pause_s)
            rules.robots_failed(origin, RobotsFailure(known.problem, known.attempts, asked_again_at))

    def _remembered(self, origin: str) -> _RobotsFile:
        """Return what earlier runs found of a robots.txt; one failure may be over by now."""
        rules = fetch_rules(self.crawler)
        failure = rules.robots_failure(origin) if rules is not None and not self._is_replay else None
        if failure is None:
            return _RobotsFile()
        pause_s = (failure.asked_again_at - clock.now()).total_seconds() if failure.attempts > 1 else 0.0
        if pause_s > 0:
            self._stats.set_value(UNREACHABLE_STAT + origin, failure.problem)
        known = _RobotsFile(problem=failure.problem, attempts=failure.attempts)
        known.expires_at = time.monotonic() + min(pause_s, RETRY_MOST_S)
        return known

    async def _download(self, origin: str) -> tuple[str, Response | None]:
        """Return (problem, response): no problem and no response where nothing is forbidden."""
        meta = {"dont_obey_robotstxt": True, "allow_offsite": True, "download_maxsize": UNPACKED_BYTES}
        meta |= {"redirect_ttl": MAX_REDIRECTS, _OWN_META: True}
        robots = Request(f"{origin}/robots.txt", NO_CALLBACK, priority=self.DOWNLOAD_PRIORITY, meta=meta)
        self._stats.inc_value("robotstxt/request_count")
        try:
            response = await self.crawler.engine.download_async(robots)
        except InterruptedRequestError:
            raise
        except DOWNLOAD_ERRORS as error:
            logger.info("%s: %s", robots.url, " ".join(str(error).split())[:200])
            return ("" if self._is_permissive(error) else described(error)[1]), None
        self._stats.inc_value("robotstxt/response_count")
        self._stats.inc_value(f"robotstxt/response_status_count/{response.status}")
        if response.status >= 500:
            return f"HTTP {response.status}", None
        if response.status >= 300:
            return "", None
        return "", response.replace(url=robots.url, body=_text(response.body).encode())

    def _is_permissive(self, error: Exception) -> bool:
        """Return True for a failure that forbids nothing: redirects without end or to where we do not go.

        Nothing at all is asked of a host without address, and a page says better than its robots.txt that it has none.
        A recording made elsewhere need not hold a robots.txt.
        """
        if isinstance(error, CannotResolveHostError):
            return True
        is_refused = isinstance(error, IgnoreRequest) and not isinstance(error, PutOffError)
        return is_refused and (self._is_replay or isinstance(error, RefusedError) or "redirect" in str(error))

    async def _parsed(self, response: Response, request: Request) -> RobotParser:
        parser: RobotParser = build_from_crawler(self._parserimpl, self.crawler, response.body)
        rules = fetch_rules(self.crawler)
        if rules is not None and isinstance(parser, ProtegoRobotParser):
            rules.robots_read(response.url, parser.rp.sitemaps)
        await self.crawler.signals.send_catch_log_async(
            signal=signals.robots_parsed, robotparser=parser, request=request
        )
        return parser

    def _bytes_received(self, data: bytes, request: Request) -> None:
        """End the download of a robots.txt that is longer than what is obeyed, keeping what has arrived."""
        if _OWN_META not in request.meta:
            return
        self._received[request] = self._received.get(request, 0) + len(data)
        if self._received[request] > READ_BYTES:
            raise StopDownload(fail=False)


def _text(body: bytes) -> str:
    """Return the lines that lie within the bytes that are obeyed; text that is not UTF-8 is taken for GB18030."""
    if len(body) > READ_BYTES:
        lines, newline, _ = body[:READ_BYTES].rpartition(b"\n")
        body = lines if newline else body[:READ_BYTES]
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        return body.decode("gb18030", "replace")
