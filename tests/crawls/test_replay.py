"""Whole crawls from recordings: what they find, that they find it again byte for byte, and that nothing is new then."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from benchmarks.invented_sites import SITES
from newsspider.urls import article_key

WITH_SITE_FILE = ("linhe", "qingshan")
WITHOUT = "hupan"
# when something was stored is the clock's business, not the page's
CLOCK_FIELDS = ("first_seen_at", "last_seen_at", "stored_at")


def arguments(name: str) -> list[str]:
    spider = [name] if name in WITH_SITE_FILE else ["news", "-a", f"url={SITES[name]().seeds[0]}"]
    return ["crawl", *spider, "-s", f"REPLAY=fixtures/{name}"]


def wanted_keys(name: str) -> set[str]:
    return {article_key(truth.url) for truth in SITES[name]().articles}


def stored(mongo: Any) -> dict[str, Any]:
    return {document["_id"]: document for document in mongo.articles.find()}


def test_replay_stores_every_article_once(run_scrapy: Any, mongo: Any) -> None:
    """The other sites are crawled over HTTP: see test_http.py."""
    assert_all_are_stored(WITHOUT, run_scrapy, mongo)


@pytest.mark.parametrize("name", WITH_SITE_FILE)
def test_replay_is_the_truth_and_the_same_twice_and_in_another_database(
    name: str, run_scrapy: Any, mongo: Any, tmp_path: Path
) -> None:
    assert_all_are_stored(name, run_scrapy, mongo)
    before = stored(mongo)
    assert_fields_are_those_of_the_truth(name, before)
    export = exported(run_scrapy, tmp_path / "first.jsonl")

    again = run_scrapy(*arguments(name))
    assert again.returncode == 0, again.stderr[-3000:]
    after = stored(mongo)
    assert sorted(after) == sorted(before)
    assert mongo.revisions.count_documents({}) == 0
    assert {document["revision"] for document in after.values()} == {1}
    runs = list(mongo.runs.find().sort("started_at"))
    assert [run["finish_reason"] for run in runs] == ["finished", "finished"]
    assert [run["articles"]["new"] for run in runs] == [len(before), 0]

    other = {"MONGO_DATABASE": f"{mongo.name}_b", "PYTHONHASHSEED": "1"}
    try:
        assert run_scrapy(*arguments(name), env=other).returncode == 0
        assert export == exported(run_scrapy, tmp_path / "other.jsonl", env=other)
    finally:
        mongo.client.drop_database(other["MONGO_DATABASE"])


def assert_all_are_stored(name: str, run_scrapy: Any, mongo: Any) -> None:
    first = run_scrapy(*arguments(name))
    assert first.returncode == 0, first.stderr[-3000:]
    names = {article_key(url): article_key(truth.url) for truth in SITES[name]().articles for url in truth.addresses}
    assert sorted(names.get(key, key) for key in stored(mongo)) == sorted(wanted_keys(name))


def assert_fields_are_those_of_the_truth(name: str, documents: dict[str, Any]) -> None:
    for truth in SITES[name]().articles:
        found = documents[article_key(truth.url)]
        assert found["title"] == truth.title
        assert found["text"] == truth.text
        assert found["published_at"] == truth.published_at
        assert (found["source"], found["authors"], found["editor"]) == (truth.source, truth.authors, truth.editor)
        assert found["pages"] == truth.pages
        assert {block["name"]: block["links"] for block in found["related_blocks"]} == truth.blocks


def exported(run_scrapy: Any, target: Path, **options: Any) -> bytes:
    done = run_scrapy("articles", "export", "--format", "jsonl", "-o", str(target), **options)
    assert done.returncode == 0, done.stderr
    assert target.read_bytes()
    return target.read_bytes()


def test_related_links_are_followed_no_deeper_than_asked(run_scrapy: Any, mongo: Any) -> None:
    listed = {"linhe": 20}
    crawl = run_scrapy(*arguments("linhe"), "-a", "depth=0")
    assert crawl.returncode == 0, crawl.stderr[-3000:]
    assert mongo.articles.count_documents({}) == listed["linhe"]
