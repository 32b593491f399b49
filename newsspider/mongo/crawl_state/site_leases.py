"""Leases of sites, in the collection `hosts`: one worker at a time holds a site, and no other sends requests there.

A document: `_id` site (registered domain), due (from when the site may be claimed; while it is held, the end of the
lease), owner (worker that holds it), since, epoch (number of leases so far), woken (pages were queued that no holder
has looked at), slots (per host: delay_s and not_before, what the last holder learnt), pace_s (the shortest pause that
its articles were marked with). Only the server's clock is used, put ahead where the
crawl's clock is.
"""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from pymongo import ASCENDING, IndexModel, ReturnDocument, UpdateOne
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import DuplicateKeyError

from newsspider import clock
from newsspider.mongo.crawl_state.persistence import once, persistently
from newsspider.mongo.server.retry import Retry
from newsspider.mongo.server.types import Document

COLLECTION = "hosts"
INDEXES = {
    COLLECTION: [
        IndexModel([("due", ASCENDING)], name="due"),
        IndexModel([("owner", ASCENDING)], name="owner", sparse=True),
    ]
}
# a date is due, a site without one never: "$lte" alone would take that for smaller
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
NEVER = datetime(9999, 1, 1, tzinfo=UTC)


@dataclass(slots=True, frozen=True)
class Lease:
    """A site that was claimed. `is_abandoned`: the holder before did not give it back.

    `slots`: host, delay_s and not_before (aware UTC) of its hosts. `now`: the server's time of the claim.
    """

    site: str
    epoch: int
    is_abandoned: bool
    now: datetime
    slots: Sequence[Mapping[str, Any]] = ()
    pace_s: float | None = None


@dataclass(slots=True, frozen=True)
class Release:
    """How a site is given back: when a page of it is due next, None for never, and what was learnt of its hosts.

    `is_unfinished`: pages wait that could have been fetched at once.
    """

    site: str
    due: datetime | None = None
    is_unfinished: bool = False
    slots: Sequence[Mapping[str, Any]] = field(default_factory=list)
    pace_s: float | None = None


class SiteLeases:
    """Offers, claims, renews, wakes and releases sites for one worker."""

    def __init__(self, database: AsyncDatabase[Document], worker: str, lease_s: float, retry: Retry) -> None:
        self._hosts = database[COLLECTION]
        self.worker = worker
        self._lease_ms = int(lease_s * 1000)
        ahead_ms = round(clock.ahead_s() * 1000)
        self._now: Any = {"$add": ["$$NOW", ahead_ms]} if ahead_ms else "$$NOW"
        self._is_held: Document = {"$and": [{"$eq": [{"$type": "$owner"}, "string"]}, {"$gt": ["$due", self._now]}]}
        self._is_claimable: Document = {"$lte": ["$due", self._now]}
        self._retry = retry

    async def ensure_indexes(self) -> None:
        await persistently(self._retry, lambda: self._hosts.create_indexes(INDEXES[COLLECTION]))

    async def wake(self, sites: Iterable[str]) -> None:
        """Make sites due at once, new ones too; for one that is held, when it is given back."""
        due = {"$cond": [self._is_held, "$due", {"$min": ["$due", self._now]}]}
        updates = [UpdateOne({"_id": site}, [{"$set": {"due": due, "woken": True}}], upsert=True) for site in sites]
        if updates:
            await persistently(self._retry, lambda: self._hosts.bulk_write(updates, ordered=False))

    async def offer(self, due: Mapping[str, datetime]) -> None:
        """Make sites known, and due no later than given; what is held is left alone."""
        updates = [
            UpdateOne(
                {"_id": site},
                [{"$set": {"due": {"$cond": [self._is_held, "$due", {"$min": ["$due", at]}]}}}],
                upsert=True,
            )
            for site, at in due.items()
        ]
        if updates:
            await persistently(self._retry, lambda: self._hosts.bulk_write(updates, ordered=False))

    async def claim(
        self, sites: Collection[str] | None, finished: Collection[str] = (), without: Collection[str] = ()
    ) -> Lease | None:
        """Return the site that has been due longest, of `sites` unless that is None, now held; None if none is due.

        One of `finished` only if pages were queued there since, none of `without`: a site that is held already is
        renewed, not claimed, also where its lease has ended unnoticed.
        """
        return await self._claim(self._claimable(sites, finished, without))

    async def take(self, site: str) -> Lease | None:
        """Return `site`, now held, whether it was due or not; None if another worker holds it."""
        new = {"$setOnInsert": {"epoch": 0}}
        with contextlib.suppress(DuplicateKeyError):  # another worker has made it known at the same moment
            await persistently(self._retry, lambda: self._hosts.update_one({"_id": site}, new, upsert=True))
        return await self._claim({"_id": site, "$expr": {"$not": [self._is_held]}})

    async def _claim(self, condition: Document) -> Lease | None:
        changes = {
            "due": {"$add": [self._now, self._lease_ms]},
            "since": self._now,
            "owner": self.worker,
            "epoch": {"$add": [{"$ifNull": ["$epoch", 0]}, 1]},
            "last_owner": {"$ifNull": ["$owner", ""]},
        }
        found = await persistently(
            self._retry,
            lambda: self._hosts.find_one_and_update(
                condition,
                [{"$set": changes}, {"$unset": ["woken"]}],
                sort=[("due", ASCENDING)],
                return_document=ReturnDocument.AFTER,
            ),
        )
        if found is None:
            return None
        is_abandoned = found["last_owner"] not in ("", self.worker)
        slots = found.get("slots") or ()
        return Lease(found["_id"], int(found["epoch"]), is_abandoned, found["since"], slots, found.get("pace_s"))

    def _claimable(
        self, sites: Collection[str] | None, finished: Collection[str], without: Collection[str] = ()
    ) -> Document:
        condition: Document = {"due": {"$gte": BEGINNING}, "$expr": self._is_claimable}
        if sites is not None:
            condition["_id"] = {"$in": list(sites)}
        if finished:
            condition["$or"] = [{"_id": {"$nin": list(finished)}}, {"woken": True}]
        return {"$and": [condition, {"_id": {"$nin": list(without)}}]} if without else condition

    async def renew(self, slots: Mapping[str, Sequence[Mapping[str, Any]]]) -> set[str]:
        """Renew the leases of the sites in `slots`, with what was learnt of their hosts; return those that are lost."""
        due = {"$add": [self._now, self._lease_ms]}
        updates = [
            UpdateOne(
                {"_id": site, "owner": self.worker}, [{"$set": {"due": due, "slots": {"$literal": list(learnt)}}}]
            )
            for site, learnt in slots.items()
        ]
        if not updates:
            return set()
        result = await once(lambda: self._hosts.bulk_write(updates, ordered=False))
        if result.matched_count == len(updates):
            return set()
        ours = self._hosts.find({"_id": {"$in": list(slots)}, "owner": self.worker}, {"_id": True})
        return set(slots) - {found["_id"] for found in await once(ours.to_list)}

    async def release(self, releases: Sequence[Release]) -> None:
        """Give sites back; a page that was queued meanwhile makes its site due at once."""
        updates = []
        for release in releases:
            due = self._now if release.is_unfinished else release.due or "$$REMOVE"
            changes: Document = {"due": {"$cond": [{"$eq": ["$woken", True]}, self._now, due]}}
            changes["slots"] = {"$literal": list(release.slots)}
            if release.is_unfinished:
                changes["woken"] = True
            if release.pace_s is not None:
                changes["pace_s"] = {"$max": ["$pace_s", release.pace_s]}
            steps: list[Document] = [{"$set": changes}, {"$unset": ["owner", "since", "last_owner"]}]
            updates.append(UpdateOne({"_id": release.site, "owner": self.worker}, steps))
        if updates:
            await persistently(self._retry, lambda: self._hosts.bulk_write(updates, ordered=False))

    async def is_any_due(
        self, sites: Collection[str] | None, finished: Collection[str] = (), without: Collection[str] = ()
    ) -> bool:
        """Return True if a site could be claimed now."""
        condition = self._claimable(sites, finished, without)
        return await persistently(self._retry, lambda: self._hosts.find_one(condition, {"_id": True})) is not None

    async def ahead(self) -> tuple[list[str], datetime | None]:
        """Return the sites that could be claimed now, and when the next of the others is due."""
        now = await persistently(self._retry, lambda: self._hosts.find(self._claimable(None, ()), {"_id": 1}).to_list())
        later: Document = {"due": {"$gte": BEGINNING}, "$expr": {"$gt": ["$due", self._now]}}
        found = await persistently(
            self._retry, lambda: self._hosts.find_one(later, {"due": 1}, sort=[("due", ASCENDING)])
        )
        return [site["_id"] for site in now], found["due"] if found else None

    async def held_by_others(self, sites: Collection[str] | None) -> list[Document]:
        """Return `_id`, owner and since of sites that another worker holds."""
        condition: Document = {"owner": {"$exists": True, "$ne": self.worker}, "$expr": self._is_held}
        if sites is not None:
            condition["_id"] = {"$in": list(sites)}
        return list(
            await persistently(self._retry, lambda: self._hosts.find(condition, {"owner": 1, "since": 1}).to_list())
        )

    async def abandon(self, owner: str) -> None:
        """Let the sites of a worker that has died be claimed at once."""
        await persistently(
            self._retry, lambda: self._hosts.update_many({"owner": owner}, [{"$set": {"due": self._now}}])
        )

    async def counts(self, sites: Collection[str] | None) -> tuple[int, int]:
        """Return how many sites are held by anyone, and how many could be claimed."""
        of_sites: Document = {} if sites is None else {"_id": {"$in": list(sites)}}

        async def count() -> tuple[int, int]:
            held = await self._hosts.count_documents(of_sites | {"owner": {"$exists": True}})
            due = await self._hosts.count_documents(
                of_sites | {"owner": {"$exists": False}} | self._claimable(None, ())
            )
            return held, due

        return await persistently(self._retry, count)

    async def offer_due(self) -> None:
        """Make every site of `pages` due when its first page is, where it is not by now, whoever queued that page."""
        pages = self._hosts.database["pages"]
        sites = await persistently(self._retry, lambda: pages.distinct("site"))
        known = {
            found["_id"]
            for found in await persistently(self._retry, lambda: self._hosts.find({}, {"_id": 1}).to_list())
        }
        if new := [site for site in sites if site not in known]:
            await self._admit(new)
        soonest = await persistently(self._retry, self._soonest)
        await self.offer(soonest)

    async def _admit(self, sites: Sequence[str]) -> None:
        """Enter sites that no lease was given for so far; pages that an earlier version queued are due now."""
        pages = self._hosts.database["pages"]
        queued = {"site": {"$in": list(sites)}, "state": "queued", "next_visit": None}
        await persistently(self._retry, lambda: pages.update_many(queued, [{"$set": {"next_visit": self._now}}]))
        gone = {"site": {"$in": list(sites)}, "state": "gone"}
        await persistently(self._retry, lambda: pages.update_many(gone, {"$unset": {"next_visit": ""}}))
        updates = [UpdateOne({"_id": site}, {"$setOnInsert": {"epoch": 0}}, upsert=True) for site in sites]
        await persistently(self._retry, lambda: self._hosts.bulk_write(updates, ordered=False))

    async def _soonest(self) -> dict[str, datetime]:
        """Return the sites that have a page due before their own time, and when."""
        first = [
            {"$match": {"next_visit": {"$gte": BEGINNING}}},
            {"$sort": {"next_visit": ASCENDING}},
            {"$limit": 1},
            {"$project": {"_id": False, "next_visit": True}},
        ]
        look_up = {"from": "pages", "localField": "_id", "foreignField": "site", "pipeline": first, "as": "first"}
        steps: list[Document] = [
            {"$match": {"owner": {"$exists": False}}},
            {"$lookup": look_up},
            {"$set": {"soonest": {"$first": "$first.next_visit"}}},
            {"$match": {"$expr": {"$lt": [{"$ifNull": ["$soonest", NEVER]}, {"$ifNull": ["$due", NEVER]}]}}},
            {"$project": {"soonest": True}},
        ]
        cursor = await self._hosts.aggregate(steps)
        return {found["_id"]: found["soonest"] async for found in cursor}
