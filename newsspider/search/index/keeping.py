"""Keeps the index up to date: once, for a command that searches, or all the time, in a process that stays."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from typing import Any, Final

from newsspider.mongo.server.connection import Connection
from newsspider.mongo.server.errors import DatabaseError, one_line
from newsspider.search.index.follower import INTERVAL_S, Follower

logger = logging.getLogger(__name__)

# an index of more articles is built by `scrapy articles index` alone: it takes about a minute per 100,000
MOST_TO_BUILD: Final = 20_000
_TRIED_EVERY_S: Final = 30.0
_WAITED_S: Final = 0.25


async def refresh(connection: Connection, settings: Mapping[str, Any], *, wait_s: float = 0.0) -> int:
    """Bring the index up to date if no other process does; return how many articles wait for it to be built.

    Nothing is done where that would take long, or where SEARCH_DIR cannot be written. `wait_s` is how long another
    process is waited for. Raises PyMongoError.
    """
    follower = Follower(connection, settings)
    try:
        while not await follower.open():
            if wait_s <= 0:
                return 0
            wait_s -= _WAITED_S
            await asyncio.sleep(_WAITED_S)
        try:
            if (count := await follower.to_build()) > MOST_TO_BUILD:
                return count
            await follower.catch_up()
        finally:
            await follower.close()
    except (OSError, ValueError) as error:
        logger.warning("search: the index cannot be written: %s", error)
    return 0


class IndexKeeper:
    """Follows the database from `run` to `stop`, as soon as no other process does. Errors are logged and survived."""

    def __init__(self, connection: Connection, settings: Mapping[str, Any]) -> None:
        self._connection = connection
        self._settings = settings
        self._stopping = asyncio.Event()
        self._follower: Follower | None = None
        self.waiting = 0
        self._said = ""

    async def run(self, first_after_s: float = 0.0) -> None:
        """Follow until `stop`; the first look is after `first_after_s` seconds."""
        pause_s = first_after_s
        while not await self._is_stopped_within(pause_s):
            pause_s = INTERVAL_S
            try:
                if not await self._has_lock() or not await self.catch_up():
                    pause_s = _TRIED_EVERY_S
            except (DatabaseError, OSError, ValueError) as error:
                self._say(one_line(error))
                pause_s = _TRIED_EVERY_S
                if not isinstance(error, DatabaseError):  # tantivy writes no more after an error
                    await self._close()
        await self._close()

    async def catch_up(self) -> bool:
        """Bring the index up to date; return False where it is too much to do here."""
        if self._follower is None:
            return False
        self.waiting = await self._follower.to_build()
        if self.waiting > MOST_TO_BUILD:
            await self._close()
            return False
        await self._follower.catch_up()
        return True

    def stop(self) -> None:
        """Have `run` end after what it is at."""
        self._stopping.set()
        if self._follower is not None:
            self._follower.stop()

    def _say(self, problem: str) -> None:
        """Log a problem, once as long as it stays the same."""
        if problem != self._said:
            logger.warning("search: the index is behind: %s", problem)
        self._said = problem

    async def _has_lock(self) -> bool:
        if self._follower is None:
            follower = Follower(self._connection, self._settings)
            if await follower.open():
                self._follower = follower
        return self._follower is not None

    async def _close(self) -> None:
        if self._follower is not None:
            await self._follower.close()
            self._follower = None

    async def _is_stopped_within(self, seconds: float) -> bool:
        try:
            async with asyncio.timeout(seconds):
                await self._stopping.wait()
        except TimeoutError:
            return False
        return True
