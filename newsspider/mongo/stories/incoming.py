"""Articles on their way into the stories: their fingerprint document, and what the comparison with others says."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from bson import Binary, ObjectId

from newsspider.fingerprint import Fingerprint, fingerprint, unpacked, verify
from newsspider.items import Article
from newsspider.mongo.server.types import Document
from newsspider.mongo.stories.groups import Link, site_of
from newsspider.text import content_hash


@dataclass(slots=True)
class IncomingArticle:
    """An article on its way into the index, and what was found for it.

    `linked_texts`: the content hashes of the texts that `links` lead to. `alias_of`: the id of the same article on the
    same site, which is in `alias_story` if that is known.
    """

    article: Article
    print: Fingerprint
    document: Document
    links: list[Link] = field(default_factory=list)
    linked_texts: dict[str, str] = field(default_factory=dict)
    quotes: list[str] = field(default_factory=list)
    alias_of: str | None = None
    alias_story: str | None = None

    @property
    def id(self) -> str:
        return self.article._id


def newcomer_of(article: Article, kept: timedelta) -> IncomingArticle:
    """Return the newcomer that `article` is; its fingerprint is kept for `kept` from now."""
    print_ = fingerprint(article.title, article.text)
    seen = article.fetched_at
    published = min(article.published_at, seen) if article.published_at else None
    day = published or seen
    document: Document = {
        "_id": article._id,
        "k": print_.keys,
        "d": day.replace(hour=0, minute=0, second=0, microsecond=0),
        "hb": print_.body_hash,
        "nv": print_.scheme,
        "t": min(seen, datetime.now(UTC)),
        "ch": article.content_hash or content_hash(article.title, article.text),
        "cl": article.story_id,
        "p": Binary(print_.packed()),
        "s": ObjectId(),
        "e": [],
        "exp": datetime.now(UTC) + kept,
        "f": {
            "site": article.site,
            "source": article.source,
            "source_site": site_of(article.source_url),
            "published_at": published,
            "published_precision": article.published_precision,
            "first_seen_at": seen,
            "chars": len(print_.body),
        },
    }
    return IncomingArticle(article, print_, document)


def first_address(newcomer: IncomingArticle, own: Document | None, same: Iterable[Document]) -> Document | None:
    """Return the fingerprint under which the article of `newcomer`, which is not stored, is known already.

    `own` is what a worker that was stopped has left of it. Of two such, the one in a story is first, then the older.
    """
    article = newcomer.article

    def rank(found: Document) -> tuple[bool, ObjectId]:
        return not found["cl"], found["s"]

    twins = [f for f in same if f["ch"] == newcomer.document["ch"] and f["f"]["site"] == article.site]
    earlier = [f for f in twins if f["_id"] != article._id and (own is None or rank(f) < rank(own))]
    return min(earlier, key=rank, default=None)


def note_alias(newcomer: IncomingArticle, same: Sequence[Document], old: Sequence[Document]) -> None:
    """Note an earlier fingerprint of the same article: one that has its story already, or that was first."""
    own = newcomer.document
    twins = [f for f in same if f["ch"] == own["ch"] and f["f"]["site"] == newcomer.article.site]
    earlier = [] if own["cl"] else [f for f in twins if f["cl"] or f["s"] < own["s"]]
    if earlier:
        first = min(earlier, key=lambda found: (not found["cl"], found["s"]))
        newcomer.alias_of, newcomer.alias_story = first["_id"], first["cl"]
        return
    live = {found["_id"] for found in same} | {newcomer.id}
    for found in old:
        is_twin = found["site"] == newcomer.article.site and found.get("content_hash") == own["ch"]
        if is_twin and found["_id"] not in live:
            newcomer.alias_of, newcomer.alias_story = found["_id"], found.get("story_id")


def compare(newcomer: IncomingArticle, candidates: Iterable[Document], old: Iterable[Document]) -> None:
    """Note links and quotes: `candidates` are fingerprints, `old` stored articles whose own may have expired."""
    seen = {newcomer.id}
    for found in candidates:
        if found["_id"] in seen:
            continue
        seen.add(found["_id"])
        _judge(newcomer, found["_id"], found["ch"], unpacked(found["p"], found["hb"]))
    for found in old:
        if found["_id"] not in seen:
            print_ = fingerprint(found["title"], found["text"])
            _judge(newcomer, found["_id"], found.get("content_hash") or "", print_)


def _judge(newcomer: IncomingArticle, other: str, content: str, other_print: Fingerprint) -> None:
    verdict = verify(other_print, newcomer.print)
    if verdict.is_same_story:
        newcomer.links.append(Link(other, verdict.relation, round(verdict.containment, 4), round(verdict.jaccard, 4)))
        newcomer.linked_texts[other] = content
    elif verdict.relation == "quotes" and len(newcomer.print.body) > len(other_print.body):
        newcomer.quotes.append(other)
