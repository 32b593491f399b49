"""From a page of a listing to the pages that continue it: its pager and its load-more buttons."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from scrapy import Request

from newsspider.crawl.crawl_context import CrawlContext
from newsspider.crawl.priorities import listing_priority
from newsspider.crawl.request_context import PageResult, RequestContext
from newsspider.pages.load_more.buttons import LoadMore


class Continuation:
    """What continues a listing."""

    def __init__(self, crawl: CrawlContext) -> None:
        self.crawl = crawl

    def more_url(self, listing_url: str, number: int = 0) -> str | None:
        """Return the load-more URL `number` after the first, where the site file of a listing names one."""
        rules = self.crawl.sites.of_url(listing_url)
        return rules.more_url.format(page=rules.more_first_page + number) if rules.more_url is not None else None

    def next_page(
        self, urls: Sequence[str], parent: str, context: RequestContext, result: PageResult, kind: str = "listing"
    ) -> Iterator[Request]:
        """Yield the request for the page after that of `context`; other URLs are tried when the first is gone."""
        crawl, page = self.crawl, context.page + 1
        key_of = crawl.knowledge.key_of
        candidates = [url for url in urls if crawl.scope.contains(url, context) and key_of(url) != context.key]
        if not candidates:
            return
        if reason := crawl.policy.further_page(parent, page):
            crawl.policy.skip(reason)
            crawl.count(f"listings/cut/{parent}")
            return
        follow = RequestContext(
            kind=kind,
            parent=parent,
            page=page,
            first_page_key=context.list_key,
            alternatives=tuple(candidates[1:4]),
            has_pager_too=context.has_pager_too,
            found_before=result.found,
            said_next=result.says_next,
        )
        if kind == "more":
            follow = replace(
                follow,
                base=context.base or parent,
                item_urls=context.item_urls,
                last_page=context.last_page,
                post=context.post,
                post_names=context.post_names,
                cursor=context.cursor,
            )
        priority = listing_priority(page, 0)
        if kind == "listing" and crawl.coverage.is_front(context):
            priority = max(priority, result.urgency)  # in time for the articles of this page to follow
        yield crawl.request(candidates[0], follow, priority)

    def load_more(
        self,
        buttons: Iterable[LoadMore],
        parent: str,
        context: RequestContext,
        result: PageResult,
        *,
        has_pager_too: bool = False,
    ) -> Iterator[Request]:
        """Yield requests for what load-more buttons would fetch, each a listing of its own.

        `has_pager_too`: the page has a pager as well; articles that both give are then not requested twice.
        """
        if named := self.more_url(parent):
            if context.kind != "more" and result.found:
                yield from self.next_page([named], parent, context, result, "more")
            return
        for button in buttons:
            own = replace(
                context,
                first_page_key=self.crawl.knowledge.key_of(button.url),
                has_pager_too=has_pager_too,
                last_page=button.last,
                page=0 if button.is_first else context.page,
                post=button.post.form if button.post else None,
                post_names=button.post.names if button.post else (),
                cursor=button.cursor,
            )
            own_result = replace(result, says_next=button.kind == "xml")
            urls = [button.url, *filter(None, [button.fallback_url])]
            yield from self.next_page(urls, parent, own, own_result, "more")

    def after_answer(
        self, urls: Sequence[str], parent: str, context: RequestContext, result: PageResult
    ) -> Iterator[Request]:
        """Yield the request for the load-more answer after that of `context`, which itself names `urls`."""
        named = self.more_url(context.base or parent, context.page - 1)
        if named is not None and context.kind == "more":
            urls = [named]
        yield from self.next_page(urls, parent, context, result, "more")
