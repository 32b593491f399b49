"""The leases of sites for commands: which are held, which wait, and waking them. Synchronous."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from pymongo.database import Database

from newsspider.mongo.crawl_state.site_leases import BEGINNING, COLLECTION, held_condition, server_now, wake_update
from newsspider.mongo.server.types import Document


def held_hosts(database: Database[Document]) -> list[Document]:
    """Return the sites that a worker holds, longest held first: `_id`, owner, since, due (the end of its lease)."""
    condition: Document = {"owner": {"$exists": True}, "$expr": held_condition(server_now())}
    return list(database[COLLECTION].find(condition, {"owner": 1, "since": 1, "due": 1}).sort("since"))


def waiting_hosts(database: Database[Document]) -> list[Document]:
    """Return the sites that any worker could claim now, longest due first: `_id` and due."""
    condition: Document = {"due": {"$gte": BEGINNING}, "$expr": {"$lte": ["$due", server_now()]}}
    return list(database[COLLECTION].find(condition, {"due": 1}).sort("due"))


def pages_that_wait(database: Database[Document], sites: Sequence[str]) -> dict[str, int]:
    """Return how many pages of each site are due; a site without any is left out."""
    due: Document = {"site": {"$in": list(sites)}, "next_visit": {"$gte": BEGINNING}}
    steps: list[dict[str, Any]] = [
        {"$match": due | {"$expr": {"$lte": ["$next_visit", server_now()]}}},
        {"$group": {"_id": "$site", "pages": {"$sum": 1}}},
    ]
    return {row["_id"]: row["pages"] for row in database["pages"].aggregate(steps)}


def wake(database: Database[Document], sites: Iterable[str]) -> None:
    """Have sites crawled at once by processes that stay; one that is held, when it is given back."""
    if updates := [wake_update(site, server_now()) for site in sites]:
        database[COLLECTION].bulk_write(updates, ordered=False)
