"""Two processes on a replica set of three while its members die or freeze: the same articles and stories as ever."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient

from benchmarks.many.crawls import Place, articles, stored, worker
from benchmarks.many.sites import ManySites, Plan, many_sites
from newsspider.mongo.server import mongod

PLAN = Plan(sites=8, articles=40, pairs=5, delay_s=0.02)
EVERYTHING = PLAN.sites * PLAN.articles
SETTINGS: dict[str, Any] = {"LEASE_S": 20, "DOWNLOAD_DELAY": 0.5}
ELECTION_MS = 3000
PATIENCE_S = 300
AWAY_S = 30
# lines that say that MongoDB is waited for: one at once, then one in ten seconds
WAITS = 2 + AWAY_S // 10


class ReplicaSet:
    """Three members on this machine."""

    def __init__(self, folder: Path) -> None:
        self._folders = [folder / str(number) for number in range(3)]
        self.ports = [mongod.free_port() for _ in range(3)]
        self._processes: list[subprocess.Popen[bytes]] = []
        for number in range(3):
            self._folders[number].mkdir(parents=True)
            self._processes.append(self._launched(number))
        members = [{"_id": number, "host": f"127.0.0.1:{port}"} for number, port in enumerate(self.ports)]
        settings = {"electionTimeoutMillis": ELECTION_MS}
        with self._client(0, directConnection=True) as client:
            client.admin.command("replSetInitiate", {"_id": "three", "members": members, "settings": settings})
        self.primary()

    @property
    def uri(self) -> str:
        return f"mongodb://{','.join(f'127.0.0.1:{port}' for port in self.ports)}/?replicaSet=three"

    def _launched(self, number: int) -> subprocess.Popen[bytes]:
        folder = self._folders[number]
        command = [str(mongod.binary()), "--dbpath", str(folder), "--port", str(self.ports[number])]
        command += ["--bind_ip", "127.0.0.1", "--replSet", "three", "--nounixsocket"]
        command += ["--wiredTigerCacheSizeGB", "0.25", "--oplogSize", "64", "--logpath", str(folder / "log")]
        return subprocess.Popen(command, stdout=subprocess.DEVNULL)

    def _client(self, number: int, **options: Any) -> MongoClient[dict[str, Any]]:
        return MongoClient("127.0.0.1", self.ports[number], serverSelectionTimeoutMS=30_000, **options)

    def primary(self) -> int:
        """Return the number of the primary, waiting for one."""
        with MongoClient[dict[str, Any]](self.uri, serverSelectionTimeoutMS=60_000) as client:
            client.admin.command("ping")
            deadline = time.monotonic() + 60
            while client.primary is None and time.monotonic() < deadline:
                time.sleep(0.1)
            address = client.primary
            assert address is not None
            return self.ports.index(address[1])

    def send(self, number: int, sent: signal.Signals) -> None:
        self._processes[number].send_signal(sent)
        if sent == signal.SIGKILL:
            self._processes[number].wait()

    def start(self, number: int) -> None:
        self._processes[number] = self._launched(number)

    def stop(self) -> None:
        for process in self._processes:
            process.send_signal(signal.SIGCONT)
            process.kill()
            process.wait()


def primary_killed(members: ReplicaSet) -> None:
    number = members.primary()
    members.send(number, signal.SIGKILL)
    time.sleep(AWAY_S / 2)
    members.start(number)


def primary_frozen(members: ReplicaSet) -> None:
    number = members.primary()
    members.send(number, signal.SIGSTOP)
    time.sleep(AWAY_S)
    members.send(number, signal.SIGCONT)


def majority_killed(members: ReplicaSet) -> None:
    number = members.primary()
    for lost in (number, (number + 1) % 3):
        members.send(lost, signal.SIGKILL)
    time.sleep(AWAY_S / 2)
    for lost in (number, (number + 1) % 3):
        members.start(lost)


@pytest.fixture(scope="module")
def members(soak: Callable[[Any, Any], Any], tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReplicaSet]:
    if not soak(False, True):
        pytest.skip("three servers and half a minute for each fault: make soak")
    found = ReplicaSet(tmp_path_factory.mktemp("three"))
    yield found
    found.stop()


@pytest.fixture(scope="module")
def sites(members: ReplicaSet) -> Iterator[ManySites]:
    with many_sites(PLAN) as server:
        yield server


@pytest.mark.server
@pytest.mark.parametrize("disturb", [primary_killed, primary_frozen, majority_killed])
def test_nothing_is_lost_or_doubled(
    disturb: Callable[[ReplicaSet], None], members: ReplicaSet, sites: ManySites, tmp_path: Path
) -> None:
    sites.forget()
    place = Place(members.uri, disturb.__name__, tmp_path)
    processes = [worker(place, f"worker-{number}", [f"url={sites.urls}"], SETTINGS) for number in range(2)]
    deadline = time.monotonic() + PATIENCE_S
    while sites.count() < EVERYTHING // 4 and time.monotonic() < deadline:
        time.sleep(0.1)
    try:
        disturb(members)
    finally:
        codes = [process.wait(PATIENCE_S) for process in processes]
    found = stored(place)
    assert codes == [0, 0]
    assert len(found.articles) == EVERYTHING
    assert (found.revisions, found.queued) == (0, 0)
    assert sum(len(story) == 2 for story in found.stories) == PLAN.pairs * PLAN.sites // 2
    assert articles(sites.log()) <= EVERYTHING * 1.02
    for number in range(2):
        said = (tmp_path / f"worker-{number}.log").read_text()
        assert said.count("waiting for MongoDB") <= WAITS, said
    with MongoClient[dict[str, Any]](members.uri) as client:
        assert client[place.database]["hosts"].count_documents({"owner": {"$exists": True}}) == 0
