"""The retry loop of all database operations: it waits out an outage of MongoDB with growing pauses.

While it waits it starts the private server again. A crawl that has other work to do is more patient than one that only
waits for MongoDB.
"""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeVar

from pymongo.errors import AutoReconnect, PyMongoError

from newsspider.errors import NewsspiderError
from newsspider.mongo.server.errors import MongoUnavailableError, is_transient, one_line
from newsspider.stopping import DATABASE, StoppedError

logger = logging.getLogger(__name__)

FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.1, 2.0
# a crawl that has other work to do waits for MongoDB this many times longer than one that is ending
PATIENCE_IN_CRAWL = 10

# between two lines that say that MongoDB is waited for
SAY_AGAIN_S = 10.0

Result = TypeVar("Result")


@dataclass(slots=True)
class _LastSaid:
    """When the process said last that it waits, by the monotonic clock."""

    at: float = -math.inf


_said = _LastSaid()


class StoppedWaitingError(NewsspiderError, AutoReconnect):
    """The run was told to stop, and MongoDB did not answer in the time that was left."""


@dataclass(slots=True)
class Retry:
    """Repeats operations that fail with a transient error.

    `patience_s`: seconds from the first failure after which the error is raised, PATIENCE_IN_CRAWL times as many unless
    `is_ending()` says that the crawl has nothing else left to do. `revive` starts the private server if that has died.
    `purpose` names the waiting part in the log. While `is_given_up` is set a failure is raised at once; the next
    success clears it.
    """

    patience_s: float
    revive: Callable[[], Awaitable[None]] | None = None
    is_ending: Callable[[], bool] = field(default=lambda: True)
    purpose: str = ""
    is_given_up: bool = False

    async def run(
        self,
        operation: Callable[[], Awaitable[Result]],
        is_passing: Callable[[Exception], bool] = is_transient,
    ) -> Result:
        """Return the result of `operation`; raise its error if that is not passing or the patience is used up.

        In a run that was told to stop, StoppedWaitingError after a short time.
        """
        try:
            return await DATABASE.wait(self._run(operation, is_passing))
        except StoppedError:
            raise StoppedWaitingError("the run was stopped before MongoDB answered") from None

    async def _run(self, operation: Callable[[], Awaitable[Result]], is_passing: Callable[[Exception], bool]) -> Result:
        failed_at: float | None = None
        pause_s = FIRST_PAUSE_S
        while True:
            try:
                result = await operation()
            except (PyMongoError, NewsspiderError) as error:
                failed_at = failed_at or time.monotonic()
                if not is_passing(error) or self._is_over(time.monotonic() - failed_at + pause_s):
                    raise
                self._log(error)
            else:
                self.is_given_up = False
                return result
            await asyncio.sleep(pause_s)
            await self._revive()
            pause_s = min(2 * pause_s, LONGEST_PAUSE_S)

    def _is_over(self, waited_s: float) -> bool:
        patience_s = self.patience_s * (1 if self.is_ending() else PATIENCE_IN_CRAWL)
        return self.is_given_up or waited_s > patience_s

    async def _revive(self) -> None:
        if self.revive is None:
            return
        try:
            await self.revive()
        except MongoUnavailableError as error:
            self._log(error)

    def _log(self, error: Exception) -> None:
        """Say that MongoDB is waited for, for all operations of the process together."""
        now = time.monotonic()
        purpose = f" ({self.purpose})" if self.purpose else ""
        is_time = now - _said.at >= SAY_AGAIN_S
        if is_time:
            _said.at = now
        level = logging.WARNING if is_time else logging.DEBUG
        logger.log(level, "waiting for MongoDB%s: %s", purpose, one_line(error))
