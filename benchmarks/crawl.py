"""Compares a full crawl into MongoDB with plain Scrapy on the same site: python benchmarks/crawl.py [--pages 3000]

A server in its own process serves generated pages of 40 to 200 KB on 127.0.0.1. One after the other, each in a process
of its own with the same concurrency and no delays, and with `--rounds` that many times in turn: `scrapy crawl news`
with everything on (a private mongod, group commit with journal), the same without the full-text index, without keeping
pages, and without dedupe, store and crawl state, plain Scrapy that only collects links and writes nothing, and one that
only downloads.
CPU is that of the crawl's process; mongod's has a column of its own. Parse, extraction and cleaning are timed apart, on
the same pages in this process.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from site_server import SiteServer  # noqa: E402

from benchmarks.invented import large  # noqa: E402

SPEED = {
    "DOWNLOAD_DELAY": 0,
    "AUTOTHROTTLE_ENABLED": 0,
    "CONCURRENT_REQUESTS": 16,
    "CONCURRENT_REQUESTS_PER_DOMAIN": 16,
    "ROBOTSTXT_OBEY": 1,
    "LOG_LEVEL": "WARNING",
}
BARE = {"REMOTE_CONTROL_ENABLED": 0, "TELNETCONSOLE_ENABLED": 0}
OURS = {"MAX_PAGES": 0, "MAX_LISTING_PAGES": 10_000}
# the pipelines that only look at the article itself
PURE = {"newsspider.pipelines.clean.CleanPipeline": 100, "newsspider.pipelines.validate.ValidatePipeline": 200}
STORELESS = {"ITEM_PIPELINES": json.dumps(PURE), "CRAWL_STATE_ENABLED": 0}
SAMPLE = 300


@dataclass(slots=True)
class Run:
    """What crawls took: wall and CPU seconds of the crawl and its mongod, peak memory in MB, what the server saw."""

    name: str
    pages: int = 0
    wall_s: float = 0.0
    cpu_s: float = 0.0
    mongod_s: float = 0.0
    memory_mb: float = 0.0
    kept_mb: float = 0.0

    @property
    def rate(self) -> float:
        return self.pages / self.wall_s

    @property
    def cpu_ms(self) -> float:
        return 1000 * self.cpu_s / self.pages

    @property
    def mongod_ms(self) -> float:
        return 1000 * self.mongod_s / self.pages

    def add(self, other: Run) -> None:
        self.pages += other.pages
        self.wall_s += other.wall_s
        self.cpu_s += other.cpu_s
        self.mongod_s += other.mongod_s
        self.memory_mb = max(self.memory_mb, other.memory_mb)


def timed(name: str, server: SiteServer, command: Sequence[str], data: Path, cwd: Path) -> Run:
    """Run `command` in `cwd`, its data in `data`, and return what it took; a crawl that fails ends the benchmark."""
    environment = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    environment |= {"PYTHONPATH": str(ROOT), "NEWSSPIDER_DATA_DIR": str(data)}
    environment.pop("MONGO_URI", None)
    server.forget_requests()
    start = time.perf_counter()
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(command, cwd=cwd, env=environment, stdout=output, stderr=output)
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        wall_s = time.perf_counter() - start
        cpu_s, mongod_s = cpu_seconds(process.pid)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            output.seek(0)
            sys.exit(f"{name} failed:\n{output.read().decode('utf-8', 'replace')[-3000:]}")
    pages = sum(count for path, count in server.requests.items() if path != "/robots.txt")
    return Run(name, pages, wall_s, cpu_s, mongod_s, usage.ru_maxrss / 1024)


def cpu_seconds(pid: int) -> tuple[float, float]:
    """Return the CPU seconds of a process that has ended but was not waited for, and of its children: of mongod."""
    counts = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()[11:15]
    own_user, own_system, user, system = (int(count) / os.sysconf("SC_CLK_TCK") for count in counts)
    return own_user + own_system, user + system


def arguments(settings: dict[str, Any]) -> list[str]:
    return [part for name, value in settings.items() for part in ("-s", f"{name}={value}")]


def warm(server: SiteServer, paths: Sequence[str]) -> None:
    """Ask for every page once, so that none is generated while a crawl is measured."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    for path in paths:
        opener.open(server.url(path)).read()


def run_all(server: SiteServer, pages: int, rounds: int, folder: Path) -> dict[str, Run]:
    """Return what `rounds` crawls of each kind took together."""
    seed = server.url("/news/")
    addresses = folder / "urls.txt"
    addresses.write_text("\n".join(server.url(path) for path in large.paths(pages)), "utf-8")
    scrapy = [sys.executable, "-m", "scrapy"]
    links = [*scrapy, "runspider", str(ROOT / "benchmarks" / "links_spider.py"), *arguments(SPEED | BARE)]
    news = [*scrapy, "crawl", "news", "-a", f"url={seed}", *arguments(SPEED | OURS)]
    commands = {
        "links only": ([*links, "-a", f"url={seed}"], folder),
        "newsspider": (news, ROOT),
        "no index": ([*news, "-s", "SEARCH_INDEX=0"], ROOT),
        "no pages kept": ([*news, "-s", "PAGE_ARCHIVE=0"], ROOT),
        "without store": ([*news, *arguments(STORELESS)], ROOT),
        "download only": ([*links, "-a", f"url={seed}", "-a", f"urls={addresses}"], folder),
    }
    runs = {name: Run(name) for name in commands}
    for number in range(rounds):
        for name, (command, cwd) in commands.items():
            data = folder / f"data-{number}-{name.replace(' ', '-')}"
            runs[name].add(timed(name, server, command, data, cwd))
            kept_bytes = sum(path.stat().st_size for path in (data / "warc").glob("*.warc.gz"))
            runs[name].kept_mb += kept_bytes / 1_000_000
            shutil.rmtree(data, ignore_errors=True)
    return runs


def stages(pages: int) -> dict[str, float]:
    """Return CPU milliseconds a page of parse, extraction (with the walk) and cleaning, on a sample of the pages."""
    from newsspider.extensions.gc_threshold import GcThreshold
    from newsspider.pages.document import Document
    from newsspider.pipelines.clean import clean_article
    from newsspider.pipelines.validate import complaint
    from newsspider.settings import COLLECTOR_THRESHOLD

    GcThreshold(COLLECTOR_THRESHOLD)
    articles, _ = large.counts(pages)
    sample = large.paths(pages)[:: max(1, pages // SAMPLE)]
    bodies = [(f"http://127.0.0.1{path}", large.page_at(path, articles).body) for path in sample]
    moment = datetime(2024, 4, 26, tzinfo=UTC)
    times = dict.fromkeys(("parse", "extract", "clean and validate"), 0.0)
    for url, body in bodies:
        marks = [time.process_time()]
        document = Document.from_bytes(body, url, moment, "text/html; charset=utf-8")
        marks.append(time.process_time())
        item = extracted(document)
        del document
        marks.append(time.process_time())
        if item is not None:
            complaint(clean_article(item))
        marks.append(time.process_time())
        for name, (start, end) in zip(times, pairwise(marks), strict=True):
            times[name] += 1000 * (end - start) / len(bodies)
    return times


def extracted(document: Any) -> Any:
    """Do with a page what the crawl asks of page code; return its article, None for a listing."""
    from newsspider.items import ARTICLE_LIKE_KINDS
    from newsspider.pages.article import ArticlePage
    from newsspider.pages.listing import ListingPage

    page = ArticlePage(document)
    if page.kind() not in ARTICLE_LIKE_KINDS:
        listing = ListingPage(document)
        list(listing.entries()), listing.next_page(), listing.load_more()
        return None
    item = page.to_item()
    page.next_page()
    return item


def show(runs: Mapping[str, Run], parts: dict[str, float]) -> None:
    plain, ours, bare = runs["links only"], runs["newsspider"], runs["download only"]
    storeless = runs["without store"]
    print(f"{'':14} {'pages':>6} {'wall s':>7} {'pages/s':>8} {'CPU ms/page':>12} {'mongod':>7} {'peak MB':>8}")
    for run in runs.values():
        row = f"{run.name:14} {run.pages:6} {run.wall_s:7.1f} {run.rate:8.1f} {run.cpu_ms:12.2f}"
        print(f"{row} {run.mongod_ms:7.2f} {run.memory_mb:8.0f}")
    total_ms = ours.cpu_ms + ours.mongod_ms
    print(f"\nratio of newsspider to links only: {ours.rate / plain.rate:.2f} (pages/s), ", end="")
    print(f"{total_ms / plain.cpu_ms:.2f} (CPU with mongod)")
    share = 1 - ours.rate / storeless.rate
    cost_ms = total_ms - storeless.cpu_ms
    print(f"dedupe, store and crawl state cost {share:.0%} of the pages/s, {cost_ms:.2f} ms CPU a page")
    shares = {"download": bare.cpu_ms, **parts}
    shares["dedupe, store, crawl state"] = max(0.0, ours.cpu_ms - sum(shares.values()))
    shares["mongod"] = ours.mongod_ms
    unkept = runs["no pages kept"]
    print(f"keeping pages costs {1 - ours.rate / unkept.rate:.1%} of the pages/s, ", end="")
    kept_kb = 1000 * ours.kept_mb / ours.pages
    print(f"{total_ms - unkept.cpu_ms - unkept.mongod_ms:.2f} ms CPU and {kept_kb:.1f} kB of disk a page")
    blind = runs["no index"]
    index_ms = total_ms - blind.cpu_ms - blind.mongod_ms
    print(f"the full-text index costs {index_ms:.2f} ms CPU a page, {index_ms / total_ms:.1%}")
    print("\nCPU of newsspider by stage, ms a page and share; dedupe, store, crawl state is what remains")
    for name, value in shares.items():
        print(f"  {name:27} {value:6.2f} {value / total_ms:6.1%}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=large.PAGES)
    parser.add_argument("--rounds", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, SiteServer([large.build(options.pages)]) as server:
        warm(server, large.paths(options.pages))
        runs = run_all(server, options.pages, options.rounds, Path(folder))
    machine = f"Python {sys.version.split()[0]}, {os.cpu_count()} cores"
    print(f"{options.pages} pages, {options.rounds} in turn, {datetime.now(UTC):%Y-%m-%d}, {machine}\n")
    show(runs, stages(options.pages))


if __name__ == "__main__":
    main()
