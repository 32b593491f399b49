"""Invented articles and stores for the tests of newsspider.mongo."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from newsspider.items import Article
from newsspider.mongo.articles.store import ArticleStore, StoreOptions
from newsspider.mongo.schema import prepare
from newsspider.mongo.server.connection import Connection
from newsspider.text import content_hash, fold

MONDAY = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
TEXT = "河口镇的渡船今天恢复通航。\n船工老周说，水位已经退了两米。"


def article(number: int, text: str = TEXT, title: str | None = None, **fields: Any) -> Article:
    """Return article `number` of an invented site, fetched on Monday."""
    title = title or f"河口镇渡船恢复通航第{number}天"
    key = f"news.hekou.example/2026/{number}"
    made = Article(
        _id=key,
        url=f"https://{key}",
        site="hekou.example",
        title=title,
        text=text,
        body_html="\n".join(f"<p>{line}</p>" for line in text.split("\n")),
        fetched_at=MONDAY,
        content_hash=content_hash(title, text),
    )
    return replace(made, **fields)


@asynccontextmanager
async def article_store(uri: str | None, database: str, data_dir: Path, **options: Any) -> AsyncIterator[ArticleStore]:
    """Yield a store on a prepared database."""
    connection = await Connection.open(uri, database, data_dir)
    store = ArticleStore(connection, fold=fold, options=StoreOptions(**options))
    try:
        await prepare(connection.db)
        yield store
    finally:
        await store.close()
        await connection.close()
