"""Why a link or a request is skipped, and the exceptions of the downloader middlewares."""

from __future__ import annotations

from enum import StrEnum

from scrapy.exceptions import IgnoreRequest

from newsspider.errors import NewsspiderError


class SkipReason(StrEnum):
    """Why a link is not worth a request; the value is the last part of its stat `links/skipped/<reason>`."""

    # before the queue: what the page with the link says
    LINKS_LIMIT = "links_limit"
    DEPTH = "depth"
    BLOCK = "block"
    OFFSITE = "offsite"
    SINCE = "since"
    UNLIKELY = "unlikely"
    OLD = "old"
    DRIFT = "drift"
    MIRROR = "mirror"
    SITE_ENDED = "site_ended"
    NARROWER = "narrower"
    LISTING_PAGES = "listing_pages"
    # before the queue: what earlier visits say
    SEEN = "seen"
    KNOWN = "known"
    BACKOFF = "backoff"
    GONE = "gone"
    NOTHING_NEW = "nothing_new"
    LEFT_QUEUED = "left_queued"
    # before the fetch
    COVERED = "covered"
    UNPRODUCTIVE = "unproductive"
    OFFSITE_REDIRECT = "offsite_redirect"
    REDIRECT_FARM = "redirect_farm"
    REDIRECT_TO_KNOWN = "redirect_to_known"
    HELD_ELSEWHERE = "held_elsewhere"
    ROBOTS = "robots"
    ROBOTS_UNREACHABLE = "robots_unreachable"
    SCHEME = "scheme"
    PRIVATE_ADDRESS = "private_address"
    NOT_RECORDED = "not_recorded"
    HOST_REFUSES = "host_refuses"
    STOPPED = "stopped"

    @property
    def stat(self) -> str:
        return f"links/skipped/{self}"


class RefusedError(NewsspiderError, IgnoreRequest):
    """A request that must not be sent. `reason` is the last part of its stat, `target` where a redirect led."""

    def __init__(self, reason: str, message: str, target: str | None = None) -> None:
        super().__init__(message)
        self.reason = reason
        self.target = target


class PutOffError(NewsspiderError, IgnoreRequest):
    """A host asks to wait longer than this run will; `wait_s` is how long."""

    def __init__(self, message: str, wait_s: float) -> None:
        super().__init__(message)
        self.wait_s = wait_s


class InterruptedRequestError(NewsspiderError, IgnoreRequest):
    """A request that was under way when the run was told to stop: its page stays queued."""


class LostLeaseError(InterruptedRequestError):
    """A request of a site that another process crawls by now: its page stays queued."""


class NotRecordedError(NewsspiderError, IgnoreRequest):
    """A request that a replay has no recorded answer for."""
