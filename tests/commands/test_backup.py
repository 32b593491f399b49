"""`scrapy backup` and `stats disk`: the drill of a restore, damaged files, sizes and forecast."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import bson
import pytest
from project import ROOT

from newsspider.cli.upkeep.disk import forecast, size
from newsspider.mongo.upkeep.backup import BackupError, check_backup, restore_backup, write_backup
from newsspider.mongo.upkeep.disk import CollectionSize, DiskUse, disk_use

NOW = datetime(2026, 12, 1, 4, tzinfo=UTC)
REPLAY = ("crawl", "linhe", "-s", "REPLAY=fixtures/linhe")


@pytest.fixture
def restored(mongo: Any) -> Iterator[Any]:
    """A second database, empty, dropped afterwards."""
    name = f"{mongo.name}_restored"
    yield mongo.client[name]
    mongo.client.drop_database(name)


def test_the_drill_of_a_restore(
    run_scrapy: Callable[..., Any], scrapy_environment: dict[str, str], mongo: Any, restored: Any, tmp_path: Path
) -> None:
    assert run_scrapy(*REPLAY).returncode == 0
    environment = scrapy_environment | {"SCRAPY": str(Path(sys.executable).with_name("scrapy"))}
    command = [str(ROOT / "deploy" / "backup.sh"), str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    [backup] = tmp_path.glob("newsspider-*.bson.gz")
    removed = mongo["articles"].find_one()["_id"]
    assert run_scrapy("articles", "remove", removed, "--reason", "asked for").returncode == 0
    tombstones = tmp_path / "today.jsonl"
    assert run_scrapy("articles", "tombstones", "export", "-o", str(tombstones)).returncode == 0

    elsewhere: dict[str, Any] = {"env": {"MONGO_DATABASE": restored.name}}
    done = run_scrapy("backup", "restore", str(backup), "--tombstones", str(tombstones), **elsewhere)
    assert done.returncode == 0, done.stderr
    assert "1 articles that were there again are removed" in done.stderr
    for name in ("articles", "pages", "revisions", "sites", "stories", "tombstones"):
        assert {d["_id"] for d in restored[name].find()} == {d["_id"] for d in mongo[name].find()}, name
    assert "published" in restored["articles"].index_information()
    again = run_scrapy("backup", "restore", str(backup), **elsewhere)
    assert (again.returncode, "is not empty" in again.stderr) == (1, True)

    # what a newer version beside this one has added does no harm
    for name in ("articles", "pages", "sites"):
        restored[name].update_many({}, {"$set": {"of_a_newer_version": {"x": 1}}})
    crawled = run_scrapy(*REPLAY, "-s", "REVISIT_ARTICLE_S=0", **elsewhere)
    assert crawled.returncode == 0, crawled.stderr
    assert "0 new, 0 changed" in crawled.stderr
    assert restored["articles"].find_one({"_id": removed}) is None


def test_a_damaged_backup_is_refused_before_anything_is_written(mongo: Any, restored: Any, tmp_path: Path) -> None:
    mongo["articles"].insert_many({"_id": f"a.example/{n}", "text": "渡船" * n, "n": n} for n in range(50))
    mongo["workers"].insert_one({"_id": "db1-4711"})
    path = tmp_path / "whole.bson.gz"
    written = write_backup(mongo, path, NOW)
    assert written.documents == {"articles": 50}
    assert check_backup(path) == written
    content = gzip.decompress(path.read_bytes())
    damaged = {
        "cut.gz": path.read_bytes()[:-40],
        "cut_inside.gz": gzip.compress(content[: len(content) // 2]),
        "changed.gz": gzip.compress(content.replace("渡船".encode(), "客船".encode(), 1)),
        "without_end.gz": gzip.compress(content[: -len(bson.encode({"complete": True, "documents": 50}))]),
        "other.gz": gzip.compress(b"no backup at all, but long enough"),
        "text.gz": b"text",
    }
    for name, changed in damaged.items():
        (tmp_path / name).write_bytes(changed)
        with pytest.raises(BackupError):
            restore_backup(restored, tmp_path / name)
    with pytest.raises(BackupError, match="No such file"):
        check_backup(tmp_path / "nosuch.gz")
    assert restored.list_collection_names() == []
    assert restore_backup(restored, path).documents == {"articles": 50}
    assert list(restored["articles"].find()) == list(mongo["articles"].find())


def test_a_restore_without_tombstones_is_refused(run_scrapy: Callable[..., Any], tmp_path: Path) -> None:
    done = run_scrapy("backup", "restore", str(tmp_path / "x.gz"))
    assert (done.returncode, "what was removed would come back" in done.stderr) == (1, True)
    assert run_scrapy("backup", "fly").returncode == run_scrapy("stats").returncode == 2


def test_sizes_and_growth_come_from_the_server(run_scrapy: Callable[..., Any], mongo: Any) -> None:
    days = [NOW - timedelta(days=n) for n in range(40)]
    mongo["articles"].insert_many({"_id": f"a/{n}", "first_seen_at": day} for n, day in enumerate(days))
    use = disk_use(mongo, NOW)
    assert (use.articles, use.days, round(use.new_per_day, 1)) == (40, 30, 1.0)
    assert use.disk_free and use.full_in_days
    shown = json.loads(run_scrapy("stats", "disk", "--json").stdout)
    assert shown["collections"][0]["name"] == "articles"
    assert shown["disk_free"] > 0


def test_a_forecast_goes_on_at_the_pace_so_far() -> None:
    collections = (CollectionSize("articles", 1000, 9_000_000, 3_000_000, 1_000_000),)
    use = DiskUse(collections, 1000, 50.0, 7, 10_000_000_000, 2_000_000_000)
    assert (use.bytes_per_article, use.growth_per_day, use.full_in_days) == (4000, 200_000, 10_000)
    assert list(forecast(use, {"pages": 90, "runs": 0})) == [
        "4.0 MB on disk for 1000 articles: 4.0 KB per article in all",
        "50.0 new articles per day over 7 days: 200 KB per day",
        "at this pace: 10.0 MB in 30 days, 22.0 MB in 90 days, 77.0 MB in 365 days",
        "2.0 GB of 10.0 GB of the server's disk are free, full in 10000 days",
        "kept: pages 90 days (RETENTION_DAYS)",
    ]
    assert [size(value) for value in (0, 999, 1000, 123_456, 5.5e12)] == ["0 B", "999 B", "1.0 KB", "123 KB", "5.5 TB"]
