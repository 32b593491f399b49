"""The processes that crawl on one database, in the collection `workers`: who they are, and when they last gave a sign.

A document: `_id` worker, at (last sign of life, server's clock), started_at, host, pid, machine and process (which tell
another process of the same machine whether this one still runs), scope (what it was asked to crawl), sites (how many it
holds), wants (how many more it could take and did not find), pages (read so far).
"""

from __future__ import annotations

import os
import socket
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pymongo.asynchronous.database import AsyncDatabase
from pymongo.database import Database

from newsspider import clock
from newsspider.mongo.crawl_state.persistence import once, persistently
from newsspider.mongo.server.retry import Retry
from newsspider.mongo.server.types import Document

COLLECTION = "workers"
# leases' lengths after which a worker that gives no sign is forgotten
FORGOTTEN_AFTER = 10


@dataclass(slots=True, frozen=True)
class WorkerIdentity:
    """This process, as other processes see it."""

    name: str
    host: str
    pid: int
    machine: str
    process: str

    @classmethod
    def of_this_process(cls) -> WorkerIdentity:
        host, pid = socket.gethostname(), os.getpid()
        return cls(f"{host}:{pid}:{uuid.uuid4().hex[:8]}", host, pid, _machine(), _process(pid))


def _machine() -> str:
    """Return what tells this machine, since its start, and its process numbers from others; "" if that is unknown."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
        return f"{boot} {os.stat('/proc/self/ns/pid').st_ino}"
    except OSError:
        return ""


def _process(pid: int) -> str:
    """Return when a process of this machine started, "" if it does not run."""
    try:
        # the name of the program, in brackets, may hold anything
        state, *facts = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if state in ("Z", "X") else facts[18]


def has_died(worker: Mapping[str, Any]) -> bool:
    """Return True if a worker is of this machine, and its process runs no more."""
    is_here = bool(worker.get("machine")) and worker["machine"] == _machine()
    return is_here and worker.get("process") != _process(int(worker["pid"]))


class Workers:
    """This worker's sign of life, and those of the others."""

    def __init__(
        self, database: AsyncDatabase[Document], identity: WorkerIdentity, scope: str, lease_s: float, retry: Retry
    ) -> None:
        self._workers = database[COLLECTION]
        self.identity = identity
        self.scope = scope
        self._lease_s = lease_s
        self._retry = retry

    async def show(self, **facts: Any) -> None:
        """Give a sign of life, with `sites`, `wants` and `pages`."""
        me = self.identity
        first = {"host": me.host, "pid": me.pid, "machine": me.machine, "process": me.process, "scope": self.scope}
        changes = {name: {"$literal": value} for name, value in (first | facts).items()}
        ahead_ms = round(clock.ahead_s() * 1000)
        started = {"$ifNull": ["$started_at", {"$add": ["$$NOW", ahead_ms]}]}
        shown: list[Document] = [{"$set": changes | {"at": "$$NOW", "started_at": started}}]
        await once(lambda: self._workers.update_one({"_id": me.name}, shown, upsert=True))

    async def leave(self) -> None:
        await persistently(self._retry, lambda: self._workers.delete_one({"_id": self.identity.name}))

    async def others(self, within_s: float | None = None) -> list[Document]:
        """Return the other workers that live: their last sign of life is no longer ago than `within_s`, or a lease."""
        span = {"$lt": [{"$subtract": ["$$NOW", "$at"]}, int((within_s or self._lease_s) * 1000)]}
        condition = {"_id": {"$ne": self.identity.name}, "$expr": span}
        return list(await persistently(self._retry, lambda: self._workers.find(condition).to_list()))

    async def died_here(self) -> list[str]:
        """Return the workers of this machine whose processes run no more."""
        known = await persistently(
            self._retry, lambda: self._workers.find({"machine": self.identity.machine}).to_list()
        )
        return [worker["_id"] for worker in known if has_died(worker)]

    async def forget(self, worker: str) -> None:
        await persistently(self._retry, lambda: self._workers.delete_one({"_id": worker}))

    async def forget_silent(self) -> None:
        """Forget workers that have given no sign for many leases."""
        span = {"$gt": [{"$subtract": ["$$NOW", "$at"]}, int(FORGOTTEN_AFTER * self._lease_s * 1000)]}
        await persistently(self._retry, lambda: self._workers.delete_many({"$expr": span}))


def known_workers(database: Database[Document]) -> tuple[list[Document], datetime]:
    """Return all workers that have not left, longest started first, and the server's time (aware UTC)."""
    now = database.client.admin.command("hello")["localTime"]
    return list(database[COLLECTION].find().sort("started_at")), now.replace(tzinfo=UTC)


def worker_rows(workers: Iterable[Mapping[str, Any]], now: datetime, lease_s: float) -> list[Document]:
    """Return a row per worker: host, pid, scope, sites, pages, pages_per_minute, silent_s, state.

    The state is dead where the process has ended, silent where its leases have ended, else alive.
    """
    return [_worker_row(worker, now, lease_s) for worker in workers]


def _worker_row(worker: Mapping[str, Any], now: datetime, lease_s: float) -> Document:
    minutes = max((worker["at"] - worker["started_at"]).total_seconds(), 1) / 60
    silent_s = (now - worker["at"]).total_seconds()
    state = "dead" if has_died(worker) else "silent" if silent_s > lease_s else "alive"
    return {
        "host": worker["host"],
        "pid": worker["pid"],
        "scope": worker.get("scope"),
        "sites": worker.get("sites", 0),
        "pages": worker.get("pages", 0),
        "pages_per_minute": worker.get("pages", 0) / minutes,
        "started_at": worker["started_at"],
        "silent_s": silent_s,
        "state": state,
    }
