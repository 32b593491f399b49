"""A search without the index: every article that MongoDB finds for the query is read and judged."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from newsspider.mongo.search.reads import candidates, too_slow
from newsspider.mongo.server.connection import Connection
from newsspider.search.facets import facet_counts, facet_values
from newsspider.search.matching import FACT_FIELDS, MatchedArticle
from newsspider.search.mongo_filter import mongo_filter
from newsspider.search.query import Query, Term
from newsspider.search.results import FACETS, FacetCount, order_key
from newsspider.search.units import spelled

_TITLE_WEIGHT = 3.0
_LOOKED_AT_EVERY = 100


@dataclass(slots=True)
class Scanned:
    """What a scan found: (order key, score, id) of each article, and the facets' counts."""

    found: list[tuple[int, float, str]] = field(default_factory=list)
    counts: dict[str, Counter[str]] = field(default_factory=lambda: {name: Counter() for name in FACETS})

    def facets(self) -> dict[str, tuple[FacetCount, ...]]:
        return {name: facet_counts(name, self.counts[name].items()) for name in FACETS}


async def scan(connection: Connection, query: Query, *, has_facets: bool, within_s: float) -> Scanned:
    """Return all articles that `query` asks for. Raises SearchTimeoutError, PyMongoError."""
    ends_at = time.monotonic() + within_s
    fields = (*FACT_FIELDS, "title", "text") if query.is_textual else FACT_FIELDS
    scanned = Scanned()
    seen = 0
    async for article in candidates(connection.db, mongo_filter(query.root), fields, within_s):
        seen += 1
        if seen % _LOOKED_AT_EVERY == 0 and time.monotonic() > ends_at:
            raise too_slow(within_s)
        matched = MatchedArticle(article)
        if matched.matches(query.root):
            scanned.found.append((order_key(article), _score(matched, query.terms), article["_id"]))
            if has_facets:
                _count(scanned.counts, article)
    return scanned


def _count(counts: Mapping[str, Counter[str]], article: Mapping[str, Any]) -> None:
    for name, value in facet_values(article).items():
        counts[name][value] += 1


def _score(article: MatchedArticle, terms: tuple[Term, ...]) -> float:
    """Return how often the terms occur, in the title three times as much; nearer to one the longer the text is."""
    score = 0.0
    for term in terms:
        wanted = spelled(term.units)
        in_text = 0 if term.in_title else article.text.count(wanted)
        score += _TITLE_WEIGHT * (wanted in article.title) + in_text / (1 + in_text)
    return score
