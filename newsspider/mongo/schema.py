"""The collections: validators derived from the dataclasses, indexes, retention."""

from __future__ import annotations

import importlib
import logging
import types
import typing
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime, timedelta
from typing import Any

import pymongo
from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import OperationFailure, PyMongoError

from newsspider.items import Article
from newsspider.messages import _
from newsspider.mongo.articles.documents import MAX_KEY_BYTES, MAX_PARTS, PARTS
from newsspider.mongo.server.errors import MongoRefusedError, explained
from newsspider.mongo.server.types import Document

logger = logging.getLogger(__name__)


SCHEMA_VERSION = 1
INDEX_BUILD_S = 3600
INDEX_OPTIONS_CONFLICT = 85
INDEX_KEY_SPECS_CONFLICT = 86
NAMESPACE_EXISTS = 48
# modules that add indexes of their own collections as INDEXES
INDEX_MODULES = (
    "newsspider.mongo.crawl_state.frontier",
    "newsspider.mongo.stories.stories",
    "newsspider.mongo.crawl_state.sites",
    "newsspider.mongo.articles.tombstones",
    "newsspider.mongo.crawl_state.site_controls",
    "newsspider.mongo.alarms",
    "newsspider.mongo.search.saved",
    "newsspider.mongo.daily.counting",
    "newsspider.mongo.daily.marks",
)

INDEXES: dict[str, list[IndexModel]] = {
    "articles": [
        IndexModel([("published_at", DESCENDING), ("_id", ASCENDING)], name="published"),
        IndexModel([("site", ASCENDING), ("published_at", DESCENDING)], name="site_published"),
        IndexModel([("source", ASCENDING), ("published_at", DESCENDING)], name="source_published"),
        IndexModel([("first_seen_at", DESCENDING)], name="first_seen"),
        IndexModel([("url", ASCENDING)], name="url"),
        IndexModel([("short_id", ASCENDING)], name="short_id"),
        IndexModel([("related.url", ASCENDING)], name="related_url"),
        IndexModel([("aliases", ASCENDING)], name="aliases", partialFilterExpression={"aliases": {"$exists": True}}),
    ],
    "revisions": [IndexModel([("article_id", ASCENDING), ("revision", ASCENDING)], name="article_revision")],
    "quarantine": [IndexModel([("at", DESCENDING)], name="at"), IndexModel([("site", ASCENDING)], name="site")],
    "runs": [
        IndexModel([("started_at", DESCENDING)], name="started"),
    ],
}
BSON_TYPES: dict[type[Any], list[str]] = {
    str: ["string"],
    int: ["int", "long"],
    float: ["double", "int", "long"],
    bool: ["bool"],
    datetime: ["date"],
}
MAX_LENGTHS = {"title": 2000, "source": 500, "editor": 500, "url": 8192, "site": 300, "_id": MAX_KEY_BYTES}
REQUIRED = ("_id", "url", "site", "title", "text", "body_html", "fetched_at")
STORE_FIELDS: dict[str, Document] = {
    "short_id": {"bsonType": "string"},
    "revision": {"bsonType": ["int", "long"], "minimum": 1},
    "first_seen_at": {"bsonType": "date"},
    "last_seen_at": {"bsonType": "date"},
    "version_seen_at": {"bsonType": "date"},
    "withdrawn_at": {"bsonType": ["date", "null"]},
    "aliases": {"bsonType": "array", "items": {"bsonType": "string"}},
    "change": {"bsonType": ["object", "null"]},
    "disputed": {
        "bsonType": ["object", "null"],
        "required": ["title", "text", "seen_at", "reason"],
        "properties": {
            "title": {"bsonType": "string"},
            "text": {"bsonType": "string"},
            "content_hash": {"bsonType": ["string", "null"]},
            "seen_at": {"bsonType": "date"},
            "reason": {"bsonType": "string"},
        },
    },
    "kept_at": {"bsonType": ["date", "null"]},
    "corrections": {"bsonType": "array", "items": {"bsonType": "object"}},
}


@dataclass(frozen=True, slots=True)
class Retention:
    """Days that documents are kept, by TTL indexes; 0 keeps them for ever.

    `articles` counts from the last sighting, `pages` (crawl state that is done, failed or gone) from the last fetch,
    `revisions` from the fetch of that version, `runs` and `quarantine` from their beginning.
    """

    articles: int = 0
    revisions: int = 0
    pages: int = 0
    runs: int = 0
    quarantine: int = 0


TTL_FIELDS = {
    "articles": "last_seen_at",
    "revisions": "version_seen_at",
    "pages": "last_fetch",
    "runs": "started_at",
    "quarantine": "at",
}
TTL_NAME = "retention"
PAGES_TTL_FILTER = {"state": {"$in": ["done", "failed", "gone"]}}


def validators() -> dict[str, Document]:
    """Return the $jsonSchema of each collection that has one."""
    article = dataclass_schema(Article)
    article["properties"].pop("alias_of")
    article["properties"] |= STORE_FIELDS
    article["required"] = [*REQUIRED, "revision", "first_seen_at", "last_seen_at"]
    revision = {
        "bsonType": "object",
        "required": ["_id", "article_id", "revision", "title", "text"],
        "properties": {"revision": {"bsonType": ["int", "long"], "minimum": 1}, "text": {"bsonType": "string"}},
    }
    quarantine = {
        "bsonType": "object",
        "required": ["_id", "article_id", "reason", "at", "payload"],
        "properties": {"reason": {"bsonType": "string"}, "at": {"bsonType": "date"}},
    }
    return {"articles": article, "revisions": revision, "quarantine": quarantine}


def dataclass_schema(item: type[Any]) -> Document:
    """Return the $jsonSchema of a dataclass: its fields' types, None where the hint allows it, lists bounded."""
    hints = typing.get_type_hints(item)
    properties = {field.name: _hint_schema(hints[field.name]) for field in fields(item)}
    for name, length in MAX_LENGTHS.items():
        if name in properties:
            properties[name]["maxLength"] = length
    for name in PARTS:
        if name in properties:
            properties[name]["maxItems"] = MAX_PARTS
    return {"bsonType": "object", "properties": properties}


def _hint_schema(hint: Any) -> Document:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (types.UnionType, typing.Union):
        schema = _hint_schema(next(part for part in arguments if part is not type(None)))
        kinds = schema["bsonType"]
        schema["bsonType"] = [*(kinds if isinstance(kinds, list) else [kinds]), "null"]
        return schema
    if origin is list:
        return {"bsonType": "array", "items": _hint_schema(arguments[0])}
    if origin is dict or hint is dict:
        return {"bsonType": "object"}
    if is_dataclass(hint) and isinstance(hint, type):
        return dataclass_schema(hint)
    return {"bsonType": list(BSON_TYPES[hint])}


async def prepare(database: AsyncDatabase[Document], retention: Retention | None = None) -> None:
    """Create what is missing: collections, validators, indexes, the schema's version. Safe to run at every start.

    MongoRefusedError in one line where the user may not write, an index stands in the way, or the database was
    written by a newer newsspider; MongoUnavailableError where MongoDB cannot be reached.
    """
    try:
        await check_version(database)
        existing = set(await database.list_collection_names())
        for name, schema in validators().items():
            await _set_validator(database, name, schema, is_new=name not in existing)
        await ensure_indexes(database, retention)
    except PyMongoError as error:
        raise explained(error, f"database {database.name}") from None


async def check_version(database: AsyncDatabase[Document]) -> int:
    """Return the version of the stored schema, recording ours in a new database; MongoRefusedError if it is newer."""
    stored = await database["schema"].find_one_and_update(
        {"_id": "schema"}, {"$setOnInsert": {"version": SCHEMA_VERSION}}, upsert=True, return_document=True
    )
    version = int((stored or {}).get("version", SCHEMA_VERSION))
    if version > SCHEMA_VERSION:
        message = f"database {database.name} has schema version {version}, this newsspider knows {SCHEMA_VERSION}"
        raise MongoRefusedError(_("{message}: upgrade newsspider").format(message=message))
    if version < SCHEMA_VERSION:
        logger.warning("database %s has schema version %d: run `scrapy articles migrate`", database.name, version)
    return version


async def _set_validator(database: AsyncDatabase[Document], name: str, schema: Document, *, is_new: bool) -> None:
    """Set the validator; "moderate" lets documents of before the validator be updated."""
    options: Document = {
        "validator": {"$jsonSchema": schema},
        "validationLevel": "moderate",
        "validationAction": "error",
    }
    if is_new:
        try:
            await database.create_collection(name, **options)
            return
        except OperationFailure as error:
            if error.code != NAMESPACE_EXISTS:
                raise
    stored = await database.command("listCollections", filter={"name": name})
    current = stored["cursor"]["firstBatch"][0].get("options", {})
    if any(current.get(key) != value for key, value in options.items()):
        await database.command("collMod", name, **options)


def all_indexes() -> dict[str, list[IndexModel]]:
    """Return the indexes of all collections, those that other modules declare included."""
    indexes = {name: list(models) for name, models in INDEXES.items()}
    for module in INDEX_MODULES:
        try:
            declared: Mapping[str, Iterable[IndexModel]] = importlib.import_module(module).INDEXES
        except (ModuleNotFoundError, AttributeError):
            continue
        for collection, models in declared.items():
            indexes.setdefault(collection, []).extend(models)
    return indexes


async def ensure_indexes(database: AsyncDatabase[Document], retention: Retention | None = None) -> None:
    """Create all indexes (MongoDB builds them without blocking readers or writers) and set the retention.

    An index of ours that exists with other options is rebuilt; a foreign one in the way raises MongoRefusedError.
    """
    with pymongo.timeout(INDEX_BUILD_S):
        for collection, models in all_indexes().items():
            try:
                await database[collection].create_indexes(models)
            except OperationFailure as error:
                if error.code not in {INDEX_OPTIONS_CONFLICT, INDEX_KEY_SPECS_CONFLICT}:
                    raise
                for model in models:
                    await _ensure_index(database, collection, model)
        if retention is not None:
            for collection, field in TTL_FIELDS.items():
                await _set_retention(database, collection, field, getattr(retention, collection))


async def _ensure_index(database: AsyncDatabase[Document], collection: str, model: IndexModel) -> None:
    try:
        await database[collection].create_indexes([model])
        return
    except OperationFailure as error:
        if error.code not in {INDEX_OPTIONS_CONFLICT, INDEX_KEY_SPECS_CONFLICT}:
            raise
    wanted = model.document
    in_the_way = [
        index
        async for index in await database[collection].list_indexes()
        if index["name"] == wanted["name"] or list(index["key"].items()) == list(wanted["key"].items())
    ]
    for index in in_the_way:
        if index["name"] != wanted["name"]:
            raise MongoRefusedError(
                _(
                    "collection {name}.{collection} has the index {index} on {keys} with other options than ours "
                    "({wanted}): drop it, or rebuild it with the options of ours"
                ).format(
                    name=database.name,
                    collection=collection,
                    index=index["name"],
                    keys=_keys(index),
                    wanted=wanted["name"],
                )
            )
        logger.warning("rebuilding the index %s of %s: its keys or options differ", index["name"], collection)
        await database[collection].drop_index(index["name"])
    await database[collection].create_indexes([model])


async def _set_retention(database: AsyncDatabase[Document], collection: str, field: str, days: int) -> None:
    existing = await database[collection].index_information()
    current = existing.get(TTL_NAME, {}).get("expireAfterSeconds")
    wanted = int(timedelta(days=days).total_seconds()) if days else None
    if current == wanted:
        return
    if wanted is None:
        await database[collection].drop_index(TTL_NAME)
    elif current is None:
        options: Document = {"partialFilterExpression": PAGES_TTL_FILTER} if collection == "pages" else {}
        model = IndexModel([(field, ASCENDING)], name=TTL_NAME, expireAfterSeconds=wanted, **options)
        await _ensure_index(database, collection, model)
    else:
        await database.command("collMod", collection, index={"name": TTL_NAME, "expireAfterSeconds": wanted})


def _keys(index: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {order}" for name, order in index["key"].items())
