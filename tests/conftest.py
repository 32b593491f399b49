"""Fixtures: a real mongod, a database a test, invented sites over HTTP, and scrapy as a subprocess."""

from __future__ import annotations

import contextlib
import os
import subprocess
import uuid
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from project import ROOT, SHARED, scrapy_command

SCRAPY_TIMEOUT_S = 240


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--kills", type=int, default=1, help="how often the kill tests kill each of their victims")
    parser.addoption("--frozen-s", type=float, default=8, help="seconds that they freeze mongod for")


@pytest.fixture(scope="session")
def kills(request: pytest.FixtureRequest) -> int:
    return int(request.config.getoption("--kills"))


@pytest.fixture(scope="session")
def frozen_s(request: pytest.FixtureRequest) -> float:
    return float(request.config.getoption("--frozen-s"))


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
    return environment


@pytest.fixture
def run_scrapy(request: pytest.FixtureRequest) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run `scrapy <args>` in the project folder: `run_scrapy("crawl", "linhe", env={...}, timeout=60)`.

    `env` is added to the environment of the test's database; a value of None takes the variable out.
    """

    def run(
        *args: str, env: Mapping[str, str | None] | None = None, cwd: Path = ROOT, timeout: float = SCRAPY_TIMEOUT_S
    ) -> subprocess.CompletedProcess[str]:
        environment: dict[str, str | None] = {**request.getfixturevalue("scrapy_environment"), **(env or {})}
        return subprocess.run(
            scrapy_command(*args),
            cwd=cwd,
            env={name: value for name, value in environment.items() if value is not None},
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    return run


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real pages beside the project; tests that need it skip where it is absent."""
    if not SHARED.is_dir():
        pytest.skip("../shared (real pages, kept beside the project) is not here")
    return SHARED
