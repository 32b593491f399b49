"""Keys that a crowd of articles holds: they neither hide a copy nor cost every article of a batch."""

from __future__ import annotations

import asyncio
import random
from typing import Any

import pytest
from pymongo import monitoring
from story_articles import article, partition, prose, reworded, with_stories

from newsspider.items import Article
from newsspider.mongo.stories import candidates
from newsspider.mongo.stories.stories import Stories

NOTES, COPIED = 120, 40


def note(number: int, site: str = "s0.example", end: str = "") -> Article:
    """Return a templated note: its frame is that of all others, its figures are its own."""
    chance = random.Random(number)
    name, figures = "".join(chance.choices("甲乙丙丁戊己庚辛壬癸", k=4)), [chance.randint(100, 99999) for _ in range(8)]
    text = (
        f"{name}（{figures[0]}）昨日获融资买入{figures[1]}万元，占当日买入金额的{figures[2]}成，当前融资余额{figures[3]}万元，"
        f"占流通市值的{figures[4]}，超过历史百分位水平。融券方面，昨日融券偿还{figures[5]}股，融券卖出{figures[6]}股，"
        f"按当日收盘价计算，卖出金额较前一交易日有所变化，融券余额{figures[7]}万元，处于较低位置，投资者宜留意。{end}"
    )
    return article(f"{site}/{number:04}", text, title=f"{name}获融资买入{figures[1]}万元")


@pytest.fixture
def crowds_are_small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(candidates, "MAX_SHARING", 40)
    monkeypatch.setattr(candidates, "HOT_KEY_HOLDERS", 8)


def placed(mongo_uri: str, database: str, *batches: list[Article]) -> tuple[Stories, int]:
    """Place the batches one after the other; return the stories and how many articles MongoDB ranked for the last."""
    ranked = []

    class Aggregates(monitoring.CommandListener):
        def started(self, event: monitoring.CommandStartedEvent) -> None:
            ranked.extend([event.command_name] * (event.command_name == "aggregate"))

        def succeeded(self, event: monitoring.CommandSucceededEvent) -> None:
            pass

        def failed(self, event: monitoring.CommandFailedEvent) -> None:
            pass

    async def work(stories: Stories, _: Any) -> Stories:
        for batch in batches:
            ranked.clear()
            await stories.assign(batch)
        return stories

    return asyncio.run(with_stories(mongo_uri, database, work, event_listeners=[Aggregates()])), len(ranked)


@pytest.mark.usefixtures("crowds_are_small")
def test_copy_of_a_note_is_found_among_all_that_share_its_frame(mongo_uri: str, database: str, mongo: Any) -> None:
    notes = [note(number) for number in range(NOTES)]
    copy, other = note(COPIED, "s1.example", "（编辑 甲）"), article("s2.example/1", prose(1))
    stories, ranked = placed(mongo_uri, database, notes, [copy, other, note(NOTES)])
    assert stories.index.candidates.hot_keys
    assert ranked == 0
    groups = partition(mongo)
    assert {notes[COPIED]._id, copy._id} in groups
    assert sum(len(group) > 1 for group in groups) == 1


@pytest.mark.usefixtures("crowds_are_small")
def test_crowd_of_copies_is_one_story(mongo_uri: str, database: str, mongo: Any) -> None:
    text = prose(7, 40)
    copies = [article(f"s{number}.example/1", reworded(text, number, 2)) for number in range(60)]
    last = article("s99.example/1", reworded(text, 99, 2))
    _, ranked = placed(mongo_uri, database, copies, [last, article("s98.example/2", prose(2))])
    assert ranked == 1
    assert partition(mongo) == {frozenset(one._id for one in [*copies, last]), frozenset({"s98.example/2"})}
