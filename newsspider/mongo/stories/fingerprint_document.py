"""Documents of the collection `fingerprints`: one per article, until its window has passed.

Stored field names are short, because MongoDB stores them again in every document and there are as many documents as
articles. They are known to this module alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from bson import Binary, ObjectId

from newsspider.mongo.server.types import Document

NO_TIME: Final = datetime(1970, 1, 1, tzinfo=UTC)
NO_ORDER: Final = ObjectId(b"\0" * 12)


class Field:
    """Stored names of the fields of FingerprintDocument, for queries, updates and indexes."""

    ID: Final = "_id"
    KEYS: Final = "k"
    DAY: Final = "d"
    BODY_HASH: Final = "hb"
    SCHEME: Final = "nv"
    TEXT_SEEN_AT: Final = "t"
    CONTENT_HASH: Final = "ch"
    STORY: Final = "cl"
    PACKED: Final = "p"
    ORDER: Final = "s"
    LINKS: Final = "e"
    EXPIRES_AT: Final = "exp"
    FACTS: Final = "f"
    IS_TO_COMPARE: Final = "m"
    # inside a link
    LINKED_ID: Final = "i"
    RELATION: Final = "r"
    CONTAINMENT: Final = "c"
    JACCARD: Final = "j"


def projection(*names: str) -> dict[str, bool]:
    """Return the projection of a query that reads the stored `names`."""
    return dict.fromkeys(names, True)


@dataclass(frozen=True, slots=True)
class Link:
    """One side of a link between two articles of one story; `containment` and `jaccard` as in fingerprint.Verdict."""

    other: str
    relation: str
    containment: float
    jaccard: float

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> Link:
        return cls(stored[Field.LINKED_ID], stored[Field.RELATION], stored[Field.CONTAINMENT], stored[Field.JACCARD])

    def to_document(self) -> Document:
        return {
            Field.LINKED_ID: self.other,
            Field.RELATION: self.relation,
            Field.CONTAINMENT: self.containment,
            Field.JACCARD: self.jaccard,
        }


@dataclass(slots=True)
class FingerprintDocument:
    """A fingerprint with its links and its story; times are aware UTC.

    A document that was read by a projection has the defaults in the fields that were not read.
    """

    id: str
    # MinHash keys that near-duplicates share
    keys: list[int] = field(default_factory=list)
    # midnight of the day of publication, else of the fetch
    day: datetime = NO_TIME
    body_hash: str = ""
    # version of the normal form and of the keys: only fingerprints of one scheme are compared
    scheme: int = 0
    # when this text was fetched
    text_seen_at: datetime = NO_TIME
    content_hash: str = ""
    story: str | None = None
    # the normalised text, compressed
    packed: bytes = b""
    # made when the article was first seen: its seniority in a story
    order: ObjectId = NO_ORDER
    links: list[Link] = field(default_factory=list)
    expires_at: datetime = NO_TIME
    # what `groups.Member` takes of the article: site, source, published_at, ...
    facts: Document = field(default_factory=dict)
    # the text is new or has changed since the article got its story
    is_to_compare: bool = False

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> FingerprintDocument:
        """Return the fingerprint in a stored document, whole or a projection."""
        return cls(
            stored[Field.ID],
            stored.get(Field.KEYS, []),
            stored.get(Field.DAY, NO_TIME),
            stored.get(Field.BODY_HASH, ""),
            stored.get(Field.SCHEME, 0),
            stored.get(Field.TEXT_SEEN_AT, NO_TIME),
            stored.get(Field.CONTENT_HASH, ""),
            stored.get(Field.STORY),
            stored.get(Field.PACKED, b""),
            stored.get(Field.ORDER, NO_ORDER),
            [Link.of(link) for link in stored.get(Field.LINKS, ())],
            stored.get(Field.EXPIRES_AT, NO_TIME),
            stored.get(Field.FACTS, {}),
            stored.get(Field.IS_TO_COMPARE, False),
        )

    def to_document(self) -> Document:
        """Return the whole document as it is stored."""
        document: Document = {
            Field.ID: self.id,
            Field.KEYS: self.keys,
            Field.DAY: self.day,
            Field.BODY_HASH: self.body_hash,
            Field.SCHEME: self.scheme,
            Field.TEXT_SEEN_AT: self.text_seen_at,
            Field.CONTENT_HASH: self.content_hash,
            Field.STORY: self.story,
            Field.PACKED: Binary(self.packed),
            Field.ORDER: self.order,
            Field.LINKS: [link.to_document() for link in self.links],
            Field.EXPIRES_AT: self.expires_at,
            Field.FACTS: self.facts,
        }
        return document | {Field.IS_TO_COMPARE: True} if self.is_to_compare else document

    def linked_ids(self) -> list[str]:
        return [link.other for link in self.links]


def linked_ids(stored: Mapping[str, Any] | None) -> Iterable[str]:
    """Return the ids that a stored document, of which only the links were read, is linked to."""
    return (link[Field.LINKED_ID] for link in (stored or {}).get(Field.LINKS, ()))
