"""What a search reads of the stored articles. Each read has a time limit."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Iterable
from typing import Final

from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import ExecutionTimeout, NetworkTimeout

from newsspider.errors import NewsspiderError
from newsspider.mongo.server.types import Document

HIT_FIELDS: Final = (
    *("short_id", "url", "site", "title", "source", "authors", "section", "language", "published_at"),
    *("published_precision", "first_seen_at", "revision", "story_id", "duplicate_of"),
)


class SearchTimeoutError(NewsspiderError):
    """A search took longer than it may; the message is one line for the user."""


async def candidates(
    database: AsyncDatabase[Document], query: Document, fields: Iterable[str], within_s: float
) -> AsyncIterator[Document]:
    """Yield articles that `query` finds, in any order. Raises SearchTimeoutError."""
    cursor = database["articles"].find(query, dict.fromkeys(fields, True)).max_time_ms(max(1, int(within_s * 1000)))
    try:
        async for found in cursor:
            yield found
    except (ExecutionTimeout, NetworkTimeout):
        raise too_slow(within_s) from None


def too_slow(within_s: float) -> SearchTimeoutError:
    """Return the error of a search that took longer than `within_s` seconds."""
    advice = "narrow it by site: or since:, or build the index (`scrapy articles index`)"
    return SearchTimeoutError(f"the search took longer than {within_s:g} s: {advice}")


async def articles_by_id(
    database: AsyncDatabase[Document], ids: Collection[str], fields: Iterable[str]
) -> dict[str, Document]:
    """Return those of the articles `ids` that are stored, by id."""
    if not ids:
        return {}
    found = database["articles"].find({"_id": {"$in": list(ids)}}, dict.fromkeys(fields, True))
    return {article["_id"]: article async for article in found}


async def story_sizes(database: AsyncDatabase[Document], ids: Collection[str]) -> dict[str, int]:
    """Return how many articles the stories `ids` have; those of one article are left out."""
    if not ids:
        return {}
    found = database["stories"].find({"_id": {"$in": list(ids)}}, {"n": True})
    return {story["_id"]: story["n"] async for story in found if story.get("n")}
