"""Group commit: items that several tasks hand in one by one are written together.

Each task waits for the result of its own item, which it gets when the batch has been written.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

# a batch of this part of the full size does not wait for more items: a larger one is hardly cheaper per item
WORTH_WRITING = 4
# within the linger time the queue is looked at this many times; nothing new since the last time ends it
LOOKS = 3


@dataclass(slots=True, eq=False)
class Pending(Generic[Item, Result]):
    """An item on its way and the future of the task that waits for it; None if no task does."""

    item: Item
    result: asyncio.Future[Result] | None = None

    @property
    def is_settled(self) -> bool:
        return self.result is None or self.result.done()

    def settle(self, result: Result) -> None:
        if self.result is not None and not self.result.done():
            self.result.set_result(result)

    def fail(self, error: Exception) -> None:
        if self.result is not None and not self.result.done():
            self.result.set_exception(error)


@dataclass(frozen=True, slots=True)
class BatchLimits(Generic[Item]):
    """The size of batches and how many are written at a time.

    `linger_s`: the longest time that a small batch waits for more items. `size_of` gives an item's bytes. `key_of`:
    two batches that are written at the same time hold no items of equal keys.
    """

    items: int
    linger_s: float = 0
    writers: int = 1
    max_bytes: int | None = None
    size_of: Callable[[Item], int] | None = None
    key_of: Callable[[Item], Hashable] | None = None


class BatchQueue(Generic[Item, Result]):
    """Hands the items of many tasks in batches to `write`, which settles each of them.

    An error that `write` raises is passed on to the items that it left unsettled; the next batches are written all the
    same.
    """

    def __init__(
        self, write: Callable[[Sequence[Pending[Item, Result]]], Awaitable[None]], limits: BatchLimits[Item]
    ) -> None:
        self._write = write
        self._limits = limits
        self._queue: deque[Pending[Item, Result]] = deque()
        self._writers: set[asyncio.Task[None]] = set()
        self._in_flight: list[set[Hashable]] = []
        self._has_written = asyncio.Condition()

    async def put(self, item: Item) -> Result:
        """Return the result of `item` once its batch has been written; raise the error that it met."""
        pending: Pending[Item, Result] = Pending(item, asyncio.get_running_loop().create_future())
        self._append(pending)
        assert pending.result is not None  # noqa: S101
        return await pending.result

    def add(self, item: Item) -> None:
        """Have `item` written without waiting for it; its result and its error are dropped."""
        self._append(Pending(item))

    async def drain(self) -> None:
        """Return when all items handed in so far, and those that came meanwhile, are settled."""
        while self._writers:
            await asyncio.wait(self._writers)

    def _append(self, pending: Pending[Item, Result]) -> None:
        self._queue.append(pending)
        has_place = len(self._writers) < self._limits.writers
        if not self._writers or (has_place and self._is_worth_writing(len(self._queue))):
            self._writers.add(asyncio.get_running_loop().create_task(self._write_until_empty()))

    async def _write_until_empty(self) -> None:
        try:
            while self._queue:
                await self._write_alone(await self._collected())
        finally:
            self._writers.difference_update([asyncio.current_task()])

    async def _collected(self) -> list[Pending[Item, Result]]:
        """Return the next batch: one worth writing, or all that came until a look at the queue found nothing new."""
        batch: list[Pending[Item, Result]] = []
        size = 0
        limits = self._limits
        deadline = time.monotonic() + limits.linger_s
        while True:
            before = len(batch)
            while self._queue and len(batch) < limits.items and not self._is_heavy(size):
                batch.append(self._queue.popleft())
                size += limits.size_of(batch[-1].item) if limits.size_of else 0
            is_enough = self._is_worth_writing(len(batch)) or self._is_heavy(size)
            if is_enough or len(batch) == before or time.monotonic() >= deadline:
                return batch
            await asyncio.sleep(limits.linger_s / LOOKS)

    def _is_worth_writing(self, items: int) -> bool:
        return items * WORTH_WRITING >= self._limits.items

    def _is_heavy(self, size: int) -> bool:
        return self._limits.max_bytes is not None and size >= self._limits.max_bytes

    async def _write_alone(self, batch: Sequence[Pending[Item, Result]]) -> None:
        """Write `batch` when no batch in flight shares a key with it."""
        key_of = self._limits.key_of
        keys = {key_of(pending.item) for pending in batch} if key_of else set()
        async with self._has_written:
            await self._has_written.wait_for(lambda: all(keys.isdisjoint(others) for others in self._in_flight))
            self._in_flight.append(keys)
        try:
            await self._settle(batch)
        finally:
            self._in_flight.remove(keys)
            async with self._has_written:
                self._has_written.notify_all()

    async def _settle(self, batch: Sequence[Pending[Item, Result]]) -> None:
        try:
            await self._write(batch)
        except Exception as error:  # it belongs to the items that wait; other batches are written all the same
            for pending in batch:
                pending.fail(error)
