"""The collection `runs`: one document per crawl, with arguments, counts, times and field coverage."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import PyMongoError

from newsspider.mongo.server.types import Document

# what a caller catches that can do without its document in `runs`
NotRecorded = PyMongoError


async def begin(database: AsyncDatabase[Document], run: Document) -> None:
    """Write the document of a run that starts; it stays without `finished_at` if the process is killed."""
    await database["runs"].insert_one(run)


async def finish(database: AsyncDatabase[Document], run_id: str, result: Mapping[str, Any]) -> None:
    """Add counts, coverage and finish reason to a run."""
    await database["runs"].update_one({"_id": run_id}, {"$set": dict(result)}, upsert=True)
