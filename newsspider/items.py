"""The item and its parts: the one field table. A field's name here is its name in MongoDB."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime
from typing import Any, Final

# what is requested for the links that it shows
LISTING_KINDS: Final = ("seed", "listing", "feed", "sitemap", "more")
# pages that are read as articles. Galleries and videos are counted as dropped by the validate pipeline, not stored
ARTICLE_LIKE_KINDS: Final = frozenset({"article", "gallery", "video"})

# fields whose certainty `confidence` states
CONFIDENT_FIELDS: Final = ("title", "text", "source", "authors", "published_at")
# fields that an article may lack, and of which it is counted how often they are found
COVERED_FIELDS: Final = ("source", "authors", "editor", "published_at", "images", "tags", "section", "related")


@dataclass(slots=True)
class Image:
    """An image inside the body: absolute http(s) URL, caption as printed or None."""

    url: str
    caption: str | None = None


@dataclass(slots=True)
class RelatedLink:
    """One row of a block such as 相关阅读: a URL occurs once a page, `position` counts from 0 in its block.

    `title` is the longest form shown, `short_title` the cut one where both are shown. `published_at` is aware UTC.
    """

    block: str
    position: int
    url: str
    title: str
    short_title: str | None = None
    snippet: str | None = None
    published_at: datetime | None = None
    published_raw: str | None = None
    image: str | None = None
    is_self: bool = False


@dataclass(slots=True)
class RelatedBlock:
    """A related block as found, also when it is empty. `more_url` is its 更多 link, a listing.

    `unread` says why the links of a block that a script fills are not known; None where `links` is what it shows.
    """

    name: str
    links: int
    more_url: str | None = None
    unread: str | None = None


@dataclass(slots=True)
class Removed:
    """A line that was on the page inside the body and was taken out, with the rule that did it."""

    rule: str
    text: str


@dataclass(slots=True, frozen=True)
class FetchedPage:
    """An answer that an article was read from, its body without content-encoding; `fetched_at` is aware UTC.

    `listed` is what a list said of its time: (ISO time, precision, place), None where it said nothing. `pieces` were
    put into the page in this order. `unread` and `filled` are what `AwaitedPage.mark` says of its related blocks.
    """

    url: str
    status: int
    headers: Sequence[tuple[str, str]]
    body: bytes
    fetched_at: datetime
    listed: tuple[str, str, str] | None = None
    pieces: tuple[FetchedPiece, ...] = ()
    unread: Mapping[str, str] = field(default_factory=dict)
    filled: frozenset[str] = frozenset()


@dataclass(slots=True, frozen=True)
class FetchedPiece:
    """An answer that stands in a page; `name`, `attributes` and `block` are its place, as in pages/assembly."""

    page: FetchedPage
    name: str
    attributes: Mapping[str, str]
    block: str | None = None


@dataclass(slots=True, frozen=True)
class Visit:
    """The request that an article came from.

    `page_key` is the key of the requested URL, `redirect_keys` are those of the URLs that redirected to it,
    `part_keys` those of the parts. `validators` (etag,
    last_modified) are for the next visit of the article; None if another URL than the article's own was requested.
    `found`: listed (in a listing, feed or sitemap, or typed), related (by a related link) or offsite (one hop away).
    `is_revisit`: the article was stored before; `is_disputed`: what is stored does not agree with this reading;
    `is_removed`: an operator has removed the article. `pages` are the answers that it was read from, in the order of
    its parts; empty where they are not to be kept. `gap` says which part is missing.
    """

    page_key: str
    redirect_keys: tuple[str, ...] = ()
    part_keys: tuple[str, ...] = ()
    validators: dict[str, str] | None = None
    found: str = "listed"
    is_revisit: bool = False
    is_disputed: bool = False
    is_removed: bool = False
    pages: tuple[FetchedPage, ...] = ()
    gap: str | None = None


class _Visited:
    """Gives an item its visit. It is not a field of the item, so nothing stores or exports it."""

    __slots__ = ("_fetched", "_visit")
    _visit: Visit
    _fetched: FetchedPage

    @property
    def visit(self) -> Visit | None:
        """The visit that the item came from; None for one that is not from a crawl."""
        try:
            return self._visit
        except AttributeError:
            return None

    @visit.setter
    def visit(self, visit: Visit) -> None:
        self._visit = visit

    @property
    def fetched(self) -> FetchedPage | None:
        """The answer that this part of an article was read from; None for one that is not from a crawl."""
        try:
            return self._fetched
        except AttributeError:
            return None

    @fetched.setter
    def fetched(self, page: FetchedPage) -> None:
        self._fetched = page

    def take_fetched(self) -> FetchedPage | None:
        """Return `fetched`, and let go of it: an answer may have some megabytes."""
        page = self.fetched
        if page is not None:
            del self._fetched
        return page


@dataclass(slots=True)
class Article(_Visited):
    """One article. Times are aware UTC; a missing optional value is None or an empty list, never "".

    `body_html` holds exactly one line for each line of `text` (joined by "\\n"), so that a line taken out of one can be
    taken out of the other; a figure without caption stands before the line that follows it.
    """

    _id: str
    url: str
    site: str
    title: str
    text: str
    body_html: str
    fetched_at: datetime
    source: str | None = None
    source_url: str | None = None
    source_trailer: str | None = None
    authors: list[str] = field(default_factory=list)
    editor: str | None = None
    published_at: datetime | None = None
    published_raw: str | None = None
    published_precision: str | None = None
    tz_assumed: bool = False
    images: list[Image] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    section: str | None = None
    language: str | None = None
    related: list[RelatedLink] = field(default_factory=list)
    related_blocks: list[RelatedBlock] = field(default_factory=list)
    pages: int = 1
    kind: str = "article"
    kind_reasons: list[str] = field(default_factory=list)
    methods: dict[str, str] = field(default_factory=dict)
    confidence: dict[str, float] = field(default_factory=dict)
    removed: list[Removed] = field(default_factory=list)
    content_hash: str | None = None
    fingerprint: dict[str, Any] | None = None
    story_id: str | None = None
    duplicate_of: str | None = None
    quotes: list[str] = field(default_factory=list)
    rules_version: str | None = None
    alias_of: str | None = None

    def to_document(self) -> dict[str, Any]:
        """Return the document for MongoDB: plain dicts and lists; `alias_of` steers the store and is left out."""
        document = asdict(self)
        del document["alias_of"]
        return document


ARTICLE_FIELDS: tuple[str, ...] = tuple(f.name for f in fields(Article))
