"""How often the process looks for garbage."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING, Self

from scrapy.exceptions import NotConfigured

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

LATER_GENERATIONS = (20, 50)


class Collector:
    """Makes Python look for reference cycles less often: the lines and links of a page die with it, without cycles."""

    def __init__(self, threshold: int) -> None:
        gc.set_threshold(threshold, *LATER_GENERATIONS)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        threshold = crawler.settings.getint("COLLECTOR_THRESHOLD")
        if threshold <= 0:
            raise NotConfigured("COLLECTOR_THRESHOLD is 0")
        return cls(threshold)
