"""The progress line."""

from __future__ import annotations

import logging
import os
import sys
import time
from collections import deque
from typing import TYPE_CHECKING, Self, TextIO

from scrapy import signals
from scrapy.exceptions import NotConfigured
from scrapy.utils.asyncio import create_looping_call
from scrapy.utils.log import get_scrapy_root_handler

from newsspider.extensions import summary as outcome

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.statscollectors import StatsCollector


PROGRESS_INTERVAL_S = 0.5
CLEAR_LINE = "\r\x1b[2K"


class ProgressLine:
    """One line on the terminal that is written over: pages, articles, new, changed, duplicate, errors, rate."""

    def __init__(self, stats: StatsCollector, stream: TextIO) -> None:
        self.stats = stats
        self.stream = stream
        self.started = time.monotonic()
        self._recent: deque[tuple[float, int]] = deque(maxlen=20)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        if not sys.stderr.isatty() or not crawler.settings.getbool("PROGRESS_ENABLED", True):
            raise NotConfigured
        progress = cls(crawler.stats, sys.stderr)
        crawler.signals.connect(progress.spider_opened, signal=signals.spider_opened)
        crawler.signals.connect(progress.spider_closed, signal=signals.spider_closed)
        return progress

    def spider_opened(self) -> None:
        handler = get_scrapy_root_handler()
        if handler is not None:
            handler.addFilter(self._make_room)
        self._loop = create_looping_call(self.draw)
        self._loop.start(PROGRESS_INTERVAL_S)

    def spider_closed(self) -> None:
        self._loop.stop()
        self._erase()

    def _make_room(self, record: logging.LogRecord) -> bool:
        """Erase the line before a log record is written where it stands."""
        self._erase()
        return True

    def _erase(self) -> None:
        self.stream.write(CLEAR_LINE)
        self.stream.flush()

    def draw(self) -> None:
        """Write the line, cut to the width of the terminal."""
        stats = self.stats.get_stats()
        now, read = time.monotonic(), outcome.pages(stats)
        self._recent.append((now, read))
        line = progress_line(stats, now - self.started, self._rate())
        try:
            width = os.get_terminal_size(self.stream.fileno()).columns
        except OSError:
            width = 80
        self.stream.write(CLEAR_LINE + line[: width - 1])
        self.stream.flush()

    def _rate(self) -> float:
        (first, before), (last, after) = self._recent[0], self._recent[-1]
        return (after - before) / (last - first) if last > first else 0.0


def progress_line(stats: outcome.Stats, elapsed_s: float, rate: float) -> str:
    """Return the progress line of a crawl with these stats; `rate` in pages a second."""
    counts = outcome.articles(stats)
    minutes, seconds = divmod(int(elapsed_s), 60)
    return (
        f"{minutes}:{seconds:02} {outcome.pages(stats)} pages ({rate:.1f}/s), "
        f"{sum(counts.values()) - counts['duplicate']} articles: {counts['new']} new, {counts['changed']} changed, "
        f"{counts['duplicate']} duplicate, {outcome.errors(stats)} errors"
    )
