"""Pages that articles were read from, kept in WARC 1.1 files (ISO 28500:2017): one file per process and day.

The answers of an article are `response` records. A `metadata` record after them, under `urn:newsspider:article:<id>`,
says as JSON how the article is put together out of them. While a file is written it is locked, and its index stands
unsorted in `<name>.index`; when it is full, or its writer has ended, the index is `<name>.cdxj`. A killed writer leaves
a torn record at most; whoever opens the folder next cuts it off.
"""

from __future__ import annotations

import fcntl
import os
import socket
import threading
import uuid
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from newsspider import clock
from newsspider.items import FetchedPage
from newsspider.recording.archive_files import (
    WARC_SUFFIX,
    ArchiveOptions,
    expire,
    finish_files,
    index_of,
    open_index_of,
    sync_folder,
    warc_files,
    write_index,
)
from newsspider.recording.cases import RecordingError
from newsspider.recording.page_records import RecordBlock, VisitedArticle, warcinfo


class PageArchive:
    """Writes pages. Methods may be called from any thread; one after the other they run."""

    def __init__(self, options: ArchiveOptions, now: Callable[[], datetime] = clock.now) -> None:
        self.options = options
        self._now = now
        self._lock = threading.Lock()
        self._file: _OpenFile | None = None
        self._serial = 0

    def keep(self, articles: Sequence[VisitedArticle]) -> None:
        """Write all answers of `articles` and return when they are on the disk (fsync).

        Raises RecordingError, and leaves the file as it was, where they cannot be written.
        """
        if not articles:
            return
        with self._lock:
            try:
                target = self._target()
                block = RecordBlock(target.size, target.path.name)
                for article in articles:
                    block.add_article(article)
                target.append(block)
            except OSError as error:
                raise RecordingError(f"cannot keep pages in {self.options.folder}: {error.strerror}") from error

    def keep_page(self, page: FetchedPage) -> None:
        """Write one answer that no article was read from, such as a listing; it is on the disk after the next `keep`.

        Raises RecordingError.
        """
        with self._lock:
            try:
                target = self._target()
                block = RecordBlock(target.size, target.path.name)
                block.add_response(page)
                target.append(block, is_durable=False)
            except OSError as error:
                raise RecordingError(f"cannot keep pages in {self.options.folder}: {error.strerror}") from error

    def close(self) -> None:
        """Write the index of the last file."""
        with self._lock:
            if self._file is not None:
                self._file.close()
                self._file = None

    def _target(self) -> _OpenFile:
        day = self._now().strftime("%Y%m%d")
        if self._file is not None and (self._file.size >= self.options.full_bytes or self._file.day != day):
            self._file.close()
            self._file = None
        if self._file is None:
            self.options.folder.mkdir(parents=True, exist_ok=True)
            finish_files(self.options.folder)
            expire(self.options, self._now())
            self._file = self._unfilled(day) or self._new(day)
        return self._file

    def _new(self, day: str) -> _OpenFile:
        self._serial += 1
        name = f"pages-{day}-{socket.gethostname()}-{os.getpid()}-{self._serial:04d}-{uuid.uuid4().hex[:6]}"
        return _OpenFile.create(self.options.folder / f"{name}{WARC_SUFFIX}", day)

    def _unfilled(self, day: str) -> _OpenFile | None:
        """Return a file that an ended run of this machine has begun today: short runs share one."""
        for path in warc_files(self.options.folder, f"{day}-{socket.gethostname()}-"):
            if path.stat().st_size < self.options.full_bytes and (found := _OpenFile.reopen(path, day)):
                return found
        return None


class _OpenFile:
    """A file that this process writes, locked while it is open."""

    def __init__(self, path: Path, day: str, descriptor: int, lines: Sequence[str] = ()) -> None:
        self.path = path
        self.day = day
        self.size = os.fstat(descriptor).st_size
        self._descriptor = descriptor
        self._lines = list(lines)
        self._index = open_index_of(path).open("w", encoding="utf-8")
        self._index.write("".join(f"{line}\n" for line in lines))
        self._index.flush()

    @classmethod
    def create(cls, path: Path, day: str) -> _OpenFile:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o640)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        opened = cls(path, day, descriptor)
        opened._write(warcinfo(path.name), is_durable=True)
        sync_folder(path.parent)
        return opened

    @classmethod
    def reopen(cls, path: Path, day: str) -> _OpenFile | None:
        """Return a finished file, to be written on; None where another process has it, or its index is not there.

        Its index is unsorted again before the sorted one goes: after a kill in between one of the two is there.
        """
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_APPEND)
        except FileNotFoundError:
            return None
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            lines = index_of(path).read_text("utf-8").splitlines()
            opened = cls(path, day, descriptor, lines)
            index_of(path).unlink()
        except (BlockingIOError, FileNotFoundError):
            os.close(descriptor)
            return None
        return opened

    def append(self, block: RecordBlock, *, is_durable: bool = True) -> None:
        self._write(b"".join(block.parts), is_durable=is_durable)
        lines = [entry.line() for entry in block.entries]
        self._lines += lines
        self._index.write("".join(f"{line}\n" for line in lines))
        self._index.flush()

    def _write(self, data: bytes, *, is_durable: bool) -> None:
        view = memoryview(data)
        try:
            while view:
                view = view[os.write(self._descriptor, view) :]
            if is_durable:
                os.fsync(self._descriptor)
        except OSError:
            os.ftruncate(self._descriptor, self.size)
            raise
        self.size += len(data)

    def close(self) -> None:
        write_index(self.path, self._lines)
        self._index.close()
        open_index_of(self.path).unlink(missing_ok=True)
        os.close(self._descriptor)
