"""Every query that newsspider.mongo makes is answered from an index."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from mongo_articles import HOUR, MONDAY, TEXT, article, article_store
from pymongo import MongoClient, monitoring

from newsspider.mongo.archive import Archive, ArticleFilter
from newsspider.mongo.articles.entry import Entry
from newsspider.mongo.articles.store import ArticleStore, QuarantinedError
from newsspider.mongo.crawl_state.frontier import Frontier, QueuedPage
from newsspider.mongo.crawl_state.site_leases import Release, SiteLeases
from newsspider.mongo.crawl_state.sites import (
    known_sites,
    load_facts,
    load_sources,
    save_counts,
    save_sources,
    site_facts,
)
from newsspider.mongo.runs import begin, finish
from newsspider.mongo.server import connection as connection_module
from newsspider.mongo.server.retry import Retry
from newsspider.mongo.stories import candidates
from newsspider.mongo.stories.repair import recluster
from newsspider.mongo.stories.stories import Stories

NOW = datetime(2026, 3, 4, tzinfo=UTC)
SHAPES = {"/a": {"articles": 1}}


class Queries(monitoring.CommandListener):
    """Collects what a client looks for: (collection, condition, sort)."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, Mapping[str, Any], Mapping[str, Any]]] = []

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        command, name = event.command, event.command_name
        if name == "find":
            self.seen.append((command["find"], command["filter"], command.get("sort") or {}))
        if name == "update":
            self.seen += [(command["update"], update["q"], {}) for update in command["updates"]]
        if name == "delete":
            self.seen += [(command["delete"], delete["q"], {}) for delete in command["deletes"]]
        if name == "findAndModify":
            self.seen.append((command["findAndModify"], command["query"], {}))
        if name == "aggregate" and isinstance(command["aggregate"], str):
            first = command["pipeline"][0]
            self.seen.append((command["aggregate"], first.get("$match", {}), {}))

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None:
        pass

    def failed(self, event: monitoring.CommandFailedEvent) -> None:
        pass


@pytest.fixture
def queries(monkeypatch: pytest.MonkeyPatch) -> Queries:
    listener = Queries()
    monkeypatch.setitem(connection_module.CLIENT_OPTIONS, "event_listeners", [listener])
    return listener


def check(mongo: Any, queries: Queries, least: set[str], *, whole: frozenset[str] = frozenset()) -> None:
    """Explain all that was asked; `whole` are collections that may be read without a condition."""
    assert {collection for collection, _, _ in queries.seen} >= least
    for collection, condition, sort in queries.seen:
        if not condition and (collection in whole or sort):
            continue
        cursor = mongo[collection].find(condition)
        plan = str((cursor.sort(list(sort.items())) if sort else cursor).explain()["queryPlanner"]["winningPlan"])
        assert "COLLSCAN" not in plan, (collection, condition)


async def store_articles(store: ArticleStore) -> None:
    later = MONDAY + HOUR
    await store.save(article(1))
    await store.save(article(1, f"{TEXT}\n续航。", fetched_at=later))
    await store.save(replace(article(2), alias_of=article(1)._id))
    await store.save(article(4, fingerprint={"nv": 1, "hb": "x"}, story_id="x"))
    await store.mark_withdrawn(article(1)._id, later + HOUR, 404)
    with pytest.raises(QuarantinedError):
        await store.save(article(3, tags=["\ud800"]))
    entry = Entry.of(article(1), MONDAY)
    entry.attempted = "changed"
    await store._writer._is_written_before(entry, {})


async def place_articles(store: ArticleStore) -> None:
    stories = Stories(store.connection.db)
    text = "".join(chr(0x4E00 + number * 37 % 3000) for number in range(400))
    made = [article(n, text, _id=f"s{n % 3}.example/{n}", site=f"s{n % 3}.example") for n in range(4)]
    for one, placed in zip(made, await stories.assign(made), strict=True):
        placed.mark(one)
    await asyncio.gather(*map(store.save, made))
    await stories.assign([article(9, text[::-1], _id=made[0]._id, site=made[0].site)])
    await stories.assign([article(9, text, _id="s9.example/9", site="s9.example", fetched_at=MONDAY + timedelta(90))])


def test_store_and_stories(
    mongo: Any, mongo_uri: str, tmp_path: Path, queries: Queries, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def work(most_sharing: int) -> None:
        monkeypatch.setattr(candidates, "MAX_SHARING", most_sharing)
        async with article_store(mongo_uri, mongo.name, tmp_path) as store:
            await store_articles(store)
            await place_articles(store)

    asyncio.run(work(500))
    mongo["fingerprints"].update_many({}, {"$set": {"ch": "another"}})
    asyncio.run(work(1))
    check(mongo, queries, {"articles", "revisions", "quarantine", "pages", "schema", "fingerprints", "stories"})


def test_recluster_reads_all_articles_and_stories_and_nothing_else(
    mongo: Any, mongo_uri: str, tmp_path: Path, queries: Queries
) -> None:
    async def work() -> None:
        async with article_store(mongo_uri, mongo.name, tmp_path) as store:
            await place_articles(store)
            queries.seen.clear()
            await recluster(store.connection.db)

    asyncio.run(work())
    asked = [seen for seen in queries.seen if seen[1].keys() not in ({"n"}, {"nv"})]
    assert len(queries.seen) - len(asked) == 3  # at its end: what is left of older schemes, and the counts
    queries.seen = asked
    check(mongo, queries, {"articles", "fingerprints", "stories"}, whole=frozenset({"articles"}))


def test_crawl_state_runs_and_sites(mongo: Any, mongo_uri: str, tmp_path: Path, queries: Queries) -> None:
    async def work() -> None:
        async with article_store(mongo_uri, mongo.name, tmp_path) as store:
            database = store.connection.db
            frontier = Frontier(database, run="r1")
            await frontier.ensure_indexes()
            await frontier.enqueue([QueuedPage("a.example/1", "https://a.example/1", "article")], NOW)
            await frontier.known(["a.example/1"])
            _ = [state async for state in frontier.due(NOW, ["a.example"], ["article"])]
            await frontier.oldest(["a.example"])
            await frontier.typed_urls("a.example")
            await frontier.outlook(["a.example"], NOW, is_all=False)
            leases = SiteLeases(database, "w1", 60, Retry(5))
            await leases.ensure_indexes()
            await leases.wake(["a.example"])
            await leases.claim(None)
            await leases.claim(["a.example"], ["b.example"])
            await leases.renew({"a.example": []})
            await leases.held_by_others(None)
            await leases.abandon("w2")
            await leases.release([Release("a.example", NOW)])
            await leases.ahead()
            _ = [state async for state in Frontier(database, run="r2").queued(["a.example"])]
            await frontier.channels("a.example/")
            await begin(database, {"_id": "r1", "started_at": NOW, "coverage": []})
            await finish(database, "r1", {"finished_at": NOW})
            await save_counts(database, "a.example", SHAPES, NOW)
            await save_sources(database, "a.example", NOW, feeds=["https://a.example/rss"])
            await load_facts(database, "a.example")
            await load_sources(database, "a.example")

    asyncio.run(work())
    check(mongo, queries, {"pages", "sites", "hosts"})


def test_commands(mongo: Any, mongo_uri: str, tmp_path: Path, queries: Queries) -> None:
    async def work() -> None:
        async with article_store(mongo_uri, mongo.name, tmp_path) as store:
            await place_articles(store)

    asyncio.run(work())
    queries.seen.clear()
    with MongoClient(mongo_uri, event_listeners=[queries], tz_aware=True) as client:
        archive = Archive(client[mongo.name])
        for wanted in (
            ArticleFilter(),
            ArticleFilter(site="s1.example"),
            ArticleFilter(source="河口日报"),
            ArticleFilter(since=MONDAY, until=NOW),
            ArticleFilter(site="s1.example", since=MONDAY),
        ):
            list(archive.find(wanted, limit=5))
            archive.totals(wanted)
        found = archive.get("s1.example/1")
        archive.get("s0.example/3")
        archive.versions(found["_id"])
        archive.story(found)
        archive.story({"_id": "none", "story_id": "s0.example/0"})
        archive.last_runs(5)
        site_facts(client[mongo.name], "s1.example")
        known_sites(client[mongo.name])
    check(mongo, queries, {"articles", "revisions", "stories", "sites"}, whole=frozenset({"articles", "sites"}))
