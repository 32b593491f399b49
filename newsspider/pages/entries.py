"""One row of a listing page, feed, sitemap or JSON response."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(slots=True)
class ListingEntry:
    """A link to what is likely an article.

    `title` is the longest form shown and may be cut or, in a sitemap, "". Times are aware UTC; `changed_at` is what a
    sitemap says about its last edit. `score` (0 to 1) is how sure the listing is that this is an article; `region`
    names where in the listing it stood: main, side, hot, picture, or the kind of feed. `redirector` is the URL of the
    link where that only sends its visitor on to `url`.
    """

    url: str
    title: str
    published_at: datetime | None = None
    published_precision: str | None = None
    snippet: str | None = None
    score: float = 0.5
    region: str = "main"
    changed_at: datetime | None = None
    image: str | None = None
    redirector: str | None = None
