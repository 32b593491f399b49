"""The document of each run in MongoDB."""

from __future__ import annotations

import time
from collections.abc import Callable
from subprocess import CompletedProcess
from typing import Any

from project import ROOT

Run = Callable[..., CompletedProcess[str]]


LINHE = ROOT / "fixtures" / "linhe"


CRAWL = ("crawl", "linhe", "-s", f"REPLAY={LINHE}", "-a", "sample=6")


WAIT_S = 60


def test_a_run_has_its_document(run_scrapy: Run, mongo: Any) -> None:
    done = run_scrapy(*CRAWL)
    assert done.returncode == 0, done.stderr
    (run,) = mongo["runs"].find()
    assert (run["spider"], run["arguments"], run["finish_reason"]) == ("linhe", {"sample": "6"}, "sample")
    assert run["started_at"] <= run["finished_at"]
    assert run["articles"]["new"] == 6
    (coverage,) = run["coverage"]
    assert (coverage["site"], coverage["fields"]["stored"]) == ("linhe-news.example", 6)


def test_a_run_that_was_killed_stays_without_end(start_scrapy: Callable[..., Any], mongo: Any) -> None:
    process = start_scrapy(*CRAWL)
    deadline = time.monotonic() + WAIT_S
    while not mongo["runs"].find_one() and time.monotonic() < deadline:
        time.sleep(0.005)
    process.kill()
    process.wait()
    assert mongo["runs"].find_one()["spider"] == "linhe"
