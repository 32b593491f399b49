"""Tombstones and audit log as records that are kept beside a backup."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from bson import ObjectId
from pymongo import UpdateOne
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.database import Database

from newsspider.mongo.server.types import Document

TOMBSTONE_FIELDS: Final = ("_id", "keys", "hashes", "sites", "removed_at")


def exported(database: Database[Document]) -> Iterator[Document]:
    """Yield {"tombstone": ...} of every removed article, then {"audit": ...} of every removal."""
    for found in database["tombstones"].find().sort("_id", 1):
        yield {"tombstone": {name: found.get(name, []) for name in TOMBSTONE_FIELDS}}
    for found in database["audit"].find().sort("at", 1):
        yield {"audit": found | {"_id": str(found["_id"])}}


async def imported(database: AsyncDatabase[Document], entries: Sequence[Mapping[str, Any]]) -> None:
    """Add entries of an exported audit log that are not there."""
    writes = [
        UpdateOne(
            {"_id": ObjectId(entry["_id"])}, {"$setOnInsert": dict(entry) | {"_id": ObjectId(entry["_id"])}}, True
        )
        for entry in entries
    ]
    if writes:
        await database["audit"].bulk_write(writes, ordered=False)
