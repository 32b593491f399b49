"""The index: it finds what is meant, follows the database, and outlives kills and broken files."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from searched_archive import QUERIES, Archive, assert_right, made

from newsspider.search.index.files import folder_of
from newsspider.search.index.writer import IndexWriter

INDEXER = """
import asyncio, sys
from pathlib import Path
from newsspider.mongo.server.connection import Connection
from newsspider.search.index import follower

follower.COMMIT_BATCH = 400
uri, database, folder = sys.argv[1:]
settings = {"SEARCH_DIR": f"{folder}/search", "MONGO_DATABASE": database}

async def follow():
    connection = await Connection.open(uri, database, Path(folder))
    one = follower.Follower(connection, settings)
    while not await one.open():
        await asyncio.sleep(0.05)
    print("open", flush=True)
    while True:
        await one.catch_up()

asyncio.run(follow())
"""


@pytest.fixture
def archive(mongo_uri: str, database: str, tmp_path: Path) -> Archive:
    return Archive(mongo_uri, database, tmp_path)


def test_index_and_scan_find_what_is_meant(archive: Archive, mongo: Any, soak: Callable[[Any, Any], Any]) -> None:
    choose = random.Random(7)
    articles = [made(number, choose) for number in range(soak(600, 100_000))]
    mongo["articles"].insert_many(articles)
    scanned = archive.ids(*QUERIES, engine="scan") if len(articles) < 10_000 else None
    assert archive.catch_up() == len(articles)
    assert_right(archive, articles)
    assert scanned is None or scanned == archive.ids(*QUERIES)
    for sort in ("newest", "relevance"):
        page = archive.found("渡船", sort=sort, limit=7, has_facets=True)
        assert page.engine == "index" and page.total == len(archive.ids("渡船")[0]) and page.indexed_at
        both = [
            hit.id for hit in (*page.hits, *archive.found("渡船", sort=sort, limit=7, cursor=page.next_cursor).hits)
        ]
        assert both == [hit.id for hit in archive.found("渡船", sort=sort, limit=14).hits]
        for facet in (page.facets["site"][0], page.facets["day"][0], page.facets["language"][0]):
            assert archive.found(f"渡船 {facet.query}").total == facet.articles
    assert "渡船" in archive.found("渡船", sort="relevance").hits[0].article["title"]


def change(mongo: Any, choose: random.Random, number: int) -> None:
    """Store, change, mark and remove some articles."""
    articles = mongo["articles"]
    articles.insert_many([made(number + extra, choose) for extra in range(40)])
    ids = [found["_id"] for found in articles.aggregate([{"$sample": {"size": 30}}, {"$project": {"_id": True}}])]
    for key in ids[:10]:
        fresh = made(0, choose)
        articles.update_one({"_id": key}, {"$set": {name: fresh[name] for name in ("title", "text", "source", "tags")}})
    articles.update_many({"_id": {"$in": ids[10:20]}}, {"$set": {"story_id": "s2", "duplicate_of": "x"}})
    articles.delete_many({"_id": {"$in": ids[20:]}})


def test_the_index_follows_whatever_happens_and_nothing_is_lost_by_kills(
    archive: Archive,
    mongo: Any,
    mongo_uri: str,
    database: str,
    tmp_path: Path,
    start_python: Callable[..., Any],
    soak: Callable[[Any, Any], Any],
) -> None:
    choose = random.Random(11)
    mongo["articles"].insert_many([made(number, choose) for number in range(soak(2_000, 100_000))])
    number = 1_000_000
    for _ in range(soak(2, 20)):
        process = start_python(INDEXER, mongo_uri, database, str(tmp_path))
        ends_at = time.monotonic() + choose.uniform(0.8, soak(1.6, 8))
        while time.monotonic() < ends_at:
            change(mongo, choose, number := number + 1_000)
        process.kill()
        process.wait()
        change(mongo, choose, number := number + 1_000)
    archive.catch_up()
    assert_right(archive, mongo["articles"].find())


def test_a_broken_old_or_foreign_index_is_built_anew(
    archive: Archive, mongo: Any, caplog: pytest.LogCaptureFixture
) -> None:
    choose = random.Random(3)
    mongo["articles"].insert_many([made(number, choose) for number in range(20)])
    folder = folder_of(archive.settings)
    old = folder.with_name(folder.name.rpartition(".")[0] + ".v0")
    old.mkdir(parents=True)
    archive.catch_up()
    assert not old.exists() and "older format" in caplog.text
    caplog.clear()
    for path in folder.glob("*.store"):
        path.write_bytes(b"")
    (folder / "meta.json").write_text("{")
    assert len(archive.ids("", engine="scan")[0]) == 20
    assert archive.catch_up() == 20
    assert "cannot be read" in caplog.text
    mongo["articles"].drop()
    mongo["articles"].insert_many([made(number, choose) for number in range(100, 110)])
    assert len(archive.ids("", engine="scan")[0]) == 10
    archive.catch_up()
    assert_right(archive, mongo["articles"].find())
    assert archive.catch_up(is_rebuilt=True) == 10 and len(archive.ids("")[0]) == 10


def test_one_process_writes(archive: Archive) -> None:
    first, second = IndexWriter(folder_of(archive.settings)), IndexWriter(folder_of(archive.settings))
    assert first.open() and not second.open()
    first.close()
    assert second.open()
    second.close()
