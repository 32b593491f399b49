"""Where the index of a database is, whether it can be read, and who may write it.

The mark is an entry of the index itself, so that one commit writes articles and mark together: a process that is killed
at any moment leaves an index that says rightly up to where it has followed the database.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import tantivy

from newsspider.search.index.asking import Asking
from newsspider.search.index.entries import FORMAT, register, schema

State = Literal["building", "following"]


@dataclass(frozen=True, slots=True)
class Mark:
    """Up to where the index has followed the collection `articles` that has the UUID `archive`.

    `token` is where its changes go on; `after` is the last id that a building index has got to. `at` is ISO time.
    """

    archive: str
    token: Mapping[str, Any]
    state: State
    after: str | None = None
    at: str = ""

    @property
    def time(self) -> datetime | None:
        """When the index was last up to date; None before it was for the first time."""
        return datetime.fromisoformat(self.at) if self.at else None

    def moved(self, **changes: Any) -> Mark:
        """Return this mark with changes."""
        return replace(self, **changes)

    def text(self) -> str:
        """Return the mark as JSON."""
        return json.dumps(asdict(self))

    @classmethod
    def of(cls, text: str) -> Mark:
        """Return the mark of such JSON. Raises ValueError, TypeError."""
        return cls(**json.loads(text))


def folder_of(settings: Mapping[str, Any]) -> Path:
    """Return the folder of the index for MONGO_DATABASE in this format."""
    name = re.sub(r"[^\w-]", "_", settings["MONGO_DATABASE"])
    return Path(settings["SEARCH_DIR"]) / f"{name}.v{FORMAT}"


class BrokenIndexError(ValueError):
    """The index cannot be read."""


def open_index(folder: Path) -> tantivy.Index | None:
    """Return the index in `folder`, None where there is none. Raises BrokenIndexError."""
    if not (folder / "meta.json").exists():
        return None
    try:
        index = tantivy.Index.open(str(folder))
        register(index)
        return index
    except (ValueError, OSError) as error:
        raise BrokenIndexError(" ".join(str(error).split())[:200]) from None


def read_mark(index: tantivy.Index) -> Mark | None:
    """Return the mark of an index, None where it has none. Raises BrokenIndexError."""
    try:
        searcher = index.searcher()
        found = searcher.search(Asking(index.schema).mark(), 1, count=False).hits
        return Mark.of(str(searcher.doc(found[0][1]).get_first("mark"))) if found else None
    except (ValueError, TypeError, OSError) as error:
        raise BrokenIndexError(" ".join(str(error).split())[:200]) from None


class IndexLock:
    """The right to write the index in `folder`, which one process has; it ends with the process."""

    def __init__(self, folder: Path) -> None:
        self._path = folder.with_suffix(f"{folder.suffix}.lock")
        self._descriptor: int | None = None

    def take(self) -> bool:
        """Take the lock; return False where another process has it. Raises OSError for a folder without access."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return False
        self._descriptor = descriptor
        return True

    def release(self) -> None:
        """Give the lock back."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def new_index(folder: Path) -> tantivy.Index:
    """Return an empty index in place of what is in `folder`. Raises OSError."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    index = tantivy.Index(schema(), str(folder))
    register(index)
    return index


def drop_old_formats(folder: Path) -> bool:
    """Delete indexes of the same database in other formats; return True if there were any."""
    stem = folder.name.rpartition(".v")[0]
    old = [path for path in folder.parent.glob(f"{stem}.v*") if path.is_dir() and path != folder]
    for path in old:
        shutil.rmtree(path, ignore_errors=True)
    return bool(old)
