"""A database of random articles with its index, for the tests of newsspider.search."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from newsspider.mongo.schema import prepare
from newsspider.mongo.server.connection import Connection
from newsspider.search.archive_search import matching_ids, search
from newsspider.search.index.follower import Follower
from newsspider.search.matching import MatchedArticle
from newsspider.search.parsing import parse

FIRST = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
# a small alphabet, so that pairs and phrases occur by chance
CHARACTERS = "渡船橋桥河鎮镇产業业链5GＡa股，。、“” \n"
WORDS = ("渡船", "GDP增长", "5G", "A股", "“一渡”", "AT&T", "3.5%", "産業鏈", "\n", "，", "iPhone 15", "河口鎮")
SOURCES = ("河口日报", "河口日報 客户端", "Linhe Post", None)
SITES = ("hekou.example", "linhe.example", "a.gov.cn", "b.gov.cn")
QUERIES = (
    *("渡船", "渡", "5G", "a", "产业链", "桥河", "“渡船桥”", "渡船 桥", "渡船 -桥", "渡船 OR 产业", "GDP增长", "长"),
    *("A股", "股", '"A股，"', "title:渡船", "-title:渡", "at&t 3.5", "iphone", '"iphone 15"', "一渡", "镇产 -(渡 河)"),
    *("source:河口", 'source:"河口日报"', "author:李", 'author:"Li Ming"', "tag:渡船", "section:国", "-source:post"),
    *(
        "site:hekou.example",
        "site:gov.cn",
        "site:m.linhe.example",
        "lang:zh",
        "lang:zh-hant",
        "copies:no",
        "copies:only",
    ),
    *("since:2026-03-03", "until:2026-03-02", "since:2026-03-02T10:00 until:2026-03-04 渡", "story:s1", "NOT 渡", ""),
    *("(渡 OR 桥) -(产 OR lang:en) site:example", "没有的词", "渡 OR -渡", "-copies:no 5g"),
)


def made(number: int, choose: random.Random) -> dict[str, Any]:
    """Return an article as the store would write it."""
    site = choose.choice(SITES)
    host = choose.choice(("", "m.", "news.")) + site
    seen = FIRST + timedelta(minutes=number, milliseconds=choose.randrange(1000))

    def text(count: int) -> str:
        return "".join(choose.choice(choose.choice((CHARACTERS, WORDS))) for _ in range(count))

    return {
        "_id": f"{host}/{number}",
        "short_id": f"{number:016x}",
        "url": f"https://{host}/{number}",
        "site": site,
        "title": text(6) or "无题",
        "text": text(choose.randrange(60)),
        "body_html": "",
        "source": choose.choice(SOURCES),
        "authors": choose.sample(["李明", "Li Ming", "周"], choose.randrange(3)),
        "tags": choose.sample(["渡船", "桥"], choose.randrange(3)),
        "section": choose.choice(["国内", None]),
        "language": choose.choice(["zh-Hans", "zh-Hant", "en", None]),
        "published_at": choose.choice([None, FIRST + timedelta(hours=choose.randrange(96))]),
        "story_id": choose.choice(["s1", "s2", None]),
        "duplicate_of": choose.choice(["x", None]),
        "revision": 1,
        "fetched_at": seen,
        "first_seen_at": seen,
        "last_seen_at": seen,
        "version_seen_at": seen,
    }


class Archive:
    """A database with its index."""

    def __init__(self, uri: str, database: str, folder: Path) -> None:
        self._address = uri, database, folder
        self.settings = {"SEARCH_DIR": str(folder / "search"), "MONGO_DATABASE": database}

    def run(self, work: Callable[[Connection], Any]) -> Any:
        async def connected() -> Any:
            connection = await Connection.open(*self._address)
            try:
                return await work(connection)
            finally:
                await connection.close()

        return asyncio.run(connected())

    def catch_up(self, **options: Any) -> int:
        async def work(connection: Connection) -> int:
            await prepare(connection.db)
            follower = Follower(connection, self.settings)
            assert await follower.open()
            try:
                return await follower.catch_up(**options)
            finally:
                await follower.close()

        count: int = self.run(work)
        return count

    def found(self, text: str, **options: Any) -> Any:
        return self.run(lambda connection: search(connection, self.settings, parse(text), **options))

    def ids(self, *texts: str, engine: str = "index") -> list[list[str]]:
        """Return the ids that each of `texts` finds, asked of `engine`."""

        async def work(connection: Connection) -> list[list[str]]:
            assert (await search(connection, self.settings, parse(""), limit=1)).engine == engine
            return [
                [id_ async for ids in matching_ids(connection, self.settings, parse(text)) for id_ in ids]
                for text in texts
            ]

        ids: list[list[str]] = self.run(work)
        return ids


def assert_right(archive: Archive, articles: Iterable[Mapping[str, Any]]) -> None:
    """Hold what every query finds against what it means."""
    matched = [MatchedArticle(article) for article in articles]
    for text, ids in zip(QUERIES, archive.ids(*QUERIES), strict=True):
        root = parse(text).root
        wanted = {one.article["_id"] for one in matched if one.matches(root)}
        assert len(ids) == len(set(ids)) and set(ids) == wanted, text
