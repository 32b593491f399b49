"""Counts of articles per site and day, in the collection `daily`, so that no plot has to read articles.

A document: `_id` ("<site> <day>"), site, day (of Beijing time, of the publication, else of the first sighting),
articles, copies, revisions, undated, fields (name -> how many articles have it), delays (how many were first seen so
long after their publication, by DELAYS_S), sources (name, articles, copies; most first), counted_at.

A day is never added to: it is counted anew from its articles, which an index gives, and replaced as a whole. So it is
right whatever was killed meanwhile, and however many processes count it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from typing import Any, Final

from pymongo import ASCENDING, DeleteOne, IndexModel, ReplaceOne
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import BulkWriteError

from newsspider.mongo.daily.expressions import COUNTED_FIELDS, DAY, IS_COPY, REVISIONS, is_there
from newsspider.mongo.daily.marks import COLLECTION as MARKS
from newsspider.mongo.daily.marks import SiteDay, mark
from newsspider.mongo.server.types import Document
from newsspider.text.zone import BEIJING

DAILY: Final = "daily"
INDEXES: Final = {
    DAILY: [
        IndexModel([("day", ASCENDING), ("site", ASCENDING)], name="day_site"),
        IndexModel([("site", ASCENDING), ("day", ASCENDING)], name="site_day"),
    ]
}
# upper ends of the steps in which delays are counted; a last step holds those above
DELAYS_S: Final = (300, 900, 3_600, 10_800, 43_200, 86_400, 259_200, 604_800)
# a time that is only a day says nothing about a delay
PRECISE: Final = ("second", "minute")
# an attempt to write articles has ended so long after its mark: every operation has a time limit below it
SETTLED: Final = timedelta(seconds=60)
# marks that are read, and days of a site that are counted, at once
BATCH, DAYS_AT_ONCE = 500, 60
DUPLICATE_KEY: Final = 11000


async def count_marked(database: AsyncDatabase[Document]) -> int:
    """Count all marked days anew, and return how many there were.

    A mark stays until it is old enough for the write that it announced to have ended. Safe to run in many processes.
    """
    counted, after = 0, ""
    while True:
        started = await _server_time(database)
        found = database[MARKS].find({"_id": {"$gt": after}}).sort("_id", ASCENDING).limit(BATCH)
        marks = await found.to_list()
        for site, of_site in groupby(marks, key=lambda each: str(each["site"])):
            days = [str(each["day"]) for each in of_site]
            for start in range(0, len(days), DAYS_AT_ONCE):
                await _count(database, site, days[start : start + DAYS_AT_ONCE], started)
        done = [DeleteOne({"_id": m["_id"], "at": m["at"]}) for m in marks if m["at"] < started - SETTLED]
        if done:
            await database[MARKS].bulk_write(done, ordered=False)
        counted += len(marks)
        if len(marks) < BATCH:
            return counted
        after = marks[-1]["_id"]


async def count_all(database: AsyncDatabase[Document]) -> int:
    """Count every day of every site anew, and return how many days that were."""
    by_day: list[Document] = [{"$group": {"_id": {"site": "$site", "day": DAY}}}]
    days = [
        SiteDay(found["_id"]["site"], found["_id"]["day"])
        async for found in await database["articles"].aggregate(by_day, allowDiskUse=True)
        if found["_id"].get("day")
    ]
    days += [SiteDay(found["site"], found["day"]) async for found in database[DAILY].find({}, {"site": 1, "day": 1})]
    for start in range(0, len(days), BATCH):
        await mark(database, days[start : start + BATCH])
    return await count_marked(database)


async def _server_time(database: AsyncDatabase[Document]) -> datetime:
    now: datetime = (await database.client.admin.command("hello"))["localTime"]
    return now.replace(tzinfo=UTC)


async def _count(database: AsyncDatabase[Document], site: str, days: Sequence[str], now: datetime) -> None:
    """Replace the documents of `days`; what was counted later by another process stays."""
    rows = await (await database["articles"].aggregate(_pipeline(site, days), allowDiskUse=True)).to_list()
    by_day: dict[str, list[Document]] = {day: [] for day in days}
    for row in rows:
        by_day.setdefault(row["_id"]["day"], []).append(row)
    writes = [
        ReplaceOne(
            {"_id": f"{site} {day}", "counted_at": {"$lte": now}}, _document(site, day, of_day, now), upsert=True
        )
        for day, of_day in by_day.items()
    ]
    try:
        await database[DAILY].bulk_write(writes, ordered=False)
    except BulkWriteError as error:
        failures = error.details.get("writeErrors", [])
        if any(failure["code"] != DUPLICATE_KEY for failure in failures):
            raise
    await asyncio.sleep(0)


def _pipeline(site: str, days: Sequence[str]) -> list[Document]:
    spans = [{"$gte": start, "$lt": end} for start, end in _spans(days)]
    undated = {"published_at": {"$type": "null"}}
    conditions = [{"site": site, "published_at": span} for span in spans]
    conditions += [{"site": site, **undated, "first_seen_at": span} for span in spans]
    steps = list(zip((None, *DELAYS_S), (*DELAYS_S, None), strict=True))
    group: Document = {
        "_id": {"day": DAY, "source": "$source"},
        "articles": {"$sum": 1},
        "copies": {"$sum": IS_COPY},
        "revisions": {"$sum": REVISIONS},
        "undated": {"$sum": {"$cond": [{"$gt": ["$published_at", None]}, 0, 1]}},
    }
    group |= {f"has_{name}": {"$sum": is_there(name)} for name in COUNTED_FIELDS}
    group |= {f"delay_{at}": {"$sum": _is_delayed(low, high)} for at, (low, high) in enumerate(steps)}
    return [{"$match": {"$or": conditions}}, {"$set": {"delay_s": _DELAY}}, {"$group": group}]


# seconds from the publication to the first sighting, null where the publication is not known to the minute
_DELAY: Final[Document] = {
    "$cond": [
        {"$and": [{"$in": ["$published_precision", list(PRECISE)]}, {"$gt": ["$published_at", None]}]},
        {"$divide": [{"$subtract": ["$first_seen_at", "$published_at"]}, 1000]},
        None,
    ]
}


def _is_delayed(low: int | None, high: int | None) -> Document:
    bounds: list[Document] = [{"$ne": ["$delay_s", None]}]
    bounds += [{"$gte": ["$delay_s", low]}] * (low is not None)
    bounds += [{"$lt": ["$delay_s", high]}] * (high is not None)
    return {"$cond": [{"$and": bounds}, 1, 0]}


def _spans(days: Iterable[str]) -> list[tuple[datetime, datetime]]:
    """Return the spans of time that `days` cover, neighbours as one."""
    spans: list[tuple[datetime, datetime]] = []
    for day in sorted(map(date.fromisoformat, days)):
        start = datetime(day.year, day.month, day.day, tzinfo=BEIJING)
        end = start + timedelta(days=1)
        if spans and spans[-1][1] == start:
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((start, end))
    return spans


def _document(site: str, day: str, rows: Sequence[Mapping[str, Any]], now: datetime) -> Document:
    """Return the document of a day out of its rows, one per source."""

    def total(name: str) -> int:
        return sum(row[name] for row in rows)

    sources = [
        {"name": row["_id"]["source"], "articles": row["articles"], "copies": row["copies"]}
        for row in rows
        if row["_id"].get("source")
    ]
    return {
        "_id": SiteDay(site, day).key,
        "site": site,
        "day": day,
        **{name: total(name) for name in ("articles", "copies", "revisions", "undated")},
        "fields": {name: total(f"has_{name}") for name in COUNTED_FIELDS},
        "delays": [total(f"delay_{at}") for at in range(len(DELAYS_S) + 1)],
        "sources": sorted(sources, key=lambda source: (-source["articles"], source["name"])),
        "counted_at": now,
    }
