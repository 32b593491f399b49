"""The writes to a stored article, one per function: seen again, changed, known under another URL, gone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pymongo import UpdateOne

from newsspider.mongo.articles.documents import DETAILS
from newsspider.mongo.articles.revisions import change_between, is_relative
from newsspider.mongo.server.types import Document

if TYPE_CHECKING:
    from newsspider.mongo.articles.entry import Entry


TIME_FIELDS = ("published_at", "published_raw", "published_precision", "tz_assumed")
MAX_DISPUTED_TEXT = 100_000
DISPUTED_REASON = "neither its headline nor a good part of its text is that of the article"
STORY_FIELDS = ("fingerprint", "story_id", "duplicate_of", "quotes")


def alias_update(entry: Entry) -> UpdateOne:
    changes = {"$addToSet": {"aliases": entry.article._id}, "$max": {"last_seen_at": entry.seen_at}}
    return UpdateOne({"_id": entry.key}, changes)


def sighting_update(entry: Entry, stored: Mapping[str, Any]) -> UpdateOne:
    """Return the update for an unchanged article: its time, and details that may change without a revision."""
    changes: Document = {"last_seen_at": entry.seen_at}
    if stored.get("details_hash") != entry.document["details_hash"]:
        changes |= {name: entry.document[name] for name in (*DETAILS, "details_hash", "rules_version")}
        changes["kept_at"] = entry.document.get("kept_at")
    if "text" in stored and entry.document["content_hash"] is not None:
        changes["content_hash"] = entry.document["content_hash"]
    if not stored.get("source") and entry.document["source"]:
        changes["source"] = entry.document["source"]
    if _has_better_time(stored, entry.document):
        changes |= {name: entry.document[name] for name in TIME_FIELDS}
    if not stored.get("story_id") and entry.document["story_id"]:
        changes |= {name: entry.document[name] for name in STORY_FIELDS}
    return UpdateOne({"_id": entry.key}, {"$set": changes, **_settlement(entry, stored)})


def new_version_update(entry: Entry, stored: Mapping[str, Any], changed: Sequence[str]) -> UpdateOne:
    """Return the compare-and-set that makes the entry the current version."""
    document = entry.document
    kept = {"_id", "first_seen_at"}
    kept |= {name for name in ("source", "text", "body_html") if not document[name] and stored.get(name)}
    if stored.get("published_at") and "published_at" not in changed and not _has_better_time(stored, document):
        kept |= set(TIME_FIELDS)
    if stored.get("story_id") and not document["story_id"]:
        kept |= set(STORY_FIELDS)
    changes = {name: value for name, value in document.items() if name not in kept}
    changes.setdefault("kept_at", None)  # the page of the version before is not that of this one
    changes["revision"] = stored["revision"] + 1
    changes["change"] = change_between(stored, document, changed, entry.seen_at)
    unseen_since = {"_id": entry.key, "revision": stored["revision"], "version_id": stored.get("version_id")}
    return UpdateOne(unseen_since, {"$set": changes, **_settlement(entry, stored)})


def _has_better_time(stored: Mapping[str, Any], fetched: Mapping[str, Any]) -> bool:
    """Return True if the fetched time fills a gap, or states what was only relative (2小时前) before."""
    if fetched["published_at"] is None:
        return False
    return stored.get("published_at") is None or (is_relative(stored) and not is_relative(fetched))


def disputed_update(entry: Entry, stored: Mapping[str, Any]) -> UpdateOne:
    """Return the write that keeps a reading which does not agree with the stored article beside it."""
    document = entry.document
    reading = {name: document[name] for name in ("title", "text", "content_hash")}
    reading |= {"text": reading["text"][:MAX_DISPUTED_TEXT], "seen_at": entry.seen_at, "reason": DISPUTED_REASON}
    return UpdateOne({"_id": entry.key, "revision": stored["revision"]}, {"$set": {"disputed": reading}})


def _settlement(entry: Entry, stored: Mapping[str, Any]) -> Document:
    """Return the part of an update that ends a withdrawal and a dispute: the article is there."""
    names = ["disputed"] if stored.get("disputed") else []
    withdrawn_at = stored.get("withdrawn_at")
    if withdrawn_at is not None and entry.seen_at >= withdrawn_at:
        names += ["withdrawn_at", "withdrawn_status"]
    return {"$unset": dict.fromkeys(names, "")} if names else {}


def withdrawal_update(key: str, at: datetime, status: int) -> UpdateOne:
    """Return the write that marks a stored article whose page has gone (`status` 404, 410, ...).

    An article seen after `at`, or marked already, stays as it is; a later sighting removes the mark.
    """
    condition = {"_id": key, "withdrawn_at": None, "last_seen_at": {"$lte": at}}
    return UpdateOne(condition, {"$set": {"withdrawn_at": at, "withdrawn_status": status}})
