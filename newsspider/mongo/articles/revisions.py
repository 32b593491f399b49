"""Revisions of an article: when a new one is due, and what is kept of the old one. Pure functions over documents.

`revisions` holds version n of an article under "<article id>#n": the version's own content and in `change` how it came
out of version n - 1 (None for the first). The current version and its `change` are in `articles`. So a version is
copied before it is replaced, every writer that copies it copies the same, and no diff can belong to another writer's
text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from difflib import SequenceMatcher
from typing import Any, Final

from newsspider.mongo.server.types import Document

# the fields of a version; of these only title, text, source and published_at can make one
VERSION_FIELDS = (
    *("revision", "version_id", "change", "title", "text", "body_html", "content_hash"),
    *("source", "source_url", "source_trailer", "authors", "editor", "images"),
    *("published_at", "published_raw", "published_precision", "tz_assumed"),
    *("site", "fetched_at", "version_seen_at", "last_seen_at", "kept_at", "rules_version"),
)
# the fields of a stored article that show whether a fetched one differs
COMPARED_FIELDS = (
    *("revision", "version_id", "content_hash", "details_hash", "title", "source", "story_id"),
    *("published_at", "published_raw", "published_precision", "last_seen_at", "withdrawn_at", "disputed"),
)
# the kind of a change that our own rules made, not the paper
REREAD: Final = "reread"
RELATIVE_TIME = re.compile(r"前|刚|剛|今天|昨天|昨日|今日|ago|just|yesterday|today", re.IGNORECASE)
PRECISION_SPAN = {"second": timedelta(seconds=1), "minute": timedelta(minutes=1), "day": timedelta(days=1)}
MAX_DIFF_LINES = 2000
MAX_DIFF_CHARACTERS = 300_000


def may_differ(stored: Mapping[str, Any], fetched: Mapping[str, Any]) -> bool:
    """Return True if the two have to be compared in full; `stored` holds COMPARED_FIELDS."""
    has_other_content = fetched["content_hash"] is None or stored.get("content_hash") != fetched["content_hash"]
    return has_other_content or stored.get("source") != fetched["source"] or is_other_time(stored, fetched)


def reasons(stored: Mapping[str, Any], fetched: Mapping[str, Any], fold: Callable[[str], str]) -> list[str]:
    """Return which of title, text, source, published_at differ, so that a new revision is due.

    `fold` removes differences that do not count: width, 繁简, white space. A value that one side lacks is not a change,
    nor is a relative time (2小时前) or one within the precision of the other.
    """
    changed = []
    for name in ("title", "text", "source"):
        old, new = stored.get(name) or "", fetched[name] or ""
        if old and new and old != new and fold(old) != fold(new):
            changed.append(name)
    if is_other_time(stored, fetched):
        changed.append("published_at")
    return changed


def is_other_time(stored: Mapping[str, Any], fetched: Mapping[str, Any]) -> bool:
    """Return True if both state a publication time and the two cannot be the same moment."""
    old, new = stored.get("published_at"), fetched["published_at"]
    if old is None or new is None or old == new:
        return False
    if is_relative(stored) or is_relative(fetched):
        return False
    precisions = (stored.get("published_precision"), fetched["published_precision"])
    span = max(PRECISION_SPAN.get(precision or "second", timedelta(seconds=1)) for precision in precisions)
    return bool(abs(old - new) >= span)


def is_relative(document: Mapping[str, Any]) -> bool:
    """Return True if the publication time was shown relative to the fetch (2小时前)."""
    return bool(RELATIVE_TIME.search(document.get("published_raw") or ""))


def change_between(
    old: Mapping[str, Any], new: Mapping[str, Any], changed: Iterable[str], seen_at: datetime
) -> Document:
    """Return the `change` of the version `new`: reason, when it was seen, old and new values, changed paragraphs."""
    change: Document = {"reason": list(changed), "seen_at": seen_at}
    for name in ("title", "source", "published_at"):
        if name in change["reason"]:
            change[name] = {"old": old.get(name), "new": new[name]}
    if "text" in change["reason"]:
        change["paragraphs"] = paragraph_diff(old.get("text") or "", new["text"])
    return change


def paragraph_diff(old: str, new: str, same: Callable[[str], str] | None = None) -> list[Document]:
    """Return the changed runs of lines: `op` (replace, delete, insert), `line` in the new text, `old`, `new` lines.

    With `same`, lines for which it returns the same are equal. Texts too large for that (MAX_DIFF_LINES,
    MAX_DIFF_CHARACTERS, both sides together) give one empty run with `is_cut`; both versions are kept whole anyway.
    """
    before, after = old.split("\n"), new.split("\n")
    if len(before) + len(after) > MAX_DIFF_LINES or len(old) + len(new) > MAX_DIFF_CHARACTERS:
        return [{"op": "replace", "line": 0, "old": [], "new": [], "is_cut": True}]
    first, second = ([same(line) for line in lines] if same else lines for lines in (before, after))
    matcher = SequenceMatcher(None, first, second, autojunk=False)
    return [
        {"op": op, "line": to_start, "old": before[start:end], "new": after[to_start:to_end]}
        for op, start, end, to_start, to_end in matcher.get_opcodes()
        if op != "equal"
    ]


def revision_id(article_id: str, revision: int) -> str:
    """Return the key in `revisions` of one version of an article."""
    return f"{article_id}#{revision}"


def kept_version(stored: Mapping[str, Any]) -> Document:
    """Return the document that keeps the version in `stored`, an article as it is now, before it is replaced."""
    version = {name: stored[name] for name in VERSION_FIELDS if name in stored}
    return {"article_id": stored["_id"], **version}
