"""Searches of a database: whatever is asked, the articles are those that the query means."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from mongo_articles import HOUR, MONDAY, article, article_store

from newsspider.mongo.server.connection import Connection
from newsspider.search.archive_search import search
from newsspider.search.parsing import parse
from newsspider.search.query import QueryError
from newsspider.search.results import SearchPage, Sort

ARTICLES = [
    article(1, title="河口渡船復航", text="產業鏈上的渡船。\n5G網絡進村。", section="国内", language="zh-Hant"),
    article(2, title="河口大桥通车", text="大桥与渡船，产业链。", source="河口日报", published_at=MONDAY - HOUR),
    article(3, title="渡船票价", text="票价不变。", site="linhe.example", url="https://a.linhe.example/3"),
    article(4, title="河口渡船复航了", text="转载。", duplicate_of="x", story_id="s", published_at=MONDAY - 2 * HOUR),
]
for number, made in enumerate(ARTICLES):
    made.fetched_at += timedelta(minutes=number)


async def _filled(mongo_uri: str, database: str, folder: Path) -> None:
    async with article_store(mongo_uri, database, folder) as store:
        await asyncio.gather(*map(store.save, ARTICLES))


@pytest.fixture
def asked(mongo_uri: str, database: str, tmp_path: Path) -> Any:
    asyncio.run(_filled(mongo_uri, database, tmp_path))

    def ask(text: str, settings: Mapping[str, Any] | None = None, **options: Any) -> SearchPage:
        async def run() -> SearchPage:
            connection = await Connection.open(mongo_uri, database, tmp_path)
            try:
                return await search(connection, settings or {}, parse(text), **options)
            finally:
                await connection.close()

        return asyncio.run(run())

    return ask


def numbers(page: SearchPage) -> list[int]:
    return [int(hit.id.rpartition("/")[2]) for hit in page.hits]


def pages(asked: Any, text: str, sort: Sort) -> list[int]:
    """Return all hits, read one by one."""
    found, cursor = [], None
    while True:
        page = asked(text, limit=1, cursor=cursor, sort=sort)
        found += numbers(page)
        cursor = page.next_cursor
        if cursor is None:
            return found


def test_a_scan_finds_what_is_meant_in_order_and_page_by_page(asked: Any) -> None:
    page = asked("渡船", has_facets=True)
    assert numbers(page) == [3, 1, 2, 4]
    assert (page.total, page.engine, page.next_cursor) == (4, "scan", None)
    assert pages(asked, "渡船", "newest") == numbers(page)
    assert sorted(pages(asked, "渡船", "relevance")) == [1, 2, 3, 4] and pages(asked, "渡船", "relevance")[-1] == 2
    assert [(facet.value, facet.articles) for facet in page.facets["site"]] == [
        ("hekou.example", 3),
        ("linhe.example", 1),
    ]
    assert page.facets["day"][0].query == "since:2026-03-02 until:2026-03-02"
    assert numbers(asked(f"渡船 {page.facets['source'][0].query}")) == [2]
    found = {text: sorted(numbers(asked(text))) for text in ("产业链", "渡船 -产业链", "渡船 site:linhe.example", "")}
    assert found == {"产业链": [1, 2], "渡船 -产业链": [3, 4], "渡船 site:linhe.example": [3], "": [1, 2, 3, 4]}
    hit = asked("5g网络").hits[0]
    assert [segment.text for segment in hit.snippet if segment.is_hit] == ["5G網絡"] and "text" not in hit.article
    with pytest.raises(QueryError):
        asked("渡船", cursor="n12", sort="relevance")
