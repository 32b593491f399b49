"""Record a crawl with `-s RECORD=...`, run it again without network with `-s REPLAY=...`.

Both take a folder of readable fixtures or a `.warc` / `.warc.gz` file. Scrapy's HTTP cache does the work, through its
HTTPCACHE_STORAGE; the middleware here adds what a cache has no need of: failed downloads are recorded too, a request
that the recording lacks is named and counted (`replay/missing`), damage is one line and counted (`replay/corrupt`).

A replay handles one request after the other, so that its items come in the same order every time, and takes
each page's recorded fetch time from the Date header. One answer is kept for a request: the last one seen.
"""

from __future__ import annotations

import logging
import sys
from datetime import UTC
from email.utils import format_datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scrapy import exceptions
from scrapy.downloadermiddlewares.httpcache import HttpCacheMiddleware
from scrapy.downloadermiddlewares.httpcompression import HttpCompressionMiddleware
from scrapy.exceptions import CloseSpider, IgnoreRequest
from scrapy.http import Headers
from scrapy.responsetypes import responsetypes
from w3lib.url import safe_url_string

from newsspider import clock
from newsspider.downloadermiddlewares.download_errors import DOWNLOAD_ERRORS
from newsspider.downloadermiddlewares.refusals import NotRecordedError
from newsspider.recording.cases import FixtureFolder, RecordedResponse, Recording, RecordingError, request_key
from newsspider.recording.warc import WarcRecording, is_warc
from newsspider.responses import fetched_at

if TYPE_CHECKING:
    from scrapy import Request, Spider
    from scrapy.http import Response
    from scrapy.settings import BaseSettings, Settings

logger = logging.getLogger(__name__)

# failed downloads that a replay raises again; any other failure of the network is recorded as DownloadFailedError
RECORDED_ERRORS = {error.__name__: error for error in DOWNLOAD_ERRORS if error not in (IgnoreRequest, OSError)}
LOCAL_SCHEMES = ["file", "data"]
NOT_MODIFIED = 304

RECORDING_SETTINGS: dict[str, Any] = {
    "HTTPCACHE_ENABLED": True,
    "HTTPCACHE_POLICY": "scrapy.extensions.httpcache.DummyPolicy",
    "HTTPCACHE_IGNORE_SCHEMES": LOCAL_SCHEMES,
    "HTTPCACHE_IGNORE_HTTP_CODES": [NOT_MODIFIED],
    # What earlier crawls stored must neither hide a page from the recording nor change what a replay gives.
    "CRAWL_STATE_ENABLED": False,
}
REPLAY_SETTINGS: dict[str, Any] = {
    "HTTPCACHE_IGNORE_MISSING": True,
    "DOWNLOAD_HANDLERS": dict.fromkeys(("http", "https", "ftp", "s3")),
    # One page after the other, its items stored before the next one: the order cannot depend on timing.
    "CONCURRENT_REQUESTS": 1,
    "CONCURRENT_ITEMS": 1,
    "SCRAPER_SLOT_MAX_ACTIVE_SIZE": 1,
    "STORE_LINGER_MS": 0,
    "DOWNLOAD_DELAY": 0,
    "AUTOTHROTTLE_ENABLED": False,
    "RETRY_ENABLED": False,
}


class ReplayAddon:
    """Turn the settings RECORD and REPLAY into those of Scrapy's HTTP cache; what the command line says stays."""

    @classmethod
    def update_pre_crawler_settings(cls, settings: BaseSettings) -> None:
        """Check the paths before anything starts: one line and exit code 2 where they cannot be used."""
        try:
            check_recording(settings.get("RECORD"), settings.get("REPLAY"))
        except RecordingError as error:
            print(f"newsspider: {error}", file=sys.stderr)
            raise SystemExit(2) from None

    def update_settings(self, settings: BaseSettings) -> None:
        record, replay = settings.get("RECORD"), settings.get("REPLAY")
        if not record and not replay:
            return
        changes = RECORDING_SETTINGS | (REPLAY_SETTINGS if replay else {})
        changes |= {"HTTPCACHE_STORAGE": ReplayStorage if replay else RecordStorage}
        changes |= {"DOWNLOADER_MIDDLEWARES": _with_middleware(settings)}
        for name, value in changes.items():
            settings.set(name, value, priority="spider")


def _with_middleware(settings: BaseSettings) -> dict[Any, Any]:
    middlewares = dict(settings.getdict("DOWNLOADER_MIDDLEWARES"))
    return middlewares | {
        "scrapy.downloadermiddlewares.httpcache.HttpCacheMiddleware": None,
        RecordingMiddleware: settings.getdict("DOWNLOADER_MIDDLEWARES_BASE").get(
            "scrapy.downloadermiddlewares.httpcache.HttpCacheMiddleware", 900
        ),
    }


def check_recording(record: str | None, replay: str | None) -> None:
    """Raise RecordingError, with one line for the user, where a crawl with these two settings cannot start."""
    if record and replay:
        raise RecordingError("give RECORD or REPLAY, not both")
    if replay and not Path(replay).exists():
        raise RecordingError(f"no such recording: {replay} (a folder of fixtures, or a .warc or .warc.gz file)")
    if record or replay:
        open_recording(record or str(replay), writable=bool(record), checking=True).close()


def open_recording(name: str, *, writable: bool, checking: bool = False) -> Recording:
    """Open a folder or WARC file, by its name. Raises RecordingError; `checking` leaves the contents unread."""
    path = Path(name)
    if is_warc(path):
        return WarcRecording.open(path, writable=writable, is_scanned=not checking)
    return FixtureFolder.open(path, writable=writable, is_scanned=not checking)


class RecordStorage:
    """HTTPCACHE_STORAGE that keeps every answer and serves none: a recording is always made afresh."""

    setting = "RECORD"
    is_replay = False

    def __init__(self, settings: Settings) -> None:
        self.name: str = settings[self.setting]
        self.recording: Recording | None = None
        self._compression: HttpCompressionMiddleware | None = None

    def open_spider(self, spider: Spider) -> None:
        """Open the recording. Raises RecordingError."""
        self.recording = open_recording(self.name, writable=not self.is_replay)
        self._compression = HttpCompressionMiddleware(crawler=spider.crawler)
        self._compression.stats = None  # the crawl's own middleware counts

    def close_spider(self, spider: Spider) -> None:
        if self.recording is not None:
            self.recording.close()

    def retrieve_response(self, spider: Spider | None, request: Request) -> Response | None:
        return None

    def store_response(self, spider: Spider, request: Request, response: Response) -> None:
        """Record `response`. Raises RecordingError where it cannot be written."""
        self.store(recorded_response(request, response, self._compression))

    def store(self, recorded: RecordedResponse) -> None:
        if self.recording is not None:
            self.recording.store(recorded)


class ReplayStorage(RecordStorage):
    """HTTPCACHE_STORAGE that serves a recording and never writes."""

    setting = "REPLAY"
    is_replay = True

    def retrieve_response(self, spider: Spider | None, request: Request) -> Response | None:
        """Return the recorded answer or None; raises the recorded error of a download that failed, RecordingError."""
        if self.recording is None:
            return None
        recorded = self.recording.find(request_key(request.method, request.url, request.body))
        if recorded is None:
            return None
        if recorded.error:
            name, message = recorded.error
            raise RECORDED_ERRORS.get(name, exceptions.DownloadFailedError)(message)
        return replayed_response(recorded)

    def store(self, recorded: RecordedResponse) -> None:
        """Nothing: a replay leaves its recording as it is."""


def replayed_response(recorded: RecordedResponse) -> Response:
    """Return the response as Scrapy would have had it, its Date being the recorded fetch time."""
    headers = Headers()
    for name, value in recorded.headers:
        headers.appendlist(name, value)
    headers["Date"] = format_datetime(recorded.fetched_at.astimezone(UTC), usegmt=True)
    response_class = responsetypes.from_args(headers=headers, url=recorded.url, body=recorded.body)
    return response_class(
        url=recorded.url, status=recorded.status, headers=headers, body=recorded.body, flags=["cached"]
    )


def recorded_response(
    request: Request, response: Response, compression: HttpCompressionMiddleware | None
) -> RecordedResponse:
    """Return what to keep of an answer: decoded body, the Date header as fetch time, now without one.

    `compression` None: the body is decoded already, as it is in a callback.
    """
    decoded: Request | Response = response
    error = None
    try:
        if compression is not None:
            decoded = compression.process_response(request, response.copy())
    except IgnoreRequest as refusal:
        error = ("DownloadCancelledError", str(refusal))
    headers = [
        (name.decode("latin-1"), _header_text(name, value))
        for name, values in decoded.headers.items()
        for value in values
    ]
    return RecordedResponse(
        url=request.url,
        status=response.status,
        headers=headers,
        body=b"" if error else decoded.body,
        fetched_at=fetched_at(response),
        method=request.method,
        request_body=request.body,
        error=error,
    )


def _header_text(name: bytes, value: bytes) -> str:
    if name.lower() == b"location":
        return safe_url_string(value)
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("latin-1")


class RecordingMiddleware(HttpCacheMiddleware):
    """Scrapy's HTTP cache for recordings: see the module."""

    storage: RecordStorage

    def spider_opened(self, spider: Spider) -> None:
        try:
            self.storage.open_spider(spider)
        except RecordingError as error:
            self._report("replay/corrupt", error)
            raise CloseSpider("recording_unusable") from None
        assert self.storage.recording is not None  # noqa: S101 - just opened
        for problem in self.storage.recording.problems:
            self._report("replay/corrupt", problem)

    def process_request(self, request: Request) -> Response | None:  # type: ignore[override]
        if not self.storage.is_replay or not self.policy.should_cache_request(request):
            return None
        response = None
        try:
            response = self.storage.retrieve_response(self.crawler.spider, request)
        except RecordingError as error:
            self._report("replay/corrupt", error)
        if response is None:
            raise NotRecordedError(self._missing(request))
        self.stats.inc_value("httpcache/hit")
        return response

    def process_response(self, request: Request, response: Response) -> Request | Response:  # type: ignore[override]
        try:
            return super().process_response(request, response)
        except RecordingError as error:
            self._report("record/failed", error)
            return response

    def process_exception(self, request: Request, exception: Exception) -> None:  # type: ignore[override]
        """Record a download that failed; a later answer to the same request replaces it."""
        if self.storage.is_replay or request.meta.get("dont_cache"):
            return
        if not isinstance(exception, (*RECORDED_ERRORS.values(), OSError)):
            return
        name = next((name for name in RECORDED_ERRORS if name == type(exception).__name__), "DownloadFailedError")
        failure = RecordedResponse(
            url=request.url,
            status=0,
            headers=[],
            body=b"",
            fetched_at=clock.now().replace(microsecond=0),
            method=request.method,
            request_body=request.body,
            error=(name, str(exception)),
        )
        try:
            self.storage.store(failure)
        except RecordingError as error:
            self._report("record/failed", error)

    def _missing(self, request: Request) -> str:
        line = f"{request.method} {request.url}"
        self.stats.inc_value("replay/missing")
        self.stats.set_value("replay/missing_requests", [*self.stats.get_value("replay/missing_requests", []), line])
        logger.error("the recording lacks %s", line)
        return f"not in the recording: {line}"

    def _report(self, stat: str, problem: RecordingError | str) -> None:
        self.stats.inc_value(stat)
        logger.error("%s", problem)
