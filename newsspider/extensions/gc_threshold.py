"""How often the process looks for garbage."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING, Self

from scrapy.exceptions import NotConfigured

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

LATER_GENERATIONS = (20, 50)


def look_for_garbage_every(threshold: int) -> None:
    """Set how many new objects there may be before Python looks for cycles; 0 leaves that to Python."""
    if threshold > 0:
        gc.set_threshold(threshold, *LATER_GENERATIONS)


class GcThreshold:
    """Makes Python look for reference cycles less often: the lines and links of a page die with it, without cycles."""

    def __init__(self, threshold: int) -> None:
        look_for_garbage_every(threshold)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        threshold = crawler.settings.getint("COLLECTOR_THRESHOLD")
        if threshold <= 0:
            raise NotConfigured("COLLECTOR_THRESHOLD is 0")
        return cls(threshold)
