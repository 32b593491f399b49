"""Closed sites in a run that goes on: what an operator says meanwhile, quiet hours of a site file, budgets."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

from scrapy import Request

from newsspider import clock
from newsspider.crawl.request_context import RequestContext, set_context
from newsspider.downloadermiddlewares.refusals import RefusedError
from newsspider.frontier.site_gate import CLOSED_STAT, SiteGate
from newsspider.mongo.crawl_state.site_records import write_control
from newsspider.mongo.server.connection import Connection
from newsspider.site_spider import SiteSpider
from newsspider.sites.control import Closed, Closure
from newsspider.sites.registry import SiteRegistry


class NightSpider(SiteSpider):
    name = "night"
    seeds = ("https://night.example/",)
    custom_settings: ClassVar[dict[str, Any]] = {"QUIET_HOURS": "00:00-23:59"}


def page(url: str) -> Request:
    request = Request(url)
    set_context(request, RequestContext(kind="article"))
    return request


async def refusal(gate: SiteGate, request: Request) -> str | None:
    """Return why a request is refused, after what was said meanwhile has been read."""
    gate._refreshed_at = 0.0
    try:
        await gate.admit(request)
    except RefusedError as error:
        return error.reason
    return None


def test_a_run_that_goes_on_takes_notice(mongo: Any, mongo_uri: str, database: str, tmp_path: Path) -> None:
    stats: Counter[str] = Counter()
    url = "https://www.a.example/1"

    async def work() -> None:
        connection = await Connection.open(mongo_uri, database, tmp_path)
        gate = SiteGate(connection, SiteRegistry([NightSpider]), connection.retry(1), lambda stat: stats.update([stat]))
        await gate.open()
        assert await refusal(gate, page(url)) is None
        write_control(mongo, {"a.example": {"state": "paused"}})
        assert await refusal(gate, page(url)) == Closure.PAUSED
        assert await refusal(gate, Request("https://www.a.example/robots.txt")) is None
        assert gate.closed_sites(clock.now()) == ["a.example"]
        write_control(mongo, {"a.example": {"state": "active", "daily_budget": 2}})
        assert await refusal(gate, page(url)) == Closure.BUDGET  # two requests were sent before
        write_control(mongo, {"a.example": {"daily_budget": 3}})
        assert await refusal(gate, page(url)) is None
        assert await refusal(gate, page(url)) == Closure.BUDGET
        write_control(mongo, {"a.example": {"state": "retired"}})
        assert await refusal(gate, page(url)) == Closure.RETIRED
        assert gate.ended(url) == Closure.RETIRED
        noon = datetime(2026, 12, 1, 4, tzinfo=UTC)
        closed = gate.closed("https://night.example/1", noon)
        assert closed == Closed(Closure.QUIET, datetime(2026, 12, 1, 15, 59, tzinfo=UTC))
        gate.failed(url, "HTTP 500", clock.now())
        await gate.close()
        await connection.close()

    asyncio.run(work())
    [day] = mongo["site_days"].find({"site": "a.example"})
    assert (day["requests"], day["failures"]) == (3, 1)
    assert mongo["sites"].find_one({"_id": "a.example"})["totals"]["last_problem"]["line"] == "www.a.example: HTTP 500"
    assert stats[f"{CLOSED_STAT}a.example is paused (scrapy sites resume a.example)"] == 1
