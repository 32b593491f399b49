"""What the downloader middlewares ask a crawl before they send a request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import datetime

    from scrapy import Request
    from scrapy.crawler import Crawler


# key of `request.meta` that requests of a crawl have
CONTEXT_KEY = "newsspider"
# key of `request.meta`: the redirects so far, as in Scrapy's own keys, of a request that follows a page's redirect
REDIRECT_KEY = "newsspider_redirect"


@dataclass(slots=True, frozen=True)
class RobotsFailure:
    """Why the robots.txt of a host cannot be had, how often in a row, and when it is asked for again (aware)."""

    problem: str
    attempts: int
    asked_again_at: datetime


class FetchRules(Protocol):
    """The rules of a crawl for requests that are about to be sent."""

    def check(self, request: Request) -> None:
        """Raise RefusedError for a request that is not worth sending any more."""

    async def admit(self, request: Request) -> None:
        """Raise RefusedError for a request to a site that is closed: paused, in quiet hours, out of budget."""

    def slot_settings(self, host: str) -> Mapping[str, float]:
        """Return what differs for the download slot of `host`: `delay` in seconds, `concurrency`."""

    async def hold(self, request: Request) -> None:
        """Have the site of `request` held by this process; RefusedError if another one holds it."""

    @property
    def trusted_hosts(self) -> Collection[str]:
        """The hosts that may have a private address: their URLs were typed."""

    def robots_read(self, url: str, sitemaps: Iterable[str]) -> None:
        """Take in the sitemaps that the robots.txt at `url` names."""

    def robots_failure(self, origin: str) -> RobotsFailure | None:
        """Return what earlier runs found of the robots.txt of `origin` (scheme and host), None if it could be had."""

    def robots_failed(self, origin: str, failure: RobotsFailure | None) -> None:
        """Remember for later runs that the robots.txt of `origin` cannot be had; None: it can again."""


@runtime_checkable
class HasFetchRules(Protocol):
    """A spider with rules."""

    crawl: FetchRules


def fetch_rules(crawler: Crawler) -> FetchRules | None:
    """Return the rules of the spider of `crawler`; None for a spider without, such as that of `scrapy shell`."""
    spider = crawler.spider
    return spider.crawl if isinstance(spider, HasFetchRules) else None
