"""Versions that our own rules make of an article, out of the page that it was read from: `change.kind` is "reread".

They are compare-and-set writes: an article that a crawl has changed since it was read stays as it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Literal

import bson
from bson import ObjectId
from pymongo import UpdateOne
from pymongo.asynchronous.database import AsyncDatabase

from newsspider.items import Article
from newsspider.mongo.articles.documents import details_hash, document_of
from newsspider.mongo.articles.revisions import REREAD, change_between, kept_version, revision_id
from newsspider.mongo.articles.spool import AWARE
from newsspider.mongo.articles.tombstones import Tombstones
from newsspider.mongo.daily.marks import SiteDay, mark
from newsspider.mongo.server.types import Document
from newsspider.mongo.upkeep.corrections import condition

Outcome = Literal["changed", "unchanged", "left"]

# of these a difference makes a version; the others say how a value was found
CONTENT: Final = (
    *("title", "text", "body_html", "source", "source_url", "source_trailer", "authors", "editor"),
    *("published_at", "published_raw", "published_precision", "tz_assumed", "images", "tags", "section", "language"),
    *("related", "related_blocks", "pages", "kind"),
)
METHOD: Final = ("methods", "confidence", "removed", "kind_reasons", "rules_version")
# shown whole in `change.fields`
SHORT: Final = (
    *("title", "source", "source_url", "source_trailer", "authors", "editor", "published_at", "published_precision"),
    *("tags", "section", "language", "pages", "kind"),
)
# what the stories are made of
STORY_CONTENT: Final = frozenset({"title", "text", "source", "source_url", "published_at", "published_precision"})


async def reread_document(database: AsyncDatabase[Document], stored: Mapping[str, Any], article: Article) -> Document:
    """Return what is to be stored of `article`, as MongoDB gives it back: links to removed articles are left out.

    A copy whose text is left out (DEDUPE_KEEP) stays without it.
    """
    tombstones = Tombstones(database)
    urls = await tombstones.removed_links([article], await tombstones.sites())
    article.related = [link for link in article.related if link.url not in urls]
    document: Document = bson.decode(bson.encode(document_of(article)), AWARE)
    if not stored["text"] and stored.get("duplicate_of"):
        document |= {"text": "", "body_html": ""}
    return document


def differing(stored: Mapping[str, Any], document: Mapping[str, Any]) -> list[str]:
    """Return the fields of CONTENT that differ."""
    return [name for name in CONTENT if stored.get(name) != document.get(name)]


async def write_reread(
    database: AsyncDatabase[Document],
    stored: Mapping[str, Any],
    document: Document,
    changed: Sequence[str],
    now: datetime,
) -> Outcome:
    """Make `document` the current version of the article; without `changed` fields bring METHOD up to date alone.

    `stored` is the whole article as it was read. "left": a crawl has changed it meanwhile.
    """
    update = {name: document[name] for name in METHOD} | {"details_hash": details_hash(document)}
    if changed:
        version = kept_version(stored)
        key = revision_id(stored["_id"], stored["revision"])
        await database["revisions"].bulk_write([UpdateOne({"_id": key}, {"$setOnInsert": version}, upsert=True)])
        update |= {name: document[name] for name in (*CONTENT, "content_hash")}
        update |= {"revision": stored["revision"] + 1, "version_id": ObjectId(), "version_seen_at": now}
        update["change"] = _change(stored, document, changed, now)
    await mark(database, [SiteDay.of(stored), SiteDay.of({**stored, **update})])
    result = await database["articles"].update_one(condition(stored), {"$set": update})
    if not result.matched_count:
        return "left"
    return "changed" if changed else "unchanged"


def _change(stored: Mapping[str, Any], document: Document, changed: Sequence[str], now: datetime) -> Document:
    fields = {name: {"old": stored.get(name), "new": document[name]} for name in changed if name in SHORT}
    rules = {"old": stored.get("rules_version"), "new": document["rules_version"]}
    return change_between(stored, document, changed, now) | {"kind": REREAD, "fields": fields, "rules_version": rules}
