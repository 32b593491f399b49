"""The spool: articles on disk until MongoDB can take them; append-only, checksummed, fsynced, of bounded size.

A file is a run of records: MAGIC, payload length (4 bytes, big-endian), xxh64 of the payload (8 bytes), payload (BSON
{"kind": "article" | "quarantine", "document": ...}). A reader goes on at the next MAGIC after damage, so that
only the damaged records are lost. Each process writes one file and holds a flock on it while it lives.
"""

from __future__ import annotations

import fcntl
import logging
import os
import struct
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import bson
import xxhash
from bson.codec_options import CodecOptions
from bson.errors import InvalidBSON

from newsspider.errors import NewsspiderError

logger = logging.getLogger(__name__)

MAGIC = b"\x9dNSPOOL1"
HEADER = struct.Struct(">8sI8s")
SUFFIX = ".spool"
DAMAGED_SUFFIX = ".damaged"
AWARE: CodecOptions[dict[str, Any]] = CodecOptions(tz_aware=True, tzinfo=UTC)


class SpoolError(NewsspiderError):
    """The spool cannot take a record: it is full, or its folder cannot be written."""


@dataclass(slots=True)
class Record:
    """One record: the document of an article (with `alias_of`), or one for the quarantine."""

    kind: str
    document: dict[str, Any]


@dataclass(slots=True)
class SpoolFile:
    """The readable records of one file, and how many bytes of it are damaged."""

    path: Path
    damaged_bytes: int = 0

    def __iter__(self) -> Iterator[Record]:
        data = self.path.read_bytes()
        self.damaged_bytes = 0
        position = 0
        while position < len(data):
            payload = _payload_at(data, position)
            record = None if payload is None else _decoded(payload)
            if payload is not None and record is not None:
                yield record
                position += HEADER.size + len(payload)
                continue
            following = data.find(MAGIC, position + 1)
            following = len(data) if following < 0 else following
            self.damaged_bytes += following - position
            position = following


class Spool:
    """The spool folder of a project, with the file of this process in it; nothing is created before the first write."""

    def __init__(self, folder: Path, max_bytes: int) -> None:
        self.folder = Path(folder)
        self.max_bytes = max_bytes
        self._descriptor: int | None = None
        self._path: Path | None = None

    def append(self, records: Iterable[Record]) -> int:
        """Write the records durably (fsync) and return how many; SpoolError leaves the file as it was before."""
        frames = [_frame(record) for record in records]
        block = b"".join(frames)
        used = sum(path.stat().st_size for path in self.files())
        if used + len(block) > self.max_bytes:
            limit_mb = self.max_bytes / 1_000_000
            raise SpoolError(f"the spool {self.folder} is full: SPOOL_MAX_MB={limit_mb:g}, {used / 1e6:.1f} MB in use")
        descriptor = self._opened()
        start = os.lseek(descriptor, 0, os.SEEK_END)
        try:
            view = memoryview(block)
            while view:
                view = view[os.write(descriptor, view) :]
            os.fsync(descriptor)
        except OSError as error:
            os.ftruncate(descriptor, start)
            raise SpoolError(f"cannot write the spool {self._path}: {error.strerror}") from error
        return len(frames)

    def files(self) -> list[Path]:
        """Return all spool files of the folder, oldest first."""
        try:
            return sorted(path for path in self.folder.iterdir() if path.suffix == SUFFIX)
        except OSError:
            return []

    @property
    def path(self) -> Path | None:
        """The file of this process, if it has written one."""
        return self._path

    def close(self) -> None:
        """Release the file of this process, so that the next start stores it."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _opened(self) -> int:
        if self._descriptor is not None:
            return self._descriptor
        name = f"{datetime.now(UTC):%Y%m%dT%H%M%S.%f}-{os.getpid()}{SUFFIX}"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._path = self.folder / name
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            folder = os.open(self.folder, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        except OSError as error:
            raise SpoolError(f"cannot write to the spool folder {self.folder}: {error.strerror}") from error
        self._descriptor = descriptor
        return descriptor


def claimed(path: Path) -> int | None:
    """Return a descriptor holding the lock on a spool file; None if a living process has it, or it is gone."""
    try:
        descriptor = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


def expunge(folder: Path, keys: AbstractSet[str]) -> int:
    """Take the records of the articles `keys` out of the files of ended runs, damaged ones too; return how many.

    The file of a living process stays as it is: what it holds is compared with the tombstones when it is stored.
    """
    removed = 0
    for path in sorted(folder.glob(f"*{SUFFIX}*")) if folder.is_dir() else ():
        descriptor = claimed(path)
        if descriptor is None:
            continue
        try:
            removed += _rewrite_without(path, keys)
        finally:
            os.close(descriptor)
    return removed


def _rewrite_without(path: Path, keys: AbstractSet[str]) -> int:
    data = path.read_bytes()
    kept = bytearray()
    position = removed = 0
    while position < len(data):
        payload = _payload_at(data, position)
        following = data.find(MAGIC, position + 1) if payload is None else position + HEADER.size + len(payload)
        following = len(data) if following < 0 else following
        record = None if payload is None else _decoded(payload)
        if record is not None and not keys.isdisjoint(_identities(record.document)):
            removed += 1
        else:
            kept += data[position:following]
        position = following
    if removed:
        unfinished = path.with_name(f"{path.name}.tmp")
        with unfinished.open("wb") as stream:
            stream.write(kept)
            stream.flush()
            os.fsync(stream.fileno())
        unfinished.replace(path)
    return removed


def _identities(document: dict[str, Any]) -> set[Any]:
    return {document.get(name) for name in ("_id", "alias_of", "article_id")}


def dismiss(file: SpoolFile) -> None:
    """Remove a file whose records are all stored; one with damage is kept beside, for a person to look at."""
    if not file.damaged_bytes:
        file.path.unlink(missing_ok=True)
        return
    kept = file.path.with_name(file.path.name + DAMAGED_SUFFIX)
    file.path.replace(kept)
    logger.warning(
        "%d damaged bytes in the spool file, kept as %s; its other records are stored", file.damaged_bytes, kept
    )


def _frame(record: Record) -> bytes:
    payload = bson.encode({"kind": record.kind, "document": record.document})
    return HEADER.pack(MAGIC, len(payload), xxhash.xxh64_digest(payload)) + payload


def _payload_at(data: bytes, position: int) -> bytes | None:
    """Return the payload of the record at `position`; None if there is no whole record."""
    if len(data) - position < HEADER.size:
        return None
    magic, length, checksum = HEADER.unpack_from(data, position)
    start = position + HEADER.size
    payload = data[start : start + length]
    if magic != MAGIC or len(payload) != length or xxhash.xxh64_digest(payload) != checksum:
        return None
    return payload


def _decoded(payload: bytes) -> Record | None:
    try:
        values = bson.decode(payload, AWARE)
        return Record(values["kind"], values["document"])
    except (InvalidBSON, KeyError, ValueError):
        return None
