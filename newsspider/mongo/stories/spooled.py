"""Stories for articles that come from the spool or from a file."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from newsspider.items import Article
from newsspider.mongo.server.connection import Connection, MongoUnavailableError
from newsspider.mongo.stories.stories import Stories, is_kept

logger = logging.getLogger(__name__)


PLACER_PAUSE_S, PLACER_PATIENCE_S = 1.0, 60.0


def placer(connection: Connection, window_days: int, keep: str) -> Callable[[list[Article]], Awaitable[list[Article]]]:
    """Return a function that puts articles into their stories and returns those that are to be stored.

    What cannot be placed is returned as it is: a later crawl of the article or a `recluster` makes up for it.
    """
    stories = Stories(connection.db, window_days)

    async def pause(waited_s: float, reason: str) -> bool:
        await asyncio.sleep(PLACER_PAUSE_S)
        try:
            await connection.revive()
        except MongoUnavailableError as error:
            logger.warning("%s", error)
        return waited_s < PLACER_PATIENCE_S

    async def place(articles: list[Article]) -> list[Article]:
        placements = await stories.place_patiently(articles, pause)
        for article, placed in zip(articles, placements, strict=True):
            if placed is not None:
                placed.mark(article)
        return [article for article in articles if is_kept(article, keep)]

    return place
