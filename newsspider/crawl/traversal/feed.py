"""From a feed, a sitemap or a load-more answer to its articles and to what continues it."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from dataclasses import replace

from scrapy import Request
from scrapy.http import Response

from newsspider.crawl.crawl_context import CrawlContext
from newsspider.crawl.link_rules import is_before
from newsspider.crawl.priorities import FEED
from newsspider.crawl.request_context import PageResult, RequestContext
from newsspider.crawl.traversal.continuation import Continuation
from newsspider.crawl.traversal.entries import EntryTraversal
from newsspider.pages.feed import parse_feed
from newsspider.pages.load_more.buttons import is_beyond
from newsspider.responses import fetched_at


class FeedTraversal:
    """What follows from an answer that lists articles and is not an HTML page."""

    def __init__(
        self,
        crawl: CrawlContext,
        entries: EntryTraversal,
        continuation: Continuation,
    ) -> None:
        self.crawl = crawl
        self.entries = entries
        self.continuation = continuation

    def feed(self, response: Response, context: RequestContext) -> Generator[Request, None, PageResult]:
        """Yield requests for the articles and further files of a feed or sitemap."""
        crawl = self.crawl
        moment = fetched_at(response, is_replay=crawl.is_replay)
        feed = parse_feed(response.body, response.url, moment)
        kind = feed.kind if feed.kind != "none" else "other"
        crawl.count(f"pages/{kind}")
        if kind == "other":
            return PageResult(kind=kind)
        for child in feed.children:
            if not is_before(crawl.arguments.since, feed.children_changed_at.get(child), ""):
                yield from self.requests([child], "sitemap", response.url, context)
        result = yield from self.entries.requests(feed.entries, response.url, moment, context, kind)
        if feed.next and result.found:
            yield from self.continuation.next_page([feed.next], response.url, context, result, "feed")
        return result

    def requests(self, urls: Iterable[str], kind: str, parent: str, context: RequestContext) -> Iterator[Request]:
        """Yield requests for feeds or sitemaps that a page names."""
        for url in dict.fromkeys(urls):
            if self.crawl.scope.contains(url, context):
                key = self.crawl.knowledge.key_of(url)
                follow = RequestContext(kind=kind, key=key, parent=parent, first_page_key=key, is_optional=True)
                yield self.crawl.request(url, follow, FEED)

    def answer(self, response: Response, context: RequestContext) -> Generator[Request, None, PageResult]:
        """Yield requests for the articles of a load-more answer and for the answer after it."""
        crawl = self.crawl
        moment = fetched_at(response, is_replay=crawl.is_replay)
        url = context.posted or response.url
        listing_class = crawl.sites.of_url(context.base or response.url).listing_class
        fragment = listing_class.parse_fragment(
            response.body, url, moment, item_urls=context.item_urls, base_url=context.base, cursor=context.cursor
        )
        crawl.count("pages/more")
        result = yield from self.entries.requests(fragment.entries(), response.url, moment, context, "more")
        if not result.found:
            if context.kind == "more" and context.page <= 2 and fragment.is_foreign:
                crawl.count(f"more/not_understood/{response.url}")
            return result
        named = [*fragment.next_page(), *(button.url for button in fragment.load_more())]
        if context.said_next and not fragment.says_next:
            return result
        result = replace(result, says_next=fragment.says_next)
        urls = [url for url in named if not is_beyond(url, context.last_page)]
        yield from self.continuation.after_answer(urls, response.url, context, result)
        return result
