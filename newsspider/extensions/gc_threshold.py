"""The threshold of Python's garbage collector."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING, Self

from scrapy.exceptions import NotConfigured

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

LATER_GENERATIONS = (20, 50)


def set_gc_threshold(threshold: int) -> None:
    """Set after how many new objects Python looks for reference cycles; 0 leaves the threshold as it is."""
    if threshold > 0:
        gc.set_threshold(threshold, *LATER_GENERATIONS)


class GcThreshold:
    """Makes Python look for reference cycles less often: the objects of a page are freed without it."""

    def __init__(self, threshold: int) -> None:
        set_gc_threshold(threshold)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        threshold = crawler.settings.getint("COLLECTOR_THRESHOLD")
        if threshold <= 0:
            raise NotConfigured("COLLECTOR_THRESHOLD is 0")
        return cls(threshold)
