"""Crawl, MongoDB, or both killed or frozen at any moment: after a restart the same articles, stories and revisions."""

from __future__ import annotations

import json
import os
import random
import signal
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from editions import COPIES, STORIES, editions
from project import ROOT
from pymongo import MongoClient
from scrapy_server import ScrapyProcess

from newsspider.mongo.server import data_folder
from newsspider.mongo.server.local_server import LocalServer

pytestmark = pytest.mark.server

VICTIMS = ("crawl", "mongod", "both")
DRIVER = """
import json, sys
sys.path[:0] = [sys.argv[1], sys.argv[1] + "/tests"]
import scrapy
from scrapy.crawler import AsyncCrawlerProcess
from newsspider import settings as project
from newsspider.mongo.server import connection
from editions import editions
options = json.loads(sys.argv[2])
connection.CLIENT_OPTIONS.update(options["client"])
class Editions(scrapy.Spider):
    name = "editions"
    made = list(editions())
    async def start(self):
        for number in range(len(self.made)):
            yield scrapy.Request(f"data:,{number}", cb_kwargs={"number": number})
    def parse(self, response, number):
        print(number, flush=True)
        yield self.made[number]
settings = {name: getattr(project, name) for name in dir(project) if name.isupper()} | options["settings"]
process = AsyncCrawlerProcess(settings=settings)
crawler = process.create_crawler(Editions)
process.crawl(crawler)
process.start()
print(json.dumps({name: value for name, value in crawler.stats.get_stats().items() if isinstance(value, (int, str))}))
"""


class Driver:
    """A crawl with the pipelines of the project on the private server of `folder`, which may freeze for `frozen_s`."""

    def __init__(
        self, start_python: Any, folder: Path, frozen_s: float = 8, client: dict[str, Any] | None = None
    ) -> None:
        settings = {
            "ITEM_PIPELINES": {
                "newsspider.pipelines.dedupe.DedupePipeline": 300,
                "newsspider.pipelines.store.StorePipeline": 400,
            },
            "DOWNLOADER_MIDDLEWARES": {},
            "SPIDER_MIDDLEWARES": {},
            "EXTENSIONS": {},
            "ADDONS": {},
            "MONGO_URI": None,
            "MONGO_DATABASE": "news",
            "MONGO_DATA_DIR": str(folder / "mongo"),
            "SPOOL_DIR": str(folder / "spool"),
            "STORE_BATCH_SIZE": 20,
            "STORE_LINGER_MS": 20,
            "DOWNLOAD_DELAY": 0,
            "AUTOTHROTTLE_ENABLED": False,
            "CONCURRENT_REQUESTS_PER_DOMAIN": 32,
            "STORE_RETRY_S": 30 + 2 * frozen_s,
        }
        if client is None:
            client = {"serverSelectionTimeoutMS": 500, "socketTimeoutMS": int(frozen_s * 1000 / 3)}
        self.mongo = folder / "mongo"
        options = json.dumps({"settings": settings, "client": client})
        self.process: ScrapyProcess = start_python(DRIVER, str(ROOT), options)

    def wait_for(self, count: int) -> None:
        """Return when `count` articles have been handed to the pipelines."""
        while self.process.output.count("\n") < count:
            assert self.process.poll() is None, self.process.errors
            time.sleep(0.005)

    def signal_mongod(self, number: int) -> bool:
        """Return whether mongod was there to get the signal: a crawl that has come to its end has stopped it."""
        pid = data_folder.process_id(self.mongo)
        if pid is not None:
            os.kill(pid, number)
        return pid is not None

    def stats(self) -> dict[str, Any]:
        self.process.wait()
        last = self.process.output.splitlines()[-1:]
        assert last and last[0].startswith("{"), self.process.errors
        return dict(json.loads(last[0]))


def contents(folder: Path) -> dict[str, Any]:
    """Return what is stored, without the ids that depend on who was first."""
    server = LocalServer.start(folder / "mongo")
    try:
        with MongoClient(server.uri) as client:
            database = client["news"]
            articles = {found["_id"]: found for found in database["articles"].find()}
            for story in database["stories"].find({"n": {"$gt": 0}}):
                for member in story["members"]:
                    found = articles[member["id"]]
                    first = None if member["id"] == story["canonical_id"] else story["canonical_id"]
                    assert (found["story_id"], found["duplicate_of"]) == (story["_id"], first)
            groups: dict[str, set[str]] = {}
            for found in articles.values():
                groups.setdefault(found["story_id"], set()).add(found["_id"])
            fingerprints = {found["_id"]: found["cl"] for found in database["fingerprints"].find({}, {"cl": True})}
            assert fingerprints == {key: found["story_id"] for key, found in articles.items()}
            return {
                "articles": {key: (a["text"], a["revision"], a.get("aliases")) for key, a in articles.items()},
                "stories": {frozenset(group) for group in groups.values()},
                "canonical": {(a["_id"], str(a["duplicate_of"])) for a in articles.values()},
                "revisions": {r["_id"]: r["text"] for r in database["revisions"].find()},
            }
    finally:
        server.release()


def different(found: dict[str, Any], wanted: dict[str, Any]) -> dict[str, Any]:
    """Return what is in one and not in the other, by what it is."""
    rows = {name: [set(map(repr, _rows(each[name]))) for each in (found, wanted)] for name in wanted}
    return {name: sorted(mine ^ theirs) for name, (mine, theirs) in rows.items() if mine != theirs}


def _rows(part: Any) -> Any:
    return part.items() if isinstance(part, dict) else map(list, map(sorted, part))


@pytest.fixture
def start(start_python: Any) -> Callable[..., Driver]:
    return partial(Driver, start_python)


@pytest.fixture(scope="module")
def stored_undisturbed() -> dict[str, Any]:
    """What `undisturbed` has found, for all tests."""
    return {}


@pytest.fixture
def undisturbed(
    stored_undisturbed: dict[str, Any], start: Callable[..., Driver], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Any]:
    if stored_undisturbed:
        return stored_undisturbed
    folder = tmp_path_factory.mktemp("undisturbed")
    stats = start(folder).stats()
    assert stats["finish_reason"] == "finished" and "store/spooled" not in stats
    found = contents(folder)
    assert len(found["articles"]) == STORIES * COPIES and len(found["stories"]) == STORIES
    assert len(found["revisions"]) == STORIES // 2 + STORIES // 5
    stored_undisturbed |= found
    return found


def test_killed_at_random_ends_as_if_undisturbed(
    undisturbed: dict[str, Any], start: Any, tmp_path: Path, soak: Any
) -> None:
    count = len(list(editions()))
    for victim in VICTIMS * soak(1, 20):
        driver = start(tmp_path)
        driver.wait_for(random.randint(1, count - 1))
        time.sleep(random.uniform(0, 0.3))
        if victim != "crawl":
            driver.signal_mongod(signal.SIGKILL)
        if victim != "mongod":
            driver.process.kill()
        driver.process.wait() if victim != "mongod" else driver.stats()
    stats = start(tmp_path).stats()
    assert stats["finish_reason"] == "finished" and "dedupe/unmarked" not in stats
    assert different(contents(tmp_path), undisturbed) == {}


def test_frozen_mongod_is_waited_for_with_its_stories(
    undisturbed: dict[str, Any], start: Any, tmp_path: Path, soak: Any
) -> None:
    frozen_s = soak(8, 60)
    driver = start(tmp_path, frozen_s)
    driver.wait_for(random.randint(1, STORIES * COPIES))
    assert driver.signal_mongod(signal.SIGSTOP)
    threading.Timer(frozen_s, driver.signal_mongod, [signal.SIGCONT]).start()
    stats = driver.stats()
    assert stats["finish_reason"] == "finished" and "dedupe/unmarked" not in stats
    assert different(contents(tmp_path), undisturbed) == {}


def test_two_crawls_of_the_same_sites_at_once_end_like_one(
    undisturbed: dict[str, Any], start: Any, tmp_path: Path
) -> None:
    drivers = [start(tmp_path, client={}) for _ in range(2)]
    stats = [driver.stats() for driver in drivers]
    assert [each["finish_reason"] for each in stats] == ["finished"] * 2, [driver.process.errors for driver in drivers]
    assert sum(each.get("articles/new", 0) for each in stats) == STORIES * COPIES
    assert different(contents(tmp_path), undisturbed) == {}
