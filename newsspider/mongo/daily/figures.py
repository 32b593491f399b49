"""Questions to the collection `daily` for commands and pages: articles per day, delays, fields, sources. Synchronous.

None of them reads articles. Days are of Beijing time, as in 2026-12-01, both ends included.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pymongo.database import Database

from newsspider.mongo.daily.counting import DAILY, DELAYS_S
from newsspider.mongo.daily.expressions import COUNTED_FIELDS
from newsspider.mongo.server.types import Document

# rows and columns of the matrix of sources
MOST_NAMED: Final = 14


@dataclass(frozen=True, slots=True)
class Span:
    """Days from `first` to `last`, of `site` or of all sites."""

    first: str
    last: str
    site: str | None = None

    @property
    def query(self) -> Document:
        found: Document = {"day": {"$gte": self.first, "$lte": self.last}, "articles": {"$gt": 0}}
        return found | ({"site": self.site} if self.site else {})


class DailyFigures:
    """The counts of `database`; one that no crawl has counted yet has none."""

    def __init__(self, database: Database[Document]) -> None:
        self._daily = database[DAILY]

    def last_day(self, site: str | None = None) -> str | None:
        """Return the last day that has articles."""
        query: Document = {"articles": {"$gt": 0}} | ({"site": site} if site else {})
        found = self._daily.find_one(query, {"day": True}, sort=[("day", -1)])
        return str(found["day"]) if found else None

    def first_day(self, site: str | None = None) -> str | None:
        """Return the first day that has articles."""
        query: Document = {"articles": {"$gt": 0}} | ({"site": site} if site else {})
        found = self._daily.find_one(query, {"day": True}, sort=[("day", 1)])
        return str(found["day"]) if found else None

    def sites(self, span: Span) -> list[Document]:
        """Return a row per site, most articles first: site, articles, copies, undated."""
        sums = {name: {"$sum": f"${name}"} for name in ("articles", "copies", "undated")}
        rows = self._ask(span, {"$group": {"_id": "$site", **sums}}, {"$sort": {"articles": -1, "_id": 1}})
        return [{"site": row["_id"], **{name: row[name] for name in sums}} for row in rows]

    def days(self, span: Span, sites: Iterable[str] | None = None) -> list[Document]:
        """Return rows of day, site, articles and copies, in the order of days."""
        chosen = [] if sites is None else [{"$match": {"site": {"$in": list(sites)}}}]
        shown = {"_id": False, "day": True, "site": True, "articles": True, "copies": True}
        return self._ask(span, *chosen, {"$project": shown}, {"$sort": {"day": 1, "site": 1}})

    def totals_by_day(self, span: Span) -> list[Document]:
        """Return a row per day that has articles: day, articles, copies."""
        sums = {name: {"$sum": f"${name}"} for name in ("articles", "copies")}
        rows = self._ask(span, {"$group": {"_id": "$day", **sums}}, {"$sort": {"_id": 1}})
        return [{"day": row["_id"], **{name: row[name] for name in sums}} for row in rows]

    def delays(self, span: Span) -> list[tuple[int | None, int]]:
        """Return (seconds, articles first seen within so long of their publication and not within the step before).

        The last step has None: all above.
        """
        sums = {f"d{at}": {"$sum": {"$arrayElemAt": ["$delays", at]}} for at in range(len(DELAYS_S) + 1)}
        found = self._ask(span, {"$group": {"_id": None, **sums}})
        row = found[0] if found else dict.fromkeys(sums, 0)
        return [(limit, int(row[f"d{at}"])) for at, limit in enumerate((*DELAYS_S, None))]

    def fields_by_week(self, span: Span) -> list[Document]:
        """Return a row per ISO week with articles: week (as in 2026-W49), articles, fields (how many have each)."""
        day = {"$dateFromString": {"dateString": "$day", "format": "%Y-%m-%d"}}
        week = {"$dateToString": {"date": day, "format": "%G-W%V"}}
        sums = {name: {"$sum": f"$fields.{name}"} for name in COUNTED_FIELDS}
        group = {"_id": week, "articles": {"$sum": "$articles"}, **sums}
        rows = self._ask(span, {"$group": group}, {"$sort": {"_id": 1}})
        return [
            {"week": row["_id"], "articles": row["articles"], "fields": {name: row[name] for name in COUNTED_FIELDS}}
            for row in rows
        ]

    def sources(self, span: Span, most: int = MOST_NAMED) -> tuple[list[str], list[str], dict[tuple[str, str], int]]:
        """Return the sites that publish most, the sources that they name most, and (site, source) -> articles."""
        pairs = self._ask(
            span,
            {"$unwind": "$sources"},
            {
                "$group": {
                    "_id": {"site": "$site", "source": "$sources.name"},
                    "articles": {"$sum": "$sources.articles"},
                }
            },
        )
        counts = {(row["_id"]["site"], row["_id"]["source"]): int(row["articles"]) for row in pairs}
        sites = _most([(site, count) for (site, _), count in counts.items()], most)
        sources = _most([(source, count) for (site, source), count in counts.items() if site in sites], most)
        shown = {pair: count for pair, count in counts.items() if pair[0] in sites and pair[1] in sources}
        return sites, sources, shown

    def _ask(self, span: Span, *stages: Document) -> list[Document]:
        pipeline: list[Any] = [{"$match": span.query}, *stages]
        return list(self._daily.aggregate(pipeline, allowDiskUse=True))


def _most(counted: Sequence[tuple[str, int]], most: int) -> list[str]:
    """Return the names with the largest sums, largest first."""
    sums: dict[str, int] = {}
    for name, count in counted:
        sums[name] = sums.get(name, 0) + count
    return sorted(sums, key=lambda name: (-sums[name], name))[:most]
