"""The collection `imports`: how far the import of each file has come, so that it goes on where it was cut off."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import xxhash
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import PyMongoError

from newsspider.mongo.server.errors import explained
from newsspider.mongo.server.types import Document

MARK_BYTES: Final = 1 << 16
MAX_PROBLEMS: Final = 20
RUNNING, DONE = "running", "done"


@dataclass(slots=True)
class FileImport:
    """The state of one file. `head` and `tail` are hashes of its first bytes and of those before `offset`.

    All records before `offset` are stored. `counts`: records, articles, other (pages that are not articles), skipped
    bytes.
    """

    path: str
    size: int = 0
    head: str = ""
    tail: str = ""
    offset: int = 0
    state: str = RUNNING
    counts: dict[str, int] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def count(self, name: str, number: int = 1) -> None:
        self.counts[name] = self.counts.get(name, 0) + number


class ImportLog:
    """Reads and writes the states; raises MongoUnavailableError."""

    def __init__(self, database: AsyncDatabase[Document], uri: str) -> None:
        self._imports = database["imports"]
        self._uri = uri

    async def resume(self, path: Path, *, is_again: bool = False) -> FileImport:
        """Return where the import of `path` is to go on: at the start of a file that is new, or not what it was."""
        name = str(path.resolve())
        try:
            known = await self._imports.find_one({"_id": name})
        except PyMongoError as error:
            raise explained(error, self._uri) from None
        size = path.stat().st_size
        fresh = FileImport(name, size=size)
        if known is None or is_again:
            return fresh
        offset = int(known["offset"])
        marks = _marks(path, offset) if offset <= size else None
        if marks != (known["head"], known["tail"]):
            return fresh
        state = DONE if known["state"] == DONE and known["size"] == size else RUNNING
        return FileImport(name, size, *marks, offset, state, known["counts"], known["problems"])

    async def acknowledge(self, progress: FileImport, offset: int, *, is_done: bool = False) -> None:
        """Record that everything before `offset` is stored."""
        path = Path(progress.path)
        progress.offset, progress.size = offset, path.stat().st_size
        progress.head, progress.tail = _marks(path, offset)
        progress.state = DONE if is_done else RUNNING
        del progress.problems[MAX_PROBLEMS:]
        document = {name: value for name, value in asdict(progress).items() if name != "path"}
        now = datetime.now(UTC)
        try:
            await self._imports.update_one(
                {"_id": progress.path},
                {"$set": document | {"updated_at": now}, "$setOnInsert": {"started_at": now}},
                upsert=True,
            )
        except PyMongoError as error:
            raise explained(error, self._uri) from None


def _marks(path: Path, offset: int) -> tuple[str, str]:
    """Return the hashes that tell whether the bytes before `offset` are still the same: of their two ends."""
    with path.open("rb") as stream:
        head = stream.read(min(offset, MARK_BYTES))
        stream.seek(max(0, offset - MARK_BYTES))
        tail = stream.read(min(offset, MARK_BYTES))
    return xxhash.xxh3_64_hexdigest(head), xxhash.xxh3_64_hexdigest(tail)
