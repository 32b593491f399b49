"""`scrapy crawl`, `shell`, `parse` and `record` on recordings: exit codes, one line for what is wrong, same items."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest
from project import ROOT

from newsspider.recording.cases import FixtureFolder, RecordedResponse

Run = Callable[..., CompletedProcess[str]]
LINHE = ROOT / "fixtures" / "linhe"
MOMENT = datetime(2026, 3, 2, tzinfo=UTC)
CHANNEL = "https://www.linhe-news.example/yaowen/"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nosuch"], "no spider 'nosuch'; there are: "),
        ([], "expected exactly one spider"),
        (["news", "url=https://a.example/"], "expected exactly one spider (arguments take -a name=value)"),
        (["news"], "url is missing"),
        (["news", "-a", "url=nonsense"], "url: 'nonsense' is not an http(s) URL"),
        (["news", "-a", "url=https://a.example/", "-a", "depth=q"], "depth: 'q' is not a whole number"),
        (["news", "-a", "url=https://a.example/", "-a", "typo=1"], "unknown argument 'typo'"),
        (["news", "-a", "url=https://a.example/", "-s", "REPLAY=/nowhere"], "no such recording: /nowhere"),
        (["news", "-a", "url=https://a.example/", "-s", "RECORD=/dev/null/x"], "cannot record to /dev/null/x"),
        (["linhe", "-s", "QUIET_HOURS=25"], "QUIET_HOURS: '25' is not a span of time (expected: 01:00-06:30)"),
        (
            ["linhe", "-s", "QUIET_HOURS=01:00-06:30", "-s", "QUIET_HOURS_TIME_ZONE=Mars"],
            "QUIET_HOURS_TIME_ZONE: 'Mars' is not a time zone (expected: Asia/Shanghai)",
        ),
        (["linhe", "-s", "DEDUPE_KEEP=x"], "DEDUPE_KEEP: 'x' is not one of all, no-text, first"),
        (["linhe", "-s", "MAX_PAGES=many"], "MAX_PAGES: 'many' is not a whole number"),
        (["linhe", "-s", "DOWNLOAD_DELAY=-1"], "DOWNLOAD_DELAY: -1 is too small or too large"),
        (["linhe", "-s", "STORE_BATCH_SIZE=0"], "STORE_BATCH_SIZE: 0 is too small or too large"),
        (["linhe", "-s", "ROBOTSTXT_OBEY=maybe"], "ROBOTSTXT_OBEY: 'maybe' is not yes or no (1, 0)"),
        (["linhe", "-s", "RETENTION_DAYS=30"], "RETENTION_DAYS: '30' is not a JSON object"),
        (["linhe", "-s", 'RETENTION_DAYS={"news": 1}'], "RETENTION_DAYS: 'news' is not one of articles, "),
    ],
)
def test_wrong_arguments_are_one_line_and_2(run_scrapy: Run, arguments: list[str], message: str) -> None:
    done = run_scrapy("crawl", *arguments)
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert "never retrieved" not in done.stderr


def test_crawl_prints_articles_and_where_they_are(run_scrapy: Run, database: str) -> None:
    done = run_scrapy("crawl", "linhe", "-s", f"REPLAY={LINHE}", "-a", "sample=3")
    assert done.returncode == 0, done.stderr
    rows = [line.split("\t") for line in done.stdout.splitlines()][1:]
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


def recorded(folder: Path, pages: dict[str, tuple[int, str]]) -> str:
    """Record `pages` (path -> status, body) of an invented host; return its URL."""
    made = FixtureFolder.open(folder, writable=True)
    for path, (status, body) in pages.items():
        headers = [("content-type", "text/plain" if path == "/robots.txt" else "text/html; charset=utf-8")]
        made.store(RecordedResponse(f"https://a.example{path}", status, headers, body.encode(), MOMENT))
    return "https://a.example/list/"


@pytest.mark.parametrize(
    ("pages", "code", "said"),
    [
        (
            {"/robots.txt": (200, "User-agent: *\nDisallow: /"), "/list/": (200, "<p>x</p>")},
            1,
            "robots.txt disallows every page requested: nothing was fetched",
        ),
        ({"/robots.txt": (404, ""), "/list/": (404, "<p>gone</p>")}, 1, "no page could be read: 404 ("),
        ({"/robots.txt": (404, ""), "/list/": (503, "")}, 1, "503 ("),
        (
            {"/robots.txt": (404, ""), "/list/": (200, "<p>nothing here</p>")},
            1,
            "answered 1 of 1 requests with a blank page",
        ),
    ],
)
def test_a_crawl_that_finds_nothing_says_why(
    run_scrapy: Run, tmp_path: Path, pages: dict[str, tuple[int, str]], code: int, said: str
) -> None:
    url = recorded(tmp_path / "x", pages)
    done = run_scrapy("crawl", "news", "-a", f"url={url}", "-s", f"REPLAY={tmp_path / 'x'}")
    assert done.returncode == code, done.stderr
    assert sum(said in line for line in done.stderr.splitlines()) == 1
    assert "Traceback" not in done.stderr


def test_shell_and_parse_work_on_a_recording_without_mongodb(run_scrapy: Run) -> None:
    without = {"MONGO_URI": "mongodb://127.0.0.1:9/"}
    shell = run_scrapy("shell", CHANNEL, "-s", f"REPLAY={LINHE}", "-c", "response.status", env=without)
    assert shell.stdout.strip().splitlines()[-1] == "200", shell.stderr
    parsed = run_scrapy("parse", CHANNEL, "--spider", "linhe", "--nocolour", "-s", f"REPLAY={LINHE}", env=without)
    assert parsed.returncode == 0
    assert "<GET https://www.linhe-news.example/yaowen/20" in parsed.stdout


def test_shell_fetches_a_private_address_that_was_typed(run_scrapy: Run, site_server: Any) -> None:
    url = site_server(LINHE).url("/yaowen/")
    shell = run_scrapy("shell", url, "-c", "response.status", env={"MONGO_URI": "mongodb://127.0.0.1:9/"})
    assert shell.stdout.strip().splitlines()[-1:] == ["200"], shell.stderr


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


def test_record_pages_as_fixtures(run_scrapy: Run, site_server: Any, tmp_path: Path) -> None:
    server = site_server(LINHE)
    article = json.loads((next(LINHE.glob("yaowen-2024-*")) / "meta.json").read_text())["url"]
    urls = [server.url(CHANNEL), server.url(article)]
    done = run_scrapy("record", str(tmp_path / "x"), *urls)
    assert (done.returncode, done.stderr.strip()) == (0, "2 of 2 pages recorded")
    cases = {json.loads(path.read_text())["url"] for path in (tmp_path / "x").glob("*/meta.json")}
    assert cases >= set(urls)
    server.stop()
    again = run_scrapy("extract", urls[1], "-s", f"REPLAY={tmp_path / 'x'}")
    assert again.returncode == 0, again.stderr
    assert json.loads(again.stdout)["url"] == urls[1]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "no recording given"),
        (["https://a.example/"], "no recording given"),
        (["x"], "nothing to record: give http(s) URLs or --crawl SPIDER"),
        (["x", "https://a.example/", "--crawl", "news"], "nothing to record: give http(s) URLs or --crawl SPIDER"),
        (["x", "file.html"], "nothing to record: give http(s) URLs or --crawl SPIDER"),
        (["x", "--crawl", "nosuch"], "no spider 'nosuch'"),
    ],
)
def test_record_wrong_use_is_one_line_and_2(
    run_scrapy: Run, tmp_path: Path, arguments: list[str], message: str
) -> None:
    here = [str(tmp_path / name) if name == "x" else name for name in arguments]
    done = run_scrapy("record", *here)
    assert done.returncode == 2
    assert message in done.stderr


def test_record_says_what_did_not_come(run_scrapy: Run, tmp_path: Path) -> None:
    done = run_scrapy("record", str(tmp_path / "x"), "http://127.0.0.1:9/", "-s", "RETRY_TIMES=0")
    assert done.returncode == 1
    assert "0 of 1 pages recorded" in done.stderr
    assert "Traceback" not in done.stderr


def test_record_a_crawl(run_scrapy: Run, site_server: Any, tmp_path: Path) -> None:
    url = site_server(LINHE).url("/yaowen/")
    done = run_scrapy("record", str(tmp_path / "x"), "--crawl", "news", "-a", f"url={url}", "-a", "sample=2")
    assert done.returncode == 0, done.stderr
    assert len(list((tmp_path / "x").glob("*/meta.json"))) > 3
