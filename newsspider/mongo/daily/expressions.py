"""Expressions over the documents of `articles` that several questions have in common."""

from __future__ import annotations

from typing import Final

from newsspider.items import COVERED_FIELDS
from newsspider.mongo.server.types import Document

LIST_FIELDS: Final = frozenset({"authors", "images", "tags", "related"})
# fields of which it is counted how many articles have them
COUNTED_FIELDS: Final = ("text", *COVERED_FIELDS)
# the day of Beijing time of the publication, else of the first sighting, as in 2026-12-01
DAY: Final[Document] = {
    "$dateToString": {
        "date": {"$ifNull": ["$published_at", "$first_seen_at"]},
        "format": "%Y-%m-%d",
        "timezone": "+08:00",
    }
}
IS_COPY: Final[Document] = {"$cond": [{"$gt": ["$duplicate_of", None]}, 1, 0]}
REVISIONS: Final[Document] = {"$subtract": [{"$ifNull": ["$revision", 1]}, 1]}


def is_there(name: str) -> Document:
    """Return the expression for 1 where an article has a value in field `name`, else 0."""
    is_list = name in LIST_FIELDS
    found = {"$gt": [{"$size": {"$ifNull": [f"${name}", []]}}, 0]} if is_list else {"$gt": [f"${name}", ""]}
    return {"$cond": [found, 1, 0]}
