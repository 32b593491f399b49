"""A backup of the database in one file, and its restore. Synchronous, with nothing but pymongo.

The file is gzip of BSON documents: a head (format, database, schema version, time), then of each collection a document
that names it, its documents, and a document with their number and SHA-256; at last one that says the file is complete.

Crawls may go on meanwhile: `pages` is read first and `articles` after it, so that no page counts as done whose article
is missing; what is stored later is fetched again. `tombstones` and `audit` come last, and hold for all before them.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import struct
import zlib
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO, Any, Final, cast

import bson
from bson.codec_options import CodecOptions
from bson.raw_bson import RawBSONDocument
from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.errors import BulkWriteError

from newsspider.errors import NewsspiderError
from newsspider.messages import _
from newsspider.mongo.server.types import Document

FORMAT: Final = 1
# read in this order, further collections between the two groups
FIRST: Final = ("schema", "sites", "pages", "runs")
LAST: Final = ("fingerprints", "stories", "articles", "revisions", "quarantine", "audit", "tombstones")
# which processes run at the moment, and what is counted out of the articles
NOT_KEPT: Final = ("workers", "daily", "daily_marks")
BATCH_DOCUMENTS, BATCH_BYTES = 1_000, 8_000_000
MAX_DOCUMENT_BYTES: Final = 16_793_600
Stream = IO[bytes] | gzip.GzipFile
_RAW: Final[CodecOptions[RawBSONDocument]] = CodecOptions(RawBSONDocument)


class BackupError(NewsspiderError):
    """A file that is not a whole backup, or a database that it cannot be restored into; one line."""


@dataclass(slots=True)
class BackupReport:
    """What is in a backup: when it was made, and the number of documents by collection."""

    database: str = ""
    made_at: datetime | None = None
    schema_version: int = 0
    documents: dict[str, int] = field(default_factory=dict)


def write_backup(database: Database[Document], path: Path, now: datetime) -> BackupReport:
    """Write the database to `path`, which is whole or not there at all. Raises BackupError where it cannot be."""
    unfinished = path.with_name(f"{path.name}.part")
    schema = database["schema"].find_one({"_id": "schema"}) or {}
    report = BackupReport(database.name, now, int(schema.get("version", 0)))
    try:
        with unfinished.open("wb") as file:
            with gzip.GzipFile(fileobj=file, mode="wb", compresslevel=6, mtime=0) as stream:
                _write(stream, {"newsspider_backup": FORMAT, **_head(report)})
                for name in _collections(database):
                    report.documents[name] = _write_collection(stream, database, name)
                _write(stream, {"complete": True, "documents": sum(report.documents.values())})
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        raise BackupError(
            _("cannot write {path}: {strerror}").format(path=path, strerror=error.strerror or error)
        ) from None
    return report


def _head(report: BackupReport) -> Document:
    return {"database": report.database, "at": report.made_at, "schema_version": report.schema_version}


def _collections(database: Database[Document]) -> list[str]:
    names = {name for name in database.list_collection_names() if not name.startswith("system.")} - {*NOT_KEPT}
    others = sorted(names - {*FIRST, *LAST})
    return [name for name in (*FIRST, *others, *LAST) if name in names]


def _write(stream: Stream, document: Document) -> None:
    stream.write(bson.encode(document))


def _raw(database: Database[Document], name: str) -> Collection[RawBSONDocument]:
    """Return a collection whose documents are bytes: nothing of them is lost or read differently."""
    return cast("Collection[RawBSONDocument]", database.get_collection(name, codec_options=_RAW))


def _write_collection(stream: Stream, database: Database[Document], name: str) -> int:
    _write(stream, {"collection": name})
    count, digest = 0, hashlib.sha256()
    for document in _raw(database, name).find(batch_size=BATCH_DOCUMENTS):
        digest.update(document.raw)
        stream.write(document.raw)
        count += 1
    _write(stream, {"end": name, "count": count, "sha256": digest.hexdigest()})
    return count


def check_backup(path: Path) -> BackupReport:
    """Read a backup to its end and return what is in it. Raises BackupError where it is damaged or not whole."""
    report = BackupReport()
    for __ in _parts(path, report):
        pass
    return report


def restore_backup(database: Database[Document], path: Path) -> BackupReport:
    """Write a backup into a database that is empty. Raises BackupError; the file is checked before anything is written.

    Indexes and validators are created by the next crawl or by `schema.prepare`.
    """
    check_backup(path)
    if filled := [name for name in _collections(database) if database[name].find_one({}, {"_id": True})]:
        raise BackupError(
            _("database {name} is not empty ({filled}): name one with MONGO_DATABASE").format(
                name=database.name, filled=", ".join(filled[:3])
            )
        )
    report = BackupReport()
    try:
        for name, batch in _parts(path, report):
            _raw(database, name).insert_many(batch, ordered=False)
    except BulkWriteError as error:
        first = error.details["writeErrors"][0]
        raise BackupError(
            _("MongoDB refused documents of the backup: {reason}").format(reason=str(first.get("errmsg"))[:300])
        ) from None
    return report


def _parts(path: Path, report: BackupReport) -> Iterator[tuple[str, list[RawBSONDocument]]]:
    """Yield (collection, documents) in batches, filling `report`. Raises BackupError."""
    try:
        with closing(gzip.open(path)) as stream:
            yield from _read(stream, report)
    except (OSError, EOFError, zlib.error, struct.error, bson.errors.BSONError, KeyError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error) or "cut off"
        raise BackupError(_("{path} is not a whole backup: {reason}").format(path=path, reason=reason)) from None


def _read(stream: Stream, report: BackupReport) -> Iterator[tuple[str, list[RawBSONDocument]]]:
    head = _next_document(stream)
    if head.get("newsspider_backup") != FORMAT:
        raise BackupError(_("not a backup of format {format}").format(format=FORMAT))
    report.database, report.made_at = head["database"], head["at"]
    report.schema_version = int(head["schema_version"])
    while True:
        document = _next_document(stream)
        if document.get("complete") is True:
            if document["documents"] != sum(report.documents.values()):
                raise BackupError(_("the number of documents is not the one that was written"))
            return
        yield from _collection(stream, document["collection"], report)


def _collection(stream: Stream, name: str, report: BackupReport) -> Iterator[tuple[str, list[RawBSONDocument]]]:
    batch: list[RawBSONDocument] = []
    size, count, digest = 0, 0, hashlib.sha256()
    while True:
        raw = _next_raw(stream)
        document = RawBSONDocument(raw)
        if "_id" not in document:
            if (document["end"], document["count"], document["sha256"]) != (name, count, digest.hexdigest()):
                raise BackupError(_("the documents of {name} are not those that were written").format(name=name))
            break
        digest.update(raw)
        batch.append(document)
        size, count = size + len(raw), count + 1
        if len(batch) >= BATCH_DOCUMENTS or size >= BATCH_BYTES:
            yield name, batch
            batch, size = [], 0
    if batch:
        yield name, batch
    report.documents[name] = count


def _next_document(stream: Stream) -> dict[str, Any]:
    return bson.decode(_next_raw(stream), codec_options=CodecOptions(tz_aware=True))


def _next_raw(stream: Stream) -> bytes:
    length = stream.read(4)
    if len(length) < 4:
        raise EOFError("cut off")
    size = struct.unpack("<i", length)[0]
    if not 5 <= size <= MAX_DOCUMENT_BYTES:
        raise BackupError(_("no document where one should be"))
    rest = stream.read(size - 4)
    if len(rest) < size - 4:
        raise EOFError("cut off")
    return length + rest
