"""Fetch problems: why a request gave no page, how bad that is, and one line about it."""

from __future__ import annotations

import re
from dataclasses import dataclass
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
from scrapy.spidermiddlewares.httperror import HttpError

from newsspider.downloadermiddlewares.refusals import NotRecordedError, PutOffError, RefusedError, SkipReason
from newsspider.render.errors import RenderError

if TYPE_CHECKING:
    from twisted.python.failure import Failure

TEMPORARY, SOFT, HARD = 1, 2, 4
RENDER = "render"
_SSL_REASON = re.compile(r"'([a-z ]+)'\)\]")
GONE_STATUSES = (404, 410)
TEMPORARY_STATUSES = (408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524, 525)
SOFT_STATUSES = (401, 402, 403, 407, 451)
_BY_EXCEPTION: tuple[tuple[type[Exception], str, int, str], ...] = (
    (CannotResolveHostError, "unknown_host", SOFT, "host not found"),
    (DownloadConnectionRefusedError, "refused", TEMPORARY, "connection refused"),
    (DownloadTimeoutError, "timeout", TEMPORARY, "no response in time"),
    (ResponseDataLossError, "truncated", TEMPORARY, "the response is cut off"),
    (DownloadCancelledError, "too_large", HARD, "larger than DOWNLOAD_MAXSIZE"),
    (UnsupportedURLSchemeError, "scheme", HARD, "not an http(s) URL"),
)


@dataclass(slots=True, frozen=True)
class FetchProblem:
    """`reason` is the last part of a stat, `weight` is added to the page's failures, `line` is for people.

    `is_gone`: the site says that the page no longer exists. `is_skip`: not a failure, our rules refused the request.
    `target`: where a refused redirect led. `is_rejected`: an answer came, but not the page that was asked for; then
    `evidence` is what told it, `is_refusal` says that the host refuses visitors as such, `needs_scripts` that only a
    browser passes, and `digest` names what was doubted: the same answer at a later visit may be believed.
    """

    reason: str
    weight: int
    line: str
    is_gone: bool = False
    is_skip: bool = False
    wait_s: float = 0
    target: str | None = None
    is_rejected: bool = False
    is_refusal: bool = False
    needs_scripts: bool = False
    evidence: str = ""
    digest: str | None = None


def problem_of(failure: Failure) -> FetchProblem:
    """Return what the failure of a request means."""
    error = failure.value
    if isinstance(error, HttpError):
        return _of_status(error.response.status)
    if isinstance(error, RenderError):
        return FetchProblem(RENDER, TEMPORARY, _one_line(str(error)))
    for kind, reason, weight, line in _BY_EXCEPTION:
        if isinstance(error, kind):
            return FetchProblem(reason, weight, line)
    if isinstance(error, DownloadFailedError):
        return _of_connection(str(error))
    if isinstance(error, IgnoreRequest):
        return _of_refusal(error)
    return FetchProblem("failed", TEMPORARY, f"{type(error).__name__}: {_one_line(str(error))}")


def _of_status(status: int) -> FetchProblem:
    if status in GONE_STATUSES:
        return FetchProblem(f"http_{status}", HARD, f"HTTP {status}", is_gone=True)
    if status in TEMPORARY_STATUSES:
        return FetchProblem(f"http_{status}", TEMPORARY, f"HTTP {status}")
    return FetchProblem(f"http_{status}", SOFT if status in SOFT_STATUSES else HARD, f"HTTP {status}")


def _of_connection(message: str) -> FetchProblem:
    if "ssl" in message.lower() or "tls" in message.lower() or "certificate" in message.lower():
        detail = _SSL_REASON.search(message)
        return FetchProblem("tls", HARD, f"TLS error: {detail[1] if detail else _one_line(message)}")
    return FetchProblem("connection", TEMPORARY, f"connection lost: {_one_line(message)}")


def _of_refusal(error: IgnoreRequest) -> FetchProblem:
    message = _one_line(str(error))
    if isinstance(error, RefusedError):
        return FetchProblem(error.reason, SOFT, message, is_skip=True, target=error.target)
    if isinstance(error, PutOffError):
        return FetchProblem("put_off", TEMPORARY, message, wait_s=error.wait_s)
    if isinstance(error, NotRecordedError):
        return FetchProblem(SkipReason.NOT_RECORDED, SOFT, message, is_skip=True)
    # Scrapy tells these apart by their messages only
    if "max redirections" in message:
        return FetchProblem("redirect_loop", HARD, "redirects without end")
    if "DOWNLOAD_MAXSIZE" in message:
        return FetchProblem("too_large", HARD, "larger than DOWNLOAD_MAXSIZE when unpacked")
    return FetchProblem("ignored", SOFT, message or "ignored")


def _one_line(message: str) -> str:
    return " ".join(message.split())[:200]
