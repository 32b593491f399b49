"""Invented articles that copy each other, and stories over a database, for tests."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

from pymongo import AsyncMongoClient

from newsspider.items import Article
from newsspider.mongo.stories.stories import INDEXES, Stories

SEEN = datetime(2026, 5, 4, 8, tzinfo=UTC)
SYLLABLES = (
    "春江潮水连海平月共生滟随波千万里何处明宛转绕芳甸照花林皆似霰空流霜不觉飞汀白沙看见纤尘皎孤轮初人年代无穷已望相"
)


def prose(seed: int, sentences: int = 14) -> str:
    chance = random.Random(seed)
    return "\n".join("".join(chance.choices(SYLLABLES, k=30)) + "。" for _ in range(sentences))


def article(key: str, text: str, title: str = "桥修好了", **fields: Any) -> Article:
    site = key.split("/")[0]
    given = {"published_at": SEEN, "fetched_at": SEEN} | fields
    return Article(_id=key, url=f"https://{key}", site=site, title=title, text=text, body_html="", **given)


def reworded(text: str, seed: int, times: int = 6) -> str:
    """Return `text` with a character replaced here and there."""
    chance, signs = random.Random(seed), list(text)
    for _ in range(times):
        position = chance.randrange(len(signs))
        if signs[position] not in "。\n":
            signs[position] = "甲"
    return "".join(signs)


async def with_stories(uri: str, database: str, work: Callable[[Stories, Any], Awaitable[Any]], **options: Any) -> Any:
    client: AsyncMongoClient[Any] = AsyncMongoClient(uri, tz_aware=True, w="majority", **options)
    try:
        for collection, models in INDEXES.items():
            await client[database][collection].create_indexes(models)
        return await work(Stories(client[database]), client[database])
    finally:
        await client.close()


def partition(mongo: Any) -> set[frozenset[str]]:
    by_root: dict[str, set[str]] = {}
    for found in mongo["fingerprints"].find({}, {"cl": True}):
        by_root.setdefault(found["cl"], set()).add(found["_id"])
    return {frozenset(group) for group in by_root.values()}
