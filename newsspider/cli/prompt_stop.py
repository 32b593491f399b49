"""Ctrl-C and SIGTERM: a run ends in order within five seconds, whatever hangs.

Scrapy's own handler goes first: no further request is sent. Downloads in flight are given up after a second, waits for
MongoDB after two. A run that has not ended then, because its own code is busy or a thread waits for a name server, ends
without order: what it had not finished stays queued.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from types import FrameType
from typing import Any, Final

from scrapy.crawler import Crawler

from newsspider.stopping import DATABASE, DOWNLOADS

DOWNLOADS_S: Final = 1.0
DATABASE_S: Final = 2.0
# after the crawl is closed its process has so long to end by itself
CLOSED_S: Final = 0.5
LAST_S: Final = 4.5
POLL_S: Final = 0.1
# as the summary names them
SIGNALS: Final = {signal.SIGINT: "Ctrl-C", signal.SIGTERM: "SIGTERM"}
OUT_OF_TIME: Final = "stopped, but not in order: the run did not end within 5 s; what was in flight stays queued"


class PromptStop:
    """Watches over the end of a run that gets a signal.

    `finish(is_closed)` says how the run ended and returns its exit code; it is called once, by the main thread or by
    the one that watches.
    """

    def __init__(self, crawler: Crawler, finish: Callable[[bool], int]) -> None:
        self._crawler = crawler
        self._finish = finish
        self._turn = threading.Lock()
        self._code: int | None = None
        self._closed_at: float | None = None
        self._insisting: asyncio.Task[None] | None = None

    def install(self) -> None:
        """Put our handlers before those that Scrapy installs when its reactor starts."""
        from twisted.internet import reactor

        any_reactor: Any = reactor
        any_reactor.callWhenRunning(lambda: any_reactor.callLater(0, self._wrap_handlers))

    def closed(self) -> None:
        """Note that the crawl is closed: only its process has to end."""
        self._closed_at = time.monotonic()

    def finish(self, *, is_closed: bool = True) -> int:
        """Return the exit code, after saying how the run ended where that has not been said."""
        with self._turn:
            if self._code is None:
                self._code = self._finish(is_closed)
            return self._code

    def _wrap_handlers(self) -> None:
        for number in SIGNALS:
            handler = signal.getsignal(number)
            if callable(handler):
                signal.signal(number, self._wrapped(handler))

    def _wrapped(self, handler: Callable[[int, FrameType | None], Any]) -> Callable[[int, FrameType | None], None]:
        def stop(number: int, frame: FrameType | None) -> None:
            from twisted.internet import reactor

            any_reactor: Any = reactor
            threading.Thread(target=self._watch, args=(time.monotonic(),), daemon=True).start()
            handler(number, frame)
            any_reactor.callFromThread(self._begin, SIGNALS[signal.Signals(number)])

        return stop

    def _begin(self, name: str) -> None:
        if self._crawler.crawling:
            self._crawler.stats.set_value("stopped/signal", name)
        loop = asyncio.get_running_loop()
        DATABASE.end(DATABASE_S)
        DOWNLOADS.end(DOWNLOADS_S)
        self._insisting = loop.create_task(self._insist())

    async def _insist(self) -> None:
        """Stop an engine that was not running yet: Scrapy passes over it."""
        while self._closed_at is None:
            await asyncio.sleep(POLL_S)
            engine = self._crawler.engine
            if engine is not None and engine.running:
                await engine.stop_async()

    def _watch(self, began_at: float) -> None:
        while True:
            time.sleep(POLL_S)
            now = time.monotonic()
            if self._closed_at is not None and now - self._closed_at > CLOSED_S:
                self._end(is_closed=True)
            elif now - began_at > LAST_S:
                self._end(is_closed=False)

    def _end(self, *, is_closed: bool) -> None:
        """End the process, which waits for a thread or in its own code."""
        code = self.finish(is_closed=is_closed)
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        os._exit(code)
