"""The stored articles for commands: by filter, with their versions and stories. Synchronous."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from pymongo import ASCENDING, DESCENDING
from pymongo.database import Database
from pymongo.errors import ExecutionTimeout, NetworkTimeout, PyMongoError

from newsspider.errors import NewsspiderError
from newsspider.mongo.server.errors import explained
from newsspider.mongo.server.types import Document

# time limit of `text`, which scans all articles that the other filters leave
TEXT_SEARCH_S = 60
SUMMARY_FIELDS = ("url", "site", "title", "source", "published_at", "first_seen_at", "revision", "duplicate_of")

# fields of an article's document that are for the store alone
STORE_INTERNAL = ("version_id", "details_hash")


class ArchiveError(NewsspiderError):
    """A question that cannot be answered."""


@dataclass(frozen=True, slots=True)
class ArticleFilter:
    """Conditions for articles; None is any.

    `since` and `until` (exclusive) bound the publication, else the first sighting.
    `text` is searched literally in title and text, ignoring case. `sure` and `unsure` are a field and the least, or the
    first too high, confidence; an article whose confidence is not known is neither.
    """

    site: str | None = None
    source: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    text: str | None = None
    sure: tuple[str, float] | None = None
    unsure: tuple[str, float] | None = None

    def to_query(self) -> Document:
        conditions: list[Document] = []
        if self.site:
            conditions.append({"site": self.site})
        if self.source:
            conditions.append({"source": self.source})
        bounds = {name: value for name, value in (("$gte", self.since), ("$lt", self.until)) if value}
        if bounds:
            conditions.append({"$or": [{"published_at": bounds}, {"published_at": None, "first_seen_at": bounds}]})
        if self.text:
            pattern = {"$regex": re.escape(self.text), "$options": "i"}
            conditions.append({"$or": [{"title": pattern}, {"text": pattern}]})
        for operator, bound in (("$gte", self.sure), ("$lt", self.unsure)):
            if bound:
                conditions.append({f"confidence.{bound[0]}": {operator: bound[1]}})
        return {"$and": conditions} if conditions else {}


class Archive:
    """The articles of `database`."""

    def __init__(self, database: Database[Document]) -> None:
        self.database = database

    def find(self, wanted: ArticleFilter, *, limit: int = 0, is_whole: bool = False) -> Iterator[Document]:
        """Yield articles, newest first by publication; their summary fields, or with `is_whole` all. 0 is no limit.

        Raises ArchiveError where a search for text takes longer than TEXT_SEARCH_S.
        """
        projection = dict.fromkeys(*((STORE_INTERNAL, False) if is_whole else (SUMMARY_FIELDS, True)))
        cursor = (
            self.database["articles"]
            .find(wanted.to_query(), projection)
            .sort([("published_at", DESCENDING), ("_id", ASCENDING)])
            .limit(limit)
            .allow_disk_use(True)
        )
        if wanted.text:
            cursor = cursor.max_time_ms(TEXT_SEARCH_S * 1000)
        try:
            yield from cursor
        except (ExecutionTimeout, NetworkTimeout):
            raise ArchiveError(
                f"the search for text took longer than {TEXT_SEARCH_S} s: narrow it by --site or --since"
            ) from None

    def count(self, wanted: ArticleFilter) -> int:
        return self.database["articles"].count_documents(wanted.to_query())

    def get(self, name: str) -> Document:
        """Return the article whose id, URL or former address is `name`. Raises ArchiveError if there is none."""
        key = re.sub(r"\Ahttps?://", "", name)
        found = self.database["articles"].find_one({"_id": {"$in": [name, key]}})
        found = found or self.database["articles"].find_one({"$or": [{"url": name}, {"aliases": {"$in": [name, key]}}]})
        if found is None:
            raise ArchiveError(f"no article {name!r} (`scrapy articles list` shows ids)")
        return found

    def versions(self, key: str) -> list[Document]:
        """Return the earlier versions of an article, first one first."""
        return list(self.database["revisions"].find({"article_id": key}).sort("revision", ASCENDING))

    def story(self, article: Document) -> list[Document]:
        """Return the articles of the story that `article` belongs to, oldest first; itself if there is none."""
        story = self.database["stories"].find_one({"members.id": article["_id"]})
        if story is not None:
            query: Document = {"_id": {"$in": [member["id"] for member in story["members"]]}}
        elif article.get("story_id"):
            query = {"story_id": article["story_id"]}
        else:
            return [article]
        order = [("published_at", ASCENDING), ("first_seen_at", ASCENDING), ("_id", ASCENDING)]
        return list(self.database["articles"].find(query).sort(order)) or [article]

    def totals(self, wanted: ArticleFilter) -> list[Document]:
        """Return one row per site, most articles first: articles, copies, revisions, undated, oldest, newest."""
        missing_date = {"$cond": [{"$eq": [{"$ifNull": ["$published_at", None]}, None]}, 1, 0]}
        is_copy = {"$cond": [{"$eq": [{"$ifNull": ["$duplicate_of", None]}, None]}, 0, 1]}
        group: Document = {
            "_id": "$site",
            "articles": {"$sum": 1},
            "copies": {"$sum": is_copy},
            "revisions": {"$sum": {"$subtract": [{"$ifNull": ["$revision", 1]}, 1]}},
            "undated": {"$sum": missing_date},
            "oldest": {"$min": "$published_at"},
            "newest": {"$max": "$published_at"},
        }
        pipeline = [{"$match": wanted.to_query()}, {"$group": group}, {"$sort": {"articles": -1, "_id": 1}}]
        return list(self.database["articles"].aggregate(pipeline, allowDiskUse=True))

    def last_runs(self, limit: int) -> list[Document]:
        """Return the documents of the last crawls, newest first."""
        return list(self.database["runs"].find().sort("started_at", DESCENDING).limit(limit))


def one_line(error: PyMongoError, uri: str) -> str:
    """Return the message of an error in one line, without credentials."""
    return str(explained(error, uri))


__all__ = ["Archive", "ArchiveError", "ArticleFilter", "PyMongoError", "one_line"]
