"""How the crawls fare, for pages: their runs, and the alarms of sites. Synchronous."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from pymongo.database import Database

from newsspider.alarms.alarm import OPEN, Alarm
from newsspider.mongo.server.types import Document

# what `runs_before` leaves out: counts that nobody reads in a list
LEFT_OUT: Final = {"stats": False}


def runs_before(
    database: Database[Document], before: datetime | None, limit: int, site: str | None = None
) -> list[Document]:
    """Return crawls that began before a time (None: the last ones), newest first; of a `site` those that met it."""
    query: Document = {"coverage.site": site} if site else {}
    if before is not None:
        query["started_at"] = {"$lt": before}
    return list(database["runs"].find(query, LEFT_OUT).sort("started_at", -1).limit(limit))


def run_of(database: Database[Document], name: str) -> Document | None:
    """Return the document of a crawl."""
    return database["runs"].find_one({"_id": name})


def alarms_before(
    database: Database[Document],
    before: datetime | None,
    limit: int,
    *,
    site: str | None = None,
    is_open: bool = True,
) -> list[Alarm]:
    """Return open alarms, or all, that were raised before a time (None: the last ones), newest first."""
    query: dict[str, Any] = {"state": OPEN} if is_open else {}
    if site:
        query["site"] = site
    if before is not None:
        query["raised_at"] = {"$lt": before}
    return [Alarm.of(found) for found in database["alarms"].find(query).sort("raised_at", -1).limit(limit)]
