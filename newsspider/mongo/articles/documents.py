"""Conversion between the item and its document, and checks for articles that can never be stored."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from dataclasses import asdict, fields
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any

import bson
import xxhash
from bson.binary import Binary
from bson.errors import InvalidBSON, InvalidDocument

from newsspider.errors import NewsspiderError
from newsspider.items import Article, Image, RelatedBlock, RelatedLink, Removed
from newsspider.mongo.server.types import Document

MAX_DOCUMENT_BYTES = 16 * 1024 * 1024
# a new version is written together with the diff to the one before
MAX_ARTICLE_BYTES = MAX_DOCUMENT_BYTES - 2 * 1024 * 1024
MAX_PARTS = 5000
MAX_PAYLOAD_BYTES = 12 * 1024 * 1024
MAX_KEY_BYTES = 1000
MAX_NESTING = 20
ENCODING_ERRORS = (InvalidDocument, InvalidBSON, OverflowError, ValueError, TypeError, RecursionError)

PARTS: dict[str, type[Any]] = {
    "images": Image,
    "related": RelatedLink,
    "related_blocks": RelatedBlock,
    "removed": Removed,
}
FLAT_FIELDS = tuple(f.name for f in fields(Article) if f.name not in PARTS and f.name != "alias_of")
PART_FIELDS = {name: tuple(f.name for f in fields(part)) for name, part in PARTS.items()}
_flat_values = attrgetter(*FLAT_FIELDS)
_PART_VALUES = {name: attrgetter(*names) for name, names in PART_FIELDS.items()}
ALL_FIELDS = frozenset(f.name for f in fields(Article))

# fields that may change without a new revision
DETAILS = (
    *("url", "source_url", "source_trailer", "authors", "editor", "images", "tags", "section", "language"),
    *("related", "related_blocks", "pages", "kind", "kind_reasons", "methods", "confidence", "removed"),
)


class UnstorableArticleError(NewsspiderError, ValueError):
    """An article that MongoDB can never take: too large, or with a name or value that BSON does not allow."""


def document_of(article: Article) -> Document:
    """Return the document of `article`: like `Article.to_document`, without deep copies."""
    document = dict(zip(FLAT_FIELDS, _flat_values(article), strict=True))
    for name, part_fields in PART_FIELDS.items():
        values_of = _PART_VALUES[name]
        document[name] = [dict(zip(part_fields, values_of(part), strict=True)) for part in getattr(article, name)]
    return document


def kept_at(article: Article) -> datetime | None:
    """Return the fetch time that the answers of `article` are kept under, None where they are not kept."""
    pages = article.visit.pages if article.visit is not None else ()
    return to_milliseconds(pages[0].fetched_at) if pages else None


def article_of(document: Mapping[str, Any]) -> Article:
    """Return the item that `document` was made from; fields the item does not have are left out.

    Raises TypeError where a field that every article has is missing.
    """
    values = {name: value for name, value in document.items() if name in ALL_FIELDS}
    for name, part in PARTS.items():
        known = set(PART_FIELDS[name])
        rows = values.get(name) or []
        values[name] = [part(**{key: value for key, value in row.items() if key in known}) for row in rows]
    return Article(**values)


def check_parts(article: Article) -> None:
    """Raise UnstorableArticleError for too many images, links or removed lines, or for names that MongoDB misreads."""
    for name in PARTS:
        count = len(getattr(article, name))
        if count > MAX_PARTS:
            raise UnstorableArticleError(f"too many: {count:,} {name}, at most {MAX_PARTS:,} are stored")
    for name in ("methods", "fingerprint"):
        _check_names(getattr(article, name), name)


def encoded(article: Article, document: Document) -> bytes:
    """Return `document` as BSON; UnstorableArticleError says why it cannot be."""
    if len(article._id.encode("utf-8", "replace")) > MAX_KEY_BYTES:
        raise UnstorableArticleError(f"the article key is longer than {MAX_KEY_BYTES} bytes")
    try:
        data = bson.encode(document)
    except ENCODING_ERRORS as error:
        raise UnstorableArticleError(f"not BSON: {' '.join(str(error).split())[:200]}") from error
    if len(data) > MAX_ARTICLE_BYTES:
        raise UnstorableArticleError(f"too large: {len(data):,} bytes, at most {MAX_ARTICLE_BYTES:,} are stored")
    return data


def details_hash(document: Mapping[str, Any]) -> str:
    """Return a hash of the fields that may change without a revision, so that unchanged ones are not rewritten."""
    part = {name: document[name] for name in DETAILS}
    return str(xxhash.xxh3_64_hexdigest(bson.encode(part)))


def quarantined(article: Article, reason: str, at: datetime) -> Document:
    """Return the quarantine document of `article`: the reason and, as far as it fits, the whole article.

    `payload` is the article as zlib-compressed JSON; `payload_is_whole` is False where it had to be cut.
    """
    head = Article(
        storable(article._id), storable(article.url), article.site, article.title, "", "", article.fetched_at
    )
    payload, is_whole = _payload(article)
    identity = f"{head._id}\n{article.content_hash}\n{reason}".encode("utf-8", "replace")
    return {
        "_id": xxhash.xxh3_128_hexdigest(identity),
        "article_id": head._id[:MAX_KEY_BYTES],
        "url": head.url[:4000],
        "site": storable(str(article.site))[:300],
        "title": storable(str(article.title))[:1000],
        "reason": storable(reason)[:2000],
        "at": at,
        "payload": Binary(payload),
        "payload_is_whole": is_whole,
    }


def quarantined_json(document: Mapping[str, Any]) -> str:
    """Return the JSON text kept in a quarantine document; cut off where `payload_is_whole` is False."""
    return zlib.decompressobj().decompress(document["payload"]).decode("utf-8", "replace")


def short_id(key: str) -> str:
    """Return 16 hex digits that stand for an article's id; its first ones are enough to name it."""
    return str(xxhash.xxh3_64_hexdigest(key.encode("utf-8", "surrogatepass")))


def to_milliseconds(moment: datetime) -> datetime:
    """Return `moment` in UTC as MongoDB keeps it, in whole milliseconds; a naive one is taken as UTC."""
    aware = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    return aware.replace(microsecond=aware.microsecond // 1000 * 1000)


def _payload(article: Article) -> tuple[bytes, bool]:
    parts = {name: getattr(article, name) for name in PARTS}
    is_whole = all(len(part) <= MAX_PARTS for part in parts.values())
    values = {name: getattr(article, name) for name in FLAT_FIELDS}
    values |= {name: [asdict(row) for row in rows[:MAX_PARTS]] for name, rows in parts.items()}
    values["alias_of"] = article.alias_of
    try:
        text = json.dumps(values, ensure_ascii=False, default=str)
    except (ValueError, TypeError, RecursionError):
        text, is_whole = repr(article.title), False
    data = zlib.compress(text.encode("utf-8", "replace"), 6)
    return data[:MAX_PAYLOAD_BYTES], is_whole and len(data) <= MAX_PAYLOAD_BYTES


def _check_names(value: object, path: str, depth: int = 0) -> None:
    """Refuse a name in a free-form field that MongoDB could read as an operator or a path."""
    if depth > MAX_NESTING:
        raise UnstorableArticleError(f"{path[:100]}: nested too deep")
    if isinstance(value, Mapping):
        for name, inner in value.items():
            if not isinstance(name, str) or not name or name.startswith("$") or "." in name or "\0" in name:
                raise UnstorableArticleError(f"a field name that cannot be stored in {path[:100]}: {name!r:.100}")
            _check_names(inner, f"{path}.{name}", depth + 1)
    elif isinstance(value, list | tuple):
        for inner in value:
            _check_names(inner, path, depth + 1)


def storable(text: str) -> str:
    """Return `text` without lone surrogates and NUL, which BSON does not allow."""
    return text.encode("utf-8", "replace").decode("utf-8").replace("\0", "\\0")
