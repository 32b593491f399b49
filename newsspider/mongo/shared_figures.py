"""Figures of all processes that crawl on one database: what waits, how late it is, who works, what it takes."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pymongo import MongoClient
from pymongo.errors import PyMongoError

from newsspider import clock
from newsspider.mongo.server.connection import MongoSettings
from newsspider.mongo.server.errors import one_line
from newsspider.mongo.server.types import Document

logger = logging.getLogger(__name__)

WITHIN_MS = 2000
ALIVE_S = 120
MOST_COUNTED = 1_000_000
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)

# figure -> meaning and value
Figures = dict[str, tuple[str, float]]


class SharedFigures:
    """Asks MongoDB for the figures, from whatever thread; none of them where it does not answer within two seconds."""

    def __init__(self, mongo: MongoSettings, spool_dir: str) -> None:
        self._mongo = mongo
        self._spool = Path(spool_dir)
        self._client: MongoClient[Document] | None = None

    def read(self) -> Figures:
        """Return the figures; those of the spool alone without MONGO_URI."""
        spooled = sum(path.stat().st_size for path in self._spool.glob("*")) if self._spool.is_dir() else 0
        figures: Figures = {"newsspider_spool_bytes": ("bytes in the spool of this process", float(spooled))}
        if not self._mongo.uri:
            return figures
        try:
            if self._client is None:
                options: dict[str, Any] = dict.fromkeys(("serverSelectionTimeoutMS", "socketTimeoutMS"), WITHIN_MS)
                self._client = MongoClient(self._mongo.uri, tz_aware=True, **options)
            return figures | self._of_all(self._client)
        except PyMongoError as error:
            logger.info("no figures of all processes: %s", one_line(error))
            return figures

    def _of_all(self, client: MongoClient[Document]) -> Figures:
        database, now = client[self._mongo.database], clock.now()
        hosts, pages = database["hosts"], database["pages"]
        due = {"due": {"$gte": BEGINNING, "$lte": now}, "owner": {"$exists": False}}
        late = hosts.find_one(due, {"due": True}, sort=[("due", 1)])
        signs = [worker["at"] for worker in database["workers"].find({}, {"at": True})]
        alive = sum((datetime.now(UTC) - at).total_seconds() < ALIVE_S for at in signs)
        sites = hosts.distinct("_id", {"due": {"$gte": BEGINNING, "$lte": now}})
        waiting = {"site": {"$in": sites}, "next_visit": {"$gte": BEGINNING, "$lte": now}}
        disk = database.command("dbStats")
        return {
            "newsspider_workers": ("processes that gave a sign of life", float(alive)),
            "newsspider_sites_held": (
                "sites that a process holds",
                float(hosts.count_documents({"owner": {"$gt": ""}})),
            ),
            "newsspider_sites_due": ("sites that wait for a process", float(hosts.count_documents(due))),
            "newsspider_lag_seconds": (
                "how long the site that waits longest has been due",
                (now - late["due"]).total_seconds() if late else 0.0,
            ),
            "newsspider_pages_waiting": (
                "pages due of sites that no process holds",
                float(pages.count_documents(waiting, limit=MOST_COUNTED)),
            ),
            "newsspider_articles_stored": ("articles", float(database["articles"].estimated_document_count())),
            "newsspider_alarms_open": (
                "alarms that are open",
                float(database["alarms"].count_documents({"state": "open"})),
            ),
            "newsspider_disk_bytes": ("bytes on the disk of MongoDB", float(disk["totalSize"])),
        }
