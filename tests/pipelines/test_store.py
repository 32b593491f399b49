"""StorePipeline in a real crawl, in a process of its own."""

from __future__ import annotations

import itertools
import json
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from mongo_articles import MONDAY
from project import ROOT
from pymongo import MongoClient
from scrapy_server import ScrapyProcess

from newsspider.mongo.articles.spool import SpoolFile
from newsspider.mongo.server import data_folder, mongod
from newsspider.mongo.server.local_server import LocalServer

pytestmark = pytest.mark.server

PATIENCE_S = 120

CRAWL = """
import asyncio, json, sys
from pathlib import Path
sys.path[:0] = [sys.argv[1], sys.argv[1] + "/tests"]
import scrapy
from scrapy.crawler import AsyncCrawlerProcess
from mongo_articles import article
options = json.loads(sys.argv[2])
if "client" in options:
    from newsspider.mongo.server import connection
    connection.CLIENT_OPTIONS.update(options["client"])
class Articles(scrapy.Spider):
    name = "articles"
    async def start(self):
        for number in range(options["articles"]):
            yield scrapy.Request(f"data:,{number}", cb_kwargs={"number": number})
    async def parse(self, response, number):
        if number == options.get("pause_at"):
            print("paused", flush=True)
            while not Path(options["go_on"]).exists():
                await asyncio.sleep(0.02)
        yield article(number, "长" * 7_000_000) if number == options.get("oversized") else article(number)
process = AsyncCrawlerProcess(settings=options["settings"])
crawler = process.create_crawler(Articles)
process.crawl(crawler)
process.start()
print(json.dumps({name: value for name, value in crawler.stats.get_stats().items() if isinstance(value, (int, str))}))
"""


class Crawl:
    """A crawl of invented articles under way, which waits at `pause_at` for the file `go_on`."""

    def __init__(self, process: ScrapyProcess, signal_file: Path) -> None:
        self.process = process
        self._signal_file = signal_file

    def wait_for_pause(self) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while "paused\n" not in self.process.output:
            assert self.process.poll() is None and time.monotonic() < deadline, self.process.errors
            time.sleep(0.02)

    def go_on(self) -> None:
        self._signal_file.touch()

    def result(self) -> tuple[dict[str, Any], str]:
        """Wait for its end; return its stats and its errors."""
        self.process.wait(PATIENCE_S)
        assert self.process.output, self.process.errors
        return json.loads(self.process.output.splitlines()[-1]), self.process.errors


@pytest.fixture
def start_crawl(start_python: Any, tmp_path: Path) -> Any:
    numbers = itertools.count()

    def start(
        number: int, uri: str | None, database: str, settings: dict[str, Any] | None = None, **more: Any
    ) -> Crawl:
        chosen = {
            "ITEM_PIPELINES": {"newsspider.pipelines.store.StorePipeline": 400},
            "MONGO_URI": uri,
            "MONGO_DATABASE": database,
            "MONGO_DATA_DIR": str(tmp_path / "mongo"),
            "SPOOL_DIR": str(tmp_path / "spool"),
            "SPOOL_MAX_MB": 10,
            "STORE_BATCH_SIZE": 20,
            "STORE_LINGER_MS": 20,
            "STORE_RETRY_S": 30,
            "LOG_LEVEL": "WARNING",
            "TELNETCONSOLE_ENABLED": False,
            "REMOTE_CONTROL_ENABLED": False,
            **(settings or {}),
        }
        go_on = tmp_path / f"go-on-{next(numbers)}"
        options = {"articles": number, "settings": chosen, "go_on": str(go_on), **more}
        return Crawl(start_python(CRAWL, str(ROOT), json.dumps(options)), go_on)

    return start


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[LocalServer]:
    server = LocalServer.start(tmp_path / "own")
    yield server
    server.release()


def stored(uri: str, database: str) -> int:
    with MongoClient(uri) as client:
        return int(client[database]["articles"].count_documents({"revision": 1}))


def test_crawl_stores_and_counts_and_a_second_one_finds_nothing_new(
    start_crawl: Any, mongo: Any, mongo_uri: str
) -> None:
    first, errors = start_crawl(60, mongo_uri, mongo.name, oversized=7).result()
    assert (first["articles/new"], first["store/quarantined"], first["item_dropped_count"]) == (59, 1, 1)
    assert "too large" in errors
    second, _ = start_crawl(60, mongo_uri, mongo.name).result()
    assert (second["articles/unchanged"], second["articles/new"]) == (59, 1)
    assert mongo["articles"].count_documents({}) == 60
    assert mongo["articles"].find_one()["first_seen_at"] == MONDAY


def test_crawl_without_mongo_uri_runs_its_own_server_and_stops_it(start_crawl: Any, tmp_path: Path) -> None:
    stats, errors = start_crawl(30, None, "news").result()
    assert (stats["articles/new"], stats["finish_reason"]) == (30, "finished"), errors
    assert not data_folder.is_running(tmp_path / "mongo")


def test_mongodb_away_at_the_start_is_one_line_and_no_crawl(start_crawl: Any) -> None:
    uri = f"mongodb://ada:s3cret@127.0.0.1:{mongod.free_port()}/"
    settings = {"STORE_RETRY_S": 0.2}
    stats, errors = start_crawl(5, uri, "news", settings, client={"serverSelectionTimeoutMS": 200}).result()
    assert stats["finish_reason"] == "mongo_unavailable"
    assert "cannot be reached" in errors and "Traceback" not in errors and "s3cret" not in errors


def test_mongodb_that_comes_up_late_is_waited_for(start_crawl: Any, own_server: LocalServer) -> None:
    os.kill(own_server.process_id or 0, signal.SIGKILL)
    crawl = start_crawl(30, own_server.uri, "news", client={"serverSelectionTimeoutMS": 200})
    time.sleep(1.5)
    own_server.revive()
    stats, errors = crawl.result()
    assert stats["articles/new"] == 30, errors


def test_mongodb_killed_in_the_middle_is_waited_for(start_crawl: Any, own_server: LocalServer) -> None:
    crawl = start_crawl(200, own_server.uri, "news", pause_at=100, client={"serverSelectionTimeoutMS": 500})
    crawl.wait_for_pause()
    os.kill(own_server.process_id or 0, signal.SIGKILL)
    crawl.go_on()
    own_server.revive()
    stats, errors = crawl.result()
    assert (stats["articles/new"], stats["finish_reason"]) == (200, "finished"), errors
    assert stored(own_server.uri, "news") == 200


def test_mongodb_away_at_the_end_spools_and_the_next_crawl_stores(
    start_crawl: Any, own_server: LocalServer, tmp_path: Path
) -> None:
    settings = {"STORE_RETRY_S": 1}
    client = {"serverSelectionTimeoutMS": 200}
    crawl = start_crawl(60, own_server.uri, "news", settings, pause_at=30, client=client)
    crawl.wait_for_pause()
    os.kill(own_server.process_id or 0, signal.SIGKILL)
    crawl.go_on()
    stats, errors = crawl.result()
    assert stats["finish_reason"] == "mongo_unavailable"
    assert stats["store/spooled"] + stats.get("articles/new", 0) == stats["item_scraped_count"]
    assert "the next run stores" in errors
    (spool,) = (tmp_path / "spool").iterdir()
    assert len(list(SpoolFile(spool))) == stats["store/spooled"]
    own_server.revive()
    again, errors = start_crawl(60, own_server.uri, "news").result()
    assert again["store/spool_stored"] == stats["store/spooled"], errors
    assert stored(own_server.uri, "news") == 60
    assert not list((tmp_path / "spool").iterdir())


def test_killed_crawls_and_servers_end_with_every_article_once(start_crawl: Any, tmp_path: Path) -> None:
    for victim in ("crawl", "mongod", "both"):
        crawl = start_crawl(300, None, "news", pause_at=150)
        crawl.wait_for_pause()
        pid = data_folder.process_id(tmp_path / "mongo")
        if victim != "crawl" and pid is not None:
            os.kill(pid, signal.SIGKILL)
        if victim != "mongod":
            crawl.process.kill()
            crawl.process.wait()
        else:
            crawl.go_on()
            crawl.result()
    stats, _ = start_crawl(300, None, "news").result()
    assert stats["articles/unchanged"] + stats.get("articles/new", 0) == 300
    server = LocalServer.start(tmp_path / "mongo")
    try:
        assert stored(server.uri, "news") == 300
        with MongoClient(server.uri) as client:
            assert client["news"]["revisions"].count_documents({}) == 0
    finally:
        server.release()
