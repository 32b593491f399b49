"""Kept pages, read again: the answers that an article was read from, and their removal."""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Iterable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from newsspider.items import FetchedPage, FetchedPiece
from newsspider.recording.archive_files import finish_files, index_of, open_index_of, warc_files, write_index
from newsspider.recording.cases import RecordingError
from newsspider.recording.cdxj import IndexEntry, entries_with, surt_key
from newsspider.recording.page_records import ARTICLE_URN, VisitedArticle, article_urn, filler
from newsspider.recording.warc import recorded
from newsspider.recording.warc_records import DAMAGE, RecordScan, WarcRecord

# so many articles are looked for one by one, more of them by one pass over the indexes
FEW: Final = 50


@dataclass(frozen=True, slots=True)
class Visit:
    """Where an article's composition stands, and when the page was fetched."""

    at: datetime
    path: Path
    entry: IndexEntry


class KeptPages:
    """The page archive in `folder`, also while crawls write it. What a killed crawl left unfinished is finished."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        finish_files(folder)

    def visits(self, keys: Collection[str], times: Iterable[datetime] | None = None) -> dict[str, list[Visit]]:
        """Return article id -> its visits whose pages are kept, oldest first; an id without any is left out.

        Where `times` of visits are given, only the files of their days are looked into.
        """
        urns = {article_urn(key): key for key in keys}
        found: dict[str, list[Visit]] = {}
        for path in warc_files(self.folder) if times is None else self._files_of(times):
            for entry in self._compositions(path, urns):
                if key := urns.get(entry.url):
                    found.setdefault(key, []).append(Visit(entry.at, path, entry))
        for visits in found.values():
            visits.sort(key=lambda visit: visit.at)
            # records have whole seconds: of those of one second the one kept later is the later visit
            if any(one.at == other.at for one, other in pairwise(visits)):
                visits.sort(key=lambda visit: (visit.at, self._kept_at(visit)))
        return found

    def _kept_at(self, visit: Visit) -> str:
        """Return when a visit's pages were written, ISO 8601 in UTC; "" where that cannot be read."""
        try:
            with visit.path.open("rb") as stream:
                described = json.loads(_record_at(stream, visit.entry.offset).payload)
        except (OSError, *DAMAGE):
            return ""
        return str(described.get("kept_at") or "")

    def _files_of(self, times: Iterable[datetime]) -> list[Path]:
        """Return the files that pages fetched at `times` may be in: servers' clocks are up to a day wrong."""
        days = {(at + timedelta(days=off)).strftime("%Y%m%d-") for at in times for off in range(-2, 3)}
        return [path for day in sorted(days) for path in warc_files(self.folder, day)]

    def _compositions(self, path: Path, urns: Collection[str]) -> Iterator[IndexEntry]:
        try:
            if not index_of(path).exists():
                lines = open_index_of(path).read_text("utf-8", "replace").splitlines()
                yield from (entry for line in lines if (entry := IndexEntry.of(line)) and entry.url in urns)
            elif len(urns) > FEW:
                yield from entries_with(index_of(path), ARTICLE_URN)
            else:
                for urn in urns:
                    yield from entries_with(index_of(path), f"{surt_key(urn)} ")
        except FileNotFoundError:
            return  # past its days meanwhile

    def read(self, key: str, visit: Visit) -> VisitedArticle:
        """Return what an article was read from. Raises RecordingError where that is damaged or was removed."""
        try:
            with visit.path.open("rb") as stream:
                record = _record_at(stream, visit.entry.offset)
                if record.type != "metadata" or record.header("WARC-Target-URI") != visit.entry.url:
                    raise RecordingError(f"the page of {key} was removed")
                described = json.loads(record.payload)
                pages = tuple(_page(stream, one) for one in described["pages"])
        except OSError as error:
            raise RecordingError(f"cannot read {visit.path}: {error.strerror}") from error
        except DAMAGE as error:
            raise RecordingError(f"corrupt WARC {visit.path}: the page of {key}: {error}") from error
        return VisitedArticle(described["article"], pages, described.get("rules_version"), described.get("gap"))

    def erase(self, keys: AbstractSet[str]) -> int:
        """Overwrite the records of articles; return how many. May be repeated after a kill.

        A record's place is taken by one of the same length that says that it was removed, so that the offsets of the
        others hold, also in a file that a crawl is writing.
        """
        erased = 0
        for key, visits in self.visits(keys).items():
            for visit in visits:
                erased += self._erase(key, visit)
        return erased

    def _erase(self, key: str, visit: Visit) -> int:
        places = {(visit.entry.offset, visit.entry.length)}
        with visit.path.open("r+b") as stream:
            try:
                record = _record_at(stream, visit.entry.offset)
                described = json.loads(record.payload) if record.header("WARC-Target-URI") == visit.entry.url else {}
            except DAMAGE:
                described = {}
            pages = described.get("pages", ())
            answers = [answer for page in pages for answer in (page, *page["pieces"])]
            # the composition last: after a kill it still says where the others stand
            for offset, length in [*((a["offset"], a["length"]) for a in answers), *places]:
                os.pwrite(stream.fileno(), filler(length), offset)
                os.fsync(stream.fileno())
                places.add((offset, length))
        _forget_entries(visit.path, {offset for offset, _ in places})
        return len(places)


def _forget_entries(path: Path, offsets: Collection[int]) -> None:
    """Take records out of a file's index; that of a file being written keeps them, and they are not found in it."""
    try:
        lines = index_of(path).read_text("utf-8").splitlines()
    except FileNotFoundError:
        return
    kept = [line for line in lines if (entry := IndexEntry.of(line)) is None or entry.offset not in offsets]
    if len(kept) < len(lines):
        write_index(path, kept)


def _record_at(stream: Any, offset: int) -> WarcRecord:
    record = next(iter(RecordScan(stream, offset)), None)
    if record is None or record.start != offset:
        raise ValueError(f"no record at byte {offset}")
    return record


def _page(stream: Any, described: dict[str, Any]) -> FetchedPage:
    listed = described.get("listed")
    return _answer(
        stream,
        described,
        listed=tuple(listed) if listed else None,
        pieces=tuple(
            FetchedPiece(_answer(stream, piece), piece["name"], piece["attributes"], piece["block"])
            for piece in described["pieces"]
        ),
        unread=described["unread"],
        filled=frozenset(described["filled"]),
    )


def _answer(stream: Any, described: dict[str, Any], **composition: Any) -> FetchedPage:
    record = _record_at(stream, described["offset"])
    if record.header("WARC-Record-ID") != described["record"]:
        raise LookupError(f"another record at byte {described['offset']}")
    found = recorded(record)
    return FetchedPage(found.url, found.status, found.headers, found.body, found.fetched_at, **composition)
