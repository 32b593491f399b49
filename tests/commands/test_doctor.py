"""`scrapy articles doctor` against a real MongoDB."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest
from bson import ObjectId
from mongo_articles import HOUR, MONDAY, TEXT, article, article_store
from pymongo import AsyncMongoClient

from newsspider.items import Article
from newsspider.mongo.articles.documents import document_of, quarantined_json
from newsspider.mongo.articles.revisions import kept_version, revision_id
from newsspider.mongo.articles.store import ArticleStore
from newsspider.mongo.stories.stories import Stories
from newsspider.mongo.upkeep.examination import batches
from newsspider.mongo.upkeep.removal import finish_removals, remove

Run = Callable[..., CompletedProcess[str]]
Store = Callable[..., None]
BLOCK = "您的访问过于频繁，请稍后再试。"
AT = datetime(2026, 3, 1, 2, 30, tzinfo=UTC)
SOURCE = "河口日报"


def key(number: int) -> str:
    return f"news.hekou.example/2026/{number}"


def block(number: int, title: str = "访问受限", **fields: Any) -> Article:
    return article(number, BLOCK, title, **fields)


def dated(number: int, at: datetime, **fields: Any) -> Article:
    times = {"published_at": at, "published_raw": "2026-03-01 10:30", "published_precision": "minute"}
    return article(number, f"{TEXT}\n第{number}天的水位是{number}米。", source=SOURCE, **times, **fields)


@pytest.fixture
def store(mongo_uri: str, database: str, tmp_path: Path) -> Store:
    """Store articles in order, with their stories, as a crawl does."""

    async def save(articles: tuple[Article, ...]) -> None:
        async with article_store(mongo_uri, database, tmp_path) as opened:
            stories = Stories(opened.connection.db)
            for one in articles:
                await _save(opened, stories, one)

    return lambda *articles: asyncio.run(save(articles))


async def _save(opened: ArticleStore, stories: Stories, one: Article) -> None:
    (await stories.assign([one]))[0].mark(one)
    await opened.save(one)


def contents(mongo: Any) -> dict[str, list[Any]]:
    return {name: list(mongo[name].find().sort("_id", 1)) for name in ("articles", "revisions", "pages", "stories")}


def overwritten(mongo: Any, revision: int, page: Article) -> None:
    """Make `page` the next version of its article, as a crawl did that believed every answer."""
    current = mongo["articles"].find_one({"_id": page._id})
    mongo["revisions"].insert_one(kept_version(current) | {"_id": revision_id(page._id, revision - 1)})
    new = document_of(page) | {"revision": revision, "version_id": ObjectId(), "fetched_at": MONDAY + revision * HOUR}
    mongo["articles"].update_one({"_id": page._id}, {"$set": new})
    mongo["fingerprints"].update_one({"_id": page._id}, {"$set": {"ch": page.content_hash, "t": new["fetched_at"]}})


def rows(done: CompletedProcess[str]) -> list[tuple[str, str]]:
    cells = (line.split("\t") for line in done.stdout.splitlines()[1:])
    return [(row[0], row[3]) for row in cells]


def test_nothing_found_ends_with_0(run_scrapy: Run, store: Store) -> None:
    store(dated(1, AT))
    done = run_scrapy("articles", "doctor")
    assert (done.returncode, done.stdout) == (0, "")
    assert "nothing found" in done.stderr


def test_a_dry_run_shows_and_changes_nothing(run_scrapy: Run, store: Store, mongo: Any) -> None:
    store(dated(1, AT), block(2), dated(3, AT + timedelta(hours=8)), block(4, site="other.example"))
    before = contents(mongo)
    done = run_scrapy("articles", "doctor", "--site", "hekou.example")
    assert done.returncode == 1
    assert rows(done) == [("block", key(2)), ("time", key(3))]
    assert contents(mongo) == before
    assert not mongo["quarantine"].count_documents({})


def test_fix_quarantines_a_block_page_and_has_it_fetched_again(run_scrapy: Run, store: Store, mongo: Any) -> None:
    store(dated(1, AT), block(2))
    good = mongo["articles"].find_one({"_id": key(1)})
    done = run_scrapy("articles", "doctor", "--fix")
    assert done.returncode == 0, done.stderr
    assert [found["_id"] for found in mongo["articles"].find()] == [key(1)]
    (kept,) = mongo["quarantine"].find()
    assert kept["reason"].startswith("block: ")
    assert BLOCK in quarantined_json(kept)
    assert "is_unfinished" not in kept
    page = mongo["pages"].find_one({"_id": key(2)})
    assert (page["state"], page.get("stored"), page["url"]) == ("queued", None, f"https://{key(2)}")
    assert page["next_visit"] <= datetime.now(UTC)
    assert mongo["fingerprints"].count_documents({"_id": key(2)}) == 0
    assert mongo["articles"].find_one({"_id": key(1)}) == good
    again = run_scrapy("articles", "doctor", "--fix")
    assert (again.returncode, again.stdout) == (0, "")
    assert mongo["quarantine"].count_documents({}) == 1


def test_the_rest_of_a_story_stays_a_story(run_scrapy: Run, store: Store, mongo: Any) -> None:
    """Two sites print a text; a third has only an error page of the same words under it."""
    text = "\n".join(f"河口镇第{number}号渡船昨天恢复通航，船工说水位退了{number}米。" for number in range(1, 12))
    copies = [article(n, text, "渡船恢复通航", site=f"{n}.example", source=SOURCE) for n in (1, 2)]
    store(*copies, article(3, text, "渡船恢复通航", site="3.example"))
    # as an earlier rule would have stored it
    mongo["articles"].update_one({"_id": key(3)}, {"$set": {"text": BLOCK, "title": "访问受限"}})
    assert mongo["stories"].find_one({"members.id": key(3)})["n"] == 3
    assert run_scrapy("articles", "doctor", "--fix").returncode == 0
    (story,) = mongo["stories"].find({"n": {"$gt": 0}})
    assert [member["id"] for member in story["members"]] == [key(1), key(2)]
    assert story["n"] == 2
    assert {found["story_id"] for found in mongo["articles"].find()} == {story["_id"]}
    links = [link["i"] for found in mongo["fingerprints"].find() for link in found["e"]]
    assert sorted(links) == [key(1), key(2)]


def test_repeated_texts_without_time_and_source(run_scrapy: Run, store: Store, mongo: Any) -> None:
    store(*(article(number, "渡口的灯亮了，请看大屏幕。", "渡口") for number in (1, 2)))
    # the dedupe pipeline would take the second for an alias: what was stored before it could
    first = mongo["articles"].find_one({"_id": key(1)})
    mongo["articles"].delete_many({})
    mongo["articles"].insert_many([first | {"_id": key(number)} for number in (1, 2)])
    assert run_scrapy("articles", "doctor").returncode == 0
    mongo["articles"].insert_one(first | {"_id": key(3)})
    assert rows(run_scrapy("articles", "doctor")) == [("repeated", key(number)) for number in (1, 2, 3)]
    mongo["articles"].update_one({"_id": key(3)}, {"$set": {"source": SOURCE}})
    assert run_scrapy("articles", "doctor").returncode == 0


def test_a_time_is_corrected_without_a_revision(run_scrapy: Run, store: Store, mongo: Any) -> None:
    wrong = AT + timedelta(hours=8)
    store(dated(1, wrong), dated(1, wrong, fetched_at=MONDAY + HOUR, tags=["水位"]))
    changed = dated(1, wrong, fetched_at=MONDAY + 2 * HOUR)
    changed.text += "\n晚间补记。"
    changed.content_hash = None
    store(changed)
    assert run_scrapy("articles", "doctor", "--fix").returncode == 0
    found = mongo["articles"].find_one({"_id": key(1)})
    assert (found["published_at"], found["revision"]) == (AT, 2)
    assert mongo["revisions"].find_one({"article_id": key(1)})["published_at"] == AT
    assert mongo["fingerprints"].find_one({"_id": key(1)})["f"]["published_at"] == AT
    history = run_scrapy("articles", "history", key(1)).stdout
    assert history.count("corrected by doctor") == 2
    assert "published_at: -" not in history
    # the paper's own time again: nothing new
    right = dated(1, AT, fetched_at=MONDAY + 3 * HOUR)
    right.text = changed.text
    store(right)
    assert mongo["articles"].find_one({"_id": key(1)})["revision"] == 2
    assert run_scrapy("articles", "doctor").returncode == 0


def test_an_article_that_a_block_page_took_the_place_of_comes_back(run_scrapy: Run, store: Store, mongo: Any) -> None:
    good = dated(1, AT)
    store(good)
    for revision, title in ((2, "访问受限"), (3, "系统繁忙")):
        overwritten(mongo, revision, block(1, title))
    assert run_scrapy("articles", "doctor", "--fix").returncode == 0
    found = mongo["articles"].find_one({"_id": key(1)})
    assert (found["revision"], found["text"], found["published_at"]) == (1, good.text, AT)
    assert mongo["revisions"].count_documents({}) == 0
    assert mongo["quarantine"].count_documents({"article_id": key(1)}) == 2
    assert mongo["fingerprints"].find_one({"_id": key(1)})["ch"] == good.content_hash
    assert mongo["pages"].find_one({"_id": key(1)})["state"] == "queued"
    assert run_scrapy("articles", "doctor").returncode == 0
    edited = dated(1, AT, fetched_at=MONDAY + 8 * HOUR)
    edited.text += "\n更正：水位是三米。"
    edited.content_hash = None
    store(edited)
    assert mongo["articles"].find_one({"_id": key(1)})["revision"] == 2
    assert mongo["revisions"].find_one({"_id": f"{key(1)}#1"})["text"] == good.text


def test_what_a_crawl_changes_meanwhile_and_what_a_kill_leaves(
    store: Store, mongo: Any, mongo_uri: str, database: str
) -> None:
    store(block(1), block(2, title="访问被拒绝"))

    async def work() -> set[str]:
        async with AsyncMongoClient[Any](mongo_uri, tz_aware=True) as client:
            opened = client[database]
            judged = [(found, "block: x") async for batch in batches(opened) for found in batch]
            mongo["articles"].update_one({"_id": key(1)}, {"$set": {"version_id": None, "text": TEXT}})
            done = await remove(opened, judged, datetime.now(UTC))
            mongo["quarantine"].update_many({}, {"$set": {"is_unfinished": True}})
            mongo["pages"].delete_many({})
            await finish_removals(opened, datetime.now(UTC))
            return done

    assert asyncio.run(work()) == {key(2)}
    assert [found["_id"] for found in mongo["articles"].find()] == [key(1)]
    assert [found["_id"] for found in mongo["pages"].find()] == [key(2)]


def test_other_filters_are_refused(run_scrapy: Run) -> None:
    done = run_scrapy("articles", "doctor", "--since", "2026-01-01")
    assert done.returncode == 2
    assert "not --since" in done.stderr
