"""Killed at any moment, a crawl goes on where it was: nothing lost, nothing asked for again that is stored."""

from __future__ import annotations

import time
from typing import Any

from library_site import QUICK, asked, library, stored
from scrapy_server import ScrapyProcess

EVERYTHING = {*range(1, 25), 101, 102}
IN_FLIGHT = 20


def crawl(start_scrapy: Any, server: Any) -> ScrapyProcess:
    process: ScrapyProcess = start_scrapy("crawl", "news", "-a", f"url={server.url('/news/')}", *QUICK)
    return process


def killed_at(server: Any, requests: int, process: ScrapyProcess) -> None:
    """Kill the crawl once the server has seen so many requests in all."""
    while process.poll() is None and server.total < requests:
        time.sleep(0.03)
    process.kill()
    process.wait()


def test_killed_often_a_crawl_ends_with_the_same_articles(site_server, start_scrapy, mongo, soak):
    server = site_server(library(pages=4), delay_s=0.03)
    for requests in (1, 2, 4, 7, 10, 14, 18, 22, 26, 30)[:: soak(3, 1)]:
        killed_at(server, server.total + 1 + requests % 4, crawl(start_scrapy, server))
    last = crawl(start_scrapy, server)
    assert last.wait() == 0, last.output
    assert stored(mongo) == EVERYTHING
    assert mongo["revisions"].count_documents({}) == 0
    assert mongo["pages"].count_documents({"state": "queued"}) == 0


def test_killed_late_only_what_was_in_flight_is_asked_for_again(site_server, start_scrapy, mongo):
    server = site_server(library(pages=4), delay_s=0.03)
    killed_at(server, 20, crawl(start_scrapy, server))
    last = crawl(start_scrapy, server)
    assert last.wait() == 0, last.output
    assert stored(mongo) == EVERYTHING
    assert sum(asked(server).values()) <= len(EVERYTHING) + IN_FLIGHT
