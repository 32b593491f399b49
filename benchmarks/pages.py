"""How long the pages of `scrapy serve` take with several readers at once while a crawl stores articles.

    python benchmarks/pages.py --articles 100000 --readers 8 --seconds 60

Prints a row per page: requests, median and 95th percentile in ms, and both as multiples of /healthz, which asks MongoDB
for nothing. The articles are invented and stored in a database of their own, which is dropped at the end.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

from pymongo import MongoClient

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from newsspider.items import Article, RelatedLink  # noqa: E402
from newsspider.mongo.articles.documents import short_id  # noqa: E402
from newsspider.mongo.articles.entry import Entry  # noqa: E402
from newsspider.mongo.articles.store import ArticleStore  # noqa: E402
from newsspider.mongo.daily.counting import count_all  # noqa: E402
from newsspider.mongo.schema import prepare  # noqa: E402
from newsspider.mongo.server.connection import Connection  # noqa: E402
from newsspider.mongo.server.local_server import LocalServer  # noqa: E402
from newsspider.text import content_hash, fold  # noqa: E402

START = datetime(2026, 1, 1, tzinfo=UTC)
SITES, SOURCES, DAYS, BATCH = 200, 300, 90, 1_000
LETTERS = "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产"
WORDS = [f"{a}{b}{c}" for a in LETTERS[:20] for b in LETTERS[20:40] for c in LETTERS[40:]]
BASELINE = "/healthz"
SCRAPY = (sys.executable, "-m", "scrapy")
PORT, START_S = 8399, 120


def made(number: int, text_length: int = 600) -> Article:
    """Return invented article `number`."""
    chance = random.Random(number)
    site = f"site{number % SITES}.example"
    text = "\n".join("".join(chance.choices(WORDS, k=text_length // 30)) + "。" for _ in range(10))
    title = "".join(chance.choices(WORDS, k=6))
    key = f"{site}/{number}"
    at = START + timedelta(days=chance.random() * DAYS)
    other = chance.randrange(max(1, number))
    related = [RelatedLink("相关阅读", 0, f"https://site{other % SITES}.example/{other}", "另一篇")]
    return Article(
        *(
            key,
            f"https://{key}",
            site,
            title,
            text,
            f"<p>{text}</p>".replace("\n", "</p>\n<p>"),
            at + timedelta(hours=2),
        ),
        source=f"来源{chance.randrange(SOURCES)}",
        published_at=at,
        published_precision="minute",
        language="zh-Hans",
        related=related,
        content_hash=content_hash(title, text),
    )


async def fill(uri: str, database: str, folder: Path, count: int) -> None:
    connection = await Connection.open(uri, database, folder)
    try:
        await prepare(connection.db)
        for start in range(0, count, BATCH):
            entries = [Entry.of(made(number), datetime.now(UTC)) for number in range(start, min(count, start + BATCH))]
            await connection.db["articles"].insert_many([entry.document for entry in entries], ordered=False)
        await count_all(connection.db)
    finally:
        await connection.close()


async def write_on(uri: str, database: str, folder: Path, first: int, stop: threading.Event) -> int:
    """Store articles as a crawl of some 20 pages per second does; return how many."""
    connection = await Connection.open(uri, database, folder)
    store = ArticleStore(connection, fold=fold)
    number = first
    while not stop.is_set():
        await asyncio.gather(*(store.save(made(number + at)) for at in range(5)))
        number += 5
        await asyncio.sleep(0.25)
    await store.close()
    await connection.close()
    return number - first


def questions(count: int) -> Iterator[tuple[str, str]]:
    """Yield (kind of page, path) without end."""
    chance = random.Random(7)
    while True:
        number = chance.randrange(count)
        name = short_id(f"site{number % SITES}.example/{number}")
        word, other = chance.choice(WORDS), chance.choice(WORDS)
        yield BASELINE, BASELINE
        yield "newest", "/"
        yield "search, a word", f"/search?q={quote(word)}"
        yield "search, two words", f"/search?q={quote(f'{word} {other}')}"
        yield "search, a site", f"/search?q=site:site{number % SITES}.example"
        yield "article", f"/articles/{name}"
        yield "graph", f"/articles/{name}/graph"
        yield "story", f"/stories/{name}"
        yield "coverage", "/coverage?since=2026-01-01&until=2026-03-31"
        yield "sources", "/sources?since=2026-01-01&until=2026-03-31"


def read_on(base: str, count: int, seconds: float, readers: int) -> dict[str, list[float]]:
    """Return the times in ms of each kind of page, asked by several readers at once."""
    times: dict[str, list[float]] = defaultdict(list)
    asked, lock = questions(count), threading.Lock()
    ends_at = time.monotonic() + seconds

    def read() -> None:
        while time.monotonic() < ends_at:
            with lock:
                kind, path = next(asked)
            began = time.monotonic()
            try:
                with urllib.request.urlopen(f"{base}{path}") as answer:
                    answer.read()
            except urllib.error.HTTPError as error:
                kind = f"{kind} ({error.code})"
            times[kind].append((time.monotonic() - began) * 1000)

    threads = [threading.Thread(target=read) for _ in range(readers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return times


def show(times: dict[str, list[float]]) -> None:
    base = times[BASELINE]
    quiet = statistics.median(base), percentile(base, 0.95)
    print(f"{'page':<20}{'requests':>9}{'median':>9}{'p95':>9}{'x median':>10}{'x p95':>8}")
    for kind, found in times.items():
        median, high = statistics.median(found), percentile(found, 0.95)
        ratios = median / quiet[0], high / quiet[1]
        print(f"{kind:<20}{len(found):>9}{median:>9.0f}{high:>9.0f}{ratios[0]:>10.1f}{ratios[1]:>8.1f}")


def percentile(found: list[float], share: float) -> float:
    return sorted(found)[min(len(found) - 1, int(share * len(found)))]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--articles", type=int, default=20_000)
    parser.add_argument("--readers", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=30)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        server = LocalServer.start(folder / "mongo")
        try:
            _measure(server.uri, folder, given)
        finally:
            server.release()


def _measure(uri: str, folder: Path, given: Any) -> None:
    began = time.monotonic()
    asyncio.run(fill(uri, "pages", folder, given.articles))
    own = {"MONGO_URI": uri, "MONGO_DATABASE": "pages", "NEWSSPIDER_DATA_DIR": str(folder), "PYTHONPATH": str(ROOT)}
    environment = {**os.environ, **own}
    subprocess.run([*SCRAPY, "articles", "index"], cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)
    print(f"{given.articles} articles stored and indexed in {time.monotonic() - began:.0f} s", file=sys.stderr)
    stop, written = threading.Event(), []
    writing = threading.Thread(
        target=lambda: written.append(asyncio.run(write_on(uri, "pages", folder, given.articles, stop)))
    )
    server = subprocess.Popen([*SCRAPY, "serve", "--port", str(PORT)], cwd=ROOT, env=environment)
    base = f"http://127.0.0.1:{PORT}"
    try:
        _wait_for(f"{base}{BASELINE}")
        writing.start()
        times = read_on(base, given.articles, given.seconds, given.readers)
    finally:
        stop.set()
        server.terminate()
        server.wait()
    writing.join()
    print(f"{given.articles} articles, {given.readers} readers, {written[0] / given.seconds:.0f} stored per second")
    show(times)
    with MongoClient(uri) as client:
        client.drop_database("pages")


def _wait_for(url: str) -> None:
    ends_at = time.monotonic() + START_S
    while True:
        try:
            with urllib.request.urlopen(url):
                return
        except OSError:
            if time.monotonic() > ends_at:
                raise
            time.sleep(0.2)


if __name__ == "__main__":
    main()
