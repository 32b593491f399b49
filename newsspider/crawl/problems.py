"""Fetch problems: why a request gave no page, how bad that is, and one line about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scrapy.exceptions import IgnoreRequest
from scrapy.spidermiddlewares.httperror import HttpError

from newsspider.downloadermiddlewares.download_errors import described, one_line
from newsspider.downloadermiddlewares.refusals import (
    InterruptedRequestError,
    NotRecordedError,
    PutOffError,
    RefusedError,
    SkipReason,
)
from newsspider.render.errors import RenderError

if TYPE_CHECKING:
    from twisted.python.failure import Failure

TEMPORARY, SOFT, HARD = 1, 2, 4
RENDER = "render"
GONE_STATUSES = (404, 410)
TEMPORARY_STATUSES = (408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524, 525)
SOFT_STATUSES = (401, 402, 403, 407, 451)
# of a failed download; others are temporary
WEIGHTS = {"unknown_host": SOFT, "too_large": HARD, "scheme": HARD, "tls": HARD}


@dataclass(slots=True, frozen=True)
class FetchProblem:
    """`reason` is the last part of a stat, `weight` is added to the page's failures, `line` is for people.

    `is_gone`: the site says that the page no longer exists. `is_skip`: not a failure, our rules refused the request.
    `target`: where a refused redirect led. `is_rejected`: an answer came, but not the page that was asked for; then
    `evidence` is what told it, `is_refusal` says that the host refuses visitors as such, `needs_scripts` that only a
    browser passes, and `digest` names what was doubted: the same answer at a later visit may be believed. `is_urgent`:
    the second attempt decides what is made of other pages.
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
    is_urgent: bool = False


def problem_of(failure: Failure) -> FetchProblem:
    """Return what the failure of a request means."""
    error = failure.value
    if isinstance(error, HttpError):
        return _of_status(error.response.status)
    if isinstance(error, RenderError):
        return FetchProblem(RENDER, TEMPORARY, one_line(str(error)))
    if isinstance(error, IgnoreRequest):
        return _of_refusal(error)
    reason, line = described(error or OSError())
    return FetchProblem(reason, WEIGHTS.get(reason, TEMPORARY), line)


def _of_status(status: int) -> FetchProblem:
    if status in GONE_STATUSES:
        return FetchProblem(f"http_{status}", HARD, f"HTTP {status}", is_gone=True)
    if status in TEMPORARY_STATUSES:
        return FetchProblem(f"http_{status}", TEMPORARY, f"HTTP {status}")
    return FetchProblem(f"http_{status}", SOFT if status in SOFT_STATUSES else HARD, f"HTTP {status}")


def _of_refusal(error: IgnoreRequest) -> FetchProblem:
    message = one_line(str(error))
    if isinstance(error, RefusedError):
        return FetchProblem(error.reason, SOFT, message, is_skip=True, target=error.target)
    if isinstance(error, PutOffError):
        return FetchProblem("put_off", TEMPORARY, message, wait_s=error.wait_s)
    if isinstance(error, InterruptedRequestError):
        return FetchProblem(SkipReason.STOPPED, SOFT, message, is_skip=True)
    if isinstance(error, NotRecordedError):
        return FetchProblem(SkipReason.NOT_RECORDED, SOFT, message, is_skip=True)
    # Scrapy tells these apart by their messages only
    if "max redirections" in message:
        return FetchProblem("redirect_loop", HARD, "redirects without end")
    if "DOWNLOAD_MAXSIZE" in message:
        return FetchProblem("too_large", HARD, "larger than DOWNLOAD_MAXSIZE when unpacked")
    return FetchProblem("ignored", SOFT, message or "ignored")
