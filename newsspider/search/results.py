"""What a search answers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal, NamedTuple

import xxhash

from newsspider.messages import _
from newsspider.search.matching import moment_of
from newsspider.search.query import QueryError

Sort = Literal["relevance", "newest"]
FACETS: Final = ("site", "source", "section", "language", "month", "day")
_HASH_BITS: Final = 31
# a page further down the list by relevance is not given: who looks so far narrows the query
MAX_OFFSET: Final = 10_000
_CURSOR: Final = re.compile(r"(n[0-9a-f]{1,16}|r[0-9]{1,5})")


class Segment(NamedTuple):
    """A piece of text; `is_hit`: it is what was searched for."""

    text: str
    is_hit: bool = False


class FacetCount(NamedTuple):
    """How many articles have a value; `query` is to be added to the query for these alone."""

    value: str
    articles: int
    query: str


@dataclass(frozen=True, slots=True)
class Hit:
    """An article that was found.

    `article` has the fields of HIT_FIELDS and no text. `title` and `snippet` are plain text in segments, to be escaped
    where they are shown. `copies` is how many articles its story has, itself included.
    """

    id: str
    score: float
    article: Mapping[str, Any]
    title: tuple[Segment, ...]
    snippet: tuple[Segment, ...]
    copies: int = 1


@dataclass(frozen=True, slots=True)
class SearchPage:
    """A page of hits. `total` counts all of them.

    `facets` has for each name of FACETS its values, most articles first (month and day: latest first). `next_cursor`
    gives the page after this one, None after the last. `engine` says what was asked. `indexed_at` is when the index was
    last brought up to date, None for a scan, which sees everything.
    """

    total: int
    hits: tuple[Hit, ...] = ()
    facets: Mapping[str, tuple[FacetCount, ...]] = field(default_factory=dict)
    next_cursor: str | None = None
    engine: Literal["index", "scan"] = "scan"
    indexed_at: datetime | None = None


def order_key(article: Mapping[str, Any]) -> int:
    """Return the place of an article in the list by time, as a number of 64 bits: its second, then its id."""
    second = max(0, int(moment_of(article).timestamp()))
    return second << _HASH_BITS | xxhash.xxh3_64_intdigest(article["_id"].encode()) >> (64 - _HASH_BITS)


def newest_cursor(key: int) -> str:
    """Return the cursor for what comes after the article with this `order_key`."""
    return f"n{key:x}"


def relevance_cursor(offset: int) -> str | None:
    """Return the cursor for what comes after the first `offset` hits."""
    return f"r{offset}" if offset < MAX_OFFSET else None


def cursor_value(cursor: str | None, sort: Sort) -> int | None:
    """Return the order key or the offset of a cursor. Raises QueryError."""
    if cursor is None:
        return None
    if not _CURSOR.fullmatch(cursor) or (cursor[0] == "n") != (sort == "newest"):
        raise QueryError(_("the cursor {cursor!r} is not of such a list").format(cursor=cursor[:40]))
    value = int(cursor[1:], 16) if cursor[0] == "n" else int(cursor[1:])
    if sort == "relevance" and value > MAX_OFFSET:
        raise QueryError(_("the cursor {cursor!r} is not of such a list").format(cursor=cursor))
    return value
