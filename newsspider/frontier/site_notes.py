"""What a crawl notes of each site for its alarms: how fetches ended, and how many articles its listings show."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from datetime import datetime
from typing import Final

from newsspider.alarms.window import GOOD, Fetch
from newsspider.crawl.problems import RENDER, TEMPORARY, FetchProblem
from newsspider.crawl.request_context import PageResult, RequestContext
from newsspider.downloadermiddlewares.refusals import SkipReason
from newsspider.items import LISTING_KINDS, Article
from newsspider.mongo.crawl_state.site_windows import WindowUpdate, add_notes, fetches_update, rows_update
from newsspider.mongo.server.connection import Connection
from newsspider.urls import registered_domain

# so many notes are written at once; a killed process loses no more
BATCH: Final = 50
# results of a page that are bad wherever content was expected
BAD_RESULTS: Final = ("shell", "login", "empty", "error")
# reasons of a rejected answer that are verdicts themselves
REJECTIONS: Final = ("blocked", "outage", "empty", "unreadable", "misfit", "login")


class SiteNotes:
    """Gathers the notes of a crawl and adds them to the windows of the sites."""

    def __init__(self, connection: Connection) -> None:
        self.sites: set[str] = set()
        self._connection = connection
        self._fetches: defaultdict[str, list[Fetch]] = defaultdict(list)
        self._rows: list[tuple[str, str, int, datetime]] = []
        self._count = 0
        self._writes: set[asyncio.Task[None]] = set()

    def read(self, context: RequestContext, url: str, result: PageResult, now: datetime) -> None:
        """Note a page that gave no article itself; only first pages of listings say how a site is."""
        if _is_silent(context) or result.problem is not None or result.kind in ("postponed", "failed"):
            return
        is_listing = context.kind in LISTING_KINDS
        if result.kind in BAD_RESULTS and not (result.kind == "error" and context.is_stored):
            self._fetched(url, Fetch(now, result.kind, url))
        elif result.kind == "unchanged" or (is_listing and result.kind not in ("binary", "other")):
            self._fetched(url, Fetch(now, GOOD))
        if is_listing and result.kind not in ("unchanged", *BAD_RESULTS):
            self._rows.append((registered_domain(url), url, result.found, now))

    def article(self, item: Article, *, is_stored: bool) -> None:
        """Note an article that was read; one without a title or a text is not stored."""
        if is_stored:
            self._fetched(item.url, Fetch(item.fetched_at, GOOD))
        elif item.kind == "article" and not (item.title.strip() and item.text.strip()):
            self._fetched(item.url, Fetch(item.fetched_at, "dropped", item.url))

    def failed(self, url: str, context: RequestContext, problem: FetchProblem, now: datetime) -> None:
        """Note a request that gave no page; not one that our own rules refused, nor an article that is taken down."""
        if not _is_silent(context) and (verdict := _verdict(context, problem)):
            self._fetched(url, Fetch(now, verdict, url, problem.line))

    async def settled(self) -> None:
        """Return when all notes are written, or lost."""
        self._flush()
        if self._writes:
            await asyncio.wait(self._writes)

    def _fetched(self, url: str, fetch: Fetch) -> None:
        site = registered_domain(url)
        self.sites.add(site)
        self._fetches[site].append(fetch)
        self._count += 1
        if self._count >= BATCH:
            self._flush()

    def _flush(self) -> None:
        updates: list[WindowUpdate] = [fetches_update(site, fetches) for site, fetches in self._fetches.items()]
        updates += [rows_update(*row) for row in self._rows]
        self._fetches.clear()
        self._rows.clear()
        self._count = 0
        if updates:
            task = asyncio.get_running_loop().create_task(add_notes(self._connection.db, updates))
            self._writes.add(task)
            task.add_done_callback(self._writes.discard)


def _is_silent(context: RequestContext) -> bool:
    """Return True for a request that says nothing of the site: a guess, another site, a further page or piece."""
    return context.is_optional or context.is_offsite or context.page > 1 or bool(context.part or context.page_url)


def _verdict(context: RequestContext, problem: FetchProblem) -> str | None:
    if problem.is_skip:  # a second attempt is not made where the host refuses: the first one was refused
        return "refused" if problem.reason == SkipReason.HOST_REFUSES and context.attempt else None
    if problem.is_gone:
        is_expected = context.kind in LISTING_KINDS or (not context.depth and not context.is_stored)
        return "missing" if is_expected else None
    if problem.reason in REJECTIONS:
        return problem.reason
    if problem.reason == RENDER:
        return "shell"
    if problem.is_rejected or problem.reason.startswith("http_") or problem.reason == "put_off":
        return "refused"
    return "unreachable" if problem.weight <= TEMPORARY + 1 and problem.reason != "exception" else None
