"""From an HTML listing to the articles it shows, the listings it names and what continues it."""

from __future__ import annotations

import logging
import re
from collections.abc import Generator, Iterator
from dataclasses import replace
from typing import Final
from urllib.parse import urlsplit

from scrapy import Request

from newsspider.crawl.crawl_context import CrawlContext
from newsspider.crawl.priorities import FEED, listing_priority
from newsspider.crawl.request_context import PageResult, RequestContext
from newsspider.crawl.scope import is_home, is_same_port
from newsspider.crawl.traversal.continuation import Continuation
from newsspider.crawl.traversal.entries import EntryTraversal
from newsspider.crawl.traversal.feed import FeedTraversal
from newsspider.pages.client_redirects import frame_urls
from newsspider.pages.document import Document
from newsspider.pages.listing import ListingPage
from newsspider.pages.listing.channels import common_feed_urls
from newsspider.pages.listing.unlisted import unlisted_reason
from newsspider.pages.load_more.buttons import LoadMore

logger = logging.getLogger(__name__)

EMPTY_LISTING: Final = "listings/empty/"
MOST_FRAME_LEVELS: Final = 3
# what frames hold beside lists
_NO_LIST_FRAME: Final = re.compile(
    r"weather|tianqi|login|passport|share|comment|pinglun|player|video|counter|count\.|stat|calendar|clock|search"
    r"|captcha|chat|kefu|qrcode|vote|[/_.\-]ads?[/_.\-]|\.(?:swf|pdf|mp4|jpe?g|png|gif)(?:\?|\Z)",
    re.IGNORECASE,
)


class ListingTraversal:
    """What follows from a page that lists articles."""

    def __init__(
        self, crawl: CrawlContext, entries: EntryTraversal, continuation: Continuation, feeds: FeedTraversal
    ) -> None:
        self.crawl = crawl
        self.entries = entries
        self.continuation = continuation
        self.feeds = feeds

    def listing(
        self, listing: ListingPage, document: Document, context: RequestContext
    ) -> Generator[Request, None, PageResult]:
        """Yield requests for what a listing shows, and for what continues it.

        Whether the next page is worth a request is for the crawl state to say.
        """
        url = document.url
        entries = [*listing.entries(), *self.entries.named_by_site_file(document)]
        result = yield from self.entries.requests(entries, url, document.fetched_at, context, "listing")
        if context.is_offsite or context.is_sheet:
            return result
        yield from self.sheets(listing, url, context)
        frames = list(self.frames(document, context, result))
        yield from frames
        yield from self.channels(listing, url, _with_channels(context, result))
        next_urls = listing.next_page() if result.found or listing.is_issue else []
        result = replace(result, says_next=bool(next_urls) and not listing.is_issue and listing.says_next)
        if context.said_next and not result.says_next:
            next_urls = []
        yield from self.continuation.next_page(next_urls, url, context, result)
        if not next_urls:
            self.crawl.coverage.ended(context, result.found)
        buttons = self._buttons(listing, result)
        item_urls = tuple(listing.row_url_templates()) if buttons else ()
        shown_on = replace(context, base=document.base_url, item_urls=item_urls)
        yield from self.continuation.load_more(buttons, url, shown_on, result, has_pager_too=bool(next_urls))
        if not result.found and not frames and not buttons and context.page <= 1:
            self._name_reason(listing, url)
        if context.kind == "seed":
            has_more = bool(next_urls or buttons or frames)
            yield from self._after_seed(listing, url, result, has_more=has_more)
        return result

    def _name_reason(self, listing: ListingPage, url: str) -> None:
        """Count a listing that shows no articles though it has some, with the reason, for the summary."""
        if reason := unlisted_reason(listing.document):
            self.crawl.count(f"{EMPTY_LISTING}{url} ({reason})")

    def _buttons(self, listing: ListingPage, result: PageResult) -> list[LoadMore]:
        """Return the load-more buttons to follow; on a page without articles those that give the first ones."""
        if self.continuation.more_url(listing.document.url) is not None:
            return []
        return [button for button in listing.load_more() if result.found or button.is_first]

    def _after_seed(self, listing: ListingPage, url: str, result: PageResult, *, has_more: bool) -> Iterator[Request]:
        """Yield the request for a common feed URL if a typed front page leads nowhere; log one without articles."""
        if is_home(url) and not has_more:
            yield from self.common_feeds(listing, url)
        is_lost = not result.found and not has_more and not listing.channels()
        if is_lost and unlisted_reason(listing.document) is None:
            logger.warning("%s: a listing without articles", url)

    def frames(self, document: Document, context: RequestContext, result: PageResult) -> Iterator[Request]:
        """Yield requests for the frames of a listing's first page: each is a listing that shows as much as the page."""
        if context.page > 1 or context.frame >= MOST_FRAME_LEVELS or context.is_shell:
            return  # the frames of a rendered page were made by its scripts, which may name anything
        crawl, outer = self.crawl, _with_channels(context, result)
        for url in frame_urls(document):
            is_ours = crawl.scope.contains(url, context) and is_same_port(url, document.url)
            if is_ours and not _NO_LIST_FRAME.search(url):
                key = crawl.knowledge.key_of(url)
                follow = RequestContext(
                    kind="listing",
                    key=key,
                    parent=document.url,
                    first_page_key=key,
                    channels=outer.channels,
                    frame=context.frame + 1,
                )
                yield crawl.request(url, follow, listing_priority(1, 0))

    def channels(self, listing: ListingPage, parent: str, context: RequestContext) -> Iterator[Request]:
        """Yield requests for the channels, feeds and sitemaps that a front page names."""
        crawl, left = self.crawl, context.channels
        if left <= 0 or context.page > 1:
            return
        homes = {crawl.knowledge.key_of(f"http://{host}/") for host in crawl.scope.trusted_hosts}
        for url in listing.channels():
            key = crawl.knowledge.key_of(url)
            if not crawl.scope.contains(url, context) or (is_home(url) and key in homes):
                continue
            if reason := crawl.policy.channel(url, parent):
                crawl.policy.skip(reason)
                continue
            follow = RequestContext(kind="listing", key=key, parent=parent, first_page_key=key, channels=left - 1)
            yield crawl.request(url, follow, listing_priority(1, crawl.limits_of(parent).channel_depth - left))
        if context.kind == "seed":
            yield from self.feeds.requests(listing.feeds(), "feed", parent, context)
            sitemaps = [*listing.sitemaps(), *self._robots_sitemaps(parent)]
            yield from self.feeds.requests(sitemaps, "sitemap", parent, context)

    def sheets(self, listing: ListingPage, parent: str, context: RequestContext) -> Iterator[Request]:
        """Yield requests for the other sheets (版) of a newspaper's issue."""
        for url in listing.sheets():
            if self.crawl.scope.contains(url, context):
                follow = RequestContext(
                    kind="listing",
                    parent=parent,
                    page=context.page,
                    first_page_key=context.list_key,
                    is_sheet=True,
                )
                yield self.crawl.request(url, follow, listing_priority(context.page, 0))

    def common_feeds(self, listing: ListingPage, parent: str) -> Iterator[Request]:
        """Yield the request for a sitemap or feed where most sites have one, for a front page that leads nowhere.

        A feed holds the newest articles only: a front page that names one and no channel may still have a sitemap.
        """
        if listing.channels() or listing.sitemaps() or self._robots_sitemaps(parent):
            return
        first, *others = common_feed_urls(parent, only_sitemaps=bool(listing.feeds()))
        follow = RequestContext(kind="sitemap", parent=parent, is_optional=True, alternatives=tuple(others))
        yield self.crawl.request(first, follow, FEED)

    def _robots_sitemaps(self, url: str) -> list[str]:
        return self.crawl.knowledge.robots_sitemaps.get(urlsplit(url).netloc, [])


def _with_channels(context: RequestContext, result: PageResult) -> RequestContext:
    """Return the context of a listing; a typed one without articles leads to channels like a front page."""
    if result.found or context.kind != "seed":
        return context
    return replace(context, channels=max(1, context.channels))
