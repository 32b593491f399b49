"""The parts of one crawl, shared by its spider and its middlewares."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

from scrapy import Request, Spider

from newsspider.crawl.arguments import CrawlArguments
from newsspider.crawl.budget import CrawlBudget, CrawlLimits, SiteLimits
from newsspider.crawl.leased.held_sites import HeldSites
from newsspider.crawl.link_policy import LinkPolicy
from newsspider.crawl.list_coverage import ListCoverage
from newsspider.crawl.problems import FetchProblem
from newsspider.crawl.request_context import RequestContext, set_context
from newsspider.crawl.scope import CrawlScope, is_home
from newsspider.crawl.site_knowledge.site import SiteKnowledge
from newsspider.downloadermiddlewares.fetch_rules import RobotsFailure
from newsspider.pages.load_more.post import CONTENT_TYPES, posted
from newsspider.sites.control import Closure
from newsspider.sites.registry import SiteRegistry
from newsspider.urls import registered_domain, resolve

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

# settings of a site -> the keys of `request.meta` that Scrapy reads them from
_META_OF_SETTINGS = {"DOWNLOAD_TIMEOUT": "download_timeout", "DOWNLOAD_MAXSIZE": "download_maxsize"}


class Outcomes(Protocol):
    """Takes what the spider learns of pages beside its output; the crawl-state middleware writes it to MongoDB."""

    def failed(self, url: str, context: RequestContext, problem: FetchProblem) -> None:
        """Record that the request of `context` gave no page."""

    def alias(self, key: str, url: str, known: str) -> None:
        """Record that the page at `url` is not requested: it is that of the key `known`."""


class Gate(Protocol):
    """Says which sites are closed: paused, retired, in quiet hours, out of budget."""

    async def admit(self, request: Request) -> None:
        """Raise RefusedError for a request to a closed site; count any other."""

    def ended(self, url: str) -> Closure | None:
        """Return why links to `url` are not even queued, None if they are."""

    def interval_s(self, url: str) -> float | None:
        """Return the shortest time between two visits of a page of this site, None if nobody has said one."""

    def wait_s(self, url: str, now: datetime) -> float:
        """Return in how many seconds a page that was refused is due."""

    def failed(self, url: str, line: str, now: datetime) -> None:
        """Count a request that gave no page."""


class OpenGate:
    """For a crawl without crawl state: every site is open."""

    async def admit(self, request: Request) -> None:
        pass

    def ended(self, url: str) -> Closure | None:
        return None

    def interval_s(self, url: str) -> float | None:
        return None

    def wait_s(self, url: str, now: datetime) -> float:
        return 0.0

    def failed(self, url: str, line: str, now: datetime) -> None:
        pass


class Turns(Protocol):
    """Shares the sites among the processes that crawl on one database."""

    async def hold(self, request: Request) -> None:
        """Have the site of `request` held by this process; RefusedError if another one holds it."""


class NoOutcomes:
    """For a crawl without crawl state."""

    def failed(self, url: str, context: RequestContext, problem: FetchProblem) -> None:
        pass

    def alias(self, key: str, url: str, known: str) -> None:
        pass


@dataclass(slots=True, kw_only=True)
class CrawlContext:
    """What a crawl was asked to do, what it may fetch, what it has learnt, and how it makes a request."""

    arguments: CrawlArguments
    sites: SiteRegistry
    limits: SiteLimits
    budget: CrawlBudget
    scope: CrawlScope
    knowledge: SiteKnowledge
    coverage: ListCoverage
    policy: LinkPolicy
    count: Callable[[str], None]  # adds 1 to a stat
    again: Callable[[Request, str], Request | None]  # the request once more for a reason, None if retries are off
    slow_down: Callable[[Request], None]  # asks the host of a request less often
    callback: Callable[..., Any]
    errback: Callable[..., Any]
    is_replay: bool
    renders: Callable[[str], bool]  # whether the scripts of the shell at a URL are run
    outcomes: Outcomes = field(default_factory=NoOutcomes)
    gate: Gate = field(default_factory=OpenGate)
    held: HeldSites = field(default_factory=HeldSites)
    turns: Turns | None = None

    def limits_of(self, url: str) -> CrawlLimits:
        """Return the limits that hold for the site of `url`."""
        return self.limits.of(url)

    def request(self, url: str, context: RequestContext, priority: int, **keywords: Any) -> Request:
        """Return a request that a later run can make again from its URL, `context` and `priority`.

        `keywords` are given to the spider's `parse`.
        """
        if context.post and not context.posted:
            context = replace(context, posted=url)
        if not context.key:
            context = replace(context, key=self.knowledge.key_of(context.posted or url))
        rules = self.sites.of_url(url)
        meta = {meta: rules.settings[name] for name, meta in _META_OF_SETTINGS.items() if name in rules.settings}
        if context.kind in ("feed", "sitemap"):
            meta["download_maxsize"] = self.limits.run.feed_max_bytes
        if context.is_offsite:
            meta["allow_offsite"] = True
        body = b""
        if context.post and context.posted:
            url, body = posted(context.posted, context.post, context.post_names)
        request = Request(
            url,
            self.callback,
            method="POST" if context.post else "GET",
            headers=_post_headers(context) if context.post else None,
            body=body,
            errback=self.errback,
            meta=meta,
            priority=priority,
            dont_filter=True,
            cb_kwargs=keywords,
        )
        set_context(request, context)
        return request

    def seed_context(self, url: str) -> RequestContext:
        """Return the context of a typed URL; channels are followed from a front page only."""
        key = self.knowledge.key_of(url)
        if is_home(url):
            self.coverage.front_keys.add(key)
        channels = self.limits_of(url).channel_depth if is_home(url) else 0
        return RequestContext(kind="seed", key=key, first_page_key=key, channels=channels)

    def listing_read(
        self, url: str, context: RequestContext, shown: set[str], *, unseen: int, first_shown: int
    ) -> None:
        """Learn from a page of a listing that has `shown` articles.

        `unseen` of them no earlier run knew; `first_shown` this run had not come across before.
        """
        self.coverage.read(context, shown)
        self.knowledge.listing_read(url, unseen, context.list_key, first_shown, is_first=context.page <= 1)

    def forget(self, site: str) -> None:
        """Forget a site whose turn is over: what was asked for, shown and learnt there."""
        self.policy.requested.forget(site)
        self.coverage.forget(site)
        self.knowledge.forget(site, self.held)
        self.budget.forget(site)

    # --- For the downloader and its middlewares ---------------------------------------------------------------------

    def check(self, request: Request) -> None:
        """Raise RefusedError for a request that is not worth sending any more."""
        self.policy.before_fetch(request)

    async def admit(self, request: Request) -> None:
        """Raise RefusedError for a request to a site that is closed."""
        await self.gate.admit(request)

    def slot_settings(self, host: str) -> dict[str, float]:
        """Return the delay and the concurrency that the site file of `host` asks for, as in DOWNLOAD_SLOTS."""
        return self.sites.slot_settings(host)

    async def hold(self, request: Request) -> None:
        """Have the site of `request` held by this process; RefusedError if another one holds it."""
        if self.held.is_on and self.turns is not None and registered_domain(request.url) not in self.held:
            await self.turns.hold(request)

    @property
    def trusted_hosts(self) -> Collection[str]:
        """The hosts that may have a private address: their URLs were typed."""
        return self.scope.trusted_hosts

    def robots_read(self, url: str, sitemaps: Iterable[str]) -> None:
        """Remember the sitemaps that the robots.txt at `url` names."""
        found = (resolve(url, sitemap) for sitemap in sitemaps)
        self.knowledge.robots_sitemaps[urlsplit(url).netloc] = list(dict.fromkeys(filter(None, found)))

    def robots_failure(self, origin: str) -> RobotsFailure | None:
        """Return what earlier runs found of a robots.txt that could not be had."""
        return self.knowledge.robots_failures.get(origin)

    def robots_failed(self, origin: str, failure: RobotsFailure | None) -> None:
        """Remember for later runs that a robots.txt cannot be had; None: it can again."""
        self.knowledge.new_robots_failures[origin] = failure


def _post_headers(context: RequestContext) -> dict[str, str]:
    headers = {"Content-Type": CONTENT_TYPES[str(context.post)], "X-Requested-With": "XMLHttpRequest"}
    return headers | ({"Referer": context.base} if context.base else {})


class CrawlingSpider(Spider):
    """A spider with the parts of a crawl; it is all that middlewares need to know of a spider."""

    crawl: CrawlContext


def crawl_of(crawler: Crawler) -> CrawlContext:
    """Return the parts of the crawl that `crawler` runs; TypeError for a spider without."""
    if not isinstance(crawler.spider, CrawlingSpider):
        raise TypeError(f"{crawler.spidercls.__name__} is not a CrawlingSpider")
    return crawler.spider.crawl
