"""What validate drops, and that it says what, where and what was tried."""

from __future__ import annotations

from copy import deepcopy
from datetime import UTC, datetime, timedelta

import pytest
from scrapy.exceptions import DropItem
from scrapy.utils.test import get_crawler

from newsspider.items import Article
from newsspider.pipelines.validate import ValidatePipeline
from newsspider.text.mojibake import is_mojibake

FETCHED = datetime(2023, 8, 7, 4, 0, tzinfo=UTC)


def article(**changes: object) -> Article:
    values: dict[str, object] = {
        "_id": "hekou.example/a/1",
        "url": "https://hekou.example/a/1",
        "site": "hekou.example",
        "title": "渡口恢复通航",
        "text": "渡口今天恢复通航。",
        "body_html": "<p>渡口今天恢复通航。</p>",
        "fetched_at": FETCHED,
    }
    return Article(**(values | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"kind": "listing", "kind_reasons": ["40 links, no paragraph"]}, "listing"),
        ({"kind": "login"}, "login"),
        ({"title": ""}, "no-title"),
        ({"text": "", "body_html": ""}, "no-body"),
        ({"text": "锟斤拷锟斤拷锟斤拷锟斤拷"}, "mojibake"),
        ({"title": "æ²³å£é•‡çš„æ¸¡å£"}, "mojibake"),
        ({"published_at": FETCHED + timedelta(days=3)}, "implausible-date"),
        ({"published_at": datetime(1970, 1, 1, tzinfo=UTC)}, "implausible-date"),
        ({"published_at": datetime(2023, 8, 6)}, "naive-date"),  # noqa: DTZ001 - the defect under test
    ],
)
def test_unsound_article_is_dropped_and_counted(changes: dict[str, object], reason: str) -> None:
    crawler = get_crawler()
    with pytest.raises(DropItem, match=r"hekou\.example/a/1"):
        ValidatePipeline.from_crawler(crawler).process_item(article(**changes))
    assert crawler.stats.get_value(f"validate/dropped/{reason}") == 1


def test_sound_article_passes_unchanged() -> None:
    item = article(published_at=FETCHED)
    before = deepcopy(item)
    assert ValidatePipeline.from_crawler(get_crawler()).process_item(item) is item
    assert item == before


def test_other_items_pass() -> None:
    item = {"any": "thing"}
    assert ValidatePipeline.from_crawler(get_crawler()).process_item(item) is item


@pytest.mark.parametrize(
    "text", ["渡口恢复通航。", "Café à la crème – naïve façade", "一个\ufffd字丢了" + "，其余的一百个字都在" * 9, ""]
)
def test_sound_text_is_no_mojibake(text: str) -> None:
    assert not is_mojibake(text)
