"""Several processes on one set of sites: nothing twice, nothing lost, whoever dies or freezes."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from pymongo import MongoClient

from benchmarks.many.crawls import Place, Stored, articles, most_at_once, stored, twice, worker
from benchmarks.many.sites import ManySites, Plan, many_sites

PLAN = Plan(sites=6, articles=8, pairs=2, delay_s=0.03)
EVERYTHING = PLAN.sites * PLAN.articles
LEASE_S = 4
SETTINGS: dict[str, Any] = {"LEASE_S": LEASE_S, "DOWNLOAD_DELAY": 0.15}
PATIENCE_S = 120
# requests of a site under way when its worker dies
IN_FLIGHT = 2


@pytest.fixture(scope="module")
def sites() -> Iterator[ManySites]:
    with many_sites(PLAN) as server:
        yield server


@pytest.fixture
def place(mongo_uri: str, database: str, tmp_path: Path) -> Place:
    return Place(mongo_uri, database, tmp_path)


@pytest.fixture
def start(place: Place, sites: ManySites) -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    sites.forget()
    started: list[subprocess.Popen[bytes]] = []

    def begin(*arguments: str, **settings: Any) -> subprocess.Popen[bytes]:
        given = arguments or (f"url={sites.urls}",)
        started.append(worker(place, f"worker-{len(started)}", given, SETTINGS | settings))
        return started[-1]

    yield begin
    for process in started:
        if process.poll() is None:
            process.kill()
        process.wait(10)


def wait_for(condition: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(0.05)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def ended(*processes: subprocess.Popen[bytes]) -> None:
    for process in processes:
        assert process.wait(PATIENCE_S) == 0


def check(found: Stored) -> None:
    assert len(found.articles) == EVERYTHING
    assert (found.revisions, found.queued) == (0, 0)
    assert sum(len(story) == 2 for story in found.stories) == PLAN.pairs * PLAN.sites // 2


def test_two_processes_share_the_sites_and_one_that_is_killed(place, sites, start):
    first, second = start(), start()
    wait_for(lambda: sites.count() >= EVERYTHING // 3, "a third of the requests")
    first.kill()
    ended(second)
    log = sites.log()
    check(stored(place))
    assert twice(log) <= IN_FLIGHT * PLAN.sites
    assert most_at_once(log) <= 2 * IN_FLIGHT
    before = articles(log)
    ended(start("due=1"))
    assert articles(sites.log()) == before


def test_a_process_that_was_frozen_sends_nothing_for_sites_that_others_have(place, sites, start, mongo):
    first, second = start(LEASE_SITES=3), start(LEASE_SITES=3)
    wait_for(lambda: len({entry.worker for entry in sites.log()}) == 2, "requests of both")
    wait_for(lambda: sites.count() >= EVERYTHING // 3, "a third of the requests")
    first.send_signal(signal.SIGSTOP)
    frozen_at = time.monotonic()
    wait_for(lambda: time.monotonic() - frozen_at > LEASE_S + 2, "the leases to end")
    first.send_signal(signal.SIGCONT)
    ended(first, second)
    check(stored(place))
    assert twice(sites.log()) <= IN_FLIGHT * 3
    assert mongo["hosts"].count_documents({"owner": {"$exists": True}}) == 0
    assert mongo["workers"].count_documents({}) == 0


def test_a_process_that_stays_takes_what_becomes_due_and_gives_its_sites_back(place, sites, start, mongo, run_scrapy):
    ended(start(MAX_PAGES=10, DOWNLOAD_DELAY=0))
    port = free_port()
    process = start("due=1", "forever=1", DOWNLOAD_DELAY=0, METRICS_PORT=port, LOG_JSON=1, LOG_LEVEL="INFO")
    wait_for(lambda: len(stored(place).articles) == EVERYTHING, "everything that was left")
    assert most_at_once(sites.log()) <= 2, "CONCURRENT_REQUESTS_PER_DOMAIN holds without a delay as well"
    assert run_scrapy("workers", "--check", "-s", f"LEASE_S={LEASE_S}").returncode == 0
    assert f":{process.pid}\t" in run_scrapy("workers").stdout
    figures = urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10).read().decode()
    assert "newsspider_workers 1.0" in figures
    assert f"newsspider_articles_stored {EVERYTHING}.0" in figures
    assert "newsspider_latency_seconds_count" in figures
    sites.forget()
    mongo["pages"].update_many({"kind": "seed"}, {"$set": {"next_visit": mongo["articles"].find_one()["fetched_at"]}})
    mongo["hosts"].update_many({}, {"$set": {"due": mongo["articles"].find_one()["fetched_at"]}})
    wait_for(lambda: sum(entry.path == "/" for entry in sites.log()) == PLAN.sites, "the listings to be read again")
    process.send_signal(signal.SIGTERM)
    ended(process)
    assert mongo["hosts"].count_documents({"owner": {"$exists": True}}) == 0
    assert mongo["hosts"].count_documents({"due": {"$type": "date"}}) == PLAN.sites
    assert run_scrapy("workers", "--check").returncode == 1
    log = (place.folder / "worker-1.log").read_text().splitlines()
    lines = [json.loads(line) for line in log if line.startswith('{"time"')]
    assert any("Spider closed" in line["message"] for line in lines)
    assert {"time", "level", "message", "run", "worker"} <= set(lines[0])


def test_one_command_starts_processes_that_take_over_from_one_that_dies(place, sites, start, mongo):
    command = start(f"url={sites.urls}", "processes=2")
    wait_for(lambda: sites.count() >= EVERYTHING // 3, "a third of the requests")
    victim = max(mongo["workers"].find(), key=lambda worker: worker["sites"])
    os.kill(victim["pid"], signal.SIGKILL)
    assert command.wait(PATIENCE_S) == 1
    check(stored(place))
    said = (place.folder / "worker-0.log").read_text()
    assert f"process {victim['pid']} was ended by SIGKILL: its sites are taken over by the others" in said
    assert said.count(" new, ") == 1, "one summary"
    assert twice(sites.log()) <= IN_FLIGHT * PLAN.sites


def test_a_signal_to_one_command_stops_all_of_its_processes_in_order(place, sites, start, mongo):
    command = start("url=" + sites.urls, "processes=3", DOWNLOAD_DELAY=1)
    wait_for(lambda: mongo["workers"].count_documents({}) == 3 and sites.count() > PLAN.sites, "three processes")
    command.send_signal(signal.SIGINT)
    ended(command)
    said = (place.folder / "worker-0.log").read_text()
    assert said.count("stopped by Ctrl-C") == 1
    assert f"{mongo['articles'].count_documents({})} new, " in said
    assert mongo["hosts"].count_documents({"owner": {"$exists": True}}) == 0
    assert mongo["workers"].count_documents({}) == 0


def test_killed_at_any_moment_with_any_number_of_processes(place, sites, start, soak):
    """The long form: requests per article stay within 1.02 over all kills."""
    moments, requests = soak(1, 20), 0
    for moment in range(moments):
        sites.forget()
        with MongoClient(place.uri) as client:
            client.drop_database(place.database)
        processes = [start(LEASE_S=LEASE_S) for _ in range((1, 2, 4)[moment % 3])]
        wait_for(lambda: sites.count() >= 1 + EVERYTHING * moment // moments, "the moment of the kill")  # noqa: B023
        os.kill(processes[0].pid, signal.SIGKILL)
        processes[0].wait(10)
        ended(*processes[1:])
        ended(start())
        check(stored(place))
        requests += articles(sites.log())
    assert requests <= moments * EVERYTHING + IN_FLIGHT * PLAN.sites * moments
