"""From a page that only sends its visitor on, by a refresh or a script, to where it sends him."""

from __future__ import annotations

from collections.abc import Generator
from typing import Final

from scrapy import Request
from scrapy.http import Response

from newsspider.crawl.crawl_context import CrawlContext
from newsspider.crawl.problems import HARD, FetchProblem
from newsspider.crawl.request_context import PageResult, RequestContext
from newsspider.downloadermiddlewares.fetch_rules import REDIRECT_KEY
from newsspider.items import Article
from newsspider.pages.block_page import block_page
from newsspider.pages.client_redirects import client_redirect
from newsspider.pages.document import Document

CLIENT_REDIRECT: Final = "client redirect"


class RedirectTraversal:
    """Follows a page's own redirect as Scrapy follows those of HTTP: they count together."""

    def __init__(self, crawl: CrawlContext) -> None:
        self.crawl = crawl

    def target(self, document: Document, status: int) -> str | None:
        """Return where the page sends its visitor; None for a page of its own and for a block page."""
        target = client_redirect(document)
        return target if target and block_page(document, "", status) is None else None

    def redirect(
        self, response: Response, context: RequestContext, target: str, parts: list[Article]
    ) -> Generator[Request, None, PageResult]:
        """Yield the request for `target`, with the context of the request that led here.

        Whether it may be sent is checked as for every redirect; the page is recorded as an alias of what it gives.
        """
        meta = response.meta
        times = meta.get("redirect_times", 0) + 1
        if times > self.crawl.limits.run.redirects:
            problem = FetchProblem("redirect_loop", HARD, "redirects without end")
            self.crawl.count(f"failures/{problem.reason}")
            return PageResult(kind="postponed", problem=problem)
        priority = response.request.priority if response.request else 0
        request = self.crawl.request(target, context, priority, **({"parts": parts} if parts else {}))
        request.meta[REDIRECT_KEY] = {
            "redirect_times": times,
            "redirect_ttl": meta.get("redirect_ttl", self.crawl.limits.run.redirects) - 1,
            "redirect_urls": [*meta.get("redirect_urls", ()), response.url],
            "redirect_reasons": [*meta.get("redirect_reasons", ()), CLIENT_REDIRECT],
        }
        request.headers["Referer"] = response.url
        self.crawl.count("pages/redirect")
        yield request
        return PageResult(kind="redirect")
