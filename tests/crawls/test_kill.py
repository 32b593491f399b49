"""A crawl killed at any moment, or robbed of its MongoDB, ends after a restart as if nothing had happened."""

from __future__ import annotations

import os
import random
import signal
import time
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient
from scrapy_server import ScrapyProcess
from warcio.archiveiterator import ArchiveIterator

from benchmarks.invented_sites import SITES
from newsspider.mongo.server.local_server import LocalServer
from newsspider.recording.archive_files import warc_files
from newsspider.recording.kept_pages import KeptPages

FAST = ("-s", "DOWNLOAD_DELAY=0", "-s", "AUTOTHROTTLE_ENABLED=0")
ANSWER_DELAY_S = 0.03
POLL_S = 0.04
PATIENCE_S = 120
# what tells when, not what
CLOCK_FIELDS = (
    *("first_seen_at", "fetched_at", "last_seen_at", "version_seen_at", "version_id", "kept_at"),
    *("stored_at", "runs", "next_visit"),
)


def command(server: Any) -> tuple[str, ...]:
    return ("crawl", "news", "-a", f"url={server.url('/')}", *FAST)


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


def every_page_is_kept(uri: str, database: str, folder: Path) -> None:
    """Read what every stored article was read from, then every record with a tool that is not ours."""
    with MongoClient(uri, tz_aware=True) as client:
        stored = {found["_id"]: found["kept_at"] for found in client[database].articles.find()}
    pages = KeptPages(folder)
    visits = pages.visits(set(stored))
    for key, at in stored.items():
        visit = [found for found in visits[key] if found.at == at][-1]
        assert pages.read(key, visit).pages[0].status == 200
    for path in warc_files(folder):
        with path.open("rb") as stream:
            assert sum(1 for _ in ArchiveIterator(stream, check_digests="raise"))


@pytest.fixture
def uninterrupted(site_server: Any, run_scrapy: Any, mongo_uri: str, database: str) -> tuple[Any, dict[str, Any], int]:
    """A server, what an uninterrupted crawl of it stores, and how many requests that takes."""
    server = site_server(SITES["hupan"](), delay_s=ANSWER_DELAY_S)
    done = run_scrapy(*command(server))
    assert done.returncode == 0, done.stderr[-3000:]
    wanted = contents(mongo_uri, database)
    requests = server.total
    with MongoClient(mongo_uri) as client:
        client.drop_database(database)
    return server, wanted, requests


def test_crawl_killed_at_many_moments_ends_like_an_uninterrupted_one(
    uninterrupted: tuple[Any, dict[str, Any], int],
    run_scrapy: Any,
    start_scrapy: Any,
    mongo_uri: str,
    database: str,
    tmp_path: Path,
    soak: Any,
) -> None:
    server, wanted, requests = uninterrupted
    assert wanted["articles"]
    moments = soak(2, 30)
    for moment in range(moments):
        with MongoClient(mongo_uri) as client:
            client.drop_database(database)
        server.forget_requests()
        limit = 1 + requests * moment // moments
        process = start_scrapy(*command(server))
        wait_for(lambda: server.total >= limit or process.poll() is not None, f"{limit} requests")  # noqa: B023
        process.kill()
        process.wait()
        every_page_is_kept(mongo_uri, database, tmp_path / "data" / "warc")
        done = run_scrapy(*command(server))
        assert done.returncode == 0, done.stderr[-3000:]
        every_page_is_kept(mongo_uri, database, tmp_path / "data" / "warc")
        found = contents(mongo_uri, database)
        assert found["articles"].keys() == wanted["articles"].keys(), f"killed after {limit} requests"
        assert found == wanted, f"killed after {limit} requests"


def test_killed_at_random_moments_it_ends_like_an_uninterrupted_one(
    uninterrupted: tuple[Any, dict[str, Any], int], run_scrapy: Any, start_scrapy: Any, tmp_path: Path, soak: Any
) -> None:
    server, wanted, requests = uninterrupted
    mongod = LocalServer.start(tmp_path / "data" / "mongo")
    try:
        for number, victim in enumerate(["crawl", "mongod", "both"] * soak(1, 20)):
            environment = {"MONGO_DATABASE": f"kill_{number}", "MONGO_URI": None}
            moment = random.randint(1, requests)
            server.forget_requests()
            process = start_scrapy(*command(server), env=environment)
            wait_for(lambda: server.total >= moment or process.poll() is not None, str(moment))  # noqa: B023
            kill(process, mongod, victim)
            done = run_scrapy(*command(server), env=environment)
            assert done.returncode == 0, done.stderr[-3000:]
            every_page_is_kept(mongod.uri, f"kill_{number}", tmp_path / "data" / "warc")
            found = contents(mongod.uri, f"kill_{number}")
            assert found == wanted, f"{victim} killed after {moment} of {requests} requests"
    finally:
        mongod.release()


def kill(process: ScrapyProcess, mongod: LocalServer, victim: str) -> None:
    """Kill `victim` in a moment; a crawl that only loses its mongod goes on to its end."""
    time.sleep(random.uniform(0, ANSWER_DELAY_S))
    if victim != "crawl" and (identity := mongod.process_id):
        os.kill(identity, signal.SIGKILL)
    if victim != "mongod":
        process.kill()
    process.wait(PATIENCE_S)
    if victim == "both":
        mongod.revive()


def test_crawl_survives_an_outage_of_mongod(site_server: Any, start_scrapy: Any, tmp_path: Path, soak: Any) -> None:
    """mongod is stopped in the middle for a while: nothing is missing, nothing is there twice."""
    site = SITES["hupan"]()
    server = site_server(site, delay_s=ANSWER_DELAY_S)
    mongod = LocalServer.start(tmp_path / "mongo")
    try:
        process = start_scrapy(*command(server), env={"MONGO_URI": mongod.uri, "MONGO_DATABASE": "outage"})
        wait_for(lambda: server.total >= len(site.articles) // 2, "the middle of the crawl")
        identity = mongod.process_id
        assert identity
        os.kill(identity, signal.SIGTERM)
        wait_for(lambda: mongod.process_id is None, "mongod to stop")
        time.sleep(soak(5, 60))
        mongod.revive()
        assert process.wait(PATIENCE_S) == 0, process.output[-3000:]
        with MongoClient(mongod.uri) as client:
            assert client.outage.articles.count_documents({}) == len(site.articles)
            assert client.outage.revisions.count_documents({}) == 0
    finally:
        mongod.release()
