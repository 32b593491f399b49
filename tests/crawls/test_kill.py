"""A crawl killed at any moment, or robbed of its MongoDB, ends after a restart as if nothing had happened."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from project import ROOT, scrapy_command
from pymongo import MongoClient

from benchmarks.invented_sites import SITES
from newsspider.mongo.server.local_server import LocalServer

FAST = ("-s", "DOWNLOAD_DELAY=0", "-s", "AUTOTHROTTLE_ENABLED=0")
ANSWER_DELAY_S = 0.03
POLL_S = 0.01
PATIENCE_S = 120
# what tells when, not what
CLOCK_FIELDS = (
    *("first_seen_at", "fetched_at", "last_seen_at", "version_seen_at", "version_id"),
    *("stored_at", "runs", "next_visit"),
)


def command(server: Any) -> list[str]:
    return scrapy_command("crawl", "news", "-a", f"url={server.url('/')}", *FAST)


def contents(uri: str, database: str) -> dict[str, Any]:
    """Return what is stored without the clock's part, which articles are one story, and the earlier versions."""
    with MongoClient(uri) as client:
        documents = list(client[database].articles.find())
        revisions = sorted(found["_id"] for found in client[database].revisions.find({}, {"_id": True}))
    stories: dict[str, set[str]] = {}
    for document in documents:
        stories.setdefault(document["story_id"], set()).add(document["_id"])
    rows = {d["_id"]: {name: value for name, value in d.items() if name not in CLOCK_FIELDS} for d in documents}
    for row in rows.values():
        for name in ("story_id", "duplicate_of", "fingerprint"):
            row.pop(name, None)
    return {"articles": rows, "stories": set(map(frozenset, stories.values())), "revisions": revisions}


def wait_for(condition: Any, what: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(POLL_S)


def finished(server: Any, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(server), cwd=ROOT, env=environment, capture_output=True, text=True, timeout=PATIENCE_S, check=False
    )


@pytest.fixture
def uninterrupted(
    site_server: Any, scrapy_environment: dict[str, str], mongo_uri: str, database: str
) -> tuple[Any, dict[str, Any], int]:
    """A server, what an uninterrupted crawl of it stores, and how many requests that takes."""
    server = site_server(SITES["hupan"](), delay_s=ANSWER_DELAY_S)
    done = finished(server, scrapy_environment)
    assert done.returncode == 0, done.stderr[-3000:]
    wanted = contents(mongo_uri, database)
    requests = sum(server.requests.values())
    with MongoClient(mongo_uri) as client:
        client.drop_database(database)
    return server, wanted, requests


def test_crawl_killed_at_many_moments_ends_like_an_uninterrupted_one(
    uninterrupted: tuple[Any, dict[str, Any], int],
    scrapy_environment: dict[str, str],
    mongo_uri: str,
    database: str,
    soak: Any,
) -> None:
    server, wanted, requests = uninterrupted
    assert wanted["articles"]
    moments = soak(3, 30)
    for moment in range(moments):
        with MongoClient(mongo_uri) as client:
            client.drop_database(database)
        server.forget_requests()
        limit = 1 + requests * moment // moments
        process = subprocess.Popen(
            command(server), cwd=ROOT, env=scrapy_environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        wait_for(lambda: sum(server.requests.values()) >= limit or process.poll() is not None, f"{limit} requests")  # noqa: B023
        process.kill()
        process.wait()
        done = finished(server, scrapy_environment)
        assert done.returncode == 0, done.stderr[-3000:]
        found = contents(mongo_uri, database)
        assert found["articles"].keys() == wanted["articles"].keys(), f"killed after {limit} requests"
        assert found == wanted, f"killed after {limit} requests"


def test_killed_at_random_moments_it_ends_like_an_uninterrupted_one(
    uninterrupted: tuple[Any, dict[str, Any], int],
    scrapy_environment: dict[str, str],
    soak: Any,
) -> None:
    server, wanted, requests = uninterrupted
    folder = Path(scrapy_environment["NEWSSPIDER_DATA_DIR"]) / "mongo"
    for number, victim in enumerate(["crawl", "mongod", "both"] * soak(1, 20)):
        mongod = LocalServer.start(folder)
        try:
            environment = scrapy_environment | {"MONGO_DATABASE": f"kill_{number}"}
            del environment["MONGO_URI"]
            moment = random.randint(1, requests)
            crawl_killed(server, environment, mongod, victim, moment)
            done = finished(server, environment)
            assert done.returncode == 0, done.stderr[-3000:]
            found = contents(mongod.uri, environment["MONGO_DATABASE"])
            assert found == wanted, f"{victim} killed after {moment} of {requests} requests"
        finally:
            mongod.release()


def crawl_killed(server: Any, environment: dict[str, str], mongod: LocalServer, victim: str, moment: int) -> None:
    """Crawl, with `victim` killed after `moment` requests; a crawl that only loses its mongod goes on to its end."""
    server.forget_requests()
    process = subprocess.Popen(
        command(server), cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    wait_for(lambda: sum(server.requests.values()) >= moment or process.poll() is not None, f"{moment} requests")
    time.sleep(random.uniform(0, ANSWER_DELAY_S))
    if victim != "crawl" and (identity := mongod.process_id):
        os.kill(identity, signal.SIGKILL)
    if victim != "mongod":
        process.kill()
    process.wait(PATIENCE_S)
    if victim == "both":
        mongod.revive()


def test_crawl_survives_an_outage_of_mongod(
    site_server: Any, scrapy_environment: dict[str, str], tmp_path: Path, soak: Any
) -> None:
    """mongod is stopped in the middle for a while: nothing is missing, nothing is there twice."""
    site = SITES["hupan"]()
    server = site_server(site, delay_s=ANSWER_DELAY_S)
    mongod = LocalServer.start(tmp_path / "mongo")
    try:
        environment = scrapy_environment | {"MONGO_URI": mongod.uri, "MONGO_DATABASE": "outage"}
        process = subprocess.Popen(
            command(server), cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        wait_for(lambda: sum(server.requests.values()) >= len(site.articles) // 2, "the middle of the crawl")
        identity = mongod.process_id
        assert identity
        os.kill(identity, signal.SIGTERM)
        wait_for(lambda: mongod.process_id is None, "mongod to stop")
        time.sleep(soak(10, 60))
        mongod.revive()
        output, _ = process.communicate(timeout=PATIENCE_S)
        assert process.returncode == 0, output[-3000:]
        with MongoClient(mongod.uri) as client:
            assert client.outage.articles.count_documents({}) == len(site.articles)
            assert client.outage.revisions.count_documents({}) == 0
    finally:
        mongod.release()
