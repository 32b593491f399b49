"""Alarms of the sites of a crawl: judged at its end, and every quarter of an hour of a long one, and told."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, Self

from scrapy import signals
from scrapy.exceptions import NotConfigured
from scrapy.utils.asyncio import create_looping_call

from newsspider import clock
from newsspider.alarms.alarm import Alarm, Example
from newsspider.alarms.fields import is_shown_by
from newsspider.alarms.judging import judge
from newsspider.alarms.sending import Sender, split_urls
from newsspider.alarms.window import SiteWindow
from newsspider.alarms.wording import Wording
from newsspider.crawl.crawl_context import CrawlingSpider, crawl_of
from newsspider.explanation import explained
from newsspider.extensions.summary import STOPPED
from newsspider.frontier.page_outcomes import PageOutcomes
from newsspider.items import Article
from newsspider.mongo.alarms import AlarmLog, AlarmsUnavailable
from newsspider.mongo.server.connection import Connection, MongoSettings, MongoUnavailableError
from newsspider.pages.document import Document
from newsspider.responses import content_type, fetched_at

if TYPE_CHECKING:
    from scrapy import Spider
    from scrapy.crawler import Crawler
    from scrapy.http import Response

logger = logging.getLogger(__name__)

MONGO_WAIT_S: Final = 5.0
INTERVAL_S: Final = 900
# a crawl that stays knows the sites that it was the first to see after this time
STAYING: Final = timedelta(hours=6)
# pages kept to explain an alarm by: one per site, of so many sites, up to this size
MAX_PAGES: Final = 100
MAX_PAGE_BYTES: Final = 1_000_000


class SiteAlarms:
    """Judges the sites that a crawl has met. Stats: alarms/new, alarms/open, alarms/lines for the summary.

    Without crawl state, and in a replay, nothing is judged.
    """

    def __init__(self, crawler: Crawler) -> None:
        settings = crawler.settings
        if not settings.getbool("CRAWL_STATE_ENABLED") or settings["REPLAY"]:
            raise NotConfigured
        self.crawler = crawler
        self.began_at = clock.now()
        self._mongo = MongoSettings.of(settings)
        self._wording = Wording()
        self._pages: OrderedDict[str, tuple[Article, Response]] = OrderedDict()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        alarms = cls(crawler)
        for name in ("spider_opened", "spider_closed", "item_scraped"):
            crawler.signals.connect(getattr(alarms, name), signal=getattr(signals, name))
        return alarms

    def spider_opened(self) -> None:
        self._loop = create_looping_call(self._look)
        self._loop.start(INTERVAL_S, now=False)

    async def spider_closed(self, spider: Spider, reason: str) -> None:
        if self._loop.running:
            self._loop.stop()
        await self._look(is_told=reason != STOPPED)

    def item_scraped(self, item: Any, response: Response | None) -> None:
        """Keep the page of the article of its site in which the fewest fields were found; an import has no page."""
        if not isinstance(item, Article) or response is None or len(response.body) > MAX_PAGE_BYTES:
            return
        kept = self._pages.get(item.site)
        if kept is None or _found(item) <= _found(kept[0]):
            self._pages[item.site] = item, response
            self._pages.move_to_end(item.site)
        if len(self._pages) > MAX_PAGES:
            self._pages.popitem(last=False)

    async def _look(self, *, is_told: bool = True) -> None:
        """Judge the sites of this crawl and tell what is new; without MongoDB that is left to the next run."""
        if not isinstance(self.crawler.spider, CrawlingSpider):
            return
        outcomes = crawl_of(self.crawler).outcomes
        if not isinstance(outcomes, PageOutcomes):
            return
        sites = outcomes.notes.sites | set(crawl_of(self.crawler).scope.sites)
        try:
            await outcomes.settled()
            connection = await Connection.open(*self._mongo, wait_s=MONGO_WAIT_S)
        except MongoUnavailableError as error:
            logger.info("alarms are not judged: %s", error)
            return
        try:
            log = AlarmLog(connection.db)
            now = clock.now()
            raised = await judge_sites(log, sites, now, max(self.began_at, now - STAYING))
            await self._explain(log, raised)
            self._report(raised, await log.find(sites))
            if is_told:
                await tell(log, self.crawler.settings, now)
        except AlarmsUnavailable as error:
            logger.info("alarms are not judged: %s", type(error).__name__)
        finally:
            await connection.close()

    def _report(self, raised: list[Alarm], still: list[Alarm]) -> None:
        stats = self.crawler.stats
        stats.inc_value("alarms/new", len(raised))
        stats.set_value("alarms/open", len(still))
        stats.set_value("alarms/lines", [f"alarm {self._wording.line(alarm)}" for alarm in still])

    async def _explain(self, log: AlarmLog, raised: Iterable[Alarm]) -> None:
        """Add to the alarms of fields how a page that shows them was read."""
        for alarm in raised:
            item, response = self._pages.get(alarm.site, (None, None))
            if alarm.kind == "field" and item is not None and response is not None and is_shown_by(alarm, item):
                lines = self._explained(item, response)
                alarm.example = Example(item._id, item.url, item.fetched_at, lines)
                if alarm.first_bad is not None and alarm.first_bad.id == item._id:
                    alarm.first_bad = alarm.example
                await log.explain(alarm)

    def _explained(self, item: Article, response: Response) -> list[str]:
        spider: Any = self.crawler.spider
        document = Document.from_bytes(response.body, response.url, fetched_at(response), content_type(response))
        return list(explained(item, spider.page_for(document).explain()))


async def judge_sites(log: AlarmLog, sites: Iterable[str] | None, now: datetime, began_at: datetime) -> list[Alarm]:
    """Judge `sites` (None: all) and return the alarms that this raised. Raises AlarmsUnavailable."""
    raised: list[Alarm] = []
    async for window in log.windows(sites, now):
        raised += await _judge_site(log, window, now, began_at)
    return raised


async def _judge_site(log: AlarmLog, window: SiteWindow, now: datetime, began_at: datetime) -> list[Alarm]:
    judgement = judge(window, await log.of_site(window.site, now), now, began_at)
    return await log.record(window, judgement, now)


async def tell(log: AlarmLog, settings: Mapping[str, Any], now: datetime) -> bool:
    """Send what is new at once, and once a day what is still open or has healed; False if a service did not take it.

    Without ALERT_URLS nobody is told. What was not taken is sent by the next run.
    """
    urls = split_urls(settings["ALERT_URLS"])
    if not urls:
        return True
    wording = Wording(settings["ALERT_LANGUAGE"])
    is_taken = True
    if news := await log.claim_news(now):
        is_taken = await asyncio.to_thread(_send, urls, *wording.news(news))
        if not is_taken:
            await log.unclaim(news)
    if digest := await log.claim_digest(now):
        is_digest_taken = await asyncio.to_thread(_send, urls, *wording.digest(*digest))
        if not is_digest_taken:
            await log.unclaim_digest(now)
        is_taken = is_taken and is_digest_taken
    return is_taken


def _send(urls: list[str], title: str, text: str) -> bool:
    return Sender(urls).send(title, text)


def _found(item: Article) -> int:
    fields = (item.source, item.authors, item.published_at, item.editor, item.related, item.tags, item.section)
    return len(item.confidence) + sum(map(bool, fields))
