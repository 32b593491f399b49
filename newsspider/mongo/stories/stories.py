"""Which articles tell the same story, kept in MongoDB for any number of workers.

Guaranteed, whatever the order and number of workers: the partition into stories follows from the links between pairs
alone. A story's id never changes, and an article's `story_id` only where its text has changed and tells another story,
or where two stories turn out to be one: then the one with the article seen first goes on, the members of the other are
put into it, and what is left of the other says `merged_into`. The canonical copy of a story may change at any time.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from bson.errors import BSONError
from pymongo import ASCENDING, IndexModel
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import PyMongoError

from newsspider.errors import NewsspiderError
from newsspider.items import Article
from newsspider.mongo.server.errors import is_transient
from newsspider.mongo.server.types import Document
from newsspider.mongo.stories import index as story_index
from newsspider.mongo.stories.index import IncomingArticle, StoryIndex
from newsspider.mongo.stories.writer import Compared, StoryWriter

logger = logging.getLogger(__name__)


KEEP: Final = ("all", "no-text", "first")
INDEXES: dict[str, list[IndexModel]] = {
    "fingerprints": story_index.INDEXES,
    "stories": [IndexModel([("members.id", ASCENDING)], name="members")],
    "articles": [
        IndexModel([("story_id", ASCENDING), ("published_at", ASCENDING)], name="story"),
        IndexModel(
            [("fingerprint.hb", ASCENDING)],
            name="body_hash",
            partialFilterExpression={"fingerprint.hb": {"$exists": True}},
        ),
    ],
}


class StoryAssignmentError(NewsspiderError):
    """MongoDB could not be asked, or an article cannot be written; `is_passing`: it may work later."""

    def __init__(self, reason: str, is_passing: bool) -> None:
        super().__init__(reason)
        self.is_passing = is_passing


@dataclass(slots=True)
class StoryAssignment:
    """Where an article belongs. `duplicate_of` is the canonical copy's id, None if that is the article itself.

    `alias_of`: the id under which this very article of this very site is known already.
    """

    fingerprint: Document
    story_id: str | None
    duplicate_of: str | None = None
    quotes: list[str] = field(default_factory=list)
    alias_of: str | None = None

    def mark(self, article: Article) -> None:
        """Note the placement in the article."""
        article.fingerprint, article.quotes, article.alias_of = self.fingerprint, self.quotes, self.alias_of
        article.story_id, article.duplicate_of = self.story_id, self.duplicate_of


def is_kept(article: Article, keep: str) -> bool:
    """Leave out of a copy what DEDUPE_KEEP (one of KEEP) says; return whether anything of it is to be stored."""
    if article.duplicate_of is None or article.alias_of is not None:
        return True
    if keep == "no-text":
        article.text = article.body_html = ""
    return keep != "first"


class Stories:
    """The stories of one database; copies are looked for `window_days` around an article's day, equal bodies always."""

    def __init__(self, database: AsyncDatabase[Document], window_days: int = 30) -> None:
        self.index = StoryIndex(database, timedelta(days=window_days))
        self.writer = StoryWriter(database)

    async def place(self, articles: Sequence[Article], *, is_anew: bool = False) -> list[StoryAssignment]:
        """Return the story of each article, in order; after a StoryAssignmentError call again with the same articles.

        `is_anew`: links that were found before are not trusted but looked for again.
        """
        try:
            return await self._place(articles, is_anew)
        except (PyMongoError, BSONError, UnicodeEncodeError) as error:
            is_passing = isinstance(error, PyMongoError) and is_transient(error)
            raise StoryAssignmentError(" ".join(str(error).split())[:200], is_passing) from error

    async def place_until(
        self, articles: Sequence[Article], pause: Callable[[float, str], Awaitable[bool]], *, is_anew: bool = False
    ) -> list[StoryAssignment]:
        """Return what `place` does. StoryAssignmentError: it does not pass, or there is no patience left.

        After a failure that passes `pause(seconds since the start, reason)` waits and says whether to try again.
        """
        started = time.monotonic()
        while True:
            try:
                return await self.place(articles, is_anew=is_anew)
            except StoryAssignmentError as error:
                if not error.is_passing or not await pause(time.monotonic() - started, str(error)):
                    raise

    async def place_patiently(
        self, articles: Sequence[Article], pause: Callable[[float, str], Awaitable[bool]]
    ) -> list[StoryAssignment | None]:
        """Return where each article belongs; None for one that cannot be placed. `pause` as in `place_until`."""
        try:
            return list(await self.place_until(articles, pause))
        except StoryAssignmentError as error:
            if not error.is_passing and len(articles) > 1:
                return [placed for one in articles for placed in await self.place_patiently([one], pause)]
            logger.error("%d articles are in no story: %s", len(articles), error)
            return [None] * len(articles)

    async def _place(self, articles: Sequence[Article], is_anew: bool) -> list[StoryAssignment]:
        newcomers = {article._id: self.index.newcomer(article) for article in articles}
        touched = await self.index.insert(list(newcomers.values()), is_anew=is_anew)
        fresh = [newcomer for newcomer in newcomers.values() if newcomer.id in touched]
        await self.index.find_links(fresh)
        own = {newcomer.id for newcomer in newcomers.values() if newcomer.alias_of is None}
        compared = {newcomer.id: _compared(newcomer) for newcomer in fresh if newcomer.id in own}
        await self.index.write_links([newcomers[key] for key in compared])
        left = await self.index.remove([newcomer.id for newcomer in fresh if newcomer.alias_of])
        linked = {other for one in compared.values() for other in one.links}
        alone = {
            key
            for key, one in compared.items()
            if not (one.links or touched[key] or newcomers[key].document["cl"] or key in linked)
        }
        seeds = (own - alone).union(left, *touched.values())
        others = {key: one for key, one in compared.items() if key not in alone}
        # both are waited for: what is still on its way must not meet a second attempt
        done = await asyncio.gather(
            self.writer.regroup(seeds, others),
            self.index.confirm([compared[key] for key in alone]),
            return_exceptions=True,
        )
        (names, canonicals), rest = (_result(each) for each in done)
        if rest:
            joined = await self.writer.regroup(rest, {key: compared[key] for key in rest})
            names, canonicals = names | joined[0], canonicals | joined[1]
        placements = {newcomer.id: _placement(newcomer, names, canonicals) for newcomer in newcomers.values()}
        return [placements[article._id] for article in articles]


def _compared(newcomer: IncomingArticle) -> Compared:
    links = frozenset(link.other for link in newcomer.links)
    return Compared(newcomer.id, newcomer.document["s"], newcomer.document["ch"], links)


def _result(outcome: Any) -> Any:
    if isinstance(outcome, BaseException):
        raise outcome
    return outcome


def _placement(newcomer: IncomingArticle, names: Mapping[str, str], canonicals: Mapping[str, str]) -> StoryAssignment:
    own = {"nv": newcomer.print.scheme, "hb": newcomer.print.body_hash}
    if newcomer.alias_of is not None:
        return StoryAssignment(own, newcomer.alias_story, alias_of=newcomer.alias_of)
    name = names.get(newcomer.id, newcomer.id)
    first = canonicals.get(name, newcomer.id)
    return StoryAssignment(own, name, None if first == newcomer.id else first, newcomer.quotes)
