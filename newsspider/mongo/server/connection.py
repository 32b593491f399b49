"""The connection to MongoDB: one client per process, server and database, shared by all parts of a crawl."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from pymongo import AsyncMongoClient, MongoClient
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.database import Database
from pymongo.errors import ConfigurationError, PyMongoError

from newsspider.messages import _
from newsspider.mongo.server.errors import (
    MongoRefusedError,
    MongoUnavailableError,
    check_credentials,
    explained,
    redact,
)
from newsspider.mongo.server.local_server import LocalServer
from newsspider.mongo.server.retry import Retry
from newsspider.mongo.server.types import Document
from newsspider.stopping import DATABASE, StoppedError

__all__ = [
    "Connection",
    "Document",
    "MongoRefusedError",
    "MongoSettings",
    "MongoUnavailableError",
    "open_sync",
    "redact",
]

logger = logging.getLogger(__name__)

SERVER_SELECTION_MS = 3000
# long enough for a slow disk; a frozen server is noticed after this time and the operation is repeated
SOCKET_TIMEOUT_MS = 20_000
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


class MongoSettings(NamedTuple):
    """The database to use; without `uri` that of the private server on `data_dir`, which stays for `idle_s` seconds."""

    uri: str | None
    database: str
    data_dir: Path
    idle_s: float = 0.0

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> MongoSettings:
        """Return MONGO_URI, MONGO_DATABASE, MONGO_DATA_DIR and MONGO_IDLE_S of the project's settings.

        Raises MongoRefusedError for a MONGO_IDLE_S that is not a number of seconds.
        """
        folder, idle_s = Path(settings["MONGO_DATA_DIR"]), settings.get("MONGO_IDLE_S") or 0
        try:
            return cls(settings["MONGO_URI"], settings["MONGO_DATABASE"], folder, max(0.0, float(idle_s)))
        except (TypeError, ValueError):
            raise MongoRefusedError(
                _("MONGO_IDLE_S {idle_s!r} is not a number of seconds").format(idle_s=idle_s)
            ) from None


class Connection:
    """An AsyncMongoClient with its database, and the private server behind it if there is one.

    `Connection.open` returns the same object to every caller on one event loop; each caller calls `close()` once.
    """

    _shared: dict[tuple[object, ...], asyncio.Task[Connection]] = {}  # noqa: RUF012 one registry per process

    def __init__(self, uri: str, database: str, server: LocalServer | None = None) -> None:
        self.uri = uri
        self.server = server
        self.users = 0
        self._key: tuple[object, ...] = ()
        try:
            check_credentials(uri)
            self.client: AsyncMongoClient[Document] = AsyncMongoClient(uri, **CLIENT_OPTIONS)
            self.db: AsyncDatabase[Document] = self.client[database]
        except (PyMongoError, ValueError) as error:
            raise explained(error, uri) from None

    def __repr__(self) -> str:
        return f"<Connection {redact(self.uri)} {self.db.name}>"

    @classmethod
    async def open(
        cls, uri: str | None, database: str, data_dir: Path, idle_s: float = 0.0, *, wait_s: float = 10.0
    ) -> Connection:
        """Return the shared connection after a first read; without `uri` it is to the private server of `data_dir`.

        That server stays for `idle_s` seconds after its last use.
        Raises MongoUnavailableError where no server answers within `wait_s` seconds, MongoRefusedError at once.
        """
        key = (asyncio.get_running_loop(), uri, database, str(data_dir))
        task = cls._shared.get(key)
        if task is None:
            task = asyncio.create_task(cls._connect(key, uri, database, data_dir, idle_s, wait_s))
            cls._shared[key] = task
        try:
            connection = await DATABASE.wait(asyncio.shield(task))
        except MongoUnavailableError:
            if cls._shared.get(key) is task:
                del cls._shared[key]
            raise
        except StoppedError:
            raise MongoUnavailableError(_("the run was stopped before MongoDB answered")) from None
        connection.users += 1
        return connection

    @classmethod
    async def _connect(
        cls, key: tuple[object, ...], uri: str | None, database: str, data_dir: Path, idle_s: float, wait_s: float
    ) -> Connection:
        server = None
        if not uri:
            server = await asyncio.to_thread(LocalServer.start, data_dir, idle_s=idle_s)
            uri = server.uri
        try:
            connection = cls(uri, database, server)
            connection._key = key
            await connection._try_out(wait_s)
        except BaseException:  # a start that is cancelled or interrupted releases the server as well
            if server is not None:
                await asyncio.to_thread(server.release)
            raise
        return connection

    async def _try_out(self, wait_s: float) -> None:
        """Read from the database, repeatedly for `wait_s` seconds."""
        # the first failure comes after the driver has looked for a server itself
        waited_s = CLIENT_OPTIONS["serverSelectionTimeoutMS"] / 1000
        try:
            await Retry(max(0, wait_s - waited_s)).run(self._read_once, lambda error: not self._is_refused(error))
        except PyMongoError as error:
            await self.client.close()
            raise explained(error, self.uri) from None

    async def _read_once(self) -> None:
        await self.client.admin.command("ping")
        await self.db["schema"].find_one({"_id": "schema"})

    def _is_refused(self, error: Exception) -> bool:
        return isinstance(error, PyMongoError) and isinstance(explained(error, self.uri), MongoRefusedError)

    def retry(self, patience_s: float, *, is_ending: Callable[[], bool] | None = None, purpose: str = "") -> Retry:
        """Return a Retry for operations on this connection, which starts its private server again."""
        return Retry(patience_s, self.revive, is_ending or (lambda: True), purpose)

    async def revive(self) -> None:
        """Start the private server again if it has died; do nothing for a server of MONGO_URI."""
        if self.server is not None:
            await asyncio.to_thread(self.server.revive)

    async def close(self) -> None:
        """Release the connection; the last user closes the client and leaves the private server."""
        self.users -= 1
        if self.users > 0:
            return
        if self._shared.pop(self._key, None) is None:
            return
        try:
            await DATABASE.wait(self.client.close())
            if self.server is not None:
                await DATABASE.wait(asyncio.to_thread(self.server.release))
        except StoppedError:
            logger.warning("MongoDB does not answer: the run ends without taking leave of it")


@contextmanager
def open_sync(uri: str | None, database: str, data_dir: Path, idle_s: float = 0.0) -> Iterator[Database[Document]]:
    """Yield the database for a command without an event loop. Raises MongoUnavailableError or MongoRefusedError.

    Operations have no time limit here: a command may run a long aggregation or build an index.
    """
    server = None if uri else LocalServer.start(data_dir, idle_s=idle_s)
    try:
        target = uri or (server.uri if server else "")
        options = {**CLIENT_OPTIONS, "socketTimeoutMS": None}
        try:
            check_credentials(target)
            client: MongoClient[Document] = MongoClient(target, **options)
            client.admin.command("ping")
            client[database]["schema"].find_one({"_id": "schema"})
        except (PyMongoError, ConfigurationError, ValueError) as error:
            raise explained(error, target) from None
        with client:
            yield client[database]
    finally:
        if server is not None:
            server.release()
