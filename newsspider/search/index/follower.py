"""Keeps the index up to date with the database. One process at a time does, whoever takes the lock first.

A change says which article is to be looked at; what is written is what MongoDB then holds of it. So a change that is
read twice does no harm, and the mark in the index may be behind: what comes after it is read again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Final

from newsspider import clock
from newsspider.mongo.search.changes import ArticleChanges, ChangesLostError
from newsspider.mongo.server.connection import Connection
from newsspider.search.index.entries import INDEXED_FIELDS
from newsspider.search.index.files import Mark, folder_of
from newsspider.search.index.writer import IndexWriter

logger = logging.getLogger(__name__)

READ_BATCH: Final = 200
COMMIT_BATCH: Final = 10_000
INTERVAL_S: Final = 5.0
# a token may not become older than the changes that the server keeps
_MARKED_EVERY: Final = timedelta(minutes=1)
Progress = Callable[[int], None]


def _say_nothing(count: int) -> None:
    """Pass over how far a build has got."""


class Follower:
    """Follows the articles of `connection`; `progress` is called with how many articles a build has read so far."""

    def __init__(self, connection: Connection, settings: Mapping[str, Any], progress: Progress = _say_nothing) -> None:
        self._changes = ArticleChanges(connection.db)
        self._writer = IndexWriter(folder_of(settings))
        self._progress = progress
        self._archive = ""
        self._is_stopped = False

    def stop(self) -> None:
        """Have `catch_up` end after what it is at."""
        self._is_stopped = True

    async def open(self) -> bool:
        """Take the right to write; return False where another process has it. Raises OSError."""
        return await asyncio.to_thread(self._writer.open)

    async def to_build(self) -> int:
        """Return how many articles have to be read before the index is complete, about; 0 where it is."""
        self._archive = await self._changes.archive()
        mark = self._writer.mark
        is_complete = mark is not None and mark.archive == self._archive and mark.state == "following"
        return 0 if is_complete else await self._changes.count()

    async def catch_up(self, *, is_rebuilt: bool = False) -> int:
        """Bring the index up to date and commit; return how many articles were looked at. Raises PyMongoError."""
        self._archive = await self._changes.archive()
        mark = self._writer.mark
        count = 0
        if is_rebuilt or mark is None or mark.archive != self._archive:
            mark = await self._restart()
        while True:
            try:
                if mark.state == "building":
                    count += await self._build(mark)
                if self._is_stopped:
                    return count
                return count + await self._follow()
            except ChangesLostError as error:
                logger.warning("search: the index is built anew: %s", error)
                mark = await self._restart()

    async def _restart(self) -> Mark:
        mark = Mark(self._archive, await self._changes.now(), "building")
        await asyncio.to_thread(self._writer.restart, mark)
        return mark

    async def _build(self, mark: Mark) -> int:
        """Read all articles in the order of their ids, from the one on that `mark` has got to."""
        count, after = 0, mark.after
        while not self._is_stopped and (batch := await self._changes.after(after, INDEXED_FIELDS, READ_BATCH)):
            after = batch[-1]["_id"]
            count += len(batch)
            await asyncio.to_thread(self._writer.replace, batch)
            if count % COMMIT_BATCH < READ_BATCH:
                await asyncio.to_thread(self._writer.commit, mark.moved(after=after))
            self._progress(count)
        reached = mark.moved(after=after) if self._is_stopped else mark.moved(state="following", after=None)
        await asyncio.to_thread(self._writer.commit, reached)
        return count

    async def _follow(self) -> int:
        """Write what has changed since the mark."""
        count, is_more = 0, True
        while is_more:
            mark = self._reached()
            changes = await self._changes.since(mark.token, COMMIT_BATCH)
            ids = sorted(changes.ids)
            for start in range(0, len(ids), READ_BATCH):
                found, gone = await self._changes.read(ids[start : start + READ_BATCH], INDEXED_FIELDS)
                await asyncio.to_thread(self._writer.replace, found, gone)
            now = clock.now()
            if self._writer.is_changed or mark.time is None or now - mark.time > _MARKED_EVERY:
                reached = mark.moved(token=changes.token, at=now.isoformat())
                await asyncio.to_thread(self._writer.commit, reached)
            count += len(ids)
            is_more = changes.is_more
        return count

    def _reached(self) -> Mark:
        if self._writer.mark is None:
            raise RuntimeError("an index is followed after it was built")
        return self._writer.mark

    async def close(self, *, is_merged: bool = False) -> None:
        """Give the index back; with `is_merged` after its parts are merged."""
        await asyncio.to_thread(self._writer.close, is_merged=is_merged)
