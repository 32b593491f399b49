"""Imports into MongoDB: a WARC file of responses, exported JSON lines, or the spool of a crawl."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from scrapy import Spider, signals
from scrapy.crawler import AsyncCrawlerProcess, Crawler
from scrapy.settings import Settings

from newsspider.cli.console import complain
from newsspider.cli.extraction import PageClasses, UnreadablePageError, check_is_text, extract
from newsspider.cli.running import run_to_end
from newsspider.cli.site_pages import site_page_classes
from newsspider.items import ARTICLE_LIKE_KINDS, Article
from newsspider.mongo.archive import ArchiveError
from newsspider.mongo.articles.documents import article_of
from newsspider.mongo.articles.spool_import import import_spool as import_spool_file
from newsspider.mongo.articles.spool_import import import_spools
from newsspider.mongo.articles.store import ArticleStore
from newsspider.mongo.migrations import migrate as run_migrations
from newsspider.mongo.schema import prepare
from newsspider.mongo.server.connection import Connection, MongoSettings
from newsspider.mongo.stories import repair, spooled
from newsspider.recording.cases import RecordedResponse, RecordingError
from newsspider.recording.warc import is_warc, read_responses
from newsspider.text import fold

SPOOL = "spool"
PAGE_TYPES = ("html", "xml")
# items that may be on their way through the pipelines before the file is read on
MOST_UNDERWAY = 200


def run(name: str, settings: Settings) -> int:
    """Import `name`: "spool", a .spool file, a .warc(.gz) or a .jsonl file; return the exit code."""
    if name == SPOOL or name.endswith(".spool"):
        return import_spool(name, settings)
    path = Path(name)
    if not path.is_file():
        raise ArchiveError(f"no such file: {name} (a .warc.gz, .jsonl or .spool file, or the word spool)")
    if not is_warc(path) and path.suffix != ".jsonl":
        raise ArchiveError(f"{name}: neither .warc, .warc.gz, .jsonl nor .spool")
    process = AsyncCrawlerProcess(settings)
    return run_to_end(process, process.create_crawler(ImportSpider), {"path": path})


class ImportSpider(Spider):
    """Hands the articles of a file to the pipelines, as fast as they are stored; asks for no page."""

    name = "import"

    def __init__(self, path: Path, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.path = path
        self.underway = 0
        self.has_room = asyncio.Event()

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> ImportSpider:
        spider = super().from_crawler(crawler, *args, **kwargs)
        for signal in (signals.item_scraped, signals.item_dropped, signals.item_error):
            crawler.signals.connect(spider.settle, signal=signal)
        return spider

    def settle(self) -> None:
        self.underway -= 1
        self.has_room.set()

    async def start(self) -> AsyncIterator[Any]:
        try:
            for article in self.articles():
                self.underway += 1
                yield article
                await self._until_underway(MOST_UNDERWAY - 1)
            await self._until_underway(0)
        except RecordingError as error:
            self.count("replay/corrupt")
            self.logger.error("%s", error)

    async def _until_underway(self, most: int) -> None:
        """Return when at most `most` articles are on their way through the pipelines."""
        while self.underway > most:
            self.has_room.clear()
            await self.has_room.wait()

    def articles(self) -> Iterator[Article]:
        """Yield the articles of the file; what is none is counted (`pages/<kind>`, `import/unreadable`)."""
        if not is_warc(self.path):
            yield from self._exported()
            return
        page_classes = site_page_classes(self.crawler.settings)
        for response in read_responses(self.path):
            article = self._article_in(response, page_classes)
            if article is not None:
                yield article

    def _article_in(self, response: RecordedResponse, page_classes: PageClasses) -> Article | None:
        if response.status != 200 or not _is_page(response):
            self.count("import/no_page")
            return None
        try:
            check_is_text(response.body, response.url)
        except UnreadablePageError:
            self.count("import/no_page")
            return None
        article = extract(response, page_classes).article
        self.count(f"pages/{article.kind}")
        return article if article.kind in ARTICLE_LIKE_KINDS else None

    def _exported(self) -> Iterator[Article]:
        with self.path.open(encoding="utf-8", errors="replace") as lines:
            for number, line in enumerate(lines, 1):
                if not line.strip():
                    continue
                try:
                    yield article_from_json(line)
                except (ValueError, TypeError, KeyError, AttributeError) as error:
                    self.count("items/failed")
                    self.logger.error("%s, line %d: no article: %s", self.path, number, str(error)[:200])

    def count(self, stat: str) -> None:
        self.crawler.stats.inc_value(stat)


def _is_page(response: RecordedResponse) -> bool:
    content_type = next((value.lower() for name, value in response.headers if name.lower() == "content-type"), "html")
    return any(marker in content_type for marker in PAGE_TYPES)


def article_from_json(line: str) -> Article:
    """Return the article of an exported line. Raises ValueError, TypeError or KeyError for anything else."""
    fields = json.loads(line)
    if not isinstance(fields, dict):
        raise ValueError("not an object")
    for holder in (fields, *fields.get("related", ())):
        for name in ("published_at", "fetched_at"):
            if holder.get(name):
                holder[name] = _aware(holder[name], name)
    for name in ("_id", "url", "site", "title", "text", "body_html", "fetched_at"):
        if not fields.get(name) and name not in ("text", "body_html"):
            raise ValueError(f"{name} is missing")
    return article_of({**fields, "fingerprint": None})


def _aware(text: str, name: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{name} has no time zone")
    return moment


def import_spool(name: str, settings: Settings) -> int:
    """Store what crawls have left in the spool folder, or in one of its files; 1 if any of it was damaged."""
    reports = asyncio.run(_import_spool(name, settings))
    stored, damaged = sum(r.stored for r in reports), sum(r.damaged_bytes for r in reports)
    quarantined = sum(r.quarantined for r in reports)
    print(f"{stored} articles stored, {quarantined} put into quarantine, from {len(reports)} files", file=sys.stderr)
    if damaged:
        complain(f"{damaged} bytes could not be read; the files are kept as *.damaged")
    return 1 if damaged or quarantined else 0


async def _import_spool(name: str, settings: Settings) -> list[Any]:
    connection = await Connection.open(*MongoSettings.of(settings))
    try:
        await prepare(connection.db)
        store = ArticleStore(connection, fold=fold)
        keep, window_days = settings["DEDUPE_KEEP"], settings.getint("DEDUPE_WINDOW_DAYS")
        assign = spooled.story_assigner(connection, window_days, keep) if settings.getbool("DEDUPE_ENABLED") else None
        if name == SPOOL:
            return await import_spools(store, Path(settings["SPOOL_DIR"]), assign)
        if not Path(name).is_file():
            raise ArchiveError(f"no such file: {name}")
        report = await import_spool_file(store, Path(name), assign)
        if report is None:
            raise ArchiveError(f"{name} is being written by a crawl that runs")
        return [report]
    finally:
        await connection.close()


def migrate(settings: Settings) -> int:
    """Bring the stored documents to the present schema, saying what was done."""

    async def work() -> list[tuple[str, int]]:
        connection = await Connection.open(*MongoSettings.of(settings))
        try:
            return await run_migrations(connection.db)
        finally:
            await connection.close()

    done = asyncio.run(work())
    for step, count in done:
        print(f"{step}: {count} documents")
    if not done:
        print("nothing to do: the schema is up to date")
    return 0


def recluster(settings: Settings) -> int:
    """Derive all stories anew from the stored articles."""
    window_days = settings.getint("DEDUPE_WINDOW_DAYS")

    async def work() -> dict[str, Any]:
        connection = await Connection.open(*MongoSettings.of(settings))
        try:
            await prepare(connection.db)
            return await repair.recluster(connection.db, window_days)
        finally:
            await connection.close()

    print(", ".join(f"{count} {name}" for name, count in asyncio.run(work()).items()))
    return 0
