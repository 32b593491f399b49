"""The progress line."""

from __future__ import annotations

import logging
import sys
import time
from collections import deque
from typing import TYPE_CHECKING, Protocol, Self

from rich.console import Console
from rich.live import Live
from rich.text import Text
from scrapy import signals
from scrapy.exceptions import NotConfigured
from scrapy.utils.asyncio import create_looping_call
from scrapy.utils.log import get_scrapy_root_handler

from newsspider.extensions import summary
from newsspider.messages import _

if TYPE_CHECKING:
    from scrapy.crawler import Crawler


PROGRESS_INTERVAL_S = 0.5


class HasStats(Protocol):
    """What the line is drawn from: the stats of a process, or of several together."""

    def get_stats(self) -> summary.Stats: ...


class ProgressLine:
    """The last line of the terminal during a crawl: pages, articles, new, changed, duplicate, errors, rate.

    Log records are printed above it.
    """

    def __init__(self, stats: HasStats, console: Console) -> None:
        self.stats = stats
        self.started = time.monotonic()
        self._live = Live(console=console, auto_refresh=False, transient=True, redirect_stdout=False)
        self._recent: deque[tuple[float, int]] = deque(maxlen=20)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        if not sys.stderr.isatty() or not crawler.settings.getbool("PROGRESS_ENABLED", True):
            raise NotConfigured
        progress = cls(crawler.stats, Console(stderr=True))
        crawler.signals.connect(progress.spider_opened, signal=signals.spider_opened)
        crawler.signals.connect(progress.spider_closed, signal=signals.spider_closed)
        return progress

    def spider_opened(self) -> None:
        self.start(get_scrapy_root_handler())
        self._loop = create_looping_call(self.draw)
        self._loop.start(PROGRESS_INTERVAL_S)

    def spider_closed(self) -> None:
        self._loop.stop()
        self.stop()

    def start(self, handler: logging.Handler | None) -> None:
        """Show the line. A log handler that writes to stderr prints above it until `stop`."""
        stderr = sys.stderr
        self._live.start()
        self._handler = handler if isinstance(handler, logging.StreamHandler) and handler.stream is stderr else None
        self._stream = stderr
        if self._handler is not None:
            self._handler.setStream(sys.stderr)

    def stop(self) -> None:
        """Erase the line and give the log handler its stream back."""
        self._live.stop()
        if self._handler is not None:
            self._handler.setStream(self._stream)

    def draw(self) -> None:
        """Write the line, cut to the width of the terminal."""
        stats = self.stats.get_stats()
        now, read = time.monotonic(), summary.pages(stats)
        self._recent.append((now, read))
        line = progress_line(stats, now - self.started, self._rate())
        self._live.update(Text(line, no_wrap=True, overflow="ellipsis"), refresh=True)

    def _rate(self) -> float:
        (first, before), (last, after) = self._recent[0], self._recent[-1]
        return (after - before) / (last - first) if last > first else 0.0


def progress_line(stats: summary.Stats, elapsed_s: float, rate: float) -> str:
    """Return the progress line of a crawl with these stats; `rate` in pages per second."""
    counts = summary.articles(stats)
    minutes, seconds = divmod(int(elapsed_s), 60)
    return _(
        "{minutes}:{seconds:02} {pages} pages ({rate:.1f}/s), {articles} articles: {new} new, {changed} "
        "changed, {duplicate} duplicate, {errors} errors"
    ).format(
        minutes=minutes,
        seconds=seconds,
        pages=summary.pages(stats),
        rate=rate,
        articles=sum(counts.values()) - counts["duplicate"],
        new=counts["new"],
        changed=counts["changed"],
        duplicate=counts["duplicate"],
        errors=summary.errors(stats),
    )
