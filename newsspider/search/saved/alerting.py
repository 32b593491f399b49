"""Runs saved searches: records what is new, and sends it by ALERT_URLS, each article once.

New is an article whose present version was first seen after the search was saved. A search looks back over a day, for
what a crawl has stored late; what it has found before is known by its record.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from newsspider.alarms.sending import AlertUrlError, Sender, split_urls
from newsspider.alarms.wording import LANGUAGES
from newsspider.mongo.search.reads import HIT_FIELDS, SearchTimeoutError, articles_by_id, story_sizes
from newsspider.mongo.search.saved import Match, SavedSearch, SavedSearches
from newsspider.mongo.server.connection import Connection
from newsspider.search.archive_search import matching_ids
from newsspider.search.matching import moment_of
from newsspider.search.parsing import parse
from newsspider.search.query import QueryError, Seen
from newsspider.search.saved.wording import NewStory, message

logger = logging.getLogger(__name__)

LOOKED_BACK: Final = timedelta(days=1)
SEARCH_S: Final = 60.0


@dataclass(frozen=True, slots=True)
class Ran:
    """What became of a search: articles that are new, and those sent; `is_sent` False: a service did not take it."""

    search: SavedSearch
    new: int
    sent: int = 0
    is_sent: bool = True
    problem: str = ""


async def run_searches(
    connection: Connection, settings: Mapping[str, Any], searches: Iterable[SavedSearch], now: datetime
) -> list[Ran]:
    """Record what `searches` find and send it for those that are to alert. Raises PyMongoError.

    Without ALERT_URLS it is recorded and left until there are any. One search that fails leaves the others alone.
    """
    saved = SavedSearches(connection.db)
    await saved.prepare()
    urls = split_urls(settings["ALERT_URLS"])
    ran = []
    for search in searches:
        try:
            new = await _record(connection, settings, saved, search, now)
        except (QueryError, SearchTimeoutError) as error:
            logger.warning("saved search %s: %s", search.name, error)
            ran.append(Ran(search, 0, problem=str(error)))
            continue
        sent, is_sent = 0, True
        if search.is_alert and urls:
            sent, is_sent = await _tell(connection, settings, saved, search, urls, now)
        ran.append(Ran(search, new, sent, is_sent))
    return ran


async def _record(
    connection: Connection, settings: Mapping[str, Any], saved: SavedSearches, search: SavedSearch, now: datetime
) -> int:
    since = max(search.created_at, (search.checked_at or search.created_at) - LOOKED_BACK)
    query = parse(search.query, now).narrowed(Seen(since))
    new = 0
    async for ids in matching_ids(connection, settings, query, within_s=SEARCH_S):
        articles = await articles_by_id(connection.db, ids, ("story_id",))
        new += await saved.record(search.name, articles.values(), now)
    await saved.checked(search.name, now)
    return new


async def _tell(
    connection: Connection,
    settings: Mapping[str, Any],
    saved: SavedSearches,
    search: SavedSearch,
    urls: list[str],
    now: datetime,
) -> tuple[int, bool]:
    """Send the matches that nobody was told of; return how many, and whether every service took them."""
    count = 0
    while matches := await saved.claim(search.name, now):
        stories = await new_stories(connection, saved, search.name, matches)
        is_taken = True
        if stories:
            language = settings["ALERT_LANGUAGE"] if settings["ALERT_LANGUAGE"] in LANGUAGES else LANGUAGES[0]
            is_taken = await asyncio.to_thread(_send, urls, *message(search.name, search.query, stories, language))
        await saved.settle(matches, now, is_told=is_taken)
        if not is_taken:
            return count, False
        count += len(matches)
    return count, True


async def new_stories(
    connection: Connection, saved: SavedSearches, name: str, matches: Sequence[Match]
) -> list[NewStory]:
    """Return what `matches` found by story, latest story first; articles that are not stored any more are left out."""
    articles = await articles_by_id(connection.db, [match.article_id for match in matches], HIT_FIELDS)
    by_story: dict[str, list[Mapping[str, Any]]] = {}
    for article in articles.values():
        by_story.setdefault(article.get("story_id") or article["_id"], []).append(article)
    sizes = await story_sizes(connection.db, list(by_story))
    known = await saved.told_stories(name, list(by_story))
    stories = [
        NewStory(sorted(found, key=moment_of), max(sizes.get(story, 1), len(found)), story in known)
        for story, found in by_story.items()
    ]
    return sorted(stories, key=lambda story: moment_of(story.articles[0]), reverse=True)


def _send(urls: list[str], title: str, text: str) -> bool:
    try:
        return Sender(urls).send(title, text)
    except AlertUrlError as error:
        logger.warning("ALERT_URLS: %s", error)
        return False
