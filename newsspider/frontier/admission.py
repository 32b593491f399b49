"""Which requests are let through, what each says to the server, and how MongoDB is to remember it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from scrapy import Request

from newsspider.crawl.arguments import Reach
from newsspider.crawl.crawl_context import CrawlContext
from newsspider.crawl.leased.key_sets import KeySet, site_of_key
from newsspider.crawl.link_policy import KnownLink
from newsspider.crawl.request_context import RequestContext, context_of, is_continuation, set_context
from newsspider.frontier.pagination import PagerProgress
from newsspider.items import LISTING_KINDS
from newsspider.mongo.crawl_state.frontier import PageState, QueuedPage
from newsspider.urls import registered_domain

SOURCES = {"listing": "channels", "feed": "feeds", "sitemap": "sitemaps"}


@dataclass(slots=True)
class Admitted:
    """The requests of a page that are let through, and the keys of the articles it shows."""

    requests: list[Request] = field(default_factory=list)
    articles: list[str] = field(default_factory=list)
    unseen: int = 0  # articles that no earlier run knew

    @property
    def article_requests(self) -> list[str]:
        """The keys of the articles that are let through."""
        contexts = (context_of(request) for request in self.requests)
        return [context.key for context in contexts if context is not None and context.kind == "article"]


class Admission:
    """Lets through what is worth a request, by what MongoDB knows of each page; asks MongoDB nothing itself.

    A link is let through if it was not requested yet, and its page is unknown, due, or a listing. The page after a
    listing is let through only if the listing shows articles that no earlier run has dealt with, whatever this run
    already queued of them, or if an earlier run was interrupted before it.
    """

    def __init__(self, crawl: CrawlContext, run: str, *, is_conditional: bool) -> None:
        self.crawl = crawl
        self.policy = crawl.policy
        self.run = run
        self.is_conditional = is_conditional
        self.unseen = KeySet()
        self.pagers: dict[str, PagerProgress] = defaultdict(PagerProgress)
        self.sources: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))

    def admitted(
        self, requests: Iterable[Request], known: Mapping[str, PageState], context: RequestContext, now: datetime
    ) -> Admitted:
        """Return what to let through of a page's requests, prepared.

        `known` has the states, by key, of what MongoDB knows of the requests' pages; `context` is that of the page.
        """
        admitted = Admitted()
        next_page_requests: list[Request] = []
        for request in requests:
            link = context_of(request)
            if link is None:
                continue
            if is_continuation(request):
                if link.part:
                    self.policy.claim(self.crawl.knowledge.key_of(request.url))
                admitted.requests.append(request)
            elif link.kind in LISTING_KINDS and link.page > 1:
                next_page_requests.append(request)
            else:
                self._admit(request, link, known.get(link.key), now, admitted)
        unseen_keys = {key for key in admitted.articles if key in self.unseen}
        if context.has_pager_too:
            unseen_keys = set(admitted.article_requests)
        if next_page_requests:
            pager = self.pagers[context.list_key]
            is_moving = pager.is_moving(admitted.articles, unseen_keys, is_resumed=context.is_resumed)
            admitted.requests += self._next_pages(next_page_requests, known, is_moving=is_moving)
        admitted.unseen = len(unseen_keys)
        return admitted

    def _admit(
        self, request: Request, link: RequestContext, state: PageState | None, now: datetime, admitted: Admitted
    ) -> None:
        """Add `request` to `admitted`, or count why it is not let through."""
        if link.kind == "article":
            if link.key not in self.policy.requested and (state is None or state.run == self.run):
                self.unseen.add(link.key)
            admitted.articles.append(link.key)
        if reason := self.policy.known(KnownLink(link, state, now)):
            self.policy.skip(reason)
            return
        self.prepare(request, state)
        admitted.requests.append(request)

    def _next_pages(
        self, requests: Iterable[Request], known: Mapping[str, PageState], *, is_moving: bool
    ) -> list[Request]:
        """Return the requests for the pages after a listing, if that listing has shown something new."""
        admitted = []
        for request in requests:
            link = context_of(request)
            if link is None:
                continue
            if reason := self.policy.next_page(link, is_moving=is_moving):
                self.policy.skip(reason)
                continue
            self.prepare(request, known.get(link.key))
            admitted.append(request)
        return admitted

    def prepare(self, request: Request, state: PageState | None) -> None:
        """Claim the page of `request`, and make the request conditional where that is safe.

        `state` is what MongoDB knows of the page.
        """
        context = context_of(request)
        if context is None:
            return
        self.policy.claim(context.key)
        if context.kind in SOURCES and context.page == 1:
            self.sources[registered_domain(request.url)][SOURCES[context.kind]].add(request.url)
        if context.kind == "article" and (state is None or state.state == "queued"):
            self.unseen.add(context.key)
        if state is None:
            return
        set_context(
            request,
            replace(context, is_resumed=self._is_left_over(state), is_stored=state.stored, doubted=state.doubted),
        )
        if self._may_be_conditional(context, state):
            _make_conditional(request, state)

    def _is_left_over(self, state: PageState) -> bool:
        """Return True if an earlier run queued the page and did not get to it."""
        return state.state == "queued" and state.run != self.run

    def _may_be_conditional(self, context: RequestContext, state: PageState) -> bool:
        """Return True if nothing is missed when the server answers that the page has not changed."""
        if state.stored and context.kind == "seed":
            return False  # its related links are requested, however deep
        if not self.is_conditional or state.state != "done":
            return False
        return context.kind == "article" or _reaches_as_far(state.meta, context, self.crawl.arguments.reach)

    def redirected_page(self, request: Request) -> QueuedPage | None:
        """Return what MongoDB is to know of a redirect's target, which this run does not ask for itself."""
        context = context_of(request)
        if context is None or context.part or context.page_url:
            return None
        kind = "listing" if context.kind == "seed" else context.kind  # nobody has typed it
        own = replace(context, kind=kind, key="", attempt=0, redirect_keys=())
        return self.queued_page(self.crawl.request(request.url, own, request.priority))

    def forget(self, site: str) -> None:
        """Forget what was seen of a site whose turn is over."""
        self.unseen.forget(site)
        self.sources.pop(site, None)
        for key in [key for key in self.pagers if site_of_key(key) == site]:
            del self.pagers[key]

    def queued_page(self, request: Request) -> QueuedPage:
        """Return what MongoDB is to know of `request`, so that a later run can make it again."""
        context = context_of(request)
        if context is None:
            raise ValueError(f"{request.url}: a request without context")
        parent = context.parent
        meta = context.to_meta()
        if context.kind in LISTING_KINDS:
            meta["reach"] = self.crawl.arguments.reach.to_meta()
        return QueuedPage(
            context.key,
            request.url,
            context.kind,
            meta,
            request.priority,
            parent=self.crawl.knowledge.key_of(parent) if parent else None,
            is_seed=context.kind == "seed",
        )


def _make_conditional(request: Request, state: PageState) -> None:
    if state.etag:
        request.headers["If-None-Match"] = state.etag
    if state.last_modified:
        request.headers["If-Modified-Since"] = state.last_modified
    if state.etag or state.last_modified:
        request.meta["handle_httpstatus_list"] = [304]


def _reaches_as_far(earlier: Mapping[str, Any], context: RequestContext, reach: Reach) -> bool:
    """Return True if the visit that `earlier` is the meta of followed all the links that this one would."""
    return Reach.of_meta(earlier).covers(reach) and earlier.get("channels", 0) >= context.channels
