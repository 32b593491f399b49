"""Items per second through the store pipeline, beside no pipeline and one insert per item, in the same run.

    python benchmarks/store.py [--items 6000] [--rounds 2]

Every variant is a crawl in a process of its own, against the same private mongod in a temporary folder; all writes are
acknowledged with w=majority and journal. An item is an article of 900 characters with 12 related links; a page gives
50 of them and a text is cut from a longer one, so that neither download nor invention is what is measured.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

import scrapy
from pymongo import AsyncMongoClient, MongoClient
from scrapy.crawler import AsyncCrawlerProcess, Crawler

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from newsspider.items import Article, RelatedLink  # noqa: E402
from newsspider.mongo.articles.documents import document_of  # noqa: E402
from newsspider.mongo.server.connection import CLIENT_OPTIONS  # noqa: E402
from newsspider.mongo.server.local_server import LocalServer  # noqa: E402
from newsspider.text import content_hash  # noqa: E402

PER_PAGE = 50
MONDAY = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
WORDS = "河口镇的渡船今天恢复通航船工老周说水位已经退了两米沿岸商铺陆续开门镇上的集市也比往日热闹"
LONG_WORDS = WORDS * 4
VARIANTS = {
    "no pipeline": None,
    "one insert an item, waiting": "BlockingInserts",
    "one insert an item, async": "AsyncInserts",
    "store pipeline": "newsspider.pipelines.store.StorePipeline",
    "store pipeline, seen again": "newsspider.pipelines.store.StorePipeline",
}


def invented_article(number: int) -> Article:
    """Return article `number`: a text of its own, of 900 characters in 9 lines."""
    starts = [(number * 7 + line * 13) % len(WORDS) for line in range(9)]
    lines = [LONG_WORDS[start : start + 100] for start in starts]
    text = "\n".join(lines)
    key = f"news.hekou.example/2026/{number}"
    links = [
        RelatedLink("相关阅读", k, f"https://news.hekou.example/2026/{number + k}", f"{number}{WORDS[:20]}{k}")
        for k in range(12)
    ]
    body = "\n".join(f"<p>{line}</p>" for line in lines)
    made = Article(key, f"https://{key}", "hekou.example", f"{number}{WORDS[:18]}", text, body, MONDAY, related=links)
    made.content_hash = content_hash(made.title, text)
    return made


class Articles(scrapy.Spider):
    """Yields invented articles, PER_PAGE a page."""

    name = "articles"
    items = 0

    async def start(self) -> AsyncIterator[Any]:
        for first in range(0, self.items, PER_PAGE):
            yield scrapy.Request(f"data:,{first}", cb_kwargs={"first": first})

    def parse(self, response: Any, first: int) -> Iterator[Article]:
        yield from map(invented_article, range(first, first + PER_PAGE))


class BlockingInserts:
    """insert_one in process_item: what most tutorials show."""

    def __init__(self, crawler: Crawler) -> None:
        client: MongoClient[dict[str, Any]] = MongoClient(crawler.settings["MONGO_URI"], **CLIENT_OPTIONS)
        self.articles = client[crawler.settings["MONGO_DATABASE"]]["plain"]

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_item(self, item: Article) -> Article:
        self.articles.insert_one(document_of(item))
        return item


class AsyncInserts(BlockingInserts):
    """insert_one awaited: as many at once as Scrapy has items under way."""

    def __init__(self, crawler: Crawler) -> None:
        self.address = (crawler.settings["MONGO_URI"], crawler.settings["MONGO_DATABASE"])

    async def open_spider(self) -> None:
        self.client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(self.address[0], **CLIENT_OPTIONS)

    async def process_item(self, item: Article) -> Article:  # type: ignore[override]
        await self.client[self.address[1]]["plain"].insert_one(document_of(item))
        return item

    async def close_spider(self) -> None:
        await self.client.close()


def crawl(options: dict[str, Any]) -> None:
    """Run one variant and print its time, from the opened spider to its end, and its peak memory."""
    from newsspider import settings as project

    pipeline = VARIANTS[options["variant"]]
    classes = {"BlockingInserts": BlockingInserts, "AsyncInserts": AsyncInserts}
    chosen = {
        name: getattr(project, name) for name in dir(project) if name.startswith(("STORE_", "SPOOL_", "REVISIT_"))
    }
    chosen |= {name: getattr(project, name) for name in ("BACKOFF_S", "BACKOFF_MAX_S")}
    chosen |= {"MONGO_URI": options["uri"], "MONGO_DATABASE": options["database"], "MONGO_DATA_DIR": options["folder"]}
    chosen |= {"SPOOL_DIR": options["folder"] + "/spool", "LOG_LEVEL": "WARNING", "REMOTE_CONTROL_ENABLED": False}
    chosen |= {"TELNETCONSOLE_ENABLED": False, "CRAWL_STATE_ENABLED": True}
    chosen["ITEM_PIPELINES"] = {classes.get(pipeline, pipeline): 400} if pipeline else {}
    process = AsyncCrawlerProcess(settings=chosen)
    crawler = process.create_crawler(Articles)
    process.crawl(crawler, items=options["items"])
    process.start()
    stats = crawler.stats.get_stats() if crawler.stats is not None else {}
    result = {
        "seconds": stats.get("elapsed_time_seconds", 0),
        "items": stats.get("item_scraped_count", 0),
        "cpu_s": sum(resource.getrusage(resource.RUSAGE_SELF)[:2]),
        "memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    print(json.dumps(result))


def measure(variant: str, items: int, uri: str, database: str, folder: str) -> dict[str, float]:
    options = {"variant": variant, "items": items, "uri": uri, "database": database, "folder": folder}
    command = [sys.executable, __file__, "--crawl", json.dumps(options)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    result: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    if result["items"] != items:
        sys.exit(f"{variant}: {result['items']} of {items} items\n{done.stderr[-2000:]}")
    return result


def compare(items: int, rounds: int) -> list[tuple[str, dict[str, float]]]:
    """Return the best round of each variant: variants take turns, so that noise meets all of them."""
    best: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        server = LocalServer.start(Path(folder) / "mongo")
        try:
            for number in range(rounds):
                for variant in VARIANTS:
                    if "waiting" in variant or "async" in variant:
                        with MongoClient(server.uri) as client:
                            client.drop_database(f"news{number}_plain")
                    database = f"news{number}" if "store" in variant else f"news{number}_plain"
                    result = measure(variant, items, server.uri, database, folder)
                    if variant not in best or result["seconds"] < best[variant]["seconds"]:
                        best[variant] = result
        finally:
            server.release()
    return list(best.items())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", type=int, default=6000)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--crawl", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.crawl:
        crawl(json.loads(arguments.crawl))
        return
    items = arguments.items // PER_PAGE * PER_PAGE
    rows = compare(items, arguments.rounds)
    waiting = dict(rows)["one insert an item, waiting"]["seconds"]
    print(f"{items} items, best of {arguments.rounds} rounds, w=majority and journal")
    print("| variant | items/s | x one insert waiting | CPU ms/item | peak memory MB |")
    print("|---|---|---|---|---|")
    for variant, result in rows:
        rate = items / result["seconds"]
        ratio = waiting / result["seconds"]
        cpu_ms = 1000 * result["cpu_s"] / items
        print(f"| {variant} | {rate:,.0f} | {ratio:.2f} | {cpu_ms:.2f} | {result['memory_mb']:.0f} |")


if __name__ == "__main__":
    main()
