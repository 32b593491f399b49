"""The collection `runs`: one document per crawl, with arguments, counts, times and field coverage."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pymongo import DESCENDING
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import PyMongoError

from newsspider.mongo.server.types import Document

HISTORY_RUNS = 20
# what a caller catches that can do without its document in `runs`
NotRecorded = PyMongoError


async def begin(database: AsyncDatabase[Document], run: Document) -> None:
    """Write the document of a run that starts; it stays without `finished_at` if the process is killed."""
    await database["runs"].insert_one(run)


async def finish(database: AsyncDatabase[Document], run_id: str, result: Mapping[str, Any]) -> None:
    """Add counts, coverage and finish reason to a run."""
    await database["runs"].update_one({"_id": run_id}, {"$set": dict(result)}, upsert=True)


async def usual_coverage(database: AsyncDatabase[Document], site: str, before: datetime) -> dict[str, int]:
    """Return sums over the last runs of `site` before `before`: articles, and per field the articles that had it."""
    cursor = (
        database["runs"]
        .find({"coverage.site": site, "started_at": {"$lt": before}}, {"coverage": True})
        .sort("started_at", DESCENDING)
        .limit(HISTORY_RUNS)
    )
    sums: dict[str, int] = {}
    async for run in cursor:
        for entry in run["coverage"]:
            if entry["site"] == site:
                for name, count in entry["fields"].items():
                    sums[name] = sums.get(name, 0) + count
    return sums
