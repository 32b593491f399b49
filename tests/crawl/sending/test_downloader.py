"""How many requests the downloader takes from the queue."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from scrapy import Request
from scrapy.utils.test import get_crawler

from newsspider.crawl.request_context import RequestContext, set_context
from newsspider.crawl.sending.downloader import LOOK_AHEAD, ShortDownloader

SETTINGS: dict[str, Any] = {
    "CONCURRENT_REQUESTS": 32,
    "CONCURRENT_REQUESTS_PER_DOMAIN": 2,
    "DOWNLOAD_HANDLERS": dict.fromkeys(("http", "https", "file", "ftp", "s3", "data", "h2"), None),
}


class Engine:
    """What the downloader asks the engine for: the responses that are being read."""

    def __init__(self, scraper: Reading) -> None:
        self.scraper = scraper


class Reading:
    def __init__(self, slot: Any) -> None:
        self.slot = slot


class Slot:
    def __init__(self, kind: str) -> None:
        request = Request("http://h0.example/")
        set_context(request, RequestContext(kind=kind))
        self.active = {request}


async def taken(hosts: int, reading: str | None = None) -> int:
    """Return how many requests are taken before the downloader says that it has enough."""
    crawler = get_crawler(settings_dict=SETTINGS)
    crawler._engine = Engine(Reading(Slot(reading) if reading else None))  # type: ignore[assignment]
    short = ShortDownloader(crawler)
    count = 0
    while not short.needs_backout():
        short.active.add(Request(f"http://h{count % hosts}.example/{count}"))
        count += 1
    return count


@pytest.mark.parametrize(("hosts", "expected"), [(1, 2 + LOOK_AHEAD), (3, 3 * (2 + LOOK_AHEAD)), (20, 32)])
def test_a_few_requests_a_host_are_taken_and_never_more_than_allowed_at_once(hosts: int, expected: int) -> None:
    assert asyncio.run(taken(hosts)) == expected


@pytest.mark.parametrize(("kind", "expected"), [("listing", 0), ("more", 0), ("article", 2 + LOOK_AHEAD)])
def test_what_a_listing_leads_to_is_waited_for(kind: str, expected: int) -> None:
    assert asyncio.run(taken(1, kind)) == expected
