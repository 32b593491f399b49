"""One of the processes of a crawl: it crawls, and tells the first process how it gets on and what came out."""

from __future__ import annotations

import os
import signal
import sys
import threading
from dataclasses import dataclass, field
from multiprocessing import connection, parent_process
from multiprocessing.connection import Connection
from typing import Any, Final

from scrapy import signals
from scrapy.crawler import AsyncCrawlerProcess, Crawler
from scrapy.utils.asyncio import create_looping_call
from scrapy.utils.project import get_project_settings

from newsspider.cli.running import run_to_end
from newsspider.extensions import summary as outcome
from newsspider.extensions.report import ArticleReport
from newsspider.items import Article

TOLD_S: Final = 0.5


@dataclass(slots=True, frozen=True)
class Order:
    """What a process is to do: the spider's name, its arguments, and settings beside the project's."""

    spider: str
    arguments: dict[str, str]
    settings: dict[str, Any]


@dataclass(slots=True)
class News:
    """How a process gets on; at its end with the last articles, and how many items there were."""

    stats: dict[str, Any]
    is_end: bool = False
    articles: list[Article] = field(default_factory=list)
    scraped: int = 0


def run(order: Order, told: Connection, said: Connection) -> None:
    """Crawl. News go to `told`, what is written to stderr to `said`."""
    os.setpgid(0, 0)  # a terminal's Ctrl-C goes to the first process, which hands it on once
    os.dup2(said.fileno(), sys.stderr.fileno())
    said.close()
    threading.Thread(target=_end_with_parent, daemon=True).start()
    settings = get_project_settings()
    settings.setdict(order.settings, "cmdline")
    process = AsyncCrawlerProcess(settings)
    crawler = process.create_crawler(process.spider_loader.load(order.spider))
    teller = _Teller(crawler, told)
    crawler.signals.connect(teller.opened, signal=signals.spider_opened)
    crawler.signals.connect(teller.closed, signal=signals.spider_closed)
    sys.exit(run_to_end(process, crawler, order.arguments, show=teller.end))


def _end_with_parent() -> None:
    """Stop in order when the first process is gone: nobody else would stop this one."""
    parent = parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os.kill(os.getpid(), signal.SIGTERM)


class _Teller:
    def __init__(self, crawler: Crawler, told: Connection) -> None:
        self._crawler = crawler
        self._told = told
        self._loop: Any = None

    def opened(self) -> None:
        self._loop = create_looping_call(self._tell)
        self._loop.start(TOLD_S)

    def closed(self) -> None:
        if self._loop is not None and self._loop.running:
            self._loop.stop()

    def _tell(self) -> None:
        self._send(News(dict(self._crawler.stats.get_stats())))

    def end(self, crawler: Crawler, stats: outcome.Stats) -> list[str]:
        """Hand over what came out; the first process prints it."""
        report = crawler.get_extension(ArticleReport)
        articles = [] if report is None else list(report.articles)
        self._send(News(dict(stats), is_end=True, articles=articles, scraped=report.scraped if report else 0))
        return []

    def _send(self, news: News) -> None:
        try:
            self._told.send(news)
        except OSError:  # the first process is gone: this one is being stopped
            self.closed()
