"""`scrapy crawl`, `shell`, `parse` and `record` on recordings: exit codes, one line for what is wrong, same items."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

Run = Callable[..., CompletedProcess[str]]
ROOT = Path(__file__).resolve().parent.parent
LINHE = ROOT / "fixtures" / "linhe"
CHANNEL = "https://www.linhe-news.example/yaowen/"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nosuch"], "no spider 'nosuch'; there are: "),
        ([], "one spider, please"),
        (["news", "url=https://a.example/"], "one spider, please (arguments take -a name=value)"),
        (["news"], "url: missing"),
        (["news", "-a", "url=nonsense"], "url: 'nonsense' is no http(s) address"),
        (["news", "-a", "url=https://a.example/", "-a", "depth=q"], "depth: 'q' is not a whole number"),
        (["news", "-a", "url=https://a.example/", "-a", "typo=1"], "unknown argument 'typo'"),
        (["news", "-a", "url=https://a.example/", "-s", "REPLAY=/nowhere"], "no such recording: /nowhere"),
        (["news", "-a", "url=https://a.example/", "-s", "RECORD=/dev/null/x"], "cannot record to /dev/null/x"),
    ],
)
def test_wrong_arguments_are_one_line_and_2(run_scrapy: Run, arguments: list[str], message: str) -> None:
    done = run_scrapy("crawl", *arguments)
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert "never retrieved" not in done.stderr


def test_replay_of_a_whole_crawl_is_the_same_every_time(run_scrapy: Run, tmp_path: Path, mongo: Any) -> None:
    outputs = []
    for number in range(2):
        path = tmp_path / f"{number}.jsonl"
        done = run_scrapy("crawl", "linhe", "-s", f"REPLAY={LINHE}", "-O", str(path))
        assert done.returncode == 0, done.stderr
        outputs.append(path.read_bytes())
    assert outputs[0] == outputs[1]
    assert len(outputs[0].splitlines()) > 10
    assert mongo["articles"].count_documents({"revision": {"$gt": 1}}) == 0
    runs = list(mongo["runs"].find().sort("started_at"))
    assert [run["finish_reason"] for run in runs] == ["finished", "finished"]
    assert (runs[0]["articles"]["new"], runs[1]["articles"]["new"]) == (len(outputs[0].splitlines()), 0)


def test_crawl_prints_articles_and_where_they_are(run_scrapy: Run, database: str) -> None:
    done = run_scrapy("crawl", "linhe", "-s", f"REPLAY={LINHE}", "-a", "sample=3")
    assert done.returncode == 0, done.stderr
    rows = [line.split("\t") for line in done.stdout.splitlines()]
    assert len(rows) == 3
    assert all(row[3].startswith("linhe-news.example/") for row in rows)
    assert "3 new, 0 changed, 0 unchanged articles" in done.stderr
    assert f"database {database}" in done.stderr


def test_what_the_recording_lacks_is_named_and_1(run_scrapy: Run, tmp_path: Path) -> None:
    cut = tmp_path / "cut"
    shutil.copytree(LINHE, cut)
    gone = next(path for path in sorted(cut.iterdir()) if path.name.startswith("yaowen-2024-0406"))
    url = json.loads((gone / "meta.json").read_text())["url"]
    shutil.rmtree(gone)
    done = run_scrapy("crawl", "linhe", "-s", f"REPLAY={cut}")
    assert done.returncode == 1
    assert f"not in the recording: GET {url}" in done.stderr.splitlines()
    assert "Traceback" not in done.stderr


def test_corrupt_fixture_is_one_line_and_1(run_scrapy: Run, tmp_path: Path) -> None:
    (tmp_path / "x" / "broken").mkdir(parents=True)
    (tmp_path / "x" / "broken" / "meta.json").write_text("{")
    done = run_scrapy("crawl", "news", "-a", f"url={CHANNEL}", "-s", f"REPLAY={tmp_path / 'x'}")
    assert done.returncode == 1
    assert f"corrupt fixture {tmp_path}/x/broken/meta.json" in done.stderr
    assert "Traceback" not in done.stderr


def test_without_mongodb_one_line_and_1(run_scrapy: Run) -> None:
    uri = "mongodb://user:geheim@127.0.0.1:9/"
    replay = ("-s", f"REPLAY={LINHE}", "-s", "STORE_RETRY_S=1", "-s", "CRAWL_STATE_RETRY_S=1")
    done = run_scrapy("crawl", "linhe", *replay, env={"MONGO_URI": uri})
    assert done.returncode == 1
    assert "cannot be reached" in done.stderr
    assert "geheim" not in done.stderr
    assert "Traceback" not in done.stderr


def test_dead_host_is_one_line_and_1(run_scrapy: Run) -> None:
    done = run_scrapy("crawl", "news", "-a", "url=http://127.0.0.1:9/", "-s", "RETRY_TIMES=0")
    assert done.returncode == 1
    assert "no page could be read" in done.stderr
    assert "Traceback" not in done.stderr


def test_shell_and_parse_work_on_a_recording_without_mongodb(run_scrapy: Run) -> None:
    without = {"MONGO_URI": "mongodb://127.0.0.1:9/"}
    shell = run_scrapy("shell", CHANNEL, "-s", f"REPLAY={LINHE}", "-c", "response.status", env=without)
    assert shell.stdout.strip().splitlines()[-1] == "200", shell.stderr
    parsed = run_scrapy("parse", CHANNEL, "--spider", "linhe", "--nocolour", "-s", f"REPLAY={LINHE}", env=without)
    assert parsed.returncode == 0
    assert "<GET https://www.linhe-news.example/yaowen/20" in parsed.stdout


@pytest.mark.parametrize("name", ["linhe", "linhe.warc.gz"])
def test_a_recorded_crawl_replays_without_its_server(
    run_scrapy: Run, site_server: Any, tmp_path: Path, name: str
) -> None:
    server = site_server(LINHE)
    common = ("crawl", "news", "-a", f"url={server.url('/yaowen/')}", "-s", "MAX_ARTICLES=0")
    recorded = run_scrapy(*common, "-s", f"RECORD={tmp_path / name}", "-O", str(tmp_path / "live.jsonl"))
    assert recorded.returncode == 0, recorded.stderr
    server.stop()
    replayed = run_scrapy(*common, "-s", f"REPLAY={tmp_path / name}", "-O", str(tmp_path / "again.jsonl"))
    assert replayed.returncode == 0, replayed.stderr
    live, again = ((tmp_path / f"{stem}.jsonl").read_text().splitlines() for stem in ("live", "again"))
    assert len(live) > 5
    assert sorted(live) == sorted(again)


def test_record_pages_as_fixtures(run_scrapy: Run, tmp_path: Path) -> None:
    article = next(LINHE.glob("yaowen-2024-*")) / "meta.json"
    url = json.loads(article.read_text())["url"]
    done = run_scrapy("extract", url, "-s", f"REPLAY={LINHE}")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["url"] == url
    wrong = run_scrapy("record", str(tmp_path / "x"), "http://127.0.0.1:9/", "-s", "RETRY_TIMES=0")
    assert wrong.returncode == 1
    assert "0 of 1 pages recorded" in wrong.stderr
