"""Stories for articles that come from the spool or from a file."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial

from newsspider.items import Article
from newsspider.mongo.server.connection import Connection
from newsspider.mongo.server.retry import Retry
from newsspider.mongo.stories.stories import Stories, is_kept

PATIENCE_S = 60.0


def story_assigner(
    connection: Connection, window_days: int, keep: str
) -> Callable[[list[Article]], Awaitable[list[Article]]]:
    """Return `assign_spooled` for the database of `connection`, as `spool_import` takes it."""
    return partial(assign_spooled, Stories(connection.db, window_days), connection.retry(PATIENCE_S), keep)


async def assign_spooled(stories: Stories, retry: Retry, keep: str, articles: list[Article]) -> list[Article]:
    """Assign `articles` to their stories and return those that are to be stored.

    An article that cannot be assigned is returned without a story: it gets one when it is crawled again, or by
    `scrapy articles recluster`.
    """
    assignments = await stories.assign_each(articles, retry)
    for article, assignment in zip(articles, assignments, strict=True):
        if assignment is not None:
            assignment.mark(article)
    return [article for article in articles if is_kept(article, keep)]
