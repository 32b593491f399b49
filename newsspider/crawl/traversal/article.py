"""From an article to its next parts and to the articles it recommends."""

from __future__ import annotations

import logging
from collections.abc import Generator, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from scrapy import Request
from scrapy.http import Response

from newsspider.crawl.crawl_context import CrawlContext
from newsspider.crawl.link_policy import TOO_OLD, Link
from newsspider.crawl.link_rules import is_before
from newsspider.crawl.priorities import PART, article_priority
from newsspider.crawl.request_context import HEADLINE_LENGTH, PageResult, RequestContext
from newsspider.crawl.site_knowledge.url_patterns import ARTICLE
from newsspider.crawl.traversal.pieces import AwaitedPage
from newsspider.downloadermiddlewares.refusals import SkipReason
from newsspider.items import Article, FetchedPage, FetchedPiece, Visit
from newsspider.pages.article import ArticlePage, ListedTime
from newsspider.pages.article.parts import join_pages
from newsspider.responses import fetched_page, is_rendered, validators
from newsspider.rules import rules_version

logger = logging.getLogger(__name__)


class ArticleTraversal:
    """What follows from a page that is an article."""

    def __init__(self, crawl: CrawlContext) -> None:
        self.crawl = crawl

    def article(
        self,
        page: ArticlePage,
        response: Response,
        context: RequestContext,
        parts: list[Article],
        awaited: AwaitedPage | None = None,
    ) -> Generator[Any, None, PageResult]:
        """Yield the article, or the request for its next part; `parts` are those read before."""
        knowledge, url = self.crawl.knowledge, page.document.url
        item = page.to_item(ListedTime.parse(context.listed_at, context.listed_precision, context.listed_in))
        if awaited is not None:
            awaited.mark(item.related_blocks)
        if is_rendered(response):
            item.methods["rendered"] = "chromium"
        knowledge.learn_alias(url, item.url)
        item.fetched = self._fetched(response, context, awaited)
        item.rules_version = rules_version(type(page))
        parts = [*parts, item]
        context = replace(context, part_keys=(*context.part_keys, knowledge.key_of(url)))
        next_url = page.next_page()
        if next_url and self._is_next_part(next_url, context, len(parts)):
            yield self.crawl.request(next_url, replace(context, part=len(parts) + 1, attempt=0), PART, parts=parts)
            return PageResult(kind="article")
        has_validators = not context.part and not context.is_shell
        return (yield from self.joined(parts, context, validators(response) if has_validators else {}))

    def _fetched(self, response: Response, context: RequestContext, awaited: AwaitedPage | None) -> FetchedPage:
        """Return the answer that an article, or a part of one, was read from, with its pieces."""
        is_replay = self.crawl.is_replay
        page = fetched_page(response, is_replay=is_replay)
        listed = (context.listed_at, context.listed_precision, context.listed_in) if context.listed_at else None
        if awaited is None:
            return replace(page, listed=listed)
        pieces = tuple(
            FetchedPiece(fetched_page(answer, is_replay=is_replay), piece.name, piece.attributes, piece.block)
            for piece, answer in awaited.received
        )
        return replace(page, listed=listed, pieces=pieces, unread=awaited.unread, filled=awaited.filled)

    def _is_next_part(self, url: str, context: RequestContext, parts: int) -> bool:
        key = self.crawl.knowledge.key_of(url)
        is_new = key not in context.part_keys and key != context.key
        return is_new and parts < self.crawl.limits_of(url).article_parts and self.crawl.scope.contains(url, context)

    def joined(
        self, parts: list[Article], context: RequestContext, validators: dict[str, str], gap: str | None = None
    ) -> Generator[Any, None, PageResult]:
        """Yield the article of all its parts, and the related links of the first; `gap` says what is missing."""
        crawl = self.crawl
        pages = tuple(page for part in parts if (page := part.take_fetched()) is not None)
        item = join_pages(parts) if len(parts) > 1 else parts[0]
        if gap:
            item.methods["pages"] = f"incomplete: {gap}"
            crawl.count("articles/incomplete")
            logger.warning("%s: only %d pages of the article: %s", item.url, len(parts), gap)
        crawl.knowledge.patterns_of(item.url).record(item.url, ARTICLE)
        crawl.knowledge.mirrors.saw_text(item.url, item.text)
        if is_before(crawl.arguments.since, item.published_at, item.url):
            crawl.policy.skip(SkipReason.SINCE)
            return PageResult(kind=f"{TOO_OLD}{crawl.arguments.reach.since}")
        if not crawl.budget.take_article():
            return PageResult(kind="postponed")
        is_own_page = context.key == item._id
        item.visit = Visit(
            context.key,
            redirect_keys=context.redirect_keys,
            part_keys=context.part_keys,
            validators=validators if is_own_page else None,
            found="offsite" if context.is_offsite else "related" if context.depth else "listed",
            is_revisit=context.is_stored,
            pages=pages,
            gap=gap,
        )
        yield item
        yield from self.related(item, context)
        return PageResult(kind="article")

    def related(self, item: Article, context: RequestContext) -> Iterator[Request]:
        """Yield requests for the related links that are followed; why the others are not is counted."""
        if context.is_offsite:
            return
        crawl, depth = self.crawl, context.depth + 1
        times = (datetime.fromisoformat(context.newest) if context.newest else None, item.published_at)
        newest = max((time for time in times if time), default=None)
        crawl.knowledge.saw_headlines(((link.url, link.title) for link in item.related), crawl.scope.trusted_hosts)
        for row in item.related:
            if row.is_self:
                continue
            link = Link(
                url=row.url,
                shown_on=item.url,
                source=context,
                depth=depth,
                block=row.block,
                published_at=row.published_at,
                newest=newest,
                shown_at=item.published_at,
            )
            if reason := crawl.policy.shown(link):
                crawl.policy.skip(reason)
                continue
            follow = RequestContext(
                kind="article",
                key=crawl.knowledge.key_of(row.url),
                depth=depth,
                parent=item.url,
                block=row.block,
                headline=row.title[:HEADLINE_LENGTH] or None,
                newest=newest.isoformat() if newest else None,
                listed_at=row.published_at.isoformat() if row.published_at else None,
                listed_precision="minute" if ":" in (row.published_raw or "") else "day",
                listed_in="listing" if row.published_at else "",
                is_offsite=not crawl.scope.contains(row.url, context),
            )
            priority = article_priority(row.published_at, item.fetched_at, row.position, depth)
            yield crawl.request(row.url, follow, priority)
