"""Writes the index: articles and the mark, together, in commits."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from newsspider.search.index.entries import MARK, entry, mark
from newsspider.search.index.files import (
    BrokenIndexError,
    IndexLock,
    Mark,
    drop_old_formats,
    new_index,
    open_index,
    read_mark,
)

logger = logging.getLogger(__name__)

# one thread: what the index costs is to stay small beside a crawl; tantivy takes no less than 15 MB
_HEAP_BYTES: Final = 60_000_000
_THREADS: Final = 1


class IndexWriter:
    """The only writer of the index in `folder`. Raises OSError where the folder cannot be written."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = IndexLock(folder)
        self.mark: Mark | None = None
        self.is_changed = False

    def open(self) -> bool:
        """Open the index, a new one in place of one that is broken or old; return False if another process has it."""
        if not self._lock.take():
            return False
        try:
            if drop_old_formats(self._folder):
                logger.warning("search: the index is of an older format and is built anew")
            try:
                index = open_index(self._folder)
                self.mark = read_mark(index) if index is not None else None
            except BrokenIndexError as error:
                logger.warning("search: the index cannot be read (%s) and is built anew", error)
                index = None
            self._begin(index)
        except BaseException:  # an open that is interrupted gives the lock back as well
            self._lock.release()
            raise
        return True

    def _begin(self, index: Any) -> None:
        self._index = index if index is not None else new_index(self._folder)
        self._writer = self._index.writer(_HEAP_BYTES, _THREADS)

    def restart(self, first: Mark) -> None:
        """Begin an empty index with the mark `first`."""
        self._writer.delete_all_documents()
        self.commit(first)

    def replace(self, articles: Iterable[Mapping[str, Any]], gone: Iterable[str] = ()) -> None:
        """Write `articles` in place of what is there of them, and take out the ids `gone`."""
        for key in gone:
            self._writer.delete_documents_by_term("id", key)
            self.is_changed = True
        for article in articles:
            self._writer.delete_documents_by_term("id", article["_id"])
            self._writer.add_document(entry(article))
            self.is_changed = True

    def commit(self, reached: Mark) -> None:
        """Make what was written visible and safe, with the mark that it has reached."""
        self._writer.delete_documents_by_term("kind", MARK)
        self._writer.add_document(mark(reached.text()))
        self._writer.commit()
        self.mark, self.is_changed = reached, False

    def close(self, *, is_merged: bool = False) -> None:
        """Give the index back; what was not committed is lost. With `is_merged` wait until its parts are merged."""
        try:
            if is_merged:
                self._writer.wait_merging_threads()
            del self._writer
        finally:
            self._lock.release()
