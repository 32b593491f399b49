"""The spider that hands the articles of files to the pipelines, batch by batch."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from scrapy import Spider, signals
from scrapy.crawler import Crawler

from newsspider.cli.importing.choice import RecordChoice
from newsspider.cli.importing.sources import open_source
from newsspider.items import Article
from newsspider.mongo.imports import DONE, FileImport, ImportLog, LostFileError
from newsspider.mongo.server.connection import Connection, MongoSettings, MongoUnavailableError
from newsspider.recording.cases import RecordingError
from newsspider.sites.registry import SiteRegistry

# records between two acknowledgements where none of them is an article
IDLE_RECORDS: Final = 500
# between two looks whether a file that another process reads is free
LOOK_S: Final = 1.0
# a lease is renewed so often in its time
RENEWALS: Final = 4
# files looked at together for one that nobody reads
LOOKED_AT: Final = 50


class ImportSpider(Spider):
    """Asks for no page. What is stored is acknowledged after each batch; a killed import repeats one batch at most.

    Each file is leased: other processes that import it read other files meanwhile. Stats: import/files,
    import/records, import/articles, import/other, import/left_out/..., import/skipped_bytes, import/unresolved,
    import/finished_before, import/unreadable.
    """

    name = "import"

    def __init__(
        self,
        paths: Sequence[Path],
        choice: RecordChoice | None = None,
        began_at: datetime | None = None,
        is_again: bool = False,
        is_first: bool = True,
        **kwargs: Any,
    ) -> None:
        """`began_at`: when the command began (aware). `is_first`: this is the first of its processes."""
        super().__init__(**kwargs)
        self.paths = list(paths)
        self.choice = choice or RecordChoice()
        self.began_at = began_at or datetime.now(UTC)
        self.is_again = is_again
        self.lease: tuple[ImportLog, FileImport] | None = None
        self.is_first = is_first
        self.sites = SiteRegistry()
        self.underway = 0
        self.has_room = asyncio.Event()

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> ImportSpider:
        spider = super().from_crawler(crawler, *args, **kwargs)
        for signal in (signals.item_scraped, signals.item_dropped, signals.item_error):
            crawler.signals.connect(spider.settle, signal=signal)
        crawler.signals.connect(spider.give_back, signal=signals.spider_closed)
        spider.sites = SiteRegistry.of(crawler.settings)
        return spider

    def settle(self) -> None:
        self.underway -= 1
        self.has_room.set()

    async def start(self) -> AsyncIterator[Any]:
        try:
            connection = await Connection.open(*MongoSettings.of(self.settings))
            try:
                log = ImportLog(
                    connection.db,
                    connection.uri,
                    lease_s=self.settings.getfloat("LEASE_S"),
                    began_at=self.began_at,
                    choice=self.choice.name,
                    is_again=self.is_again,
                )
                async for article in self._of_files(log):
                    yield article
            finally:
                await connection.close()
        except MongoUnavailableError as error:
            self.logger.error("%s: the same command goes on where it was cut off", error)
            self._count("items/failed")

    async def _of_files(self, log: ImportLog) -> AsyncIterator[Article]:
        """Yield the articles of one file after the other that no other process reads, until all are read."""
        before = await log.finished(self.paths)
        if self.is_first and before:
            self._count("import/finished_before", len(before))
        waiting = [path for path in self.paths if path not in before]
        while waiting:
            progress = await self._next(log, waiting)
            if progress is None:
                await asyncio.sleep(LOOK_S)
                continue
            async for article in self._leased(log, progress):
                yield article

    async def _next(self, log: ImportLog, waiting: list[Path]) -> FileImport | None:
        """Return the next file, now leased, and take it off `waiting`; None while others read all that is left."""
        start = 0
        while looked_at := waiting[start : start + LOOKED_AT]:
            held, done = await log.taken(looked_at)
            for path in looked_at:
                if path in done:
                    waiting.remove(path)
                elif path not in held and (progress := await log.claim(path)) is not None:
                    waiting.remove(path)
                    return progress
                else:
                    start += 1
        return None

    async def _leased(self, log: ImportLog, progress: FileImport) -> AsyncIterator[Article]:
        """Yield the articles of a file while its lease is renewed, and give it back, whatever ends the reading."""
        keeper = asyncio.get_running_loop().create_task(self._keep(log, progress))
        self.lease = (log, progress)
        try:
            async for article in self._articles(log, progress, keeper):
                yield article
        except LostFileError as error:
            self.logger.warning("%s", error)
        finally:
            keeper.cancel()
            await self.give_back()

    async def give_back(self) -> None:
        """Let other processes read the file that this one holds."""
        lease, self.lease = self.lease, None
        if lease is not None:
            with suppress(MongoUnavailableError):
                await lease[0].release(lease[1])

    async def _keep(self, log: ImportLog, progress: FileImport) -> None:
        while True:
            await asyncio.sleep(self.settings.getfloat("LEASE_S") / RENEWALS)
            with suppress(MongoUnavailableError):
                await log.renew(progress)

    async def _articles(
        self, log: ImportLog, progress: FileImport, keeper: asyncio.Task[None]
    ) -> AsyncIterator[Article]:
        if progress.state == DONE:
            return
        before = dict(progress.counts)
        batch_size = self.settings.getint("STORE_BATCH_SIZE")
        try:
            source = open_source(progress, self.sites, self.choice)
        except RecordingError as error:
            self.logger.error("%s", error)
            self._count("import/unreadable")
            await log.unreadable(progress)
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
                if keeper.done():
                    raise LostFileError(f"{progress.path}: another process reads it now")
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
