"""The search of the archive: one function for commands, web pages, the API and saved searches.

    query = parse("产业链 -广告 site:example.com")          # newsspider.search.parsing; QueryError for the user
    page = await search(connection, settings, query, limit=20, sort="newest", has_facets=True)
    page.total, page.next_cursor, page.hits[0].title        # see newsspider.search.results
    page = await search(connection, settings, query, cursor=page.next_cursor)

A hit is read from MongoDB, so that nothing of a removed article is ever shown. The index (newsspider/search/index) is
asked where there is one, otherwise the articles are scanned; both find the same articles.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from newsspider.mongo.search.changes import ArticleChanges
from newsspider.mongo.search.reads import HIT_FIELDS, articles_by_id, story_sizes, too_slow
from newsspider.mongo.server.connection import Connection
from newsspider.search.query import Query
from newsspider.search.results import (
    Hit,
    SearchPage,
    Sort,
    cursor_value,
    newest_cursor,
    relevance_cursor,
)
from newsspider.search.scan import scan
from newsspider.search.snippets import marked, snippet

if TYPE_CHECKING:
    from newsspider.search.index.reader import Found

logger = logging.getLogger(__name__)

MAX_LIMIT: Final = 1_000
SEARCH_S: Final = 20.0


async def search(
    connection: Connection,
    settings: Mapping[str, Any],
    query: Query,
    *,
    limit: int = 20,
    cursor: str | None = None,
    sort: Sort = "newest",
    has_facets: bool = False,
    within_s: float = SEARCH_S,
) -> SearchPage:
    """Return the first `limit` articles (at most MAX_LIMIT) that `query` asks for, or those after `cursor`.

    `newest` is by publication, else by first sighting. A cursor is for the same query and sort. With `has_facets` the
    page counts the values of all hits. Raises QueryError for a wrong cursor, SearchTimeoutError after `within_s`
    seconds, PyMongoError.
    """
    limit = max(1, min(limit, MAX_LIMIT))
    after = cursor_value(cursor, sort)
    try:
        async with asyncio.timeout(within_s):
            found = await _of_index(connection, settings, query, limit + 1, after, sort, has_facets=has_facets)
    except TimeoutError:
        raise too_slow(within_s) from None
    if found is None:
        return await _of_scan(connection, query, limit, after, sort, has_facets=has_facets, within_s=within_s)
    is_more = len(found.ranked) > limit
    if sort == "newest":
        next_cursor = newest_cursor(found.keys[limit - 1]) if is_more else None
    else:
        next_cursor = relevance_cursor((after or 0) + limit) if is_more else None
    hits = await read_hits(connection, query, found.ranked[:limit])
    return SearchPage(found.total, hits, found.facets, next_cursor, "index", found.mark.time)


async def _of_index(
    connection: Connection,
    settings: Mapping[str, Any],
    query: Query,
    limit: int,
    after: int | None,
    sort: Sort,
    **wanted: bool,
) -> Found | None:
    """Return the answer of the index; None where there is none of this database that is complete and can be read."""
    try:
        from newsspider.search.index.reader import BrokenIndexError, index_reader
    except ImportError:  # no wheel of tantivy for this machine
        return None
    try:
        reader = await asyncio.to_thread(index_reader, settings)
        if reader is None:
            return None
        found = await asyncio.to_thread(reader.ask, query, limit, after, sort, **wanted)
    except BrokenIndexError as error:
        logger.warning("search: the index cannot be read (%s): all articles are scanned", error)
        return None
    is_ours = found is not None and found.mark.archive == await ArticleChanges(connection.db).archive()
    return found if is_ours else None


async def _of_scan(
    connection: Connection,
    query: Query,
    limit: int,
    after: int | None,
    sort: Sort,
    *,
    has_facets: bool,
    within_s: float,
) -> SearchPage:
    scanned = await scan(connection, query, has_facets=has_facets, within_s=within_s)
    if sort == "newest":
        ranked = sorted(scanned.found, reverse=True)
        rest = [row for row in ranked if after is None or row[0] < after]
        next_cursor = newest_cursor(rest[limit - 1][0]) if len(rest) > limit else None
    else:
        ranked = sorted(scanned.found, key=lambda row: (-row[1], -row[0]))
        rest = ranked[after or 0 :]
        next_cursor = relevance_cursor((after or 0) + limit) if len(rest) > limit else None
    hits = await read_hits(connection, query, [(id_, score) for _, score, id_ in rest[:limit]])
    return SearchPage(len(ranked), hits, scanned.facets() if has_facets else {}, next_cursor)


async def matching_ids(
    connection: Connection, settings: Mapping[str, Any], query: Query, *, within_s: float = SEARCH_S
) -> AsyncIterator[list[str]]:
    """Yield the ids of all articles that `query` asks for, newest first, in lists. Raises as `search`."""
    after = None
    while True:
        found = await _of_index(connection, settings, query, MAX_LIMIT, after, "newest", is_counted=False)
        if found is None:
            break
        if found.ranked:
            yield [id_ for id_, _ in found.ranked]
        if len(found.ranked) < MAX_LIMIT:
            return
        after = found.keys[-1]
    scanned = await scan(connection, query, has_facets=False, within_s=within_s)
    ids = [id_ for key, _, id_ in sorted(scanned.found, reverse=True) if after is None or key < after]
    for start in range(0, len(ids), MAX_LIMIT):
        yield ids[start : start + MAX_LIMIT]


async def read_hits(connection: Connection, query: Query, ranked: Sequence[tuple[str, float]]) -> tuple[Hit, ...]:
    """Return the hits of (id, score) in their order; articles that are not stored any more are left out."""
    articles = await articles_by_id(connection.db, [id_ for id_, _ in ranked], (*HIT_FIELDS, "text"))
    stories = {article["story_id"] for article in articles.values() if article.get("story_id")}
    sizes = await story_sizes(connection.db, stories)
    hits = []
    for id_, score in ranked:
        if (article := articles.get(id_)) is not None:
            text = article.pop("text", "")
            title, shown = marked(article["title"], query.terms), snippet(text, query.terms)
            copies = sizes.get(article.get("story_id") or "", 1)
            hits.append(Hit(id_, score, article, title, shown, copies))
    return tuple(hits)
