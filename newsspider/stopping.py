"""A run that was told to stop: waits that could last are given up after a short time.

A signal stops the process, so there is one `DOWNLOADS` and one `DATABASE` for all of its crawls.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from newsspider.errors import NewsspiderError

Result = TypeVar("Result")


class StoppedError(NewsspiderError):
    """The run was told to stop, and what it waited for did not come in the time that was left."""


class Waits:
    """Waits for something outside of the process: as long as it takes, until the run is told to stop.

    After that each lasts until the end that was set, but `least_s` seconds at least. Once one of them was in vain later
    ones are not begun.
    """

    def __init__(self, least_s: float = 0.0) -> None:
        self._least_s = least_s
        self._ends_at: float | None = None
        self._waiting: set[asyncio.Timeout] = set()
        self._callbacks: list[Callable[[], None]] = []
        self.is_in_vain = False
        self.is_over = False

    def when_over(self, callback: Callable[[], None]) -> None:
        """Have `callback` called when the time is over that waits have after the run was told to stop."""
        self._callbacks.append(callback)

    def end(self, within_s: float) -> None:
        """End all waits within so many seconds; may be called once, from the event loop."""
        self._ends_at = asyncio.get_running_loop().time() + within_s
        for wait in self._waiting:
            wait.reschedule(self._ends_at)
        asyncio.get_running_loop().call_later(within_s, self._over)

    def _over(self) -> None:
        self.is_over = True
        for callback in self._callbacks:
            callback()

    async def wait(self, operation: Awaitable[Result]) -> Result:
        """Return the result of `operation`; it is cancelled with a StoppedError where it has to end."""
        try:
            async with asyncio.timeout_at(self._end()) as timeout:
                self._waiting.add(timeout)
                try:
                    return await operation
                finally:
                    self._waiting.discard(timeout)
        except TimeoutError:
            if not timeout.expired():
                raise
            self.is_in_vain = True
            raise StoppedError("the run was stopped while it waited") from None

    def _end(self) -> float | None:
        if self._ends_at is None:
            return None
        now = asyncio.get_running_loop().time()
        return now if self.is_in_vain else max(self._ends_at, now + self._least_s)


DOWNLOADS: Final = Waits()
DATABASE: Final = Waits(least_s=0.5)
