"""Questions to the collection `daily` for commands and pages: articles per day, delays, fields, sources. Synchronous.

None of them reads articles. Days are of Beijing time, as in 2026-12-01, both ends included.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
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


@dataclass(frozen=True, slots=True)
class DayFigures:
    """A day of some sites: `fields` is name -> articles that have it, `delays` as in counting.py."""

    day: str
    articles: int
    copies: int
    fields: Mapping[str, int]
    delays: Sequence[int]


def delays_of(days: Iterable[DayFigures]) -> list[tuple[int | None, int]]:
    """Return (seconds, articles first seen within so long of their publication and not within the step before).

    The last step has None: all above.
    """
    sums = [0] * (len(DELAYS_S) + 1)
    for one in days:
        sums = [total + count for total, count in zip(sums, one.delays, strict=True)]
    return list(zip((*DELAYS_S, None), sums, strict=True))


def weeks_of(days: Iterable[DayFigures]) -> list[Document]:
    """Return a row per ISO week with articles: week (as in 2026-W49), articles, fields (how many have each)."""
    weeks: dict[str, Document] = {}
    for one in days:
        year, week, _ = date.fromisoformat(one.day).isocalendar()
        name = f"{year}-W{week:02}"
        row = weeks.setdefault(name, {"week": name, "articles": 0, "fields": dict.fromkeys(COUNTED_FIELDS, 0)})
        row["articles"] += one.articles
        for field in COUNTED_FIELDS:
            row["fields"][field] += one.fields[field]
    return list(weeks.values())


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

    def by_day(self, span: Span) -> list[DayFigures]:
        """Return the figures of each day that has articles, of all sites together, in the order of days."""
        sums: Document = {name: {"$sum": f"${name}"} for name in ("articles", "copies")}
        sums |= {f"has_{name}": {"$sum": f"$fields.{name}"} for name in COUNTED_FIELDS}
        steps = range(len(DELAYS_S) + 1)
        sums |= {f"delay_{at}": {"$sum": {"$arrayElemAt": ["$delays", at]}} for at in steps}
        return [
            DayFigures(
                row["_id"],
                row["articles"],
                row["copies"],
                {name: row[f"has_{name}"] for name in COUNTED_FIELDS},
                [row[f"delay_{at}"] for at in steps],
            )
            for row in self._ask(span, {"$group": {"_id": "$day", **sums}}, {"$sort": {"_id": 1}})
        ]

    def sources(self, span: Span, most: int = MOST_NAMED) -> tuple[list[str], list[str], dict[tuple[str, str], int]]:
        """Return the sites that publish most, the sources that they name most, and (site, source) -> articles."""
        sites = [row["site"] for row in self.sites(span)[:most]]
        pairs = self._ask(
            span,
            {"$match": {"site": {"$in": sites}}},
            {"$unwind": "$sources"},
            {
                "$group": {
                    "_id": {"site": "$site", "source": "$sources.name"},
                    "articles": {"$sum": "$sources.articles"},
                }
            },
        )
        counts = {(row["_id"]["site"], row["_id"]["source"]): int(row["articles"]) for row in pairs}
        sources = _most([(source, count) for (_, source), count in counts.items()], most)
        shown = {pair: count for pair, count in counts.items() if pair[1] in sources}
        return [site for site in sites if any(pair[0] == site for pair in shown)], sources, shown

    def _ask(self, span: Span, *stages: Document) -> list[Document]:
        pipeline: list[Any] = [{"$match": span.query}, *stages]
        return list(self._daily.aggregate(pipeline, allowDiskUse=True))


def _most(counted: Sequence[tuple[str, int]], most: int) -> list[str]:
    """Return the names with the largest sums, largest first."""
    sums: dict[str, int] = {}
    for name, count in counted:
        sums[name] = sums.get(name, 0) + count
    return sorted(sums, key=lambda name: (-sums[name], name))[:most]
