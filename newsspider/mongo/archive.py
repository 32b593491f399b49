"""The stored articles for commands: by filter, with their versions and stories. Synchronous."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from typing import Any

from pymongo import ASCENDING, DESCENDING
from pymongo.database import Database
from pymongo.errors import PyMongoError

from newsspider.errors import NewsspiderError
from newsspider.messages import _
from newsspider.mongo.daily.expressions import COUNTED_FIELDS, DAY, IS_COPY, REVISIONS, is_there
from newsspider.mongo.server.errors import explained
from newsspider.mongo.server.types import Document
from newsspider.urls import registered_domain

# ids of one query, and those that all of a command may choose
IDS_AT_ONCE = 1_000
MAX_IDS = 100_000
SUMMARY_FIELDS = (
    *("short_id", "url", "site", "title", "source", "authors", "published_at", "first_seen_at", "revision"),
    "duplicate_of",
)
SHOWN_IDS = 4
# a short id as shown has at least this many digits, and there are at least this many of them per article
MIN_ID_LENGTH = 4
SPARE_IDS = 1_000
SHORT_ID = re.compile(r"[0-9a-f]{4,16}\Z")
GROUPINGS: dict[str, Any] = {
    "site": "$site",
    "source": "$source",
    "section": "$section",
    "language": "$language",
    "day": DAY,
}

# fields of an article's document that are for the store alone
STORE_INTERNAL = ("version_id", "details_hash")


class ArchiveError(NewsspiderError):
    """A question that cannot be answered."""


@dataclass(frozen=True, slots=True)
class ArticleFilter:
    """Conditions for articles; None is any.

    `since` and `until` (exclusive) bound the publication, else the first sighting. `ids` are what a search has found,
    in its order. `author`, `tag`, `section`, `language` and `story` (a story's id) are as stored. `sure` and `unsure`
    are a field and the least, or the first too high, confidence; an article whose confidence is not known is neither.
    """

    site: str | None = None
    source: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    ids: Sequence[str] | None = None
    author: str | None = None
    tag: str | None = None
    section: str | None = None
    language: str | None = None
    story: str | None = None
    sure: tuple[str, float] | None = None
    unsure: tuple[str, float] | None = None

    def to_query(self) -> Document:
        exact = {
            "site": self.site,
            "source": self.source,
            "authors": self.author,
            "tags": self.tag,
            "section": self.section,
            "language": self.language,
            "story_id": self.story,
        }
        conditions: list[Document] = [{name: value} for name, value in exact.items() if value]
        bounds = {name: value for name, value in (("$gte", self.since), ("$lt", self.until)) if value}
        if bounds:
            conditions.append({"$or": [{"published_at": bounds}, {"published_at": None, "first_seen_at": bounds}]})
        if self.ids is not None:
            if len(self.ids) > MAX_IDS:
                raise ArchiveError(
                    _("{count} articles found, at most {max_ids} can be taken: narrow the query").format(
                        count=len(self.ids), max_ids=MAX_IDS
                    )
                )
            conditions.append({"_id": {"$in": list(self.ids)}})
        for operator, bound in (("$gte", self.sure), ("$lt", self.unsure)):
            if bound:
                conditions.append({f"confidence.{bound[0]}": {operator: bound[1]}})
        return {"$and": conditions} if conditions else {}

    def parts(self) -> Iterator[ArticleFilter]:
        """Yield this filter for some of its `ids` at a time, in their order; itself where it has none."""
        if self.ids is None:
            yield self
            return
        for start in range(0, len(self.ids), IDS_AT_ONCE):
            yield replace(self, ids=self.ids[start : start + IDS_AT_ONCE])


class Archive:
    """The articles of `database`."""

    def __init__(self, database: Database[Document]) -> None:
        self.database = database

    def find(self, wanted: ArticleFilter, *, limit: int = 0, is_whole: bool = False) -> Iterator[Document]:
        """Yield articles, newest first by publication, or in the order of `ids`; 0 is no limit.

        They have their summary fields, or with `is_whole` all.
        """
        projection = dict.fromkeys(*((STORE_INTERNAL, False) if is_whole else (SUMMARY_FIELDS, True)))
        if wanted.ids is not None:
            yield from islice(self._in_order(wanted, projection), limit or None)
            return
        yield from (
            self.database["articles"]
            .find(wanted.to_query(), projection)
            .sort([("published_at", DESCENDING), ("_id", ASCENDING)])
            .limit(limit)
            .allow_disk_use(True)
        )

    def _in_order(self, wanted: ArticleFilter, projection: Document) -> Iterator[Document]:
        for part in wanted.parts():
            found = {article["_id"]: article for article in self.database["articles"].find(part.to_query(), projection)}
            yield from (found[key] for key in part.ids or () if key in found)

    def count(self, wanted: ArticleFilter) -> int:
        return sum(self.database["articles"].count_documents(part.to_query()) for part in wanted.parts())

    def get(self, name: str) -> Document:
        """Return the article whose id, URL or former address is `name`, or whose short id begins with it.

        Raises ArchiveError if there is none, or more than one.
        """
        key = re.sub(r"\Ahttps?://", "", name)
        found = self.database["articles"].find_one({"_id": {"$in": [name, key]}})
        found = found or self.database["articles"].find_one({"$or": [{"url": name}, {"aliases": {"$in": [name, key]}}]})
        found = found or self._by_short_id(name)
        if found is None:
            raise ArchiveError(_("no article {name!r} (`scrapy articles list` shows ids)").format(name=name))
        return found

    def _by_short_id(self, name: str) -> Document | None:
        if not SHORT_ID.match(name):
            return None
        bounds = {"$gte": name, "$lt": name + "g"}
        found = list(self.database["articles"].find({"short_id": bounds}).sort("short_id", ASCENDING).limit(SHOWN_IDS))
        if len(found) > 1:
            listed = ", ".join(f"{article['short_id'][: len(name) + 4]} {article['title'][:20]}" for article in found)
            raise ArchiveError(
                _("{name} is the beginning of several short ids: {listed}").format(name=name, listed=listed)
            )
        return found[0] if found else None

    def id_length(self) -> int:
        """Return how many digits of the short ids tell the articles of this database apart, nearly always."""
        count = self.database["articles"].estimated_document_count()
        return max(MIN_ID_LENGTH, len(f"{count * SPARE_IDS:x}"))

    def named(self, names: Iterable[str]) -> Document:
        """Return the query for the articles that `names` (sites, or what `get` takes) stand for; any without names.

        Raises ArchiveError for a name that stands for none.
        """
        ids, sites = [], []
        for name in names:
            bare = re.sub(r"\Ahttps?://|/\Z", "", name)
            is_site = "." in bare and "/" not in bare
            site = registered_domain(name) if is_site else ""
            if site and self.database["articles"].find_one({"site": site}, {"_id": True}):
                sites.append(site)
            elif is_site:
                raise ArchiveError(_("no article of {name!r} is stored").format(name=name))
            else:
                ids.append(self.get(name)["_id"])
        conditions = [{"_id": {"$in": ids}}] * bool(ids) + [{"site": {"$in": sites}}] * bool(sites)
        return {"$or": conditions} if conditions else {}

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

    def totals(self, wanted: ArticleFilter, by: str = "site") -> list[Document]:
        """Return one row per group (GROUPINGS), most articles first, days newest first.

        A row: `_id`, articles, copies, revisions, oldest, newest, and per field of COUNTED_FIELDS how many have it.
        """
        group: Document = {
            "_id": GROUPINGS[by],
            "articles": {"$sum": 1},
            "copies": {"$sum": IS_COPY},
            "revisions": {"$sum": REVISIONS},
            "oldest": {"$min": "$published_at"},
            "newest": {"$max": "$published_at"},
        }
        group |= {name: {"$sum": is_there(name)} for name in COUNTED_FIELDS}
        order = {"_id": -1} if by == "day" else {"articles": -1, "_id": 1}
        pipeline = [{"$match": wanted.to_query()}, {"$group": group}, {"$sort": order}]
        return list(self.database["articles"].aggregate(pipeline, allowDiskUse=True))

    def last_runs(self, limit: int, site: str | None = None) -> list[Document]:
        """Return the documents of the last crawls, newest first; with `site` those that met its articles."""
        query = {"coverage.site": site} if site else {}
        return list(self.database["runs"].find(query).sort("started_at", DESCENDING).limit(limit))


def one_line(error: PyMongoError, uri: str) -> str:
    """Return the message of an error in one line, without credentials."""
    return str(explained(error, uri))


__all__ = ["COUNTED_FIELDS", "Archive", "ArchiveError", "ArticleFilter", "PyMongoError", "one_line"]
