"""`due=1` takes up everything that earlier runs left, however they ended, and a crawl says what still waits."""

from __future__ import annotations

import signal
import subprocess
import time
from pathlib import Path
from typing import Any

from library_site import QUICK, asked, library, stored
from project import ROOT, scrapy_command

PAGES = 8
EVERYTHING = {*range(1, 6 * PAGES + 1), 101, 102}
# in flight at each of four interruptions: four to a host of this machine, and what waits for their answers
IN_FLIGHT = 4 * 6
DUE = ("crawl", "news", "-a", "due=1", *QUICK)


def interrupted(server: Any, environment: dict[str, str], log: Path, number: signal.Signals) -> str:
    """Run `due=1` until six more requests have come, then send the signal; return what was printed."""
    before = sum(server.requests.values())
    with log.open("wb") as stream:
        process = subprocess.Popen(scrapy_command(*DUE), cwd=ROOT, env=environment, stdout=stream, stderr=stream)
    while process.poll() is None and sum(server.requests.values()) < before + 6:
        time.sleep(0.01)
    process.send_signal(number)
    process.wait(20)
    return log.read_text()


def test_due_goes_on_after_every_kind_of_end(site_server, run_scrapy, scrapy_environment, mongo, tmp_path):
    """The host is private and was typed in the first run alone."""
    server = site_server(library(PAGES), delay_s=0.3)
    first = run_scrapy("crawl", "news", "-a", f"url={server.url('/news/')}", *QUICK, "-s", "MAX_PAGES=5")
    assert "stopped at MAX_PAGES; " in first.stderr
    assert " addresses wait, the same command goes on" in first.stderr
    interrupted(server, scrapy_environment, tmp_path / "killed.log", signal.SIGKILL)
    stopped = interrupted(server, scrapy_environment, tmp_path / "stopped.log", signal.SIGINT)
    left = mongo["pages"].count_documents({"state": "queued"})
    assert left
    assert f"given up; {left} addresses wait, the same command goes on" in stopped
    assert "stopped by Ctrl-C: " in stopped
    short = run_scrapy(*DUE, "-s", "MAX_SECONDS=1")
    assert "stopped at MAX_SECONDS; " in short.stderr
    last = run_scrapy(*DUE)
    assert last.returncode == 0, last.stderr
    assert stored(mongo) == EVERYTHING
    assert mongo["pages"].count_documents({"state": "queued"}) == 0
    assert mongo["pages"].count_documents({"state": "failed"}) == 0
    assert sum(asked(server).values()) <= len(EVERYTHING) + IN_FLIGHT
    again = run_scrapy("crawl", "news", "-a", f"url={server.url('/news/')}", *QUICK)
    assert f"up to date: {len(EVERYTHING)} known, next look " in again.stderr
    assert "no article was found" not in again.stderr


def test_few_articles_cost_few_requests(site_server, run_scrapy, mongo):
    server = site_server(library(PAGES), delay_s=0.02)
    done = run_scrapy("crawl", "news", "-a", f"url={server.url('/news/')}", *QUICK, "-s", "MAX_ARTICLES=5")
    assert "stopped at MAX_ARTICLES; " in done.stderr
    assert len(stored(mongo)) == 5
    assert sum(asked(server).values()) == 5
