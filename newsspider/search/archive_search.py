"""The search of the archive: one function for commands, web pages, the API and saved searches.

    query = parse("产业链 -广告 site:example.com")          # newsspider.search.parsing; QueryError for the user
    page = await search(connection, settings, query, limit=20, sort="newest", has_facets=True)
    page.total, page.next_cursor, page.hits[0].title        # see newsspider.search.results
    page = await search(connection, settings, query, cursor=page.next_cursor)

A hit is read from MongoDB, so that nothing of a removed article is ever shown. The index (newsspider/search/index) is
asked where there is one, otherwise the articles are scanned; both find the same articles.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from newsspider.mongo.search.reads import HIT_FIELDS, articles_by_id, story_sizes
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
