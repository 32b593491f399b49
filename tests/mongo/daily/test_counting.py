"""The counts of `daily` are those of the articles, after every kind of write and after kills."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from mongo_articles import HOUR, MONDAY, TEXT, article, article_store

from newsspider.mongo.articles.store import ArticleStore
from newsspider.mongo.daily import counting
from newsspider.mongo.daily.counting import count_all, count_marked
from newsspider.mongo.daily.figures import DailyFigures, Span, delays_of, weeks_of
from newsspider.mongo.daily.marks import SiteDay, mark
from newsspider.mongo.upkeep.corrections import correct_time
from newsspider.mongo.upkeep.takedown import Order, take_down
from newsspider.sites.control import day_of

DAY = timedelta(days=1)
SPAN = Span("2000-01-01", "2100-01-01")


@pytest.fixture
def on_store(mongo_uri: str, mongo: Any, tmp_path: Path) -> Callable[[Callable[[ArticleStore], Awaitable[Any]]], Any]:
    """Run a coroutine function on a store of this test's database."""

    def run(work: Callable[[ArticleStore], Awaitable[Any]]) -> Any:
        async def connected() -> Any:
            async with article_store(mongo_uri, mongo.name, tmp_path) as store:
                return await work(store)

        return asyncio.run(connected())

    return run


def truth(mongo: Any) -> dict[tuple[str, str], tuple[int, int, int, int, dict[str, int]]]:
    """Return (site, day) -> articles, copies, undated, with authors, and articles by source, read from the articles."""
    found: dict[tuple[str, str], list[Any]] = {}
    for one in mongo["articles"].find():
        row = found.setdefault(
            (one["site"], day_of(one["published_at"] or one["first_seen_at"])), [0, 0, 0, 0, Counter()]
        )
        row[0] += 1
        row[1] += one["duplicate_of"] is not None
        row[2] += one["published_at"] is None
        row[3] += bool(one["authors"])
        row[4].update([one["source"]] if one["source"] else [])
    return {key: (*row[:4], dict(row[4])) for key, row in found.items()}


def counted(mongo: Any) -> dict[tuple[str, str], tuple[int, int, int, int, dict[str, int]]]:
    return {
        (d["site"], d["day"]): (
            *(d[name] for name in ("articles", "copies", "undated")),
            d["fields"]["authors"],
            {source["name"]: source["articles"] for source in d["sources"]},
        )
        for d in mongo["daily"].find({"articles": {"$gt": 0}})
    }


def test_counts_follow_every_write(mongo: Any, on_store: Any) -> None:
    at = MONDAY - DAY

    async def work(store: ArticleStore) -> None:
        database = store.connection.db

        async def check() -> None:
            await count_marked(database)
            assert counted(mongo) == truth(mongo)

        first = article(1, published_at=at, published_precision="minute", source="河口日报", authors=["周一"])
        await asyncio.gather(
            store.save(first),
            store.save(article(2, published_at=at - HOUR, published_precision="day")),
            store.save(article(3)),
            store.save(article(4, _id="a.other.example/4", site="other.example", published_at=at)),
        )
        await check()
        assert len(counted(mongo)) == 3
        # an edit that states another day, a source that was missing, a time that was missing, an earlier sighting
        later = MONDAY + HOUR
        await store.save(
            replace(first, text=f"{TEXT}\n续航。", published_at=at - 3 * DAY, content_hash="x", fetched_at=later)
        )
        await store.save(article(2, published_at=at - HOUR, published_precision="day", source="新报", fetched_at=later))
        await check()
        await store.save(article(3, published_at=at - 9 * DAY, published_precision="minute", fetched_at=later))
        await store.save(article(5))
        await store.save(article(5, fetched_at=MONDAY - 2 * DAY))
        await check()
        # a correction, a removal
        stored = mongo["articles"].find_one({"_id": article(3)._id})
        time = {"published_at": at - 20 * DAY, "published_precision": "minute", "tz_assumed": False}
        assert await correct_time(database, stored, time, [], later)
        await check()
        await take_down(database, [first._id], Order("test", "test"))
        await check()

    on_store(work)
    assert {key for key in counted(mongo) if key[0] == "other.example"} == {("other.example", day_of(at))}


def test_a_kill_leaves_marks_from_which_the_days_are_counted(mongo: Any, on_store: Any) -> None:
    async def killed(store: ArticleStore) -> None:
        await store.save(article(1, published_at=MONDAY))  # and nothing more: no count

    on_store(killed)
    assert mongo["daily"].count_documents({}) == 0
    on_store(lambda store: count_marked(store.connection.db))
    assert counted(mongo) == truth(mongo)
    # the mark stays until the write that it announced must have ended, and goes then
    assert mongo["daily_marks"].count_documents({}) == 1
    mongo["daily_marks"].update_many({}, [{"$set": {"at": {"$subtract": ["$at", 61_000]}}}])
    on_store(lambda store: count_marked(store.connection.db))
    assert mongo["daily_marks"].count_documents({}) == 0


def test_an_older_count_does_not_replace_a_newer_one(mongo: Any, on_store: Any) -> None:
    async def work(store: ArticleStore) -> None:
        database = store.connection.db
        began = await counting._server_time(database)
        await store.save(article(1, published_at=MONDAY))
        await count_marked(database)
        mongo["articles"].delete_many({})
        await counting._count(database, "hekou.example", [day_of(MONDAY)], began - HOUR)

    on_store(work)
    assert mongo["daily"].find_one()["articles"] == 1


def test_all_days_are_counted_anew(mongo: Any, on_store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also those of another newsspider, which has marked nothing, and days that have no article any more."""
    monkeypatch.setattr(counting, "BATCH", 2)
    monkeypatch.setattr(counting, "DAYS_AT_ONCE", 2)

    async def work(store: ArticleStore) -> int:
        database = store.connection.db
        await asyncio.gather(*(store.save(article(n, published_at=MONDAY - n * DAY)) for n in range(5)))
        mongo["daily_marks"].delete_many({})
        mongo["daily"].insert_one(
            {"_id": "gone.example 2026-01-01", "site": "gone.example", "day": "2026-01-01", "articles": 9}
        )
        mongo["daily"].update_many({}, {"$set": {"counted_at": MONDAY}})
        await mark(database, [SiteDay("hekou.example", day_of(MONDAY))])
        return await count_all(database)

    assert on_store(work) == 6
    assert counted(mongo) == truth(mongo)
    figures = DailyFigures(mongo)
    assert [row["articles"] for row in figures.sites(SPAN)] == [5]
    assert sum(one.articles for one in figures.by_day(SPAN)) == 5
    assert figures.first_day() == day_of(MONDAY - 4 * DAY)


def test_delays_sources_and_weeks(mongo: Any, on_store: Any) -> None:
    async def work(store: ArticleStore) -> None:
        precise = {"published_precision": "minute", "source": "河口日报"}
        await store.save(article(1, published_at=MONDAY - timedelta(minutes=4), **precise))
        await store.save(article(2, published_at=MONDAY - timedelta(hours=2), **precise))
        await store.save(article(3, published_at=MONDAY - 30 * DAY, **precise))
        await store.save(article(4, published_at=MONDAY - DAY, published_precision="day"))
        await count_marked(store.connection.db)

    on_store(work)
    figures = DailyFigures(mongo)
    assert [count for _, count in delays_of(figures.by_day(SPAN))] == [1, 0, 0, 1, 0, 0, 0, 0, 1]
    assert figures.sources(SPAN) == (["hekou.example"], ["河口日报"], {("hekou.example", "河口日报"): 3})
    weeks = weeks_of(figures.by_day(SPAN))
    assert [(row["week"], row["articles"], row["fields"]["source"]) for row in weeks] == [
        ("2026-W05", 1, 1),
        ("2026-W09", 1, 0),
        ("2026-W10", 2, 2),
    ]


def test_days_are_counted_by_an_index(mongo: Any, on_store: Any) -> None:
    async def work(store: ArticleStore) -> None:
        for n in range(3):
            await store.save(article(n, published_at=MONDAY if n else None))

    on_store(work)
    conditions = counting._pipeline("hekou.example", [day_of(MONDAY)])[0]["$match"]["$or"]
    for condition, index, count in zip(conditions, ("site_published", "undated"), (2, 1), strict=True):
        plan = mongo["articles"].find(condition).hint(index).explain()
        assert plan["executionStats"]["nReturned"] == count == plan["executionStats"]["totalKeysExamined"]
