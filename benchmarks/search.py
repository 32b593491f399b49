"""Full-text search in Chinese, four ways side by side in one run: our index, a scan, MongoDB's `$text`, SQLite's FTS5.

    python benchmarks/search.py [--articles 10000] [--queries 200] [--folder DIR]

The articles are made up, some 980 characters each: words of one to four characters out of a lexicon of 30,000, as
frequent as words are (Zipf). One has 302 different characters and 639 different pairs on the average, and 130 of them
43,171 pairs together; of 130 real news articles cut to that length it was 316, 644 and 44,282. Latencies are of the
first 20 hits, newest first, with their number. CPU is that of this process with its threads, without mongod. `$text`
has an index over pairs of characters, which is what it can use for Chinese; FTS5 its trigrams. Both are left out above
20,000 and 200,000 articles. Recall and precision are held against what a query means (newsspider/search/matching.py),
for up to 100,000 articles.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import random
import re
import shutil
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pymongo import MongoClient

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from newsspider.mongo.server.connection import Connection  # noqa: E402
from newsspider.mongo.server.local_server import LocalServer  # noqa: E402
from newsspider.search.archive_search import search  # noqa: E402
from newsspider.search.index.files import folder_of  # noqa: E402
from newsspider.search.index.follower import Follower  # noqa: E402
from newsspider.search.index.reader import index_reader  # noqa: E402
from newsspider.search.matching import MatchedArticle  # noqa: E402
from newsspider.search.parsing import parse  # noqa: E402
from newsspider.search.units import pairs, units  # noqa: E402

DATABASE = "search_benchmark"
START = datetime(2026, 1, 1, tzinfo=UTC)
LEXICON, SENTENCE, LENGTH = 30_000, (6, 16), 980
# words that an article comes back to, and their share: its different characters and pairs are then as many as in news
TOPIC, ON_TOPIC = 50, 0.5
MOST_FOR_TRUTH = 100_000
SCANNED, LIMIT, CHUNK = 12, 20, 2_000
SITES = [f"site{number}.example" for number in range(40)]
LATIN = ("5G", "GDP", "AI", "iPhone 15", "A股", "3.5%", "2026年", "12月", "COVID-19")


class Prose:
    """Makes articles up; the same number is the same article in every run."""

    def __init__(self) -> None:
        chance = random.Random(1)
        level_1 = bytes(
            itertools.chain.from_iterable((0xB0 + row, 0xA1 + cell) for row in range(39) for cell in range(94))
        )
        characters = list(level_1.decode("gb2312"))
        chance.shuffle(characters)
        weights = [1 / (rank + 10) for rank in range(len(characters))]
        lengths = chance.choices((1, 2, 3, 4), (5, 78, 11, 6), k=LEXICON)
        drawn = iter(chance.choices(characters, weights, k=sum(lengths)))
        self.words = ["".join(itertools.islice(drawn, length)) for length in lengths]
        self.words[50:50] = LATIN
        self._weights = list(itertools.accumulate(1 / (rank + 2) for rank in range(len(self.words))))

    def text(self, chance: random.Random, length: int) -> str:
        topic = chance.choices(self.words, cum_weights=self._weights, k=TOPIC)
        words = chance.choices(self.words, cum_weights=self._weights, k=length // 2)
        words = [chance.choice(topic) if chance.random() < ON_TOPIC else word for word in words]
        parts, at = [], 0
        while at < len(words):
            size = chance.randint(*SENTENCE)
            parts.append("".join(words[at : at + size]) + chance.choice("，，，。。\n"))
            at += size
        return "".join(parts)[:length]

    def article(self, number: int) -> dict[str, Any]:
        chance = random.Random(number)
        seen, site = START + timedelta(seconds=31 * number), chance.choice(SITES)
        facts = {"site": site, "url": f"https://{site}/{number}", "source": f"某报{chance.randrange(300)}"}
        times = dict.fromkeys(("published_at", "first_seen_at", "version_seen_at"), seen)
        title = re.sub(r"\W", "", self.text(chance, 22))
        text = self.text(chance, LENGTH)
        return {"_id": f"{site}/{number}", "title": title, "text": text, "language": "zh-Hans"} | facts | times


@dataclass(frozen=True, slots=True)
class Asked:
    """A query; `parts`: the words and phrases that all have to be there, empty where it is more than that."""

    kind: str
    text: str
    parts: tuple[str, ...] = ()


def questions(prose: Prose, count: int, articles: int) -> list[Asked]:
    """Return queries of each kind in turn."""
    chance = random.Random(5)

    def word() -> str:
        return next(w for w in iter(lambda: prose.words[int(10 ** chance.uniform(1, 4.4))], "") if len(w) > 1)

    def phrase() -> str:
        text = prose.article(chance.randrange(articles))["text"].replace("\n", "")
        begin = chance.randrange(600)
        return str(text[begin : begin + chance.randint(4, 9)])

    def one(kind: str) -> Asked:
        first, second = word(), word()
        texts = {
            "word": (first, (first,)),
            "two words": (f"{first} {second}", (first, second)),
            "phrase": (f'"{(found := phrase())}"', (found,)),
            "not": (f"{first} -{second}", ()),
            "or": (f"{first} OR {second} since:2026-01-02", ()),
            "site": (f"{first} site:{chance.choice(SITES)}", ()),
            "title": (f"title:{first}", ()),
            "character": (prose.words[chance.randrange(2_000)][0], ()),
        }
        return Asked(kind, *texts[kind])

    kinds = ("word", "two words", "phrase", "not", "or", "site", "title", "character")
    return [one(kinds[number % len(kinds)]) for number in range(count)]


class OurIndex:
    """The index of newsspider, built as `scrapy articles index` does."""

    name, most = "index", sys.maxsize

    def __init__(self, uri: str, folder: Path) -> None:
        self.settings = {"SEARCH_DIR": str(folder / "search"), "MONGO_DATABASE": DATABASE}
        self._address = uri, DATABASE, folder

    def build(self) -> int:
        async def work() -> None:
            connection = await Connection.open(*self._address)
            follower = Follower(connection, self.settings)
            await follower.open()
            await follower.catch_up()
            await follower.close(is_merged=True)
            await connection.close()

        asyncio.run(work())
        self._reader = index_reader(self.settings)
        return sum(path.stat().st_size for path in folder_of(self.settings).glob("*"))

    def ask(self, asked: Asked, limit: int = LIMIT) -> tuple[int, list[str]]:
        found = self._reader and self._reader.ask(parse(asked.text), limit, None, "newest")
        if not found:
            raise RuntimeError("there is no index")
        return found.total, [key for key, _ in found.ranked]


class Scan:
    """Every article that MongoDB finds by a regular expression, read and judged."""

    name, most = "scan", sys.maxsize

    def __init__(self, uri: str, folder: Path) -> None:
        self._address = uri, DATABASE, folder

    def build(self) -> int:
        return 0

    def ask(self, asked: Asked, limit: int = LIMIT) -> tuple[int, list[str]]:
        async def work() -> tuple[int, list[str]]:
            connection = await Connection.open(*self._address)
            page = await search(connection, {}, parse(asked.text), limit=min(limit, 1000), within_s=900)
            await connection.close()
            return page.total, [hit.id for hit in page.hits]

        return asyncio.run(work())


class TextIndex:
    """MongoDB's `$text` over pairs of characters: words and phrases only."""

    name, most = "$text", 20_000

    def __init__(self, database: Any) -> None:
        self._database = database
        self._collection = database["pairs"]

    def build(self) -> int:
        self._collection.create_index([("pairs", "text")], default_language="none")
        for batch in chunks(self._database["articles"].find()):
            self._collection.insert_many(
                {
                    "_id": a["_id"],
                    "at": a["published_at"],
                    "pairs": " ".join(pairs(units(f"{a['title']}\n{a['text']}"))),
                }
                for a in batch
            )
        sizes = self._database.command("collStats", "pairs")
        return int(sizes["totalIndexSize"] + sizes["storageSize"])

    def ask(self, asked: Asked, limit: int = LIMIT) -> tuple[int, list[str]]:
        phrases = (" ".join(pairs(units(part))) for part in asked.parts)
        query = {"$text": {"$search": " ".join(f'"{phrase}"' for phrase in phrases)}}
        found = self._collection.find(query, {"_id": True}).sort("at", -1).limit(limit)
        return self._collection.count_documents(query), [one["_id"] for one in found]


class Fts5:
    """SQLite's FTS5 with trigrams: words and phrases only; what is shorter than three characters is scanned for."""

    name, most = "FTS5", 200_000

    def __init__(self, database: Any, folder: Path) -> None:
        self._articles = database["articles"]
        self._path = folder / "fts5.db"
        self._sqlite = sqlite3.connect(self._path)

    def build(self) -> int:
        self._sqlite.execute("CREATE VIRTUAL TABLE articles USING fts5(id UNINDEXED, body, tokenize = 'trigram')")
        for batch in chunks(self._articles.find().sort("published_at", 1)):
            rows = ((a["_id"], f"{a['title']}\n{a['text']}") for a in batch)
            self._sqlite.executemany("INSERT INTO articles VALUES (?, ?)", rows)
        self._sqlite.commit()
        return self._path.stat().st_size

    def ask(self, asked: Asked, limit: int = LIMIT) -> tuple[int, list[str]]:
        long = [part for part in asked.parts if len(part) > 2]
        conditions = ["articles MATCH ?"] * bool(long) + ["body LIKE ?"] * (len(asked.parts) - len(long))
        values = [" ".join('"{}"'.format(part.replace('"', "")) for part in long)] * bool(long)
        values += [f"%{part}%" for part in asked.parts if len(part) <= 2]
        where = " AND ".join(conditions)
        total = self._sqlite.execute(f"SELECT count(*) FROM articles WHERE {where}", values).fetchone()[0]
        chosen = f"SELECT id FROM articles WHERE {where} ORDER BY rowid DESC LIMIT {limit}"
        return total, [row[0] for row in self._sqlite.execute(chosen, values)]


def chunks(found: Any) -> Iterator[list[Any]]:
    """Yield lists of CHUNK."""
    while batch := list(itertools.islice(found, CHUNK)):
        yield batch


def filled(database: Any, prose: Prose, count: int) -> int:
    """Store articles; return the bytes of their text in UTF-8."""
    total = 0
    for batch in chunks(map(prose.article, range(count))):
        database["articles"].insert_many(batch)
        total += sum(len(f"{article['title']}{article['text']}".encode()) for article in batch)
    return total


def truths(database: Any, asked: Sequence[Asked]) -> list[set[str]]:
    """Return the ids that each query means, of every article."""
    roots = [parse(one.text).root for one in asked]
    found: list[set[str]] = [set() for _ in asked]
    for article in database["articles"].find():
        matched = MatchedArticle(article)
        for ids, root in zip(found, roots, strict=True):
            if matched.matches(root):
                ids.add(article["_id"])
    return found


def measured(
    way: Any, asked: Sequence[Asked], wanted: Sequence[set[str]] | None, articles: int, text: int
) -> list[str]:
    """Build a way and return its row: CPU per article, size, latencies, recall and precision."""
    began = time.process_time()
    size = way.build()
    cpu_ms = 1000 * (time.process_time() - began) / articles
    seconds: list[float] = []
    busy: list[float] = []
    is_ours, right, given, meant = way.name == "index", 0, 0, 0
    for number, one in enumerate(asked):
        if not (one.parts or is_ours) or (way.name == "scan" and len(seconds) >= SCANNED):
            continue
        started, used = time.perf_counter(), time.process_time()
        way.ask(one)
        seconds.append(time.perf_counter() - started)
        busy.append(time.process_time() - used)
        if wanted is not None and way.name != "scan":
            ids = set(way.ask(one, 1_000_000)[1])
            right, given, meant = right + len(ids & wanted[number]), given + len(ids), meant + len(wanted[number])
    latencies = [f"{1000 * sorted(seconds)[int(share * len(seconds))]:.2f}" for share in (0.5, 0.95)]
    latencies.append(f"{1000 * sorted(busy)[int(0.95 * len(busy))]:.2f}")
    shares = [f"{right / max(1, part):.4f}" if wanted is not None and given else "" for part in (meant, given)]
    built = [f"{cpu_ms:.2f}", f"{size / text:.2f}"] if size else ["", ""]
    return [way.name, *built, *latencies, *shares]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--articles", type=int, default=10_000)
    parser.add_argument("--queries", type=int, default=200)
    parser.add_argument("--folder", help="for the data, some 8 KB per article (default a temporary folder)")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(dir=options.folder))
    server = LocalServer.start(folder / "mongo")
    try:
        with MongoClient[dict[str, Any]](server.uri, tz_aware=True) as client:
            run(client[DATABASE], server.uri, folder, options.articles, options.queries)
    finally:
        server.release()
        shutil.rmtree(folder, ignore_errors=True)


def run(database: Any, uri: str, folder: Path, articles: int, count: int) -> None:
    """Print the table."""
    prose = Prose()
    text = filled(database, prose, articles)
    asked = questions(prose, count, articles)
    wanted = truths(database, asked) if articles <= MOST_FOR_TRUTH else None
    ways = (OurIndex(uri, folder), Scan(uri, folder), TextIndex(database), Fts5(database, folder))
    print(f"{articles} articles, {text / 1e6:.1f} MB of text, {count} queries")
    columns = ("way", "CPU ms/article", "size/text", "p50 ms", "p95 ms", "p95 CPU", "p50/index", "recall", "precision")
    print("  ".join(f"{name:>9}" for name in columns))
    first = 0.0
    for way in ways:
        if articles <= way.most:
            row = measured(way, asked, wanted, articles, text)
            first = first or float(row[3])
            row.insert(6, f"{float(row[3]) / first:.1f}")
            print(
                "  ".join(f"{cell:>{max(9, len(name))}}" for name, cell in zip(columns, row, strict=True)), flush=True
            )


if __name__ == "__main__":
    main()
