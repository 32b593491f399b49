"""One article on its way into MongoDB, and its outcome."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from bson import ObjectId

from newsspider.items import Article
from newsspider.mongo.articles.documents import (
    ENCODING_ERRORS,
    UnstorableArticleError,
    check_parts,
    details_hash,
    document_of,
    encoded,
    kept_at,
    short_id,
    to_milliseconds,
)
from newsspider.mongo.server.types import Document

Outcome = Literal["new", "changed", "unchanged", "older", "alias", "disputed", "removed"]


@dataclass(slots=True, eq=False)
class Entry:
    """An article on its way: its document and, after the write, `outcome`, or `refusal`: why it is quarantined."""

    article: Article
    seen_at: datetime
    document: Document = field(default_factory=dict)
    data: bytes = b""
    alias_of: str | None = None
    outcome: Outcome | None = None
    refusal: str | None = None
    intended: Outcome | None = None
    attempted: Outcome | None = None
    version_id: ObjectId = field(default_factory=ObjectId)
    validators: dict[str, str] | None = None

    @classmethod
    def of(cls, article: Article, now: datetime, validators: dict[str, str] | None = None) -> Entry:
        """Return the entry of `article`; one that can never be stored has its `refusal` set."""
        seen_at = to_milliseconds(min(to_milliseconds(article.fetched_at), now))
        entry = cls(article, seen_at, alias_of=article.alias_of, validators=validators)
        try:
            entry.document = entry._first_version()
            entry.data = encoded(article, entry.document)
        except UnstorableArticleError as error:
            entry.refusal = str(error)
        return entry

    @property
    def key(self) -> str:
        """The `_id` in `articles` that this entry is about."""
        return self.alias_of or self.article._id

    def take_place_of_target(self) -> None:
        """Become the article that this one is an alias of, under its id."""
        self.document |= {"_id": self.key, "short_id": short_id(self.key), "aliases": [self.article._id]}
        self.data = encoded(self.article, self.document)

    def leave_out(self, urls: Collection[str]) -> None:
        """Leave the related links to `urls` out of what is stored."""
        if any(link.url in urls for link in self.article.related):
            self.article.related = [link for link in self.article.related if link.url not in urls]
            self.document["related"] = document_of(self.article)["related"]
            self.document["details_hash"] = details_hash(self.document)
            self.data = encoded(self.article, self.document)

    def is_not_kept(self) -> None:
        """Say that the page of the article could not be kept."""
        del self.document["kept_at"]
        self.data = encoded(self.article, self.document)

    @property
    def is_settled(self) -> bool:
        return self.outcome is not None or self.refusal is not None

    def _first_version(self) -> Document:
        check_parts(self.article)
        document = document_of(self.article)
        document["short_id"] = short_id(self.article._id)
        document |= {"revision": 1, "version_id": self.version_id, "change": None, "version_seen_at": self.seen_at}
        document |= {"first_seen_at": self.seen_at, "last_seen_at": self.seen_at}
        if (moment := kept_at(self.article)) is not None:
            document["kept_at"] = moment
        try:
            document["details_hash"] = details_hash(document)
        except ENCODING_ERRORS as error:
            raise UnstorableArticleError(f"not BSON: {' '.join(str(error).split())[:200]}") from error
        return document
