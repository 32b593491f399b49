"""Labelled pages: corpora (gold.jsonl, listings.jsonl and html/) and recorded pages with an expected.json."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from newsspider.cli.extraction import read_page, stated_url
from newsspider.cli.goldens import cases, expected
from newsspider.pages.document import Document
from newsspider.urls import registered_domain

GOLD, LISTINGS, HTML = "gold.jsonl", "listings.jsonl", "html"
FETCHED_AT = datetime(2026, 11, 1, tzinfo=UTC)
UNKNOWN_URL = "https://file.invalid/page.html"
_HOST = re.compile(rb"(?:href|src)\s*=\s*[\"']?(https?://[^/\"'\s>]{3,80})", re.IGNORECASE)


class CorpusError(ValueError):
    """A folder that holds no labelled pages; the message is one line."""


@dataclass(slots=True)
class Page:
    """A labelled page. `corpus` is its set, `site` what leave-one-site-out leaves out, `kind` article or listing.

    `text` is None where the corpus does not say it. `gold` is the corpus's own row. `is_repeated`: another set has the
    same bytes, and it counts there.
    """

    key: str
    corpus: str
    site: str
    kind: str
    body: bytes
    url: str
    fetched_at: datetime
    text: str | None
    gold: dict[str, Any]
    content_type: str | None = None
    is_repeated: bool = False

    def document(self) -> Document:
        return Document.from_bytes(self.body, self.url, self.fetched_at, self.content_type)


def read_corpora(folders: list[Path]) -> list[Page]:
    """Return the pages of all folders, in their order. Raises CorpusError."""
    pages: list[Page] = []
    seen: set[str] = set()
    for folder in folders:
        found = list(_recorded(folder) if not (folder / GOLD).exists() else _corpus(folder))
        if not found:
            raise CorpusError(f"{folder}: neither {GOLD} with {HTML}/ nor recorded pages with expected.json")
        for page in found:
            page.is_repeated = page.key in seen
            seen.add(page.key)
        pages += found
    return pages


def _corpus(folder: Path) -> Iterator[Page]:
    for name in (GOLD, LISTINGS):
        path = folder / name
        for row in _rows(path) if path.exists() else ():
            saved = folder / HTML / f"{row['id']}.html"
            if not saved.is_file():
                raise CorpusError(f"{path}: no page {saved.name} in {HTML}/")
            kind = "listing" if name == LISTINGS else row["kind"]
            yield _page(folder.name, saved.read_bytes(), kind, row)


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        if line.strip():
            try:
                yield json.loads(line)
            except ValueError as error:
                raise CorpusError(f"{path}:{number}: {error}") from None


def _page(corpus: str, body: bytes, kind: str, row: dict[str, Any]) -> Page:
    url = row.get("url") or stated_url(body) or UNKNOWN_URL
    fetched = datetime.fromisoformat(row["fetched"]).replace(tzinfo=UTC) if row.get("fetched") else FETCHED_AT
    return Page(key_of(body), corpus, site_of(row, body), kind, body, url, fetched, row.get("content"), row)


def _recorded(folder: Path) -> Iterator[Page]:
    for case in cases(folder):
        saved, gold = read_page(case), expected(case)
        content_type = next((value for name, value in saved.headers if name.lower() == "content-type"), None)
        yield Page(
            *(key_of(saved.body), folder.name, _stem(registered_domain(saved.url)), gold.get("kind", "article")),
            *(saved.body, saved.url, saved.fetched_at, gold.get("text"), gold, content_type),
        )


def key_of(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()[:12]


def site_of(row: dict[str, Any], body: bytes) -> str:
    """Return what names a page's publisher: its site's domain without endings, else that of most of its links."""
    if url := row.get("url") or (row.get("site") and f"http://{row['site']}/") or stated_url(body):
        return _stem(registered_domain(url))
    hosts = Counter(registered_domain(found.decode("latin-1")) for found in _HOST.findall(body))
    return _stem(hosts.most_common(1)[0][0]) if hosts else str(row["id"])


def _stem(domain: str) -> str:
    """Return `sina` for sina.com.cn, sina.cn and sina.com.hk: one publisher, like layouts."""
    return domain.split(".")[0]
