"""From a page that shows nothing without its scripts to its rendering, where the setting RENDER asks for it."""

from __future__ import annotations

import logging
from collections.abc import Generator
from dataclasses import replace

from scrapy import Request
from scrapy.http import Response

from newsspider.crawl.crawl_context import CrawlContext
from newsspider.crawl.priorities import PART
from newsspider.crawl.problems import RENDER, TEMPORARY, FetchProblem
from newsspider.crawl.request_context import PageResult, RequestContext
from newsspider.crawl.traversal.listing import ListingTraversal
from newsspider.items import LISTING_KINDS, Article
from newsspider.pages.listing import ListingPage
from newsspider.render.meta import render_meta
from newsspider.responses import is_rendered

logger = logging.getLogger(__name__)


class ShellTraversal:
    """Requests shells a second time, through the browser; in MongoDB they stay queued until they are rendered."""

    def __init__(self, crawl: CrawlContext, listings: ListingTraversal) -> None:
        self.crawl = crawl
        self.listings = listings

    def shell(
        self, response: Response, listing: ListingPage, context: RequestContext, parts: list[Article]
    ) -> Generator[Request, None, PageResult]:
        """Yield the request that renders a shell; if there is none, what the shell's links lead to."""
        crawl, document = self.crawl, listing.document
        if crawl.renders(response.url) and not is_rendered(response) and not response.meta.get("render"):
            return (yield from self.rendering(response, context, parts))
        crawl.count("pages/shell")
        result = PageResult(kind="shell")
        if context.kind in LISTING_KINDS and any(line.links for line in document.lines):
            result = yield from self.listings.listing(listing, document, context)
        elif crawl.renders(response.url):
            result = self.still_a_shell(response)
        if not crawl.renders(response.url):
            crawl.count(f"shells/{response.url}")
        return replace(result, is_shell=True)

    def rendering(
        self, response: Response, context: RequestContext, parts: list[Article]
    ) -> Generator[Request, None, PageResult]:
        """Yield the request for the browser; once RENDER_MAX_PAGES is reached the page waits for the next run."""
        if not self.crawl.budget.take_rendered_page():
            self.crawl.count("render/postponed")
            return PageResult(kind="postponed", is_shell=True)
        keywords = {"parts": parts} if parts else {}
        request = self.crawl.request(response.url, replace(context, is_shell=True), PART, **keywords)
        request.meta.update(render_meta(response))
        yield request
        return PageResult(kind="shell", is_shell=True)

    def still_a_shell(self, response: Response) -> PageResult:
        """Return the result of a page that shows nothing in the browser either: as if it had not been fetched."""
        problem = FetchProblem(RENDER, TEMPORARY, "its scripts ran and showed nothing")
        self.crawl.count(f"failures/{problem.reason}")
        logger.warning("%s: %s", response.url, problem.line)
        return PageResult(kind="postponed", problem=problem)
