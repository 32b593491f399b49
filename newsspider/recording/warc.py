"""Recordings as one WARC file (ISO 28500), readable by other tools: request and response records, gzip by record.

The index is built by scanning the file at opening, in memory (some 150 bytes per record). Files made elsewhere are read
as well, plain or as .warc.zst, with responses only as those of CC-NEWS, with revisit records. There is no rotation: one
file per recording.
"""

from __future__ import annotations

import fcntl
import io
import os
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, Final
from urllib.parse import urlsplit

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from newsspider.recording.cases import DROPPED_HEADERS, RecordedResponse, RecordingError, kept_headers, request_key
from newsspider.recording.http_bodies import decoded_body
from newsspider.recording.warc_records import DAMAGE, Damage, RecordScan, WarcRecord

WARC_SUFFIXES: Final = (".warc", ".warc.gz", ".warc.zst")
ERROR_TYPE: Final = "application/warc-fields"
ERROR_FIELD: Final = "fetchError"


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
    _originals: Originals | None = None
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

    def _scan(self) -> RecordScan:
        """Fill the index; a later record replaces an earlier one."""
        scan = RecordScan(self._stream)
        self._originals = Originals(self._stream)
        requests: dict[str, tuple[str, bytes]] = {}
        for record in scan:
            self._originals.learn(record)
            if record.type == "request":
                _keep_request(record, requests)
            elif key := _record_key(record, requests):
                self._offsets[key] = record.start
        self.problems += damage_lines(self.path, scan)
        return scan

    def _scan_and_cut(self, writable: bool) -> None:
        scan = self._scan()
        if not writable:
            return
        first = scan.damages[0] if scan.damages else Damage(scan.size, scan.size, "")
        if first.end < scan.size or (scan.damages and not _is_cut_short(self._stream, first.start)):
            self.close()
            raise RecordingError(
                f"cannot record to {self.path}: it is damaged from byte {first.start} on; move it aside"
            )
        self.problems.clear()
        self._start_writing(first.start)

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
        record = next(iter(RecordScan(self._stream, offset)), None)
        if record is None or record.start != offset:
            raise RecordingError(f"corrupt WARC {self.path}: record at byte {offset}")
        try:
            return recorded(record, self._originals)
        except DAMAGE as error:
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


def _is_cut_short(stream: IO[bytes], offset: int) -> bool:
    """Return True if the file ends inside the record that starts at `offset`, as after a killed writer."""
    stream.seek(offset)
    remainder = stream.read()
    decompressor = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    try:
        decompressor.decompress(remainder)
    except zlib.error:
        return False
    return not decompressor.eof


class Originals:
    """The positions in a file of the payloads that its revisit records name, by digest."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._offsets: dict[str, int] = {}
        self._has_earlier = False

    def learn(self, record: WarcRecord) -> None:
        if record.type == "response" and (digest := record.header("WARC-Payload-Digest")):
            self._offsets.setdefault(digest, record.start)

    def learn_until(self, end: int) -> None:
        """Learn the records before byte `end`, once."""
        if end > 0 and not self._has_earlier:
            self._has_earlier = True
            for record in RecordScan(self._stream):
                if record.start >= end:
                    break
                self.learn(record)

    def find(self, revisit: WarcRecord) -> WarcRecord | None:
        """Return the record with the payload of `revisit`, None where the file has it not."""
        offset = self._offsets.get(revisit.header("WARC-Payload-Digest") or "")
        return None if offset is None else next(iter(RecordScan(self._stream, offset)), None)


class ResponseScan:
    """The answers of a WARC file from byte `start` on, in its order; what is damaged is skipped.

    `end` is where to go on after the last answer, `size` that of the file, `problems` say what was skipped,
    `unresolved` counts revisit records whose answer is in another file. Raises RecordingError for a file that cannot
    be opened.
    """

    def __init__(self, path: Path, start: int = 0) -> None:
        try:
            self._stream = path.open("rb")
        except OSError as error:
            raise RecordingError(f"cannot read {path}: {error.strerror}") from error
        self.path = path
        self.start = self.end = start
        self.size = path.stat().st_size
        self.unresolved = 0
        self._scan: RecordScan | None = None

    @property
    def problems(self) -> list[str]:
        return damage_lines(self.path, self._scan) if self._scan is not None else []

    @property
    def skipped_bytes(self) -> int:
        return sum(damage.end - damage.start for damage in self._scan.damages) if self._scan is not None else 0

    def __iter__(self) -> Iterator[RecordedResponse]:
        with self._stream, self.path.open("rb") as originals_stream:
            self._originals = Originals(originals_stream)
            self._scan = RecordScan(self._stream, self.start)
            for record in self._scan:
                self._originals.learn(record)
                response = self._response_in(record)
                self.end = record.end
                if response is not None:
                    yield response
            self.end = self.size

    def _response_in(self, record: WarcRecord) -> RecordedResponse | None:
        """Return the answer in a record, None for a record of another kind or one that lacks what every one has."""
        if record.type not in ("response", "revisit") or record.http is None:
            return None
        if not record.header("WARC-Target-URI") or not record.header("WARC-Date"):
            return None
        if record.type == "revisit":
            self._originals.learn_until(self.start)
        try:
            return recorded(record, self._originals)
        except LookupError:
            self.unresolved += 1
        except ValueError:
            pass
        return None


def damage_lines(path: Path, scan: RecordScan) -> list[str]:
    """Return a line for every part of a file that could not be read."""
    return [
        f"corrupt WARC {path}: {found.end - found.start} bytes unreadable from byte {found.start} of {scan.size}:"
        f" {found.reason}"
        for found in scan.damages
    ]


def _keep_request(record: WarcRecord, requests: dict[str, tuple[str, bytes]]) -> None:
    """Remember a request that is not a plain GET, by the id of its record."""
    method = record.http.protocol if record.http else "GET"
    identity = record.header("WARC-Record-ID")
    if identity and (method != "GET" or record.payload):
        requests[identity] = (method, record.payload)


def _record_key(record: WarcRecord, requests: dict[str, tuple[str, bytes]]) -> str | None:
    """Return the request key of an answer or a failure, None for any other record."""
    is_failure = record.type == "metadata" and record.header("Content-Type") == ERROR_TYPE
    is_answer = record.type in ("response", "revisit") and record.http is not None
    url = record.header("WARC-Target-URI")
    if not url or not (is_failure or is_answer):
        return None
    method, body = requests.get(record.header("WARC-Concurrent-To") or "", ("GET", b""))
    return request_key(method, url.strip("<>"), body)


def recorded(record: WarcRecord, originals: Originals | None = None) -> RecordedResponse:
    """Return the answer in a record, WARC-Date as the fetch time.

    Raises LookupError for a revisit record whose answer is not among `originals`, ValueError for a garbled one.
    """
    url = (record.header("WARC-Target-URI") or "").strip("<>")
    fetched_at = datetime.fromisoformat(record.header("WARC-Date") or "").astimezone(UTC)
    if record.type == "metadata":
        name, _, message = record.payload.decode().strip().removeprefix(f"{ERROR_FIELD}: ").partition(": ")
        return RecordedResponse(url, 0, [], b"", fetched_at, error=(name, message))
    source = record
    if record.type == "revisit" and not record.payload:
        found = originals.find(record) if originals is not None else None
        if found is None or found.http is None:
            raise LookupError("its answer is in another file")
        source = found
    if source.http is None:
        raise ValueError("not an HTTP message")
    sent = [(name, value) for name, value in source.http.headers if value is not None]
    body = decoded_body(source.payload, {name.lower(): value for name, value in sent})
    headers = [(name, value) for name, value in sent if name.lower() not in DROPPED_HEADERS]
    return RecordedResponse(url, int(source.http.get_statuscode()), headers, body, fetched_at)


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
