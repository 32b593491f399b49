"""Leases in a real MongoDB: one holder at a time, what is lost is said, what is woken is not forgotten."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pymongo import AsyncMongoClient

from newsspider.mongo.crawl_state.site_leases import Release, SiteLeases
from newsspider.mongo.crawl_state.workers import WorkerIdentity, Workers, has_died
from newsspider.mongo.server.retry import Retry

TOMORROW = datetime.now(UTC) + timedelta(days=1)


@pytest.fixture
def with_leases(mongo_uri: str, database: str) -> Callable[..., Any]:
    """Run `steps(first, second)` on the leases of two workers."""

    def run(steps: Callable[[SiteLeases, SiteLeases], Awaitable[Any]], lease_s: float = 60) -> Any:
        async def main() -> Any:
            async with AsyncMongoClient[dict[str, Any]](mongo_uri, tz_aware=True) as client:
                pair = [SiteLeases(client[database], name, lease_s, Retry(5)) for name in ("first", "second")]
                await pair[0].ensure_indexes()
                return await steps(*pair)

        return asyncio.run(main())

    return run


def test_a_site_has_one_holder_and_the_longest_due_comes_first(with_leases):
    async def steps(first, second):
        now = datetime.now(UTC)
        await first.offer({f"{n}.example": now - timedelta(hours=n) for n in range(1, 4)} | {"later.example": TOMORROW})
        claimed = [await first.claim(None, most=2), await second.claim(["3.example", "1.example"], most=5)]
        sites = [[lease.site for lease in leases] for leases in claimed]
        return sites, await first.claim(None), await second.take("3.example")

    assert with_leases(steps) == ([["3.example", "2.example"], ["1.example"]], [], None)


def test_no_site_is_claimed_twice_by_workers_that_are_after_the_same_ones(with_leases):
    async def steps(first, second):
        before = datetime.now(UTC) - timedelta(hours=1)
        await first.offer({f"{n}.example": before for n in range(90)})

        async def claim_all(leases):
            claimed = []
            while found := await leases.claim(None, most=7):
                claimed += [lease.site for lease in found]
            return claimed

        claimed = await asyncio.gather(*map(claim_all, (first, second, first, second)))
        return sum(map(len, claimed)), len({site for sites in claimed for site in sites})

    assert with_leases(steps) == (90, 90)


def test_a_lease_that_ended_is_taken_over_and_its_holder_is_told(with_leases):
    async def steps(first, second):
        await first.wake(["a.example"])
        (before,) = await first.claim(None)
        await asyncio.sleep(0.4)
        (after,) = await second.claim(None)
        lost = await first.renew({"a.example": []})
        await first.release([Release("a.example", TOMORROW)])
        return (
            before.is_abandoned,
            after.is_abandoned,
            after.epoch - before.epoch,
            lost,
            await second.renew({"a.example": []}),
        )

    assert with_leases(steps, lease_s=0.3) == (False, True, 1, {"a.example"}, set())


def test_a_lease_that_ended_unnoticed_is_renewed_and_not_claimed_by_its_own_holder(with_leases):
    async def steps(first, second):
        await first.wake(["a.example"])
        await first.claim(None)
        await asyncio.sleep(0.4)
        again = await first.claim(None, without=["a.example"])
        return again, await first.renew({"a.example": []}), await second.claim(None)

    assert with_leases(steps, lease_s=0.3) == ([], set(), [])


@pytest.mark.parametrize("is_woken", [True, False])
def test_a_page_that_was_queued_while_a_site_was_held_makes_it_due_at_once(with_leases, is_woken):
    async def steps(first, second):
        await first.wake(["a.example"])
        await first.claim(None)
        if is_woken:
            await second.wake(["a.example"])
        await first.release([Release("a.example", TOMORROW)])
        return bool(await second.claim(None, finished=["a.example"]))

    assert with_leases(steps) is is_woken


def test_what_was_learnt_of_hosts_travels_and_a_site_without_a_visit_is_never_due(with_leases):
    async def steps(first, second):
        await first.wake(["a.example"])
        await first.claim(None)
        slot = {"host": "www.a.example", "delay_s": 8.0, "not_before": TOMORROW.replace(microsecond=0)}
        await first.release([Release("a.example", None, slots=[slot])])
        return await second.claim(None), (await second.take("a.example")).slots == [slot]

    assert with_leases(steps) == ([], True)


def test_a_process_of_this_machine_that_ended_is_known_to_be_dead(mongo_uri, database):
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    me = WorkerIdentity.of_this_process()
    living = {"machine": me.machine, "pid": me.pid, "process": me.process}
    assert not has_died(living)
    assert has_died(living | {"process": "1"}), "another process with the number of one that ended"
    assert not has_died(living | {"machine": "another", "pid": child.pid, "process": "1"})
    child.communicate(b"\n")
    assert has_died(living | {"pid": child.pid})
    assert os.getpid() == me.pid

    async def steps() -> list[str]:
        async with AsyncMongoClient[dict[str, Any]](mongo_uri, tz_aware=True) as client:
            workers = Workers(client[database], me, "due", 60, Retry(5))
            await workers.show(sites=0, wants=1, pages=0)
            await client[database]["workers"].insert_one({**living, "_id": "dead", "pid": child.pid})
            return await workers.died_here()

    assert asyncio.run(steps()) == ["dead"]
