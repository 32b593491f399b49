"""Recordings as one WARC file (ISO 28500), readable by other tools: request and response records, gzip by record.

The index is built by scanning the file at opening, in memory (some 150 bytes a record). Files made elsewhere that hold
response records only, such as those of CC-NEWS, are read as well. Files are not rotated: one file per recording.
"""

from __future__ import annotations

import fcntl
import gzip
import io
import os
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed
from warcio.statusandheaders import StatusAndHeaders, StatusAndHeadersParserException
from warcio.warcwriter import WARCWriter

from newsspider.recording.cases import DROPPED_HEADERS, RecordedResponse, RecordingError, kept_headers, request_key

WARC_SUFFIXES = (".warc", ".warc.gz")
ERROR_TYPE = "application/warc-fields"
RECORD_END = b"\r\n\r\n"
CONTENT_LENGTH = re.compile(rb"\r\nContent-Length:[ \t]*(\d{1,15})[ \t]*(?=\r\n|\Z)", re.IGNORECASE)
ERROR_FIELD = "fetchError"
# AttributeError and the like are what warcio lets out where a record's header lacks or garbles a field
DAMAGE = (
    *(ArchiveLoadFailed, StatusAndHeadersParserException, EOFError, zlib.error, gzip.BadGzipFile, OSError),
    *(ValueError, AttributeError, TypeError, LookupError),
)


def is_warc(path: str | Path) -> bool:
    """Return True if a recording's name says that it is a WARC file."""
    return str(path).endswith(WARC_SUFFIXES)


@dataclass
class WarcRecording:
    """A WARC file; with `writable` it is locked, cut after its last whole record, and appended to."""

    path: Path
    _stream: IO[bytes]
    problems: list[str] = field(default_factory=list)
    _offsets: dict[str, int] = field(default_factory=dict)
    _writer: WARCWriter | None = None

    @classmethod
    def open(cls, path: Path, *, writable: bool, is_scanned: bool = True) -> WarcRecording:
        """Scan the file. Raises RecordingError where it cannot be opened, or is being written by another process.

        Only .gz is written: an end that a kill left unfinished can be told from damage there, and so be cut off.
        """
        if writable and path.suffix != ".gz":
            raise RecordingError(f"cannot record to {path}: give a .warc.gz file (.warc is read only)")
        try:
            if writable:
                path.parent.mkdir(parents=True, exist_ok=True)
            stream = path.open("a+b" if writable else "rb")
        except OSError as error:
            doing = "record to" if writable else "read the recording"
            raise RecordingError(f"cannot {doing} {path}: {error.strerror}") from error
        recording = cls(path, stream)
        if writable:
            recording._lock()
        if is_scanned:
            recording._scan_and_cut(writable)
        return recording

    def __len__(self) -> int:
        return len(self._offsets)

    def _lock(self) -> None:
        try:
            fcntl.flock(self._stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self._stream.close()
            raise RecordingError(f"cannot record to {self.path}: another process is writing it") from error

    def _scan(self) -> int:
        """Fill the index; return the offset after the last whole record. A later record replaces an earlier one.

        Raises RecordingError where the file is to be written and what is damaged is more than its last record.
        """
        self._stream.seek(0)
        scan = _RecordScan(self._stream)
        for record, offset in scan:
            key = _record_key(record, scan.requests)
            if key:
                self._offsets[key] = offset
        size = self._stream.seek(0, os.SEEK_END)
        end = scan.end if scan.damage else _whole_end(self._stream, self.path, scan.last_offset)
        if end < size:
            self._offsets = {key: offset for key, offset in self._offsets.items() if offset < end}
            reason = scan.damage or "its last record is cut short"
            self.problems.append(f"corrupt WARC {self.path}: unreadable from byte {end} of {size}: {reason}")
        return end

    def _scan_and_cut(self, writable: bool) -> None:
        end = self._scan()
        if not writable:
            return
        if self.problems and not _is_cut_short(self._stream, end):
            self.close()
            raise RecordingError(f"cannot record to {self.path}: it is damaged from byte {end} on; move it aside")
        self.problems.clear()
        self._start_writing(end)

    def _start_writing(self, end: int) -> None:
        os.ftruncate(self._stream.fileno(), end)
        self._stream.seek(0, os.SEEK_END)
        self._writer = WARCWriter(self._stream, gzip=True)
        if end == 0:
            self._writer.write_record(
                self._writer.create_warcinfo_record(
                    self.path.name, {"software": "newsspider", "format": "WARC File Format 1.0"}
                )
            )

    def find(self, key: str) -> RecordedResponse | None:
        """Return the answer recorded under `key`. Raises RecordingError where its record is damaged."""
        offset = self._offsets.get(key)
        return None if offset is None else self._read_at(offset)

    def _read_at(self, offset: int) -> RecordedResponse:
        self._stream.seek(offset)
        try:
            record = next(iter(ArchiveIterator(self._stream)))
            return read_record(record)
        except (*DAMAGE, StopIteration) as error:
            raise RecordingError(f"corrupt WARC {self.path}: record at byte {offset}: {error}") from error

    def responses(self) -> Iterator[RecordedResponse]:
        """Yield the indexed answers in the order of the file."""
        for offset in sorted(self._offsets.values()):
            yield self._read_at(offset)

    def store(self, response: RecordedResponse) -> None:
        """Append request and response (or the failure) and flush. Raises RecordingError where that fails."""
        if self._writer is None:
            raise RecordingError(f"cannot write {self.path}: it was opened to read")
        start = self._stream.seek(0, os.SEEK_END)
        try:
            self._offsets[response.key] = self._append(self._writer, response)
            self._stream.flush()
        except OSError as error:
            os.ftruncate(self._stream.fileno(), start)
            raise RecordingError(f"cannot write {self.path}: {error.strerror}") from error

    def _append(self, writer: WARCWriter, response: RecordedResponse) -> int:
        date = {"WARC-Date": response.fetched_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")}
        request = _request_record(writer, response, date)
        writer.write_record(request)
        self._stream.flush()
        offset = self._stream.tell()
        linked = date | {"WARC-Concurrent-To": request.rec_headers.get_header("WARC-Record-ID")}
        writer.write_record(_answer_record(writer, response, linked))
        return offset

    def close(self) -> None:
        """Close the file; a lock ends with it."""
        self._stream.close()


def _whole_end(stream: IO[bytes], path: Path, offset: int) -> int:
    """Return the offset after the last whole record, where warcio read the one at `offset` as the last.

    warcio reads over a missing end without a word.
    """
    size = stream.seek(0, os.SEEK_END)
    if size == 0:
        return 0
    stream.seek(offset)
    end = (_member_end if path.suffix == ".gz" else _record_end)(stream.read())
    return offset if end is None else offset + end


def _member_end(data: bytes) -> int | None:
    """Return the length of the gzip member that `data` begins with, None if it has no whole one."""
    decompressor = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    try:
        decompressor.decompress(data)
    except zlib.error:
        return None
    return len(data) - len(decompressor.unused_data) if decompressor.eof else None


def _record_end(data: bytes) -> int | None:
    """Return the length of the uncompressed record that `data` begins with, None if it has no whole one."""
    head, _, body = data.partition(RECORD_END)
    length = CONTENT_LENGTH.search(head)
    if length is None:
        return None
    end = len(head) + len(RECORD_END) + int(length[1]) + len(RECORD_END)
    return end if data[end - len(RECORD_END) : end] == RECORD_END and body else None


def _is_cut_short(stream: IO[bytes], offset: int) -> bool:
    """Return True if the file ends inside the record that starts at `offset`: what a killed writer leaves."""
    stream.seek(offset)
    remainder = stream.read()
    decompressor = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    try:
        decompressor.decompress(remainder)
    except zlib.error:
        return False
    return not decompressor.eof


class _RecordScan:
    """Iterate (record, offset) over a stream up to the first damage, keeping requests that are not plain GET."""

    def __init__(self, stream: IO[bytes]) -> None:
        self.stream = stream
        self.requests: dict[str, tuple[str, bytes]] = {}
        self.end = 0
        self.last_offset = 0
        self.damage = ""

    def __iter__(self) -> Iterator[tuple[Any, int]]:
        archive = ArchiveIterator(self.stream)
        try:
            for record in archive:
                offset = archive.offset
                if record.rec_type == "request":
                    self._keep_request(record)
                yield record, offset
                archive.read_to_end(record)
                self.last_offset, self.end = offset, offset + archive.get_record_length()
        except DAMAGE as error:
            self.damage = str(error) or type(error).__name__

    def _keep_request(self, record: Any) -> None:
        method = record.http_headers.protocol if record.http_headers else "GET"
        body = record.raw_stream.read()
        if method != "GET" or body:
            self.requests[record.rec_headers.get_header("WARC-Record-ID")] = (method, body)


def _record_key(record: Any, requests: dict[str, tuple[str, bytes]]) -> str | None:
    """Return the request key of a response or failure record, None for any other."""
    is_failure = record.rec_type == "metadata" and record.rec_headers.get_header("Content-Type") == ERROR_TYPE
    url = record.rec_headers.get_header("WARC-Target-URI")
    if not url or not (is_failure or (record.rec_type == "response" and record.http_headers)):
        return None
    linked = record.rec_headers.get_header("WARC-Concurrent-To")
    method, body = requests.get(linked, ("GET", b""))
    return request_key(method, url.strip("<>"), body)


def read_record(record: Any) -> RecordedResponse:
    """Return the answer in a warcio record: content-encoding and chunks undone, WARC-Date as the fetch time."""
    url = record.rec_headers.get_header("WARC-Target-URI").strip("<>")
    fetched_at = datetime.fromisoformat(record.rec_headers.get_header("WARC-Date")).astimezone(UTC)
    if record.rec_type == "metadata":
        fields = record.raw_stream.read().decode().strip()
        name, _, message = fields.removeprefix(f"{ERROR_FIELD}: ").partition(": ")
        return RecordedResponse(url, 0, [], b"", fetched_at, error=(name, message))
    body = record.content_stream().read()
    headers = [(name, value) for name, value in record.http_headers.headers if name.lower() not in DROPPED_HEADERS]
    return RecordedResponse(url, int(record.http_headers.get_statuscode()), headers, body, fetched_at)


def read_responses(path: Path) -> Iterator[RecordedResponse]:
    """Yield the responses of a WARC file in its order, at most one held back; a record without date is passed over.

    Raises RecordingError where the file cannot be opened, or at the first record that is damaged.
    """
    try:
        stream = path.open("rb")
    except OSError as error:
        raise RecordingError(f"cannot read {path}: {error.strerror}") from error
    with stream:
        scan = _RecordScan(stream)
        held: RecordedResponse | None = None
        for record, _ in scan:
            if held is not None:
                yield held
            held = _response_in(record)
        size = stream.seek(0, os.SEEK_END)
        end = scan.end if scan.damage else _whole_end(stream, path, scan.last_offset)
        if end == size and held is not None:
            yield held
        elif end < size:
            reason = scan.damage or "its last record is cut short"
            raise RecordingError(f"corrupt WARC {path}: unreadable from byte {end} of {size}: {reason}")


def _response_in(record: Any) -> RecordedResponse | None:
    """Return the response in a record, None for a record of another kind or one that lacks what every one has."""
    if record.rec_type != "response" or not record.http_headers:
        return None
    headers = record.rec_headers
    if not headers.get_header("WARC-Target-URI") or not headers.get_header("WARC-Date"):
        return None
    try:
        return read_record(record)
    except ValueError:
        return None


def _request_record(writer: WARCWriter, response: RecordedResponse, date: dict[str, str]) -> Any:
    parts = urlsplit(response.url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    headers = StatusAndHeaders(f"{response.method} {target} HTTP/1.1", [("Host", parts.netloc)], is_http_request=True)
    payload = io.BytesIO(response.request_body)
    return writer.create_warc_record(
        response.url, "request", payload=payload, http_headers=headers, warc_headers_dict=dict(date)
    )


def _answer_record(writer: WARCWriter, response: RecordedResponse, headers: dict[str, str]) -> Any:
    if response.error:
        fields = f"{ERROR_FIELD}: {': '.join(response.error)}\r\n".replace("\n", " ").strip()
        return writer.create_warc_record(
            response.url,
            "metadata",
            payload=io.BytesIO(fields.encode()),
            warc_content_type=ERROR_TYPE,
            warc_headers_dict=headers,
        )
    kept = [*kept_headers(response.headers), ("content-length", str(len(response.body)))]
    http = StatusAndHeaders(f"{response.status} ", kept, protocol="HTTP/1.1")
    return writer.create_warc_record(
        response.url, "response", payload=io.BytesIO(response.body), http_headers=http, warc_headers_dict=headers
    )
