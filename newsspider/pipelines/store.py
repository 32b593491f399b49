"""Stores articles: an item is done when MongoDB has acknowledged it, or the spool if MongoDB is away."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any, Self

from scrapy.crawler import Crawler
from scrapy.exceptions import CloseSpider, DropItem

from newsspider.crawl.crawl_context import CrawlingSpider
from newsspider.crawl.ending import is_ending
from newsspider.frontier.pace import pace_by_site
from newsspider.items import Article
from newsspider.mongo.articles.spool import Spool, expunge
from newsspider.mongo.articles.spool_import import import_spools
from newsspider.mongo.articles.store import ArticleStore, QuarantinedError, StoreError, StoreOptions
from newsspider.mongo.crawl_state.page_updates import PaceOf, RevisitPolicy
from newsspider.mongo.crawl_state.site_controls import ControlsUnavailable
from newsspider.mongo.crawl_state.site_tally import SiteTally
from newsspider.mongo.daily.counting import count_marked
from newsspider.mongo.schema import Retention, prepare
from newsspider.mongo.server.connection import Connection, MongoRefusedError, MongoSettings, MongoUnavailableError
from newsspider.mongo.server.errors import one_line
from newsspider.mongo.stories.spooled import story_assigner
from newsspider.mongo.upkeep.takedown import finish_take_downs
from newsspider.recording.archive_settings import archive_options, is_archiving
from newsspider.recording.cases import RecordingError
from newsspider.recording.kept_pages import KeptPages
from newsspider.recording.page_archive import PageArchive
from newsspider.recording.page_records import VisitedArticle
from newsspider.sites.registry import SiteRegistry
from newsspider.text import fold

logger = logging.getLogger(__name__)

# finish reasons
MONGO_UNAVAILABLE = "mongo_unavailable"
MONGO_REFUSED = "mongo_refused"
PREPARE_S = 3.0


class StorePipeline:
    """Stats: articles/new, changed, unchanged, alias; store/older, spooled, quarantined, failed, spool_stored."""

    store: ArticleStore
    connection: Connection | None = None

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        settings = crawler.settings
        self.mongo = MongoSettings.of(settings)
        self.spool_dir = Path(settings["SPOOL_DIR"])
        self.start_wait_s = settings.getfloat("STORE_RETRY_S")
        self.is_deduping = settings.getbool("DEDUPE_ENABLED")
        self.window_days, self.keep = settings.getint("DEDUPE_WINDOW_DAYS", 30), settings.get("DEDUPE_KEEP", "all")
        self.retention = Retention(**settings.getdict("RETENTION_DAYS"))
        self.tally = SiteTally()
        self.options = StoreOptions(
            batch_size=settings.getint("STORE_BATCH_SIZE"),
            linger_ms=settings.getfloat("STORE_LINGER_MS"),
            retry_s=settings.getfloat("STORE_RETRY_S"),
            spool=Spool(self.spool_dir, settings.getint("SPOOL_MAX_MB") * 1_000_000),
            pace_of=self._pace_of if settings.getbool("CRAWL_STATE_ENABLED", True) else None,
            is_ending=partial(is_ending, crawler),
            count=self._count,
            gave_up=self._gave_up,
        )
        self.archive = PageArchive(archive_options(settings)) if is_archiving(settings) else None
        if self.archive is not None:
            self.options.keep = self._keep

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    async def open_spider(self) -> None:
        """Connect, create missing collections and indexes, and store what earlier runs have spooled."""
        try:
            self.connection = await Connection.open(*self.mongo, wait_s=self.start_wait_s)
            await self._prepare(self.connection)
        except MongoUnavailableError as error:
            logger.error("%s", error)
            await self._disconnect()
            raise CloseSpider(MONGO_REFUSED if isinstance(error, MongoRefusedError) else MONGO_UNAVAILABLE) from None
        await finish_take_downs(self.connection.db, self._erase)
        self.store = ArticleStore(self.connection, fold=fold, options=self.options)
        assign = story_assigner(self.connection, self.window_days, self.keep) if self.is_deduping else None
        for spool in await import_spools(self.store, self.spool_dir, assign):
            self._count("store/spool_stored", spool.stored)
            logger.info("stored %d articles from %s", spool.stored, spool.path)

    async def _prepare(self, connection: Connection) -> None:
        """Prepare the database; try again if another crawl does so at the same time."""
        await connection.retry(PREPARE_S).run(lambda: prepare(connection.db, self.retention))

    async def process_item(self, item: Any) -> Any:
        if not isinstance(item, Article):
            self._pass_on(item)
            return item
        validators = item.visit.validators if item.visit is not None else None
        if self.archive is None and item.visit is not None:
            item.visit = replace(item.visit, pages=())
        try:
            outcome = await self.store.save(item, validators)
        except QuarantinedError as error:
            raise DropItem(f"quarantined: {item.url}: {error}") from None
        except StoreError as error:
            logger.error("%s", error)
            raise DropItem(f"not stored: {item.url}") from None
        if item.visit is not None and item.visit.pages:
            item.visit = replace(item.visit, pages=())  # they may have some megabytes, and the item lives on
        if outcome == "older":
            self._count("store/older", 1)
            outcome = "unchanged"
        if outcome != "spooled":
            self._count(f"articles/{outcome}", 1)
        if outcome == "removed":
            if item.visit is not None:
                item.visit = replace(item.visit, is_removed=True)
            raise DropItem(f"removed by an operator: {item.url}")
        self.tally.add(item.site, outcome)
        if self.tally.is_due and self.connection is not None:
            await self._write_tally(self.connection)
        return item

    def _pass_on(self, item: Any) -> None:
        """Count an item of another kind, and say once that it goes to the feeds alone."""
        if not self.crawler.stats.get_value("store/passed_on"):
            kept = "they go to the feeds" if self.crawler.settings.getdict("FEEDS") else "give -o FILE to keep them"
            logger.warning("items of type %s are not articles and not stored: %s", type(item).__name__, kept)
        self._count("store/passed_on", 1)

    async def _keep(self, articles: Sequence[Article]) -> bool:
        """Put the answers that `articles` were read from into the page archive; return False where that failed."""
        visited = [
            VisitedArticle(article._id, article.visit.pages, article.rules_version, article.visit.gap)
            for article in articles
            if article.visit is not None
        ]
        try:
            await asyncio.to_thread(self.archive.keep, visited)  # type: ignore[union-attr]
        except RecordingError as error:
            logger.error("%s: the articles are stored without their pages", error)
            return False
        self._count("archive/articles", len(visited))
        return True

    def _erase(self, keys: AbstractSet[str]) -> None:
        """Take removed articles out of the spool and the page archive."""
        expunge(self.spool_dir, keys)
        KeptPages(archive_options(self.crawler.settings).folder).erase(keys)

    async def close_spider(self) -> None:
        """Close the store and the connection; no item is waiting any more."""
        if self.connection is not None:
            await self.store.close()
            await self._write_tally(self.connection)
        if self.archive is not None:
            await asyncio.to_thread(self.archive.close)
        await self._disconnect()

    async def _write_tally(self, connection: Connection) -> None:
        try:
            await connection.retry(PREPARE_S).run(lambda: self.tally.write(connection.db))
            await connection.retry(PREPARE_S).run(lambda: count_marked(connection.db))
        except ControlsUnavailable as error:
            logger.warning("the articles of this run are not counted by site: %s", one_line(error))

    async def _disconnect(self) -> None:
        connection, self.connection = self.connection, None
        if connection is not None:
            await connection.close()

    def _pace_of(self, url: str) -> RevisitPolicy:
        return self._pace_by_site(url)

    @cached_property
    def _pace_by_site(self) -> PaceOf:
        """What gives the pace for a URL; an import has no crawl whose site files could be asked."""
        spider, settings = self.crawler.spider, self.crawler.settings
        if isinstance(spider, CrawlingSpider):
            return pace_by_site(settings, spider.crawl.sites, spider.crawl.gate.interval_s)
        return pace_by_site(settings, SiteRegistry.of(settings))

    def _count(self, name: str, number: int) -> None:
        if self.crawler.stats is not None:
            self.crawler.stats.inc_value(name, number)

    def _gave_up(self, reason: str) -> None:
        """Close the spider: without MongoDB nothing that it still finds can be stored."""
        spooled_to = self.options.spool.path if self.options.spool else None
        logger.error("%s; articles go to the spool %s, which the next run stores", reason, spooled_to)
        engine = self.crawler.engine
        if engine is not None and self.crawler.crawling:
            self._closing = asyncio.ensure_future(engine.close_spider_async(reason=MONGO_UNAVAILABLE))
