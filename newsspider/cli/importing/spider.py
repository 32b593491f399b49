"""The spider that hands the articles of files to the pipelines, batch by batch."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any, Final

from scrapy import Spider, signals
from scrapy.crawler import Crawler

from newsspider.cli.importing.sources import open_source
from newsspider.items import Article
from newsspider.mongo.imports import DONE, FileImport, ImportLog
from newsspider.mongo.server.connection import Connection, MongoSettings, MongoUnavailableError
from newsspider.recording.cases import RecordingError
from newsspider.sites.registry import SiteRegistry

# records between two acknowledgements where none of them is an article
IDLE_RECORDS: Final = 500


class ImportSpider(Spider):
    """Asks for no page. What is stored is acknowledged after each batch; a killed import repeats one batch at most.

    Stats: import/files, import/records, import/articles, import/other, import/skipped_bytes, import/unresolved,
    import/finished_before, import/unreadable.
    """

    name = "import"

    def __init__(self, paths: Sequence[Path], is_again: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.paths = list(paths)
        self.is_again = is_again
        self.sites = SiteRegistry()
        self.underway = 0
        self.has_room = asyncio.Event()

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> ImportSpider:
        spider = super().from_crawler(crawler, *args, **kwargs)
        for signal in (signals.item_scraped, signals.item_dropped, signals.item_error):
            crawler.signals.connect(spider.settle, signal=signal)
        spider.sites = SiteRegistry.of(crawler.settings)
        return spider

    def settle(self) -> None:
        self.underway -= 1
        self.has_room.set()

    async def start(self) -> AsyncIterator[Any]:
        try:
            connection = await Connection.open(*MongoSettings.of(self.settings))
            try:
                log = ImportLog(connection.db, connection.uri)
                for path in self.paths:
                    async for article in self._articles(log, path):
                        yield article
            finally:
                await connection.close()
        except MongoUnavailableError as error:
            self.logger.error("%s: the same command goes on where it was cut off", error)
            self._count("items/failed")

    async def _articles(self, log: ImportLog, path: Path) -> AsyncIterator[Article]:
        progress = await log.resume(path, is_again=self.is_again)
        if progress.state == DONE:
            self._count("import/finished_before")
            return
        before = dict(progress.counts)
        batch_size = self.settings.getint("STORE_BATCH_SIZE")
        try:
            source = open_source(progress, self.sites)
        except RecordingError as error:
            self.logger.error("%s", error)
            self._count("import/unreadable")
            return
        batch = idle = 0
        for article in source:
            idle += 1
            if article is not None:
                batch += 1
                self.underway += 1
                progress.count("articles")
                yield article
            if batch >= batch_size or idle >= IDLE_RECORDS:
                await self._acknowledge(log, progress, source.end)
                batch = idle = 0
        await self._acknowledge(log, progress, source.end, is_done=True)
        self._add_up(before, progress)

    async def _acknowledge(self, log: ImportLog, progress: FileImport, offset: int, *, is_done: bool = False) -> None:
        """Wait until all articles are through the pipelines, and record that they are."""
        while self.underway > 0:
            self.has_room.clear()
            await self.has_room.wait()
        await log.acknowledge(progress, offset, is_done=is_done)

    def _add_up(self, before: dict[str, int], progress: FileImport) -> None:
        self._count("import/files")
        for name, number in progress.counts.items():
            self._count(f"import/{name}", number - before.get(name, 0))
        if progress.problems:
            self._count("import/unreadable", len(progress.problems))

    def _count(self, stat: str, number: int = 1) -> None:
        self.crawler.stats.inc_value(stat, number)
