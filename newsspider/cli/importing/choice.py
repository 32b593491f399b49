"""Which records an import takes: those of some sites, those in Chinese."""

from __future__ import annotations

import csv
import gzip
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import xxhash

from newsspider.cli.sites.values import site_of
from newsspider.items import Article
from newsspider.messages import _
from newsspider.mongo.archive import ArchiveError
from newsspider.urls import registered_domain

LANGUAGES: Final = ("zh",)
# with fewer Chinese characters, markup and navigation included, a page holds no Chinese article
LEAST_HAN: Final = 20
# bytes of a page in which characters are counted
LOOKED_AT: Final = 1 << 20
_CHARSET: Final = re.compile(rb"charset\s*=\s*[\"']?\s*(?:gb|big5|hz-|euc-tw|x-gbk|utf-?16)", re.I)
# Chinese characters as UTF-8, as numeric references, and as escapes in a script
_HAN: Final = re.compile(
    rb"[\xe4-\xe9][\x80-\xbf]{2}|&#(?:[23]\d{4}|x[4-9][0-9a-f]{3});|\\u[4-9][0-9a-f]{3}(?![0-9a-f])", re.I
)
_KANA: Final = re.compile(rb"\xe3[\x81-\x83][\x80-\xbf]|\\u30[4-9a-f][0-9a-f]|&#1(?:23|24)\d\d;", re.I)
_HANGUL: Final = re.compile(rb"[\xea-\xed][\x80-\xbf]{2}|\\u[a-d][0-9a-f]{3}", re.I)
# two bytes of GBK or Big5 that stand for a usual character, where nothing says which encoding it is
_DOUBLE_BYTES: Final = re.compile(rb"(?:[\xa4-\xf7][\x40-\x7e\xa1-\xfe]){2}")


@dataclass(slots=True, frozen=True)
class RecordChoice:
    """The records that are taken; `language` is "zh" or None, `sites` are registered domains, None for all."""

    language: str | None = None
    sites: frozenset[str] | None = None

    @property
    def name(self) -> str:
        """A word that is the same for equal choices; "" where all records are taken."""
        sites = xxhash.xxh3_64_hexdigest(" ".join(sorted(self.sites)).encode()) if self.sites is not None else ""
        return " ".join(filter(None, (self.language, sites)))

    def page_refusal(self, url: str, body: bytes) -> str | None:
        """Return why a page is left out before it is read: "sites" or "language"; None if it may be one to take."""
        if self.sites is not None and registered_domain(url) not in self.sites:
            return "sites"
        return "language" if self.language and not may_be_chinese(body) else None

    def article_refusal(self, article: Article) -> str | None:
        """Return why an article is left out: "sites" or "language"; None if it is taken."""
        if self.sites is not None and registered_domain(article.url) not in self.sites:
            return "sites"
        is_other = self.language is not None and not (article.language or "").startswith(self.language)
        return "language" if is_other else None


def may_be_chinese(body: bytes) -> bool:
    """Return False for a page that holds no Chinese article, by its bytes alone.

    True in doubt: an article is told for sure by the language of its text. Japanese pages are known by their kana,
    Korean ones by their syllables.
    """
    looked_at = body[:LOOKED_AT]
    if looked_at.isascii() and b"&#" not in looked_at and b"\\u" not in looked_at:
        return b"~{" in looked_at  # HZ, a Chinese encoding in ASCII
    if _CHARSET.search(looked_at[:4096]) or looked_at[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return True
    han = _count(_HAN, looked_at)
    if han >= LEAST_HAN:
        return _count(_KANA, looked_at) <= han / 2 and _count(_HANGUL, looked_at) <= han
    return not _is_utf8(looked_at) and _count(_DOUBLE_BYTES, looked_at) >= LEAST_HAN / 2


def _count(pattern: re.Pattern[bytes], body: bytes) -> int:
    return sum(1 for _ in pattern.finditer(body))


def _is_utf8(body: bytes) -> bool:
    """Return True if hardly any of the bytes break the rules of UTF-8."""
    text = body.decode("utf-8", "replace")
    return text.count("\ufffd") * 50 <= len(body) - len(text) + 50


def read_list(name: str) -> list[str]:
    """Return the files that a list names, a line each (also .gz); relative ones are looked for beside the list as well.

    Raises ArchiveError where the list cannot be read or is empty.
    """
    folder = Path(name).parent
    found = [line for line in _lines(name) if not line.startswith("#")]
    if not found:
        raise ArchiveError(_("{name} names no files").format(name=name))
    return [str(folder / line) if not Path(line).exists() and (folder / line).exists() else line for line in found]


def read_sites(name: str) -> frozenset[str]:
    """Return the registered domains in a file: a domain, host or URL per line, or a .csv with a column site or url.

    Raises ArchiveError where it cannot be read, or a line is none.
    """
    sites = set()
    for number, line in enumerate(_site_cells(name), 1):
        try:
            sites.add(site_of(line))
        except ValueError as error:
            raise ArchiveError(
                _("{name}, line {number}: {error}").format(name=name, number=number, error=error)
            ) from None
    if not sites:
        raise ArchiveError(_("{name} names no sites").format(name=name))
    return frozenset(sites)


def _site_cells(name: str) -> Iterator[str]:
    lines = list(_lines(name))
    if not name.endswith(".csv"):
        yield from (line for line in lines if not line.startswith("#"))
        return
    rows = csv.DictReader(lines)
    column = next((column for column in ("site", "url", "domain") if column in (rows.fieldnames or ())), None)
    if column is None:
        raise ArchiveError(_("{name} has no column site, url or domain").format(name=name))
    yield from (row[column] for row in rows if row[column])


def _lines(name: str) -> Iterator[str]:
    try:
        with (
            gzip.open(name, "rt", encoding="utf-8-sig") if name.endswith(".gz") else open(name, encoding="utf-8-sig")
        ) as lines:
            yield from (line.strip() for line in lines if line.strip())
    except (OSError, UnicodeDecodeError, EOFError) as error:
        raise ArchiveError(_("cannot read {name}: {error}").format(name=name, error=error)) from None
