"""What a crawl tells: the progress line on a terminal, silence in a pipe, its document in `runs`, drift."""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
import time
from collections.abc import Callable
from datetime import UTC, datetime
from subprocess import CompletedProcess
from typing import Any

from project import ROOT, scrapy_command

Run = Callable[..., CompletedProcess[str]]
LINHE = ROOT / "fixtures" / "linhe"
CRAWL = ("crawl", "linhe", "-s", f"REPLAY={LINHE}", "-a", "sample=6")
WAIT_S = 60


def run_on_terminal(arguments: tuple[str, ...], environment: dict[str, str]) -> str:
    """Return all that `scrapy` writes to a terminal of 200 columns."""
    master, slave = pty.openpty()
    environment = environment | {"TERM": "xterm", "COLUMNS": "200"}
    process = subprocess.Popen(
        scrapy_command(*arguments), cwd=ROOT, env=environment, stdin=slave, stdout=slave, stderr=slave
    )
    os.close(slave)
    written = b""
    deadline = time.monotonic() + WAIT_S
    while time.monotonic() < deadline:
        ready, _, _ = select.select([master], [], [], 1)
        if not ready:
            continue
        try:
            part = os.read(master, 65536)
        except OSError:
            break
        if not part:
            break
        written += part
    os.close(master)
    assert process.wait(WAIT_S) == 0, written.decode(errors="replace")[-2000:]
    return written.decode(errors="replace")


def test_terminal_gets_progress_table_and_summary(scrapy_environment: dict[str, str]) -> None:
    shown = run_on_terminal(CRAWL, scrapy_environment)
    assert re.search(r"\r\x1b\[2K0:0\d \d+ pages \([\d.]+/s\), \d+ articles?: ", shown)
    # the progress line is gone before the table is drawn
    table = shown.rpartition("\x1b[2K")[2]
    assert "published (+08:00)" in table
    assert "6 new, 0 changed, 0 unchanged articles" in table
    assert "look further: scrapy articles list" in table


def test_pipe_gets_no_progress(run_scrapy: Run) -> None:
    done = run_scrapy(*CRAWL)
    assert "\x1b" not in done.stdout + done.stderr
    assert len(done.stderr.strip().splitlines()) == 2
    assert all(line.count("\t") == 3 for line in done.stdout.splitlines())


def test_a_run_has_its_document(run_scrapy: Run, mongo: Any) -> None:
    done = run_scrapy(*CRAWL)
    assert done.returncode == 0, done.stderr
    (run,) = mongo["runs"].find()
    assert (run["spider"], run["arguments"], run["finish_reason"]) == ("linhe", {"sample": "6"}, "sample")
    assert run["started_at"] <= run["finished_at"]
    assert run["articles"]["new"] == 6
    (coverage,) = run["coverage"]
    assert (coverage["site"], coverage["fields"]["stored"]) == ("linhe-news.example", 6)


def test_a_run_that_was_killed_stays_without_end(scrapy_environment: dict[str, str], mongo: Any) -> None:
    process = subprocess.Popen(
        scrapy_command(*CRAWL), cwd=ROOT, env=scrapy_environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    deadline = time.monotonic() + WAIT_S
    while not mongo["runs"].find_one() and time.monotonic() < deadline:
        time.sleep(0.005)
    process.kill()
    process.wait()
    assert mongo["runs"].find_one()["spider"] == "linhe"


def test_a_field_that_is_found_no_more_is_told(run_scrapy: Run, site_server: Any, mongo: Any) -> None:
    server = site_server(LINHE)
    url = server.url("/yaowen/")
    site = url.split("/")[2].split(":")[0]
    usual = {"articles": 100, "stored": 100, "editor": 100, "source": 100, "images": 0, "nonsense": 100}
    before = {"_id": "before", "spider": "news", "started_at": datetime(2026, 1, 1, tzinfo=UTC)}
    mongo["runs"].insert_one(before | {"coverage": [{"site": site, "fields": usual | {"section": 100}}]})
    done = run_scrapy("crawl", "news", "-a", f"url={url}", "-a", "max_articles=10")
    assert done.returncode == 0, done.stderr
    told = [line for line in done.stderr.splitlines() if "layout changed?" in line]
    (run,) = mongo["runs"].find({"_id": {"$ne": "before"}})
    fields = run["coverage"][0]["fields"]
    fallen = [name for name in ("editor", "source", "section") if fields[name] / fields["articles"] <= 0.6]
    assert len(told) == len(fallen)
    assert all(f"{site}: {name} in " in "\n".join(told) for name in fallen)
