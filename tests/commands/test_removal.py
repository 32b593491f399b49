"""`scrapy articles remove`, `find` and `tombstones`: nothing of a removed article stays, and nothing brings it back."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest
from library_site import HOST, QUICK, library, path
from mongo_articles import HOUR, MONDAY, article, article_store
from project import ROOT

from newsspider.cli.archive.persons import name_pattern
from newsspider.items import Article, RelatedLink
from newsspider.mongo.articles.documents import document_of, quarantined
from newsspider.mongo.articles.spool import Record, Spool, SpoolFile, expunge
from newsspider.mongo.articles.tombstones import text_hash
from newsspider.mongo.stories.stories import Stories

Run = Callable[..., CompletedProcess[str]]

NAME = "欧阳观澜"
TITLE = f"摆渡人{NAME}的四十年"
TEXT = "\n".join(f"{NAME}第{number}次把孩子们送过河口镇的渡口，收的是第{number}张旧船票。" for number in range(1, 14))
GONE = "news.hekou.example/2026/1"


def wanted(**fields: Any) -> Article:
    return article(1, TEXT, TITLE, **fields)


def copy(number: int, site: str) -> Article:
    return article(number, TEXT, TITLE, site=site, source="河口日报")


def pointing(number: int) -> Article:
    links = [
        RelatedLink(
            "相关阅读",
            0,
            f"https://news.hekou.example/2026/1?spm=a{number}",
            TITLE,
        ),
        RelatedLink("相关阅读", 1, "https://news.hekou.example/2026/77", "别的"),
    ]
    return article(number, f"第{number}篇说的是别的事情，同那个渡口没有关系。", f"别的事{number}", related=links)


@pytest.fixture
def store(mongo_uri: str, database: str, tmp_path: Path) -> Callable[..., list[str]]:
    """Store articles in order, with their stories, as a crawl does; return the outcomes."""

    async def save(articles: tuple[Article, ...]) -> list[str]:
        outcomes = []
        async with article_store(mongo_uri, database, tmp_path) as opened:
            stories = Stories(opened.connection.db)
            for one in articles:
                (await stories.assign([one]))[0].mark(one)
                outcomes.append(await opened.save(one))
        return outcomes

    return lambda *articles: asyncio.run(save(articles))


def everything(mongo: Any) -> str:
    return "\n".join(f"{name}: {found}" for name in mongo.list_collection_names() for found in mongo[name].find())


def spooled(folder: Path) -> Path:
    spool = Spool(folder, 1_000_000)
    spool.append([Record("article", {**document_of(one), "alias_of": None}) for one in (wanted(), article(8))])
    spool.append([Record("quarantine", quarantined(wanted(), "too large", MONDAY))])
    spool.close()
    assert spool.path is not None
    return spool.path


def test_nothing_of_a_removed_article_stays(run_scrapy: Run, store: Any, mongo: Any, tmp_path: Path) -> None:
    edited = wanted(fetched_at=MONDAY + HOUR)
    edited.text, edited.content_hash = f"{TEXT}\n更正：是四十一年。", None
    store(wanted(), edited, copy(2, "second.example"), copy(3, "third.example"), pointing(4), pointing(5))
    mongo["articles"].update_one({"_id": GONE}, {"$set": {"aliases": ["wap.hekou.example/a/1"]}})
    mongo["articles"].update_one(
        {"_id": GONE}, {"$set": {"disputed": {"title": TITLE, "text": TEXT, "seen_at": MONDAY, "reason": "x"}}}
    )
    mongo["articles"].update_one({"_id": pointing(5)._id}, {"$set": {"quotes": [GONE]}})
    mongo["pages"].update_one({"_id": GONE}, {"$set": {"meta.headline": TITLE}})
    mongo["pages"].insert_one(
        {"_id": "hekou.example/p2", "site": "hekou.example", "state": "done", "reason": f"alias of {GONE}"}
    )
    mongo["quarantine"].insert_one(quarantined(wanted(), "refused", MONDAY))
    spool = spooled(tmp_path / "data" / "spool")
    others = [mongo["articles"].find_one({"_id": one._id}) for one in (copy(2, ""), copy(3, ""))]
    assert mongo["stories"].find_one({"members.id": GONE})["n"] == 3

    done = run_scrapy("articles", "remove", f"https://{GONE}", "--reason", "request 17", "--copies")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [f"removed {key}" for key in (GONE, others[0]["_id"], others[1]["_id"])]
    assert NAME not in everything(mongo)
    assert [record.document["_id"] for record in SpoolFile(spool)] == [article(8)._id]
    kept = mongo["articles"].find_one({"_id": pointing(4)._id})
    assert ([row["title"] for row in kept["related"]], kept["revision"]) == (["别的"], 1)
    assert mongo["articles"].find_one({"_id": pointing(5)._id})["quotes"] == []
    tombstone = mongo["tombstones"].find_one({"_id": GONE})
    assert tombstone.keys() == {"_id", "keys", "hashes", "sites", "removed_at"}
    assert tombstone["keys"] == sorted([GONE, "wap.hekou.example/a/1", "hekou.example/p2"])
    assert len(tombstone["hashes"]) == 2
    entry = mongo["audit"].find_one()
    assert (entry["action"], entry["reason"], len(entry["articles"])) == ("remove", "request 17", 3)
    assert "request 17" in run_scrapy("articles", "audit").stdout
    again = run_scrapy("articles", "remove", GONE, "--reason", "x")
    assert (again.returncode, "no article" in again.stderr) == (1, True)


def test_the_story_of_a_removed_leader_gets_a_new_one(run_scrapy: Run, store: Any, mongo: Any) -> None:
    store(wanted(), copy(2, "second.example"), copy(3, "third.example"))
    story = mongo["stories"].find_one({"members.id": GONE})
    assert story["canonical_id"] == GONE
    done = run_scrapy("articles", "remove", GONE, "--reason", "request")
    assert "2 copies of them stay" in done.stderr
    after = mongo["stories"].find_one({"n": {"$gt": 0}})
    rest = sorted(member["id"] for member in after["members"])
    assert (after["_id"], after["n"], rest) == (story["_id"], 2, [copy(2, "")._id, copy(3, "")._id])
    leader, other = after["canonical_id"], next(key for key in rest if key != after["canonical_id"])
    stored = {found["_id"]: found for found in mongo["articles"].find()}
    assert (stored[leader]["duplicate_of"], stored[other]["duplicate_of"]) == (None, leader)
    assert {found["story_id"] for found in stored.values()} == {story["_id"]}
    before = stored
    assert run_scrapy("articles", "recluster").returncode == 0
    assert {found["_id"]: (found["story_id"], found["duplicate_of"]) for found in mongo["articles"].find()} == {
        key: (found["story_id"], found["duplicate_of"]) for key, found in before.items()
    }


def test_store_import_spool_and_restore_do_not_bring_it_back(
    run_scrapy: Run, store: Any, mongo: Any, tmp_path: Path
) -> None:
    assert store(wanted(), pointing(4), article(6)) == ["new"] * 3
    export, tombstones = tmp_path / "old.jsonl", tmp_path / "tombstones.jsonl"
    assert run_scrapy("articles", "export", "-o", str(export)).returncode == 0
    backup = {name: list(mongo[name].find()) for name in ("articles", "fingerprints", "pages")}
    assert run_scrapy("articles", "remove", GONE, "--reason", "request").returncode == 0

    elsewhere = wanted(_id="news.hekou.example/m/9", url="https://news.hekou.example/m/9")
    reprint = copy(9, "elsewhere.example")
    assert store(wanted(), elsewhere, reprint, pointing(4)) == ["removed", "removed", "new", "unchanged"]
    assert [row["title"] for row in mongo["articles"].find_one({"_id": pointing(4)._id})["related"]] == ["别的"]
    mongo["articles"].delete_one({"_id": reprint._id})
    mongo["fingerprints"].delete_one({"_id": reprint._id})

    path = spooled(tmp_path / "old")
    done = run_scrapy("articles", "import", str(export), str(path))
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("1 left out that were removed") == 2, done.stderr
    assert run_scrapy("articles", "recluster").returncode == 0
    assert TITLE not in everything(mongo)

    assert run_scrapy("articles", "tombstones", "export", "-o", str(tombstones)).returncode == 0
    assert TITLE not in tombstones.read_text("utf-8")
    for name in ("tombstones", "audit", *backup):
        mongo[name].delete_many({})
    for name, documents in backup.items():
        mongo[name].insert_many(documents)
    mongo["articles"].insert_one(
        backup["articles"][0]
        | {"_id": "news.hekou.example/m/9"}
        | {n: document_of(wanted())[n] for n in ("title", "text", "site")}
    )
    assert TITLE in everything(mongo)
    done = run_scrapy("articles", "tombstones", "import", str(tombstones))
    assert "2 articles that were there again" in done.stderr, done.stderr
    assert TITLE not in everything(mongo)
    assert mongo["articles"].count_documents({}) == 2
    assert {entry["action"] for entry in mongo["audit"].find()} == {"remove", "restore"}
    again = run_scrapy("articles", "tombstones", "import", str(tombstones))
    assert "0 articles" in again.stderr
    tombstones.write_text('{"tombstone": {"_id": "x"}}\n')
    broken = run_scrapy("articles", "tombstones", "import", str(tombstones))
    assert (broken.returncode, "line 1: not a tombstone" in broken.stderr) == (1, True)


def test_a_crawl_and_due_leave_a_removed_article_alone(run_scrapy: Run, site_server: Any, mongo: Any) -> None:
    server = site_server(library(1, 3))
    proxied = {"http_proxy": server.proxy_url}
    crawl = ("crawl", "news", "-a", f"url=http://{HOST}/news/", *QUICK)
    assert run_scrapy(*crawl, env=proxied).returncode == 0
    stored = sorted(found["_id"] for found in mongo["articles"].find())
    assert len(stored) == 5
    assert run_scrapy("articles", "remove", stored[0], "--reason", "request").returncode == 0
    asked = dict(server.requests)
    later = ("-s", "REVISIT_ARTICLE_S=0", "-s", "REVISIT_LISTING_S=0")
    for words in (crawl, ("crawl", "news", "-a", "due=1", *QUICK)):
        assert run_scrapy(*words, *later, env=proxied).returncode == 0
        assert sorted(found["_id"] for found in mongo["articles"].find()) == stored[1:]
    assert server.requests[path(1)] == asked[path(1)]
    # nothing is known of its page any more, as after a restore: it is fetched, and not stored
    mongo["pages"].delete_one({"_id": stored[0]})
    done = run_scrapy("crawl", "news", "-a", f"url=http://{HOST}{path(1)}", *QUICK, env=proxied)
    assert done.returncode == 0, done.stderr
    assert sorted(found["_id"] for found in mongo["articles"].find()) == stored[1:]
    page = mongo["pages"].find_one({"_id": stored[0]})
    assert (page["state"], page["reason"], page.get("next_visit")) == ("done", "removed", None)
    assert run_scrapy("articles", "remove", stored[1], "--site", HOST, "--reason", "x").returncode == 2
    done = run_scrapy("articles", "remove", "--site", HOST, "--reason", "the paper asked for it")
    assert f"{len(stored) - 1} articles of hezhou-news.example removed" in done.stderr
    assert mongo["tombstones"].count_documents({}) == len(stored)
    assert run_scrapy(*crawl, *later, env=proxied).returncode == 0
    assert mongo["articles"].count_documents({}) == 0


KILLED = """
import asyncio, os, signal, sys
from pymongo import monitoring
class Killer(monitoring.CommandListener):
    left = int(sys.argv[1])
    def started(self, event):
        if event.command_name in ("insert", "update", "delete", "commitTransaction", "bulkWrite"):
            Killer.left -= 1
            if Killer.left < 0:
                os.kill(os.getpid(), signal.SIGKILL)
    succeeded = failed = lambda self, event: None
monitoring.register(Killer())
from pymongo import AsyncMongoClient
from newsspider.mongo.upkeep.takedown import Order, finish_take_downs, take_down
async def main():
    async with AsyncMongoClient(sys.argv[2], tz_aware=True, appname="killed") as client:
        database = client[sys.argv[3]]
        await take_down(database, sys.argv[4:], Order("tester", "request"))
        await finish_take_downs(database)
asyncio.run(main())
"""


def end_transactions_of_the_killed(client: Any) -> None:
    """MongoDB keeps the transaction of a client that is gone, and its locks, for a minute; the test need not wait."""
    operations = client.admin.aggregate([{"$currentOp": {"idleSessions": True}}, {"$match": {"appName": "killed"}}])
    if sessions := [{"id": operation["lsid"]["id"]} for operation in operations if "transaction" in operation]:
        client.admin.command("killSessions", sessions)


def test_a_kill_in_the_middle_leaves_all_or_nothing(
    store: Any, run_scrapy: Run, mongo: Any, mongo_uri: str, database: str, soak: Callable[[Any, Any], Any]
) -> None:
    copies = [copy(2, "second.example"), copy(3, "third.example")]
    for writes in soak((2, 7, 10), range(16)):
        for name in ("articles", "revisions", "fingerprints", "stories", "pages", "tombstones", "audit"):
            mongo[name].delete_many({})
        store(wanted(), *copies, pointing(4))
        command = [sys.executable, "-c", KILLED, str(writes), mongo_uri, database, GONE]
        code = subprocess.run(command, cwd=ROOT, check=False, env={**os.environ, "PYTHONPATH": str(ROOT)}).returncode
        end_transactions_of_the_killed(mongo.client)
        tombstone = mongo["tombstones"].find_one({"_id": GONE})
        is_there = mongo["articles"].count_documents({"_id": GONE}) == 1
        assert is_there == (tombstone is None), (writes, code)
        assert mongo["audit"].count_documents({}) == (not is_there)
        if is_there:
            assert mongo["stories"].find_one({"members.id": GONE})["n"] == 3
            continue
        assert run_scrapy("articles", "doctor", "--fix").returncode in (0, 1)
        assert "is_unfinished" not in mongo["tombstones"].find_one({"_id": GONE})
        after = mongo["stories"].find_one({"n": {"$gt": 0}})
        assert (after["n"], after["canonical_id"] != GONE) == (2, True)
        assert [row["title"] for row in mongo["articles"].find_one({"_id": pointing(4)._id})["related"]] == ["别的"]


def test_find_says_where_a_person_is_named_and_what_was_looked_through(run_scrapy: Run, store: Any, mongo: Any) -> None:
    store(
        article(1, "記者歐陽觀瀾昨日到訪。", "渡口的早晨"),
        article(2, "没有人。", "没有人", authors=["欧阳 观澜"]),
        article(3, "没有人也没有船。", "旧事", removed=[]),
        article(4, "欧阳先生观澜而去。", "不是同一个名字"),
    )
    later = article(3, "没有人也没有船，第二版。", "旧事一则", fetched_at=MONDAY + HOUR)
    mongo["quarantine"].insert_one(quarantined(wanted(), "refused", MONDAY))
    mongo["articles"].update_one({"_id": article(3)._id}, {"$set": {"title": f"旧事：{NAME}"}})
    store(later)
    done = run_scrapy("articles", "find", "--person", "欧阳观澜")
    rows = [line.split("\t") for line in done.stdout.splitlines()[1:]]
    assert [(row[0], row[1], row[4][-2:]) for row in rows] == [
        ("articles 1", "text", "/1"),
        ("articles 1", "authors", "/2"),
        ("revisions 1", "title", "/3"),
        ("quarantine", "payload", "/1"),
    ], done.stdout
    assert "4 found; looked through 4 articles, 1 earlier versions, 1 documents in quarantine" in done.stderr
    assert run_scrapy("articles", "find").returncode == 2
    assert run_scrapy("articles", "find", "--person", "··").returncode == 2


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("张三", "張三說"),
        ("張三", "张三说"),
        ("阿卜杜拉·买买提", "阿卜杜拉•買買提"),
        ("王明", "王　明"),
        ("Ann Lee", "ＡＮＮ ＬＥＥ"),
        ("a.b", "A·B"),
    ],
)
def test_a_name_is_found_in_every_script_and_width(name: str, text: str) -> None:
    assert re.search(name_pattern(name), text, re.IGNORECASE)
    assert not re.search(name_pattern(name), "李四走了", re.IGNORECASE)


def test_a_hash_tells_a_text_on_its_site_and_no_other() -> None:
    assert text_hash("a.example", "题", TEXT) == text_hash("a.example", "另题", TEXT.replace("\n", " \n"))
    assert text_hash("a.example", "题", TEXT) != text_hash("b.example", "题", TEXT)
    assert text_hash("a.example", "图一", "请看大图") != text_hash("a.example", "图二", "请看大图")
    assert text_hash("a.example", "图", " ") is None


def test_a_spool_loses_the_removed_records_alone(tmp_path: Path) -> None:
    path = spooled(tmp_path)
    damaged = path.with_name(path.name + ".damaged")
    damaged.write_bytes(path.read_bytes() + b"\x00torn")
    assert expunge(tmp_path, {GONE}) == 4
    assert expunge(tmp_path, {GONE}) == 0
    assert NAME.encode() not in path.read_bytes() + damaged.read_bytes()
    assert damaged.read_bytes().endswith(b"torn")
