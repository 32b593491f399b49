"""How much a crawl may fetch: limits from arguments, site file and settings, and what is used up of them."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from scrapy import signals

from newsspider.crawl.arguments import CrawlArguments

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
        """Return what the arguments say, else the site file (`max_articles`, `depth`), else the settings."""
        asked = [limit for limit in (arguments.max_articles, arguments.sample) if limit]
        site_depth = depth if depth is not None else settings.getint("RELATED_DEPTH")
        return cls(
            pages=settings.getint("MAX_PAGES"),
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

    def take_rendered_page(self) -> bool:
        """Count a page to be rendered; return False if there was none left."""
        if self._limits.rendered_pages and self._rendered_pages >= self._limits.rendered_pages:
            return False
        self._rendered_pages += 1
        return True

    def take_related_fetch(self, site: str) -> bool:
        """Count a request for a related block on `site`; return False if there was none left."""
        if self._related_fetches[site] >= self._limits.related_fetches:
            return False
        self._related_fetches[site] += 1
        return True

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
