"""From an article to its next parts and to the articles it recommends."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from scrapy import Request

from newsspider.crawl.link_policy import PART, article_priority, is_before, is_block_followed, is_stale
from newsspider.crawl.request_context import Step
from newsspider.crawl.scope import CrawlScope
from newsspider.crawl.site_knowledge.url_patterns import ARTICLE
from newsspider.items import Article, RelatedLink
from newsspider.pages.article import ArticlePage
from newsspider.pages.article.parts import join_pages
from newsspider.pages.document import Document

logger = logging.getLogger(__name__)


class ArticleTraversal(CrawlScope):
    """What follows from a page that is an article."""

    def article(self, page: ArticlePage, document: Document, step: Step, parts: list[Article]) -> Iterator[Any]:
        """Return the article, or the request for its next part."""
        item = page.to_item()
        if step.get("is_rendered"):
            item.methods["rendered"] = "chromium"
        self.learn_alias(document.url, item.url)
        parts = [*parts, item]
        visited = [*step.get("visited", []), self.key_of(document.url)]
        following = page.next_page()
        key = self.key_of(following) if following else ""
        is_new_part = key and key not in visited and key != step["key"] and len(parts) < self.max_parts
        if following and is_new_part and self.is_in_scope(following, step):
            part = Step(**{**step, "part": len(parts) + 1, "visited": visited})
            self.asked_for.add(key)
            yield self.request(following, part, PART, parts=parts)
            return
        step["visited"] = visited
        yield from self.joined(parts, step)

    def joined(self, parts: list[Article], step: Step, gap: str | None = None) -> Iterator[Any]:
        """Return the article of all its parts, and the related links of the first; `gap` says what is missing."""
        item = join_pages(parts) if len(parts) > 1 else parts[0]
        if gap:
            item.methods["pages"] = f"incomplete: {gap}"
            self.count("articles/incomplete")
            logger.warning("%s: only %d pages of the article: %s", item.url, len(parts), gap)
        step["verdict"] = "article"
        self.shapes_of(item.url).record(item.url, ARTICLE)
        if is_before(self.arguments.since, item.published_at, item.url):
            self.count("links/skipped/since")
            step["verdict"] = f"before {self.reach['since']}"
            return
        if self.article_limit and self.articles_found >= self.article_limit:
            step["verdict"] = "postponed"
            return
        self.articles_found += 1
        self.journal.expect(item, step)
        yield item
        yield from self.related(item, step)

    def related(self, item: Article, step: Step) -> Iterator[Request]:
        """Return requests for the related links that are followed; why the others are not is counted."""
        if step.get("offsite"):
            return
        depth = step.get("depth", 0) + 1
        newest = max((t for t in (_moment(step.get("newest")), item.published_at) if t), default=None)
        self.saw_headlines((link.url, link.title) for link in item.related)
        for link in item.related:
            if link.is_self:
                continue
            reason = self.refusal(link, item, depth, newest, step)
            if reason:
                self.count(f"links/skipped/{reason}")
                continue
            follow = self.article_step(link.url, item.url, depth, offsite=not self.is_in_scope(link.url, step))
            follow["block"], follow["newest"] = link.block, newest.isoformat() if newest else None
            yield self.request(
                link.url, follow, article_priority(link.published_at, item.fetched_at, link.position, depth)
            )

    def refusal(self, link: RelatedLink, item: Article, depth: int, newest: datetime | None, step: Step) -> str | None:
        """Return why a related link is not followed, None if it is."""
        if depth > self.related_depth:
            return "depth"
        if not is_block_followed(self.blocks, link.block):
            return "block"
        if not self.is_in_scope(link.url, step) and not self.arguments.is_one_hop_offsite:
            return "offsite"
        if is_before(self.arguments.since, link.published_at, link.url):
            return "since"
        if not self.is_likely(link.url):
            return "unlikely"
        if is_stale(link, newest, self.related_max_age):
            return "old"
        is_adrift = depth > 1 and item.published_at and newest and item.published_at < newest - self.related_max_age
        return "drift" if is_adrift and self.related_max_age else None


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
