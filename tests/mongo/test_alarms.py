"""Windows and alarms written by several processes at once, and by a write that is made twice."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from newsspider.alarms.judging import judge
from newsspider.alarms.window import FIELD_BITS, GOOD, MAX_ARTICLES, MAX_FETCHES, Fetch
from newsspider.mongo.alarms import AlarmLog
from newsspider.mongo.articles.tombstones import delete_contents
from newsspider.mongo.crawl_state.site_windows import add_notes, articles_update, fetches_update, load, rows_update
from newsspider.mongo.server.connection import Connection

SITE = "a.example"
START = datetime(2026, 3, 2, tzinfo=UTC)
ALL = sum(FIELD_BITS.values())


def entry(number: int, bits: int = ALL) -> dict[str, Any]:
    return {"k": f"{SITE}/{number}", "t": START + timedelta(hours=number), "f": bits, "s": [90], "n": 700}


def test_many_writers_one_bounded_window_and_one_alarm(
    mongo_uri: str, database: str, mongo: Any, tmp_path: Path
) -> None:
    now = START + timedelta(hours=320)

    async def work() -> None:
        connection = await Connection.open(mongo_uri, database, tmp_path)
        log = AlarmLog(connection.db)
        await log.prepare()
        good = [articles_update(SITE, [entry(number)]) for number in range(300)]
        await asyncio.gather(*(add_notes(connection.db, good[writer::4]) for writer in range(4)))
        bad = [articles_update(SITE, [entry(number, ALL & ~1)]) for number in range(300, 312)]
        await add_notes(connection.db, bad)
        await add_notes(connection.db, bad[-2:])  # the answer to the first attempt was lost
        fetches = [Fetch(START + timedelta(minutes=number), GOOD) for number in range(MAX_FETCHES + 50)]
        await add_notes(
            connection.db, [fetches_update(SITE, fetches), rows_update(SITE, "https://a.example/", 20, now)]
        )
        (window,) = [window async for window in load(connection.db, [SITE])]
        assert (len(window.articles), len(window.fetches)) == (MAX_ARTICLES - 2, MAX_FETCHES)
        assert [reading.key for reading in window.articles[-2:]] == [f"{SITE}/310", f"{SITE}/311"]
        judgements = [judge(window, (), now, now) for _ in range(4)]
        raised = await asyncio.gather(*(log.record(window, judgement, now) for judgement in judgements))
        assert sorted(map(len, raised)) == [0, 0, 0, 1]
        claimed = await asyncio.gather(*(log.claim_news(now) for _ in range(4)))
        assert sum(map(len, claimed)) == 1
        await connection.close()

    asyncio.run(work())
    assert mongo["alarms"].count_documents({"site": SITE, "kind": "field", "field": "source"}) == 1


def test_a_removed_article_leaves_no_words_in_an_alarm(
    mongo_uri: str, database: str, mongo: Any, tmp_path: Path
) -> None:
    example = {"id": f"{SITE}/1", "url": f"https://{SITE}/1", "explain": ["title: 一位居民的名字"]}
    mongo["alarms"].insert_one({"_id": "field-1", "first_bad": dict(example), "example": dict(example)})

    async def work() -> None:
        connection = await Connection.open(mongo_uri, database, tmp_path)
        await delete_contents(connection.db, [f"{SITE}/1"])
        await connection.close()

    asyncio.run(work())
    alarm = mongo["alarms"].find_one()
    assert (alarm["first_bad"]["explain"], alarm["example"]["explain"]) == ([], [])
