"""What is known of a site, counted together by any number of processes."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest
from pymongo import AsyncMongoClient, MongoClient

from newsspider.crawl.site_knowledge.url_patterns import UrlPatterns
from newsspider.mongo.crawl_state.sites import (
    known_sites,
    load_facts,
    load_sources,
    save_counts,
    save_robots_failures,
    save_sources,
    save_twins,
    site_facts,
)

AT = datetime(2026, 11, 1, 8, 0, tzinfo=UTC)
SITE = "sample.example"
URL = "https://www.sample.example/2026/1101/$10001.v2.html"


async def _learn(uri: str, name: str) -> tuple[dict[str, Any], dict[str, list[str]]]:
    async with AsyncMongoClient(uri, tz_aware=True) as client:
        database = client[name]
        for _ in range(2):
            shapes = UrlPatterns()
            shapes.saw_links([URL])
            shapes.record(URL, "article")
            await save_counts(database, SITE, shapes.increments(), AT)
            await save_counts(database, SITE, shapes.increments(), AT)
        await save_sources(database, SITE, AT, channels=["https://a.example/b/", "https://a.example/b/"], feeds=[])
        await save_sources(database, SITE, AT, channels=["https://a.example/b/"], sitemaps=["https://a.example/s.xml"])
        with pytest.raises(ValueError, match="unknown kind"):
            await save_sources(database, SITE, AT, pages=["x"])
        return (await load_facts(database, SITE)).shapes, await load_sources(database, SITE)


def test_counts_of_two_crawls_add_up(mongo_uri: str, database: str) -> None:
    stored, sources = asyncio.run(_learn(mongo_uri, database))
    (counters,) = stored.values()
    assert counters == {"links": 2, "articles": 2}
    assert list(stored) == list(UrlPatterns.from_dict(stored).facts), "dots and dollar signs survive"
    assert UrlPatterns.from_dict(stored).predict(URL) > 0.9
    assert sources == {"channels": ["https://a.example/b/"], "feeds": [], "sitemaps": ["https://a.example/s.xml"]}
    with MongoClient(mongo_uri, tz_aware=True) as client:
        facts = site_facts(client[database], "m.sample.example")
        assert (facts["site"], facts["updated_at"], facts["shapes"]) == (SITE, AT, stored)
        assert known_sites(client[database]) == [SITE]
        assert site_facts(client[database], "other.example") == {}


async def _learn_twins(uri: str, name: str) -> list[dict[str, Any]]:
    pair = {"host": "news.sample.example:8080", "known": SITE}
    async with AsyncMongoClient(uri, tz_aware=True) as client:
        await save_twins(client[name], SITE, AT, [{**pair, "proofs": 2, "contradictions": 0}])
        await save_twins(client[name], SITE, AT, [{**pair, "proofs": 1, "contradictions": 1}])
        await save_twins(client[name], SITE, AT, [])
        assert (await load_facts(client[name], "other.example")).twins == []
        return (await load_facts(client[name], SITE)).twins


def test_twin_hosts_of_two_crawls_add_up(mongo_uri: str, database: str) -> None:
    found = asyncio.run(_learn_twins(mongo_uri, database))
    assert found == [{"host": "news.sample.example:8080", "known": SITE, "proofs": 3, "contradictions": 1}]
    with MongoClient(mongo_uri, tz_aware=True) as client:
        assert site_facts(client[database], SITE)["twins"] == [f"news.sample.example:8080 = {SITE} (3 articles)"]


def test_a_robots_txt_that_cannot_be_had_is_known_until_it_can(mongo_uri: str, database: str) -> None:
    failure = {"problem": "HTTP 503", "attempts": 2, "asked_again_at": AT}
    origin = "https://www.sample.example:8443"

    async def learn() -> list[dict[str, Any]]:
        async with AsyncMongoClient(mongo_uri, tz_aware=True) as client:
            found = []
            for facts in (failure, None):
                await save_robots_failures(client[database], AT, {origin: facts})
                found.append((await load_facts(client[database], SITE)).robots)
            return found

    assert asyncio.run(learn()) == [{origin: failure}, {}]
