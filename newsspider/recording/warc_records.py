"""Records of a WARC file (ISO 28500), plain, gzip or zstd: what is damaged is skipped up to the next whole record."""

from __future__ import annotations

import io
import re
import sys
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile
from typing import IO, Any, Final, Protocol

from warcio.exceptions import ArchiveLoadFailed
from warcio.recordloader import ArcWarcRecordLoader
from warcio.statusandheaders import StatusAndHeaders, StatusAndHeadersParser, StatusAndHeadersParserException

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

GZIP_MAGIC: Final = b"\x1f\x8b\x08"
ZSTD_MAGIC: Final = b"\x28\xb5\x2f\xfd"
ZSTD_DICTIONARY_MAGIC: Final = b"\x5d\x2a\x4d\x18"
ZSTD_TRAINED_MAGIC: Final = b"\x37\xa4\x30\xec"
CHUNK_BYTES: Final = 1 << 16
# a member is kept in memory up to the first size and on disk beyond it, a content in memory up to the second
SPOOLED_BYTES: Final = 32 << 20
CONTENT_BYTES: Final = 64 << 20
MEMBER_BYTES: Final = 8 << 30
RECORD_END: Final = b"\r\n\r\n"
RECORD_GAP: Final = 16
_RECORD_START: Final = re.compile(rb"(?:\A|\n)(?=WARC/[01]\.\d{1,3}\r?\n)")
# AttributeError and the like are what warcio lets out where a record's header lacks or garbles a field
DAMAGE: Final = (
    *(ArchiveLoadFailed, StatusAndHeadersParserException, EOFError, zlib.error, zstd.ZstdError),
    *(ValueError, AttributeError, TypeError, LookupError),
)


@dataclass(slots=True)
class WarcRecord:
    """A record with its payload as it was sent: chunks and content-encoding are not undone.

    `start` is where reading can begin again to get the record, `end` where to go on after it. `http` is None for a
    record that holds no HTTP message. A content over 64 MiB is left out.
    """

    type: str
    headers: StatusAndHeaders
    http: StatusAndHeaders | None
    payload: bytes
    start: int
    end: int

    def header(self, name: str) -> str | None:
        value = self.headers.get_header(name)
        return str(value).strip() if value is not None else None


@dataclass(slots=True, frozen=True)
class Damage:
    """Bytes `start` to `end` that hold no readable record, and why."""

    start: int
    end: int
    reason: str


class _Decompressor(Protocol):
    @property
    def eof(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    def decompress(self, data: bytes) -> bytes: ...


class RecordScan:
    """The records of an open file from byte `start` on.

    `damages` and `end`, the offset after the last whole record, grow with the iteration.
    """

    def __init__(self, stream: IO[bytes], start: int = 0) -> None:
        self.stream = stream
        self.size = stream.seek(0, io.SEEK_END)
        self.end = start
        self.damages: list[Damage] = []
        self._loader = ArcWarcRecordLoader()
        self._magic, self._dictionary = _compression(stream)

    def __iter__(self) -> Iterator[WarcRecord]:
        position = self.end
        while position < self.size:
            following = position
            try:
                for record in self._records_at(position):
                    following = record.end
                    yield record
                self.end = position = following if following > position else self.size
            except DAMAGE as error:
                following = self._next_start(max(following, position + 1))
                self._note(Damage(position, following, str(error) or type(error).__name__))
                position = following

    def _note(self, damage: Damage) -> None:
        """Add a damage to the last one where nothing stands between them."""
        if self.damages and self.damages[-1].end == damage.start:
            damage = Damage(self.damages.pop().start, damage.end, damage.reason)
        self.damages.append(damage)

    def _records_at(self, position: int) -> Iterator[WarcRecord]:
        """Yield the record at `position`, or those of the compressed member there: nearly always a single one."""
        if not self._magic:
            yield self._record(self.stream, position, self.size)
            return
        self.stream.seek(position)
        if self._magic == ZSTD_MAGIC and self.stream.read(4) == ZSTD_DICTIONARY_MAGIC:
            length = int.from_bytes(self.stream.read(4), "little")
            position += 8 + length
        with SpooledTemporaryFile(SPOOLED_BYTES) as member:
            end = self._unpack(position, member)
            size, inner = member.tell(), 0
            while inner < size:
                record = self._record(member, inner, size)
                inner = record.end
                record.start, record.end = position, end if inner >= size else position
                yield record

    def _unpack(self, position: int, target: IO[bytes]) -> int:
        """Write the member at `position` to `target`; return the offset behind it."""
        decompressor = self._decompressor()
        self.stream.seek(position)
        while not decompressor.eof:
            chunk = self.stream.read(CHUNK_BYTES)
            if not chunk:
                raise EOFError("the record is cut short")
            target.write(decompressor.decompress(chunk))
            if target.tell() > MEMBER_BYTES:
                raise ValueError("the record unpacks to more than 8 GiB")
        return self.stream.tell() - len(decompressor.unused_data)

    def _decompressor(self) -> _Decompressor:
        if self._magic == GZIP_MAGIC:
            return zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
        return zstd.ZstdDecompressor(zstd_dict=self._dictionary)

    def _record(self, stream: IO[bytes], position: int, size: int) -> WarcRecord:
        """Return the record at `position`: its content is whole, and an end, another record or nothing follows it."""
        start = position + _blank_length(stream, position)
        stream.seek(start)
        raw = self._loader.parse_record_stream(stream, known_format="warc", no_record_parse=True)
        length = int(raw.rec_headers.get_header("Content-Length"))
        content_start = stream.tell()
        if length < 0:
            raise ValueError("the record has a length below 0")
        if content_start + length > size:
            raise EOFError("the record is cut short")
        content = stream.read(length) if length <= CONTENT_BYTES else b""
        end = content_start + length
        gap = _blank_length(stream, end)
        end += gap
        stream.seek(end)
        if end < size and gap < len(RECORD_END) and stream.read(5) != b"WARC/":
            raise ValueError("the record is not as long as it says")
        http, payload = _http_message(raw, content)
        return WarcRecord(str(raw.rec_type), raw.rec_headers, http, payload, start, end)

    def _next_start(self, position: int) -> int:
        """Return where the next record begins at or after `position`, the end of the file if none does."""
        overlap = b""
        self.stream.seek(position)
        while chunk := self.stream.read(1 << 20):
            block, base = overlap + chunk, self.stream.tell() - len(chunk) - len(overlap)
            for offset in self._candidates(block):
                if self._is_start(base + offset):
                    return base + offset
            self.stream.seek(base + len(block))
            overlap = block[-RECORD_GAP:]
        return self.size

    def _candidates(self, block: bytes) -> Iterator[int]:
        if not self._magic:
            yield from (found.end() for found in _RECORD_START.finditer(block))
            return
        offset = block.find(self._magic)
        while offset >= 0:
            yield offset
            offset = block.find(self._magic, offset + 1)

    def _is_start(self, position: int) -> bool:
        self.stream.seek(position)
        head = self.stream.read(4096)
        if not self._magic:
            return True
        try:
            return self._decompressor().decompress(head).startswith(b"WARC/")
        except (zlib.error, zstd.ZstdError, EOFError):
            return False


def _compression(stream: IO[bytes]) -> tuple[bytes, Any]:
    """Return (magic number of the members, dictionary of a .warc.zst): b"" for a file that is not compressed."""
    stream.seek(0)
    head = stream.read(8)
    if head.startswith(GZIP_MAGIC[:2]):
        return GZIP_MAGIC, None
    if head.startswith(ZSTD_DICTIONARY_MAGIC):
        content = stream.read(min(int.from_bytes(head[4:], "little"), CONTENT_BYTES))
        if content.startswith(ZSTD_MAGIC):
            content = zstd.decompress(content)
        return ZSTD_MAGIC, zstd.ZstdDict(content, is_raw=not content.startswith(ZSTD_TRAINED_MAGIC))
    return (ZSTD_MAGIC if head.startswith(ZSTD_MAGIC) else b""), None


def _blank_length(stream: IO[bytes], position: int) -> int:
    """Return how many line ends stand at `position`: the standard has two after a record, files have none to three."""
    stream.seek(position)
    gap = stream.read(RECORD_GAP)
    return len(gap) - len(gap.lstrip(b"\r\n"))


def _http_message(raw: Any, content: bytes) -> tuple[StatusAndHeaders | None, bytes]:
    """Return the HTTP head and what follows it; (None, content) for what is not HTTP."""
    if raw.rec_type not in ("request", "response", "revisit") or not content:
        return None, content
    if raw.rec_type != "request" and not content.startswith(b"HTTP/"):
        return None, content
    stream = io.BytesIO(content)
    try:
        head = StatusAndHeadersParser(["HTTP/"], verify=False).parse(stream)
    except (EOFError, StatusAndHeadersParserException, ValueError):
        return None, content
    return head, stream.read()
