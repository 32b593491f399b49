"""Cost of a candidate lookup and size of the index, for a given number of fingerprints in MongoDB.

The fingerprints are made up, with the statistics of real ones: a fifth are reprints, which share 12 to 24 of their 24
keys with an earlier article; one in twenty is a templated note of one of 100 families (Zipf), which has each of the
five keys typical of its family one time in four: so 28 % of the pairs of a family share a key (of real notes: 30 %).
The rest share nothing. Look-ups are for articles in the same proportions.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import numpy as np
from bson import Binary, ObjectId
from numpy.typing import NDArray
from pymongo import AsyncMongoClient, MongoClient, WriteConcern
from pymongo.collection import Collection

from newsspider.mongo.stories.fingerprint_document import FingerprintDocument
from newsspider.mongo.stories.stories import INDEXES, Stories

DATABASE = "lookup"
CHUNK = 5_000
KEYS = 24
REPRINTS, NOTES = 0.2, 0.05
FAMILIES, FAMILY_KEYS, TYPICAL = 100, 5, 0.25
DAYS = 45
PACKED_BYTES = 1_300
# filled with the indexes in place, as a crawl does it; what is larger gets its indexes at the end
GROWN = 100_000
PROCESSES = 2
LOOK_UPS, WARM_UP = 1_200, 100
START = datetime(2026, 5, 1, tzinfo=UTC)
UNCONFIRMED = WriteConcern(w=1, j=False)

Keys = NDArray[np.int64]


def made_up(seed: int, count: int) -> tuple[Keys, NDArray[np.str_]]:
    """Return the keys of `count` articles, and what each is: new, reprint or note."""
    chance = np.random.default_rng(seed)
    keys = chance.integers(-(2**63), 2**63, size=(count, KEYS), dtype=np.int64)
    kinds = chance.choice(["new", "reprint", "note"], count, p=[1 - REPRINTS - NOTES, REPRINTS, NOTES])
    kinds[0] = "new"
    weights = 1 / np.arange(1, FAMILIES + 1)
    families = chance.choice(FAMILIES, count, p=weights / weights.sum())
    for row in np.flatnonzero(kinds == "reprint"):
        shared = chance.permutation(KEYS)[: chance.integers(12, KEYS + 1)]
        keys[row, shared] = keys[chance.integers(row), shared]
    for row in np.flatnonzero(kinds == "note"):
        typical = np.flatnonzero(chance.random(FAMILY_KEYS) < TYPICAL)
        keys[row, typical] = families[row] * FAMILY_KEYS + typical
    return keys, kinds


def article_id(chunk: int, row: int) -> str:
    return f"a.example/news/2026/{chunk:05}{row:05}.html"


def fingerprints(chunk: int, count: int) -> list[dict[str, Any]]:
    """Return the documents of one chunk, as the crawl writes them."""
    keys, _ = made_up(chunk, count)
    chance = np.random.default_rng(chunk)
    packed, expiry = chance.bytes(PACKED_BYTES * 100), datetime.now(UTC) + timedelta(days=DAYS)
    facts = {"site": "a.example", "source": "某报", "source_site": None, "published_at": START}
    facts |= {"published_precision": "minute", "first_seen_at": START, "chars": 700}
    documents = []
    for number, row in enumerate(keys.tolist()):
        name = article_id(chunk, number)
        start = number * 13 % (PACKED_BYTES * 99)
        documents.append(
            {"_id": name, "k": row, "d": START + timedelta(days=number % DAYS), "hb": f"{chance.bytes(16).hex()}"}
            | {"nv": 1, "t": START, "ch": chance.bytes(16).hex(), "cl": name, "s": ObjectId(), "e": []}
            | {"p": Binary(packed[start : start + PACKED_BYTES]), "exp": expiry, "f": facts}
        )
    return documents


def fill(part: tuple[str, int, int]) -> None:
    uri, chunk, count = part
    with MongoClient[dict[str, Any]](uri) as client:
        collection = client[DATABASE].get_collection("fingerprints", write_concern=UNCONFIRMED)
        collection.insert_many(fingerprints(chunk, count), ordered=False)


def look_up(uri: str, sizes: Sequence[int]) -> None:
    """Print a row for each number of articles; the larger ones take in the smaller."""
    columns = ("articles", "indexed", "fill /s", "median ms", "p95 ms", "p99 ms", "of notes", "p95 ms", "B/article")
    print("  ".join(columns))
    with MongoClient[dict[str, Any]](uri) as client:
        collection = client[DATABASE]["fingerprints"]
        done = 0
        for size in sorted(sizes):
            is_grown = size <= GROWN
            seconds = filled(collection, uri, done, size, is_grown=is_grown)
            speed, done = (size - done) / seconds, size
            client.admin.command("fsync")
            took = asyncio.run(_look_ups(uri, size))
            everything = sorted(second for seconds in took.values() for second in seconds)
            cells = [f"{size}", "as filled" if is_grown else "at the end", f"{speed:.0f}"]
            cells += [f"{1000 * everything[int(share * len(everything))]:.2f}" for share in (0.5, 0.95, 0.99)]
            cells += [f"{1000 * sorted(took['note'])[int(share * len(took['note']))]:.2f}" for share in (0.5, 0.95)]
            cells += [f"{index_bytes(collection) / size:.0f}"]
            print("  ".join(f"{cell:>{len(name)}}" for name, cell in zip(columns, cells, strict=True)))
        client.drop_database(DATABASE)


def filled(collection: Collection[dict[str, Any]], uri: str, start: int, end: int, *, is_grown: bool) -> float:
    """Insert the articles from `start` to `end`, and return the seconds it took, the building of indexes included."""
    started = time.perf_counter()
    if is_grown:
        collection.create_indexes(INDEXES["fingerprints"])
    elif start:
        collection.drop_indexes()
    chunks = range(start // CHUNK, -(-end // CHUNK))
    parts = [(uri, chunk, min(CHUNK, end - chunk * CHUNK)) for chunk in chunks]
    with multiprocessing.get_context("spawn").Pool(min(PROCESSES, os.cpu_count() or 1)) as pool:
        pool.map(fill, parts, chunksize=1)
    collection.create_indexes(INDEXES["fingerprints"])
    return time.perf_counter() - started


def index_bytes(collection: Collection[dict[str, Any]]) -> int:
    """Return what the indexes hold, without blocks that are free to be used again."""
    stats = collection.aggregate([{"$collStats": {"storageStats": {}}}]).next()["storageStats"]
    free = (d["block-manager"]["file bytes available for reuse"] for d in stats["indexDetails"].values())
    return sum(stats["indexSizes"].values()) - sum(free)


async def _look_ups(uri: str, size: int) -> dict[str, list[float]]:
    """Return the seconds of look-ups by kind of article: new, a reprint of one that is stored, a note."""
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(uri, tz_aware=True)
    index = Stories(client[DATABASE]).index.candidates
    chance, original, its_day = np.random.default_rng(size), "", 0
    fresh, kinds = made_up(2**31, LOOK_UPS)
    took: dict[str, list[float]] = {"new": [], "reprint": [], "note": []}
    for number, (keys, kind) in enumerate(zip(fresh, kinds.tolist(), strict=True)):
        if kind == "reprint":
            chunk = int(chance.integers(size // CHUNK))
            row = int(chance.integers(CHUNK))
            shared = chance.permutation(KEYS)[: chance.integers(12, KEYS + 1)]
            keys[shared] = made_up(chunk, CHUNK)[0][row, shared]
            original, its_day = article_id(chunk, row), row % DAYS
        day = int(chance.integers(DAYS))
        document = FingerprintDocument("new", keys.tolist(), START + timedelta(days=day))
        incoming: Any = SimpleNamespace(document=document, id="new")
        started = time.perf_counter()
        ranked = await index.find([incoming])
        if number >= WARM_UP:
            took[kind].append(time.perf_counter() - started)
        if kind == "reprint" and abs(day - its_day) <= index.window.days and original not in ranked["new"]:
            raise RuntimeError(f"{original} is not among the candidates of its reprint")
    await client.close()
    return took
