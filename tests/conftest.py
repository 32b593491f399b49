"""Fixtures: a real mongod, a database per test, invented sites over HTTP, and scrapy as a process.

Tests that use a server or start a process have the marker `server`, those with a long form the marker `soak`. The
fixtures give both; a test without `server` that starts a process or opens a connection fails.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from project import ROOT, SHARED, scrapy_command
from scrapy_server import ScrapyProcess, ScrapyServer

SCRAPY_TIMEOUT_S = 240
# where the tests write, if it has room: databases that wait for no disk
MEMORY = Path("/dev/shm")
MEMORY_BYTES = 8_000_000_000


# a test that uses one of these has the marker of its name
MARKED_BY_FIXTURE = {
    "server": {
        "mongo_uri",
        "site_server",
        "scrapy_server",
        "scrapy_environment",
        "run_scrapy",
        "start_scrapy",
        "start_python",
    },
    "soak": {"soak"},
}
# audit events of a process or a connection
OUTSIDE = ("subprocess.Popen", "os.fork", "os.posix_spawn", "os.system", "socket.connect")
_guarded: list[str] = []


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--soak", action="store_true", help="the long form of the tests that have one: see `soak`")


def pytest_configure() -> None:
    if "PYTEST_DEBUG_TEMPROOT" not in os.environ and is_roomy(MEMORY):
        os.environ["PYTEST_DEBUG_TEMPROOT"] = str(MEMORY)
    # how long an example takes is the machine's business
    hypothesis.settings.register_profile("newsspider", deadline=None)
    hypothesis.settings.load_profile("newsspider")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        for marker, fixtures in MARKED_BY_FIXTURE.items():
            if fixtures & set(getattr(item, "fixturenames", ())):
                item.add_marker(marker)


def is_roomy(folder: Path) -> bool:
    """Return True if the databases of the tests have room in a folder of memory, and programs may run from it."""
    if not os.access(folder, os.W_OK):
        return False
    system = os.statvfs(folder)
    return system.f_bavail * system.f_frsize > MEMORY_BYTES and not system.f_flag & os.ST_NOEXEC


def _refuse_outside(event: str, arguments: tuple[Any, ...]) -> None:
    if _guarded and event in OUTSIDE and arguments[0] != "git":
        raise RuntimeError(f"{_guarded[-1]} has no marker `server`, but does {event}{arguments[:2]}")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Let a test without the marker `server` start no process and open no connection, so that it stays quick."""
    if item.get_closest_marker("server") is None:
        _guarded.append(item.nodeid)
    try:
        return (yield)
    finally:
        _guarded.clear()


def pytest_sessionstart() -> None:
    sys.addaudithook(_refuse_outside)


@pytest.fixture(scope="session")
def soak(request: pytest.FixtureRequest) -> Callable[[Any, Any], Any]:
    """Choose how much a test does: `soak(3, 500)` is 3 in `make test`, 500 in `make soak`, which runs its users."""
    is_long = bool(request.config.getoption("--soak"))
    return lambda short, long: long if is_long else short


@pytest.fixture(scope="session")
def mongo_uri(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URI of a private one-node replica set, shared by the parallel workers of one test run."""
    from newsspider.mongo.server.local_server import LocalServer

    base = tmp_path_factory.getbasetemp()
    folder = base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base
    server = LocalServer.start(folder / "mongo", ["--setParameter", "ttlMonitorSleepSecs=1"])
    yield server.uri
    server.release()


@pytest.fixture
def database(mongo_uri: str) -> Iterator[str]:
    """The name of a database of this test's own, dropped afterwards."""
    from pymongo import MongoClient
    from pymongo.errors import PyMongoError

    name = f"test_{uuid.uuid4().hex[:16]}"
    yield name
    # another test may make the primary step down just now; what is left goes with the server
    with MongoClient(mongo_uri) as client, contextlib.suppress(PyMongoError):
        client.drop_database(name)


@pytest.fixture
def mongo(mongo_uri: str, database: str) -> Iterator[Any]:
    """The pymongo Database behind `database`."""
    from pymongo import MongoClient

    with MongoClient(mongo_uri, tz_aware=True) as client:
        yield client[database]


@pytest.fixture
def site_server() -> Iterator[Callable[..., Any]]:
    """Start a server for sites or recorded folders: `site_server(Site | Path, ..., delay_s=0)` -> SiteServer."""
    from site_server import SiteServer

    from benchmarks.invented.site import Site, read_fixtures

    running: list[SiteServer] = []

    def start(*sites: Site | Path, delay_s: float = 0.0) -> SiteServer:
        loaded = [site if isinstance(site, Site) else read_fixtures(site) for site in sites]
        running.append(SiteServer(loaded, delay_s))
        return running[-1]

    yield start
    for server in running:
        server.stop()


@pytest.fixture
def scrapy_environment(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, str]:
    """The environment of a crawl: this test's database, its own data folder, no inherited proxy."""
    environment = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    environment["MONGO_URI"] = request.getfixturevalue("mongo_uri")
    environment["MONGO_DATABASE"] = request.getfixturevalue("database")
    environment["NEWSSPIDER_DATA_DIR"] = str(tmp_path / "data")
    environment["PYTHONPATH"] = str(ROOT)
    environment["MONGO_IDLE_S"] = "0"
    environment["LANGUAGE"] = "en"
    return environment


@pytest.fixture(scope="session")
def scrapy_server() -> Iterator[ScrapyServer]:
    """The process whose forks run scrapy commands: see scrapy_server.py."""
    server = ScrapyServer(ROOT)
    yield server
    server.stop()


@pytest.fixture
def run_scrapy(request: pytest.FixtureRequest) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run `scrapy <args>` in the project folder: `run_scrapy("crawl", "linhe", env={...}, timeout=60)`.

    `env` is added to the environment of the test's database; a value of None takes the variable out. In another folder
    or with a variable of Python's own it is run by a fresh interpreter, otherwise in a fork.
    """

    def run(
        *args: str, env: Mapping[str, str | None] | None = None, cwd: Path = ROOT, timeout: float = SCRAPY_TIMEOUT_S
    ) -> subprocess.CompletedProcess[str]:
        merged: dict[str, str | None] = {**request.getfixturevalue("scrapy_environment"), **(env or {})}
        environment = {name: value for name, value in merged.items() if value is not None}
        if cwd == ROOT and not any(name.startswith("PYTHON") for name in env or {}):
            return request.getfixturevalue("scrapy_server").run(args, environment, cwd, timeout)
        return subprocess.run(
            scrapy_command(*args),
            cwd=cwd,
            env=environment,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    return run


@pytest.fixture
def start_scrapy(
    scrapy_environment: dict[str, str], scrapy_server: ScrapyServer, tmp_path: Path
) -> Iterator[Callable[..., ScrapyProcess]]:
    """Start `scrapy <args>` in a fork, to be killed or stopped: `start_scrapy("crawl", "linhe", env={...}).kill()`.

    `env` is added to the environment of the test's database; a value of None takes the variable out. What is still
    running at the end of the test is killed.
    """
    started: list[ScrapyProcess] = []

    def start(*args: str, env: Mapping[str, str | None] | None = None) -> ScrapyProcess:
        merged: dict[str, str | None] = {**scrapy_environment, **(env or {})}
        environment = {name: value for name, value in merged.items() if value is not None}
        output = tmp_path / f"scrapy-{len(started)}.log"
        started.append(scrapy_server.start(args, environment, ROOT, [output, output]))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()


@pytest.fixture
def start_python(scrapy_server: ScrapyServer, tmp_path: Path) -> Iterator[Callable[..., ScrapyProcess]]:
    """Start Python text with its arguments in a fork that has scrapy's imports behind it: `start_python(CODE, "x")`.

    What is still running at the end of the test is killed.
    """
    started: list[ScrapyProcess] = []

    def start(code: str, *args: str) -> ScrapyProcess:
        streams = [tmp_path / f"python-{len(started)}.{name}" for name in ("out", "err")]
        started.append(scrapy_server.start(args, os.environ, ROOT, streams, code))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real pages beside the project; tests that need it skip where it is absent."""
    if not SHARED.is_dir():
        pytest.skip("../shared (real pages, kept beside the project) is not here")
    return SHARED
