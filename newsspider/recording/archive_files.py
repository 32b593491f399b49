"""The files of the page archive: their indexes, what killed writers have left, days and byte budget."""

from __future__ import annotations

import fcntl
import glob
import logging
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from newsspider.recording.cdxj import IndexEntry
from newsspider.recording.warc_records import RecordScan, WarcRecord

logger = logging.getLogger(__name__)

WARC_SUFFIX: Final = ".warc.gz"
INDEX_SUFFIX: Final = ".cdxj"
OPEN_INDEX_SUFFIX: Final = ".index"


@dataclass(frozen=True, slots=True)
class ArchiveOptions:
    """`file_bytes`: size from which on a file is full. `days` (0: for ever) and `max_bytes` (0: no limit) bound all."""

    folder: Path
    file_bytes: int = 256_000_000
    days: int = 90
    max_bytes: int = 20_000_000_000

    @property
    def full_bytes(self) -> int:
        """A quarter of the budget at most: only whole files can go."""
        return min(self.file_bytes, self.max_bytes // 4) if self.max_bytes else self.file_bytes


def open_index_of(path: Path) -> Path:
    """Return the name of the unsorted index of a WARC file that is being written."""
    return path.with_name(path.name + OPEN_INDEX_SUFFIX)


def write_index(path: Path, lines: Sequence[str]) -> None:
    """Write the sorted index of a WARC file; it is whole or not there."""
    target = index_of(path)
    unfinished = target.with_name(f"{target.name}.tmp")
    with unfinished.open("w", encoding="utf-8") as stream:
        stream.write("".join(f"{line}\n" for line in sorted(lines, key=lambda line: line.encode())))
        stream.flush()
        os.fsync(stream.fileno())
    unfinished.replace(target)


def index_of(path: Path) -> Path:
    """Return the name of the sorted index of a WARC file."""
    return path.with_name(path.name.removesuffix(WARC_SUFFIX) + INDEX_SUFFIX)


def warc_files(folder: Path, beginning: str = "") -> list[Path]:
    """Return the WARC files of the archive, oldest first; of those of `beginning`: day, or day and machine."""
    return sorted(folder.glob(f"pages-{glob.escape(beginning)}*{WARC_SUFFIX}")) if folder.is_dir() else []


def finish_files(folder: Path) -> int:
    """Finish the files that killed writers have left: cut off a torn end, write the index; return how many."""
    finished = 0
    for path in warc_files(folder):
        if index_of(path).exists():
            continue
        try:
            descriptor = os.open(path, os.O_RDWR)
        except FileNotFoundError:
            continue
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _finish(path, descriptor)
            finished += 1
        except BlockingIOError:
            continue
        finally:
            os.close(descriptor)
    return finished


def _finish(path: Path, descriptor: int) -> None:
    with path.open("rb") as stream:
        scan = RecordScan(stream)
        lines = [entry.line() for entry in scanned_entries(scan, path.name)]
        end, size = scan.end, scan.size
    if end < size:
        logger.warning("%s: %d bytes of a record that was not finished are cut off", path, size - end)
        os.ftruncate(descriptor, end)
        os.fsync(descriptor)
    write_index(path, lines)
    open_index_of(path).unlink(missing_ok=True)


def scanned_entries(scan: RecordScan, filename: str) -> Iterator[IndexEntry]:
    """Yield the index entries of the records of a file."""
    for record in scan:
        if entry := _entry(record, filename):
            yield entry


def _entry(record: WarcRecord, filename: str) -> IndexEntry | None:
    url, moment = record.header("WARC-Target-URI"), record.header("WARC-Date")
    if record.type not in ("response", "metadata") or not url or not moment:
        return None
    mime, status = record.header("Content-Type") or "", ""
    if record.http is not None:
        mime = (record.http.get_header("content-type") or "").partition(";")[0].strip()
        status = str(record.http.get_statuscode())
    digest = record.header("WARC-Payload-Digest") or ""
    at = datetime.fromisoformat(moment)
    return IndexEntry(url, at, mime, status, digest, record.start, record.end - record.start, filename)


def expire(options: ArchiveOptions, now: datetime) -> list[Path]:
    """Delete the oldest files that are past their days or over the budget; those being written stay.

    Room is left for the file that is begun next.
    """
    files = [(path, path.stat().st_size) for path in warc_files(options.folder)]
    total = sum(size for _, size in files)
    oldest = (now - timedelta(days=options.days)).strftime("pages-%Y%m%d-") if options.days else ""
    gone = []
    for path, size in files:
        is_over = options.max_bytes and total + options.full_bytes > options.max_bytes
        if not (path.name < oldest or is_over) or not index_of(path).exists():
            continue
        path.unlink(missing_ok=True)
        index_of(path).unlink(missing_ok=True)
        total -= size
        gone.append(path)
    return gone


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
