"""The store: what becomes of an article, and what outages, kills and rivals do to it (nothing)."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Coroutine, Iterator
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from mongo_articles import HOUR, MONDAY, TEXT, article, article_store
from project import ROOT
from pymongo import MongoClient

from newsspider.items import FetchedPage, RelatedLink, Visit
from newsspider.mongo.articles.documents import quarantined_json
from newsspider.mongo.articles.spool import Spool, SpoolFile
from newsspider.mongo.articles.spool_import import import_spools
from newsspider.mongo.articles.store import ArticleStore, QuarantinedError, StoreError
from newsspider.mongo.server import connection as connection_module
from newsspider.mongo.server.local_server import LocalServer
from newsspider.text import fold

KEY = "news.hekou.example/2026/1"
LATER = MONDAY + HOUR
CHANGED = "河口镇的渡船今天恢复通航。\n船工老周说，水位已经退了三米。"


class Runner:
    """Runs a test's coroutine on a store over this test's database."""

    def __init__(self, uri: str | None, database: str, folder: Path) -> None:
        self.uri, self.database, self.folder = uri, database, folder
        self.counts: Counter[str] = Counter()

    def __call__(self, work: Callable[[ArticleStore], Coroutine[Any, Any, Any]], **options: Any) -> Any:
        def count(name: str, number: int) -> None:
            self.counts[name] += number

        async def run() -> Any:
            options.setdefault("count", count)
            async with article_store(self.uri, self.database, self.folder, **options) as store:
                return await work(store)

        return asyncio.run(run())


@pytest.fixture
def run(mongo_uri: str, database: str, tmp_path: Path) -> Runner:
    return Runner(mongo_uri, database, tmp_path)


def test_new_unchanged_changed_and_unchanged_again(run: Runner, mongo: Any) -> None:
    async def work(store: ArticleStore) -> list[str]:
        return [
            await store.save(article(1)),
            await store.save(article(1, fetched_at=LATER)),
            await store.save(article(1, CHANGED, fetched_at=LATER + HOUR)),
            await store.save(article(1, CHANGED, fetched_at=LATER + 2 * HOUR)),
        ]

    assert run(work) == ["new", "unchanged", "changed", "unchanged"]
    stored = mongo["articles"].find_one({"_id": KEY})
    assert (stored["revision"], stored["text"]) == (2, CHANGED)
    assert stored["first_seen_at"] == MONDAY
    assert stored["version_seen_at"] == stored["fetched_at"] == LATER + HOUR
    assert stored["last_seen_at"] == LATER + 2 * HOUR
    assert stored["change"]["reason"] == ["text"]
    assert stored["change"]["paragraphs"][0]["old"] == [TEXT.split("\n")[1]]
    (earlier,) = mongo["revisions"].find()
    assert (earlier["_id"], earlier["text"], earlier["change"]) == (f"{KEY}#1", TEXT, None)
    assert (earlier["version_seen_at"], earlier["last_seen_at"]) == (MONDAY, LATER)


def test_version_whose_page_was_not_kept_does_not_point_to_the_page_of_the_version_before(
    run: Runner, mongo: Any
) -> None:
    first = article(1)
    first.visit = Visit("key", pages=(FetchedPage(first.url, 200, (), b"", MONDAY),))

    async def work(store: ArticleStore) -> list[str]:
        return [
            await store.save(first),
            await store.save(article(1, CHANGED, fetched_at=LATER)),
        ]

    async def keep(_: Any) -> bool:
        return True

    assert run(work, keep=keep) == ["new", "changed"]
    assert [found["kept_at"] for found in (mongo["revisions"].find_one(), mongo["articles"].find_one())] == [
        MONDAY,
        None,
    ]


def test_volatile_parts_are_refreshed_without_a_revision(run: Runner, mongo: Any) -> None:
    links = [RelatedLink("相关阅读", 0, "https://news.hekou.example/2026/9", "桥")]

    async def work(store: ArticleStore) -> list[str]:
        variant = article(1, TEXT.replace("，", ","), related=links, fetched_at=LATER, source="河口日报", tags=["渡船"])
        return [await store.save(article(1)), await store.save(variant)]

    assert run(work) == ["new", "unchanged"]
    stored = mongo["articles"].find_one()
    assert [link["title"] for link in stored["related"]] == ["桥"]
    assert (stored["text"], stored["source"], stored["tags"]) == (TEXT, "河口日报", ["渡船"])
    assert mongo["revisions"].count_documents({}) == 0


def test_older_fetch_never_overwrites_a_newer_version(run: Runner, mongo: Any) -> None:
    async def work(store: ArticleStore) -> list[str]:
        newer = await store.save(article(1, CHANGED, fetched_at=LATER))
        return [newer, await store.save(article(1, fetched_at=MONDAY))]

    assert run(work) == ["new", "older"]
    stored = mongo["articles"].find_one()
    assert (stored["text"], stored["revision"]) == (CHANGED, 1)
    assert (stored["first_seen_at"], stored["last_seen_at"]) == (MONDAY, LATER)


def test_clock_that_was_ahead_does_not_keep_later_versions_out(run: Runner, mongo: Any) -> None:
    async def ahead(store: ArticleStore) -> str:
        return await store.save(article(1, fetched_at=MONDAY + timedelta(days=400)))

    async def set_right(store: ArticleStore) -> str:
        return await store.save(article(1, CHANGED, fetched_at=LATER))

    assert run(ahead, now=lambda: MONDAY + timedelta(days=400)) == "new"
    assert run(set_right, now=lambda: LATER) == "changed"
    assert mongo["articles"].find_one()["last_seen_at"] == LATER


def test_time_of_a_server_ahead_of_us_is_not_believed(run: Runner, mongo: Any) -> None:
    async def work(store: ArticleStore) -> str:
        return await store.save(article(1, fetched_at=MONDAY + timedelta(days=400)))

    assert run(work, now=lambda: MONDAY) == "new"
    assert mongo["articles"].find_one()["last_seen_at"] == MONDAY


def test_alias_is_added_to_its_article_once(run: Runner, mongo: Any) -> None:
    async def work(store: ArticleStore) -> list[str]:
        copies = [
            article(2, alias_of=KEY),
            article(1),
            article(2, alias_of=KEY),
            article(3, alias_of="not.example/stored"),
        ]
        return list(await asyncio.gather(*map(store.save, copies)))

    assert run(work) == ["alias", "new", "alias", "new"]
    assert mongo["articles"].find_one({"_id": KEY})["aliases"] == ["news.hekou.example/2026/2"]
    in_place = mongo["articles"].find_one({"_id": "not.example/stored"})
    assert (in_place["aliases"], in_place["url"]) == ([article(3)._id], article(3).url)
    assert mongo["articles"].count_documents({}) == 2


def test_batches_on_their_way_at_once_do_not_share_an_article(run: Runner, mongo: Any) -> None:
    """Eight articles in a batch, their second addresses in the next and their changes in the one after: as in turn."""

    def parts(first: int) -> list[Any]:
        numbers = range(first, first + 8)
        second = [article(100 + n, alias_of=article(n)._id) for n in numbers]
        return [*map(article, numbers), *second, *(article(n, CHANGED, fetched_at=LATER) for n in numbers)]

    async def work(store: ArticleStore) -> list[str]:
        return list(await asyncio.gather(*(store.save(one) for first in range(1, 41, 8) for one in parts(first))))

    assert run(work, batch_size=8) == (["new"] * 8 + ["alias"] * 8 + ["changed"] * 8) * 5
    stored = list(mongo["articles"].find().sort("_id"))
    assert len(stored) == 40
    assert {(each["revision"], each["text"], len(each["aliases"])) for each in stored} == {(2, CHANGED, 1)}
    assert mongo["revisions"].count_documents({"text": TEXT}) == 40


def test_target_stored_after_its_alias_is_the_same_article(run: Runner, mongo: Any) -> None:
    twin = article(2, title=article(1).title, alias_of=KEY)

    async def work(store: ArticleStore) -> list[str]:
        return [await store.save(twin), await store.save(article(1, fetched_at=LATER))]

    assert run(work) == ["new", "unchanged"]
    (stored,) = mongo["articles"].find()
    assert (stored["_id"], stored["aliases"], stored["url"]) == (KEY, [twin._id], article(1).url)


def test_withdrawn_article_stays_marked_until_seen_again(run: Runner, mongo: Any) -> None:
    async def withdraw(store: ArticleStore) -> list[bool]:
        await store.save(article(1))
        return [await store.mark_withdrawn(KEY, at, 410) for at in (MONDAY - HOUR, LATER, LATER + HOUR)]

    async def reappear(store: ArticleStore) -> str:
        return await store.save(article(1, fetched_at=LATER + HOUR))

    assert run(withdraw) == [False, True, False]
    stored = mongo["articles"].find_one()
    assert (stored["withdrawn_at"], stored["withdrawn_status"], stored["text"]) == (LATER, 410, TEXT)
    assert run(reappear) == "unchanged"
    assert "withdrawn_at" not in mongo["articles"].find_one()


def test_page_is_marked_done_with_its_article(run: Runner, mongo: Any) -> None:
    async def work(store: ArticleStore) -> str:
        return await store.save(article(1))

    run(work)
    page = mongo["pages"].find_one({"_id": KEY})
    assert (page["state"], page["kind"], page["last_fetch"]) == ("done", "article", MONDAY)


MANY = [RelatedLink("b", 0, "https://x.example/", "t")] * 1_000_000


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (article(1, "长" * 7_000_000), "too large: 42,"),
        (article(1, related=MANY), "too many: 1,000,000 related"),
        (article(1, methods={"a\0b": "x"}), "a field name that cannot be stored"),
        (article(1, methods={"$where": "x"}), "a field name that cannot be stored"),
        (article(1, methods={"a.b": "x"}), "a field name that cannot be stored"),
        (article(1, tags=["\ud800"]), "surrogates not allowed"),
        (article(1, fingerprint={"bands": 2**70}), "8-byte ints"),
        (article(1, title="长" * 3000), "Document failed validation"),
    ],
    ids=["20 MB", "million links", "NUL in a key", "operator", "path", "surrogate", "large int", "schema"],
)
def test_what_cannot_be_stored_is_quarantined_with_its_reason(run: Runner, mongo: Any, bad: Any, reason: str) -> None:
    async def work(store: ArticleStore) -> list[Any]:
        return list(
            await asyncio.gather(
                store.save(article(2)), store.save(bad), store.save(article(3)), return_exceptions=True
            )
        )

    first, refused, last = run(work)
    assert (first, last) == ("new", "new")
    assert isinstance(refused, QuarantinedError) and reason in str(refused)
    kept = mongo["quarantine"].find_one()
    assert kept["article_id"] == KEY and reason in kept["reason"]
    assert '"title": "' in quarantined_json(kept)[:4000] or not kept["payload_is_whole"]
    assert run.counts["store/quarantined"] == 1
    assert mongo["pages"].find_one({"_id": KEY})["reason"] == "quarantine"


def test_quarantined_article_of_20_mb_is_kept_whole(run: Runner, mongo: Any) -> None:
    async def work(store: ArticleStore) -> None:
        with pytest.raises(QuarantinedError):
            await store.save(article(1, "长" * 7_000_000))

    run(work)
    kept = mongo["quarantine"].find_one()
    assert kept["payload_is_whole"]
    assert quarantined_json(kept).count("长") >= 7_000_000


def test_growing_revision_of_a_large_article_is_bounded(run: Runner, mongo: Any) -> None:
    async def work(store: ArticleStore) -> list[str]:
        large = [
            article(1, letter * 4_000_000, body_html="", fetched_at=at)
            for letter, at in (("甲", MONDAY), ("乙", LATER))
        ]
        return [await store.save(version) for version in large]

    assert run(work) == ["new", "changed"]
    assert mongo["articles"].find_one()["change"]["paragraphs"][0]["is_cut"]


def test_rivals_over_one_article_make_one_line_of_versions(run: Runner, mongo: Any) -> None:
    async def one_writer(store: ArticleStore, number: int) -> list[str]:
        return [await store.save(article(1, f"{TEXT}\n第{number}稿", fetched_at=LATER)) for _ in range(3)]

    async def work(store: ArticleStore) -> None:
        rivals = [ArticleStore(store.connection, fold=fold, options=store.options) for _ in range(6)]
        await store.save(article(1))
        await asyncio.gather(*[one_writer(rival, number) for number, rival in enumerate(rivals)])

    run(work)
    current = mongo["articles"].find_one()
    earlier = list(mongo["revisions"].find().sort("revision", 1))
    assert [version["revision"] for version in earlier] == list(range(1, current["revision"]))
    versions = [*earlier, current]
    for before, after in pairwise(versions):
        (run_of_lines,) = after["change"]["paragraphs"]
        assert before["text"].split("\n")[2:] == run_of_lines["old"]
        assert after["text"].split("\n")[2:] == run_of_lines["new"]
    assert {version["text"] for version in versions} >= {f"{TEXT}\n第{number}稿" for number in range(6)}


def test_rivals_over_new_articles_store_each_once(run: Runner, mongo: Any) -> None:
    async def work(store: ArticleStore) -> Counter[str]:
        rivals = [ArticleStore(store.connection, fold=fold, options=store.options) for _ in range(3)]
        saves = [rival.save(article(number)) for rival in rivals for number in range(50)]
        return Counter(await asyncio.gather(*saves))

    assert run(work) == {"new": 50, "unchanged": 100}
    assert mongo["articles"].count_documents({}) == 50


def test_step_down_of_the_primary_loses_nothing(run: Runner, mongo: Any, mongo_uri: str) -> None:
    async def work(store: ArticleStore) -> Counter[str]:
        saves = [asyncio.create_task(store.save(article(number))) for number in range(300)]
        admin = store.connection.client.admin
        await asyncio.sleep(0.01)
        await admin.command("replSetStepDown", 1, force=True)
        return Counter(await asyncio.gather(*saves))

    assert run(work, batch_size=20) == {"new": 300}
    assert mongo["articles"].count_documents({"revision": 1}) == 300


@pytest.fixture
def own_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalServer]:
    """A server of this test's own, to be killed and frozen; the client's patience is short."""
    monkeypatch.setitem(connection_module.CLIENT_OPTIONS, "serverSelectionTimeoutMS", 500)
    server = LocalServer.start(tmp_path / "mongo")
    yield server
    server.release()


def saved_in(server: LocalServer) -> Any:
    with MongoClient(server.uri) as client:
        return list(client["news"]["articles"].find({}, {"revision": True}))


@pytest.mark.server
def test_kill_in_the_middle_loses_nothing_and_stores_nothing_twice(own_server: LocalServer, tmp_path: Path) -> None:
    async def work(store: ArticleStore) -> Counter[str]:
        saves = [asyncio.create_task(store.save(article(number))) for number in range(600)]
        for _ in range(3):
            await asyncio.sleep(random.uniform(0.0, 0.1))
            pid = own_server.process_id
            assert pid is not None
            os.kill(pid, signal.SIGKILL)
            await asyncio.to_thread(own_server.revive)
        return Counter(await asyncio.gather(*saves))

    assert Runner(own_server.uri, "news", tmp_path)(work, batch_size=20) == {"new": 600}
    assert [document["revision"] for document in saved_in(own_server)] == [1] * 600


@pytest.mark.server
def test_private_server_that_dies_is_started_again_by_the_store(tmp_path: Path) -> None:
    async def work(store: ArticleStore) -> list[str]:
        first = await store.save(article(1))
        assert store.connection.server is not None and store.connection.server.process_id is not None
        os.kill(store.connection.server.process_id, signal.SIGKILL)
        return [first, await store.save(article(2))]

    assert Runner(None, "news", tmp_path / "mongo")(work) == ["new", "new"]


@pytest.mark.server
def test_frozen_server_is_waited_for(own_server: LocalServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(connection_module.CLIENT_OPTIONS, "socketTimeoutMS", 2000)
    pid = own_server.process_id
    assert pid is not None

    async def work(store: ArticleStore) -> Counter[str]:
        saves = [asyncio.create_task(store.save(article(number))) for number in range(200)]
        await asyncio.sleep(0.02)
        os.kill(pid, signal.SIGSTOP)
        asyncio.get_running_loop().call_later(6, os.kill, pid, signal.SIGCONT)
        return Counter(await asyncio.gather(*saves))

    assert Runner(own_server.uri, "news", tmp_path)(work, batch_size=20) == {"new": 200}
    assert [document["revision"] for document in saved_in(own_server)] == [1] * 200


@pytest.mark.server
def test_what_outlasts_the_patience_is_spooled_and_stored_by_the_next_run(
    own_server: LocalServer, tmp_path: Path
) -> None:
    gave_up: list[str] = []
    spool = Spool(tmp_path / "spool", 10_000_000)
    runner = Runner(own_server.uri, "news", tmp_path)

    async def lose(store: ArticleStore) -> list[Any]:
        first = await store.save(article(1))
        os.kill(own_server.process_id or 0, signal.SIGKILL)
        oversized = article(0, "长" * 7_000_000)
        return [
            first,
            *await asyncio.gather(
                *[store.save(article(n, fetched_at=LATER)) for n in (1, 2, 3)], store.save(oversized)
            ),
        ]

    outcomes = runner(lose, retry_s=0.3, spool=spool, gave_up=gave_up.append)
    assert outcomes == ["new", "spooled", "spooled", "spooled", "spooled"]
    assert runner.counts["store/spooled"] == 4
    assert len(gave_up) == 1 and "cannot be reached" in gave_up[0]
    own_server.revive()

    async def catch_up(store: ArticleStore) -> list[tuple[int, int]]:
        return [(done.stored, done.quarantined) for done in await import_spools(store, tmp_path / "spool")]

    assert runner(catch_up) == [(3, 1)]
    assert runner(catch_up) == []
    assert {document["_id"][-1] for document in saved_in(own_server)} == {"1", "2", "3"}


@pytest.mark.server
def test_full_spool_fails_loudly(own_server: LocalServer, tmp_path: Path) -> None:
    runner = Runner(own_server.uri, "news", tmp_path)

    async def lose(store: ArticleStore) -> Any:
        os.kill(own_server.process_id or 0, signal.SIGKILL)
        with pytest.raises(StoreError, match="SPOOL_MAX_MB"):
            await store.save(article(1))

    runner(lose, retry_s=0.1, spool=Spool(tmp_path / "spool", 10))
    assert runner.counts["store/failed"] == 1


def test_spooled_articles_are_put_into_their_stories(run: Runner, mongo: Any, tmp_path: Path) -> None:
    from newsspider.mongo.articles.entry import Entry
    from newsspider.mongo.articles.spool import Record
    from newsspider.mongo.stories.spooled import story_assigner

    text = "".join(chr(0x4E00 + number * 37 % 3000) for number in range(400))
    copies = [article(n, text, _id=f"s{n}.example/1", site=f"s{n}.example") for n in range(3)]
    spool = Spool(tmp_path / "spool", 10_000_000)
    spool.append(Record("article", Entry.of(one, MONDAY).document | {"alias_of": None}) for one in copies)
    spool.close()

    async def catch_up(store: ArticleStore) -> None:
        await import_spools(store, tmp_path / "spool", story_assigner(store.connection, 30, "all"))

    run(catch_up)
    assert [found["story_id"] for found in mongo["articles"].find()] == ["s0.example/1"] * 3
    assert mongo["stories"].find_one()["n"] == 3


def test_article_stored_after_its_story_was_settled_learns_it(run: Runner, mongo: Any) -> None:
    members = [{"id": KEY}, {"id": "a.example/1"}]

    async def work(store: ArticleStore) -> str:
        await store.connection.db["stories"].insert_one(
            {"_id": "a.example/1", "canonical_id": "a.example/1", "members": members}
        )
        return await store.save(article(1, story_id=KEY, fingerprint={"nv": 1, "hb": "x"}))

    assert run(work) == "new"
    stored = mongo["articles"].find_one()
    assert (stored["story_id"], stored["duplicate_of"]) == ("a.example/1", "a.example/1")


def test_cut_spool_gives_back_all_but_the_cut_record(run: Runner, mongo: Any, tmp_path: Path) -> None:
    from newsspider.mongo.articles.entry import Entry
    from newsspider.mongo.articles.spool import Record

    spool = Spool(tmp_path / "spool", 10_000_000)
    spool.append(Record("article", Entry.of(article(n), MONDAY).document | {"alias_of": None}) for n in range(5))
    spool.close()
    assert spool.path is not None
    data = spool.path.read_bytes()
    spool.path.write_bytes(data[: len(data) // 2] + data[len(data) // 2 + 10 :])
    assert len(list(SpoolFile(spool.path))) == 4

    async def catch_up(store: ArticleStore) -> list[int]:
        return [done.stored for done in await import_spools(store, tmp_path / "spool")]

    assert run(catch_up) == [4]
    assert mongo["articles"].count_documents({}) == 4
    assert [path.suffix for path in (tmp_path / "spool").iterdir()] == [".damaged"]


WRITER = """
import asyncio, sys
from pathlib import Path
sys.path[:0] = [sys.argv[4], sys.argv[4] + "/tests"]
from mongo_articles import *
async def save_all():
    async with article_store(sys.argv[1], sys.argv[2], Path(sys.argv[3]), batch_size=7) as store:
        async def save(number):
            print(number, await store.save(article(number, CHANGED, fetched_at=MONDAY + HOUR)), flush=True)
        await asyncio.gather(*map(save, range(200)))
CHANGED = TEXT + "\\n续航。"
asyncio.run(save_all())
"""


def test_killed_writer_leaves_no_half_state(
    run: Runner, mongo: Any, mongo_uri: str, start_python: Any, tmp_path: Path
) -> None:
    async def first_versions(store: ArticleStore) -> None:
        await asyncio.gather(*[store.save(article(number)) for number in range(200)])

    run(first_versions)
    acknowledged: set[str] = set()
    arguments = (mongo_uri, mongo.name, str(tmp_path), str(ROOT))
    for kill_after in (1, 15, 60, 130):
        writer = start_python(WRITER, *arguments)
        while writer.output.count("\n") < kill_after:
            assert writer.poll() in (None, 0), writer.errors
            time.sleep(0.005)
        writer.kill()
        writer.wait()
        acknowledged |= {line.split()[0] for line in writer.output.splitlines(keepends=True) if line.endswith("\n")}
    for number in acknowledged:
        assert mongo["articles"].find_one({"_id": f"news.hekou.example/2026/{number}"})["revision"] == 2
    last = start_python(WRITER, *arguments)
    assert last.wait() == 0, last.errors
    assert mongo["articles"].count_documents({"revision": 2}) == 200
    assert mongo["revisions"].count_documents({"revision": 1, "text": TEXT}) == 200
    assert mongo["revisions"].count_documents({}) == 200
