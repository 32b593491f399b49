"""The level of the root logger."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Self

from scrapy import signals
from scrapy.utils.log import get_scrapy_root_handler

if TYPE_CHECKING:
    from scrapy.crawler import Crawler


class LogThreshold:
    """Sets the root logger to the lowest level that a handler shows, so that no other records are made.

    Scrapy sets it to NOTSET.
    """

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        threshold = cls()
        crawler.signals.connect(threshold.spider_opened, signal=signals.spider_opened)
        return threshold

    def spider_opened(self) -> None:
        if get_scrapy_root_handler() is not None:
            logging.root.setLevel(min(handler.level for handler in logging.root.handlers))
