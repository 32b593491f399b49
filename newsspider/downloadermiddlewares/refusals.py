"""Why a request was refused or put off: the exceptions of the downloader middlewares."""

from __future__ import annotations

from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
    UnsupportedURLSchemeError,
)

from newsspider.errors import NewsspiderError


class RefusedError(NewsspiderError, IgnoreRequest):
    """A request that must not be sent; `reason` is the last part of its stat, `target` where a redirect led."""

    def __init__(self, reason: str, message: str, target: str | None = None) -> None:
        super().__init__(message)
        self.reason = reason
        self.target = target


class PutOffError(NewsspiderError, IgnoreRequest):
    """A host asks to wait longer than this run will; `wait_s` is how long."""

    def __init__(self, message: str, wait_s: float) -> None:
        super().__init__(message)
        self.wait_s = wait_s


class NotRecordedError(NewsspiderError, IgnoreRequest):
    """A request that a replay has no recorded answer for."""


DOWNLOAD_ERRORS = (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
    OSError,
    ResponseDataLossError,
    UnsupportedURLSchemeError,
)
