"""Files that are whole or not there: a draft beside them is renamed when all of it is on disk."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")


def write_whole(path: Path, write: Callable[[Path], T]) -> T:
    """Have `write` fill a draft, make it `path`, and return its result. Raises OSError; the old file stays then."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        result = write(draft)
        with draft.open("rb") as stream:
            os.fsync(stream.fileno())
        draft.replace(path)
    finally:
        with suppress(OSError):
            draft.unlink()
    return result
