"""Requests that are not worth sending any more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from newsspider.downloadermiddlewares.fetch_rules import CONTEXT_KEY, fetch_rules

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler


class ScopeMiddleware:
    """Stops what is refused before the fetch: redirects off the site, unproductive URL patterns, closed sites.

    A redirect to a site that another process crawls is left to that one.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> ScopeMiddleware:
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        if rules := fetch_rules(self.crawler):
            rules.check(request)
            if request.meta.get(CONTEXT_KEY) is not None:
                await rules.hold(request)
            await rules.admit(request)
