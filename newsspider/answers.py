"""What came back: the time it was fetched, and what its bytes are, whatever the header says."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from scrapy.http import Response

from newsspider.pages.feed import is_feed

CLOCK_TOLERANCE = timedelta(hours=26)
RENDERED_HEADER = "X-Rendered-By"
_BINARY_MAGIC = (
    b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"%PDF", b"PK\x03\x04", b"\x7fELF", b"MZ\x90", b"Rar!", b"7z\xbc\xaf",
    b"\x00\x00\x00\x18ftyp", b"\x00\x00\x00\x20ftyp", b"OggS", b"ID3", b"RIFF", b"wOFF", b"wOF2", b"\xd0\xcf\x11\xe0",
)  # fmt: skip
_GZIP_MAGIC = b"\x1f\x8b"
_JSONP = re.compile(rb"\s*[\w$.\[\]]{1,80}\s*\(\s*[\[{]")
_JSON_START = re.compile(rb"\s*[\[{]\s*[\"\[{\]}\d\-tfn]")
_MARKUP = re.compile(rb"<\s*[a-zA-Z!?/]")
_CONTROLS = bytes(byte for byte in range(32) if not 9 <= byte <= 13 and byte != 27)
_SAMPLE = 4096
_CONTROL_SHARE = 0.1


def fetched_at(response: Response, *, is_replay: bool = False) -> datetime:
    """Return when the answer was sent: its Date header (aware UTC), or now where that is missing or plainly wrong.

    A recorded answer's Date is always right: replay must not depend on the day it is run.
    """
    now = datetime.now(UTC)
    raw = (response.headers.get("Date") or b"").decode("latin-1")
    try:
        moment = parsedate_to_datetime(raw)
    except (ValueError, TypeError):
        return now.replace(microsecond=0)
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    if not is_replay and abs(moment - now) > CLOCK_TOLERANCE:
        return now.replace(microsecond=0)
    return moment.astimezone(UTC)


def validators(response: Response) -> dict[str, str]:
    """Return etag and last_modified, those that the answer has."""
    found = {"etag": response.headers.get("ETag"), "last_modified": response.headers.get("Last-Modified")}
    return {name: value.decode("latin-1") for name, value in found.items() if value}


def content_type(response: Response) -> str | None:
    """Return the Content-Type header as text."""
    raw = response.headers.get("Content-Type")
    return raw.decode("latin-1") if raw else None


def is_rendered(response: Response) -> bool:
    """Return whether a browser ran the page's scripts, in this crawl or when the page was recorded."""
    return RENDERED_HEADER in response.headers


def recognised(response: Response) -> str:
    """Return what the body is: html, feed, fragment (JSON or JSONP), empty, or binary; by its bytes, not its label."""
    body = response.body
    start = body[:_SAMPLE].lstrip(b"\xef\xbb\xbf \t\r\n\x00")
    if not start:
        return "empty"
    if body.startswith(_GZIP_MAGIC) or is_feed(body, content_type(response) or ""):
        return "feed"
    if body.startswith(_BINARY_MAGIC) or _is_binary(body[:_SAMPLE]):
        return "binary"
    if _JSON_START.match(start) or _JSONP.match(start):
        return "fragment"
    if (content_type(response) or "").startswith("text/plain") and start.startswith((b"http://", b"https://")):
        return "feed"
    return "html"


def _is_binary(sample: bytes) -> bool:
    """Return whether the bytes are no text: many control characters and no markup, or none of UTF-16's regularity."""
    if sample[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return False
    controls = len(sample) - len(sample.translate(None, _CONTROLS))
    return controls > _CONTROL_SHARE * len(sample) and (_MARKUP.search(sample) is None or controls > len(sample) / 3)
