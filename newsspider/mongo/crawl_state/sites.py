"""Site knowledge in the collection `sites`: counts of URL patterns, mirror hosts, listings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pymongo import UpdateOne
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.database import Database

from newsspider.mongo.server.types import Document
from newsspider.urls import registered_domain

COLLECTION = "sites"
INDEXES: dict[str, list[Any]] = {}
SOURCE_KINDS = ("channels", "feeds", "sitemaps")
MAX_SOURCES = 500
MAX_DOUBTS, ENOUGH_KEYS = 1000, 2
TWIN_COUNTERS = ("proofs", "contradictions")

_ESCAPES = (("%", "%25"), (".", "%2E"), ("$", "%24"))


def _field_name(shape: str) -> str:
    """Return the pattern as a field name of MongoDB: without dots and dollar signs."""
    for character, escape in _ESCAPES:
        shape = shape.replace(character, escape)
    return shape


def _shape(field_name: str) -> str:
    for character, escape in reversed(_ESCAPES):
        field_name = field_name.replace(escape, character)
    return field_name


def counts_update(site: str, increments: Mapping[str, Mapping[str, int]], at: datetime) -> UpdateOne | None:
    """Return the update that adds `UrlPatterns.increments()` to the site, in any order, from any process."""
    added = {
        f"shapes.{_field_name(shape)}.{counter}": count
        for shape, counters in increments.items()
        if shape
        for counter, count in counters.items()
        if count
    }
    if not added:
        return None
    return UpdateOne({"_id": site}, {"$inc": added, "$max": {"updated_at": at}}, upsert=True)


def sources_update(site: str, at: datetime, **sources: Iterable[str]) -> UpdateOne | None:
    """Return the update that adds listing URLs: `channels=`, `feeds=`, `sitemaps=`, each of them once."""
    added = {}
    for kind, urls in sources.items():
        if kind not in SOURCE_KINDS:
            raise ValueError(f"unknown kind of source: {kind} (known: {', '.join(SOURCE_KINDS)})")
        found = list(dict.fromkeys(urls))[:MAX_SOURCES]
        if found:
            added[kind] = {"$each": found}
    if not added:
        return None
    return UpdateOne({"_id": site}, {"$addToSet": added, "$max": {"updated_at": at}}, upsert=True)


async def save_counts(
    database: AsyncDatabase[Document], site: str, increments: Mapping[str, Mapping[str, int]], at: datetime
) -> None:
    """Add the counts of one crawl to the URL patterns of a site."""
    update = counts_update(site, increments, at)
    if update is not None:
        await database[COLLECTION].bulk_write([update])


async def save_sources(database: AsyncDatabase[Document], site: str, at: datetime, **sources: Iterable[str]) -> None:
    """Add listing URLs of a site: `channels=`, `feeds=`, `sitemaps=`."""
    update = sources_update(site, at, **sources)
    if update is not None:
        await database[COLLECTION].bulk_write([update])


async def save_twins(
    database: AsyncDatabase[Document], site: str, at: datetime, increments: Iterable[Mapping[str, Any]]
) -> None:
    """Add the counts of one crawl to the mirror hosts: rows of host, known, proofs, contradictions."""
    added = {
        f"twins.{_field_name(row['host'])} {_field_name(row['known'])}.{counter}": row[counter]
        for row in increments
        for counter in TWIN_COUNTERS
        if row[counter]
    }
    if added:
        update = UpdateOne({"_id": site}, {"$inc": added, "$max": {"updated_at": at}}, upsert=True)
        await database[COLLECTION].bulk_write([update])


@dataclass(slots=True, frozen=True)
class SiteFacts:
    """What crawls have learnt of a site: URL pattern -> counters, rows of mirror hosts, digest -> keys in doubt.

    `robots`: origin -> facts of the robots.txt files that could not be had.
    """

    shapes: dict[str, dict[str, int]]
    twins: list[dict[str, Any]]
    doubts: dict[str, list[str]]
    robots: dict[str, dict[str, Any]]


async def load_facts(database: AsyncDatabase[Document], site: str) -> SiteFacts:
    """Return what is known of a site, empty for an unknown one."""
    found = await database[COLLECTION].find_one(
        {"_id": site}, dict.fromkeys(("shapes", "twins", "doubts", "robots"), 1)
    )
    robots = {_shape(name): dict(facts) for name, facts in ((found or {}).get("robots") or {}).items()}
    return SiteFacts(_shapes(found), _twins(found), dict((found or {}).get("doubts") or {}), robots)


async def save_doubts(
    database: AsyncDatabase[Document], site: str, at: datetime, doubts: Mapping[str, Iterable[str]]
) -> None:
    """Add what answers a crawl has doubted: digest -> the keys of the pages where they came; bounded in number."""
    found = await database[COLLECTION].find_one({"_id": site}, {"doubts": 1})
    known = (found or {}).get("doubts") or {}
    added = {
        f"doubts.{digest}": {"$each": list(keys)}
        for digest, keys in list(doubts.items())[:MAX_DOUBTS]
        if len(known.get(digest, ())) < ENOUGH_KEYS
    }
    if not added:
        return
    if len(known) + len(added) > MAX_DOUBTS:
        await database[COLLECTION].bulk_write([UpdateOne({"_id": site}, {"$unset": {"doubts": ""}})])
    update = UpdateOne({"_id": site}, {"$addToSet": added, "$max": {"updated_at": at}}, upsert=True)
    await database[COLLECTION].bulk_write([update])


async def save_robots_failures(
    database: AsyncDatabase[Document], at: datetime, failures: Mapping[str, Mapping[str, Any] | None]
) -> None:
    """Set what is known of robots.txt files that cannot be had: origin -> its facts, None to forget it."""
    updates = []
    for origin, facts in failures.items():
        name, site = f"robots.{_field_name(origin)}", registered_domain(origin)
        change = {"$unset": {name: ""}} if facts is None else {"$set": {name: dict(facts)}}
        updates.append(UpdateOne({"_id": site}, {**change, "$max": {"updated_at": at}}, upsert=facts is not None))
    if updates:
        await database[COLLECTION].bulk_write(updates)


async def load_sources(database: AsyncDatabase[Document], site: str) -> dict[str, list[str]]:
    """Return the known channels, feeds and sitemaps of the site, each list possibly empty."""
    found = await database[COLLECTION].find_one({"_id": site}, dict.fromkeys(SOURCE_KINDS, 1))
    return {kind: list((found or {}).get(kind, [])) for kind in SOURCE_KINDS}


def site_facts(database: Database[Document], host: str) -> dict[str, Any]:
    """Return the knowledge of the site of `host`: site, updated_at, sources, twins, shapes; {} if it is unknown."""
    found = database[COLLECTION].find_one({"_id": registered_domain(host)})
    if found is None:
        return {}
    sources = {kind: sorted(found.get(kind, [])) for kind in SOURCE_KINDS}
    twins = [f"{row['host']} = {row['known']} ({row.get('proofs', 0)} articles)" for row in _twins(found)]
    known = {"site": found["_id"], "updated_at": found.get("updated_at"), **sources, "twins": sorted(twins)}
    return {**known, "shapes": _shapes(found)}


def known_sites(database: Database[Document]) -> list[str]:
    """Return the registered domains of the known sites, sorted."""
    return sorted(str(found["_id"]) for found in database[COLLECTION].find({}, {"_id": 1}))


def _twins(found: Document | None) -> list[dict[str, Any]]:
    rows = []
    for name, counters in ((found or {}).get("twins") or {}).items():
        host, _, known = name.partition(" ")
        rows.append({"host": _shape(host), "known": _shape(known), **counters})
    return rows


def _shapes(found: Document | None) -> dict[str, dict[str, int]]:
    return {_shape(name): dict(counters) for name, counters in ((found or {}).get("shapes") or {}).items()}
