"""The articles of a crawl, for the table on the console."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any, Self

from scrapy import signals

from newsspider.items import Article

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.statscollectors import StatsCollector


SHOWN_ARTICLES = 10


class ArticleReport:
    """Keeps the last articles of a crawl for the table at its end, and counts items that failed in a pipeline."""

    def __init__(self, stats: StatsCollector) -> None:
        self.stats = stats
        self.articles: deque[Article] = deque(maxlen=SHOWN_ARTICLES)
        self.scraped = 0

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        report = cls(crawler.stats)
        crawler.signals.connect(report.item_scraped, signal=signals.item_scraped)
        crawler.signals.connect(report.item_error, signal=signals.item_error)
        return report

    def item_scraped(self, item: Any) -> None:
        self.scraped += 1
        if isinstance(item, Article):
            self.articles.append(item)

    def item_error(self) -> None:
        self.stats.inc_value("items/failed")
