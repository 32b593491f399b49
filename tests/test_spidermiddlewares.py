"""Killed at any moment, a crawl goes on where it was: nothing lost, nothing asked for again that is stored."""

from __future__ import annotations

import signal
import subprocess
import time
from pathlib import Path
from typing import Any

from library_site import QUICK, asked, library, stored
from project import ROOT, scrapy_command

EVERYTHING = {*range(1, 25), 101, 102}
IN_FLIGHT = 20


def started(url: str, environment: dict[str, str], log: Path) -> subprocess.Popen[bytes]:
    command = scrapy_command("crawl", "news", "-a", f"url={url}", *QUICK)
    with log.open("ab") as stream:
        return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=stream, stderr=stream)


def killed_at(server: Any, requests: int, process: subprocess.Popen[bytes]) -> None:
    """Kill the crawl once the server has seen so many requests in all."""
    while process.poll() is None and sum(server.requests.values()) < requests:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait(10)


def test_killed_often_a_crawl_ends_with_the_same_articles(site_server, scrapy_environment, mongo, tmp_path, soak):
    server = site_server(library(pages=4), delay_s=0.03)
    log = tmp_path / "crawl.log"
    for requests in (1, 2, 4, 7, 10, 14, 18, 22, 26, 30)[:: soak(3, 1)]:
        killed_at(
            server,
            sum(server.requests.values()) + 1 + requests % 4,
            started(server.url("/news/"), scrapy_environment, log),
        )
    last = started(server.url("/news/"), scrapy_environment, log)
    assert last.wait(60) == 0, log.read_text()
    assert stored(mongo) == EVERYTHING
    assert mongo["revisions"].count_documents({}) == 0
    assert mongo["pages"].count_documents({"state": "queued"}) == 0


def test_killed_late_only_what_was_in_flight_is_asked_for_again(site_server, scrapy_environment, mongo, tmp_path):
    server = site_server(library(pages=4), delay_s=0.03)
    log = tmp_path / "crawl.log"
    killed_at(server, 20, started(server.url("/news/"), scrapy_environment, log))
    assert started(server.url("/news/"), scrapy_environment, log).wait(60) == 0, log.read_text()
    assert stored(mongo) == EVERYTHING
    assert sum(asked(server).values()) <= len(EVERYTHING) + IN_FLIGHT
