"""How much space the database takes, how fast it grows, and when the disk is full. Synchronous."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from pymongo.database import Database

from newsspider.mongo.server.types import Document

# days over which growth is measured; the first with articles in all of it counts
WINDOWS: Final = (30, 7, 1)


@dataclass(frozen=True, slots=True)
class CollectionSize:
    """Bytes of a collection: `data` as BSON, `storage` compressed on disk, `indexes` on disk."""

    name: str
    documents: int
    data: int
    storage: int
    indexes: int

    @property
    def on_disk(self) -> int:
        return self.storage + self.indexes


@dataclass(frozen=True, slots=True)
class DiskUse:
    """The sizes of all collections, new articles per day over `days` (0: none is a day old), and the disk's bytes.

    `disk_free` None: the server does not say.
    """

    collections: tuple[CollectionSize, ...]
    articles: int
    new_per_day: float
    days: int
    disk_total: int | None
    disk_free: int | None

    @property
    def on_disk(self) -> int:
        return sum(size.on_disk for size in self.collections)

    @property
    def bytes_per_article(self) -> float:
        """Bytes on disk of all collections, per article."""
        return self.on_disk / self.articles if self.articles else 0.0

    @property
    def growth_per_day(self) -> float:
        """Bytes on disk per day, if articles go on to come as fast and each takes as much."""
        return self.bytes_per_article * self.new_per_day

    def after(self, days: int) -> float:
        """Return the bytes on disk in so many days."""
        return self.on_disk + days * self.growth_per_day

    @property
    def full_in_days(self) -> float | None:
        """In how many days the disk is full; None if it does not grow, or the server does not say."""
        return self.disk_free / self.growth_per_day if self.disk_free is not None and self.growth_per_day else None


def disk_use(database: Database[Document], now: datetime) -> DiskUse:
    """Return what the server says of the database; articles are counted in an index."""
    names = sorted(name for name in database.list_collection_names() if not name.startswith("system."))
    sizes = tuple(sorted((_size(database, name) for name in names), key=lambda size: -size.on_disk))
    new_per_day, days = _growth(database, now)
    whole = database.command("dbStats")
    total, used = whole.get("fsTotalSize"), whole.get("fsUsedSize")
    return DiskUse(
        collections=sizes,
        articles=database["articles"].estimated_document_count(),
        new_per_day=new_per_day,
        days=days,
        disk_total=int(total) if total else None,
        disk_free=int(total - used) if total and used is not None else None,
    )


def _size(database: Database[Document], name: str) -> CollectionSize:
    stats: dict[str, Any] = database.command("collStats", name)
    return CollectionSize(
        name, int(stats["count"]), int(stats["size"]), int(stats["storageSize"]), int(stats["totalIndexSize"])
    )


def _growth(database: Database[Document], now: datetime) -> tuple[float, int]:
    """Return new articles per day and the number of days that this was measured over."""
    oldest = database["articles"].find_one({}, {"_id": False, "first_seen_at": True}, sort=[("first_seen_at", 1)])
    if oldest is None:
        return 0.0, 0
    age = now - oldest["first_seen_at"]
    days = next((days for days in WINDOWS if age >= timedelta(days=days)), 0)
    if not days:
        return 0.0, 0
    since = now - timedelta(days=days)
    return database["articles"].count_documents({"first_seen_at": {"$gte": since}}) / days, days
