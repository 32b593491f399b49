"""`scrapy searches`: saved, shown, and what is new sent once, reprints in one message."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from subprocess import CompletedProcess
from typing import Any

import pytest
from mongo_articles import article
from webhook import Webhook, listening

from newsspider.mongo.articles.documents import document_of, short_id

Run = Callable[..., CompletedProcess[str]]


def stored(number: int, text: str, seen_at: datetime, **fields: Any) -> dict[str, Any]:
    document = document_of(article(number, text, **fields))
    seen = dict.fromkeys(("first_seen_at", "last_seen_at", "version_seen_at"), seen_at)
    return document | seen | {"short_id": short_id(document["_id"]), "revision": 1}


@pytest.fixture
def webhook() -> Iterator[Webhook]:
    with listening() as server:
        yield server


def test_new_matches_are_sent_once_with_their_reprints(run_scrapy: Run, mongo: Any, webhook: Webhook) -> None:
    now = datetime.now(UTC)  # not that of the import: the search begins when it is added
    later = now + timedelta(minutes=5)
    settings = ("-s", f"ALERT_URLS={webhook.alert_url}", "-s", "CLOCK_AHEAD_S=0")
    mongo["articles"].insert_one(stored(1, "渡船早就停了。", now - timedelta(days=9)))
    for name, code in (("ferry", 0), ("ferry", 1)):
        added = run_scrapy("searches", "add", name, "渡船 -广告", "--alert", *settings)
        assert added.returncode == code, added.stderr
    assert run_scrapy("searches", "run", *settings).returncode == 0 and webhook.posts == []
    story = {"story_id": "s1"}
    mongo["stories"].insert_one({"_id": "s1", "n": 3, "members": []})
    mongo["articles"].insert_many(
        [
            stored(2, "渡船復航。", later, published_at=now, source="河口日报", **story),
            stored(3, "渡船復航。", later, site="linhe.example", duplicate_of="x", **story),
            stored(4, "渡船广告。", later),
        ]
    )
    webhook.is_broken = True
    assert run_scrapy("searches", "run", *settings).returncode == 1
    webhook.is_broken = False
    row = run_scrapy("searches", "run", *settings, "--json").stdout
    assert json.loads(row) == {"name": "ferry", "new": 0, "sent": 2, "problem": ""}
    assert [post["title"] for post in webhook.posts] == ["newsspider: ferry: new articles: 2, stories: 1"]
    message = webhook.posts[0]["message"]
    assert "2 new of 3 articles" in message and "河口日报" in message and message.count("https://") == 1
    mongo["articles"].insert_one(stored(5, "渡船复航。", later, site="c.example", **story))
    run_scrapy("searches", "run", *settings)
    run_scrapy("searches", "run", *settings)
    assert len(webhook.posts) == 2 and "reported before; 1 new of 3" in webhook.posts[1]["message"]
    assert "ferry" in run_scrapy("searches", "list").stdout
    shown = run_scrapy("searches", "show", "ferry", "--json").stdout.splitlines()
    assert {json.loads(line)["id"].rpartition("/")[2] for line in shown} == {"1", "2", "3", "5"}
    assert run_scrapy("searches", "remove", "ferry").returncode == 0
    assert mongo["search_matches"].count_documents({}) == 0
    assert "no search 'ferry'" in run_scrapy("searches", "run", "ferry").stderr
