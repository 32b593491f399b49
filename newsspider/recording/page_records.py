"""Records of kept pages: WARC 1.1 (ISO 28500:2017), each compressed by itself, with their index entries."""

from __future__ import annotations

import base64
import hashlib
import json
import uuid
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import quote

from isal import isal_zlib

from newsspider import clock
from newsspider.items import FetchedPage
from newsspider.recording.cases import kept_headers
from newsspider.recording.cdxj import IndexEntry

ARTICLE_URN: Final = "urn:newsspider:article:"
REMOVED_URN: Final = "urn:newsspider:removed"
COMPOSITION_TYPE: Final = "application/json"
RESPONSE_TYPE: Final = "application/http; msgtype=response"
# as small as zlib's level 1, in a quarter of its time
LEVEL: Final = 2
GZIP: Final = 31
# RFC 1952: magic, method, flag FCOMMENT, no time, no extra flags, unknown system
_COMMENTED: Final = b"\x1f\x8b\x08\x10\0\0\0\0\0\xff"


@dataclass(frozen=True, slots=True)
class VisitedArticle:
    """An article and the answers that it was read from, its parts in order; `gap` says which part is missing."""

    id: str
    pages: tuple[FetchedPage, ...]
    rules_version: str | None = None
    gap: str | None = None


def article_urn(key: str) -> str:
    """Return the URI that an article's composition is kept under."""
    return ARTICLE_URN + quote(key, safe="/?:=&,;+@~!*'()$")


@dataclass(slots=True)
class RecordBlock:
    """Records on their way to the end of a file that has `size` bytes."""

    size: int
    filename: str
    parts: list[bytes] = field(default_factory=list)
    entries: list[IndexEntry] = field(default_factory=list)

    def add_article(self, article: VisitedArticle) -> None:
        pages = [self._add_page(page) for page in article.pages]
        described = {"article": article.id, "rules_version": article.rules_version, "gap": article.gap, "pages": pages}
        described["kept_at"] = clock.now().isoformat(timespec="microseconds")
        headers = {"WARC-Refers-To": str(pages[0]["record"])} if pages else {}
        at = article.pages[0].fetched_at if article.pages else clock.now()
        content = json.dumps(described, ensure_ascii=False).encode()
        self._add("metadata", article_urn(article.id), at, content, COMPOSITION_TYPE, "", content, headers)

    def _add_page(self, page: FetchedPage) -> dict[str, Any]:
        described: dict[str, Any] = self.add_response(page)
        described |= {"listed": page.listed, "unread": dict(page.unread), "filled": sorted(page.filled)}
        described["pieces"] = [
            self.add_response(piece.page)
            | {"name": piece.name, "attributes": dict(piece.attributes), "block": piece.block}
            for piece in page.pieces
        ]
        return described

    def add_response(self, page: FetchedPage) -> dict[str, Any]:
        """Add a response record; return where it stands."""
        kept = [*kept_headers(list(page.headers)), ("content-length", str(len(page.body)))]
        lines = [f"{name}: {value}".replace("\r", " ").replace("\n", " ") for name, value in kept]
        head = "\r\n".join([f"HTTP/1.1 {page.status} ", *lines, "", ""]).encode("utf-8", "replace")
        mime = next((value for name, value in kept if name == "content-type"), "").partition(";")[0].strip()
        content = head + page.body
        identity = self._add(
            "response", page.url, page.fetched_at, content, RESPONSE_TYPE, str(page.status), page.body, {}, mime
        )
        last = self.entries[-1]
        return {"record": identity, "url": page.url, "offset": last.offset, "length": last.length}

    def _add(
        self,
        kind: str,
        url: str,
        at: datetime,
        content: bytes,
        content_type: str,
        status: str,
        payload: bytes,
        headers: Mapping[str, str],
        mime: str | None = None,
    ) -> str:
        identity = f"<urn:uuid:{uuid.uuid4()}>"
        digest = f"sha1:{_base32(payload)}"
        fields = {
            "WARC-Type": kind,
            "WARC-Record-ID": identity,
            "WARC-Target-URI": url,
            "WARC-Date": _date(at),
            "WARC-Payload-Digest": digest,
            **headers,
            "Content-Type": content_type,
            "Content-Length": str(len(content)),
        }
        record = compressed(head_of(fields) + content + b"\r\n\r\n")
        offset = self.size + sum(map(len, self.parts))
        self.parts.append(record)
        self.entries.append(
            IndexEntry(url, at, mime or content_type, status, digest, offset, len(record), self.filename)
        )
        return identity


def warcinfo(filename: str) -> bytes:
    """Return the first record of a file."""
    content = b"software: newsspider\r\nformat: WARC File Format 1.1\r\n"
    fields = {
        "WARC-Type": "warcinfo",
        "WARC-Record-ID": f"<urn:uuid:{uuid.uuid4()}>",
        "WARC-Date": _date(clock.now()),
        "WARC-Filename": filename,
        "Content-Type": "application/warc-fields",
        "Content-Length": str(len(content)),
    }
    return compressed(head_of(fields) + content + b"\r\n\r\n")


def filler(length: int) -> bytes:
    """Return a record of `length` bytes that says that another one was removed; it takes that one's place in a file.

    The comment of its gzip header makes it as long as it has to be. Raises ValueError below some 250 bytes: no record
    that is written here is that short.
    """
    fields = {
        "WARC-Type": "metadata",
        "WARC-Record-ID": f"<urn:uuid:{uuid.uuid4()}>",
        "WARC-Target-URI": REMOVED_URN,
        "WARC-Date": _date(clock.now()),
        "Content-Type": "text/plain",
        "Content-Length": "0",
    }
    data = head_of(fields) + b"\r\n\r\n"
    compressor = zlib.compressobj(9, zlib.DEFLATED, -15)
    body = compressor.compress(data) + compressor.flush()
    ending = zlib.crc32(data).to_bytes(4, "little") + len(data).to_bytes(4, "little")
    room = length - len(_COMMENTED) - 1 - len(body) - len(ending)
    if room < 0:
        raise ValueError(f"a record of {length} bytes is too short to be replaced")
    return _COMMENTED + b"x" * room + b"\0" + body + ending


def _date(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def compressed(data: bytes) -> bytes:
    """Return `data` as one gzip member."""
    compressor = isal_zlib.compressobj(LEVEL, isal_zlib.DEFLATED, GZIP)
    return bytes(compressor.compress(data) + compressor.flush())


def head_of(fields: dict[str, str]) -> bytes:
    """Return the header of a record."""
    lines = [f"{name}: {value}".replace("\r", " ").replace("\n", " ") for name, value in fields.items()]
    return "\r\n".join(["WARC/1.1", *lines, "", ""]).encode("utf-8", "replace")


def _base32(data: bytes) -> str:
    return base64.b32encode(hashlib.sha1(data, usedforsecurity=False).digest()).decode()
