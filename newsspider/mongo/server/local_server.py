"""A private mongod on a data folder, shared by all commands that use the folder.

It stays for some time after the last user has left, then keeper.py stops it; without that time the last user does.
A mongod whose users were all killed is used again by the next command.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pymongo import MongoClient
from pymongo.errors import AutoReconnect, OperationFailure

from newsspider.messages import _
from newsspider.mongo.server import data_folder, mongod
from newsspider.mongo.server.errors import MongoUnavailableError
from newsspider.mongo.server.keeper import LOG_NAME, can_keep, ensure_keeper

START_TIMEOUT_S = 60.0
STOP_TIMEOUT_S = 60.0
POLL_S = 0.02
NOT_YET_INITIALIZED = 94
INVALID_REPLICA_SET_CONFIG = 93
ALREADY_INITIALIZED = 23


@dataclass(slots=True)
class LocalServer:
    """One user's share in the server of `data_dir`; `release()` gives it back."""

    data_dir: Path
    port: int
    extra_args: tuple[str, ...] = ()
    idle_s: float = 0.0
    _lease: int | None = field(default=None, repr=False)
    _process: subprocess.Popen[bytes] | None = field(default=None, repr=False)
    _keeper: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @classmethod
    def start(cls, data_dir: Path, extra_args: Sequence[str] = (), idle_s: float = 0.0) -> LocalServer:
        """Join the server of `data_dir`, starting it if it does not run; raise MongoUnavailableError if that fails.

        Blocks for about a second at a first start. `extra_args` go to mongod, if it is this call that starts it.
        mongod stays for `idle_s` seconds after its last use.
        """
        data_dir = Path(data_dir).resolve()
        _prepare_folder(data_dir)
        server = cls(data_dir, 0, tuple(extra_args), idle_s if can_keep() else 0.0)
        with turn_of(data_dir):
            server._lease = data_folder.join_users(data_dir, server.idle_s)
            try:
                server._ensure_running()
                if server.idle_s > 0:
                    server._keeper = ensure_keeper(data_dir)
            except BaseException:  # a start that is interrupted must not keep the lease either
                server._leave()
                raise
        return server

    @property
    def uri(self) -> str:
        return f"mongodb://127.0.0.1:{self.port}/?replicaSet={mongod.REPLICA_SET}"

    @property
    def process_id(self) -> int | None:
        """The process id of mongod; None if it does not run."""
        return data_folder.process_id(self.data_dir) if data_folder.is_running(self.data_dir) else None

    def revive(self) -> None:
        """Start mongod again on the same port if it died under us; MongoUnavailableError if that fails."""
        with turn_of(self.data_dir):
            self._ensure_running()

    def release(self) -> None:
        """Leave. If mongod is not to stay, the last one out stops it and waits until it has closed its files.

        Safe to call twice.
        """
        if self._lease is None:
            return
        with turn_of(self.data_dir):
            self._leave()

    def _leave(self) -> None:
        """Give up the lease; stop mongod if nobody else has one and it is not to stay. The caller holds the turn."""
        if self._lease is None:
            return
        data_folder.note_use(self._lease, self.idle_s)
        try:
            is_staying = self.idle_s > 0 or (self.data_dir / data_folder.STAYING).exists()
            if not is_staying and data_folder.is_taken(self._lease):
                stop_mongod(self.data_dir)
        finally:
            os.close(self._lease)
            self._lease = None
            for process in (self._process, self._keeper):
                if process is not None:
                    process.poll()

    def _ensure_running(self) -> None:
        recorded = recorded_port(self.data_dir)
        if data_folder.is_running(self.data_dir):
            if recorded is not None:
                self.port = recorded
                if _wait_for_primary(self):
                    return
            else:
                stop_mongod(self.data_dir)
        self._launch()
        is_ready = _wait_for_primary(self)
        if not is_ready and not mongod.is_free(self.port):  # somebody else took the port in the meantime
            self._launch()
            is_ready = _wait_for_primary(self)
        if not is_ready:
            returncode = self._process.poll() if self._process is not None else None
            raise mongod.start_failure(self.data_dir, returncode)

    def _has_ended(self) -> bool:
        """Return True if mongod has ended; a process that we started is alive before it has opened its files."""
        if self._process is not None and self._process.poll() is None:
            return False
        return not data_folder.is_running(self.data_dir)

    def _launch(self) -> None:
        port = self.port or recorded_port(self.data_dir) or mongod.free_port()
        if not mongod.is_free(port):
            port = mongod.free_port()
        record = self.data_dir / "server.json"
        temporary = record.with_suffix(".new")
        try:
            temporary.write_text(json.dumps({"port": port}), "ascii")
            temporary.replace(record)
        except OSError as error:
            raise MongoUnavailableError(
                _("cannot write to {data_dir}: {strerror}").format(data_dir=self.data_dir, strerror=error.strerror)
            ) from error
        self.port = port
        self._process = mongod.launch(self.data_dir, port, self.extra_args)


def _prepare_folder(data_dir: Path) -> None:
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        os.close(os.open(data_dir / "start.lock", os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        raise MongoUnavailableError(
            _("MongoDB's data folder {data_dir} cannot be written: {strerror}").format(
                data_dir=data_dir, strerror=error.strerror
            )
        ) from error


@contextmanager
def turn_of(data_dir: Path) -> Iterator[None]:
    """Hold the turn; MongoUnavailableError if another process holds it longer than a start and a stop may take."""
    with ExitStack() as stack:
        try:
            stack.enter_context(data_folder.turn(data_dir, START_TIMEOUT_S + STOP_TIMEOUT_S))
        except (TimeoutError, OSError) as error:
            raise MongoUnavailableError(str(error)) from None
        yield


def recorded_port(data_dir: Path) -> int | None:
    try:
        return int(json.loads((data_dir / "server.json").read_text("ascii"))["port"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _wait_for_primary(server: LocalServer) -> bool:
    """Wait until the server takes writes; return False if it has ended.

    A new server is made a replica set of one; the set is reconfigured where the port has changed.
    """
    deadline = time.monotonic() + START_TIMEOUT_S
    while not _is_listening(server.port) and not server._has_ended() and time.monotonic() < deadline:
        time.sleep(POLL_S)
    client: MongoClient[dict[str, Any]] = MongoClient(
        "127.0.0.1", server.port, directConnection=True, serverSelectionTimeoutMS=1000, socketTimeoutMS=5000
    )
    with client:
        while True:
            try:
                if _is_primary(client, server):
                    return True
            except AutoReconnect:
                pass  # not listening yet
            if server._has_ended():
                return False
            if time.monotonic() > deadline:
                pid = data_folder.process_id(server.data_dir)
                message = f"mongod (process {pid}, port {server.port}) of {server.data_dir} does not answer"
                raise MongoUnavailableError(f"{message}; log: {server.data_dir / LOG_NAME}")
            time.sleep(POLL_S)


def _is_listening(port: int) -> bool:
    """Return True if something listens on `port`: the driver, which asks twice a second, is not asked before."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _is_primary(client: MongoClient[dict[str, Any]], server: LocalServer) -> bool:
    if client.admin.command("hello").get("isWritablePrimary"):
        return True
    member = f"127.0.0.1:{server.port}"
    try:
        status = client.admin.command("replSetGetStatus")
        if status["myState"] == 1 or status["members"][0]["name"] == member:
            return False
    except OperationFailure as error:
        if error.code == NOT_YET_INITIALIZED:
            _initiate(client, member)
            return False
        if error.code != INVALID_REPLICA_SET_CONFIG:
            return False
    configuration = client.admin.command("replSetGetConfig")["config"]
    if configuration["members"][0]["host"] != member:
        configuration["members"][0]["host"] = member
        configuration["version"] += 1
        client.admin.command("replSetReconfig", configuration, force=True)
    return False


def _initiate(client: MongoClient[dict[str, Any]], member: str) -> None:
    configuration = {"_id": mongod.REPLICA_SET, "members": [{"_id": 0, "host": member}]}
    try:
        client.admin.command("replSetInitiate", configuration)
    except OperationFailure as error:
        if error.code != ALREADY_INITIALIZED:
            raise MongoUnavailableError(
                _("mongod on {member} cannot be made a replica set: {details}").format(
                    member=member, details=error.details
                )
            ) from error


def stop_mongod(data_dir: Path) -> None:
    try:
        data_folder.stop(data_dir, STOP_TIMEOUT_S)
    except TimeoutError as error:
        raise MongoUnavailableError(str(error)) from None
