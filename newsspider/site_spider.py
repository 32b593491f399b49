"""The spider of every site: a page is classified, and a traversal yields what follows from it.

A site is a subclass with class attributes. What was seen before, what is due and what is still queued is for the
crawl-state middleware to say; the spider says what a page shows and how urgent it is.
"""

from __future__ import annotations

import logging
import re
from collections.abc import AsyncIterator, Generator, Iterator
from dataclasses import replace
from functools import partial
from typing import Any, ClassVar, Self
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.retry import get_retry_request
from scrapy.http import Response
from scrapy.settings import BaseSettings
from scrapy.spidermiddlewares.httperror import HttpError
from twisted.python.failure import Failure

from newsspider.crawl.arguments import ArgumentError, CrawlArguments, parse_arguments
from newsspider.crawl.budget import CrawlBudget, CrawlLimits, SiteLimits
from newsspider.crawl.crawl_context import CrawlContext, CrawlingSpider
from newsspider.crawl.link_policy import LinkPolicy
from newsspider.crawl.list_coverage import ListCoverage
from newsspider.crawl.priorities import SEED
from newsspider.crawl.problems import TEMPORARY, FetchProblem, problem_of
from newsspider.crawl.request_context import PageResult, RequestContext, attach_result, context_of, set_context
from newsspider.crawl.scope import CrawlScope, is_home
from newsspider.crawl.site_knowledge.site import SURE_ARTICLE, SiteKnowledge
from newsspider.crawl.site_knowledge.url_patterns import JUNK
from newsspider.crawl.traversal.listing import EMPTY_LISTING
from newsspider.crawl.traversal.pieces import AwaitedPage
from newsspider.crawl.traversal.traversals import Traversals
from newsspider.downloadermiddlewares.refusals import SkipReason
from newsspider.downloadermiddlewares.retry import slot_of, slow_host
from newsspider.items import ARTICLE_LIKE_KINDS, LISTING_KINDS, Article
from newsspider.pages.article import ArticlePage
from newsspider.pages.document import Document
from newsspider.pages.listing import ListingPage
from newsspider.pages.sniff import body_type
from newsspider.render.meta import renders
from newsspider.responses import content_type, fetched_at, is_rendered, validators
from newsspider.sites.control import Closure
from newsspider.sites.registry import SiteFileError, SiteRegistry
from newsspider.sites.site_file import SiteFile
from newsspider.sites.site_settings import SITE_SETTINGS

__all__ = ["ArgumentError", "SiteSpider"]

logger = logging.getLogger(__name__)

_WHOLE_PAGE = re.compile(rb"<(?:html|body)[\s>]", re.I)
LISTED_KINDS = frozenset({"listing", "topic"})
CLOSURES = frozenset(Closure)
ROBOTS_REASONS = (SkipReason.ROBOTS, SkipReason.ROBOTS_UNREACHABLE)


class SiteSpider(SiteFile, CrawlingSpider):
    """The spider of a site: `name`, `seeds`, and what else `SiteFile` lists.

    What the attributes say holds for the site in every crawl, so they are read by way of `crawl.sites` only.
    """

    extra_arguments: ClassVar[tuple[str, ...]] = ()
    traversals: Traversals

    def __init__(self, name: str | None = None, **given: Any) -> None:
        super().__init__(name)
        self.arguments: CrawlArguments = parse_arguments(given, self.extra_arguments)
        self.seed_urls: tuple[str, ...] = self.arguments.urls or tuple(self.seeds)

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        spider = super().from_crawler(crawler, *args, **kwargs)
        spider.crawl = spider._crawl_context(crawler)
        spider.crawl.budget.connect()
        spider.traversals = Traversals.of(spider.crawl)
        return spider

    @classmethod
    def update_settings(cls, settings: BaseSettings) -> None:
        """Take what `custom_settings` say of a run; what they say of a site is looked up by URL."""
        custom = cls.custom_settings or {}
        is_site = bool(cls.domains())
        settings.setdict({name: v for name, v in custom.items() if not is_site or name not in SITE_SETTINGS}, "spider")
        try:
            asks = SiteRegistry.of(settings, cls).asks_for("RENDER")
        except SiteFileError:
            return  # told when the crawl begins
        settings.set("RENDER_SITES", asks, priority="spider")

    def _crawl_context(self, crawler: Crawler) -> CrawlContext:
        """Put together what the arguments, the site file and the settings say, in this order."""
        settings, arguments = crawler.settings, self.arguments
        sites = SiteRegistry.of(settings, type(self))
        own_depth = None if self.domains() else self.depth
        limits = CrawlLimits.of(settings, arguments, self.max_articles, own_depth)
        by_site = SiteLimits(limits, sites, is_depth_asked=arguments.depth is not None)
        scope = CrawlScope(
            self.seed_urls,
            () if arguments.urls else self.allowed_domains,
            follows_offsite=arguments.is_one_hop_offsite,
            trusts_seeds=settings.getbool("ALLOW_PRIVATE_SEEDS", True),
            files=sites,
        )
        knowledge = SiteKnowledge(sites)
        knowledge.mirrors.type_hosts(self.seed_urls)
        coverage = ListCoverage()
        renders_url = partial(renders, settings, sites)
        return CrawlContext(
            arguments=arguments,
            sites=sites,
            limits=by_site,
            budget=CrawlBudget(crawler, limits, is_sample=arguments.sample == limits.articles),
            scope=scope,
            knowledge=knowledge,
            coverage=coverage,
            policy=LinkPolicy(
                arguments,
                by_site,
                scope,
                knowledge,
                coverage,
                count=self._count,
                blocks_of=lambda url: arguments.follow_related or sites.of_url(url).blocks,
                renders=renders_url,
            ),
            count=self._count,
            again=self._again,
            slow_down=lambda request: slow_host(crawler, slot_of(crawler, request)),
            callback=self.parse,
            errback=self.failed,
            is_replay=bool(settings.get("REPLAY")),
            renders=renders_url,
        )

    def _count(self, stat: str) -> None:
        self.crawler.stats.inc_value(stat)

    def _again(self, request: Request, reason: str) -> Request | None:
        if not self.crawler.settings.getbool("RETRY_ENABLED"):
            return None
        again = get_retry_request(request, spider=self, reason=reason, max_retry_times=1, priority_adjust=0)
        if again is not None:
            del again.meta["retry_times"]  # those are left for failures of the second attempt
        return again

    async def start(self) -> AsyncIterator[Any]:
        if self.arguments.is_all_due:
            return
        for url in self.seed_urls:
            yield self.crawl.request(url, self.crawl.seed_context(url), SEED)

    def parse(
        self, response: Response, parts: list[Article] | None = None, awaited: AwaitedPage | None = None
    ) -> Iterator[Any]:
        """Yield what a page leads to, and attach to `response` what the page turned out to be.

        `awaited` is the page that the response is a piece of.
        """
        context = context_of(response) or self.crawl.seed_context(response.url)
        set_context(response, context)
        self.crawl.budget.take_page()
        page_response = response
        self.crawl.count(f"answers/{urlsplit(response.url).hostname or ''}")
        if awaited is None:
            result = yield from self.classified(response, context, parts or [])
        else:
            awaited = self.traversals.pieces.received(awaited, response)
            page_response = awaited.response
            result = yield from self.assembled(awaited, replace(context, page_url=None))
        if result.kind != "postponed":
            self.crawl.knowledge.refusing.answered(urlsplit(response.url).hostname or "")
        is_shell = context.is_shell or result.is_shell  # stays the same whatever its scripts fetch
        attach_result(response, replace(result, validators={} if is_shell else validators(page_response)))

    def assembled(self, awaited: AwaitedPage, context: RequestContext) -> Generator[Any, None, PageResult]:
        """Return what a page is once all its pieces came; yield the request for the next one before."""
        if awaited.wanted:
            yield self.traversals.pieces.request(awaited, context)
            return PageResult(kind="awaited")
        if not awaited.text:  # the page itself, asked for again without its pieces
            return (yield from self.classified(awaited.response, context, [], awaited))
        return (yield from self.html(awaited.response, context, [], awaited))

    def classified(
        self,
        response: Response,
        context: RequestContext,
        parts: list[Article],
        awaited: AwaitedPage | None = None,
    ) -> Generator[Any, None, PageResult]:
        """Return what a response is, by its status and its bytes, and yield what it leads to."""
        if response.status == 304:
            return PageResult(kind="unchanged")
        form = body_type(response.body, content_type(response))
        if problem := self.traversals.judge.form(form, response, context):
            return (yield from self.traversals.rejected.rejected(response, context, problem, parts))
        if form in ("feed", "fragment") and (problem := self.traversals.judge.listless(response, form, context)):
            return (yield from self.traversals.rejected.rejected(response, context, problem, parts))
        if form == "feed":
            return (yield from self.traversals.feeds.feed(response, context))
        if form == "fragment" or (form == "html" and context.kind == "more" and not _WHOLE_PAGE.search(response.body)):
            return (yield from self.traversals.feeds.answer(response, context))
        if form == "html" and not (context.kind == "sitemap" and context.is_optional):
            return (yield from self.html(response, context, parts, awaited))
        return (yield from self.no_article(response, context, form, parts))

    def html(
        self,
        response: Response,
        context: RequestContext,
        parts: list[Article],
        awaited: AwaitedPage | None = None,
    ) -> Generator[Any, None, PageResult]:
        """Return what an HTML page is, and yield what it leads to; `awaited` holds it with its pieces."""
        document = self._document(response, awaited)
        if target := self.traversals.redirects.target(document, response.status):
            return (yield from self.traversals.redirects.redirect(response, context, target, parts))
        page = self.page_of(document)
        kind = self.kind_of(page, context)
        is_first_look = awaited is None and not parts
        if is_first_look and (framed := self.traversals.pieces.of_frames(response, document, context, kind)):
            return (yield from self.assembled(framed, context))
        if problem := self.traversals.judge.page(page, document, kind, response, context, parts):
            return (yield from self.traversals.rejected.rejected(response, context, problem, parts))
        if kind == "shell" and not (parts and is_rendered(response)):
            listing = self.listing_for(document)
            return (yield from self.traversals.shells.shell(response, listing, context, parts))
        kind = "article" if parts else kind
        if is_first_look and kind in ARTICLE_LIKE_KINDS:
            blocks = page.related_blocks()
            awaited = self.traversals.pieces.of_related(response, document, context, blocks)
            if awaited is not None and awaited.wanted:
                return (yield from self.assembled(awaited, context))
        self.crawl.count(f"pages/{kind}")
        if kind in ARTICLE_LIKE_KINDS:
            return (yield from self.traversals.articles.article(page, response, context, parts, awaited))
        if kind in LISTED_KINDS:
            context = replace(context, is_shell=context.is_shell or is_rendered(response))
            listing = self.listing_for(document)
            if problem := self.traversals.judge.bare_seed(listing, context):
                return (yield from self.traversals.rejected.rejected(response, context, problem, parts))
            return (yield from self.traversals.listings.listing(listing, document, context))
        return (yield from self.no_article(response, context, kind, parts))

    def _document(self, response: Response, awaited: AwaitedPage | None) -> Document:
        moment = fetched_at(response, is_replay=self.crawl.is_replay)
        if awaited is not None and awaited.text:
            return Document.from_text(awaited.text, response.url, moment)
        return Document.from_bytes(response.body, response.url, moment, content_type(response))

    def page_of(self, document: Document) -> ArticlePage:
        """Return the page object of an article, as the file of its site has it."""
        return self.crawl.sites.of_url(document.url).page_for(document)

    def listing_for(self, document: Document) -> ListingPage:
        """Return the page object of a listing, as the file of its site has it."""
        return self.crawl.sites.of_url(document.url).listing_class(document)

    def kind_of(self, page: ArticlePage, context: RequestContext) -> str:
        """Return what the page is: by the site's patterns, then by itself, then by what led here."""
        url, knowledge = page.document.url, self.crawl.knowledge
        kind = page.kind()
        if kind in ("login", "error", "shell"):
            return kind
        if knowledge.is_named_article(url):
            return "article"
        if knowledge.is_named_listing(url) or is_home(url):
            return "listing"
        if context.kind in ("listing", "more") and knowledge.likelihood(url) < SURE_ARTICLE:
            return "listing"
        return "listing" if kind == "empty" and self.listing_for(page.document).is_issue else kind

    def no_article(
        self, response: Response, context: RequestContext, kind: str, parts: list[Article]
    ) -> Generator[Any, None, PageResult]:
        """Return the result of a page that is neither article nor listing; yield the article of the parts before it."""
        if parts:
            gap = f"part {context.part} is {kind}"
            return (yield from self.traversals.articles.joined(parts, context, {}, gap))
        self.crawl.knowledge.patterns_of(response.url).record(response.url, JUNK)
        if kind == "login" and context.kind in ("seed", "listing"):
            self.crawl.count(f"{EMPTY_LISTING}{response.url} (a login stands before it)")
        if kind in ("empty", "binary"):
            self.crawl.count(f"pages/{kind}")
        level = logging.WARNING if context.kind == "seed" else logging.INFO
        logger.log(level, "%s: %s", response.url, _NOT_NEWS.get(kind, f"not an article ({kind})"))
        return PageResult(kind=kind)

    def failed(self, failure: Failure) -> Iterator[Any]:
        """Log why a request failed, record it, and yield what can still be done: the article so far, another URL."""
        request: Request = failure.request  # type: ignore[attr-defined]
        context = context_of(request)
        if context is None:
            return
        problem = problem_of(failure)
        if isinstance(failure.value, HttpError):
            answer = failure.value.response
            attach_result(answer, PageResult(kind="failed"))
            if rejection := self._rejection(answer, problem):
                parts = request.cb_kwargs.get("parts") or []
                result = yield from self.traversals.rejected.rejected(answer, context, rejection, parts)
                attach_result(answer, result)
                return
        self._report(request, context, problem)
        if (awaited := request.cb_kwargs.get("awaited")) and awaited.wanted:
            yield self.traversals.pieces.given_up(awaited, context, problem)
            return
        if parts := request.cb_kwargs.get("parts"):
            gap = f"part {context.part}: {problem.line}"
            yield from self.traversals.articles.joined(parts, context, {}, gap)
            return
        if not problem.is_skip and problem.weight != TEMPORARY:
            self.crawl.knowledge.patterns_of(request.url).record(request.url, JUNK)
        self.crawl.outcomes.failed(request.url, context, problem)
        if context.alternatives and problem.is_gone:
            url, *others = context.alternatives
            yield self.crawl.request(
                url, replace(context, key="", alternatives=tuple(others), posted=None), request.priority
            )

    def _rejection(self, response: Response, problem: FetchProblem) -> FetchProblem | None:
        """Return the problem of an answer with an error status that is a refusal, not a plain error."""
        self.crawl.count(f"answers/{urlsplit(response.url).hostname or ''}")
        judge = self.traversals.judge
        document = judge.error_document(response)
        return judge.status(response, self.page_of(document) if document is not None else None, problem)

    def _report(self, request: Request, context: RequestContext, problem: FetchProblem) -> None:
        """Count and log a request without a page: a warning, unless it was skipped on purpose or is a guess."""
        is_further_page = context.kind in LISTING_KINDS and context.page > 1
        if problem.reason == SkipReason.UNPRODUCTIVE and is_further_page:
            self.crawl.count(f"listings/cut/{request.url}")
        self.crawl.count(f"links/skipped/{problem.reason}" if problem.is_skip else f"failures/{problem.reason}")
        # the summary says it if robots.txt forbids the only page asked for, and if a site is closed
        is_told = context.kind == "seed" and not (problem.reason in ROBOTS_REASONS and len(self.seed_urls) == 1)
        is_told = is_told and problem.reason not in CLOSURES
        is_quiet = (problem.is_skip and not is_told) or context.is_optional
        logger.log(logging.INFO if is_quiet else logging.WARNING, "%s: %s", request.url, problem.line)


_NOT_NEWS = {
    "empty": "an empty page",
    "binary": "a file, not a page",
    "login": "shown only after a login",
    "error": "a page that says the article does not exist",
}
