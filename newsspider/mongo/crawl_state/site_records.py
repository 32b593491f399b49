"""The collection `sites` for commands: what an operator says is written, what is known is read. Synchronous."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from pymongo import UpdateOne
from pymongo.database import Database

from newsspider.mongo.crawl_state.page_updates import QueuedPage, queued_update
from newsspider.mongo.server.types import Document
from newsspider.sites.control import ACTIVE, CONTROL_FIELDS, REMOVED, SiteControl, day_of
from newsspider.urls import article_key, registered_domain

SITES: Final = "sites"
# collections with documents of a site's crawl state, and the field that names it
CRAWL_STATE: Final = {"pages": "site", "hosts": "_id", "site_days": "site"}
# what a removed site keeps: that it was removed, and what was said of it
_LEARNT: Final = ("shapes", "twins", "doubts", "channels", "feeds", "sitemaps", "totals", "updated_at")
OPEN_ALARM: Final = "open"
# a seed of a front page leads to its channels
CHANNELS: Final = 2
SEED_PRIORITY: Final = 100_000


def known_of(database: Database[Document], sites: Iterable[str]) -> set[str]:
    """Return those of `sites` that crawls or operators know."""
    return {found["_id"] for found in database[SITES].find({"_id": {"$in": list(sites)}}, {"_id": True})}


def control_of(database: Database[Document], site: str) -> SiteControl:
    return SiteControl.of(database[SITES].find_one({"_id": site}, dict.fromkeys(CONTROL_FIELDS, True)) or {})


def write_control(database: Database[Document], changes: Mapping[str, Mapping[str, Any]]) -> None:
    """Write site -> changed fields; a field that is None is taken out. Running crawls take notice within seconds."""
    database[SITES].bulk_write([_control_update(site, fields) for site, fields in changes.items()], ordered=False)


def _control_update(site: str, fields: Mapping[str, Any]) -> UpdateOne:
    update: Document = {"$currentDate": {"controlled_at": True}}
    if said := {name: value for name, value in fields.items() if value is not None}:
        update["$set"] = said
    if taken := {name: "" for name, value in fields.items() if value is None}:
        update["$unset"] = taken
    return UpdateOne({"_id": site}, update, upsert=True)


def change_labels(database: Database[Document], site: str, added: Sequence[str], taken: Sequence[str]) -> None:
    """Add labels to a site, and take others away."""
    kept = [label for label in control_of(database, site).labels if label not in taken]
    write_control(database, {site: {"labels": list(dict.fromkeys([*kept, *added])) or None}})


def add_sites(
    database: Database[Document], seeds: Mapping[str, Mapping[str, Any]], now: datetime
) -> tuple[list[str], list[str]]:
    """Add seeds, URL -> fields of its site's control; return the URLs that are new, and those that were known.

    A new URL is queued, so that `due=1` begins with it; a site that was removed is active again.
    """
    keys = {url: article_key(url) for url in seeds}
    known = {page["_id"] for page in database["pages"].find({"_id": {"$in": list(keys.values())}}, {"_id": True})}
    updates: dict[str, UpdateOne] = {}
    controls: dict[str, Document] = {}
    for url, fields in seeds.items():
        key = keys[url]
        updates[key] = (
            UpdateOne({"_id": key}, {"$set": {"seed": True}}) if key in known else _seed_update(url, key, now)
        )
        controls.setdefault(registered_domain(url), {}).update(fields)
    removed = database[SITES].find({"_id": {"$in": list(controls)}, "state": REMOVED}, {"_id": True})
    for site in [found["_id"] for found in removed]:
        controls[site]["state"] = ACTIVE
    if updates:
        write_control(database, controls)
        database["pages"].bulk_write(list(updates.values()), ordered=False)
    new = [url for url, key in keys.items() if key not in known]
    return new, [url for url in seeds if url not in new]


def _seed_update(url: str, key: str, now: datetime) -> UpdateOne:
    is_front = url.split("://", 1)[-1].partition("/")[2] == ""
    meta: Document = {"kind": "seed", "first_page_key": key} | ({"channels": CHANNELS} if is_front else {})
    return queued_update(QueuedPage(key, url, "seed", meta, SEED_PRIORITY, is_seed=True), "added", now)


def forget_site(database: Database[Document], site: str) -> int:
    """Delete the crawl state of a site and what was learnt of it, and mark it as removed; return its pages."""
    write_control(database, {site: {"state": REMOVED, "paused_until": None}})
    database[SITES].update_one({"_id": site}, {"$unset": dict.fromkeys(_LEARNT, "")})
    counts = {name: database[name].delete_many({field: site}).deleted_count for name, field in CRAWL_STATE.items()}
    return counts["pages"]


def overview(database: Database[Document], now: datetime, sites: Sequence[str] | None = None) -> list[Document]:
    """Return a row per site (of `sites` if given): site, control, totals, next_due, failures, requests, alarms.

    `failures` and `requests` are those of today and yesterday. Reads a document per site and one entry of an index of
    `pages`, never articles or pages.
    """
    fields = dict.fromkeys((*CONTROL_FIELDS, "totals", "updated_at"), True)
    match: Document = {} if sites is None else {"_id": {"$in": list(sites)}}
    next_page: list[Document] = [
        {"$match": {"next_visit": {"$exists": True}}},
        {"$sort": {"site": 1, "next_visit": 1}},
        {"$limit": 1},
        {"$project": {"_id": False, "next_visit": True}},
    ]
    look_up = {"from": "pages", "localField": "_id", "foreignField": "site", "pipeline": next_page, "as": "next"}
    found = database[SITES].aggregate([{"$match": match}, {"$project": fields}, {"$lookup": look_up}])
    days, alarms = _recent_days(database, now), _open_alarms(database)
    rows = []
    for document in found:
        site, recent = document["_id"], days.get(document["_id"], {})
        rows.append(
            {
                "site": site,
                "control": SiteControl.of(document),
                "totals": document.get("totals", {}),
                "next_due": document["next"][0]["next_visit"] if document["next"] else None,
                "alarms": alarms.get(site, []),
                **{name: recent.get(name, 0) for name in ("requests", "failures")},
            }
        )
    return rows


def _recent_days(database: Database[Document], now: datetime) -> dict[str, Document]:
    days = [day_of(now), day_of(now - timedelta(days=1))]
    sums = {name: {"$sum": f"${name}"} for name in ("requests", "failures", "new", "changed")}
    rows = database["site_days"].aggregate([{"$match": {"day": {"$in": days}}}, {"$group": {"_id": "$site", **sums}}])
    return {row["_id"]: row for row in rows}


def _open_alarms(database: Database[Document]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for alarm in database["alarms"].find({"state": OPEN_ALARM}, {"site": True, "kind": True}):
        found.setdefault(alarm["site"], []).append(alarm["kind"])
    return {site: sorted(kinds) for site, kinds in found.items()}


def day_counts(database: Database[Document], site: str, days: int) -> list[Document]:
    """Return the last days of a site, newest first: day, requests, failures, new, changed."""
    return list(database["site_days"].find({"site": site}, {"_id": False}).sort("day", -1).limit(days))


def page_counts(database: Database[Document], site: str) -> dict[str, int]:
    """Return how many pages of a site are queued, done, failed and gone."""
    pipeline: list[Document] = [{"$match": {"site": site}}, {"$group": {"_id": "$state", "pages": {"$sum": 1}}}]
    return {str(row["_id"]): row["pages"] for row in database["pages"].aggregate(pipeline)}


def seeds_of(database: Database[Document], site: str) -> list[str]:
    """Return the URLs of a site that were typed or added."""
    return sorted(page["url"] for page in database["pages"].find({"site": site, "seed": True}, {"url": True}))
