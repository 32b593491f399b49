"""What today's rules make of stored articles."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from newsspider.cli.archive.diagnosis import finding

FETCHED = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
AT = datetime(2026, 3, 1, 2, 30, tzinfo=UTC)


def stored(title: str, text: str, **fields: Any) -> dict[str, Any]:
    return {"_id": "a", "url": "https://a.example/1", "title": title, "text": text, "fetched_at": FETCHED, **fields}


@pytest.mark.parametrize(
    ("title", "text", "rule"),
    [
        ("安全验证", "请拖动滑块完成验证，以继续访问。", "block"),
        ("访问受限", "您的访问过于频繁，请稍后再试。", "block"),
        ("系统繁忙", "系统繁忙，请稍后再试。", "block"),
        ("渡口消息", "Fatal error: Uncaught PDOException: no link in /srv/db.php on line 12", "block"),
        ("页面不存在", "您要看的页面不存在，三秒后回到首页。", "error"),
        ("渡口的灯", "请先登录。登录后才能查看全文。", "login"),
        ("渡口的灯", " \n ", "empty"),
    ],
)
def test_pages_that_are_not_articles(title: str, text: str, rule: str) -> None:
    found = finding(stored(title, text))
    assert found is not None
    assert found.rule == rule


@pytest.mark.parametrize(
    "article",
    [
        stored("渡口换了新灯", "河口镇渡口昨晚换上新灯。\n船工老周说，夜里过河看得清了。"),
        # about such pages, and longer than they are
        stored("访问频繁被拒怎么办", "读者来信问，查水位时网站说访问过于频繁怎么办。" * 40),
        # a notice that is news: it has a source, or a time
        stored("水务网站维护公告", "网站将于周日维护，期间暂停服务，请稍后再试。", source="河口水务"),
        stored(
            "水务网站维护公告", "网站将于周日维护，期间暂停服务，请稍后再试。", published_at=AT, published_raw="3月1日"
        ),
        stored("两岸的灯", "", images=[{"url": "https://a.example/1.jpg", "caption": None}]),
        stored("转载的稿件", "", duplicate_of="b"),
    ],
)
def test_articles_are_left_alone(article: dict[str, Any]) -> None:
    assert finding(article) is None


def test_a_repeated_text_is_none_unless_it_is_long() -> None:
    assert finding(stored("渡口", "渡口的灯亮了。"), is_repeated=True).rule == "repeated"  # type: ignore[union-attr]
    assert finding(stored("渡口", "渡口的灯亮了，船工收了工。" * 100), is_repeated=True) is None


@pytest.mark.parametrize("hours", [-14, -12, -8, 8, 12, 14])
def test_a_time_that_is_wrong_by_a_zone_or_half_a_day(hours: int) -> None:
    fields = {"published_raw": "2026-03-01 10:30", "published_precision": "minute"}
    found = finding(stored("渡口", "渡口的灯亮了。", published_at=AT + timedelta(hours=hours), **fields))
    assert found is not None
    assert found.published is not None
    assert (found.rule, found.published.at) == ("time", AT)


@pytest.mark.parametrize(
    ("raw", "precision", "at"),
    [
        ("2026-03-01 10:30", "minute", AT),
        ("2026-03-01 10:30", "minute", AT + timedelta(hours=1)),
        # the hour came from another place of the page
        ("2026-03-01", "minute", datetime(2026, 3, 1, 0, tzinfo=UTC)),
        # relative to a fetch that may be long past
        ("8小时前", "minute", FETCHED),
        ("没有时间", "minute", AT),
    ],
)
def test_a_time_that_cannot_be_called_wrong(raw: str, precision: str, at: datetime) -> None:
    article = stored("渡口", "渡口的灯亮了。", published_at=at, published_raw=raw, published_precision=precision)
    assert finding(article) is None
