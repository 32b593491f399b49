"""Recorded responses, and the fixture folder they are stored in.

A case is a folder `<root>/<case>/` with the decoded body (`page.html`, `page.json`, `page.xml`, `page.txt`, `page.bin`)
and `meta.json`: url, status, headers (lower-case names), fetched_at (ISO 8601, UTC), body (the file's name); for a
request that is not a plain GET also method and request_body, for a download that failed an `error` in place of a body.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

from w3lib.url import canonicalize_url

from newsspider.errors import NewsspiderError

META_NAME = "meta.json"
UNSAFE_IN_CASE = re.compile(r"[^a-z0-9]+")
CASE_LENGTH = 80
BODY_SUFFIXES = (
    ("html", ".html"),
    ("json", ".json"),
    ("javascript", ".txt"),
    ("xml", ".xml"),
    ("text/", ".txt"),
)
# What describes the transfer and not the page, and what could carry a session away.
DROPPED_HEADERS = frozenset(
    {"content-encoding", "transfer-encoding", "content-length", "connection", "set-cookie", "set-cookie2"}
)


class RecordingError(NewsspiderError):
    """A recording that cannot be read or written; the message is one line for the user."""


@dataclass(slots=True)
class RecordedResponse:
    """One answer; `body` is free of content-encoding, `error` is (exception name, message) of a failed download."""

    url: str
    status: int
    headers: list[tuple[str, str]]
    body: bytes
    fetched_at: datetime
    method: str = "GET"
    request_body: bytes = b""
    error: tuple[str, str] | None = None

    @property
    def key(self) -> str:
        return request_key(self.method, self.url, self.request_body)


class Recording(Protocol):
    """The interface of a recording; `problems` has one line for each part that cannot be read."""

    problems: list[str]

    def find(self, key: str) -> RecordedResponse | None: ...

    def store(self, response: RecordedResponse) -> object: ...

    def responses(self) -> Iterator[RecordedResponse]: ...

    def close(self) -> None: ...


def request_key(method: str, url: str, body: bytes = b"") -> str:
    """Return what makes two requests one: method, URL without fragment and order of arguments, body; no headers."""
    digest = hashlib.sha1(f"{method.upper()} {canonicalize_url(url)}\n".encode(), usedforsecurity=False)
    digest.update(body)
    return digest.hexdigest()


def case_name(url: str) -> str:
    """Return a readable folder name for `url`: letters, digits and hyphens of path and query, never empty."""
    parts = urlsplit(url)
    path = unquote(f"{parts.path}?{parts.query}" if parts.query else parts.path).lower()
    slug = UNSAFE_IN_CASE.sub("-", path).strip("-")[:CASE_LENGTH].strip("-")
    return slug or "index"


def body_name(headers: list[tuple[str, str]], body: bytes, url: str) -> str:
    """Return the file name of a body, from its declared type; an empty body and a robots.txt are text."""
    content_type = next((value.lower() for name, value in headers if name.lower() == "content-type"), "")
    if not body or urlsplit(url).path == "/robots.txt":
        return "page.txt"
    for marker, suffix in BODY_SUFFIXES:
        if marker in content_type:
            return "page" + suffix
    return "page.bin" if content_type else "page.html"


def kept_headers(headers: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return `headers` in lower case, without transfer details, cookies and the date (which is `fetched_at`)."""
    lowered = [(name.lower(), value) for name, value in headers]
    return [(name, value) for name, value in lowered if name not in DROPPED_HEADERS and name != "date"]


@dataclass
class FixtureFolder:
    """A folder of cases, one level deep or more; the index of it is read once, bodies when they are asked for."""

    root: Path
    problems: list[str] = field(default_factory=list)
    _cases: dict[str, Path] = field(default_factory=dict)

    @classmethod
    def open(cls, root: Path, *, writable: bool, is_scanned: bool = True) -> FixtureFolder:
        """Read the index. Raises RecordingError where `root` is not a folder, or cannot be written to and should be."""
        if writable:
            _check_writable(root)
        elif not root.is_dir():
            raise RecordingError(f"no such recording: {root} (a folder of fixtures, or a .warc or .warc.gz file)")
        folder = cls(root)
        for meta_path in sorted(root.rglob(META_NAME)) if is_scanned else ():
            folder._read_index_entry(meta_path)
        return folder

    def _read_index_entry(self, meta_path: Path) -> None:
        try:
            meta = _read_meta(meta_path)
        except RecordingError as error:
            self.problems.append(str(error))
            return
        request_body = meta.get("request_body", "").encode()
        self._cases.setdefault(request_key(meta.get("method", "GET"), meta["url"], request_body), meta_path.parent)

    def __len__(self) -> int:
        return len(self._cases)

    def find(self, key: str) -> RecordedResponse | None:
        """Return the answer recorded under `key`. Raises RecordingError where its files cannot be read."""
        case = self._cases.get(key)
        return read_case(case) if case else None

    def responses(self) -> Iterator[RecordedResponse]:
        for case in self._cases.values():
            yield read_case(case)

    def cases(self) -> dict[str, Path]:
        """Return case folders by request key."""
        return dict(self._cases)

    def store(self, response: RecordedResponse) -> Path:
        """Write a case, over an earlier one of the same request; return its folder."""
        key = response.key
        case = self._cases.get(key) or self._free_case(response.url, key)
        try:
            _write_case(case, response)
        except OSError as error:
            raise RecordingError(f"cannot write {case}: {error.strerror or error}") from error
        self._cases[key] = case
        return case

    def _free_case(self, url: str, key: str) -> Path:
        case = self.root / case_name(url)
        return case if not case.exists() else self.root / f"{case.name}-{key[:8]}"

    def close(self) -> None:
        """Nothing is held open."""


def read_case(case: Path) -> RecordedResponse:
    """Return the answer kept in the folder `case`. Raises RecordingError, naming the file, where it is damaged."""
    meta = _read_meta(case / META_NAME)
    headers = [(name, value) for name, values in meta["headers"].items() for value in _as_list(values)]
    error = meta.get("error")
    return RecordedResponse(
        url=meta["url"],
        status=meta["status"],
        headers=headers,
        body=b"" if error else _read_body(case, meta["body"]),
        fetched_at=meta["fetched_at"],
        method=meta.get("method", "GET"),
        request_body=meta.get("request_body", "").encode(),
        error=(error["type"], error["message"]) if error else None,
    )


def _as_list(values: str | list[str]) -> list[str]:
    return [values] if isinstance(values, str) else values


def _read_body(case: Path, name: str) -> bytes:
    if Path(name).name != name:
        raise RecordingError(f"corrupt fixture {case / META_NAME}: body {name!r} is not a plain file name")
    try:
        return (case / name).read_bytes()
    except OSError as error:
        raise RecordingError(f"corrupt fixture {case / META_NAME}: cannot read {name}: {error.strerror}") from error


def _read_meta(path: Path) -> dict[str, Any]:
    """Return meta.json with `fetched_at` as an aware datetime."""
    try:
        meta: dict[str, Any] = json.loads(path.read_text("utf-8"))
        meta["fetched_at"] = datetime.fromisoformat(meta["fetched_at"])
        if meta["fetched_at"].tzinfo is None:
            raise ValueError("fetched_at has no time zone")
        if not isinstance(meta["url"], str) or not isinstance(meta["headers"], dict):
            raise ValueError("url must be a string and headers an object")
        if "error" not in meta and not (isinstance(meta["status"], int) and isinstance(meta["body"], str)):
            raise ValueError("status must be a number and body a file name")
        meta.setdefault("status", 0)
    except OSError as error:
        raise RecordingError(f"cannot read {path}: {error.strerror}") from error
    except (KeyError, TypeError, ValueError) as error:
        what = f"{error} is missing" if isinstance(error, KeyError) else str(error)
        raise RecordingError(f"corrupt fixture {path}: {what}") from error
    return meta


def _check_writable(root: Path) -> None:
    """Make `root`. Raises RecordingError where nothing can be written there."""
    try:
        root.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RecordingError(f"cannot record to {root}: {error.strerror}") from error
    if not os.access(root, os.W_OK | os.X_OK):
        raise RecordingError(f"cannot record to {root}: the folder is not writable")


def _write_case(case: Path, response: RecordedResponse) -> None:
    case.mkdir(parents=True, exist_ok=True)
    name = body_name(response.headers, response.body, response.url)
    for stale in case.glob("page.*"):
        if stale.name != name:
            stale.unlink()
    if response.error is None:
        (case / name).write_bytes(response.body)
    meta_path = case / META_NAME
    unfinished = meta_path.with_suffix(".tmp")
    unfinished.write_bytes(_meta_bytes(response, name))
    unfinished.replace(meta_path)


def _meta_bytes(response: RecordedResponse, name: str) -> bytes:
    grouped: dict[str, str | list[str]] = {}
    for header, value in kept_headers(response.headers):
        grouped[header] = value if header not in grouped else [*_as_list(grouped[header]), value]
    meta: dict[str, Any] = {"url": response.url}
    if response.method != "GET" or response.request_body:
        meta |= {"method": response.method, "request_body": response.request_body.decode()}
    if response.error:
        meta |= {"headers": {}, "error": dict(zip(("type", "message"), response.error, strict=True))}
    else:
        meta |= {"status": response.status, "headers": grouped}
    meta["fetched_at"] = response.fetched_at.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if response.error is None:
        meta["body"] = name
    return json.dumps(meta, ensure_ascii=False, indent=2).encode() + b"\n"
