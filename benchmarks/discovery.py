"""Discovery side by side: python benchmarks/discovery.py [--site NAME] [--json FILE]

Every crawler gets the front page of the same invented sites from the same local server, one after the other, and is
measured by what it stores and by what it asks the server for: recall (share of the site's articles found), precision
(share of what it stored that is an article of the site, each once), requests per article found. news-please's
recursive crawler, trafilatura's focused crawler and newspaper4k's source build run with .venv-bench, each in its own
process, without delays, for at most LIMIT_S on a site (news-please, whose crawl has no end of its own, is told to stop
after 90 s, the two others after 600 pages); a library that is not installed there is named and left out. A second table
tells what the project asks for and records when it comes again: to the site as it was, and to the site with some
articles edited, withdrawn and new.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from pymongo import MongoClient  # noqa: E402
from site_server import SiteServer  # noqa: E402

from benchmarks.discovery_later import LATER_COLUMNS, crawl, later_rows, run_command  # noqa: E402
from benchmarks.invented_sites import DISCOVERY, LATER, SITES, Site  # noqa: E402
from benchmarks.public_sites import public_name, public_site  # noqa: E402
from newsspider.mongo.server.local_server import LocalServer  # noqa: E402
from newsspider.urls import article_key  # noqa: E402

OURS = "newsspider"
BASELINES = {
    "news-please": "newsplease",
    "news-please, tests off": "newsplease",
    "trafilatura": "trafilatura",
    "newspaper4k": "newspaper",
}
BENCH_PYTHON = ROOT / ".venv-bench" / "bin" / "python"
LIMIT_S = 120


@dataclass(slots=True)
class Outcome:
    """What one crawler did on one site; `error` says in a line why there is nothing to count."""

    crawler: str
    site: str
    articles: int = 0
    stored: int = 0
    right: int = 0
    requests: int = 0
    seconds: float = 0.0
    error: str = ""

    @property
    def recall(self) -> float:
        return self.right / self.articles if self.articles else 0.0

    @property
    def precision(self) -> float | None:
        return self.right / self.stored if self.stored else None

    @property
    def requests_per_article(self) -> float | None:
        return self.requests / self.right if self.right else None


def run_ours(url: str, folder: Path, port: int, mongo_uri: str) -> list[str]:
    """Crawl with the project as a user would, without politeness delays, and return the URLs stored."""
    database = f"discovery_{time.time_ns()}"
    crawl(url, folder, port, mongo_uri, database)
    with MongoClient[dict[str, Any]](mongo_uri) as client:
        found = [article["url"] for article in client[database]["articles"].find({"withdrawn_at": None}, {"url": 1})]
        client.drop_database(database)
    return found


def run_baseline(name: str, url: str, folder: Path, port: int) -> list[str]:
    script = Path(__file__).with_name("discovery_baselines.py")
    output = run_command([str(BENCH_PYTHON), str(script), name, url, str(folder), str(port)], dict(os.environ))
    return list(json.loads(output.strip().splitlines()[-1])["articles"])


def measured(crawler: str, site: Site, server: SiteServer, mongo_uri: str) -> Outcome:
    """Run one crawler on one site and count."""
    outcome = Outcome(crawler, site.name, articles=len(site.articles))
    server.forget_requests()
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as name:
        try:
            if crawler == OURS:
                found = run_ours(site.seeds[0], Path(name), server.port, mongo_uri)
            else:
                found = run_baseline(crawler, site.seeds[0], Path(name), server.port)
        except subprocess.TimeoutExpired:
            outcome.error = f"still running after {LIMIT_S} s, {sum(server.requests.values())} requests"
            return outcome
        except (RuntimeError, ValueError, LookupError) as error:
            outcome.error = str(error)[:150]
            return outcome
    outcome.seconds = time.perf_counter() - started
    outcome.requests = sum(server.requests.values())
    right = {
        article_key(public_name(url)): number for number, truth in enumerate(site.articles) for url in truth.addresses
    }
    outcome.stored = len(found)
    outcome.right = len({right[key] for url in found if (key := article_key(url)) in right})
    return outcome


def missing_baselines() -> dict[str, str]:
    """Return baseline -> why it cannot run."""
    if not BENCH_PYTHON.exists():
        why = "no .venv-bench: python3 -m venv .venv-bench && .venv-bench/bin/pip install -r requirements-bench.txt"
        return dict.fromkeys(BASELINES, why)
    missing = {}
    for name, module in BASELINES.items():
        tried = subprocess.run([str(BENCH_PYTHON), "-c", f"import {module}"], capture_output=True, text=True)
        if tried.returncode != 0:
            missing[name] = f"not installed in .venv-bench ({tried.stderr.strip().splitlines()[-1][:80]})"
    return missing


def table(outcomes: Sequence[Outcome]) -> str:
    """Return the table: a row a crawler and site, a row a crawler over all sites, and one of the means of its sites."""
    lines = ["| crawler | site | articles | found | recall | precision | requests | per article | seconds |"]
    lines.append("|---|---|---:|---:|---:|---:|---:|---:|---:|")
    for crawler in dict.fromkeys(outcome.crawler for outcome in outcomes):
        own = [outcome for outcome in outcomes if outcome.crawler == crawler]
        lines += [_row(outcome) for outcome in own]
        if len(own) > 1:
            lines += [_row(_total(crawler, own)), _mean_row(crawler, own)]
    return "\n".join(lines)


def _total(crawler: str, outcomes: Sequence[Outcome]) -> Outcome:
    total = Outcome(crawler, "all")
    for name in ("articles", "stored", "right", "requests", "seconds"):
        setattr(total, name, sum(getattr(outcome, name) for outcome in outcomes))
    return total


def _mean_row(crawler: str, outcomes: Sequence[Outcome]) -> str:
    """Return the row of the means over the sites; of requests an article over those where any was found."""
    recall = _mean([outcome.recall for outcome in outcomes])
    precision = _mean([outcome.precision for outcome in outcomes])
    ratios = [outcome.requests_per_article for outcome in outcomes]
    figures = f"{_percent(recall)} | {_percent(precision)} | | {_ratio(_mean(ratios))}"
    return f"| {crawler} | mean | | | {figures} | |"


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{share:.1%}"


def _ratio(ratio: float | None) -> str:
    return "-" if ratio is None else f"{ratio:.2f}"


def _row(outcome: Outcome) -> str:
    if outcome.error:
        return f"| {outcome.crawler} | {outcome.site} | {outcome.articles} | failed: {outcome.error} | | | | | |"
    precision, ratio = _percent(outcome.precision), _ratio(outcome.requests_per_article)
    figures = (
        f"{outcome.articles} | {outcome.right} | {outcome.recall:.1%} | {precision} | {outcome.requests} | {ratio}"
    )
    return f"| {outcome.crawler} | {outcome.site} | {figures} | {outcome.seconds:.1f} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--site", action="append", choices=sorted(SITES), help="only this site (may be repeated)")
    parser.add_argument("--crawler", action="append", choices=[OURS, *BASELINES], help="only this crawler")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    options = parser.parse_args()
    missing = missing_baselines()
    for name, why in missing.items():
        print(f"{name}: {why}", file=sys.stderr)
    crawlers = [name for name in options.crawler or [OURS, *BASELINES] if name not in missing]
    outcomes: list[Outcome] = []
    later: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        mongo = LocalServer.start(Path(folder) / "mongo")
        try:
            for name in options.site or DISCOVERY:
                site = public_site(SITES[name]())
                with SiteServer([site]) as server:
                    for crawler in crawlers:
                        outcomes.append(measured(crawler, site, server, mongo.uri))
                        print(_row(outcomes[-1]), file=sys.stderr)
                    if OURS in crawlers and name in LATER:
                        later += later_rows(name, server, mongo.uri)
        finally:
            mongo.release()
    print(f"{datetime.now(UTC):%Y-%m-%d}, Python {sys.version.split()[0]}, {os.cpu_count()} cores\n")
    print(table(outcomes))
    if later:
        print(f"\n{OURS} again, on the same sites and a day later:")
        print("\n".join([*LATER_COLUMNS, *later]))
    if options.json:
        options.json.write_text(json.dumps([asdict(outcome) for outcome in outcomes], indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
