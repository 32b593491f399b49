"""Validators, indexes, retention and migrations on a real server."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from mongo_articles import MONDAY, article
from pymongo import IndexModel
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import WriteError

from newsspider.mongo import schema
from newsspider.mongo.articles.entry import Entry
from newsspider.mongo.migrations import Step, migrate
from newsspider.mongo.schema import Retention, prepare, validators
from newsspider.mongo.server.connection import Connection
from newsspider.mongo.server.errors import MongoRefusedError

Database = AsyncDatabase[dict[str, Any]]


@pytest.fixture
def on_database(mongo_uri: str, database: str, tmp_path: Path) -> Callable[[Callable[[Database], Awaitable[Any]]], Any]:
    """Run a coroutine function on this test's database and return its result."""

    def run(work: Callable[[Database], Awaitable[Any]]) -> Any:
        async def connected() -> Any:
            connection = await Connection.open(mongo_uri, database, tmp_path)
            try:
                return await work(connection.db)
            finally:
                await connection.close()

        return asyncio.run(connected())

    return run


def test_every_field_of_a_stored_article_has_its_type_in_the_validator() -> None:
    stored = Entry.of(article(1), MONDAY).document
    properties = validators()["articles"]["properties"]
    assert set(stored) - set(properties) == {"version_id", "details_hash"}
    assert properties["source"] == {"bsonType": ["string", "null"], "maxLength": 500}
    assert properties["related"]["items"]["properties"]["published_at"] == {"bsonType": ["date", "null"]}
    assert "alias_of" not in properties


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", 5),
        ("title", "长" * 2001),
        ("revision", 0),
        ("related", {}),
        ("published_at", "2026"),
        ("images", [{"url": 1}]),
    ],
)
def test_document_of_another_shape_is_refused(on_database: Any, field: str, value: object) -> None:
    async def insert(database: Database) -> None:
        await prepare(database)
        await database["articles"].insert_one(Entry.of(article(2), MONDAY).document)
        await database["articles"].insert_one(Entry.of(article(1), MONDAY).document | {field: value})

    with pytest.raises(WriteError, match="failed validation"):
        on_database(insert)


def test_prepare_twice_changes_nothing(on_database: Any, mongo: Any) -> None:
    on_database(lambda database: prepare(database, Retention(pages=30)))
    names = ["articles", "revisions", "quarantine", "pages", "runs"]
    before = {name: mongo[name].index_information() for name in names}
    on_database(lambda database: prepare(database, Retention(pages=30)))
    assert {name: mongo[name].index_information() for name in names} == before
    assert mongo["schema"].find_one() == {"_id": "schema", "version": schema.SCHEMA_VERSION}


def test_validator_is_added_to_a_collection_that_exists(on_database: Any, mongo: Any) -> None:
    mongo["articles"].insert_one({"_id": "old", "title": 5})
    on_database(prepare)
    options = mongo["articles"].options()
    assert options["validationLevel"] == "moderate"
    mongo["articles"].update_one({"_id": "old"}, {"$set": {"last_seen_at": MONDAY}})


def test_index_of_ours_with_other_options_is_rebuilt(on_database: Any, mongo: Any) -> None:
    mongo["articles"].create_index([("site", 1)], name="site_published", sparse=True)
    on_database(prepare)
    index = mongo["articles"].index_information()["site_published"]
    assert index["key"] == [("site", 1), ("published_at", -1)]
    assert "sparse" not in index


def test_foreign_index_in_the_way_is_reported_in_one_line(on_database: Any, mongo: Any) -> None:
    mongo["articles"].create_index([("first_seen_at", -1)], name="mine", expireAfterSeconds=5)
    with pytest.raises(
        MongoRefusedError, match=r"articles has the index mine on first_seen_at -1 .* \(first_seen\): drop it"
    ) as caught:
        on_database(prepare)
    assert "\n" not in str(caught.value)


def test_retention_is_set_changed_and_taken_away(on_database: Any, mongo: Any) -> None:
    for days, seconds in ((30, 2_592_000), (7, 604_800), (0, None)):
        on_database(lambda database, days=days: prepare(database, Retention(pages=days)))
        assert mongo["pages"].index_information().get("retention", {}).get("expireAfterSeconds") == seconds


def test_expired_crawl_state_goes_and_queued_pages_stay(on_database: Any, mongo: Any) -> None:
    on_database(lambda database: prepare(database, Retention(pages=1)))
    long_ago = MONDAY.replace(year=2020)
    mongo["pages"].insert_many(
        [
            {"_id": "done", "state": "done", "last_fetch": long_ago},
            {"_id": "queued", "state": "queued", "last_fetch": long_ago},
        ]
    )
    deadline = asyncio.run(_until(lambda: mongo["pages"].count_documents({}) == 1))
    assert deadline
    assert mongo["pages"].find_one()["_id"] == "queued"


async def _until(condition: Callable[[], bool], limit_s: float = 20) -> bool:
    loop = asyncio.get_running_loop()
    end = loop.time() + limit_s
    while not condition():
        if loop.time() > end:
            return False
        await asyncio.sleep(0.05)
    return True


def test_newer_database_is_refused(on_database: Any, mongo: Any) -> None:
    mongo["schema"].insert_one({"_id": "schema", "version": 99})
    with pytest.raises(MongoRefusedError, match=r"schema version 99, this newsspider knows .*: upgrade newsspider"):
        on_database(prepare)
    with pytest.raises(MongoRefusedError, match="newer than"):
        on_database(migrate)


def test_migration_goes_on_where_it_was_cut_off(on_database: Any, mongo: Any) -> None:
    mongo["schema"].insert_one({"_id": "schema", "version": 1})
    ran: list[int] = []

    def step(version: int, fails: bool = False) -> Step:
        async def run(database: Database) -> int:
            ran.append(version)
            if fails:
                raise KeyboardInterrupt
            return version

        return Step(version, f"to {version}", run)

    with pytest.raises(KeyboardInterrupt):
        on_database(lambda database: migrate(database, [step(2), step(3, fails=True)]))
    assert mongo["schema"].find_one()["version"] == 2
    assert on_database(lambda database: migrate(database, [step(2), step(3), step(4)])) == [("to 3", 3), ("to 4", 4)]
    assert on_database(lambda database: migrate(database, [step(2), step(3), step(4)])) == []
    assert ran == [2, 3, 3, 4]


def test_collected_indexes_are_named_once_a_collection() -> None:
    for collection, models in schema.all_indexes().items():
        keys = [json.dumps(model.document["key"]) for model in models]
        assert len(keys) == len(set(keys)), collection
        assert all(isinstance(model, IndexModel) for model in models)
