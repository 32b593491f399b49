"""Leases of sites, in the collection `hosts`: one worker at a time holds a site, and no other sends requests there.

A document: `_id` site (registered domain), due (from when the site may be claimed; while it is held, the end of the
lease), owner (worker that holds it), since, claim (token of the write that took it), epoch (number of leases so far),
woken (pages were queued that no holder has looked at), slots (per host: delay_s and not_before, what the last holder
learnt), pace_s (the shortest pause that its articles were marked with). Only the server's clock is used, put ahead
where the crawl's clock is.
"""

from __future__ import annotations

import contextlib
import random
import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from pymongo import ASCENDING, IndexModel, UpdateOne
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
# of how many times as many sites some are chosen at most where other workers are after the same ones
WIDEST_CHOICE = 16


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


def server_now() -> Any:
    """Return the expression for the server's time, put ahead where the crawl's clock is."""
    ahead_ms = round(clock.ahead_s() * 1000)
    return {"$add": ["$$NOW", ahead_ms]} if ahead_ms else "$$NOW"


def held_condition(now: Any) -> Document:
    """Return the expression that is true of a site that a worker holds at `now`, an expression as well."""
    return {"$and": [{"$eq": [{"$type": "$owner"}, "string"]}, {"$gt": ["$due", now]}]}


def wake_update(site: str, now: Any) -> UpdateOne:
    """Return the write that makes a site due at once, a new one too; one that is held, when it is given back."""
    due = {"$cond": [held_condition(now), "$due", {"$min": ["$due", now]}]}
    return UpdateOne({"_id": site}, [{"$set": {"due": due, "woken": True}}], upsert=True)


class SiteLeases:
    """Offers, claims, renews, wakes and releases sites for one worker."""

    def __init__(self, database: AsyncDatabase[Document], worker: str, lease_s: float, retry: Retry) -> None:
        self._hosts = database[COLLECTION]
        self.worker = worker
        self._lease_ms = int(lease_s * 1000)
        self._now = server_now()
        self._is_held = held_condition(self._now)
        self._is_claimable: Document = {"$lte": ["$due", self._now]}
        self._retry = retry

    async def ensure_indexes(self) -> None:
        await persistently(self._retry, lambda: self._hosts.create_indexes(INDEXES[COLLECTION]))

    async def wake(self, sites: Iterable[str]) -> None:
        """Make sites due at once, new ones too; for one that is held, when it is given back."""
        if updates := [wake_update(site, self._now) for site in sites]:
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
        self,
        sites: Collection[str] | None,
        finished: Collection[str] = (),
        without: Collection[str] = (),
        *,
        most: int = 1,
    ) -> list[Lease]:
        """Return up to `most` sites, now held: those due longest, of `sites` unless that is None.

        One of `finished` only if pages were queued there since, none of `without`: a site that is held already is
        renewed, not claimed, also where its lease has ended unnoticed. None is returned only if none is due: sites that
        other workers take at the same moment are passed over.
        """
        condition = self._claimable(sites, finished, without)
        width = 1
        while True:
            wanted = await self._longest_due(condition, most * width)
            chosen = wanted if len(wanted) <= most else random.sample(wanted, most)
            if not chosen or (leases := await self._claim({"$and": [condition, {"_id": {"$in": chosen}}]}, chosen)):
                return leases if chosen else []
            width = min(2 * width, WIDEST_CHOICE)

    async def _longest_due(self, condition: Document, most: int) -> list[str]:
        found = self._hosts.find(condition, {"_id": True}, sort=[("due", ASCENDING)], limit=most)
        return [host["_id"] for host in await persistently(self._retry, found.clone().to_list)]

    async def take(self, site: str) -> Lease | None:
        """Return `site`, now held, whether it was due or not; None if another worker holds it."""
        new = {"$setOnInsert": {"epoch": 0}}
        with contextlib.suppress(DuplicateKeyError):  # another worker has made it known at the same moment
            await persistently(self._retry, lambda: self._hosts.update_one({"_id": site}, new, upsert=True))
        leases = await self._claim({"_id": site, "$expr": {"$not": [self._is_held]}}, [site])
        return leases[0] if leases else None

    async def _claim(self, condition: Document, sites: Sequence[str]) -> list[Lease]:
        """Claim those of `sites` that meet `condition`, in one write, and return them in the order of `sites`.

        They are told by a token: a write whose answer was lost, and that is sent again, has claimed them all the same.
        """
        token = uuid.uuid4().hex
        changes = {
            "due": {"$add": [self._now, self._lease_ms]},
            "since": self._now,
            "owner": self.worker,
            "claim": token,
            "epoch": {"$add": [{"$ifNull": ["$epoch", 0]}, 1]},
            "last_owner": {"$ifNull": ["$owner", ""]},
        }
        steps: list[Document] = [{"$set": changes}, {"$unset": ["woken"]}]
        await persistently(self._retry, lambda: self._hosts.update_many(condition, steps))
        ours = self._hosts.find({"_id": {"$in": list(sites)}, "claim": token})
        found = {host["_id"]: host for host in await persistently(self._retry, ours.clone().to_list)}
        return [self._lease(found[site]) for site in sites if site in found]

    def _lease(self, host: Document) -> Lease:
        is_abandoned = host["last_owner"] not in ("", self.worker)
        slots = host.get("slots") or ()
        return Lease(host["_id"], int(host["epoch"]), is_abandoned, host["since"], slots, host.get("pace_s"))

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
            steps: list[Document] = [{"$set": changes}, {"$unset": ["owner", "since", "last_owner", "claim"]}]
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
