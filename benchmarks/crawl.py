"""Compares a full crawl into MongoDB with plain Scrapy on the same site: python benchmarks/crawl.py [--pages 3000]

A server in its own process serves generated pages of 40 to 200 KB on 127.0.0.1. In one run, one after the other, each
in a process of its own with the same concurrency and no delays: `scrapy crawl news` with everything on (a private
mongod, group commit with journal), plain Scrapy that only collects links and writes nothing, and one that only
downloads. Parse, extraction and pipelines are timed apart, on the same pages in this process.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
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
SAMPLE = 300


@dataclass(slots=True)
class Run:
    """What one crawl took: wall and CPU seconds, peak memory of the crawl's process in MB, what the server saw."""

    name: str
    pages: int
    wall_s: float
    cpu_s: float
    memory_mb: float

    @property
    def rate(self) -> float:
        return self.pages / self.wall_s

    @property
    def cpu_ms(self) -> float:
        return 1000 * self.cpu_s / max(self.pages, 1)


def timed(name: str, server: SiteServer, command: Sequence[str], data: Path, cwd: Path) -> Run:
    """Run `command` in `cwd`, its data in `data`, and return what it took; a crawl that fails ends the benchmark."""
    environment = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    environment |= {"PYTHONPATH": str(ROOT), "NEWSSPIDER_DATA_DIR": str(data)}
    environment.pop("MONGO_URI", None)
    server.forget_requests()
    start = time.perf_counter()
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(command, cwd=cwd, env=environment, stdout=output, stderr=output)
        _, status, usage = os.wait4(process.pid, 0)
        wall_s = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            output.seek(0)
            sys.exit(f"{name} failed:\n{output.read().decode('utf-8', 'replace')[-3000:]}")
    pages = sum(count for path, count in server.requests.items() if path != "/robots.txt")
    return Run(name, pages, wall_s, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def arguments(settings: dict[str, Any]) -> list[str]:
    return [part for name, value in settings.items() for part in ("-s", f"{name}={value}")]


def warm(server: SiteServer, paths: Sequence[str]) -> None:
    """Ask for every page once, so that none is generated while a crawl is measured."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    for path in paths:
        opener.open(server.url(path)).read()


def run_all(server: SiteServer, pages: int, folder: Path) -> list[Run]:
    seed = server.url("/news/")
    addresses = folder / "urls.txt"
    addresses.write_text("\n".join(server.url(path) for path in large.paths(pages)), "utf-8")
    data = folder / "data"
    scrapy = [sys.executable, "-m", "scrapy"]
    links = [*scrapy, "runspider", str(ROOT / "benchmarks" / "links_spider.py"), *arguments(SPEED | BARE)]
    news = [*scrapy, "crawl", "news", *arguments(SPEED | OURS), "-a"]
    return [
        timed("links only", server, [*links, "-a", f"url={seed}"], data, folder),
        timed("newsspider", server, [*news, f"url={seed}"], data, ROOT),
        timed("download only", server, [*links, "-a", f"url={seed}", "-a", f"urls={addresses}"], data, folder),
    ]


def cpu_ms(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return 1000 * (time.process_time() - start)


def stages(pages: int) -> dict[str, float]:
    """Return CPU milliseconds a page of parse, extraction (with the walk) and pipelines, on a sample of articles."""
    from newsspider.pages.article import ArticlePage
    from newsspider.pages.document import Document
    from newsspider.pipelines.clean import clean_article
    from newsspider.pipelines.validate import complaint

    articles, listings = large.counts(pages)
    sample = large.paths(pages)[listings :: max(1, articles // SAMPLE)]
    bodies = [(f"http://127.0.0.1{path}", large.page_at(path, articles).body) for path in sample]
    moment = datetime(2024, 4, 26, tzinfo=UTC)
    documents: list[Any] = []
    items: list[Any] = []

    def parse() -> None:
        documents.extend(Document.from_bytes(body, url, moment, "text/html; charset=utf-8") for url, body in bodies)

    def extract() -> None:
        items.extend(ArticlePage(document).to_item() for document in documents)

    def clean() -> None:
        for item in items:
            complaint(clean_article(item))

    times = {
        "parse": cpu_ms(parse),
        "extract": cpu_ms(extract),
        "clean and validate": cpu_ms(clean),
    }
    return {name: value / len(bodies) for name, value in times.items()}


def show(runs: Sequence[Run], parts: dict[str, float]) -> None:
    by_name = {run.name: run for run in runs}
    plain, ours, bare = by_name["links only"], by_name["newsspider"], by_name["download only"]
    print(f"{'':14} {'pages':>6} {'wall s':>7} {'pages/s':>8} {'CPU ms/page':>12} {'peak MB':>8}")
    for run in runs:
        row = f"{run.name:14} {run.pages:6} {run.wall_s:7.1f} {run.rate:8.1f} {run.cpu_ms:12.2f} {run.memory_mb:8.0f}"
        print(row)
    rate, cpu = ours.rate / plain.rate, ours.cpu_ms / plain.cpu_ms
    print(f"\nratio of newsspider to links only: {rate:.2f} (pages/s), {cpu:.2f} (CPU)")
    shares = {"download": bare.cpu_ms, **parts}
    shares["dedupe, store, crawl state"] = max(0.0, ours.cpu_ms - sum(shares.values()))
    print("\nCPU of newsspider by stage, ms a page and share")
    for name, value in shares.items():
        print(f"  {name:27} {value:6.2f} {value / ours.cpu_ms:6.1%}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=large.PAGES)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, SiteServer([large.build(options.pages)]) as server:
        warm(server, large.paths(options.pages))
        runs = run_all(server, options.pages, Path(folder))
    machine = f"Python {sys.version.split()[0]}, {os.cpu_count()} cores"
    print(f"{options.pages} pages, {datetime.now(UTC):%Y-%m-%d}, {machine}\n")
    show(runs, stages(options.pages))


if __name__ == "__main__":
    main()
