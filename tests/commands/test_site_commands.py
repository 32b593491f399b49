"""`scrapy sites`: what an operator says, and that crawls keep to it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from library_site import QUICK, article, asked, library, listing, path, stored
from pymongo import AsyncMongoClient

from benchmarks.invented.site import Site
from newsspider.mongo.crawl_state.site_controls import add_days, recount, take_requests
from newsspider.mongo.crawl_state.site_records import overview, write_control

OTHER = "www.linjiang-news.example"
NOW = datetime(2026, 12, 1, 4, tzinfo=UTC)


def other_site() -> Site:
    site = Site("linjiang", OTHER, [f"http://{OTHER}/news/"], scheme="http")
    site.add("/news/", listing([201, 202]))
    for number in (201, 202):
        site.add(path(number), article(number))
    return site


def test_crawls_keep_to_what_an_operator_says(
    run_scrapy: Callable[..., Any], site_server: Any, mongo: Any, tmp_path: Path
) -> None:
    server = site_server(library(), other_site())
    first, second = server.url("/news/"), server.url("/news/", OTHER)
    table = tmp_path / "sites.csv"
    table.write_text(f"url,labels,daily_budget\n{first},图书馆,6\nftp://x.example/,,\n{second},,\n", "utf-8")

    added = run_scrapy("sites", "add", "--file", str(table))
    assert added.returncode == 1
    assert added.stderr.splitlines() == [
        f"newsspider: {table}, line 3: 'ftp://x.example/' is not an http(s) URL",
        "2 added, 0 known already, 1 lines are wrong; scrapy crawl news -a due=1 fetches them",
    ]
    waiting = run_scrapy("sites", "list", "--waiting", "--json").stdout.splitlines()
    assert {(row["site"], row["pages_due"]) for row in map(json.loads, waiting)} == {("127.0.0.1", 1), ("127.0.0.2", 1)}
    assert run_scrapy("sites", "list", "--held").stderr == "0 sites\n"
    assert "2 known already" in run_scrapy("sites", "add", first, second).stderr
    assert run_scrapy("sites", "pause", second, "--until", "2099-01-01").stdout == "127.0.0.2\tpaused\n"

    crawl = ("crawl", "news", "-a", f"url={first},{second}", *QUICK)
    done = run_scrapy(*crawl)
    assert done.returncode == 0, done.stderr
    assert len(server.log) == 6  # the budget; the paused site is not asked, not even for its robots.txt
    assert "127.0.0.1 has used up its 6 requests of today, next at" in done.stderr
    assert "127.0.0.2 is paused until 2099-01-01 00:00 Beijing time: 1 page not asked for" in done.stderr
    assert mongo["site_days"].find_one({"site": "127.0.0.1"})["requests"] == 6

    again = run_scrapy(*crawl)
    assert (again.returncode, len(server.log)) == (0, 6), again.stderr
    put_off = mongo["pages"].find_one({"seed": True, "site": "127.0.0.1"})
    assert (put_off["state"], put_off["next_visit"].hour, put_off["next_visit"].minute) == ("queued", 16, 0)

    assert run_scrapy("sites", "set", "127.0.0.1", "--daily-budget", "", "--interval", "6h").returncode == 0
    assert "new" in run_scrapy(*crawl).stderr
    assert stored(mongo) == {*range(1, 19), 101, 102}
    listing_page = mongo["pages"].find_one({"seed": True, "site": "127.0.0.1"})
    assert listing_page["interval_s"] == 6 * 3600

    rows = [
        json.loads(line) for line in run_scrapy("sites", "list", "--json", "--sort", "articles").stdout.splitlines()
    ]
    assert [(row["site"], row["state"], row.get("articles")) for row in rows] == [
        ("127.0.0.1", "active", 20),
        ("127.0.0.2", "paused", None),
    ]
    assert rows[0]["labels"] == ["图书馆"]
    assert rows[0]["last_new_at"].endswith("Z")
    assert rows[0]["next_due"] > rows[0]["last_new_at"][:10]
    assert "\n127.0.0.1\tactive\t20\t" in run_scrapy("sites", "list", "--label", "图书馆", "--state", "active").stdout
    shown = run_scrapy("sites", "show", first).stdout
    for words in ("visited again      after 6 h at the earliest", "articles           20", "(+08:00)", "typed"):
        assert words in shown
    assert "fresh" not in shown

    assert run_scrapy("sites", "retire", "127.0.0.1").returncode == 0
    retired = run_scrapy("crawl", "news", "-a", f"url={first}", *QUICK, "-s", "REVISIT_ARTICLE_S=0")
    assert (retired.returncode, "127.0.0.1 is retired: 1 page not asked for" in retired.stderr) == (0, True)
    assert run_scrapy("sites", "remove", "127.0.0.1").stdout.startswith("127.0.0.1\tremoved\t")
    assert mongo["pages"].count_documents({"site": "127.0.0.1"}) == 0
    assert mongo["articles"].count_documents({}) == 20
    assert "127.0.0.1" not in run_scrapy("sites", "list").stdout
    assert "127.0.0.1\tremoved" in run_scrapy("sites", "list", "--state", "all").stdout
    assert asked(server).keys() == {path(n) for n in stored(mongo)}


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["show", "nosuch.example"], 1, "unknown site nosuch.example"),
        (["pause", "nosuch.example"], 1, "unknown site nosuch.example"),
        (["pause", "a.example", "--until", "soon"], 2, "'soon' is not a date"),
        (["pause", "a.example", "--until", "2001-01-01"], 2, "this time is over"),
        (["set", "a.example"], 2, "sites set needs an option"),
        (["set", "a.example", "--quiet-hours", "night"], 2, "quiet_hours: 'night' is not"),
        (["add"], 2, "sites add needs a name"),
        (["add", "--file", "nosuch.txt"], 1, "cannot read nosuch.txt"),
        (["list", "extra"], 2, "takes options only"),
        (["remove", "a.example", "--articles"], 2, "--articles needs --reason"),
        (["fly"], 2, "no action given"),
    ],
)
def test_wrong_use_is_one_line(run_scrapy: Callable[..., Any], arguments: list[str], code: int, told: str) -> None:
    done = run_scrapy("sites", *arguments)
    assert (done.returncode, done.stdout) == (code, ""), done.stderr
    assert told in done.stderr
    assert "Traceback" not in done.stderr


def test_processes_share_a_budget(mongo_uri: str, database: str) -> None:
    async def work() -> tuple[int, int, int]:
        async with AsyncMongoClient(mongo_uri, tz_aware=True) as client:
            db = client[database]
            asks = [take_requests(db, "a.example", NOW, count=7, budget=50) for _ in range(12)]
            taken = sum(await asyncio.gather(*asks))
            await add_days(db, {("a.example", "2026-12-01"): {"requests": -5}})
            returned = await take_requests(db, "a.example", NOW, count=7, budget=50)
            tomorrow = await take_requests(db, "a.example", NOW + timedelta(days=1), count=7, budget=50)
            return taken, returned, tomorrow

    assert asyncio.run(work()) == (50, 5, 7)


def test_the_list_reads_an_index_entry_per_site(mongo: Any, mongo_uri: str, database: str) -> None:
    async def prepared() -> int:
        from newsspider.mongo.schema import ensure_indexes

        async with AsyncMongoClient(mongo_uri, tz_aware=True) as client:
            await ensure_indexes(client[database])
            return await recount(client[database])

    sites = [f"s{number}.example" for number in range(40)]
    mongo["articles"].insert_many({"_id": f"{site}/{n}", "site": site} for site in sites[:2] for n in range(3))
    mongo["pages"].insert_many(
        {"_id": f"{site}/{n}", "site": site, "state": "done", "next_visit": NOW + timedelta(hours=n)}
        for site in sites
        for n in range(25)
    )
    mongo["alarms"].insert_one({"site": sites[0], "kind": "silence", "state": "open"})
    write_control(mongo, {site: {"state": "active"} for site in sites})
    assert asyncio.run(prepared()) == 2
    mongo.command("profile", 2)
    rows = {row["site"]: row for row in overview(mongo, NOW)}
    mongo.command("profile", 0)
    assert len(rows) == 40
    assert {row["next_due"] for row in rows.values()} == {NOW}
    assert rows[sites[0]]["totals"]["articles"] == 3
    assert rows[sites[0]]["alarms"] == ["silence"]
    assert sum(entry.get("docsExamined", 0) for entry in mongo["system.profile"].find()) <= 3 * len(sites)
