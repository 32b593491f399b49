"""Failed downloads: a word for statistics and a line for people."""

from __future__ import annotations

import re

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
_LINES: tuple[tuple[type[Exception], str, str], ...] = (
    (CannotResolveHostError, "unknown_host", "host not found"),
    (DownloadConnectionRefusedError, "refused", "connection refused"),
    (DownloadTimeoutError, "timeout", "no response in time"),
    (ResponseDataLossError, "truncated", "the response is cut off"),
    (DownloadCancelledError, "too_large", "larger than DOWNLOAD_MAXSIZE"),
    (UnsupportedURLSchemeError, "scheme", "not an http(s) URL"),
)
_TLS = re.compile(r"ssl|tls|certificate", re.IGNORECASE)
_TLS_REASON = re.compile(r"'([a-z ]+)'\)\]")


def described(error: BaseException) -> tuple[str, str]:
    """Return (reason, line) of a failed download: unknown_host, refused, timeout, truncated, too_large, scheme, tls,
    connection; else "failed" with the error's own words.
    """
    for kind, reason, line in _LINES:
        if isinstance(error, kind):
            return reason, line
    message = one_line(str(error))
    if not isinstance(error, DownloadFailedError):
        return "failed", message or type(error).__name__
    if _TLS.search(message):
        detail = _TLS_REASON.search(message)
        return "tls", f"TLS error: {detail[1] if detail else message}"
    return "connection", f"connection lost: {message}"


def one_line(message: str) -> str:
    return " ".join(message.split())[:200]
