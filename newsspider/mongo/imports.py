"""The collection `imports`: how far the import of each file has come, and which process reads it.

Processes that import the same files share them by leases: a document has an owner and, until the file is read to its
end or given back, `due`, the end of the lease by the server's clock. What one leaves that dies is read by the others
from the last acknowledged record on.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, TypeVar

import xxhash
from pymongo import ReturnDocument
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import DuplicateKeyError, PyMongoError

from newsspider.errors import NewsspiderError
from newsspider.mongo.crawl_state.workers import WorkerIdentity, has_died
from newsspider.mongo.server.errors import explained
from newsspider.mongo.server.types import Document

Result = TypeVar("Result")

MARK_BYTES: Final = 1 << 16
MAX_PROBLEMS: Final = 20
RUNNING, DONE, UNREADABLE = "running", "done", "unreadable"
# files whose states are looked up at once
LOOKED_UP: Final = 200
_HELD: Final[Document] = {"$and": [{"$eq": [{"$type": "$owner"}, "string"]}, {"$gt": ["$due", "$$NOW"]}]}


class LostFileError(NewsspiderError):
    """Another process reads the file now: the lease ended before it was renewed."""


@dataclass(slots=True)
class FileImport:
    """The state of one file. `head` and `tail` are hashes of its first bytes and of those before `offset`.

    All records before `offset` are stored. `choice` says which records are taken, "" for all. `counts`: records,
    articles, other (pages that are not articles), skipped bytes, and those that are left out.
    """

    path: str
    size: int = 0
    head: str = ""
    tail: str = ""
    offset: int = 0
    state: str = RUNNING
    choice: str = ""
    counts: dict[str, int] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def count(self, name: str, number: int = 1) -> None:
        self.counts[name] = self.counts.get(name, 0) + number


class ImportLog:
    """Reads and writes the states, and leases the files; raises MongoUnavailableError.

    `began_at` is when the import began (aware). `choice` says which records it takes: a file of which all were taken,
    or the same, is not read again, unless with `is_again` that was before the import began.
    """

    def __init__(
        self,
        database: AsyncDatabase[Document],
        uri: str,
        *,
        lease_s: float,
        began_at: datetime,
        choice: str = "",
        is_again: bool = False,
    ) -> None:
        self._imports = database["imports"]
        self._uri = uri
        self._me = WorkerIdentity.of_this_process()
        self._lease_ms = int(lease_s * 1000)
        self._choice = choice
        self._began_at = began_at
        self._is_again = is_again

    async def finished(self, paths: Sequence[Path]) -> set[Path]:
        """Return which files were imported before and have not changed since."""
        found: set[Path] = set()
        for start in range(0, len(paths), LOOKED_UP):
            names = {str(path): path for path in paths[start : start + LOOKED_UP]}
            query = {"_id": {"$in": list(names)}, "state": DONE, "choice": {"$in": [None, "", self._choice]}}
            for known in await self._done(lambda query=query: self._imports.find(query).to_list()):  # type: ignore[misc]
                path = names[known["_id"]]
                if self._progress(path, known).state == DONE:
                    found.add(path)
        return found

    async def taken(self, paths: Sequence[Path]) -> tuple[set[Path], set[Path]]:
        """Return which files other processes read now, and which were read to their end since this import began."""
        known = await self._done(lambda: self._imports.find({"_id": {"$in": [str(path) for path in paths]}}).to_list())
        held_query: Document = {"_id": {"$in": [one["_id"] for one in known]}, "$expr": _HELD}
        found = await self._done(lambda: self._imports.find(held_query, {"_id": True}).to_list())
        held_now = {one["_id"] for one in found}
        held = {Path(one["_id"]) for one in known if one["_id"] in held_now and not self._is_free(one)}
        ended = [one for one in known if one.get("state") in (DONE, UNREADABLE) and one["_id"] not in held_now]
        return held, {Path(one["_id"]) for one in ended if one["updated_at"] >= self._began_at}

    def _is_free(self, known: Document) -> bool:
        """Return True if the holder of a file is this process, or one of this machine that runs no more."""
        return known.get("owner") == self._me.name or _is_of_a_dead(known)

    async def claim(self, path: Path) -> FileImport | None:
        """Return where the import of a file is to go on, now held; None if another process reads it.

        It goes on at the start of a file that is new, is not what it was, or was read for another choice of records.
        """
        name = str(path)
        known = await self._done(lambda: self._imports.find_one({"_id": name}))
        is_free: Document = {"$not": [_HELD]}
        if known is not None and _is_of_a_dead(known):
            is_free = {"$or": [is_free, {"$eq": ["$owner", {"$literal": known["owner"]}]}]}
        changes = {"due": {"$add": ["$$NOW", self._lease_ms]}, "started_at": {"$ifNull": ["$started_at", "$$NOW"]}}
        mine = {"owner": self._me.name, "pid": self._me.pid, "machine": self._me.machine, "process": self._me.process}
        steps = [{"$set": changes | {field: {"$literal": value} for field, value in mine.items()}}]
        if known is None:
            with suppress(DuplicateKeyError):  # another process has made it known at the same moment
                await self._done(lambda: self._imports.insert_one({"_id": name}))
        found = await self._done(
            lambda: self._imports.find_one_and_update(
                {"_id": name, "$expr": is_free}, steps, return_document=ReturnDocument.AFTER
            )
        )
        return self._progress(path, found) if found is not None else None

    def _progress(self, path: Path, known: Document) -> FileImport:
        """Return where a file is to be gone on with, by what is known of it."""
        size = path.stat().st_size
        fresh = FileImport(str(path), size=size, choice=self._choice)
        if "offset" not in known or (self._is_again and known["updated_at"] < self._began_at):
            return fresh
        taken, offset = known.get("choice", ""), int(known["offset"])
        if taken != self._choice and not (taken == "" and known["state"] == DONE):
            return fresh
        marks = _marks(path, offset) if offset <= size else None
        if marks != (known["head"], known["tail"]):
            return fresh
        state = DONE if known["state"] == DONE and known["size"] == size else RUNNING
        return FileImport(str(path), size, *marks, offset, state, self._choice, known["counts"], known["problems"])

    async def unreadable(self, progress: FileImport) -> None:
        """Record that a file cannot be opened: the processes of this import try it once, the next import again."""
        progress.state = UNREADABLE
        await self._write(progress, {**_fields(progress), "updated_at": datetime.now(UTC)})

    async def acknowledge(self, progress: FileImport, offset: int, *, is_done: bool = False) -> None:
        """Record that everything before `offset` is stored, and renew the lease; LostFileError where that has ended."""
        path = Path(progress.path)
        progress.offset, progress.size = offset, path.stat().st_size
        progress.head, progress.tail = _marks(path, offset)
        progress.state = DONE if is_done else RUNNING
        del progress.problems[MAX_PROBLEMS:]
        await self._write(progress, {**_fields(progress), "updated_at": datetime.now(UTC)})

    async def renew(self, progress: FileImport) -> None:
        """Renew the lease of a file; LostFileError where it has ended and another process reads the file."""
        await self._write(progress, {})

    async def _write(self, progress: FileImport, changes: Document) -> None:
        literal = {name: {"$literal": value} for name, value in changes.items()}
        steps = [{"$set": literal | {"due": {"$add": ["$$NOW", self._lease_ms]}}}]
        mine = {"_id": progress.path, "owner": self._me.name}
        written = await self._done(lambda: self._imports.update_one(mine, steps))
        if not written.matched_count:
            raise LostFileError(f"{progress.path}: another process reads it now")

    async def release(self, progress: FileImport) -> None:
        """Give a file back, read to its end or not."""
        mine = {"_id": progress.path, "owner": self._me.name}
        taken: Document = dict.fromkeys(("owner", "due", "pid", "machine", "process"), "")
        await self._done(lambda: self._imports.update_one(mine, {"$unset": taken}))

    async def _done(self, operation: Callable[[], Awaitable[Result]]) -> Result:
        try:
            return await operation()
        except DuplicateKeyError:
            raise
        except PyMongoError as error:
            raise explained(error, self._uri) from None


def _fields(progress: FileImport) -> Document:
    return {name: value for name, value in asdict(progress).items() if name != "path"}


def _is_of_a_dead(known: Document) -> bool:
    """Return True if the process that holds a file was one of this machine and runs no more."""
    return "pid" in known and has_died(known)


def _marks(path: Path, offset: int) -> tuple[str, str]:
    """Return the hashes that tell whether the bytes before `offset` are still the same: of their two ends."""
    with path.open("rb") as stream:
        head = stream.read(min(offset, MARK_BYTES))
        stream.seek(max(0, offset - MARK_BYTES))
        tail = stream.read(min(offset, MARK_BYTES))
    return xxhash.xxh3_64_hexdigest(head), xxhash.xxh3_64_hexdigest(tail)
