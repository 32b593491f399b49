"""Stories on a real MongoDB: any order and any number of workers end with the same ones."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import random
import signal
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from bson import ObjectId
from pymongo.asynchronous.collection import AsyncCollection
from story_articles import SEEN, article, partition, prose, reworded, with_stories

from newsspider.items import Article
from newsspider.mongo.server import data_folder
from newsspider.mongo.server.connection import Connection
from newsspider.mongo.server.retry import Retry
from newsspider.mongo.stories.fingerprint_document import Link
from newsspider.mongo.stories.groups import Member, connected_components
from newsspider.mongo.stories.repair import recluster
from newsspider.mongo.stories.stories import Stories, StoryAssignment, StoryAssignmentError


@pytest.fixture
def run(mongo_uri: str, database: str) -> Callable[[Callable[[Stories, Any], Awaitable[Any]]], Any]:
    return lambda work: asyncio.run(with_stories(mongo_uri, database, work))


def place(run: Any, *articles: Article) -> list[StoryAssignment]:
    async def work(stories: Stories, _: Any) -> list[StoryAssignment]:
        return [(await stories.assign([one]))[0] for one in articles]

    return run(work)


def once_after(owner: Any, name: str, work: Callable[[], Awaitable[Any]]) -> None:
    """Make the next call of a method of `owner` do `work` behind it."""
    method = getattr(owner, name)

    async def call(*args: Any) -> None:
        setattr(owner, name, method)
        await method(*args)
        await work()

    setattr(owner, name, call)


def corpus(groups: int = 12, copies: int = 4) -> list[Article]:
    made = []
    for group in range(groups):
        text = prose(group)
        for copy in range(copies):
            body = text if copy == 0 else reworded(text, 100 * group + copy)
            made.append(article(f"s{copy}.example/{group:03}", body, title=f"第{group}座桥修好了"))
    return made


TRUTH = {frozenset(f"s{copy}.example/{group:03}" for copy in range(4)) for group in range(12)}


@pytest.mark.parametrize(
    ("sides", "expired", "is_joined"),
    [(("ab", "ba"), "", True), (("ab",), "", False), (("ab",), "b", True), (("ac", "bc"), "", False)],
)
def test_link_counts_by_both_sides(sides: Sequence[str], expired: str, is_joined: bool) -> None:
    """Of a fingerprint that has expired the other side tells; who is no more joins nobody."""
    members = {key: Member(key, order=b"" if key in expired else b"1") for key in "ab"}
    for own, other in sides:
        members[own].links.append(Link(other, "reprint", 1.0, 1.0))
    roots = connected_components(members.values())
    assert roots.keys() == members.keys()
    assert (roots["a"] == roots["b"]) is is_joined


def test_copy_joins_the_story_of_the_first(run: Any, mongo: Any) -> None:
    first, second = place(run, article("a.example/1", prose(1)), article("b.example/1", reworded(prose(1), 2)))
    assert first.story_id == second.story_id == "a.example/1"
    assert first.duplicate_of is None
    assert second.duplicate_of == "a.example/1"
    told = mongo["stories"].find_one({"_id": "a.example/1"})
    assert told["n"] == 2
    assert told["sites"] == ["a.example", "b.example"]
    assert [member["relation"] for member in told["members"]] == ["canonical", "reprint"]


def test_other_text_is_another_story(run: Any) -> None:
    placed = place(run, article("a.example/1", prose(1)), article("b.example/2", prose(2)))
    assert [p.story_id for p in placed] == ["a.example/1", "b.example/2"]


def test_earlier_publication_becomes_canonical_and_the_articles_learn_it(run: Any, mongo: Any) -> None:
    mongo["articles"].insert_one({"_id": "a.example/1", "story_id": "a.example/1", "duplicate_of": None})
    early = article("b.example/1", prose(1), published_at=SEEN - timedelta(days=2))
    placed = place(run, article("a.example/1", prose(1)), early)
    assert placed[1].story_id == "a.example/1"
    assert placed[1].duplicate_of is None
    assert mongo["articles"].find_one({"_id": "a.example/1"})["duplicate_of"] == "b.example/1"


def test_publication_after_the_fetch_is_a_wrong_clock(run: Any, mongo: Any) -> None:
    place(run, article("a.example/1", prose(1), published_at=SEEN + timedelta(days=900)))
    assert mongo["fingerprints"].find_one({})["d"] == SEEN.replace(hour=0)


def test_source_that_is_named_comes_first(run: Any, mongo: Any) -> None:
    copy = {"source": "临河日报", "source_url": "https://linhe.example/"}
    late = article("linhe.example/1", prose(1), published_at=SEEN, **copy)
    early = article("a.example/1", prose(1), published_at=SEEN - timedelta(hours=5), **copy)
    place(run, early, late)
    told = mongo["stories"].find_one({})
    assert told["canonical_id"] == "linhe.example/1"
    assert told["original_source"] == "临河日报"


def test_beyond_the_window_only_the_same_body_is_found(run: Any) -> None:
    old = {"published_at": SEEN - timedelta(days=60)}
    placed = place(
        run,
        article("a.example/1", prose(1), **old),
        article("b.example/1", prose(1)),
        article("c.example/1", prose(2), **old),
        article("d.example/1", reworded(prose(2), 3)),
    )
    assert [p.story_id for p in placed] == ["a.example/1", "a.example/1", "c.example/1", "d.example/1"]


def test_same_article_of_a_site_under_another_address_is_an_alias(run: Any, mongo: Any) -> None:
    placed = place(run, article("a.example/2", prose(1)), article("a.example/1", prose(1)))
    assert placed[1].alias_of == "a.example/2"
    assert [found["_id"] for found in mongo["fingerprints"].find()] == ["a.example/2"]


@pytest.mark.parametrize("is_first_stored", [True, False])
def test_second_address_left_by_a_killed_worker_is_an_alias(run: Any, mongo: Any, is_first_stored: bool) -> None:
    """A worker that dies between the fingerprint and its removal leaves it to be taken for a copy by others."""
    text = prose(1)
    first, second, copy = (article(key, text) for key in ("a.example/1", "a.example/1-print", "b.example/1"))

    async def work(stories: Stories, database: Any) -> list[StoryAssignment]:
        await stories.assign([first])
        await stories.index._fingerprints.insert_one(stories.index.incoming(second).document.to_document())
        await stories.assign([copy])
        if is_first_stored:
            await database["articles"].insert_one({"_id": first._id, "story_id": first._id})
        return await stories.assign([first, second])

    placed = run(work)
    assert [one.alias_of for one in placed] == [None, first._id]
    assert partition(mongo) == {frozenset({first._id, copy._id})}
    assert {member["id"] for member in mongo["stories"].find_one({})["members"]} == {first._id, copy._id}


@pytest.mark.server
def test_links_lost_when_mongod_dies_between_two_writes_are_found_again(tmp_path: Path) -> None:
    """The driver repeats what comes next on the new process, so that no error tells of the loss."""
    item, copy = article("a.example/1", prose(1)), article("b.example/1", reworded(prose(1), 2))

    async def work() -> list[Any]:
        connection = await Connection.open(None, "news", tmp_path)
        try:
            stories = Stories(connection.db)
            await stories.assign([item])

            async def die() -> None:
                os.kill(data_folder.process_id(tmp_path) or 0, signal.SIGKILL)
                await asyncio.sleep(0.5)
                await connection.revive()

            once_after(stories.index, "write_links", die)
            await stories.assign_each([copy], Retry(60))
            return await connection.db["fingerprints"].find({}, {"cl": True, "e.i": True}).sort("_id").to_list()
        finally:
            await connection.close()

    assert asyncio.run(work()) == [
        {"_id": "a.example/1", "cl": "a.example/1", "e": [{"i": "b.example/1"}]},
        {"_id": "b.example/1", "cl": "a.example/1", "e": [{"i": "a.example/1"}]},
    ]


def test_digest_quotes_and_stays_apart(run: Any) -> None:
    item = article("a.example/1", prose(1, 6), title="桥修好了")
    digest = article("b.example/9", "\n".join(prose(n, 6) for n in (1, 2, 3, 4)), title="早间要闻")
    placed = place(run, item, digest)
    assert placed[1].story_id == "b.example/9"
    assert placed[1].quotes == ["a.example/1"]


def test_crawled_again_changes_nothing(run: Any, mongo: Any) -> None:
    def stored() -> list[Any]:
        return [*mongo["stories"].find().sort("_id"), *mongo["fingerprints"].find({}, {"exp": False}).sort("_id")]

    made = corpus(3)
    place(run, *made)
    before = stored()
    again = place(run, *made)
    assert stored() == before
    assert [p.story_id for p in again] == [f"s0.example/{n // 4:03}" for n in range(12)]


def test_changed_body_leaves_the_story_and_the_log_says_so(run: Any, mongo: Any) -> None:
    place(run, article("a.example/1", prose(1)), article("b.example/1", prose(1)), article("c.example/1", prose(1)))
    placed = place(run, article("b.example/1", prose(7)))
    assert placed[0].story_id == "b.example/1"
    told = mongo["stories"].find_one({"_id": "a.example/1"})
    assert [member["id"] for member in told["members"]] == ["a.example/1", "c.example/1"]
    assert told["log"][-1]["left"] == ["b.example/1"]


def test_story_id_stays_when_an_article_with_a_smaller_id_joins(run: Any, mongo: Any) -> None:
    placed = place(run, article("z.example/1", prose(1)), article("a.example/1", reworded(prose(1), 2)))
    assert [p.story_id for p in placed] == ["z.example/1"] * 2
    assert mongo["stories"].find_one({"_id": "z.example/1"})["n"] == 2


def test_story_id_stays_when_a_clock_has_jumped_back(run: Any, mongo: Any) -> None:
    place(run, article("b.example/1", prose(1)))
    mongo["fingerprints"].update_one({}, {"$set": {"s": ObjectId.from_datetime(datetime(2099, 1, 1, tzinfo=UTC))}})
    placed = place(run, article("a.example/1", prose(1)), article("b.example/1-print", prose(1)))
    assert [(p.story_id, p.alias_of) for p in placed] == [("b.example/1", None), ("b.example/1", "b.example/1")]


def halves(one: int, other: int) -> tuple[str, str, str]:
    """Return two texts that are no copies of each other, and one that is a copy of both."""
    lines, rest, most = prose(one, 20).split("\n"), prose(other, 20).split("\n"), 4
    return "\n".join(lines + rest[:most]), "\n".join(lines[-most:] + rest), "\n".join(lines + rest)


def test_two_stories_that_turn_out_to_be_one_go_on_as_the_older(run: Any, mongo: Any) -> None:
    left, right, both = halves(1, 2)
    place(run, article("n.example/1", left), article("m.example/1", left), article("b.example/1", right))
    place(run, article("a.example/1", right))
    before = {found["_id"]: found["cl"] for found in mongo["fingerprints"].find()}
    assert set(before.values()) == {"n.example/1", "b.example/1"}
    mongo["articles"].insert_many([{"_id": key, "story_id": story} for key, story in before.items()])
    place(run, article("c.example/1", both))
    assert {found["cl"] for found in mongo["fingerprints"].find()} == {"n.example/1"}
    assert {found["story_id"] for found in mongo["articles"].find()} == {"n.example/1"}
    gone = mongo["stories"].find_one({"_id": "b.example/1"})
    assert (gone["n"], gone["merged_into"]) == (0, "n.example/1")


def test_who_leaves_the_story_it_gave_its_id_gets_another_one(run: Any, mongo: Any) -> None:
    place(run, article("a.example/1", prose(1)), article("b.example/1", prose(1)), article("c.example/1", prose(1)))
    (placed,) = place(run, article("a.example/1", prose(7)))
    assert placed.story_id is not None and placed.story_id.startswith("a.example/1#")
    assert [m["id"] for m in mongo["stories"].find_one({"_id": "a.example/1"})["members"]] == [
        "b.example/1",
        "c.example/1",
    ]
    (again,) = place(run, article("a.example/1", prose(7)))
    assert again.story_id == placed.story_id


def test_small_change_keeps_the_story_and_its_id(run: Any, mongo: Any) -> None:
    place(run, article("a.example/1", prose(1)), article("b.example/1", prose(1)))
    (placed,) = place(run, article("a.example/1", reworded(prose(1), 3)))
    assert placed.story_id == "a.example/1"
    assert partition(mongo) == {frozenset({"a.example/1", "b.example/1"})}


def test_expired_fingerprints_leave_the_story_whole(run: Any, mongo: Any) -> None:
    made = [article(f"{name}.example/1", prose(1)) for name in "ab"]
    placed = place(run, *made)
    for one, placement in zip(made, placed, strict=True):
        placement.mark(one)
        mongo["articles"].insert_one(one.to_document() | {"first_seen_at": SEEN})
    mongo["fingerprints"].delete_many({})
    (late,) = place(run, article("c.example/1", prose(1), published_at=SEEN + timedelta(days=90)))
    assert late.story_id == "a.example/1"
    (again,) = place(run, article("b.example/1", prose(1)))
    assert again.story_id == "a.example/1"
    told = mongo["stories"].find_one({"_id": "a.example/1"})
    assert {member["id"] for member in told["members"]} == {"a.example/1", "b.example/1", "c.example/1"}


def test_worker_stopped_before_it_compared_is_made_up_for(run: Any, mongo: Any) -> None:
    made = article("a.example/1", prose(1)), article("b.example/1", prose(1))

    async def stopped(stories: Stories, _: Any) -> None:
        for one in made:
            await stories.index.insert([stories.index.incoming(one)])

    run(stopped)
    assert [p.story_id for p in place(run, *made)] == ["a.example/1"] * 2
    assert partition(mongo) == {frozenset({"a.example/1", "b.example/1"})}


def test_article_left_uncompared_is_compared_even_if_a_copy_has_met_it(run: Any, mongo: Any) -> None:
    """It shares a story with the copy, but only its own links hold the others in it."""
    first, second, third = (one for one in corpus(1, 3))

    async def stopped(stories: Stories, _: Any) -> None:
        await stories.assign([third])
        await stories.index.insert([stories.index.incoming(first)])
        await stories.assign([second])

    run(stopped)
    assert mongo["fingerprints"].find_one({"_id": first._id})["cl"] is None
    place(run, first)
    assert {link["i"] for link in mongo["fingerprints"].find_one({"_id": first._id})["e"]} == {second._id, third._id}
    assert partition(mongo) == {frozenset({first._id, second._id, third._id})}


def test_article_left_uncompared_gives_no_story_its_name(run: Any, mongo: Any) -> None:
    left, copy = article("a.example/1", prose(1)), article("b.example/1", prose(1))
    changed = article(copy._id, prose(2), fetched_at=SEEN + timedelta(hours=3))

    async def work(stories: Stories, _: Any) -> None:
        await stories.index.insert([stories.index.incoming(left)])
        for one in (copy, changed, left):
            await stories.assign([one])

    run(work)
    assert partition(mongo) == {frozenset({left._id}), frozenset({copy._id})}


def test_link_to_a_text_that_is_replaced_meanwhile_is_none(run: Any, mongo: Any) -> None:
    """Another worker replaces the text between the comparison and the writing of the link."""
    first, copy = article("a.example/1", prose(1)), article("b.example/1", prose(1))
    changed = article(first._id, prose(2), fetched_at=SEEN + timedelta(hours=3))

    async def work(stories: Stories, database: Any) -> None:
        await stories.assign([first])
        once_after(stories.index, "find_links", lambda: Stories(database).assign([changed]))
        await stories.assign([copy])

    run(work)
    assert partition(mongo) == {frozenset({first._id}), frozenset({copy._id})}
    assert mongo["stories"].count_documents({"n": {"$gt": 0}}) == 0


def test_worker_gives_no_story_to_a_text_it_has_not_compared(run: Any, mongo: Any) -> None:
    """Another worker puts a copy in the article's place while this one has found none, and is killed."""
    first, other = article("a.example/1", prose(1)), article("b.example/1", prose(2))
    changed = article(first._id, prose(2), fetched_at=SEEN + timedelta(hours=3))

    async def work(stories: Stories, _: Any) -> None:
        await stories.assign([other])
        once_after(stories.index, "find_links", lambda: stories.index.insert([stories.index.incoming(changed)]))
        with pytest.raises(StoryAssignmentError) as failure:
            await stories.assign([first])
        assert failure.value.is_passing
        await stories.assign([first])
        await stories.assign([changed])

    run(work)
    assert partition(mongo) == {frozenset({first._id, other._id})}


def test_earlier_text_does_not_settle_a_changed_one(run: Any, mongo: Any) -> None:
    made = corpus(1, 3)
    place(run, *made)
    changed = article(made[1]._id, reworded(made[1].text, 5, 2), made[1].title, fetched_at=SEEN + timedelta(hours=3))

    async def stopped(stories: Stories, _: Any) -> None:
        await stories.index.insert([stories.index.incoming(changed)])

    run(stopped)
    place(run, made[1], changed)
    assert partition(mongo) == {frozenset(one._id for one in made)}


class Killed(BaseException):
    """The worker is no more."""


@pytest.mark.parametrize("is_written", [False, True])
def test_worker_killed_at_any_write_is_made_up_for(
    mongo_uri: str, database: str, run: Any, mongo: Any, monkeypatch: pytest.MonkeyPatch, is_written: bool
) -> None:
    made = corpus(2, 3)
    changed = [
        article(one._id, one.text + "\n更正：周三停航。", one.title, fetched_at=SEEN + timedelta(hours=3))
        for one in made[1:5]
    ]
    batches = [made[2:3], [made[1], made[0], made[4]], [made[3], made[5]], changed]
    bulk_write = AsyncCollection.bulk_write
    left = 0

    async def write(self: Any, *args: Any, **options: Any) -> Any:
        nonlocal left
        left -= 1
        is_last = left == 0
        if is_written or not is_last:
            result = await bulk_write(self, *args, **options)
        if is_last:
            raise Killed
        return result

    async def work(stories: Stories, _: Any) -> None:
        for batch in batches:
            await stories.assign(batch)

    monkeypatch.setattr(AsyncCollection, "bulk_write", write)
    for step in range(1, 100):
        mongo.client.drop_database(database)
        left = step
        try:
            run(work)
        except Killed:
            left = 0
        else:
            break
        rest = random.Random(step).sample(made + changed, len(made + changed))
        place(run, *rest)
        assert partition(mongo) == {frozenset(one._id for one in made[:3]), frozenset(one._id for one in made[3:])}, (
            step
        )
        assert mongo["fingerprints"].count_documents({"$or": [{"m": True}, {"cl": None}]}) == 0, step
        assert sorted(found["n"] for found in mongo["stories"].find({"n": {"$gt": 0}})) == [3, 3], step
    assert 12 < step < 99


def test_article_placed_but_not_stored_is_told_again_whom_it_quotes(run: Any) -> None:
    notes = [article(f"a.example/{n}", prose(n, 6)) for n in range(3)]
    digest = article("b.example/1", "\n".join(note.text for note in notes), title="一周要闻")
    assert place(run, *notes, digest)[-1].quotes == place(run, digest)[0].quotes != []


def test_changed_article_is_left_to_the_worker_that_compares_it(run: Any, mongo: Any) -> None:
    made = [article(f"{name}.example/1", prose(1)) for name in "abc"]
    place(run, *made)
    changed = article("a.example/1", reworded(prose(1), 3))

    async def meanwhile(stories: Stories, _: Any) -> StoryAssignment:
        await stories.index.insert([stories.index.incoming(changed)])
        await stories.assign([made[1]])
        return (await stories.assign([changed]))[0]

    assert run(meanwhile).story_id == "a.example/1"
    assert {found["cl"] for found in mongo["fingerprints"].find()} == {"a.example/1"}
    assert mongo["stories"].find_one({"_id": "a.example/1"})["n"] == 3


def test_story_of_two_ends_when_one_leaves(run: Any, mongo: Any) -> None:
    place(run, article("a.example/1", prose(1)), article("b.example/1", prose(1)))
    place(run, article("b.example/1", prose(7)))
    assert mongo["stories"].find_one({"_id": "a.example/1"})["n"] == 0
    assert partition(mongo) == {frozenset({"a.example/1"}), frozenset({"b.example/1"})}


@pytest.mark.parametrize("seed", range(4))
def test_any_order_ends_with_the_same_stories(run: Any, mongo: Any, seed: int) -> None:
    made = corpus()
    random.Random(seed).shuffle(made)
    size = 1 + 5 * seed

    async def work(stories: Stories, _: Any) -> None:
        for start in range(0, len(made), size):
            await stories.assign(made[start : start + size])

    run(work)
    assert partition(mongo) == TRUTH
    first = {group: next(a._id for a in made if a._id.endswith(f"/{group:03}")) for group in range(12)}
    assert {s["_id"] for s in mongo["stories"].find({"n": 4})} == set(first.values())


def worker(uri: str, database: str, part: Sequence[Article], start_at: float) -> None:
    async def work(stories: Stories, _: Any) -> None:
        await asyncio.sleep(max(0, start_at - time.time()))
        for one in part:
            await stories.assign([one])

    asyncio.run(with_stories(uri, database, work))


def test_four_workers_at_once_split_no_story(mongo_uri: str, database: str, run: Any, mongo: Any) -> None:
    async def nothing(_: Stories, __: Any) -> None: ...

    run(nothing)
    made = corpus()
    context = multiprocessing.get_context("spawn")
    start_at = time.time() + 3
    workers = [context.Process(target=worker, args=(mongo_uri, database, made[n::4], start_at)) for n in range(4)]
    for one in workers:
        one.start()
    for one in workers:
        one.join(120)
    assert [one.exitcode for one in workers] == [0] * 4
    assert partition(mongo) == TRUTH
    assert {frozenset(m["id"] for m in s["members"]) for s in mongo["stories"].find({"n": {"$gt": 1}})} == TRUTH


def test_recluster_derives_the_same_stories_from_the_articles(run: Any, mongo: Any) -> None:
    made = corpus(5)
    place(run, *made)
    documents = [one.to_document() | {"first_seen_at": SEEN} for one in made]
    mongo["articles"].insert_many(documents)
    before = partition(mongo)
    mongo["fingerprints"].update_many({}, {"$set": {"cl": "s0.example/000", "nv": 0}})

    async def work(_: Stories, database: Any) -> Any:
        return await recluster(database)

    assert run(work) == {"articles": 20, "stories": 5, "copies": 15}
    assert partition(mongo) == before
    assert {found["story_id"] for found in mongo["articles"].find()} == {f"s0.example/{n:03}" for n in range(5)}


def test_fingerprints_expire_after_the_window(run: Any, mongo: Any) -> None:
    place(run, article("a.example/1", prose(1), published_at=SEEN - timedelta(days=3000)))
    left = mongo["fingerprints"].find_one({})["exp"] - datetime.now(UTC)
    assert timedelta(days=44) < left <= timedelta(days=45)
    assert mongo["fingerprints"].index_information()["expiry"]["expireAfterSeconds"] == 0


def stages(plan: Any) -> set[str]:
    if isinstance(plan, dict):
        own = {plan["stage"]} if isinstance(plan.get("stage"), str) else set()
        return own.union(*(stages(value) for value in plan.values()))
    return set().union(*(stages(value) for value in plan)) if isinstance(plan, list) else set()


@pytest.mark.parametrize(
    ("collection", "query"),
    [
        ("fingerprints", {"k": {"$in": [1, 2]}, "d": {"$gte": SEEN, "$lte": SEEN}}),
        ("fingerprints", {"hb": {"$in": ["x"]}, "nv": 1}),
        ("fingerprints", {"_id": {"$in": ["x"]}}),
        ("fingerprints", {"_id": "x", "e.i": {"$ne": "y"}}),
        ("articles", {"fingerprint.hb": {"$in": ["x"]}, "fingerprint.nv": 1}),
        ("articles", {"story_id": "x"}),
        ("stories", {"members.id": "x"}),
        ("stories", {"_id": {"$in": ["x"]}}),
    ],
)
def test_every_query_has_an_index(run: Any, mongo: Any, collection: str, query: dict[str, Any]) -> None:
    place(run, article("a.example/1", prose(1)))
    used = stages(mongo[collection].find(query).explain()["queryPlanner"]["winningPlan"])
    assert "COLLSCAN" not in used
    assert used & {"IXSCAN", "IDHACK"}
