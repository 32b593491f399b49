"""What may be asked for, and how often: scope of redirects, robots.txt, private addresses, patient retries."""

from __future__ import annotations

import logging
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from scrapy import Request

from newsspider.downloadermiddlewares.refusals import RefusedError
from newsspider.urls import article_key, registered_domain, url_pattern

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scrapy.crawler import Crawler

logger = logging.getLogger(__name__)

FARM_STEPS = 2
IDLE_REASONS = {
    "barren_shape": "its kind of address never gave an article",
    "covered": "the list of the front page has shown all of it",
}


class ScopeMiddleware:
    """Stops redirects that leave the site or lead to a page asked for anyway, and shapes that never gave an article."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> ScopeMiddleware:
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        step = request.meta.get("newsspider")
        spider: Any = self.crawler.spider
        if not step or not hasattr(spider, "asked_for"):
            return
        if reason := spider.idle_reason(request.url, step):
            raise RefusedError(reason, f"{request.url}: {IDLE_REASONS[reason]}")
        if request.meta.get("redirect_times"):
            self._check_redirect(request, step, spider)

    def _check_redirect(self, request: Request, step: dict[str, Any], spider: Any) -> None:
        key, url = spider.key_of(request.url), request.url
        if step["kind"] == "seed":
            spider.adopt_site(registered_domain(url))
        elif not spider.is_in_scope(url, step):
            raise RefusedError("offsite_redirect", f"redirected off the site to {url}", url)
        elif is_farm([*request.meta.get("redirect_urls", ()), url]):
            spider.shapes_of(url).bar(url)
            raise RefusedError("redirect_farm", f"redirected from one address to the next of its kind: {url}")
        if key == step["key"] or key in step.get("passed", ()):
            return
        if key in spider.asked_for:
            raise RefusedError("redirect_to_known", f"redirected to {url}, which is asked for anyway", url)
        spider.asked_for.add(key)
        request.meta["newsspider"] = {**step, "passed": [*step.get("passed", ()), key]}


def is_farm(urls: Sequence[str]) -> bool:
    """Return whether redirects lead on and on through one shape of addresses; one such step is a page that moved."""
    steps = [pair for pair in pairwise(urls) if article_key(pair[0]) != article_key(pair[1])]
    return sum(url_pattern(before) == url_pattern(after) for before, after in steps) >= FARM_STEPS
