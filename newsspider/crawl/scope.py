"""How far a crawl goes: its arguments, its sites, its budgets, and the requests it makes."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any, ClassVar, Self
from urllib.parse import urlsplit

from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler
from scrapy.http import Response
from twisted.python.failure import Failure

from newsspider.crawl.arguments import CrawlArguments, block_policy, parse_arguments
from newsspider.crawl.link_policy import is_home, is_in_domains, is_in_sites
from newsspider.crawl.list_coverage import ListCoverage
from newsspider.crawl.problems import FetchProblem
from newsspider.crawl.request_context import Step
from newsspider.crawl.site_knowledge.mirror_hosts import MirrorHosts
from newsspider.crawl.site_knowledge.url_patterns import LISTING, UrlPatterns
from newsspider.items import Article
from newsspider.pages.listing.channels import robots_sitemaps
from newsspider.urls import registered_domain

SURE_ARTICLE = 0.5
LEAST_LIKELIHOOD = 0.12


class CrawlJournal:
    """What the spider tells about pages outside of its output; the crawl-state middleware puts its own in place."""

    def expect(self, item: Article, step: Step) -> None:
        """An item that stands for the page of `step` is on its way to the pipelines."""

    def validators_of(self, item: Article) -> dict[str, str] | None:
        """What the page of an item is to be asked for with next time."""
        return None

    def failed(self, url: str, step: Step, problem: FetchProblem) -> None:
        """The page of `step` could not be had."""

    def alias(self, key: str, url: str, known: str) -> None:
        """The page at `url` is not asked for: it is that of the key `known`."""


class CrawlScope(Spider):
    """The base of SiteSpider: its attributes and arguments, and what they allow."""

    seeds: ClassVar[Sequence[str]] = ()
    allowed_domains: ClassVar[Sequence[str]] = ()
    article_pattern: ClassVar[str | None] = None
    listing_pattern: ClassVar[str | None] = None
    more_url: ClassVar[str | None] = None
    more_first_page: ClassVar[int] = 2
    max_articles: int | None = None
    depth: int | None = None
    follow_related: str = "all"
    extra_arguments: ClassVar[tuple[str, ...]] = ()

    def __init__(self, name: str | None = None, **given: Any) -> None:
        super().__init__(name)
        self.arguments: CrawlArguments = parse_arguments(given, self.extra_arguments)
        self.seed_urls: tuple[str, ...] = self.arguments.urls or tuple(self.seeds)
        self.journal = CrawlJournal()
        self.asked_for: set[str] = set()
        self.sites: set[str] = {registered_domain(url) for url in self.seed_urls}
        self.trusted_hosts: set[str] = {(urlsplit(url).hostname or "").lower() for url in self.seed_urls}
        self.shapes: dict[str, UrlPatterns] = {}
        self.twins = MirrorHosts()
        self.lists = ListCoverage()
        self._aliases: set[str] = set()
        self.robots_sitemaps: dict[str, list[str]] = {}
        self.pages_read = 0
        self.articles_found = 0
        self.stopping: str | None = None
        self._clock: asyncio.TimerHandle | None = None
        self._article = re.compile(self.article_pattern) if self.article_pattern else None
        self._listing = re.compile(self.listing_pattern) if self.listing_pattern else None

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        spider = super().from_crawler(crawler, *args, **kwargs)
        spider.configure()
        crawler.signals.connect(spider.item_dropped, signal=signals.item_dropped)
        crawler.signals.connect(spider.item_scraped, signal=signals.item_scraped)
        crawler.signals.connect(spider.start_clock, signal=signals.spider_opened)
        crawler.signals.connect(spider.stop_clock, signal=signals.spider_closed)
        return spider

    def configure(self) -> None:
        """Settle what arguments, class attributes and settings say, in this order."""
        settings, given = self.crawler.settings, self.arguments
        limits = [limit for limit in (given.max_articles, given.sample) if limit]
        self.article_limit = min(limits) if limits else self.max_articles or settings.getint("MAX_ARTICLES")
        self.page_limit = settings.getint("MAX_PAGES")
        own_depth = self.depth if self.depth is not None else settings.getint("RELATED_DEPTH")
        self.related_depth = given.depth if given.depth is not None else own_depth
        self.blocks = given.follow_related or block_policy(self.follow_related) or "all"
        self.related_max_age = timedelta(days=settings.getint("RELATED_MAX_AGE_DAYS"))
        self.is_replay = bool(settings.get("REPLAY"))
        self.max_parts = settings.getint("MAX_ARTICLE_PARTS", 50)
        if not settings.getbool("ALLOW_PRIVATE_SEEDS", True):
            self.trusted_hosts = set()

    def seed_step(self, url: str) -> Step:
        """Return the step of a typed address; only a front page leads on to channels."""
        channels = self.crawler.settings.getint("CHANNEL_DEPTH", 2) if is_home(url) else 0
        key = self.key_of(url)
        if is_home(url):
            self.lists.fronts.add(key)
        return Step(kind="seed", key=key, depth=0, parent=None, page=1, chain=key, channels=channels)

    def request(self, url: str, step: Step, priority: int, **keywords: Any) -> Request:
        """Return a request that the crawl state can keep and make again from `step`."""
        step.setdefault("key", self.key_of(url))
        meta: dict[str, Any] = {"newsspider": step}
        if step["kind"] in ("feed", "sitemap"):
            meta["download_maxsize"] = self.crawler.settings.getint("FEED_MAX_BYTES", 52_428_800)
        if step.get("offsite"):
            meta["allow_offsite"] = True
        return Request(
            url, self.parse, errback=self.failed, meta=meta, priority=priority, dont_filter=True, cb_kwargs=keywords
        )

    def article_step(self, url: str, parent: str, depth: int, *, offsite: bool = False) -> Step:
        return Step(kind="article", key=self.key_of(url), depth=depth, parent=parent, page=1, offsite=offsite)

    def parse(self, response: Response, parts: list[Article] | None = None) -> Any:
        raise NotImplementedError

    def failed(self, failure: Failure) -> Any:
        raise NotImplementedError

    def key_of(self, url: str) -> str:
        """Return the identity of an address: its article key, session tokens and twin hosts left out."""
        return self.twins.folded(self.shapes_of(url).identity(url))

    def learn_alias(self, url: str, known: str) -> None:
        """Learn that the page at `url` is the article known at `known`."""
        self.shapes_of(url).learn_alias(url, known)
        self.twins.learn_alias(url, known)

    def saw_headlines(self, links: Iterable[tuple[str, str]]) -> None:
        """Learn from (address, headline) of links which hosts are twins; those of the typed hosts are the first."""
        for url, title in sorted(links, key=lambda link: urlsplit(link[0]).hostname not in self.trusted_hosts):
            self.twins.saw_headline(url, title)

    def entry_key(self, url: str) -> str:
        """Return the identity of a listed address; the crawl state is told of one on a twin host."""
        key, own = self.key_of(url), self.shapes_of(url).identity(url)
        if own != key and own not in self._aliases:
            self._aliases.add(own)
            self.count("links/skipped/twin")
            self.journal.alias(own, url, key)
        return key

    def shapes_of(self, url: str) -> UrlPatterns:
        """Return what is known of the addresses of the site of `url`."""
        return self.shapes.setdefault(registered_domain(url), UrlPatterns())

    @property
    def reach(self) -> dict[str, Any]:
        """What limits the links taken from a listing: a later visit with a wider reach must read it again."""
        since = self.arguments.since
        return {"since": since.isoformat() if since else None, "offsite": self.arguments.is_one_hop_offsite}

    def trust_host(self, url: str) -> None:
        """Let the host of `url`, typed in an earlier run, have a private address."""
        if self.crawler.settings.getbool("ALLOW_PRIVATE_SEEDS", True):
            self.trusted_hosts.add((urlsplit(url).hostname or "").lower())

    def adopt_site(self, site: str) -> None:
        """Take a site into the scope: that of a page to revisit, or where a seed redirects to."""
        self.sites.add(site)

    def is_in_scope(self, url: str, step: Step | dict[str, Any]) -> bool:
        """Return whether `url` belongs to the sites of this crawl; what hangs on an offsite page never does."""
        if step.get("offsite") and self.is_outside(url):
            return bool(self.arguments.is_one_hop_offsite)
        return not self.is_outside(url)

    def is_outside(self, url: str) -> bool:
        if self.allowed_domains and not self.arguments.urls:
            return not is_in_domains(url, self.allowed_domains)
        return not is_in_sites(url, self.sites)

    def idle_reason(self, url: str, step: Step) -> str | None:
        """Return why `url` is not worth a request: the budget of its shape is spent, or its list was read already.

        What was typed or continues an article always is. A list that only another list names, no front page, has to
        be of a kind that shows something of its own.
        """
        if step["kind"] in ("seed", "feed", "sitemap") or step.get("part"):
            return None
        if self._article is not None and self._article.search(url):
            return None
        if self.lists.is_covered(step):
            return "covered"
        is_inner = step["kind"] == "listing" and step.get("page", 1) == 1 and not step.get("channels", 0)
        if is_inner and not step.get("is_sheet") and self.shapes_of(url).is_dry(url):
            return "barren_shape"
        return None if self.shapes_of(url).allowance(url) > 0 else "barren_shape"

    def listing_read(self, url: str, fresh: int, step: Step, shown: set[str], novel: int) -> None:
        """Learn that `url` is a listing: it has `shown` articles, `fresh` ones unknown before, `novel` first of all."""
        self.shapes_of(url).record(url, LISTING, fresh)
        first = f"http://{step.get('chain') or step['key']}"
        self.lists.read(step, shown)
        self.shapes_of(first).list_read(first, novel, is_begun=step.get("page", 1) <= 1)

    def is_news_address(self, url: str) -> bool:
        """Return whether `url` looks like an article rather than a listing or front page."""
        return not is_home(url) and self.shapes_of(url).predict(url) >= SURE_ARTICLE

    def is_likely(self, url: str) -> bool:
        """Return whether a link that something recommends may be an article: no tag, search or login page."""
        has_pattern = self._article is not None and self._article.search(url) is not None
        return has_pattern or self.shapes_of(url).predict(url) >= LEAST_LIKELIHOOD

    def item_dropped(self, item: Any) -> None:
        self.articles_found -= 1

    def item_scraped(self, item: Any) -> None:
        if self.article_limit and self.articles_found >= self.article_limit:
            self.stop("sample" if self.arguments.sample == self.article_limit else "max_articles")

    def robots_read(self, response: Response) -> None:
        """Remember the sitemaps that a robots.txt names."""
        text = response.body.decode("utf-8", "replace")
        self.robots_sitemaps[urlsplit(response.url).netloc] = robots_sitemaps(text, response.url)

    def start_clock(self) -> None:
        limit_s = self.crawler.settings.getfloat("MAX_SECONDS")
        if limit_s:
            self._clock = asyncio.get_running_loop().call_later(limit_s, self.stop, "max_seconds")

    def stop_clock(self) -> None:
        if self._clock is not None:
            self._clock.cancel()

    def stop(self, reason: str) -> None:
        """End the crawl in good order; what is queued stays queued for the next run."""
        if self.stopping is None:
            self.stopping = reason
            self._closing = asyncio.get_running_loop().create_task(
                self.crawler.engine.close_spider_async(reason=reason)
            )

    @property
    def homes(self) -> set[str]:
        """Return the keys of the front pages of the hosts that were typed: home links, not channels."""
        return {self.key_of(f"http://{host}/") for host in self.trusted_hosts}

    def count(self, stat: str) -> None:
        self.crawler.stats.inc_value(stat)
