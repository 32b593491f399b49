"""The step after an article's write: its story is confirmed, then its page is marked as done.

Before it the article is stored and its page is still queued, so that a kill in between costs a second fetch.
"""

from __future__ import annotations

from collections.abc import Sequence

from pymongo import UpdateOne
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import BulkWriteError

from newsspider.alarms.window import entry_of
from newsspider.mongo.articles.documents import storable
from newsspider.mongo.articles.entry import Entry
from newsspider.mongo.crawl_state.page_updates import (
    PaceOf,
    RevisitPolicy,
    closed_update,
    disputed_page_update,
    done_update,
    removed_page_update,
)
from newsspider.mongo.crawl_state.site_windows import add_notes, articles_update
from newsspider.mongo.server.types import Document
from newsspider.mongo.stories.writer import confirm_stories
from newsspider.urls import registered_domain


async def finish(database: AsyncDatabase[Document], entries: Sequence[Entry], pace_of: PaceOf | None) -> int:
    """Finish written entries; return how many pages MongoDB refused to mark, each of which costs a second fetch.

    `pace_of` None: no crawl state is written. May be repeated after a PyMongoError.
    """
    grouped = [e for e in entries if e.article.fingerprint and e.outcome not in ("disputed", "removed")]
    await confirm_stories(database, [entry.key for entry in grouped])
    if pace_of is None or not entries:
        return 0
    refused = 0
    try:
        await database["pages"].bulk_write(
            [_page_update(entry, pace_of(entry.article.url)) for entry in entries], ordered=False
        )
    except BulkWriteError as error:
        refused = len(error.details.get("writeErrors", []))
    await add_notes(database, _window_updates(entries))
    return refused


def _window_updates(entries: Sequence[Entry]) -> list[UpdateOne]:
    """Return the writes that add new articles to the windows of their sites."""
    by_site: dict[str, list[Document]] = {}
    for entry in entries:
        visit = entry.article.visit
        if entry.outcome != "new" or visit is None or visit.found == "offsite":
            continue
        if found := entry_of(entry.article, entry.seen_at, is_listed=visit.found == "listed"):
            by_site.setdefault(registered_domain(entry.article.url), []).append(found)
    return [articles_update(site, found) for site, found in by_site.items()]


def _page_update(entry: Entry, policy: RevisitPolicy) -> UpdateOne:
    article = entry.article
    if entry.outcome == "removed":
        return removed_page_update(article._id, article.url, entry.seen_at)
    if entry.refusal is not None:
        return closed_update(storable(article._id), storable(article.url), "article", entry.seen_at, "quarantine")
    if entry.outcome == "alias":
        return closed_update(article._id, article.url, "article", entry.seen_at, "alias")
    if entry.outcome == "disputed":
        return disputed_page_update(article._id, article.url, entry.seen_at, pace=policy)
    return done_update(
        article._id,
        article.url,
        entry.seen_at,
        has_changed=entry.outcome in ("new", "changed"),
        validators=entry.validators,
        pace=policy,
    )
