"""The writes that bring the fingerprints of incoming articles up to date. Pure functions over what is stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pymongo import InsertOne, ReplaceOne, UpdateOne

from newsspider.mongo.server.types import Document
from newsspider.mongo.stories.fingerprint_document import Field, FingerprintDocument
from newsspider.mongo.stories.incoming import IncomingArticle, first_address


@dataclass(slots=True)
class FingerprintWrites:
    """Collects writes for incoming articles; a fingerprint that is to be compared is in `touched`.

    `known`: id -> stored fingerprint. `bodies`: body hash -> stored fingerprints. `articles`: id -> stored article.
    `is_anew`: every text is compared again. `touched`: id -> the ids that an earlier text was linked to.
    """

    known: Mapping[str, FingerprintDocument]
    bodies: dict[str, list[FingerprintDocument]]
    articles: Mapping[str, Document]
    is_anew: bool = False
    touched: dict[str, list[str]] = field(default_factory=dict)
    inserts: list[InsertOne[Document]] = field(default_factory=list)
    updates: list[ReplaceOne[Document] | UpdateOne] = field(default_factory=list)

    def add(self, incoming: IncomingArticle) -> None:
        """Add what is to be written for one article.

        The second address of a known article gets no fingerprint, or other articles would take it for a copy. A
        fingerprint of it that a killed worker has left is touched.
        """
        old, document = self.known.get(incoming.id), incoming.document
        first = self._first_address(incoming, old)
        if first is not None:
            incoming.alias_of, incoming.alias_story = first.id, first.story
            if old is not None:
                self.touched[incoming.id] = old.linked_ids()
        elif old is None:
            self._insert(document)
        elif not _is_outdated(old, document):
            _carry_over(old, document)
            if _is_same_text(old, document) and not self.is_anew:
                self._refresh(old, document)
            else:
                self._replace(old, document)

    def _first_address(self, incoming: IncomingArticle, old: FingerprintDocument | None) -> FingerprintDocument | None:
        if self.is_anew or incoming.document.story or incoming.id in self.articles:
            return None
        return first_address(incoming, old, self.bodies.get(incoming.document.body_hash, ()))

    def _insert(self, document: FingerprintDocument) -> None:
        """Insert a fingerprint; an article whose fingerprint had expired keeps its story."""
        document.story = document.story or self.articles.get(document.id, {}).get("story_id")
        document.is_to_compare = bool(document.story)
        self.touched[document.id] = []
        self.inserts.append(InsertOne(document.to_document()))
        self.bodies.setdefault(document.body_hash, []).append(document)

    def _refresh(self, old: FingerprintDocument, document: FingerprintDocument) -> None:
        """Update the facts about an article with the same text.

        It is to be compared if a worker was stopped before it had compared it, or before this text was stored.
        """
        changes: Document = {
            Field.TEXT_SEEN_AT: document.text_seen_at,
            Field.DAY: document.day,
            Field.FACTS: document.facts,
            Field.EXPIRES_AT: document.expires_at,
        }
        is_stored = self.articles.get(document.id, {}).get("content_hash") == document.content_hash
        if old.story is None or old.is_to_compare or not is_stored:
            self.touched[document.id] = []
            if old.story:
                changes[Field.IS_TO_COMPARE] = True
        self.updates.append(UpdateOne(_same_text(old), {"$set": changes}))

    def _replace(self, old: FingerprintDocument, document: FingerprintDocument) -> None:
        self.touched[document.id] = old.linked_ids()
        replacement = document.to_document() | {Field.IS_TO_COMPARE: True}
        self.updates.append(ReplaceOne(_same_text(old), replacement))


def _same_text(old: FingerprintDocument) -> Document:
    """Return the query for a fingerprint, as long as it has the text that was read."""
    return {Field.ID: old.id, Field.CONTENT_HASH: old.content_hash}


def _is_outdated(old: FingerprintDocument, document: FingerprintDocument) -> bool:
    """Return True if a later text of the article is stored already: articles from a spool may be older."""
    is_other_text = old.content_hash != document.content_hash
    return old.scheme == document.scheme and is_other_text and document.text_seen_at < old.text_seen_at


def _carry_over(old: FingerprintDocument, document: FingerprintDocument) -> None:
    """Keep in `document` what stays of the fingerprint that it replaces."""
    document.facts["first_seen_at"] = min(old.facts["first_seen_at"], document.facts["first_seen_at"])
    document.order, document.story = old.order, document.story or old.story
    if old.content_hash == document.content_hash:
        document.text_seen_at = max(old.text_seen_at, document.text_seen_at)


def _is_same_text(old: FingerprintDocument, document: FingerprintDocument) -> bool:
    return (old.body_hash, old.scheme, old.content_hash) == (
        document.body_hash,
        document.scheme,
        document.content_hash,
    )
