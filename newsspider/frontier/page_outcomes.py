"""What becomes of pages, written to the crawl state: read, stored, dropped, moved, failed, withdrawn."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from newsspider.crawl.problems import HARD, FetchProblem
from newsspider.crawl.request_context import LISTING_KINDS, Step
from newsspider.mongo.articles.store import ArticleStore
from newsspider.mongo.crawl_state.frontier import Frontier, RevisitPolicy, done_update
from newsspider.mongo.crawl_state.page_updates import (
    alias_update,
    closed_update,
    failed_update,
    gone_update,
    listing_update,
    postponed_update,
)
from newsspider.mongo.server.connection import Connection, MongoUnavailableError
from newsspider.text import fold

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

logger = logging.getLogger(__name__)

SOFT_GONE_STATUS = 404
FEED_VERDICTS = ("rss", "atom", "jsonfeed", "sitemap", "newssitemap", "sitemapindex")
LISTING_VERDICTS = ("listing", "more", "unchanged", *FEED_VERDICTS)


class PageOutcomes:
    """Notes the end of every page; a note that is lost costs the next run a second fetch, never an article."""

    def __init__(self, crawler: Crawler, frontier: Frontier, connection: Connection, pace: RevisitPolicy) -> None:
        self.crawler = crawler
        self.frontier = frontier
        self.connection = connection
        self.pace = pace
        self.expected: dict[str, list[Step]] = defaultdict(list)
        self._withdrawals: set[asyncio.Task[None]] = set()

    async def settled(self) -> None:
        """Return when all that was noted is written or given up."""
        if self._withdrawals:
            await asyncio.wait(self._withdrawals)
        await self.frontier.flush()

    def read(self, step: Step, url: str, now: datetime, unseen: int, validators: dict[str, str]) -> None:
        """A page gave no article itself; one that was stored and now is an error page has been withdrawn.

        `unseen` is how many unknown articles it showed.
        """
        verdict = step.get("verdict", "other")
        is_stored = bool(step.get("is_stored"))
        if verdict == "postponed":
            return
        if verdict == "unchanged" and is_stored:
            self._count("articles/not_modified")
            self.frontier.note(done_update(step["key"], url, now, pace=self.pace))
        elif is_stored and verdict in ("error", "listing"):
            self._withdraw(url, step, now, SOFT_GONE_STATUS, f"the address now shows another page ({verdict})")
        elif verdict in LISTING_VERDICTS:
            kind = step["kind"] if step["kind"] in LISTING_KINDS else "listing"
            found = None if verdict == "unchanged" else validators
            self.frontier.note(
                listing_update(step["key"], url, kind, now, has_changed=unseen > 0, validators=found, pace=self.pace)
            )
        else:
            self.frontier.note(closed_update(step["key"], url, verdict, now, verdict))
        for key in set(step.get("passed", ())) - {step["key"]}:
            self.frontier.note(closed_update(key, url, "alias", now, f"alias of {step['key']}"))

    def broken(self, step: Step, url: str, now: datetime) -> None:
        """Our own code failed on the page: it must not stay queued for ever."""
        self.frontier.note(failed_update(step["key"], url, step["kind"], now, "exception", weight=2, pace=self.pace))

    def expect(self, item: Any, step: Step) -> None:
        """Remember which page an item stands for: its address and its key may differ."""
        self.expected[item._id].append(step)

    def validators_of(self, item: Any) -> dict[str, str] | None:
        """Return what the page of an item on its way is to be asked for with next time; None if that is not known."""
        steps = self.expected.get(getattr(item, "_id", ""), ())
        return next((step.get("validators", {}) for step in steps if step["key"] == item._id), None)

    def item_scraped(self, item: Any) -> None:
        """Mark the addresses that led to a stored article; the article's own is marked by the store."""
        if known := getattr(item, "alias_of", None):
            spider: Any = self.crawler.spider
            spider.learn_alias(item.url, f"http://{known}")
        for step in self.expected.pop(getattr(item, "_id", ""), ()):
            for key in {step["key"], *step.get("passed", ()), *step.get("visited", ())} - {item._id}:
                self.frontier.note(closed_update(key, item.url, "alias", item.fetched_at, f"alias of {item._id}"))

    def alias(self, key: str, url: str, known: str) -> None:
        """Remember an address that is not asked for, so that no later run asks for it before it knows better."""
        self.frontier.note(alias_update(key, url, datetime.now(UTC), f"alias of {known}"))

    def item_dropped(self, item: Any, exception: BaseException) -> None:
        """Look at a page that was no article after all again, but late: rules get better."""
        for step in self.expected.pop(getattr(item, "_id", ""), ()):
            reason = str(exception)[:200]
            self.frontier.note(failed_update(step["key"], item.url, "other", item.fetched_at, reason, weight=HARD))

    def failed(self, url: str, step: Step, problem: FetchProblem) -> None:
        """Note a page that could not be had: gone, an alias, or to be tried again later and later."""
        now = datetime.now(UTC)
        if problem.reason == "not_recorded":
            return
        if problem.reason == "robots_unreachable":
            pause_s = self.pace.backoff_s
            self.frontier.note(postponed_update(step["key"], url, step["kind"], now, problem.line, pause_s))
            return
        spider: Any = self.crawler.spider
        is_moved_away = bool(problem.target) and not spider.is_news_address(problem.target)
        if step.get("is_stored") and (problem.is_gone or is_moved_away):
            status = int(problem.reason.removeprefix("http_")) if problem.is_gone else SOFT_GONE_STATUS
            self._withdraw(url, step, now, status, problem.line)
        elif problem.is_gone:
            self.frontier.note(gone_update(step["key"], url, step["kind"], now, problem.line))
        elif problem.reason == "covered":
            self.frontier.note(closed_update(step["key"], url, step["kind"], now, problem.line))
        elif problem.target:
            self.frontier.note(closed_update(step["key"], url, "alias", now, problem.line))
        else:
            self.frontier.note(
                failed_update(
                    step["key"],
                    url,
                    step["kind"],
                    now,
                    problem.line,
                    weight=problem.weight,
                    wait_s=problem.wait_s,
                    pace=self.pace,
                )
            )

    def _withdraw(self, url: str, step: Step, at: datetime, status: int, reason: str) -> None:
        self.frontier.note(gone_update(step["key"], url, "article", at, reason))
        task = asyncio.get_running_loop().create_task(self._mark_withdrawn(step["key"], at, status))
        self._withdrawals.add(task)
        task.add_done_callback(self._withdrawals.discard)

    async def _mark_withdrawn(self, key: str, at: datetime, status: int) -> None:
        try:
            if await ArticleStore(self.connection, fold=fold).mark_withdrawn(key, at, status):
                self._count("articles/withdrawn")
        except MongoUnavailableError as error:
            logger.error("%s: withdrawn, but not marked: %s", key, error)
            self._count("frontier/unwritten")

    def _count(self, stat: str) -> None:
        self.crawler.stats.inc_value(stat)
