"""The end of a crawl: nothing is left to do but to wait for the pipelines."""

from __future__ import annotations

from scrapy.crawler import Crawler


def is_ending(crawler: Crawler) -> bool:
    """Return True if no download is under way although the engine would take more requests, or it has stopped."""
    engine = crawler.engine
    if not crawler.crawling or engine is None:
        return True
    return not engine.downloader.active and not engine.needs_backout()
