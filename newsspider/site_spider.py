"""The traversal that every site shares: listing to articles, article to related articles, within scope and budget.

A site is a subclass with class attributes. What was seen before, what is due and what is still queued is the business
of the crawl-state middleware; the spider says what a page shows and how urgent it is.
"""

from __future__ import annotations

import logging
import re
from collections.abc import AsyncIterator, Iterator
from typing import Any, ClassVar

from scrapy import Request
from scrapy.http import Response
from twisted.python.failure import Failure

from newsspider.crawl.arguments import ArgumentError
from newsspider.crawl.article_traversal import ArticleTraversal
from newsspider.crawl.link_policy import SEED, is_home
from newsspider.crawl.problems import RENDER, problem_of
from newsspider.crawl.request_context import LISTING_KINDS, Step
from newsspider.crawl.scope import SURE_ARTICLE
from newsspider.crawl.shell_traversal import ShellTraversal
from newsspider.crawl.site_knowledge.url_patterns import JUNK
from newsspider.items import Article
from newsspider.pages.article import ArticlePage
from newsspider.pages.document import Document
from newsspider.pages.sniff import body_type
from newsspider.responses import content_type, fetched_at, is_rendered

__all__ = ["ArgumentError", "SiteSpider"]

logger = logging.getLogger(__name__)

_WHOLE_PAGE = re.compile(rb"<(?:html|body)[\s>]", re.I)
ROBOTS = ("robots", "robots_unreachable")
STORED_KINDS = frozenset({"article", "gallery", "video"})
LISTED_KINDS = frozenset({"listing", "topic"})


class SiteSpider(ArticleTraversal, ShellTraversal):
    """Class attributes describe a site; every one may be left out but `name` and `seeds`.

    `article_pattern` and `listing_pattern` are searched in the whole URL and overrule what the page looks like.
    `more_url` is a load-more address with `{page}`, for lists whose page does not name it. `follow_related` is "all",
    "none", or names of blocks separated by commas.
    """

    page_class: ClassVar[type[ArticlePage]] = ArticlePage

    async def start(self) -> AsyncIterator[Any]:
        if self.arguments.is_due and not self.arguments.urls:
            return
        for url in self.seed_urls:
            yield self.request(url, self.seed_step(url), SEED)

    def parse(self, response: Response, parts: list[Article] | None = None) -> Iterator[Any]:
        """Return what a page leads to, whatever it turns out to be."""
        step: Step = response.meta.setdefault("newsspider", self.seed_step(response.url))
        self.pages_read += 1
        if self.page_limit and self.pages_read >= self.page_limit:
            self.stop("max_pages")
        if response.status == 304:
            step["verdict"] = "unchanged"
            return
        form = body_type(response.body, content_type(response))
        if form == "feed":
            yield from self.parse_feed(response, step)
        elif form == "fragment" or (
            form == "html" and step["kind"] == "more" and not _WHOLE_PAGE.search(response.body)
        ):
            yield from self.parse_fragment(response, step)
        elif form == "html" and not (step["kind"] == "sitemap" and step.get("is_optional")):
            yield from self.parse_html(response, step, parts)
        else:
            yield from self.nothing(response, step, form, parts)

    def parse_html(self, response: Response, step: Step, parts: list[Article] | None) -> Iterator[Any]:
        moment = fetched_at(response, is_replay=self.is_replay)
        document = Document.from_bytes(response.body, response.url, moment, content_type(response))
        page = self.page_for(document)
        kind = self.kind_of(page, step)
        if kind == "shell" and not (parts and is_rendered(response)):
            yield from self.shell(response, document, step, parts or [])
            return
        kind = "article" if parts else kind
        self.count(f"pages/{kind}")
        if kind in STORED_KINDS:
            step["is_rendered"] = is_rendered(response)
            yield from self.article(page, document, step, parts or [])
        elif kind in LISTED_KINDS:
            yield from self.listing(self.listing_class(document), document, step)
        else:
            yield from self.nothing(response, step, kind, parts)

    def page_for(self, document: Document) -> ArticlePage:
        """Return the page object of an article; a site with several layouts chooses here."""
        return self.page_class(document)

    def kind_of(self, page: ArticlePage, step: Step) -> str:
        """Return what the page is: by the site's patterns, then by itself, then by what led here."""
        url = page.document.url
        kind = page.kind()
        if kind in ("login", "error", "shell"):
            return kind
        if self._article is not None and self._article.search(url):
            return "article"
        if self._listing is not None and self._listing.search(url):
            return "listing"
        if is_home(url):
            return "listing"
        if step["kind"] in ("listing", "more") and self.shapes_of(url).predict(url) < SURE_ARTICLE:
            return "listing"
        return "listing" if kind == "empty" and self.listing_class(page.document).is_issue else kind

    def nothing(self, response: Response, step: Step, kind: str, parts: list[Article] | None) -> Iterator[Any]:
        """Take note of a page that is neither article nor listing; parts of an article that came before it are kept."""
        if parts:
            yield from self.joined(parts, step, f"part {step.get('part')} is {kind}")
            return
        step["verdict"] = kind
        self.shapes_of(response.url).record(response.url, JUNK)
        if kind in ("empty", "binary"):
            self.count(f"pages/{kind}")
        level = logging.WARNING if step["kind"] == "seed" else logging.INFO
        logger.log(level, "%s: %s", response.url, _NOT_NEWS.get(kind, f"no article ({kind})"))

    def failed(self, failure: Failure) -> Iterator[Any]:
        """Say in one line why a page could not be had, and go on with what there is."""
        request: Request = failure.request  # type: ignore[attr-defined]
        step: Step = request.meta["newsspider"]
        problem = problem_of(failure)
        parts = request.cb_kwargs.get("parts")
        if problem.reason == "barren_shape" and step["kind"] in LISTING_KINDS and step.get("page", 1) > 1:
            self.count(f"listings/cut/{request.url}")
        self.count(f"links/skipped/{problem.reason}" if problem.is_skip else f"failures/{problem.reason}")
        # that the one page asked for is forbidden is what the summary says
        is_told = step["kind"] == "seed" and not (problem.reason in ROBOTS and len(self.seed_urls) == 1)
        is_quiet = (problem.is_skip and not is_told) or step.get("is_optional")
        logger.log(logging.INFO if is_quiet else logging.WARNING, "%s: %s", request.url, problem.line)
        if parts:
            yield from self.joined(parts, step, f"part {step.get('part')}: {problem.line}")
            return
        if not problem.is_skip and problem.reason != RENDER:
            self.shapes_of(request.url).record(request.url, JUNK)
        self.journal.failed(request.url, step, problem)
        alternatives = step.get("alternatives") or []
        if alternatives and problem.is_gone:
            follow = Step(**{**step, "alternatives": alternatives[1:]})
            follow.pop("key", None)
            yield self.request(alternatives[0], follow, request.priority)


_NOT_NEWS = {
    "empty": "an empty page",
    "binary": "a file, no page",
    "login": "shown only after a login",
    "error": "a page that says the article does not exist",
}
