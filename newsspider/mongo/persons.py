"""The search for a person in everything that is stored of articles. Synchronous."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from pymongo.database import Database

from newsspider.mongo.articles.documents import quarantined_json
from newsspider.mongo.server.types import Document

VERSION_TEXTS: Final = ("title", "text", "source_trailer", "authors", "editor", "images.caption", "source")
ARTICLE_TEXTS: Final = (
    *VERSION_TEXTS,
    *("tags", "section", "published_raw", "related.title", "related.short_title", "related.snippet"),
    *("removed.text", "disputed.title", "disputed.text", "url", "images.url"),
)
SHOWN: Final = ("_id", "article_id", "site", "title", "published_at", "revision")


@dataclass(frozen=True, slots=True)
class Mention:
    """A document that names the person: where it is stored, in which of its fields, and what it is."""

    collection: str
    fields: tuple[str, ...]
    article_id: str
    title: str
    published_at: Any = None
    revision: int | None = None


class PersonSearch:
    """Looks for `pattern` in articles, earlier versions and quarantine; `looked_through` counts the documents."""

    def __init__(self, database: Database[Document], pattern: str, site: str | None = None) -> None:
        self.database = database
        self.pattern = pattern
        self.site = site
        self.looked_through: dict[str, int] = {}

    def mentions(self) -> Iterator[Mention]:
        """Yield what names the person, collection by collection. Scans all documents of the site, or all there are."""
        yield from self._in("articles", ARTICLE_TEXTS)
        yield from self._in("revisions", VERSION_TEXTS)
        yield from self._in_quarantine()

    def _in(self, name: str, texts: tuple[str, ...]) -> Iterator[Mention]:
        chosen: Document = {"site": self.site} if self.site else {}
        self.looked_through[name] = self.database[name].count_documents(chosen)
        expression = {"$regex": self.pattern, "$options": "i"}
        query = chosen | {"$or": [{text: expression} for text in texts]}
        for found in self.database[name].find(query, dict.fromkeys((*SHOWN, *texts), True)).sort("_id", 1):
            yield self._mention(name, found, tuple(text for text in texts if self._is_in(found, text)))

    def _in_quarantine(self) -> Iterator[Mention]:
        chosen: Document = {"site": self.site} if self.site else {}
        count = 0
        for found in self.database["quarantine"].find(chosen).sort("_id", 1):
            count += 1
            if re.search(self.pattern, f"{found.get('title')}\n{quarantined_json(found)}", re.IGNORECASE):
                yield self._mention("quarantine", found, ("payload",))
        self.looked_through["quarantine"] = count

    def _mention(self, name: str, found: Mapping[str, Any], fields: tuple[str, ...]) -> Mention:
        key = str(found.get("article_id") or found["_id"])
        title, at = str(found.get("title") or ""), found.get("published_at")
        return Mention(name, fields, key, title, at, found.get("revision"))

    def _is_in(self, document: Mapping[str, Any], path: str) -> bool:
        values: list[Any] = [document]
        for part in path.split("."):
            values = [value[part] for value in values if isinstance(value, Mapping) and part in value]
            values = [inner for value in values for inner in (value if isinstance(value, list) else [value])]
        return any(isinstance(value, str) and re.search(self.pattern, value, re.IGNORECASE) for value in values)
