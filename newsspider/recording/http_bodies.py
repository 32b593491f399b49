"""HTTP bodies as they were sent, to what they hold: chunks and content-encodings undone, as far as they are whole."""

from __future__ import annotations

import re
import sys
import zlib
from collections.abc import Callable, Mapping
from typing import Final

import brotli

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

MAX_BYTES: Final = 64 << 20
_CHUNK_SIZE: Final = re.compile(rb"[ \t]*([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\r\n]{0,4096})?\r?\n")
_ENCODED: Final = (zlib.error, brotli.error, zstd.ZstdError, EOFError, ValueError)


def decoded_body(body: bytes, headers: Mapping[str, str]) -> bytes:
    """Return `body` without chunks and compression; `headers` have lower-case names.

    A header that does not fit the bytes is not believed: many archives keep decoded bodies under the headers that were
    sent. Of a body that is cut short what can be read is returned, and at most 64 MiB in any case.
    """
    if "chunked" in headers.get("transfer-encoding", "").lower():
        body = _without_chunks(body)
    for name in reversed(headers.get("content-encoding", "").lower().split(",")):
        decode = _DECODERS.get(name.strip())
        if decode is not None:
            try:
                body = decode(body)
            except _ENCODED:
                return body
    return body


def _without_chunks(body: bytes) -> bytes:
    """Return the chunks joined; `body` itself where it does not begin with one."""
    pieces: list[bytes] = []
    position = 0
    while (found := _CHUNK_SIZE.match(body, position)) is not None:
        size = int(found[1], 16)
        if size == 0:
            break
        pieces.append(body[found.end() : found.end() + size])
        position = found.end() + size
        if position < len(body):
            line_end = 2 if body.startswith(b"\r\n", position) else 1
            if body[position : position + line_end] not in (b"\r\n", b"\n"):
                return body if len(pieces) == 1 else b"".join(pieces)
            position += line_end
    return b"".join(pieces) if pieces or found is not None else body


def _gunzip(body: bytes) -> bytes:
    return zlib.decompressobj(wbits=zlib.MAX_WBITS | 16).decompress(body, MAX_BYTES)


def _inflate(body: bytes) -> bytes:
    """Return what `deflate` holds: zlib by the standard, the bare stream as some servers send it."""
    try:
        return zlib.decompressobj().decompress(body, MAX_BYTES)
    except zlib.error:
        return zlib.decompressobj(wbits=-zlib.MAX_WBITS).decompress(body, MAX_BYTES)


def _unbrotli(body: bytes) -> bytes:
    decompressor = brotli.Decompressor()
    pieces = [decompressor.process(body, output_buffer_limit=MAX_BYTES)]
    while pieces[-1] and not decompressor.is_finished() and sum(map(len, pieces)) < MAX_BYTES:
        pieces.append(decompressor.process(b"", output_buffer_limit=MAX_BYTES))
    return b"".join(pieces)


def _unzstd(body: bytes) -> bytes:
    return zstd.ZstdDecompressor().decompress(body, MAX_BYTES)


_DECODERS: Final[dict[str, Callable[[bytes], bytes]]] = {
    "gzip": _gunzip,
    "x-gzip": _gunzip,
    "deflate": _inflate,
    "br": _unbrotli,
    "zstd": _unzstd,
}
