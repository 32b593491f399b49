"""`scrapy articles find --person`: all that is stored of a person, and what was looked through."""

from __future__ import annotations

import re
import sys
import unicodedata
from functools import lru_cache
from typing import Final

from newsspider.cli.console import print_rows
from newsspider.messages import N_, _
from newsspider.mongo.archive import Archive
from newsspider.mongo.persons import ARTICLE_TEXTS, PersonSearch
from newsspider.text import fold, simplified

COLUMNS: Final = ("in", "field", "published (+08:00)", "title", "id")
NAMES: Final = {
    "articles": N_("articles"),
    "revisions": N_("earlier versions"),
    "quarantine": N_("documents in quarantine"),
}
# what may stand between two characters of a name: 王 明, 阿卜杜拉·买买提
BETWEEN: Final = "[\\s\u00a0\u3000·•‧・･.\u200b-\u200d]{0,3}"
SEPARATORS: Final = re.compile(BETWEEN.replace("{0,3}", "+"))


def find(archive: Archive, name: str, site: str | None) -> int:
    """Print what names the person, and on stderr what was looked through; return how many documents there were."""
    search = PersonSearch(archive.database, name_pattern(name), site)
    rows = [
        (
            mention.collection if mention.revision is None else f"{mention.collection} {mention.revision}",
            ", ".join(mention.fields),
            mention.published_at,
            mention.title,
            mention.article_id,
        )
        for mention in search.mentions()
    ]
    print_rows(COLUMNS, rows)
    counts = ", ".join(f"{search.looked_through.get(key, 0)} {_(words)}" for key, words in NAMES.items())
    where = _(" of {site}").format(site=site) if site else ""
    print(
        _("{count} found; looked through {counts}{where}: {fields}").format(
            count=len(rows), counts=counts, where=where, fields=", ".join(ARTICLE_TEXTS)
        ),
        file=sys.stderr,
    )
    print(
        _("not looked through: the spool, recordings, exports, backups, kept pages (they go with their article)"),
        file=sys.stderr,
    )
    return len(rows)


def name_pattern(name: str) -> str:
    """Return a regular expression for a name in any script (繁, 简), width and case, with spaces or points inside.

    The same in Python and in MongoDB (PCRE2). Raises ValueError for a name without letters.
    """
    characters = SEPARATORS.sub("", name.strip())
    if not characters or not any(character.isalnum() for character in characters):
        raise ValueError(_("{name!r} is not a name").format(name=name))
    return BETWEEN.join(_any_form(character) for character in characters)


def _any_form(character: str) -> str:
    forms = {character, *_same_characters().get(fold(character), ())}
    forms |= {form for form in (simplified(character), unicodedata.normalize("NFKC", character)) if len(form) == 1}
    if character.isascii() and character.isprintable() and character != " ":
        forms |= {chr(ord(form) + 0xFEE0) for form in (character.lower(), character.upper())}
    return "[" + "".join(re.escape(form) for form in sorted(forms)) + "]"


@lru_cache(maxsize=1)
def _same_characters() -> dict[str, list[str]]:
    """Return folded character -> the Chinese characters that fold to it."""
    known = [*map(chr, range(0x3400, 0xA000)), *map(chr, range(0xF900, 0xFB00))]
    found: dict[str, list[str]] = {}
    for character, folded in zip(known, simplified("\n".join(known)).split("\n"), strict=True):
        found.setdefault(unicodedata.normalize("NFKC", folded), []).append(character)
    return found
