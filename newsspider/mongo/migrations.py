"""Migrations from one schema version to the next; each may be run again after it was interrupted."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from pymongo import UpdateOne
from pymongo.asynchronous.database import AsyncDatabase

from newsspider.messages import _
from newsspider.mongo.articles.documents import short_id
from newsspider.mongo.schema import SCHEMA_VERSION, check_version, prepare
from newsspider.mongo.server.errors import MongoRefusedError
from newsspider.mongo.server.types import Document


@dataclass(frozen=True, slots=True)
class Step:
    """Takes a database to `version`; `run` returns how many documents it changed and does no harm when run again."""

    version: int
    title: str
    run: Callable[[AsyncDatabase[Document]], Awaitable[int]]


STEPS: tuple[Step, ...] = ()
FILL_BATCH = 1_000


async def fill_short_ids(database: AsyncDatabase[Document]) -> int:
    """Give each article without a `short_id` its one, and return how many; an older newsspider wrote them without."""
    count = 0
    missing = {"short_id": {"$exists": False}}
    while batch := await database["articles"].find(missing, {"_id": True}).limit(FILL_BATCH).to_list():
        writes = [UpdateOne({"_id": each["_id"]}, {"$set": {"short_id": short_id(each["_id"])}}) for each in batch]
        await database["articles"].bulk_write(writes, ordered=False)
        count += len(batch)
    return count


async def migrate(database: AsyncDatabase[Document], steps: Sequence[Step] = STEPS) -> list[tuple[str, int]]:
    """Run the steps the database still lacks, in order, and return (title, documents changed) of each.

    The version is recorded after each step, so that an interrupted migration goes on where it was.
    MongoRefusedError if the database is newer than this code.
    """
    target = max([SCHEMA_VERSION, *(step.version for step in steps)])
    stored = await database["schema"].find_one({"_id": "schema"})
    version = int(stored["version"]) if stored else await check_version(database)
    if version > target:
        raise MongoRefusedError(
            _("database {name} has schema version {version}, newer than {target}").format(
                name=database.name, version=version, target=target
            )
        )
    done = []
    for step in sorted(steps, key=lambda step: step.version):
        if step.version <= version:
            continue
        changed = await step.run(database)
        await database["schema"].update_one({"_id": "schema"}, {"$max": {"version": step.version}}, upsert=True)
        done.append((step.title, changed))
    if target <= SCHEMA_VERSION:
        await prepare(database)
    if filled := await fill_short_ids(database):
        done.append(("short ids", filled))
    return done
