"""What becomes of the articles of each site in a run, written now and then for `scrapy sites list`."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import datetime
from time import monotonic
from typing import Final

from pymongo.asynchronous.database import AsyncDatabase

from newsspider import clock
from newsspider.mongo.crawl_state.site_controls import add_days, save_totals
from newsspider.mongo.server.types import Document
from newsspider.sites.control import day_of

COUNTED: Final = ("new", "changed")
EVERY_S: Final = 60.0


class SiteTally:
    """New and changed articles of a run, by site and day of Beijing time."""

    def __init__(self) -> None:
        self._counts: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)
        self._newest: defaultdict[str, dict[str, datetime]] = defaultdict(dict)
        self._written_at = monotonic()

    @property
    def is_due(self) -> bool:
        """Whether it is time to write in a run that goes on."""
        return bool(self._newest) and monotonic() - self._written_at > EVERY_S

    def add(self, site: str, outcome: str) -> None:
        """Take in an article of `site` that was stored with `outcome` (new, changed, unchanged, ...)."""
        now = clock.now()
        self._newest[site]["last_seen_at"] = now
        if outcome in COUNTED:
            self._counts[site, day_of(now)][outcome] += 1
            self._newest[site][f"last_{outcome}_at"] = now

    async def write(self, database: AsyncDatabase[Document]) -> None:
        """Write what was taken in since the last time; what fails to be written is kept. Raises PyMongoError."""
        self._written_at = monotonic()
        counts, newest = dict(self._counts), dict(self._newest)
        if newest:
            await save_totals(database, newest)
            self._newest.clear()
            await add_days(database, counts)
            self._counts.clear()
