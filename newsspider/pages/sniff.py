"""The type of a body, determined from its bytes."""

from __future__ import annotations

import re

from newsspider.pages.feed import is_feed

_BINARY_MAGIC = (
    b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"%PDF", b"PK\x03\x04", b"\x7fELF", b"MZ\x90", b"Rar!", b"7z\xbc\xaf",
    b"\x00\x00\x00\x18ftyp", b"\x00\x00\x00\x20ftyp", b"OggS", b"ID3", b"RIFF", b"wOFF", b"wOF2", b"\xd0\xcf\x11\xe0",
)  # fmt: skip
GZIP_MAGIC = b"\x1f\x8b"
_JSONP = re.compile(rb"\s*[\w$.\[\]]{1,80}\s*\(\s*[\[{]")
_JSON_START = re.compile(rb"\s*[\[{]\s*[\"\[{\]}\d\-tfn]")
_MARKUP = re.compile(rb"<\s*[a-zA-Z!?/]")
_CONTROLS = bytes(byte for byte in range(32) if not 9 <= byte <= 13 and byte != 27)
_SAMPLE = 4096
_CONTROL_SHARE = 0.1


def body_type(body: bytes, content_type: str | None) -> str:
    """Return what the body is: html, feed, fragment (JSON or JSONP), empty, or binary; by its bytes, not its label."""
    start = body[:_SAMPLE].lstrip(b"\xef\xbb\xbf \t\r\n\x00")
    if not start:
        return "empty"
    if body.startswith(GZIP_MAGIC) or is_feed(body, content_type or ""):
        return "feed"
    if is_binary(body):
        return "binary"
    if _JSON_START.match(start) or _JSONP.match(start):
        return "fragment"
    if (content_type or "").startswith("text/plain") and start.startswith((b"http://", b"https://")):
        return "feed"
    return "html"


def is_file(body: bytes) -> bool:
    """Return True if the body begins like a known file format: a picture, a PDF, an archive."""
    return body.startswith(_BINARY_MAGIC)


def is_binary(body: bytes) -> bool:
    """Return True if the body is not text: it begins like a known file format or has too many control characters.

    Text in UTF-16 has a byte order mark, or markup and a control character in at most every third byte.
    """
    sample = body[:_SAMPLE]
    if body.startswith(_BINARY_MAGIC) or sample[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return body.startswith(_BINARY_MAGIC)
    controls = len(sample) - len(sample.translate(None, _CONTROLS))
    return controls > _CONTROL_SHARE * len(sample) and (_MARKUP.search(sample) is None or controls > len(sample) / 3)
