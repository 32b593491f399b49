"""Answers that many readers ask for, kept for a minute: crawls count days no more often."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, Final, TypeVar

T = TypeVar("T")
KEPT_S: Final = 60.0
MOST_KEPT: Final = 256


class Remembered:
    """Answers by what was asked; the oldest go first. For any number of threads."""

    def __init__(self, kept_s: float = KEPT_S, clock: Callable[[], float] = time.monotonic) -> None:
        self._kept_s, self._clock = kept_s, clock
        self._answers: dict[Hashable, tuple[float, Any]] = {}
        self._lock = Lock()

    def answer(self, asked: Hashable, find: Callable[[], T]) -> T:
        """Return what `find` gives, or gave within the last minute for the same question."""
        now = self._clock()
        with self._lock:
            at, known = self._answers.get(asked, (now - self._kept_s, None))
        if now - at < self._kept_s:
            return known  # type: ignore[no-any-return]
        found = find()
        with self._lock:
            self._answers.pop(asked, None)
            self._answers[asked] = (now, found)
            while len(self._answers) > MOST_KEPT:
                del self._answers[next(iter(self._answers))]
        return found
