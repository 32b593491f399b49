"""What becomes of pages, written to the crawl state: read, stored, dropped, moved, failed, withdrawn."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Set
from datetime import datetime
from typing import Any

from newsspider import clock
from newsspider.crawl.crawl_context import CrawlContext
from newsspider.crawl.problems import HARD, FetchProblem
from newsspider.crawl.request_context import PageResult, RequestContext
from newsspider.crawl.scope import is_home
from newsspider.crawl.site_knowledge.usual_pages import named
from newsspider.downloadermiddlewares.refusals import SkipReason
from newsspider.frontier.site_notes import SiteNotes
from newsspider.items import LISTING_KINDS, Article
from newsspider.mongo.articles.store import ArticleStore
from newsspider.mongo.crawl_state.frontier import Frontier, done_update
from newsspider.mongo.crawl_state.page_updates import (
    PaceOf,
    PageUpdate,
    alias_update,
    closed_update,
    failed_update,
    gone_update,
    listing_update,
    moved_update,
    postponed_update,
    rejected_update,
    removed_page_update,
)
from newsspider.mongo.server.connection import Connection, MongoUnavailableError
from newsspider.sites.control import Closure
from newsspider.text import fold

logger = logging.getLogger(__name__)

SOFT_GONE_STATUS = 404
# rejected answers that are hardly any better a moment later
LASTING = ("login",)
EXCEPTION_WEIGHT = 2
CLOSURES = frozenset(Closure)
FEED_RESULTS = ("rss", "atom", "jsonfeed", "sitemap", "newssitemap", "sitemapindex")
LISTING_RESULTS = ("listing", "more", "unchanged", *FEED_RESULTS)
EMPTY_RESULTS = ("empty", "login", "shell")
# what a page of a stored article may turn into: then the article was withdrawn
WITHDRAWN_RESULTS = ("error", "listing")


class PageOutcomes:
    """Records how every page ended; a record that is lost costs the next run a second fetch, never an article."""

    def __init__(self, crawl: CrawlContext, frontier: Frontier, connection: Connection, pace_of: PaceOf) -> None:
        self.crawl = crawl
        self.frontier = frontier
        self.connection = connection
        self.pace_of = pace_of
        self.notes = SiteNotes(connection)
        self._withdrawals: set[asyncio.Task[None]] = set()

    async def settled(self) -> None:
        """Return when all that was recorded is written or given up."""
        if self._withdrawals:
            await asyncio.wait(self._withdrawals)
        await self.notes.settled()
        await self.frontier.flush()

    def read(self, context: RequestContext, url: str, result: PageResult, now: datetime, *, unseen: int) -> None:
        """Record a page that gave no article itself; a stored one that is now an error page has been withdrawn.

        `unseen` is how many articles it showed that no earlier run knew.
        """
        self.notes.read(context, url, result, now)
        if result.problem is not None:
            self.failed(url, context, result.problem)
        if result.kind in ("postponed", "failed"):
            return
        if result.kind == "unchanged" and context.is_stored:
            self.crawl.count("articles/not_modified")
            self.frontier.note(done_update(context.key, url, now, pace=self.pace_of(url)))
        elif context.is_stored and result.kind in WITHDRAWN_RESULTS:
            self._withdraw(url, context, now, SOFT_GONE_STATUS, f"the URL now shows another page ({result.kind})")
        elif result.kind in LISTING_RESULTS:
            self.frontier.note(self._listing_update(context, url, result, now, has_changed=unseen > 0))
        elif result.kind == "error":
            self.frontier.note(gone_update(context.key, url, context.kind, now, "it says that it does not exist"))
        elif context.kind == "article" and result.kind in EMPTY_RESULTS:
            # a gate may look like that: the page is asked for again, seldom
            self.frontier.note(failed_update(context.key, url, "other", now, result.kind, weight=HARD))
        else:
            self.frontier.note(closed_update(context.key, url, result.kind, now, result.kind))
        self._redirected(set(context.redirect_keys) - {context.key}, url, now, f"alias of {context.key}")

    def _listing_update(
        self, context: RequestContext, url: str, result: PageResult, now: datetime, *, has_changed: bool
    ) -> PageUpdate:
        return listing_update(
            context.key,
            url,
            context.kind if context.kind in LISTING_KINDS else "listing",
            now,
            has_changed=has_changed,
            validators=None if result.kind == "unchanged" else dict(result.validators),
            pace=self.pace_of(url),
        )

    def broken(self, context: RequestContext, url: str, now: datetime) -> None:
        """Record a page that our own code failed on: it must not stay queued for ever."""
        problem = FetchProblem("exception", EXCEPTION_WEIGHT, "exception")
        self.frontier.note(self._failed_update(url, context, problem, now))

    def item_scraped(self, item: Any) -> None:
        """Record the other URLs that led to a stored article; the article's own is recorded by the store."""
        if not isinstance(item, Article):
            return
        if item.visit is not None:
            self.notes.article(item, is_stored=True)
        if item.alias_of:
            self.crawl.knowledge.learn_alias(item.url, f"http://{item.alias_of}")
        if item.visit is not None:
            reason = f"alias of {item._id}"
            own = {item.visit.page_key, *item.visit.part_keys}
            for key in own - {item._id}:
                self.frontier.note(closed_update(key, item.url, "alias", item.fetched_at, reason))
            self._redirected(set(item.visit.redirect_keys) - own - {item._id}, item.url, item.fetched_at, reason)

    def _redirected(self, keys: Set[str], target: str, at: datetime, reason: str) -> None:
        """Record the URLs that redirected to `target`: an article's own for now, others for good."""
        for key in keys:
            url = f"http://{key}"
            if not self.crawl.knowledge.may_be_article(url):
                self.frontier.note(closed_update(key, target, "alias", at, reason))
                continue
            digest, pace = _redirect_digest(target), self.pace_of(target)
            self.frontier.note(moved_update(key, url, at, reason, digest=digest, pace=pace))

    def alias(self, key: str, url: str, known: str) -> None:
        """Record a URL that is not requested, so that no later run requests it before it knows better."""
        self.frontier.note(alias_update(key, url, clock.now(), f"alias of {known}"))

    def item_dropped(self, item: Any, exception: BaseException) -> None:
        """Record a page that was not an article after all; retry it late: extraction rules may have improved."""
        if not isinstance(item, Article) or item.visit is None:
            return
        if item.visit.is_removed:
            for key in (item.visit.page_key, item._id):
                self.frontier.note(removed_page_update(key, item.url, item.fetched_at))
        else:
            self.notes.article(item, is_stored=False)
            reason, key = str(exception)[:200], item.visit.page_key
            self.frontier.note(failed_update(key, item.url, "other", item.fetched_at, reason, weight=HARD))

    def failed(self, url: str, context: RequestContext, problem: FetchProblem) -> None:
        """Record that a request gave no page; the article of a page that is gone has been withdrawn."""
        now = clock.now()
        if problem.reason in (SkipReason.NOT_RECORDED, SkipReason.STOPPED):
            return
        if not problem.is_skip:
            self.crawl.gate.failed(url, problem.line, now)
        self.notes.failed(url, context, problem, now)
        is_moved_away = self._is_moved_away(context, problem)
        if context.is_stored and (problem.is_gone or is_moved_away):
            status = int(problem.reason.removeprefix("http_")) if problem.is_gone else SOFT_GONE_STATUS
            self._withdraw(url, context, now, status, problem.line)
        else:
            self.frontier.note(self._failure_update(url, context, problem, now))

    def _is_moved_away(self, context: RequestContext, problem: FetchProblem) -> bool:
        """Return True if a page redirects to a front page, or at a second visit to another page without an article."""
        if not problem.target or self.crawl.policy.is_article_url(problem.target):
            return False
        return is_home(problem.target) or context.doubted == _redirect_digest(problem.target)

    def _failure_update(self, url: str, context: RequestContext, problem: FetchProblem, now: datetime) -> PageUpdate:
        """Return the state of a page that could not be fetched: gone, closed, postponed, an alias, or failed."""
        if problem.is_gone:
            return gone_update(context.key, url, context.kind, now, problem.line)
        if problem.reason == SkipReason.COVERED:
            return closed_update(context.key, url, context.kind, now, problem.line)
        if problem.is_rejected:
            return rejected_update(
                context.key,
                url,
                context.kind,
                now,
                problem.line,
                digest=problem.digest,
                is_queued=problem.reason not in LASTING,
                pace=self.pace_of(url),
            )
        if problem.reason in CLOSURES:
            wait_s = self.crawl.gate.wait_s(url, now)
            return postponed_update(context.key, url, context.kind, now, problem.line, wait_s)
        if problem.reason in (SkipReason.ROBOTS_UNREACHABLE, SkipReason.HOST_REFUSES):
            pause_s = self.pace_of(url).backoff_s
            return postponed_update(context.key, url, context.kind, now, problem.line, pause_s)
        if problem.target:
            return self._redirect_update(url, context, problem, now)
        return self._failed_update(url, context, problem, now)

    def _redirect_update(self, url: str, context: RequestContext, problem: FetchProblem, now: datetime) -> PageUpdate:
        """Return the state of a page that redirects to another one that is not asked for on its behalf.

        One redirect proves nothing: gates redirect as well. Once a later visit is led to the same place, and no other
        page is, the page is an alias of an article, and gone where it is led to a list or the front page.
        """
        digest = _redirect_digest(str(problem.target))
        usual = self.crawl.knowledge.usual_pages(url)
        usual.note_doubt(digest, context.key)
        is_proven = context.doubted == digest and not usual.is_shared(digest, context.key)
        is_gate_like = not self.crawl.policy.is_article_url(str(problem.target))
        if context.kind == "article" and is_proven and is_gate_like:
            return gone_update(context.key, url, "article", now, problem.line)
        if context.kind != "article" or is_proven:
            return closed_update(context.key, url, "alias", now, problem.line)
        return rejected_update(
            context.key,
            url,
            "article",
            now,
            problem.line,
            digest=digest,
            is_queued=is_gate_like,
            pace=self.pace_of(url),
        )

    def _failed_update(self, url: str, context: RequestContext, problem: FetchProblem, now: datetime) -> PageUpdate:
        return failed_update(
            context.key,
            url,
            context.kind,
            now,
            problem.line,
            weight=problem.weight,
            wait_s=problem.wait_s,
            pace=self.pace_of(url),
        )

    def _withdraw(self, url: str, context: RequestContext, at: datetime, status: int, reason: str) -> None:
        self.frontier.note(gone_update(context.key, url, "article", at, reason))
        task = asyncio.get_running_loop().create_task(self._mark_withdrawn(context.key, at, status))
        self._withdrawals.add(task)
        task.add_done_callback(self._withdrawals.discard)

    async def _mark_withdrawn(self, key: str, at: datetime, status: int) -> None:
        try:
            if await ArticleStore(self.connection, fold=fold).mark_withdrawn(key, at, status):
                self.crawl.count("articles/withdrawn")
        except MongoUnavailableError as error:
            logger.error("%s: withdrawn, but not marked: %s", key, error)
            self.crawl.count("frontier/unwritten")


def _redirect_digest(target: str) -> str:
    """Return the name of a redirect's target, the same whatever its query says of where it came from."""
    return named(f"to {target.partition('?')[0]}")
