"""How much a crawl may fetch: limits from arguments, site file and settings, and what is used up of them."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from scrapy import signals
from scrapy.settings import SETTINGS_PRIORITIES

from newsspider.crawl.arguments import CrawlArguments
from newsspider.sites.registry import SiteRegistry, SiteRules

PROJECT_PRIORITY = SETTINGS_PRIORITIES["project"]

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.settings import BaseSettings


@dataclass(slots=True, frozen=True)
class CrawlLimits:
    """The limits of a crawl; 0 pages, articles, seconds or rendered pages means no limit."""

    pages: int
    articles: int
    seconds: float
    rendered_pages: int
    links_per_page: int
    links_per_sitemap: int
    listing_pages: int
    article_parts: int
    channel_depth: int
    related_depth: int
    related_max_age: timedelta
    feed_max_bytes: int
    redirects: int
    related_fetches: int

    @classmethod
    def of(
        cls, settings: BaseSettings, arguments: CrawlArguments, max_articles: int | None, depth: int | None
    ) -> CrawlLimits:
        """Return what the arguments say, else the site file (`max_articles`, `depth`), else the settings.

        A run that stays has no limit of pages unless one was given for it.
        """
        asked = [limit for limit in (arguments.max_articles, arguments.sample) if limit]
        is_unlimited = arguments.is_forever and (settings.getpriority("MAX_PAGES") or 0) <= PROJECT_PRIORITY
        site_depth = depth if depth is not None else settings.getint("RELATED_DEPTH")
        return cls(
            pages=0 if is_unlimited else settings.getint("MAX_PAGES"),
            articles=min(asked) if asked else max_articles or settings.getint("MAX_ARTICLES"),
            seconds=settings.getfloat("MAX_SECONDS"),
            rendered_pages=settings.getint("RENDER_MAX_PAGES"),
            links_per_page=settings.getint("MAX_LINKS_PER_PAGE", 2_000),
            links_per_sitemap=settings.getint("MAX_LINKS_PER_SITEMAP", 2_000),
            listing_pages=settings.getint("MAX_LISTING_PAGES", 200),
            article_parts=settings.getint("MAX_ARTICLE_PARTS", 50),
            channel_depth=settings.getint("CHANNEL_DEPTH", 2),
            related_depth=arguments.depth if arguments.depth is not None else site_depth,
            related_max_age=timedelta(days=settings.getint("RELATED_MAX_AGE_DAYS")),
            feed_max_bytes=settings.getint("FEED_MAX_BYTES", 52_428_800),
            redirects=settings.getint("REDIRECT_MAX_TIMES"),
            related_fetches=settings.getint("RELATED_FETCHES"),
        )


# settings of a site -> the limits that they are
_LIMITS_OF_SETTINGS = {
    "MAX_LINKS_PER_PAGE": "links_per_page",
    "MAX_LINKS_PER_SITEMAP": "links_per_sitemap",
    "MAX_LISTING_PAGES": "listing_pages",
    "MAX_ARTICLE_PARTS": "article_parts",
    "CHANNEL_DEPTH": "channel_depth",
    "RELATED_DEPTH": "related_depth",
    "RELATED_FETCHES": "related_fetches",
}


class SiteLimits:
    """The limits of a crawl by site: `run` holds for the run, `of` for a URL, by its site file where that differs.

    `is_depth_asked`: the argument `depth` was given, which comes before the site files.
    """

    def __init__(self, run: CrawlLimits, sites: SiteRegistry, *, is_depth_asked: bool) -> None:
        self.run = run
        self._sites = sites
        self._is_depth_asked = is_depth_asked
        self._of_rules: dict[SiteRules, CrawlLimits] = {sites.general: run}

    def of(self, url: str) -> CrawlLimits:
        """Return the limits that hold for the site of `url`."""
        rules = self._sites.of_url(url)
        if rules not in self._of_rules:
            self._of_rules[rules] = self._own(rules)
        return self._of_rules[rules]

    def _own(self, rules: SiteRules) -> CrawlLimits:
        changes: dict[str, Any] = {
            field: rules.settings[name] for name, field in _LIMITS_OF_SETTINGS.items() if name in rules.settings
        }
        if rules.depth is not None:
            changes["related_depth"] = rules.depth
        if self._is_depth_asked:
            changes.pop("related_depth", None)
        if "RELATED_MAX_AGE_DAYS" in rules.settings:
            changes["related_max_age"] = timedelta(days=rules.settings["RELATED_MAX_AGE_DAYS"])
        return replace(self.run, **changes)


class CrawlBudget:
    """Counts pages, articles and seconds, and closes the spider when one of them is used up.

    What is queued then stays queued for the next run.
    """

    def __init__(self, crawler: Crawler, limits: CrawlLimits, *, is_sample: bool) -> None:
        self._crawler = crawler
        self._limits = limits
        self._is_sample = is_sample
        self._pages = 0
        self._articles = 0
        self._rendered_pages = 0
        self._related_fetches: Counter[str] = Counter()
        self._is_stopping = False
        self._clock: asyncio.TimerHandle | None = None

    def connect(self) -> None:
        """Follow the crawl's signals."""
        connect = self._crawler.signals.connect
        connect(self._item_dropped, signal=signals.item_dropped)
        connect(self._item_dropped, signal=signals.item_error)
        connect(self._item_scraped, signal=signals.item_scraped)
        connect(self._start_clock, signal=signals.spider_opened)
        connect(self._stop_clock, signal=signals.spider_closed)

    def take_page(self) -> None:
        """Count a page that is being read."""
        self._pages += 1
        if self._limits.pages and self._pages >= self._limits.pages:
            self._stop("max_pages")

    def take_article(self) -> bool:
        """Count an article; return False if there was none left."""
        if self._limits.articles and self._articles >= self._limits.articles:
            return False
        self._articles += 1
        return True

    def has_articles_under_way(self, requests: int) -> bool:
        """Return True if no more articles may be asked for while the answers to so many `requests` may be articles."""
        return 0 < self._limits.articles <= self._articles + requests

    def take_rendered_page(self) -> bool:
        """Count a page to be rendered; return False if there was none left."""
        if self._limits.rendered_pages and self._rendered_pages >= self._limits.rendered_pages:
            return False
        self._rendered_pages += 1
        return True

    def take_related_fetch(self, site: str, limit: int) -> bool:
        """Count a request for a related block on `site`; return False if there was none left of `limit`."""
        if self._related_fetches[site] >= limit:
            return False
        self._related_fetches[site] += 1
        return True

    def forget(self, site: str) -> None:
        """Let a site whose turn is over have its related blocks again when its next turn comes."""
        self._related_fetches.pop(site, None)

    def _item_dropped(self) -> None:
        self._articles -= 1

    def _item_scraped(self) -> None:
        if self._limits.articles and self._articles >= self._limits.articles:
            self._stop("sample" if self._is_sample else "max_articles")

    def _start_clock(self) -> None:
        if self._limits.seconds:
            self._clock = asyncio.get_running_loop().call_later(self._limits.seconds, self._stop, "max_seconds")

    def _stop_clock(self) -> None:
        if self._clock is not None:
            self._clock.cancel()

    def _stop(self, reason: str) -> None:
        engine = self._crawler.engine
        if engine is not None and not self._is_stopping:
            self._is_stopping = True
            self._closing = asyncio.get_running_loop().create_task(engine.close_spider_async(reason=reason))
