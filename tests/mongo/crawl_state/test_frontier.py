"""The crawl state in a real MongoDB: what is queued survives, what is done is left alone until it is due."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pymongo import AsyncMongoClient

from newsspider.mongo.crawl_state.frontier import Frontier, FrontierUnavailableError, PageState, QueuedPage, done_update
from newsspider.mongo.crawl_state.page_updates import (
    RevisitPolicy,
    closed_update,
    failed_update,
    gone_update,
    listing_update,
    moved_update,
    postponed_update,
    rejected_update,
)
from newsspider.mongo.server.retry import Retry

NOW = datetime(2024, 4, 26, 2, 0, tzinfo=UTC)
URL = "http://www.linhe-news.example/2024/0426/1.html"
KEY = "linhe-news.example/2024/0426/1.html"
DAY = timedelta(days=1)
PACE = RevisitPolicy(backoff_s=100)


@pytest.fixture
def with_frontier(mongo_uri: str, database: str) -> Callable[..., Any]:
    """Run `steps(frontier)` on a frontier of its own client: `with_frontier(steps, run="second")`."""

    def run(steps: Callable[[Frontier], Awaitable[Any]], run: str = "first", retry_s: float = 5) -> Any:
        async def main() -> Any:
            async with AsyncMongoClient(mongo_uri, tz_aware=True) as client:
                frontier = Frontier(client[database], run=run, retry=Retry(retry_s))
                await frontier.ensure_indexes()
                result = await steps(frontier)
                await frontier.flush()
                return result

        return asyncio.run(main())

    return run


def page(number: int, **keywords: Any) -> QueuedPage:
    url = f"http://www.linhe-news.example/2024/0426/{number}.html"
    return QueuedPage(f"linhe-news.example/2024/0426/{number}.html", url, "article", {"kind": "article"}, **keywords)


async def one(frontier: Frontier) -> PageState:
    await frontier.flush()
    return (await frontier.known([KEY]))[KEY]


def test_a_later_run_takes_up_what_was_queued_most_urgent_first(with_frontier):
    with_frontier(lambda f: f.enqueue([page(n, priority=n % 700) for n in range(1200)], NOW))

    async def left(frontier):
        return [state.priority async for state in frontier.queued(["linhe-news.example"])]

    priorities = with_frontier(left, run="second")
    assert len(priorities) == 1200
    assert priorities == sorted(priorities, reverse=True)


def test_a_run_takes_up_the_queue_of_the_sites_asked_for_but_not_what_was_put_off(with_frontier):
    with_frontier(lambda f: f.enqueue([page(1)], NOW))

    async def left(frontier):
        return [state.key async for state in frontier.queued(["linhe-news.example"])]

    async def left_elsewhere(frontier):
        return [state.key async for state in frontier.queued(["other.example"])]

    async def ripe(frontier):
        await frontier.commit([postponed_update(page(2).key, page(2).url, "article", NOW, "robots.txt", 60)])
        return [state.key async for state in frontier.queued(["linhe-news.example"], ripe_at=NOW)]

    assert with_frontier(left) == [page(1).key]
    assert with_frontier(left_elsewhere) == []
    assert with_frontier(ripe) == [page(1).key]


def test_what_is_queued_again_keeps_the_run_that_found_it(with_frontier):
    with_frontier(lambda f: f.enqueue([page(1)], NOW))

    async def again(frontier):
        await frontier.enqueue([page(1)], NOW)
        return await one(frontier)

    assert with_frontier(again, run="second").run == "first"


def test_a_stored_article_is_due_after_its_revisit_time_then_twice_as_late(with_frontier):
    async def visits(frontier):
        due = []
        at = NOW
        for _ in range(4):
            await frontier.commit([done_update(KEY, URL, at, pace=RevisitPolicy(article_s=3600, article_times=3))])
            state = await one(frontier)
            due.append(state.next_visit and state.next_visit - at)
            at = state.next_visit or at
        return due

    hour = timedelta(hours=1)
    assert with_frontier(visits) == [hour, 2 * hour, 4 * hour, None]


def test_marking_one_fetch_twice_counts_once_and_a_change_starts_anew(with_frontier):
    async def marks(frontier):
        await frontier.commit([done_update(KEY, URL, NOW)])
        await frontier.commit([done_update(KEY, URL, NOW)])
        twice = (await one(frontier)).visits
        await frontier.commit([done_update(KEY, URL, NOW + timedelta(days=1))])
        later = (await one(frontier)).visits
        await frontier.commit([done_update(KEY, URL, NOW + timedelta(days=3), has_changed=True)])
        return twice, later, (await one(frontier)).visits

    assert with_frontier(marks) == (1, 2, 1)


def test_a_stored_article_keeps_its_validators_until_an_answer_has_others(with_frontier):
    async def marked(frontier, validators):
        await frontier.commit([done_update(KEY, URL, NOW, validators=validators)])
        state = await one(frontier)
        return state.etag, state.last_modified

    async def marks(frontier):
        return [await marked(frontier, found) for found in ({"etag": '"$a"'}, None, {"last_modified": "b"}, {})]

    assert with_frontier(marks) == [('"$a"', None), ('"$a"', None), (None, "b"), (None, None)]


def test_failures_double_the_pause_and_hard_ones_count_more(with_frontier):
    async def fail(frontier, weight):
        await frontier.commit([failed_update(KEY, URL, "article", NOW, "no answer", weight=weight)])
        return (await one(frontier)).next_visit - NOW

    async def pauses(frontier):
        return [await fail(frontier, 1), await fail(frontier, 1), await fail(frontier, 4)]

    assert with_frontier(pauses) == [timedelta(hours=1), timedelta(hours=2), timedelta(hours=32)]


def test_a_put_off_page_waits_at_least_as_long_as_its_host_asked(with_frontier):
    async def put_off(frontier):
        await frontier.commit([failed_update(KEY, URL, "article", NOW, "429", wait_s=7200)])
        return (await one(frontier)).next_visit

    assert with_frontier(put_off) == NOW + timedelta(hours=2)


def test_due_gives_what_is_due_and_nothing_gone_or_queued(with_frontier):
    async def due(frontier):
        await frontier.commit([done_update(page(n).key, page(n).url, NOW - timedelta(days=n)) for n in range(4)])
        await frontier.commit([gone_update(page(3).key, page(3).url, "article", NOW - timedelta(days=90), "404")])
        await frontier.commit([closed_update(page(2).key, page(2).url, "other", NOW, "login")])
        await frontier.enqueue([page(9)], NOW)
        return [state.key async for state in frontier.due(NOW, ["linhe-news.example"])]

    assert with_frontier(due) == [page(1).key]


def test_a_listing_is_visited_less_often_while_nothing_changes(with_frontier):
    async def intervals(frontier):
        found = []
        for has_changed in (True, False, False):
            update = listing_update(KEY, URL, "listing", NOW, has_changed=has_changed, validators={"etag": '"$a"'})
            await frontier.commit([update])
            found.append((await one(frontier)).next_visit - NOW)
        return found, (await one(frontier)).etag

    found, etag = with_frontier(intervals)
    assert found == [timedelta(minutes=30), timedelta(minutes=45), timedelta(minutes=67.5)]
    assert etag == '"$a"'


def test_an_outage_that_lasts_is_an_error_and_never_silence(database):
    async def main() -> int:
        async with AsyncMongoClient("mongodb://127.0.0.1:9", serverSelectionTimeoutMS=50) as client:
            frontier = Frontier(client[database], run="first", retry=Retry(0.3))
            with pytest.raises(FrontierUnavailableError):
                await frontier.known([KEY])
            with pytest.raises(FrontierUnavailableError):
                await frontier.enqueue([page(1)], NOW)
            return frontier.unwritten

    assert asyncio.run(main()) == 1


def test_many_pages_write_together(with_frontier):
    async def flood(frontier):
        await asyncio.gather(*(frontier.enqueue([page(n)], NOW) for n in range(300)))
        return len(await frontier.known(page(n).key for n in range(300)))

    assert with_frontier(flood) == 300


def test_a_rejected_page_stays_queued_three_times_and_then_waits_twice_as_long_each_time(with_frontier):
    async def steps(frontier):
        found = []
        for number in range(6):
            digest = "a1" if number == 5 else None
            frontier.note(rejected_update(KEY, URL, "article", NOW, "a gate: $x", digest=digest, pace=PACE))
            found.append(await one(frontier))
        return found

    states = with_frontier(steps)
    assert [state.state for state in states] == ["queued"] * 3 + ["failed"] * 3
    assert [(state.next_visit - NOW).total_seconds() for state in states] == [100] * 4 + [200, 400]
    assert [state.doubted for state in states] == [None] * 5 + ["a1"]
    assert {state.reason for state in states} == {"a gate: $x"}


def test_a_rejected_page_that_stays_as_it_is_waits_at_once_and_is_forgotten_when_it_is_read(with_frontier):
    async def steps(frontier):
        frontier.note(rejected_update(KEY, URL, "article", NOW, "a wall", digest="a1", is_queued=False, pace=PACE))
        wall = await one(frontier)
        frontier.note(done_update(KEY, URL, NOW, pace=PACE))
        return wall, await one(frontier)

    wall, done = with_frontier(steps)
    assert (wall.state, wall.next_visit) == ("failed", NOW + timedelta(seconds=100))
    assert (done.state, done.failures, done.reason, done.doubted) == ("done", 0, None, None)


def test_article_that_redirected_to_another_is_asked_for_again_until_a_second_visit_agrees(with_frontier):
    async def steps(frontier: Frontier) -> list[Any]:
        states = []
        for digest, moment in (("a", NOW), ("a", NOW), ("b", NOW + DAY), ("b", NOW + 2 * DAY)):
            frontier.note(moved_update(KEY, URL, moment, "alias of x", digest=digest, pace=PACE))
            states.append(await one(frontier))
        return states

    states = with_frontier(steps)
    assert [(state.kind, state.next_visit) for state in states] == [
        ("alias", NOW + DAY),
        ("alias", NOW + DAY),
        ("alias", NOW + 2 * DAY),
        ("alias", None),
    ]
