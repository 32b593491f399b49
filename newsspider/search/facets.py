"""The values that hits have in the fields by which a search is narrowed, and the queries that do it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from newsspider.search.matching import moment_of
from newsspider.search.results import FacetCount
from newsspider.text.zone import BEIJING

MOST_VALUES: Final = {"site": 20, "source": 20, "section": 20, "language": 10, "month": 60, "day": 62}
BY_TIME: Final = ("month", "day")
_FIELDS: Final = {"site": "site", "source": "source", "section": "section", "language": "lang"}


def facet_values(article: Mapping[str, Any]) -> dict[str, str]:
    """Return the value of an article for each name of results.FACETS that it has one for; days are those of Beijing."""
    day = f"{moment_of(article).astimezone(BEIJING):%Y-%m-%d}"
    found = {"month": day[:7], "day": day}
    return found | {name: article[name] for name in ("site", "source", "section", "language") if article.get(name)}


def facet_counts(name: str, counts: Iterable[tuple[str, int]]) -> tuple[FacetCount, ...]:
    """Return the first values of a facet in their order, with the query of each."""
    ordered = sorted(counts, reverse=True) if name in BY_TIME else sorted(counts, key=lambda pair: (-pair[1], pair[0]))
    return tuple(FacetCount(value, count, facet_query(name, value)) for value, count in ordered[: MOST_VALUES[name]])


def facet_query(name: str, value: str) -> str:
    """Return what a query needs besides for the articles with this value."""
    if name in BY_TIME:
        return f"since:{value} until:{value}"
    plain = value.replace('"', " ")
    return f'{_FIELDS[name]}:"{plain}"' if name in ("source", "section") else f"{_FIELDS[name]}:{plain}"
