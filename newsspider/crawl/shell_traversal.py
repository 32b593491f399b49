"""What follows from a page that shows nothing without its scripts: it is rendered, if that is wanted, or named."""

from __future__ import annotations

import logging
from collections.abc import Iterator

from scrapy import Request
from scrapy.http import Response

from newsspider.crawl.link_policy import PART
from newsspider.crawl.listing_traversal import ListingTraversal
from newsspider.crawl.problems import RENDER, TEMPORARY, FetchProblem
from newsspider.crawl.request_context import LISTING_KINDS, Step
from newsspider.items import Article
from newsspider.pages.document import Document
from newsspider.render.meta import is_rendering, render_meta
from newsspider.responses import is_rendered

logger = logging.getLogger(__name__)


class ShellTraversal(ListingTraversal):
    """Asks for shells a second time, through the browser; the crawl state keeps them queued until that has come."""

    is_rendering = False
    render_limit = 0
    pages_rendered = 0

    def configure(self) -> None:
        super().configure()
        self.is_rendering = is_rendering(self.crawler.settings)
        self.render_limit = self.crawler.settings.getint("RENDER_MAX_PAGES")

    def shell(self, response: Response, document: Document, step: Step, parts: list[Article]) -> Iterator[Request]:
        """Return the request that renders a shell; where there is none, what links it has all the same."""
        step["is_shell"] = True
        if self.is_rendering and not is_rendered(response) and not response.meta.get("render"):
            yield from self.rendering(response, step, parts)
            return
        self.count("pages/shell")
        if step["kind"] in LISTING_KINDS and any(line.links for line in document.lines):
            yield from self.listing(self.listing_class(document), document, step)
        elif self.is_rendering:
            self.still_a_shell(response, step)
        else:
            step["verdict"] = "shell"
        if not self.is_rendering:
            self.count(f"shells/{response.url}")

    def rendering(self, response: Response, step: Step, parts: list[Article]) -> Iterator[Request]:
        """Return the request for the browser; beyond the budget none, and the page waits for the next run."""
        if self.render_limit and self.pages_rendered >= self.render_limit:
            step["verdict"] = "postponed"
            self.count("render/postponed")
            return
        self.pages_rendered += 1
        request = self.request(response.url, step, PART, **({"parts": parts} if parts else {}))
        request.meta.update(render_meta(response))
        yield request

    def still_a_shell(self, response: Response, step: Step) -> None:
        """Note a page that shows nothing in the browser either, to be tried again later and later."""
        step["verdict"] = "postponed"
        problem = FetchProblem(RENDER, TEMPORARY, "its scripts ran and showed nothing")
        self.count(f"failures/{problem.reason}")
        logger.warning("%s: %s", response.url, problem.line)
        self.journal.failed(response.url, step, problem)
