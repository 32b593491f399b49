"""Drops what is not an article: wrong kind, no title, no body, mojibake, an impossible date."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final, Self

from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem

from newsspider.items import Article
from newsspider.text.mojibake import is_mojibake

FUTURE_TOLERANCE: Final = timedelta(days=1)
EARLIEST_YEAR: Final = 1990


def complaint(article: Article) -> tuple[str, str] | None:
    """Return (reason, explanation) for an article that must not be stored, None for a valid one."""
    if article.kind != "article":
        return article.kind, f"page looks like {article.kind}: {'; '.join(article.kind_reasons) or 'no reason given'}"
    if not article.title.strip():
        return "no-title", f"no title (tried {article.methods.get('title', 'headings, metadata, title tag')})"
    if not article.text.strip():
        removed = f", {len(article.removed)} lines removed" if article.removed else ""
        return "no-body", f"no body (tried {article.methods.get('text', 'metadata, embedded state, density')}{removed})"
    if is_mojibake(article.title) or is_mojibake(article.text):
        return (
            "mojibake",
            f"broken characters in {article.title[:20]!r} (tried header, meta and content for the encoding)",
        )
    if article.published_at is not None:
        if article.published_at.tzinfo is None:
            return "naive-date", f"published_at {article.published_at.isoformat()} has no time zone"
        if article.published_at > article.fetched_at + FUTURE_TOLERANCE or article.published_at.year < EARLIEST_YEAR:
            return (
                "implausible-date",
                f"published_at {article.published_at.isoformat()}, shown {article.published_raw!r}",
            )
    return None


class ValidatePipeline:
    """Drops invalid articles, galleries and videos, counted in `validate/dropped/<reason>`; never changes an item."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_item(self, item: Any) -> Any:
        if not isinstance(item, Article):
            return item
        found = complaint(item)
        if found is None:
            return item
        reason, message = found
        self.crawler.stats.inc_value(f"validate/dropped/{reason}")
        raise DropItem(f"{message}: {item.url}")
