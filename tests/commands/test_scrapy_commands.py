"""Scrapy's own commands inside the project: they work for any URL and item, and their exit codes are honest."""

from __future__ import annotations

import csv
import json
import logging
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest
from library_site import QUICK, library, path, title
from project import ROOT

from newsspider.cli.setting_names import unknown_setting

Run = Callable[..., CompletedProcess[str]]
LINHE = ROOT / "fixtures" / "linhe"
DEAD = "http://127.0.0.1:9/x.html"

pytestmark = pytest.mark.server


@pytest.fixture
def url(site_server: Any) -> str:
    return str(site_server(library(1)).url(path(1)))


def test_parse_takes_any_url(run_scrapy: Run, url: str) -> None:
    for arguments in ([], ["--spider=news"], ["--spider=news", "-a", f"url={url}"]):
        done = run_scrapy("parse", "--nocolour", *arguments, url, env={"MONGO_URI": None})
        assert done.returncode == 0, done.stderr
        assert title(1) in done.stdout
        assert "Traceback" not in done.stderr


def test_shell_has_page_article_and_listing_at_hand(run_scrapy: Run, url: str) -> None:
    code = "[article.title, page.kind(), len(listing.entries()) >= 0, response.status]"
    done = run_scrapy("shell", url, "-c", code, env={"MONGO_URI": None})
    assert done.returncode == 0, done.stderr
    assert str([title(1), "article", True, 200]) in done.stdout


@pytest.mark.parametrize("command", [["parse"], ["fetch"], ["shell", "-c", "response"]])
def test_a_page_that_does_not_come_is_one_line_and_1(command: list[str], run_scrapy: Run) -> None:
    done = run_scrapy(*command, DEAD, "-s", "RETRY_ENABLED=0", env={"MONGO_URI": None})
    assert done.returncode == 1
    assert done.stderr.count("newsspider: no answer from") == 1
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("command", ["parse", "fetch", "shell"])
def test_a_spider_that_is_not_there_is_one_line_and_2(command: str, run_scrapy: Run) -> None:
    done = run_scrapy(command, DEAD, "--spider=nosuch")
    assert done.returncode == 2
    assert "no spider 'nosuch'; there are:" in done.stderr
    assert "Traceback" not in done.stderr


def test_fetch_prints_the_page(run_scrapy: Run, url: str) -> None:
    done = run_scrapy("fetch", url, env={"MONGO_URI": None})
    assert (done.returncode, title(1) in done.stdout) == (0, True)


def test_bench_and_check_end_well(run_scrapy: Run) -> None:
    bench = run_scrapy("bench", "-s", "CLOSESPIDER_TIMEOUT=2", env={"MONGO_URI": None})
    assert bench.returncode == 0
    assert re.search(r"Crawled [1-9]\d* pages", bench.stderr)
    check = run_scrapy("check", env={"MONGO_URI": None})
    assert (check.returncode, "OK" in check.stderr + check.stdout) == (0, True)


def test_feeds_in_csv_and_xml_hold_related_links_as_json(run_scrapy: Run, tmp_path: Path) -> None:
    feeds = [tmp_path / "x.csv", tmp_path / "x.xml"]
    outputs = [argument for feed in feeds for argument in ("-o", str(feed))]
    done = run_scrapy("crawl", "linhe", "-s", f"REPLAY={LINHE}", "-s", "MAX_ARTICLES=3", *outputs)
    assert done.returncode == 0, done.stderr
    with feeds[0].open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    items = list(ElementTree.parse(feeds[1]).getroot())
    assert len(rows) == len(items) == 3
    for text in [rows[0]["related"], items[0].findtext("related")]:
        related = json.loads(text or "")
        assert {"block", "url", "title", "published_at"} <= related[0].keys()
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+Z", rows[0]["fetched_at"])


PLAIN = """
import attrs, dataclasses, scrapy

@dataclasses.dataclass
class Data:
    name: str

@attrs.define
class Attrs:
    name: str

class PlainSpider(scrapy.Spider):
    name = "plain"
    start_urls = ["data:text/html;charset=utf-8,<h1>x</h1>"]

    def parse(self, response):
        yield {"name": "dict"}
        yield Data("dataclass")
        yield Attrs("attrs")
"""


def test_items_of_any_spider_pass_through_to_the_feeds(run_scrapy: Run, mongo: Any, tmp_path: Path) -> None:
    spider, feed = tmp_path / "plain.py", tmp_path / "x.jsonl"
    spider.write_text(PLAIN)
    done = run_scrapy("runspider", str(spider), "-O", str(feed))
    assert done.returncode == 0
    assert [json.loads(line)["name"] for line in feed.read_text().splitlines()] == ["dict", "dataclass", "attrs"]
    assert done.stderr.count("are not articles and not stored") == 1
    assert "Traceback" not in done.stderr
    assert mongo["articles"].count_documents({}) == 0


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("DOWNLOAD_DELY", "did you mean DOWNLOAD_DELAY?"),
        ("MAX_PAGE", "did you mean MAX_PAGES?"),
        ("download_delay", "did you mean DOWNLOAD_DELAY?"),
        ("IMAGES_STORE", None),  # of Scrapy's media pipelines
        ("XYZZY", "unknown setting XYZZY"),
    ],
)
def test_an_unknown_setting_has_a_near_one(name: str, said: str | None) -> None:
    problem = unknown_setting(["LOG_LEVEL", "MAX_PAGES", name])
    assert problem is None if said is None else said in str(problem)


@pytest.mark.parametrize(
    "command",
    [
        *(["crawl", "linhe"], ["articles", "list"], ["parse", DEAD], ["sites", "list"], ["view", DEAD]),
        *(["list"], ["settings", "--get", "MAX_PAGES"], ["runspider", "x.py"], ["check"], ["extract", "x.html"]),
    ],
    ids=lambda command: command[0],
)
def test_a_misspelt_setting_is_refused(command: list[str], run_scrapy: Run) -> None:
    done = run_scrapy(*command, "-s", "MAX_PAGE=3")
    assert done.returncode == 2
    assert "unknown setting MAX_PAGE; did you mean MAX_PAGES?" in done.stderr


DATED = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \[[\w.]+\] (?:INFO|WARNING|ERROR): ")


def lines_of(log: Path) -> list[str]:
    return log.read_text("utf-8").splitlines()


def test_a_log_file_holds_dated_lines_and_the_summary(run_scrapy: Run, tmp_path: Path) -> None:
    log = tmp_path / "job.log"
    done = run_scrapy("crawl", "linhe", "-s", f"REPLAY={LINHE}", "-s", "MAX_ARTICLES=3", "-s", f"LOG_FILE={log}")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    lines = lines_of(log)
    assert DATED.match(lines[0])
    assert any("Dumping Scrapy stats" in line for line in lines)
    assert any(re.search(r"\[newsspider\] INFO: 3 new, 0 changed", line) for line in lines)
    assert not any("exit code" in line for line in lines)


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["news", "-a", "ulr=x"], 2, "ulr"),
        (["news", "-a", "url=http://127.0.0.1:9/"], 1, "no page could be read"),
        (["nosuch"], 2, "no spider 'nosuch'"),
        (["linhe", "-s", "MAX_PAGE=3"], 2, "did you mean MAX_PAGES?"),
        (["linhe", "-s", "MAX_PAGES=many"], 2, "MAX_PAGES"),
    ],
)
def test_the_last_line_of_a_log_file_names_the_exit_code(
    arguments: list[str], code: int, said: str, run_scrapy: Run, tmp_path: Path
) -> None:
    log = tmp_path / "job.log"
    done = run_scrapy("crawl", *arguments, *QUICK, "-s", "RETRY_ENABLED=0", "-s", f"LOG_FILE={log}")
    assert done.returncode == code
    last = lines_of(log)[-1]
    assert DATED.match(last)
    assert logging.getLevelName(logging.ERROR) in last
    assert f"ended with exit code {code}" in last
    assert said in last


OFFLINE = """
import sys

def refuse(event, arguments):
    if event == "socket.connect":
        host = arguments[1][0] if isinstance(arguments[1], tuple) else "127.0.0.1"
    elif event == "socket.getaddrinfo":
        host = arguments[0] or "127.0.0.1"
    else:
        return
    host = host.decode() if isinstance(host, bytes) else str(host)
    if not host.startswith("127.") and host not in ("localhost", "::1"):
        with open({path!r}, "a") as log:
            log.write(host + "\\n")
        raise OSError(f"{{host}} is not to be asked")

sys.addaudithook(refuse)
"""


def test_a_crawl_with_cookies_asks_no_other_host(run_scrapy: Run, site_server: Any, mongo: Any, tmp_path: Path) -> None:
    site = library(1)
    for page in site.pages.values():
        page.headers["set-cookie"] = f"seen=1; path=/; domain={site.host}"
    server, asked = site_server(site), tmp_path / "asked"
    hook = tmp_path / "hook"
    hook.mkdir()
    (hook / "sitecustomize.py").write_text(OFFLINE.format(path=str(asked)))
    environment = {
        "http_proxy": server.proxy_url,
        "PYTHONPATH": f"{hook}:{ROOT}",
        "TLDEXTRACT_CACHE": str(tmp_path / "empty"),
        "HOME": str(tmp_path),
    }
    done = run_scrapy("crawl", "news", "-a", f"url=http://{site.host}/news/", *QUICK, env=environment)
    assert done.returncode == 0, done.stderr
    assert mongo["articles"].count_documents({}) == 8
    assert not asked.exists(), asked.read_text()
