"""A private mongod on a data folder, shared by all commands that use the folder, stopped when the last one leaves.

Every user holds a shared flock on `users.lock` for as long as it lives, so kill -9 of a user leaves nothing stale; who
leaves and gets that lock exclusively was the last and stops the server. `start.lock` makes starts and stops take turns.
A mongod whose users were all killed stays up, is used again by the next command and stopped by it.
"""

from __future__ import annotations

import fcntl
import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pymongo import MongoClient
from pymongo.errors import AutoReconnect, OperationFailure

from newsspider.mongo.server import mongod
from newsspider.mongo.server.errors import MongoUnavailableError

START_TIMEOUT_S = 60.0
STOP_TIMEOUT_S = 60.0
POLL_S = 0.05
NOT_YET_INITIALIZED = 94
INVALID_REPLICA_SET_CONFIG = 93
ALREADY_INITIALIZED = 23


@dataclass(slots=True)
class LocalServer:
    """One user's share in the server of `data_dir`; `release()` gives it back."""

    data_dir: Path
    port: int
    extra_args: tuple[str, ...] = ()
    _lease: int | None = field(default=None, repr=False)
    _process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @classmethod
    def start(cls, data_dir: Path, extra_args: Sequence[str] = ()) -> LocalServer:
        """Join the server of `data_dir`, starting it if it does not run; raise MongoUnavailableError if that fails.

        Blocks for about a second at a first start. `extra_args` go to mongod, if it is this call that starts it.
        """
        data_dir = Path(data_dir).resolve()
        _prepare_folder(data_dir)
        server = cls(data_dir, 0, tuple(extra_args))
        with _turn(data_dir):
            server._lease = os.open(data_dir / "users.lock", os.O_RDWR | os.O_CREAT, 0o600)
            fcntl.flock(server._lease, fcntl.LOCK_SH)
            try:
                server._ensure_running()
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
        return mongod.process_id(self.data_dir) if mongod.is_running(self.data_dir) else None

    def revive(self) -> None:
        """Start mongod again on the same port if it died under us; MongoUnavailableError if that fails."""
        with _turn(self.data_dir):
            self._ensure_running()

    def release(self) -> None:
        """Leave; the last one out stops mongod and waits until it has closed its files. Safe to call twice."""
        if self._lease is None:
            return
        with _turn(self.data_dir):
            self._leave()

    def _leave(self) -> None:
        """Give up the lease and stop mongod if nobody else has one; the caller holds the turn."""
        if self._lease is None:
            return
        try:
            fcntl.flock(self._lease, fcntl.LOCK_EX | fcntl.LOCK_NB)
            is_last = True
        except BlockingIOError:
            is_last = False
        try:
            if is_last:
                _stop(self.data_dir)
        finally:
            os.close(self._lease)
            self._lease = None
            if self._process is not None:
                self._process.poll()

    def _ensure_running(self) -> None:
        recorded = _recorded_port(self.data_dir)
        if mongod.is_running(self.data_dir):
            if recorded is not None:
                self.port = recorded
                if _wait_for_primary(self):
                    return
            else:
                _stop(self.data_dir)
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
        return not mongod.is_running(self.data_dir)

    def _launch(self) -> None:
        port = self.port or _recorded_port(self.data_dir) or mongod.free_port()
        if not mongod.is_free(port):
            port = mongod.free_port()
        record = self.data_dir / "server.json"
        temporary = record.with_suffix(".new")
        try:
            temporary.write_text(json.dumps({"port": port}), "ascii")
            temporary.replace(record)
        except OSError as error:
            raise MongoUnavailableError(f"cannot write to {self.data_dir}: {error.strerror}") from error
        self.port = port
        self._process = mongod.launch(self.data_dir, port, self.extra_args)


def _prepare_folder(data_dir: Path) -> None:
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        os.close(os.open(data_dir / "start.lock", os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        raise MongoUnavailableError(f"MongoDB's data folder {data_dir} cannot be written: {error.strerror}") from error


@contextmanager
def _turn(data_dir: Path) -> Iterator[None]:
    """Hold `start.lock`; MongoUnavailableError if another process holds it longer than a start and a stop may take."""
    descriptor = os.open(data_dir / "start.lock", os.O_RDWR | os.O_CREAT, 0o600)
    deadline = time.monotonic() + START_TIMEOUT_S + STOP_TIMEOUT_S
    try:
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    message = f"another process has been starting or stopping the MongoDB of {data_dir} for too long"
                    raise MongoUnavailableError(message) from None
                time.sleep(POLL_S)
        yield
    finally:
        os.close(descriptor)


def _recorded_port(data_dir: Path) -> int | None:
    try:
        return int(json.loads((data_dir / "server.json").read_text("ascii"))["port"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _wait_for_primary(server: LocalServer) -> bool:
    """Wait until the server takes writes; return False if it has ended.

    A new server is made a replica set of one; the set is reconfigured where the port has changed.
    """
    deadline = time.monotonic() + START_TIMEOUT_S
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
                pid = mongod.process_id(server.data_dir)
                message = f"mongod (process {pid}, port {server.port}) of {server.data_dir} does not answer"
                raise MongoUnavailableError(f"{message}; log: {server.data_dir / mongod.LOG_NAME}")
            time.sleep(POLL_S)


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
            raise MongoUnavailableError(f"mongod on {member} cannot be made a replica set: {error.details}") from error


def _stop(data_dir: Path) -> None:
    """Stop mongod with SIGTERM and wait until it has closed its files."""
    deadline = time.monotonic() + STOP_TIMEOUT_S
    pid = mongod.process_id(data_dir)
    is_asked = False
    while mongod.is_running(data_dir):
        if not is_asked and pid is not None:
            try:
                os.kill(pid, signal.SIGTERM)
            except ProcessLookupError:
                return
            is_asked = True
        if time.monotonic() > deadline:
            raise MongoUnavailableError(f"mongod (process {pid}) of {data_dir} does not stop")
        pid = pid or mongod.process_id(data_dir)
        time.sleep(POLL_S)
