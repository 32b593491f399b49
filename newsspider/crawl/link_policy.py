"""Which links are worth a request: one list of rules before the queue, one before the fetch.

Each rule is a reason and a test; the first test that a link fails names why it is skipped.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from urllib.parse import urlsplit

from scrapy import Request

from newsspider.crawl.arguments import CrawlArguments
from newsspider.crawl.budget import SiteLimits
from newsspider.crawl.leased.key_sets import KeySet
from newsspider.crawl.link_rules import has_changed, is_before, is_block_followed, is_farm, is_stale
from newsspider.crawl.list_coverage import ListCoverage
from newsspider.crawl.request_context import RequestContext, context_of, set_context
from newsspider.crawl.scope import CrawlScope, is_home
from newsspider.crawl.site_knowledge.site import LEAST_LIKELIHOOD, SURE_ARTICLE, SiteKnowledge
from newsspider.downloadermiddlewares.fetch_rules import REDIRECT_KEY
from newsspider.downloadermiddlewares.refusals import RefusedError, SkipReason
from newsspider.items import LISTING_KINDS
from newsspider.sites.control import Closure
from newsspider.urls import registered_domain
from newsspider.urls.paging import narrows

# how the reason of a closed page begins that is older than the argument `since`
TOO_OLD = "before "
SHELL = "shell"
ALWAYS_FETCHED_KINDS = ("seed", "feed", "sitemap")


class KnownPage(Protocol):
    """What earlier visits of a page say: its document in `pages`."""

    @property
    def url(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def state(self) -> str: ...
    @property
    def stored(self) -> bool: ...
    @property
    def reason(self) -> str | None: ...
    @property
    def last_fetch(self) -> datetime | None: ...

    def is_due(self, now: datetime) -> bool: ...


@dataclass(slots=True, frozen=True, kw_only=True)
class Link:
    """A link to an article, and all that the page showing it says of it.

    `shown_on` is the URL of that page. `score` says how much the listing makes it look like an article (0 to 1), `rank`
    how many links the page shows before it. `newest` is the time of the newest article on the path of related links,
    `shown_at` that of the article with the link.
    """

    url: str
    shown_on: str
    source: RequestContext
    depth: int = 0
    block: str | None = None
    published_at: datetime | None = None
    score: float | None = None
    rank: int = 0
    newest: datetime | None = None
    shown_at: datetime | None = None


@dataclass(slots=True, frozen=True)
class KnownLink:
    """A request that a page leads to, with what is known of its page, at the time `now`."""

    context: RequestContext
    page: KnownPage | None
    now: datetime


class LinkPolicy:
    """Decides which links are requested, and counts those that are not: one stat `links/skipped/<reason>` each.

    `requested` are the keys of all pages that this run has asked for. Adding to it is `claim`, and
    nothing else.
    """

    def __init__(
        self,
        arguments: CrawlArguments,
        limits: SiteLimits,
        scope: CrawlScope,
        knowledge: SiteKnowledge,
        coverage: ListCoverage,
        *,
        count: Callable[[str], None],
        blocks_of: Callable[[str], str | frozenset[str]],
        renders: Callable[[str], bool],
    ) -> None:
        """Take what the policy goes by.

        `blocks_of(url)` are the related blocks to follow on a page, `renders(url)` whether its scripts are run.
        """
        self.arguments = arguments
        self.limits_of = limits.of
        self.scope = scope
        self.knowledge = knowledge
        self.coverage = coverage
        self.requested = KeySet()
        # why links to a URL are not even queued: its site is retired or removed
        self.ended: Callable[[str], Closure | None] = lambda url: None
        self._count = count
        self._blocks_of = blocks_of
        self._renders = renders

    def claim(self, key: str) -> None:
        """Record that the page `key` is asked for in this run."""
        self.requested.add(key)

    def unclaim(self, key: str) -> None:
        """Record that the page `key` waits in MongoDB: it is asked for when its turn comes."""
        self.requested.discard(key)

    def skip(self, reason: SkipReason) -> None:
        """Count a link that is not followed."""
        self._count(reason.stat)

    # --- Before the queue --------------------------------------------------------------------------------------------

    def shown(self, link: Link) -> SkipReason | None:
        """Return why a link to an article is not followed, by what the page says that shows it; None if it is."""
        if self.ended(link.url):
            return SkipReason.SITE_ENDED
        return next((reason for reason, applies in SHOWN_RULES if applies(self, link)), None)

    def known(self, link: KnownLink) -> SkipReason | None:
        """Return why a link is not followed, by what earlier visits say of its page; None if it is."""
        return next((reason for reason, applies in KNOWN_RULES if applies(self, link)), None)

    def channel(self, url: str, parent: str) -> SkipReason | None:
        """Return why a channel that the page `parent` names is not followed, None if it is."""
        return SkipReason.NARROWER if narrows(parent, url) else None

    def further_page(self, url: str, page: int) -> SkipReason | None:
        """Return why page number `page` of the listing at `url` is not followed, None if it is."""
        return SkipReason.LISTING_PAGES if page > self.limits_of(url).listing_pages else None

    def next_page(self, context: RequestContext, *, is_moving: bool) -> SkipReason | None:
        """Return why the page after a listing is not followed, None if it is.

        `is_moving`: the listing has shown something new.
        """
        if context.key in self.requested:
            return SkipReason.SEEN
        return None if is_moving else SkipReason.NOTHING_NEW

    def left_over(self, url: str, context: RequestContext) -> SkipReason | None:
        """Return why a page that an earlier run left queued is not followed, None if it is."""
        deepest = self.limits_of(context.parent or url).related_depth
        is_wanted = self.scope.contains(url, context) and context.depth <= deepest
        return None if is_wanted else SkipReason.LEFT_QUEUED

    def _is_beyond_limit(self, link: Link) -> bool:
        is_feed = link.source.kind in ("feed", "sitemap")
        limits = self.limits_of(link.shown_on)
        return link.rank >= (limits.links_per_sitemap if is_feed else limits.links_per_page)

    def _is_too_deep(self, link: Link) -> bool:
        return link.depth > self.limits_of(link.shown_on).related_depth

    def _is_in_other_block(self, link: Link) -> bool:
        return link.block is not None and not is_block_followed(self._blocks_of(link.shown_on), link.block)

    def _is_offsite(self, link: Link) -> bool:
        is_hop = self.arguments.is_one_hop_offsite and not link.source.is_offsite
        return not is_hop and not self.scope.contains(link.url, link.source)

    def _is_too_old(self, link: Link) -> bool:
        return is_before(self.arguments.since, link.published_at, link.url)

    def _is_unlikely(self, link: Link) -> bool:
        if self.knowledge.is_named_article(link.url):
            return False
        likelihood = self.knowledge.likelihood(link.url)
        return (likelihood if link.score is None else (likelihood + link.score) / 2) < LEAST_LIKELIHOOD

    def _is_stale(self, link: Link) -> bool:
        return is_stale(link.url, link.published_at, link.newest, self.limits_of(link.shown_on).related_max_age)

    def _is_adrift(self, link: Link) -> bool:
        """Return True for a link on an article that is itself much older than the newest on the way to it."""
        max_age = self.limits_of(link.shown_on).related_max_age
        if link.depth <= 1 or link.shown_at is None or link.newest is None or not max_age:
            return False
        return link.shown_at < link.newest - max_age

    def _is_requested(self, link: KnownLink) -> bool:
        return link.context.key in self.requested

    def _is_waiting(self, link: KnownLink) -> bool:
        page = link.page
        if page is None or page.state != "failed" or page.is_due(link.now):
            return False
        return not (page.reason == SHELL and self._renders(page.url))

    def _is_gone(self, link: KnownLink) -> bool:
        return link.page is not None and link.page.state == "gone" and not link.page.is_due(link.now)

    def _is_done(self, link: KnownLink) -> bool:
        """Return True for a page that was read and need not be read again yet; listings always are."""
        page = link.page
        if page is None or page.state in ("queued", "failed", "gone") or page.is_due(link.now):
            return False
        if link.context.kind in LISTING_KINDS and page.kind in LISTING_KINDS:
            return False
        if page.reason == SHELL and self._renders(page.url):
            return False
        return not (self._was_too_old(page) or (page.stored and has_changed(link.context.changed_at, page.last_fetch)))

    def _was_too_old(self, page: KnownPage) -> bool:
        """Return True if a run closed the page as older than its `since`, and this run reaches further back."""
        if page.reason is None or not page.reason.startswith(TOO_OLD):
            return False
        since = self.arguments.reach.since
        return since is None or f"{TOO_OLD}{since}" < page.reason

    # --- Before the fetch --------------------------------------------------------------------------------------------

    def before_fetch(self, request: Request) -> None:
        """Raise RefusedError if `request`, which waited in the queue or was redirected, is not worth sending now."""
        context = context_of(request)
        if context is None:
            return
        request.meta.update(request.meta.pop(REDIRECT_KEY, {}))
        for reason, message, applies in FETCH_RULES:
            if applies(self, request.url, context):
                raise RefusedError(reason, f"{request.url}: {message}")
        if request.meta.get("redirect_times"):
            self._check_redirect(request, context)

    def _is_refused(self, url: str, context: RequestContext) -> bool:
        return self.knowledge.refusing.is_closed(urlsplit(url).hostname or "")

    def _is_covered(self, url: str, context: RequestContext) -> bool:
        return not self._is_always_fetched(url, context) and self.coverage.is_covered(context)

    def _is_unproductive(self, url: str, context: RequestContext) -> bool:
        """Return True if the URL pattern has used up its request budget.

        A listing that is not named by a front page has to be of a pattern that shows something of its own.
        """
        if self._is_always_fetched(url, context):
            return False
        patterns = self.knowledge.patterns_of(url)
        is_inner = context.kind == "listing" and context.page == 1 and not context.channels
        if is_inner and not context.is_sheet and patterns.is_exhausted(url):
            return True
        return patterns.allowance(url) <= 0

    def _is_always_fetched(self, url: str, context: RequestContext) -> bool:
        """Return True for what was typed, continues a page or is named by the site file."""
        is_more = context.part > 0 or context.page_url is not None
        return context.kind in ALWAYS_FETCHED_KINDS or is_more or self.knowledge.is_named_article(url)

    def _check_redirect(self, request: Request, context: RequestContext) -> None:
        """Raise RefusedError for a redirect off the site, within a farm, or to a page that is asked for anyway."""
        key, url = self.knowledge.key_of(request.url), request.url
        if context.kind == "seed":
            self.scope.adopt_site(registered_domain(url))
        elif not self.scope.contains(url, context):
            raise RefusedError(SkipReason.OFFSITE_REDIRECT, f"redirected off the site to {url}", url)
        elif is_farm([*request.meta.get("redirect_urls", ()), url]):
            self.knowledge.patterns_of(url).block(url)
            raise RefusedError(SkipReason.REDIRECT_FARM, f"redirected from one URL to the next of its pattern: {url}")
        if key == context.key or key in context.redirect_keys or context.page_url is not None:
            return
        if key in self.requested:
            raise RefusedError(SkipReason.REDIRECT_TO_KNOWN, f"redirected to {url}, which is requested anyway", url)
        self.claim(key)
        set_context(request, context.redirected(key))

    def is_article_url(self, url: str) -> bool:
        """Return True if `url` looks like an article rather than a listing or front page."""
        return not is_home(url) and self.knowledge.likelihood(url) >= SURE_ARTICLE


ShownRule = tuple[SkipReason, Callable[[LinkPolicy, Link], bool]]
KnownRule = tuple[SkipReason, Callable[[LinkPolicy, KnownLink], bool]]
FetchRule = tuple[SkipReason, str, Callable[[LinkPolicy, str, RequestContext], bool]]

SHOWN_RULES: tuple[ShownRule, ...] = (
    (SkipReason.LINKS_LIMIT, LinkPolicy._is_beyond_limit),
    (SkipReason.DEPTH, LinkPolicy._is_too_deep),
    (SkipReason.BLOCK, LinkPolicy._is_in_other_block),
    (SkipReason.OFFSITE, LinkPolicy._is_offsite),
    (SkipReason.SINCE, LinkPolicy._is_too_old),
    (SkipReason.UNLIKELY, LinkPolicy._is_unlikely),
    (SkipReason.OLD, LinkPolicy._is_stale),
    (SkipReason.DRIFT, LinkPolicy._is_adrift),
)
KNOWN_RULES: tuple[KnownRule, ...] = (
    (SkipReason.SEEN, LinkPolicy._is_requested),
    (SkipReason.BACKOFF, LinkPolicy._is_waiting),
    (SkipReason.GONE, LinkPolicy._is_gone),
    (SkipReason.KNOWN, LinkPolicy._is_done),
)
FETCH_RULES: tuple[FetchRule, ...] = (
    (SkipReason.HOST_REFUSES, "its host has answered with refusals only", LinkPolicy._is_refused),
    (SkipReason.COVERED, "the front page's list has shown all of it", LinkPolicy._is_covered),
    (SkipReason.UNPRODUCTIVE, "its URL pattern never gave an article", LinkPolicy._is_unproductive),
)
