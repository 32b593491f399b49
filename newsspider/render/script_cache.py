"""Cache of the scripts of rendered pages: each is fetched once per run."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, Final, TypeAlias

if TYPE_CHECKING:
    from scrapy.http import Response

SCRIPT_CACHE_BYTES: Final = 67_108_864
ScriptKey: TypeAlias = "tuple[str, tuple[str, int] | None]"


class ScriptCache:
    """The scripts of a run, those that fit into SCRIPT_CACHE_BYTES.

    A key is the address and the private origin that the page may ask, None for most.
    """

    def __init__(self) -> None:
        self._fetches: dict[ScriptKey, asyncio.Task[Response]] = {}
        self._bytes = 0

    async def fetched(self, key: ScriptKey, fetch: Callable[[str], Coroutine[Any, Any, Response]]) -> Response:
        """Return a script, from `fetch(url)` the first time; an error is not kept."""
        if key not in self._fetches:
            self._fetches[key] = asyncio.get_running_loop().create_task(fetch(key[0]))
            self._fetches[key].add_done_callback(lambda task: self._keep(key, task))
        return await asyncio.shield(self._fetches[key])

    def _keep(self, key: ScriptKey, task: asyncio.Task[Response]) -> None:
        is_good = not task.cancelled() and task.exception() is None and task.result().status == 200
        size = len(task.result().body) if is_good else 0
        if is_good and self._bytes + size <= SCRIPT_CACHE_BYTES:
            self._bytes += size
        else:
            self._fetches.pop(key, None)
