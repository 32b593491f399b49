"""CDXJ, the index of WARC files that other tools read: one line per record, sorted by the URL's SURT key and time.

https://specs.webrecorder.net/cdxj/0.1.0/: `<SURT key> <14 digits UTC> {"url": ..., "offset": ..., ...}`.
"""

from __future__ import annotations

import contextlib
import json
import mmap
import posixpath
import re
import string
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from urllib.parse import quote, urlsplit

# session ids that the Internet Archive's canonical form leaves out of a key
_SESSION: Final = re.compile(
    r"(?:jsessionid=[0-9a-z]{32}|phpsessid=[0-9a-z]{32}|sid=[0-9a-z]{32}|aspsessionid[a-z]{8}=[a-z]{24}"
    r"|cfid=[^&]+&cftoken=[^&]+)(?:&|\Z)"
)
_WWW: Final = re.compile(r"www\d*\.")
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}


def surt_key(url: str) -> str:
    """Return the sort-friendly key of a URL, `cn,example,news)/a?b=1`; a URN is its own key, in lower case."""
    parts = urlsplit(url.strip())
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname:
        return quote(url.strip(), safe=string.printable.strip()).lower()
    host = _WWW.sub("", parts.hostname, count=1) if _WWW.match(parts.hostname) else parts.hostname
    with contextlib.suppress(UnicodeError):  # no name that any resolver knows: as it stands
        host = host.encode("idna").decode()
    name = host if ":" in host else ",".join(reversed(host.split(".")))
    try:
        port = parts.port
    except ValueError:
        port = None
    named_port = f":{port}" if port and port != _DEFAULT_PORTS[parts.scheme] else ""
    path = posixpath.normpath(f"/{parts.path.lstrip('/')}").lower()
    query = "&".join(sorted(_SESSION.sub("", parts.query.lower()).strip("&").split("&")))
    key = f"{name}{named_port}){path}{'?' + query if query else ''}"
    return quote(key, safe=string.printable.strip()).lower()


@dataclass(frozen=True, slots=True)
class IndexEntry:
    """Where a record stands: `offset` and `length` in bytes of the compressed file `filename`."""

    url: str
    at: datetime
    mime: str
    status: str
    digest: str
    offset: int
    length: int
    filename: str

    def line(self) -> str:
        """Return the line of the index, without a line end; numbers are written as strings, as pywb has them."""
        values = {"url": self.url, "mime": self.mime, "status": self.status, "digest": self.digest}
        values |= {"length": str(self.length), "offset": str(self.offset), "filename": self.filename}
        moment = self.at.astimezone(UTC).strftime("%Y%m%d%H%M%S")
        return f"{surt_key(self.url)} {moment} {json.dumps({k: v for k, v in values.items() if v}, ensure_ascii=False)}"

    @classmethod
    def of(cls, line: str) -> IndexEntry | None:
        """Return the entry of a line, None for one that is not whole."""
        _, _, rest = line.partition(" ")
        moment, _, values = rest.partition(" ")
        try:
            found = json.loads(values)
            at = datetime.strptime(moment, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
            names = ("url", "filename", "offset", "length")
            url, filename, offset, length = (found[name] for name in names)
            mime, status, digest = (str(found.get(name, "")) for name in ("mime", "status", "digest"))
            return cls(str(url), at, mime, status, digest, int(offset), int(length), str(filename))
        except (ValueError, KeyError, TypeError):
            return None


def entries_with(path: Path, prefix: str) -> Iterator[IndexEntry]:
    """Yield the entries of a sorted index whose key begins with `prefix`, found by bisection."""
    wanted = prefix.encode()
    with path.open("rb") as stream:
        if not path.stat().st_size:
            return
        with mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
            position = _first_at_least(data, wanted)
            while position < len(data):
                end = data.find(b"\n", position)
                end = len(data) if end < 0 else end
                line = data[position:end]
                if not line.startswith(wanted):
                    return
                if entry := IndexEntry.of(line.decode("utf-8", "replace")):
                    yield entry
                position = end + 1


def _first_at_least(data: mmap.mmap, wanted: bytes) -> int:
    """Return where the first line begins that is not before `wanted`."""
    low, high = 0, len(data)
    while low < high:
        middle = (low + high) // 2
        start = data.rfind(b"\n", low, middle) + 1 or low
        end = data.find(b"\n", middle)
        end = len(data) if end < 0 else end
        if data[start:end] < wanted:
            low = end + 1
        else:
            high = start
    return low
