"""The search for articles that may be copies: those that share most MinHash keys.

A *hot key* is held by so many articles that it belongs to a template: it says nothing about a text, and looking it up
would cost the most.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from pymongo.asynchronous.database import AsyncDatabase

from newsspider.fingerprint import SCHEME
from newsspider.mongo.server.types import Document
from newsspider.mongo.stories.fingerprint_document import Field, FingerprintDocument, projection
from newsspider.mongo.stories.incoming import IncomingArticle

MAX_CANDIDATES: Final = 30
# maximum number of fingerprints that are read at once for the keys of a batch
MAX_SHARING: Final = 500
# a key is hot if more than this many of them hold it
HOT_KEY_HOLDERS: Final = 100
MAX_HOT_KEYS: Final = 100_000
# Minimum number of selective keys (those that are not hot) for an in-memory lookup. Below it, MongoDB ranks the
# candidates.
MIN_SELECTIVE_KEYS: Final = 12


class CandidateSearch:
    """Finds candidates within `window` of an article's day; hot keys are remembered for the crawl."""

    def __init__(self, database: AsyncDatabase[Document], window: timedelta) -> None:
        self._fingerprints = database["fingerprints"]
        self.window = window
        self.hot_keys: set[int] = set()

    async def find(self, incoming: Sequence[IncomingArticle]) -> dict[str, list[str]]:
        """Return for each article the ids of the articles that share most keys with it, best first."""
        selective: dict[str, list[int]] = {}
        unselective: list[FingerprintDocument] = []
        for one in incoming:
            keys = [key for key in one.document.keys if key not in self.hot_keys]
            if len(keys) < min(MIN_SELECTIVE_KEYS, len(one.document.keys)):
                unselective.append(one.document)
            else:
                selective[one.id] = keys
        found, ranked = await asyncio.gather(
            self._sharing([one for one in incoming if one.id in selective], selective),
            asyncio.gather(*(self.ranked(document.id, document.keys, document.day) for document in unselective)),
        )
        return found | {document.id: ids for document, ids in zip(unselective, ranked, strict=True)}

    async def _sharing(
        self, incoming: Sequence[IncomingArticle], selective: Mapping[str, Sequence[int]]
    ) -> dict[str, list[str]]:
        """Return the candidates that hold any of the `selective` keys; the hot ones among these are remembered."""
        keys = {key for one in incoming for key in selective[one.id]}
        if not keys:
            return {one.id: [] for one in incoming}
        query = {Field.KEYS: {"$in": list(keys)}, Field.SCHEME: SCHEME}
        cursor = self._fingerprints.find(query, projection(Field.KEYS, Field.DAY)).limit(MAX_SHARING + 1)
        found = await cursor.to_list()
        holders: dict[int, list[Document]] = {}
        for document in found:
            for key in keys.intersection(document[Field.KEYS]):
                holders.setdefault(key, []).append(document)
        if len(found) <= MAX_SHARING:
            return {one.id: self._best(one.document, selective[one.id], holders) for one in incoming}
        if hot := {key for key, documents in holders.items() if len(documents) > HOT_KEY_HOLDERS}:
            self._remember(hot)
            return await self.find(incoming)
        if len(incoming) == 1:
            only = incoming[0]
            return {only.id: await self.ranked(only.id, selective[only.id], only.document.day)}
        middle = len(incoming) // 2
        halves = [self._sharing(incoming[:middle], selective), self._sharing(incoming[middle:], selective)]
        first, second = await asyncio.gather(*halves)
        return first | second

    def _remember(self, hot: Collection[int]) -> None:
        if len(self.hot_keys) + len(hot) > MAX_HOT_KEYS:
            self.hot_keys.clear()
        self.hot_keys.update(hot)

    def _best(
        self, own: FingerprintDocument, keys: Iterable[int], holders: Mapping[int, Sequence[Document]]
    ) -> list[str]:
        shared = Counter(
            other[Field.ID]
            for key in set(keys)
            for other in holders.get(key, ())
            if abs(other[Field.DAY] - own.day) <= self.window and other[Field.ID] != own.id
        )
        return sorted(shared, key=lambda key: (-shared[key], key))[:MAX_CANDIDATES]

    async def ranked(self, own_id: str, keys: Sequence[int], day: datetime) -> list[str]:
        """Return the candidates of one article, ranked by MongoDB."""
        if not keys:
            return []
        days = {"$gte": day - self.window, "$lte": day + self.window}
        pipeline: list[Document] = [
            {"$match": {Field.KEYS: {"$in": keys}, Field.DAY: days}},
            {"$match": {Field.ID: {"$ne": own_id}, Field.SCHEME: SCHEME}},
            {"$project": {"shared": {"$size": {"$setIntersection": [f"${Field.KEYS}", keys]}}}},
            {"$sort": {"shared": -1, Field.ID: 1}},
            {"$limit": MAX_CANDIDATES},
        ]
        cursor = await self._fingerprints.aggregate(pipeline)
        return [found[Field.ID] for found in await cursor.to_list()]
