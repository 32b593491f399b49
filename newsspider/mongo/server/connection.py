"""The connection to MongoDB: one client a process, server and database, shared by all that ask for it."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pymongo import AsyncMongoClient, MongoClient
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.database import Database
from pymongo.errors import ConfigurationError, PyMongoError

from newsspider.mongo.server.errors import MongoRefusedError, MongoUnavailableError, explained, redact
from newsspider.mongo.server.local_server import LocalServer
from newsspider.mongo.server.types import Document

__all__ = ["Connection", "Document", "MongoRefusedError", "MongoUnavailableError", "open_sync", "redact"]

logger = logging.getLogger(__name__)

SERVER_SELECTION_MS = 3000
# long enough for a slow disk; a frozen server is noticed after this and the write is tried again
SOCKET_TIMEOUT_MS = 20_000
RETRY_FIRST_S, RETRY_MOST_S = 0.1, 2.0
CLIENT_OPTIONS: dict[str, Any] = {
    "w": "majority",
    "journal": True,
    "tz_aware": True,
    "retryWrites": True,
    "connectTimeoutMS": SERVER_SELECTION_MS,
    "serverSelectionTimeoutMS": SERVER_SELECTION_MS,
    "socketTimeoutMS": SOCKET_TIMEOUT_MS,
    "appname": "newsspider",
}


class Connection:
    """An AsyncMongoClient with its database, and the private server behind it if there is one.

    `Connection.open` hands out the same object to every caller on one event loop; each calls `close()` once.
    """

    _shared: dict[tuple[object, ...], asyncio.Task[Connection]] = {}  # noqa: RUF012 one registry a process

    def __init__(self, uri: str, database: str, server: LocalServer | None = None) -> None:
        self.uri = uri
        self.server = server
        self.users = 0
        self._key: tuple[object, ...] = ()
        try:
            self.client: AsyncMongoClient[Document] = AsyncMongoClient(uri, **CLIENT_OPTIONS)
            self.db: AsyncDatabase[Document] = self.client[database]
        except (PyMongoError, ValueError) as error:
            raise explained(error, uri) from None

    def __repr__(self) -> str:
        return f"<Connection {redact(self.uri)} {self.db.name}>"

    @classmethod
    async def open(cls, uri: str | None, database: str, data_dir: Path, *, wait_s: float = 10.0) -> Connection:
        """Return the shared connection, tried out; without `uri` to the private server of `data_dir`.

        An unreachable server is tried for `wait_s` seconds: then MongoUnavailableError. MongoRefusedError at once.
        """
        key = (asyncio.get_running_loop(), uri, database, str(data_dir))
        task = cls._shared.get(key)
        if task is None:
            task = asyncio.create_task(cls._connect(key, uri, database, data_dir, wait_s))
            cls._shared[key] = task
        try:
            connection = await asyncio.shield(task)
        except MongoUnavailableError:
            if cls._shared.get(key) is task:
                del cls._shared[key]
            raise
        connection.users += 1
        return connection

    @classmethod
    async def _connect(
        cls, key: tuple[object, ...], uri: str | None, database: str, data_dir: Path, wait_s: float
    ) -> Connection:
        server = None
        if not uri:
            server = await asyncio.to_thread(LocalServer.start, data_dir)
            uri = server.uri
        try:
            connection = cls(uri, database, server)
            connection._key = key
            await connection._try_out(wait_s)
        except BaseException:  # a start that is cancelled or interrupted gives the server back as well
            if server is not None:
                await asyncio.to_thread(server.release)
            raise
        return connection

    async def _try_out(self, wait_s: float) -> None:
        deadline = time.monotonic() + wait_s
        pause_s = RETRY_FIRST_S
        while True:
            try:
                await self.client.admin.command("ping")
                await self.db["schema"].find_one({"_id": "schema"})
                return
            except PyMongoError as error:
                failure = explained(error, self.uri)
                if isinstance(failure, MongoRefusedError) or time.monotonic() + pause_s > deadline:
                    await self.client.close()
                    raise failure from None
                logger.warning("waiting for MongoDB: %s", failure)
            await asyncio.sleep(pause_s)
            pause_s = min(2 * pause_s, RETRY_MOST_S)

    async def revive(self) -> None:
        """Start the private server again if it died; nothing to do for a server of MONGO_URI."""
        if self.server is not None:
            await asyncio.to_thread(self.server.revive)

    async def close(self) -> None:
        """Give the connection back; the last user closes the client and leaves the private server."""
        self.users -= 1
        if self.users > 0:
            return
        if self._shared.pop(self._key, None) is None:
            return
        await self.client.close()
        if self.server is not None:
            await asyncio.to_thread(self.server.release)


@contextmanager
def open_sync(uri: str | None, database: str, data_dir: Path) -> Iterator[Database[Document]]:
    """Yield the database for a command that runs no event loop; MongoUnavailableError or MongoRefusedError in one line.

    Operations have no time limit here: a command may run a long aggregation or build an index.
    """
    server = None if uri else LocalServer.start(data_dir)
    try:
        address = uri or (server.uri if server else "")
        options = {**CLIENT_OPTIONS, "socketTimeoutMS": None}
        try:
            client: MongoClient[Document] = MongoClient(address, **options)
            client.admin.command("ping")
            client[database]["schema"].find_one({"_id": "schema"})
        except (PyMongoError, ConfigurationError, ValueError) as error:
            raise explained(error, address) from None
        with client:
            yield client[database]
    finally:
        if server is not None:
            server.release()
