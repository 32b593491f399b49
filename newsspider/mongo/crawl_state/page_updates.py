"""The writes to the crawl state, one per function: changes to the document of a page in `pages`.

A document: `_id` article key, url, site, kind (seed, listing, article, feed, sitemap, more, other), state (queued,
done, failed, gone), meta (what the request carried), priority, parent (key of the page it was found on), run (that
queued it first), seed, stored, etag, last_modified, last_fetch, next_visit, visits, interval_s, failures, reason,
doubted (digest of the last answer that was doubted).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from pymongo import UpdateOne

from newsspider.urls import registered_domain

# a write to one document of `pages`
PageUpdate = UpdateOne
DAY_S = 86_400
LISTING_INTERVAL_S = 3_600
LISTING_INTERVAL_MAX_S = 7 * DAY_S
LONGEST_PAUSE_S = 3_650 * DAY_S
GONE_PAUSE = timedelta(days=30)
# so many runs ask again for a page whose answers were rejected, before it waits like a failure
QUEUED_REJECTIONS = 3
# reason of the page of an article that an operator has removed
REMOVED = "removed"


@dataclass(slots=True)
class QueuedPage:
    """A page to be fetched; `meta` is all that the request needs to be made again, JSON-able."""

    key: str
    url: str
    kind: str
    meta: dict[str, Any] = field(default_factory=dict)
    priority: int = 0
    parent: str | None = None
    is_seed: bool = False


@dataclass(slots=True, frozen=True)
class RevisitPolicy:
    """How soon pages are visited again, in seconds."""

    article_s: float = DAY_S
    article_times: int = 6
    listing_s: float = 900
    backoff_s: float = 3_600
    backoff_max_s: float = 30 * DAY_S


DEFAULT_PACE = RevisitPolicy()
# the pace for a URL: that of its site
PaceOf = Callable[[str], RevisitPolicy]


def queued_update(page: QueuedPage, run: str, now: datetime) -> UpdateOne:
    """Return the write that queues `page`, for this run or, if that is killed, for the next: it is due from now on."""
    changes: dict[str, Any] = {"state": "queued", "kind": page.kind, "meta": page.meta, "priority": page.priority}
    changes["next_visit"] = now
    if page.is_seed:
        changes["seed"] = True
    first = {
        "url": page.url,
        "site": registered_domain(page.url),
        "run": run,
        "queued_at": now,
        "parent": page.parent,
        "failures": 0,
    }
    return UpdateOne({"_id": page.key}, {"$set": changes, "$setOnInsert": first}, upsert=True)


def done_update(
    article_key: str,
    url: str,
    fetched_at: datetime,
    *,
    has_changed: bool = False,
    validators: dict[str, str] | None = None,
    pace: RevisitPolicy = DEFAULT_PACE,
) -> UpdateOne:
    """Return the write that marks the page of a stored article as done; it may be repeated for one fetch.

    The next visit is due after `pace.article_s`; the pause doubles with every visit and starts again after a change.
    `validators` (etag, last_modified) are for the next request: none for an empty dict, the stored ones for None.
    """
    changes = {"kind": "article", "state": "done", "stored": True, "last_fetch": fetched_at, "failures": 0}
    visits = 1 if has_changed else {"$add": [{"$ifNull": ["$visits", 0]}, 1]}
    same_fetch = {"$eq": ["$last_fetch", fetched_at]}
    pause_ms = {"$multiply": [pace.article_s * 1000, {"$pow": [2, {"$subtract": ["$visits", 1]}]}]}
    return UpdateOne(
        {"_id": article_key},
        [
            {"$set": {"visits": {"$cond": [same_fetch, {"$ifNull": ["$visits", 1]}, visits]}, **_identity(url)}},
            {"$set": changes | _validators(validators)},
            {
                "$set": {
                    "next_visit": {
                        "$cond": [
                            {"$lte": ["$visits", pace.article_times]},
                            {"$add": [fetched_at, {"$toLong": pause_ms}]},
                            "$$REMOVE",
                        ]
                    }
                }
            },
            {"$unset": ["reason", "gone_at", "doubted"]},
        ],
        upsert=True,
    )


def early_visits(now: datetime, pace: RevisitPolicy) -> list[dict[str, Any]]:
    """Return the conditions that stored articles meet which `pace` makes due at `now`, one for each visit so far."""
    return [
        {"stored": True, "visits": visits, "last_fetch": {"$lte": now - timedelta(seconds=pause_s)}}
        for visits in range(1, pace.article_times + 1)
        if (pause_s := pace.article_s * 2 ** (visits - 1)) < LONGEST_PAUSE_S
    ]


def listing_update(
    key: str,
    url: str,
    kind: str,
    fetched_at: datetime,
    *,
    has_changed: bool,
    validators: dict[str, str] | None = None,
    pace: RevisitPolicy = DEFAULT_PACE,
) -> UpdateOne:
    """Return the write that marks a listing or feed as read; its pace follows how often it brought something new."""
    interval = {"$multiply": [{"$ifNull": ["$interval_s", LISTING_INTERVAL_S]}, 0.5 if has_changed else 1.5]}
    bounded = {"$min": [LISTING_INTERVAL_MAX_S, {"$max": [pace.listing_s, interval]}]}
    changes: dict[str, Any] = {"kind": kind, "state": "done", "last_fetch": fetched_at, "failures": 0}
    changes |= _validators(validators)
    due = {"$add": [fetched_at, {"$toLong": {"$multiply": ["$interval_s", 1000]}}]}
    return UpdateOne(
        {"_id": key},
        [
            {"$set": {"interval_s": bounded, **_identity(url), **changes}},
            {"$set": {"next_visit": due}},
            {"$unset": ["reason", "gone_at"]},
        ],
        upsert=True,
    )


def closed_update(key: str, url: str, kind: str, fetched_at: datetime, reason: str) -> UpdateOne:
    """Return the write for a page that was read and needs no other visit: not an article, an alias, a file."""
    changes = {"kind": kind, "state": "done", "last_fetch": fetched_at, "reason": reason, "failures": 0}
    return UpdateOne(
        {"_id": key},
        {"$set": changes, "$setOnInsert": {"url": url, "site": registered_domain(url)}, "$unset": {"next_visit": ""}},
        upsert=True,
    )


def alias_update(key: str, url: str, at: datetime, reason: str) -> UpdateOne:
    """Return the write for a URL that needs no visit; it changes nothing if the URL is known already."""
    known = {"url": url, "site": registered_domain(url), "kind": "alias", "state": "done", "reason": reason}
    return UpdateOne({"_id": key}, {"$setOnInsert": {**known, "last_fetch": at, "failures": 0}}, upsert=True)


def moved_update(
    key: str, url: str, at: datetime, reason: str, *, digest: str, pace: RevisitPolicy = DEFAULT_PACE
) -> UpdateOne:
    """Return the write for an article's URL that redirected to another article: an alias once a later visit says so.

    One redirect proves nothing: until then the URL is visited again like an article. `digest` names the target.
    """
    is_proven = {"$and": [{"$eq": ["$doubted", digest]}, {"$lt": ["$last_fetch", at]}]}
    again = at + timedelta(seconds=pace.article_s)
    return UpdateOne(
        {"_id": key},
        [
            {"$set": {"next_visit": {"$cond": [is_proven, "$$REMOVE", again]}, **_identity(url)}},
            {
                "$set": {
                    "kind": "alias",
                    "state": "done",
                    "last_fetch": at,
                    "reason": {"$literal": reason},
                    "failures": 0,
                }
            },
            {"$set": {"doubted": digest}},
        ],
        upsert=True,
    )


def failed_update(
    key: str,
    url: str,
    kind: str,
    at: datetime,
    reason: str,
    *,
    weight: int = 1,
    wait_s: float = 0,
    pace: RevisitPolicy = DEFAULT_PACE,
) -> UpdateOne:
    """Return the write for a failed request: the pause until the next visit doubles with every failure.

    `weight` is 1 for a temporary failure (timeout, 503), 2 for a doubtful one (403, unknown host), 4 for a lasting one
    (TLS, redirect loop).
    """
    pause_s = {"$multiply": [pace.backoff_s, {"$pow": [2, {"$min": [20, {"$subtract": ["$failures", 1]}]}]}]}
    bounded = {"$max": [wait_s, {"$min": [pace.backoff_max_s, pause_s]}]}
    return UpdateOne(
        {"_id": key},
        [
            {"$set": {"failures": {"$add": [{"$ifNull": ["$failures", 0]}, weight]}, **_identity(url)}},
            {"$set": {"kind": kind, "state": "failed", "last_fetch": at, "reason": {"$literal": reason}}},
            {"$set": {"next_visit": {"$add": [at, {"$toLong": {"$multiply": [1000, bounded]}}]}}},
        ],
        upsert=True,
    )


def rejected_update(
    key: str,
    url: str,
    kind: str,
    at: datetime,
    reason: str,
    *,
    digest: str | None = None,
    is_queued: bool = True,
    pace: RevisitPolicy = DEFAULT_PACE,
) -> UpdateOne:
    """Return the write for an answer that was not the page: it stays queued for the next run.

    After `QUEUED_REJECTIONS` in a row, or at once without `is_queued`, it waits like a failure, twice as long each
    time. `digest` names an answer that was doubted; without one an earlier one stays.
    """
    doubted = {"doubted": digest} if digest else {}
    most_queued = QUEUED_REJECTIONS if is_queued else 0
    doublings = {"$max": [0, {"$min": [20, {"$subtract": ["$failures", most_queued + 1]}]}]}
    pause_s = {"$min": [pace.backoff_max_s, {"$multiply": [pace.backoff_s, {"$pow": [2, doublings]}]}]}
    state = {"$cond": [{"$lte": ["$failures", most_queued]}, "queued", "failed"]}
    return UpdateOne(
        {"_id": key},
        [
            {"$set": {"failures": {"$add": [{"$ifNull": ["$failures", 0]}, 1]}, **_identity(url)}},
            {"$set": {"kind": kind, "state": state, "last_fetch": at, "reason": {"$literal": reason}}},
            {"$set": {"next_visit": {"$add": [at, {"$toLong": {"$multiply": [1000, pause_s]}}]}, **doubted}},
        ],
        upsert=True,
    )


def disputed_page_update(key: str, url: str, at: datetime, *, pace: RevisitPolicy = DEFAULT_PACE) -> UpdateOne:
    """Return the write for the page of a stored article that shows something else: it is soon visited again."""
    changes = {"kind": "article", "state": "done", "stored": True, "last_fetch": at, "reason": "disputed"}
    changes |= {"next_visit": at + timedelta(seconds=pace.backoff_s), "etag": None, "last_modified": None}
    first = {"url": url, "site": registered_domain(url), "failures": 0}
    return UpdateOne({"_id": key}, {"$set": changes, "$setOnInsert": first}, upsert=True)


def removed_page_update(key: str, url: str | None, at: datetime) -> UpdateOne:
    """Return the write for the page of an article that an operator has removed: it is not asked for again.

    Nothing that tells of the article stays: the text of the link that led to it goes. `url` None: a page that is not
    known is not added.
    """
    changes = {"kind": "article", "state": "done", "last_fetch": at, "reason": REMOVED, "failures": 0}
    names = ("next_visit", "stored", "visits", "etag", "last_modified", "doubted", "gone_at", "meta.headline")
    update: dict[str, Any] = {"$set": changes, "$unset": dict.fromkeys(names, "")}
    if url is not None:
        update["$setOnInsert"] = {"url": url, "site": registered_domain(url)}
    return UpdateOne({"_id": key}, update, upsert=url is not None)


def postponed_update(key: str, url: str, kind: str, at: datetime, reason: str, pause_s: float) -> UpdateOne:
    """Return the write for a page that was not asked for: it stays queued, and is due after `pause_s` as well."""
    changes = {"state": "queued", "kind": kind, "reason": reason, "next_visit": at + timedelta(seconds=pause_s)}
    first = {"url": url, "site": registered_domain(url), "failures": 0}
    return UpdateOne({"_id": key}, {"$set": changes, "$setOnInsert": first}, upsert=True)


def refetch_update(key: str, url: str | None, now: datetime) -> UpdateOne:
    """Return the write that has a page fetched by the next run as if it had not been read yet.

    `url` None: a page that is not known is not added.
    """
    changes = {"kind": "article", "state": "queued", "next_visit": now, "failures": 0}
    forgotten = ("run", "stored", "visits", "etag", "last_modified", "last_fetch", "reason", "gone_at")
    update: dict[str, Any] = {"$set": changes, "$unset": dict.fromkeys(forgotten, "")}
    if url is not None:
        update["$setOnInsert"] = {"url": url, "site": registered_domain(url)}
    return UpdateOne({"_id": key}, update, upsert=url is not None)


def gone_update(key: str, url: str, kind: str, at: datetime, reason: str) -> UpdateOne:
    """Return the write for a page that the site has removed; it is requested again only if it is still listed later."""
    changes = {
        "kind": kind,
        "state": "gone",
        "gone_at": at,
        "last_fetch": at,
        "reason": reason,
        "next_visit": at + GONE_PAUSE,
    }
    return UpdateOne(
        {"_id": key},
        {"$set": changes, "$setOnInsert": {"url": url, "site": registered_domain(url)}},
        upsert=True,
    )


def _identity(url: str) -> dict[str, Any]:
    """Return url and site for an update by pipeline, where the document has none."""
    return {
        "url": {"$ifNull": ["$url", {"$literal": url}]},
        "site": {"$ifNull": ["$site", {"$literal": registered_domain(url)}]},
    }


def _validators(validators: dict[str, str] | None) -> dict[str, Any]:
    """Return the changes for `validators`, for an update by pipeline."""
    if validators is None:
        return {}
    return {name: {"$literal": validators.get(name)} for name in ("etag", "last_modified")}
