"""Whole crawls from recordings: what they find, that they find it again byte for byte, and that nothing is new then."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from benchmarks.invented_sites import SITES
from newsspider.urls import article_key

WITH_SITE_FILE = ("linhe", "qingshan")
WITHOUT = ("hupan", "yunding", "liuguang", "haidao", "guojing", "mizong")
# when something was stored is the clock's business, not the page's
CLOCK_FIELDS = ("first_seen_at", "last_seen_at", "stored_at")


def arguments(name: str) -> list[str]:
    spider = [name] if name in WITH_SITE_FILE else ["news", "-a", f"url={SITES[name]().seeds[0]}"]
    return ["crawl", *spider, "-s", f"REPLAY=fixtures/{name}"]


def wanted_keys(name: str) -> set[str]:
    return {article_key(truth.url) for truth in SITES[name]().articles}


def stored(mongo: Any) -> dict[str, Any]:
    return {document["_id"]: document for document in mongo.articles.find()}


@pytest.mark.parametrize("name", [*WITH_SITE_FILE, *WITHOUT])
def test_replay_stores_every_article_and_nothing_else_twice_the_same(name: str, run_scrapy: Any, mongo: Any) -> None:
    first = run_scrapy(*arguments(name))
    assert first.returncode == 0, first.stderr[-3000:]
    before = stored(mongo)
    names = {article_key(url): article_key(truth.url) for truth in SITES[name]().articles for url in truth.addresses}
    assert sorted(names.get(key, key) for key in before) == sorted(wanted_keys(name))

    again = run_scrapy(*arguments(name))
    assert again.returncode == 0, again.stderr[-3000:]
    after = stored(mongo)
    assert sorted(after) == sorted(before)
    assert mongo.revisions.count_documents({}) == 0
    assert {document["revision"] for document in after.values()} == {1}


@pytest.mark.parametrize("name", WITH_SITE_FILE)
def test_replay_fields_are_those_of_the_truth(name: str, run_scrapy: Any, mongo: Any) -> None:
    assert run_scrapy(*arguments(name)).returncode == 0
    documents = stored(mongo)
    for truth in SITES[name]().articles:
        found = documents[article_key(truth.url)]
        assert found["title"] == truth.title
        assert found["text"] == truth.text
        assert found["published_at"] == truth.published_at
        assert (found["source"], found["authors"], found["editor"]) == (truth.source, truth.authors, truth.editor)
        assert found["pages"] == truth.pages
        assert {block["name"]: block["links"] for block in found["related_blocks"]} == truth.blocks


@pytest.mark.parametrize("name", WITH_SITE_FILE)
def test_replay_is_byte_identical_in_another_database(name: str, run_scrapy: Any, mongo: Any, tmp_path: Path) -> None:
    exports = []
    other = f"{mongo.name}_b"
    try:
        for seed, database in enumerate((mongo.name, other)):
            target = tmp_path / f"{database}.jsonl"
            environment = {"MONGO_DATABASE": database, "PYTHONHASHSEED": str(seed)}
            assert run_scrapy(*arguments(name), env=environment).returncode == 0
            done = run_scrapy("articles", "export", "--format", "jsonl", "-o", str(target), env=environment)
            assert done.returncode == 0, done.stderr
            exports.append(target.read_bytes())
    finally:
        mongo.client.drop_database(other)
    assert exports[0]
    assert exports[0] == exports[1]


def test_replay_that_lacks_a_page_names_it_and_fails(run_scrapy: Any, tmp_path: Path) -> None:
    from benchmarks.invented_sites import write_fixtures

    site = SITES["linhe"]()
    lost = site.articles[0].url
    del site.pages[(site.host, lost.removeprefix(f"https://{site.host}"))]
    write_fixtures(site, tmp_path)
    crawl = run_scrapy("crawl", "linhe", "-s", f"REPLAY={tmp_path / 'linhe'}")
    assert crawl.returncode == 1
    assert lost in crawl.stderr + crawl.stdout


def test_related_links_are_followed_no_deeper_than_asked(run_scrapy: Any, mongo: Any) -> None:
    listed = {"linhe": 20}
    crawl = run_scrapy(*arguments("linhe"), "-a", "depth=0")
    assert crawl.returncode == 0, crawl.stderr[-3000:]
    assert mongo.articles.count_documents({}) == listed["linhe"]


def test_sample_stops_after_so_many_articles(run_scrapy: Any, mongo: Any) -> None:
    assert run_scrapy(*arguments("linhe"), "-a", "sample=5").returncode == 0
    assert mongo.articles.count_documents({}) == 5
