"""The shared connection, and the one line that tells why there is none."""

from __future__ import annotations

import asyncio
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from newsspider.mongo.schema import prepare
from newsspider.mongo.server import data_folder, mongod
from newsspider.mongo.server.connection import CLIENT_OPTIONS, Connection, open_sync
from newsspider.mongo.server.errors import MongoRefusedError, MongoUnavailableError, check_credentials, redact

pytestmark = pytest.mark.server


@pytest.mark.parametrize(
    ("uri", "shown"),
    [
        ("mongodb://ada:s3cret@db.example:27017/?tls=true", "mongodb://***@db.example:27017/?tls=true"),
        ("mongodb+srv://ada:p%40ss@db.example/", "mongodb+srv://***@db.example/"),
        ("mongodb://db.example/", "mongodb://db.example/"),
        (
            "mongodb://a.example/?tlsCertificateKeyFilePassword=x&w=1",
            "mongodb://a.example/?tlsCertificateKeyFilePassword=***&w=1",
        ),
        ("no server at mongodb://ada:s3cret@db.example, sorry", "no server at mongodb://***@db.example, sorry"),
    ],
)
def test_credentials_are_blotted_out(uri: str, shown: str) -> None:
    assert redact(uri) == shown


def test_connection_is_shared_and_closed_by_its_last_user(mongo_uri: str, database: str, tmp_path: Path) -> None:
    async def run() -> None:
        first, second = await asyncio.gather(*[Connection.open(mongo_uri, database, tmp_path) for _ in range(2)])
        assert first is second
        await first.close()
        await second.db["kept"].insert_one({"_id": 1})
        await second.close()
        third = await Connection.open(mongo_uri, database, tmp_path)
        assert third is not first
        assert third.client.write_concern.document == {"w": "majority", "j": True}
        await third.close()

    asyncio.run(run())


def test_private_server_is_left_by_the_last_user(tmp_path: Path) -> None:
    async def run() -> None:
        first = await Connection.open(None, "news", tmp_path)
        second = await Connection.open(None, "news", tmp_path)
        await first.close()
        await second.db["kept"].insert_one({"_id": 1})
        await second.close()

    asyncio.run(run())
    assert not data_folder.is_running(tmp_path)


def test_unreachable_server_is_tried_and_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(CLIENT_OPTIONS, "serverSelectionTimeoutMS", 200)
    uri = f"mongodb://ada:s3cret@127.0.0.1:{mongod.free_port()}/"
    started = time.monotonic()
    with pytest.raises(MongoUnavailableError, match="cannot be reached") as caught:
        asyncio.run(Connection.open(uri, "news", tmp_path, wait_s=0.5))
    assert not isinstance(caught.value, MongoRefusedError)
    assert "s3cret" not in str(caught.value) and "\n" not in str(caught.value)
    assert time.monotonic() - started < 20
    with pytest.raises(MongoUnavailableError, match="cannot be reached"), open_sync(uri, "news", tmp_path):
        pass


@pytest.mark.parametrize("uri", ["mongo://x", "mongodb://a:b:c@x", "mongodb://"])
def test_uri_that_cannot_be_read_is_refused_in_one_line(uri: str, tmp_path: Path) -> None:
    with pytest.raises(MongoRefusedError, match=r"MONGO_URI .* cannot be used") as caught:
        asyncio.run(Connection.open(uri, "news", tmp_path))
    assert "\n" not in str(caught.value)


@pytest.fixture(scope="module")
def guarded_port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of a mongod that asks for passwords: `writer` may write `news`, `reader` may read it."""
    folder = tmp_path_factory.mktemp("guarded")
    port = mongod.free_port()
    command = [str(mongod.binary()), "--dbpath", str(folder), "--port", str(port), "--bind_ip", "127.0.0.1", "--auth"]
    command += ["--nounixsocket", "--logpath", str(folder / "log"), "--wiredTigerCacheSizeGB", "0.25"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    with MongoClient("127.0.0.1", port, serverSelectionTimeoutMS=20_000) as client:
        client.admin.command("createUser", "root", pwd="root", roles=["root"])
    with MongoClient(f"mongodb://root:root@127.0.0.1:{port}/") as client:
        client["news"].command("createUser", "writer", pwd="pen", roles=["readWrite", "dbAdmin"])
        client["news"].command("createUser", "reader", pwd="glasses", roles=["read"])
    yield port
    process.terminate()
    process.wait()


def test_wrong_password_is_refused_at_once(guarded_port: int, tmp_path: Path) -> None:
    uri = f"mongodb://writer:pencil@127.0.0.1:{guarded_port}/news"
    with pytest.raises(MongoRefusedError, match="refuses user or password") as caught:
        asyncio.run(Connection.open(uri, "news", tmp_path, wait_s=60))
    assert "pencil" not in str(caught.value)
    with pytest.raises(MongoRefusedError, match="refuses user or password"), open_sync(uri, "news", tmp_path):
        pass


def test_missing_password_is_refused_at_once(guarded_port: int, tmp_path: Path) -> None:
    with pytest.raises(MongoRefusedError, match="may not do that"):
        asyncio.run(Connection.open(f"mongodb://127.0.0.1:{guarded_port}/", "news", tmp_path, wait_s=60))


def test_read_only_user_is_refused_before_the_crawl(guarded_port: int, tmp_path: Path) -> None:
    async def run() -> None:
        uri = f"mongodb://reader:glasses@127.0.0.1:{guarded_port}/news"
        connection = await Connection.open(uri, "news", tmp_path)
        try:
            await prepare(connection.db)
        finally:
            await connection.close()

    with pytest.raises(MongoRefusedError, match="may not do that: not authorized on news") as caught:
        asyncio.run(run())
    assert "glasses" not in str(caught.value)


def test_user_with_rights_on_one_database_is_enough(guarded_port: int, tmp_path: Path) -> None:
    async def run() -> None:
        connection = await Connection.open(f"mongodb://writer:pen@127.0.0.1:{guarded_port}/news", "news", tmp_path)
        assert "pen@" not in repr(connection)
        await prepare(connection.db)
        await connection.close()

    asyncio.run(run())


def test_guard_of_the_test_works(guarded_port: int) -> None:
    with MongoClient("127.0.0.1", guarded_port) as client, pytest.raises((OperationFailure, PyMongoError)):
        client["news"]["kept"].insert_one({})


SECRETS = [
    "pa/ss",
    "p@ss",
    "p@ss/w:rd%",
    "pa:ss",
    "50%",
    "%zz",
    "a?b",
    "a?b=c",
    "p@x?ss",
    "a#b",
    "a b",
    "[a]",
    "@",
    "//@:%",
]


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("tail", ["127.0.0.1:9/", "127.0.0.1:9,127.0.0.2:9/news?authSource=admin"])
def test_no_part_of_a_password_is_shown_or_looked_up(secret: str, tail: str, tmp_path: Path) -> None:
    uri = f"mongodb://crawler:{secret}@{tail}"
    with pytest.raises(MongoRefusedError, match="percent-encoded") as caught:
        asyncio.run(Connection.open(uri, "news", tmp_path, wait_s=0))
    assert f"mongodb://***@{tail}" in str(caught.value)
    with pytest.raises(MongoRefusedError, match="percent-encoded"), open_sync(uri, "news", tmp_path):
        pass


@pytest.mark.parametrize(
    "uri",
    [
        "mongodb://127.0.0.1:9/",
        "mongodb://crawler:pa%2Fss%40%3A%25@127.0.0.1:9/?authSource=admin",
        "mongodb://crawler@127.0.0.1:9,127.0.0.2:9/news",
        "mongodb://crawler:p!$&'()*+,;=-._~@127.0.0.1:9/?appName=a@b",
        "mongodb+srv://crawler:secret@cluster.example/",
    ],
)
def test_an_escaped_password_is_used(uri: str) -> None:
    check_credentials(uri)


@pytest.mark.parametrize("uri", ["mongo://crawler:secret@h:1/", "crawler:secret@h:1", "http://crawler:se/cret@h:1"])
def test_the_password_of_what_is_not_a_mongodb_uri_is_hidden_too(uri: str, tmp_path: Path) -> None:
    with pytest.raises(MongoRefusedError, match="cannot be used") as caught, open_sync(uri, "news", tmp_path):
        pass
    assert "crawler" not in str(caught.value)
    assert "cret" not in str(caught.value)
