"""What is known of a site's last articles, fetches and listings: one document of bounded size per site.

The document, in the collection `site_windows`: `_id` the site; `first_at`; `articles`, the last new articles as
`{k: id, t: seen at, f: bits of the fields that were found, s: confidences in per cent, n: characters of the text}`;
`hours`, the number of new articles by hour since 1970; `fetches`, `{t, v: verdict, u: URL, w: why}`, the last two of
bad ones only; `lists`, by hash of the listing, `{u: URL, r: [{t, n: rows}]}`; `days` on which the site was looked at
(Beijing), and `looked_at`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from newsspider.items import Article

# the bit of each field; a stored bit keeps its meaning
FIELD_BITS: Final = {
    "source": 1,
    "authors": 2,
    "editor": 4,
    "published_at": 8,
    "images": 16,
    "tags": 32,
    "section": 64,
    "related": 128,
}
# fields with a confidence, in the order in which `s` holds them; further ones are added at the end
SURE_FIELDS: Final = ("title", "text", "source", "authors", "published_at")
UNKNOWN: Final = -1
MAX_ARTICLES: Final = 250
MAX_FETCHES: Final = 200
MAX_ROW_COUNTS: Final = 12
# an article published longer ago than this was found late: it says nothing of how the site looks now
RECENT: Final = timedelta(days=30)
GOOD: Final = "ok"


@dataclass(frozen=True, slots=True)
class Reading:
    """A new article as it was read: which fields were found, how sure they are, how long its text is."""

    key: str
    at: datetime
    fields: int
    sure: tuple[float | None, ...] = ()
    length: int = 0

    def has(self, name: str) -> bool:
        return bool(self.fields & FIELD_BITS[name])

    def confidence(self, name: str) -> float | None:
        place = SURE_FIELDS.index(name)
        return self.sure[place] if place < len(self.sure) else None


@dataclass(frozen=True, slots=True)
class Fetch:
    """How a fetch ended: `ok`, or why it gave no page."""

    at: datetime
    verdict: str
    url: str = ""
    line: str = ""

    @property
    def is_good(self) -> bool:
        return self.verdict == GOOD


@dataclass(frozen=True, slots=True)
class Rows:
    """The articles that a listing showed at its last visits, oldest first."""

    url: str
    counts: tuple[tuple[datetime, int], ...]


@dataclass(slots=True)
class SiteWindow:
    """The document of a site, read. Times are aware UTC."""

    site: str
    first_at: datetime
    articles: list[Reading] = field(default_factory=list)
    hours: dict[int, int] = field(default_factory=dict)
    fetches: list[Fetch] = field(default_factory=list)
    lists: dict[str, Rows] = field(default_factory=dict)
    days: list[str] = field(default_factory=list)
    looked_at: datetime | None = None

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> SiteWindow:
        """Return the window in `document`; an article that a repeated write has entered twice counts once."""
        entries = {entry["k"]: entry for entry in document.get("articles", ())}
        readings = [reading_of(entry) for entry in entries.values()]
        fetches = [Fetch(row["t"], row["v"], row.get("u", ""), row.get("w", "")) for row in document.get("fetches", ())]
        rows = {
            name: Rows(found["u"], tuple((row["t"], row["n"]) for row in found["r"]))
            for name, found in (document.get("lists") or {}).items()
            if found.get("r") and found.get("u")
        }
        return cls(
            document["_id"],
            document["first_at"],
            sorted(readings, key=lambda reading: reading.at),
            {int(hour): count for hour, count in sorted((document.get("hours") or {}).items())},
            sorted(fetches, key=lambda fetch: fetch.at),
            rows,
            sorted(document.get("days", ())),
            document.get("looked_at"),
        )


def entry_of(article: Article, seen_at: datetime, *, is_listed: bool) -> dict[str, Any] | None:
    """Return what the window holds of a new article; None for an old one.

    An article without a publication time counts where a listing named it (`is_listed`): what related links lead to may
    be of any year.
    """
    published_at = article.published_at
    if not (is_listed if published_at is None else seen_at - published_at <= RECENT):
        return None
    return measured(article, seen_at)


def measured(article: Article, seen_at: datetime) -> dict[str, Any]:
    """Return the entry of an article, whatever its age."""
    bits = sum(bit for name, bit in FIELD_BITS.items() if getattr(article, name))
    found = [article.confidence.get(name) for name in SURE_FIELDS]
    sure = [UNKNOWN if share is None else round(100 * share) for share in found]
    return {"k": article._id, "t": seen_at, "f": bits, "s": sure, "n": len(article.text)}


def reading_of(entry: Mapping[str, Any]) -> Reading:
    """Return the reading that an entry holds."""
    return Reading(entry["k"], entry["t"], entry["f"], _shares(entry.get("s", ())), entry.get("n", 0))


def _shares(stored: Sequence[int]) -> tuple[float | None, ...]:
    return tuple(None if number == UNKNOWN else number / 100 for number in stored)
