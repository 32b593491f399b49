"""The place of a request in the crawl (`RequestContext`), and what its page turned out to be (`PageResult`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from scrapy import Request
from scrapy.http import Response

from newsspider.crawl.problems import FetchProblem
from newsspider.downloadermiddlewares.fetch_rules import CONTEXT_KEY, REDIRECT_KEY

# characters of a link that are kept; the start of a headline tells as much as all of it
HEADLINE_LENGTH = 120
# key of `response.meta`
RESULT_KEY = "newsspider_result"

# field -> its name in `pages.meta` in MongoDB, where that differs
_STORED_NAMES = {"is_offsite": "offsite", "first_page_key": "chain", "has_pager_too": "is_second_way"}


def _not_stored(default: Any) -> Any:
    """Return a field that only the running request knows."""
    return field(default=default, metadata={"is_transient": True})


@dataclass(slots=True, frozen=True, kw_only=True)
class RequestContext:
    """What is known of a request when it is made; most of it is stored, so that a later run can make it again."""

    kind: str  # seed, listing, article, feed, sitemap or more (a load-more answer)
    key: str = ""  # identity of the URL; filled in by `CrawlContext.request`
    depth: int = 0  # related links between a listing and this page
    block: str | None = None  # related block that the link stands in
    headline: str | None = None  # text of the link that led here, cut to HEADLINE_LENGTH
    parent: str | None = None  # URL of the page that shows the link
    page: int = 1  # number of this page in its listing
    first_page_key: str | None = None  # key of the first page of this listing
    channels: int = 0  # levels of channels that may still be followed from here
    newest: str | None = None  # ISO time of the newest article on a path of related links
    changed_at: str | None = None  # ISO time of the last change, as a sitemap says
    listed_at: str | None = None  # ISO time of publication, as the row says that named this page
    listed_precision: str = ""  # second, minute or day
    listed_in: str = ""  # feed, news sitemap or listing: where that row stood
    is_offsite: bool = False  # one hop beyond the site
    alternatives: tuple[str, ...] = ()  # other URLs for the same page, tried when this one is gone
    is_optional: bool = False  # a guess, its failure is not reported
    has_pager_too: bool = False  # a load-more list whose page has a pager as well
    is_sheet: bool = False  # a sheet (版) of a newspaper's issue other than the first
    base: str | None = None  # URL of the page on which load-more answers are shown
    item_urls: tuple[str, ...] = ()  # templates for the URLs of the rows of load-more answers
    found_before: int = 0  # articles on the page before this one
    said_next: bool = False  # the page before named this one in words
    last_page: int | None = None  # number of the last page of a load-more list
    frame: int = 0  # frames around this page
    post: str | None = None  # form or json if the request is a POST: then `posted` is its URL with the body's fields
    post_names: tuple[str, ...] = ()  # parameters of `posted` that belong in the body
    posted: str | None = None
    cursor: tuple[str, ...] = ()  # parameter of a load-more URL and the field of the last row that it goes on by

    attempt: int = _not_stored(0)  # how often this run has asked for the page already, after answers that were refused
    doubted: str | None = _not_stored(None)  # digest of an answer that an earlier visit doubted
    answered: str | None = _not_stored(None)  # digest of the answer to the attempt before this one
    is_resumed: bool = _not_stored(False)  # queued by an earlier run that did not get to it
    is_stored: bool = _not_stored(False)  # the article of this page is in MongoDB
    is_shell: bool = _not_stored(False)  # the server's page shows nothing; this request renders it
    part: int = _not_stored(0)  # number of this part of an article, 0 for its first page
    part_keys: tuple[str, ...] = _not_stored(())  # keys of the parts so far
    redirect_keys: tuple[str, ...] = _not_stored(())  # keys of the URLs that redirected here
    page_url: str | None = _not_stored(None)  # URL of the page that this request fetches a piece of

    @property
    def list_key(self) -> str:
        """The key of the listing that this page belongs to."""
        return self.first_page_key or self.key

    def redirected(self, key: str) -> RequestContext:
        """Return the context after a redirect to the page `key`."""
        return replace(self, redirect_keys=(*self.redirect_keys, key))

    def to_meta(self) -> dict[str, Any]:
        """Return what is stored in `pages.meta`: JSON-able, empty values left out."""
        values = ((stored, getattr(self, name)) for name, stored in _STORED_FIELDS.items())
        return {stored: list(value) if isinstance(value, tuple) else value for stored, value in values if value}

    @classmethod
    def of_meta(cls, stored: Mapping[str, Any], key: str, default_kind: str = "article") -> RequestContext:
        """Return the context of the page `key` from its `pages.meta`; unknown names are left out."""
        values: dict[str, Any] = {"kind": default_kind}
        for name, stored_name in _STORED_FIELDS.items():
            value = stored.get(stored_name)
            if value is not None:
                values[name] = tuple(value) if isinstance(value, list) else value
        return cls(**values | {"key": key})


_STORED_FIELDS = {
    part.name: _STORED_NAMES.get(part.name, part.name)
    for part in fields(RequestContext)
    if not part.metadata.get("is_transient")
}


@dataclass(slots=True, frozen=True, kw_only=True)
class PageResult:
    """What a page turned out to be; attached to its response once, when the spider has read it.

    `kind` is article, listing, more, unchanged or shell; a kind of feed (rss, atom, jsonfeed, sitemap, newssitemap,
    sitemapindex); a kind of page that holds no article (login, error, empty, binary, other); "postponed" (left for a
    later run, or asked for again); "failed" (recorded by the errback already); or "before <time>" (an article older
    than the argument `since`).
    """

    kind: str = "other"
    found: int = 0  # articles that a listing shows
    urgency: int = 0  # middle priority of their requests
    says_next: bool = False  # the listing names its next page in words
    is_shell: bool = False  # shows nothing without its scripts
    problem: FetchProblem | None = None  # the page counts as not fetched
    validators: Mapping[str, str] = field(default_factory=dict)  # etag and last_modified for the next visit


def context_of(message: Request | Response) -> RequestContext | None:
    """Return the context of a request or of the request of a response; None for one that is not the crawl's."""
    context = message.meta.get(CONTEXT_KEY)
    return context if isinstance(context, RequestContext) else None


def set_context(message: Request | Response, context: RequestContext) -> None:
    message.meta[CONTEXT_KEY] = context


def is_continuation(request: Request) -> bool:
    """Return True if `request` is for more of the page that it came from.

    That is where it redirects, a second attempt, an article's next part, a piece of the page, or its rendering.
    """
    context = context_of(request)
    is_more = context is not None and (context.part or context.page_url or context.attempt)
    return bool(is_more or request.meta.get("render") or REDIRECT_KEY in request.meta)


def attach_result(response: Response, result: PageResult) -> None:
    response.meta[RESULT_KEY] = result


def result_of(response: Response) -> PageResult:
    """Return what the spider found the page to be; an empty result if it did not say."""
    result = response.meta.get(RESULT_KEY)
    return result if isinstance(result, PageResult) else PageResult()
