"""Why a request was refused or put off: the exceptions of the downloader middlewares."""

from __future__ import annotations

from typing import TYPE_CHECKING

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

if TYPE_CHECKING:
    pass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    pass


class RefusedError(IgnoreRequest):
    """A request that must not be sent; `reason` is the last part of its stat, `target` where a redirect led."""

    def __init__(self, reason: str, message: str, target: str | None = None) -> None:
        super().__init__(message)
        self.reason = reason
        self.target = target


class PutOffError(IgnoreRequest):
    """A host asks to wait longer than this run will; `wait_s` is how long."""

    def __init__(self, message: str, wait_s: float) -> None:
        super().__init__(message)
        self.wait_s = wait_s


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
