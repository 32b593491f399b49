"""Any site, without a site file: scrapy crawl news -a url=https://site.example/channel/"""

from __future__ import annotations

from typing import Any

from scrapy.crawler import Crawler

from newsspider.site_spider import ArgumentError, SiteSpider


class NewsSpider(SiteSpider):
    """The argument `url` has the seeds, separated by commas; `due=1` visits what is due on all known sites."""

    name = "news"

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> NewsSpider:
        spider = super().from_crawler(crawler, *args, **kwargs)
        assert isinstance(spider, NewsSpider)  # noqa: S101 for the type checker
        if not spider.seed_urls and not spider.arguments.is_due:
            raise ArgumentError("url is missing: scrapy crawl news -a url=https://site.example/channel/ (or -a due=1)")
        return spider
