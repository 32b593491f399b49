"""From the rows of a listing, a feed or a load-more answer to requests for their articles."""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Iterable, Iterator
from datetime import datetime
from statistics import median_low
from typing import Final

from scrapy import Request

from newsspider.crawl.crawl_context import CrawlContext
from newsspider.crawl.link_policy import Link
from newsspider.crawl.priorities import UNPROVEN, article_priority
from newsspider.crawl.request_context import HEADLINE_LENGTH, PageResult, RequestContext
from newsspider.downloadermiddlewares.refusals import SkipReason
from newsspider.pages.article import ListedIn
from newsspider.pages.document import Document
from newsspider.pages.entries import ListingEntry
from newsspider.urls import resolve

# kind of the page that names an article -> what its time is said to come from
_LISTED_IN: Final[dict[str, ListedIn]] = {
    "rss": "feed",
    "atom": "feed",
    "jsonfeed": "feed",
    "newssitemap": "news sitemap",
}


class EntryTraversal:
    """What follows from rows that name articles."""

    def __init__(self, crawl: CrawlContext) -> None:
        self.crawl = crawl

    def named_by_site_file(self, document: Document) -> Iterator[ListingEntry]:
        """Yield the links that match the site's `article_pattern`, whatever they look like."""
        knowledge = self.crawl.knowledge
        if not knowledge.names_articles(document.url):
            return
        for line in document.lines:
            for link in line.links:
                url = resolve(document.base_url, link.href)
                if url and knowledge.is_named_article(url):
                    yield ListingEntry(url, link.text or "", score=1.0)

    def requests(
        self, entries: Iterable[ListingEntry], parent: str, moment: datetime, context: RequestContext, kind: str
    ) -> Generator[Request, None, PageResult]:
        """Yield requests for articles, one per key; return the result of a page of `kind` that shows them."""
        entries, crawl = list(entries), self.crawl
        crawl.knowledge.patterns_of(parent).saw_links(entry.url for entry in entries)
        crawl.knowledge.saw_headlines(((entry.url, entry.title) for entry in entries), crawl.scope.trusted_hosts)
        times_shown = Counter(title for _, title in {(entry.url, entry.title) for entry in entries})
        seen: set[str] = set()
        priorities: list[int] = []
        for position, entry in enumerate(entries):
            key = self._key_of(entry.url)
            if entry.redirector:
                self._redirected(entry.redirector, key)
            if key in seen:
                continue
            seen.add(key)
            if reason := crawl.policy.shown(_link(entry, parent, context, len(seen) - 1)):
                crawl.policy.skip(reason)
                continue
            priority = article_priority(entry.published_at, moment, position)
            if not crawl.knowledge.patterns_of(entry.url).is_probe(entry.url):
                priority -= UNPROVEN
            priorities.append(priority)
            headline = entry.title if times_shown[entry.title] == 1 else ""  # 阅读全文 names nothing
            follow = self._context(entry, headline, key, parent, context, kind)
            yield crawl.request(entry.url, follow, priority)
        return PageResult(kind=kind, found=len(seen), urgency=median_low(priorities or [0]))

    def _key_of(self, url: str) -> str:
        """Return the key of a listed URL; one on a mirror host is recorded as an alias."""
        knowledge = self.crawl.knowledge
        own_key = knowledge.own_key(url)
        key = knowledge.mirrors.folded(own_key)
        if own_key != key and knowledge.is_new_mirror_key(own_key):
            self.crawl.policy.skip(SkipReason.MIRROR)
            self.crawl.outcomes.alias(own_key, url, key)
        return key

    def _redirected(self, url: str, key: str) -> None:
        """Record a redirector, whose target `key` is asked for directly, as an alias."""
        own_key = self.crawl.knowledge.own_key(url)
        if own_key != key and own_key not in self.crawl.policy.requested:
            self.crawl.policy.claim(own_key)
            self.crawl.outcomes.alias(own_key, url, key)

    def _context(
        self, entry: ListingEntry, headline: str, key: str, parent: str, context: RequestContext, kind: str
    ) -> RequestContext:
        return RequestContext(
            kind="article",
            key=key,
            parent=parent,
            headline=headline[:HEADLINE_LENGTH] or None,
            changed_at=entry.changed_at.isoformat() if entry.changed_at else None,
            listed_at=entry.published_at.isoformat() if entry.published_at else None,
            listed_precision=(entry.published_precision or "day") if entry.published_at else "",
            listed_in=_LISTED_IN.get(kind, "listing") if entry.published_at else "",
            is_offsite=not self.crawl.scope.contains(entry.url, context),
        )


def _link(entry: ListingEntry, parent: str, source: RequestContext, rank: int) -> Link:
    published_at = entry.published_at or entry.changed_at
    return Link(url=entry.url, shown_on=parent, source=source, published_at=published_at, score=entry.score, rank=rank)
