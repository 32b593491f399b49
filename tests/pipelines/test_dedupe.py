"""The pipeline that marks copies, with a real MongoDB."""

from __future__ import annotations

import asyncio
import random
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from scrapy.exceptions import DropItem, NotConfigured
from scrapy.settings import Settings
from scrapy.spiders import Spider
from scrapy.utils.test import get_crawler

from newsspider.items import Article
from newsspider.mongo.schema import prepare
from newsspider.pipelines.dedupe import DedupePipeline

SEEN = datetime(2026, 5, 4, 8, tzinfo=UTC)


def article(key: str, seed: int, **fields: Any) -> Article:
    text = "\n".join(
        "".join(random.Random(seed * 50 + n).choices("春江潮水连海平月共生滟随波千万里", k=30)) for n in range(12)
    )
    return Article(
        _id=key,
        url=f"https://{key}",
        site=key.split("/")[0],
        title=f"第{seed}条",
        text=text,
        body_html="\n".join(f"<p>{line}</p>" for line in text.split("\n")),
        fetched_at=SEEN,
        published_at=SEEN,
        **fields,
    )


@pytest.fixture
def settings(mongo_uri: str, database: str, tmp_path: Path) -> dict[str, Any]:
    names = {"MONGO_URI": mongo_uri, "MONGO_DATABASE": database, "MONGO_DATA_DIR": str(tmp_path)}
    return names | {"DEDUPE_ENABLED": True, "STORE_RETRY_S": 5}


def process(
    settings: dict[str, Any], *articles: Article, together: bool = False, kind: Any = DedupePipeline
) -> tuple[list[Any], dict[str, Any]]:
    """Return what came out (an Article, or the exception that dropped it) and the stats."""

    async def work() -> tuple[list[Any], dict[str, Any]]:
        crawler = get_crawler(Spider, dict(settings))
        crawler.stats = crawler.stats or _stats(crawler)
        pipeline = kind.from_crawler(crawler)
        await pipeline.open_spider()
        if pipeline.connection is not None:
            await prepare(pipeline.connection.db)
        try:
            if together:
                out = await asyncio.gather(*map(pipeline.process_item, articles), return_exceptions=True)
            else:
                out = [(await asyncio.gather(pipeline.process_item(a), return_exceptions=True))[0] for a in articles]
        finally:
            await pipeline.close_spider()
        return out, crawler.stats.get_stats()

    return asyncio.run(work())


def _stats(crawler: Any) -> Any:
    from scrapy.statscollectors import MemoryStatsCollector

    return MemoryStatsCollector(crawler)


def test_copy_is_marked_and_counted(settings: dict[str, Any]) -> None:
    (first, second), stats = process(settings, article("a.example/1", 1), article("b.example/1", 1))
    assert (first.story_id, first.duplicate_of) == ("a.example/1", None)
    assert (second.story_id, second.duplicate_of) == ("a.example/1", "a.example/1")
    assert set(second.fingerprint) == {"nv", "hb"}
    assert second.text
    assert stats["dedupe/duplicate"] == 1


def test_articles_in_flight_together_find_each_other(settings: dict[str, Any]) -> None:
    made = [article(f"s{n % 4}.example/{n // 4}", n // 4) for n in range(80)]
    out, stats = process(settings, *made, together=True)
    assert {item.story_id for item in out} == {f"s0.example/{n}" for n in range(20)}
    assert stats["dedupe/duplicate"] == 60


def test_no_text_keeps_the_copy_without_its_text(settings: dict[str, Any]) -> None:
    made = article("a.example/1", 1), article("b.example/1", 1)
    (first, second), _ = process(settings | {"DEDUPE_KEEP": "no-text"}, *made)
    assert first.text
    assert (second.text, second.body_html) == ("", "")
    assert second.duplicate_of == "a.example/1"


def test_first_drops_the_copy(settings: dict[str, Any]) -> None:
    made = article("a.example/1", 1), article("b.example/1", 1)
    (first, second), stats = process(settings | {"DEDUPE_KEEP": "first"}, *made)
    assert isinstance(first, Article)
    assert isinstance(second, DropItem)
    assert stats["dedupe/skipped"] == 1


def test_second_address_on_one_site_is_an_alias(settings: dict[str, Any]) -> None:
    (_, second), stats = process(settings, article("a.example/1", 1), article("a.example/1-print", 1))
    assert second.alias_of == "a.example/1"
    assert "dedupe/duplicate" not in stats


def test_primary_that_steps_down_is_waited_for(settings: dict[str, Any], mongo: Any) -> None:
    class SteppingDown(DedupePipeline):
        async def _assign_batch(self, batch: Any) -> None:
            if self.connection is not None and batch[0].item._id.endswith("/0"):
                await self.connection.client.admin.command("replSetStepDown", 1, force=True)
            await super()._assign_batch(batch)

    made = [article(f"s{n % 4}.example/{n // 4}", n // 4) for n in range(80)]
    out, stats = process(settings, *made, together=True, kind=SteppingDown)
    assert {item.story_id for item in out} == {f"s0.example/{n}" for n in range(20)}
    assert "dedupe/unmarked" not in stats


def test_without_mongodb_items_go_on_unmarked(settings: dict[str, Any]) -> None:
    away = {"MONGO_URI": "mongodb://127.0.0.1:9/?serverSelectionTimeoutMS=100", "STORE_RETRY_S": 0.2}
    (item,), stats = process(settings | away, article("a.example/1", 1))
    assert item.story_id is None
    assert stats["dedupe/unmarked"] == 1


def test_article_that_cannot_be_encoded_holds_up_no_other(settings: dict[str, Any]) -> None:
    made = article("a.example/1", 1, source="\ud800"), article("b.example/2", 2)
    (broken, sound), _ = process(settings, *made, together=True)
    assert broken.story_id is None
    assert sound.story_id == "b.example/2"


@pytest.mark.parametrize(
    ("name", "value", "error"), [("DEDUPE_ENABLED", False, NotConfigured), ("DEDUPE_KEEP", "x", ValueError)]
)
def test_settings_are_checked(settings: dict[str, Any], name: str, value: Any, error: type[Exception]) -> None:
    crawler: Any = SimpleNamespace(settings=Settings(settings | {name: value}), stats=None)
    with pytest.raises(error):
        DedupePipeline.from_crawler(crawler)
