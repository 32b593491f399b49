"""Stories: groups of articles with the same text, kept in MongoDB for any number of workers.

Guaranteed for any order and any number of workers: the partition into stories follows from the links between pairs
alone, and the id of a story never changes. The `story_id` of an article changes only where its text has changed and
tells another story, or where two stories turn out to be one. Then the story with the article seen first goes on, the
members of the other are put into it, and the other one gets `merged_into`. The canonical copy may change at any time.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from bson.errors import BSONError
from pymongo import ASCENDING, IndexModel
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import PyMongoError

from newsspider.errors import NewsspiderError
from newsspider.items import Article
from newsspider.mongo.server.errors import is_transient, one_line
from newsspider.mongo.server.retry import Retry
from newsspider.mongo.server.types import Document
from newsspider.mongo.stories import index as story_index
from newsspider.mongo.stories.fingerprint_document import Field
from newsspider.mongo.stories.incoming import IncomingArticle
from newsspider.mongo.stories.index import StoryIndex
from newsspider.mongo.stories.writer import ComparedArticle, StoryWriter

logger = logging.getLogger(__name__)


FINGERPRINT_BODY: Final = f"fingerprint.{Field.BODY_HASH}"
KEEP: Final = ("all", "no-text", "first")
INDEXES: dict[str, list[IndexModel]] = {
    "fingerprints": story_index.INDEXES,
    "stories": [IndexModel([("members.id", ASCENDING)], name="members")],
    "articles": [
        IndexModel([("story_id", ASCENDING), ("published_at", ASCENDING)], name="story"),
        IndexModel(
            [(FINGERPRINT_BODY, ASCENDING)],
            name="body_hash",
            partialFilterExpression={FINGERPRINT_BODY: {"$exists": True}},
        ),
    ],
}


class StoryAssignmentError(NewsspiderError):
    """MongoDB is unavailable, or an article cannot be written; `is_passing`: the same may succeed later."""

    def __init__(self, reason: str, is_passing: bool) -> None:
        super().__init__(reason)
        self.is_passing = is_passing


@dataclass(slots=True)
class StoryAssignment:
    """The story of an article. `duplicate_of` is the id of the canonical copy, None if that is the article itself.

    `alias_of`: the id under which this very article of this very site is known already.
    """

    fingerprint: Document
    story_id: str | None
    duplicate_of: str | None = None
    quotes: list[str] = field(default_factory=list)
    alias_of: str | None = None

    def mark(self, article: Article) -> None:
        """Write the assignment into the article."""
        article.fingerprint, article.quotes, article.alias_of = self.fingerprint, self.quotes, self.alias_of
        article.story_id, article.duplicate_of = self.story_id, self.duplicate_of


def is_kept(article: Article, keep: str) -> bool:
    """Remove from a copy what DEDUPE_KEEP (one of KEEP) leaves out; return False if nothing of it is to be stored."""
    if article.duplicate_of is None or article.alias_of is not None:
        return True
    if keep == "no-text":
        article.text = article.body_html = ""
    return keep != "first"


class Stories:
    """The stories of one database; `window_days` around an article's day are searched, equal bodies of any day."""

    def __init__(self, database: AsyncDatabase[Document], window_days: int = 30) -> None:
        self.index = StoryIndex(database, timedelta(days=window_days))
        self.writer = StoryWriter(database)

    async def assign(
        self, articles: Sequence[Article], retry: Retry | None = None, *, is_anew: bool = False
    ) -> list[StoryAssignment]:
        """Return the story of each article, in order, with `retry` through an outage of MongoDB.

        `is_anew`: links that were found before are looked for again. After a StoryAssignmentError that passes, the
        call may be repeated with the same articles.
        """
        try:
            if retry is None:
                return await self._assign(articles, is_anew)
            return await retry.run(lambda: self._assign(articles, is_anew))
        except (PyMongoError, BSONError, UnicodeEncodeError) as error:
            raise StoryAssignmentError(one_line(error), is_transient(error)) from error

    async def assign_each(self, articles: Sequence[Article], retry: Retry) -> list[StoryAssignment | None]:
        """Return the story of each article, in order; None for one that cannot be assigned."""
        try:
            return list(await self.assign(articles, retry))
        except StoryAssignmentError as error:
            if not error.is_passing and len(articles) > 1:
                return [found for one in articles for found in await self.assign_each([one], retry)]
            logger.error("%d articles are in no story: %s", len(articles), error)
            return [None] * len(articles)

    async def _assign(self, articles: Sequence[Article], is_anew: bool) -> list[StoryAssignment]:
        incoming = {article._id: self.index.incoming(article) for article in articles}
        touched = await self.index.insert(list(incoming.values()), is_anew=is_anew)
        fresh = [one for one in incoming.values() if one.id in touched]
        await self.index.find_links(fresh)
        own = {one.id for one in incoming.values() if one.alias_of is None}
        compared = {one.id: _compared(one) for one in fresh if one.id in own}
        await self.index.write_links([incoming[key] for key in compared])
        left = await self.index.remove([one.id for one in fresh if one.alias_of])
        linked = {other for one in compared.values() for other in one.links}
        alone = {
            key
            for key, one in compared.items()
            if not (one.links or touched[key] or incoming[key].document.story or key in linked)
        }
        seeds = (own - alone).union(left, *touched.values())
        others = {key: one for key, one in compared.items() if key not in alone}
        # both are awaited: a write in flight must not meet a second attempt
        done = await asyncio.gather(
            self.writer.regroup(seeds, others),
            self.index.confirm([compared[key] for key in alone]),
            return_exceptions=True,
        )
        (names, canonicals), rest = (_result(each) for each in done)
        if rest:
            joined = await self.writer.regroup(rest, {key: compared[key] for key in rest})
            names, canonicals = names | joined[0], canonicals | joined[1]
        assignments = {one.id: _assignment(one, names, canonicals) for one in incoming.values()}
        return [assignments[article._id] for article in articles]


def _compared(incoming: IncomingArticle) -> ComparedArticle:
    links = frozenset(link.other for link in incoming.links)
    return ComparedArticle(incoming.id, incoming.document.order, incoming.document.content_hash, links)


def _result(outcome: Any) -> Any:
    if isinstance(outcome, BaseException):
        raise outcome
    return outcome


def _assignment(incoming: IncomingArticle, names: Mapping[str, str], canonicals: Mapping[str, str]) -> StoryAssignment:
    own = {Field.SCHEME: incoming.print.scheme, Field.BODY_HASH: incoming.print.body_hash}
    if incoming.alias_of is not None:
        return StoryAssignment(own, incoming.alias_story, alias_of=incoming.alias_of)
    name = names.get(incoming.id, incoming.id)
    first = canonicals.get(name, incoming.id)
    return StoryAssignment(own, name, None if first == incoming.id else first, incoming.quotes)
