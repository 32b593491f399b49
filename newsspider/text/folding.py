"""Folding for keys and hashes, squeezing for display, language."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

import xxhash
from opencc import OpenCC

ZERO_WIDTH: Final = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad\u180e\u2061\u2062\u2063\u2064"), None)
# Text that NFKC leaves as it is but for the wide forms, and that takes no part in composition: nearly all there is.
_PLAIN: Final = re.compile(
    "[\\x00-\\x7f°±×÷·\u2013\u2014‘’“”•…\u2190-\u2193\u2500-\u257f\u25a0-\u25cf★☆\u3000-\u3003\u3005-\u3011"
    "\u3014-\u301b\u3041-\u3096\u30a1-\u30fc\u4e00-\u9fa5\uff01-\uff5e]*"
)
_COMMON_WIDE: Final = tuple(zip("，：；！？（）％\u3000…", [*",:;!?()% ", "..."], strict=True))
_OTHER_WIDE: Final = re.compile("[\uff01-\uff5e]")
_NOT_WIDE: Final = re.compile("[^\uff01-\uff5e]*")
# OpenCC's phrases change these characters, which alone it leaves as they are: 答覆 is 答复, 覆盖 stays.
_IN_PHRASES: Final = "沈藉覆坏瞭哩甦衹"
MAX_REMEMBERED: Final = 120


@lru_cache(maxsize=1)
def _to_simplified() -> OpenCC:
    return OpenCC("t2s")


@lru_cache(maxsize=1)
def _may_change() -> re.Pattern[str]:
    """Return a pattern of the characters without which OpenCC gives a text back as it is: most texts have none."""
    known = [*map(chr, range(0x2E80, 0xA000)), *map(chr, range(0xF900, 0xFB00))]
    changed = zip(known, _to_simplified().convert("\n".join(known)).split("\n"), strict=True)
    traditional = "".join(before for before, after in changed if before != after)
    return re.compile(f"[{traditional}{_IN_PHRASES}\U00010000-\U0010ffff]")


def simplified(text: str) -> str:
    """Return `text` with Traditional characters as Simplified ones."""
    may_change = _may_change()
    if may_change.search(text) is None:
        return text
    convert = _to_simplified().convert
    return "\n".join([convert(line) if may_change.search(line) else line for line in text.split("\n")])


def fold(text: str) -> str:
    """Return `text` for keys and hashes only: one width, one script (繁 to 简), one case, no white space."""
    return _folded_title(text) if len(text) <= MAX_REMEMBERED else _folded(text)


def _folded(text: str) -> str:
    if not text.isascii():
        text = simplified(narrow(text))
    return "".join(text.casefold().split())


# A page's titles are compared again and again.
_folded_title: Final = lru_cache(maxsize=256)(_folded)


def narrow(text: str) -> str:
    """Return NFKC of `text` without zero-width characters; line by line where not all of it is plain."""
    if not _PLAIN.fullmatch(text):
        return "\n".join([_narrow_line(line) for line in text.split("\n")])
    for wide, plain in _COMMON_WIDE:
        text = text.replace(wide, plain)
    if _NOT_WIDE.fullmatch(text):  # takes half the time of the search
        return text
    return _OTHER_WIDE.sub(lambda found: chr(ord(found[0]) - 0xFEE0), text)


def _narrow_line(line: str) -> str:
    return narrow(line) if _PLAIN.fullmatch(line) else unicodedata.normalize("NFKC", line).translate(ZERO_WIDTH)


def squeeze(text: str) -> str:
    """Return `text` for display: every run of white space one space, zero-width characters out; width is kept."""
    if text.isprintable() and "  " not in text and text[:1] != " " and text[-1:] != " ":
        return text
    if not text.isascii():
        text = text.translate(ZERO_WIDTH)
    return " ".join(text.split())


def content_hash(title: str, text: str) -> str:
    """Return 32 hex digits over folded title and text: equal for copies that differ in width, script, case, space."""
    return xxhash.xxh3_128_hexdigest(f"{fold(title)}\n{fold(text)}".encode("utf-8", "surrogatepass"))
