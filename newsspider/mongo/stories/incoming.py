"""Articles on their way into the stories: their fingerprints, and the results of the comparison with others."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from bson import ObjectId

from newsspider import clock
from newsspider.fingerprint import Fingerprint, fingerprint, unpacked, verify
from newsspider.items import Article
from newsspider.mongo.server.types import Document
from newsspider.mongo.stories.fingerprint_document import FingerprintDocument, Link
from newsspider.mongo.stories.groups import site_of
from newsspider.text import content_hash


@dataclass(slots=True)
class IncomingArticle:
    """An article on its way into the index, and what was found for it.

    `linked_texts`: linked article -> content hash of the text that was compared. `alias_of`: the id of the same article
    on the same site, and `alias_story` the id of its story if that is known.
    """

    article: Article
    print: Fingerprint
    document: FingerprintDocument
    links: list[Link] = field(default_factory=list)
    linked_texts: dict[str, str] = field(default_factory=dict)
    quotes: list[str] = field(default_factory=list)
    alias_of: str | None = None
    alias_story: str | None = None

    @property
    def id(self) -> str:
        return self.article._id


def incoming_of(article: Article, kept: timedelta) -> IncomingArticle:
    """Return `article` with its fingerprint, which expires `kept` from now."""
    print_ = fingerprint(article.title, article.text)
    seen = article.fetched_at
    published = min(article.published_at, seen) if article.published_at else None
    now = clock.now()
    document = FingerprintDocument(
        article._id,
        keys=print_.keys,
        day=(published or seen).replace(hour=0, minute=0, second=0, microsecond=0),
        body_hash=print_.body_hash,
        scheme=print_.scheme,
        text_seen_at=min(seen, now),
        content_hash=article.content_hash or content_hash(article.title, article.text),
        story=article.story_id,
        packed=print_.packed(),
        order=ObjectId(),
        expires_at=now + kept,
        facts={
            "site": article.site,
            "source": article.source,
            "source_site": site_of(article.source_url),
            "published_at": published,
            "published_precision": article.published_precision,
            "first_seen_at": seen,
            "chars": len(print_.body),
        },
    )
    return IncomingArticle(article, print_, document)


def first_address(
    incoming: IncomingArticle, own: FingerprintDocument | None, same: Iterable[FingerprintDocument]
) -> FingerprintDocument | None:
    """Return the fingerprint of an article that is not stored under the address that it is known by already.

    `own` is the fingerprint that a stopped worker has left of it, `same` are those with an equal body. Of two the one
    in a story is first, then the older.
    """

    def rank(found: FingerprintDocument) -> tuple[bool, ObjectId]:
        return not found.story, found.order

    twins = [found for found in same if _is_twin(found, incoming)]
    earlier = [found for found in twins if found.id != incoming.id and (own is None or rank(found) < rank(own))]
    return min(earlier, key=rank, default=None)


def note_alias(incoming: IncomingArticle, same: Sequence[FingerprintDocument], old: Sequence[Document]) -> None:
    """Note an earlier fingerprint of the same article: one that has its story already, or that was first.

    `same`: fingerprints with an equal body. `old`: stored articles with an equal body.
    """
    own = incoming.document
    twins = [found for found in same if _is_twin(found, incoming)]
    earlier = [] if own.story else [found for found in twins if found.story or found.order < own.order]
    if earlier:
        first = min(earlier, key=lambda found: (not found.story, found.order))
        incoming.alias_of, incoming.alias_story = first.id, first.story
        return
    live = {found.id for found in same} | {incoming.id}
    for article in old:
        is_twin = article["site"] == incoming.article.site and article.get("content_hash") == own.content_hash
        if is_twin and article["_id"] not in live:
            incoming.alias_of, incoming.alias_story = article["_id"], article.get("story_id")


def _is_twin(found: FingerprintDocument, incoming: IncomingArticle) -> bool:
    """Return True if a fingerprint is of the same text on the same site."""
    return found.content_hash == incoming.document.content_hash and found.facts["site"] == incoming.article.site


def compare(incoming: IncomingArticle, candidates: Iterable[FingerprintDocument], old: Iterable[Document]) -> None:
    """Note links and quotes. `old`: stored articles whose fingerprints may have expired."""
    seen = {incoming.id}
    for found in candidates:
        if found.id in seen:
            continue
        seen.add(found.id)
        _judge(incoming, found.id, found.content_hash, unpacked(found.packed, found.body_hash))
    for article in old:
        if article["_id"] not in seen:
            print_ = fingerprint(article["title"], article["text"])
            _judge(incoming, article["_id"], article.get("content_hash") or "", print_)


def _judge(incoming: IncomingArticle, other: str, content: str, other_print: Fingerprint) -> None:
    verdict = verify(other_print, incoming.print)
    if verdict.is_same_story:
        incoming.links.append(Link(other, verdict.relation, round(verdict.containment, 4), round(verdict.jaccard, 4)))
        incoming.linked_texts[other] = content
    elif verdict.relation == "quotes" and len(incoming.print.body) > len(other_print.body):
        incoming.quotes.append(other)
