"""The index followed in a process that stays, such as `scrapy serve`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from newsspider.mongo.server.connection import Connection


@asynccontextmanager
async def index_followed(connection: Connection, settings: Mapping[str, Any]) -> AsyncIterator[None]:
    """Keep the index up to date until the end of the block, as soon as no other process does.

    Nothing is done without SEARCH_INDEX or tantivy.
    """
    try:
        from newsspider.search.index.keeping import IndexKeeper
    except ImportError:
        yield
        return
    if not settings["SEARCH_INDEX"]:
        yield
        return
    keeper = IndexKeeper(connection, settings)
    following = asyncio.create_task(keeper.run())
    try:
        yield
    finally:
        keeper.stop()
        await following
