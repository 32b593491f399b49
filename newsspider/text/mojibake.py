"""Mojibake: text that was decoded with the wrong encoding."""

from __future__ import annotations

import re
from typing import Final

SAMPLE_CHARACTERS: Final = 20_000
# U+FFFD, and what GBK makes of it or of uninitialised memory
REPLACED: Final = re.compile("\ufffd|锟斤拷|锟斤|烫烫烫|屯屯屯")
# two accented letters or signs in a row: what Latin-1 or Windows-1252 makes of a Chinese character in GBK or UTF-8
_LATIN_PAIR: Final = re.compile(r"[\u00a1-\u00ff\u0152\u0153\u0160\u0161\u017e\u2020-\u2022\u2030\u20ac\u2122]{2}")
# UTF-8 as Latin-1, Windows-1252 or GBK shows it
_UTF8_AS_LATIN: Final = re.compile("[ÃÂäåæçèé][\x80-\xbf][\x80-\xbf]?|ï¿½")
_HAN: Final = re.compile(r"[\u3400-\u9fff]")


def is_mojibake(text: str) -> bool:
    """Return True if `text` was decoded wrongly: over 2% replaced, or mostly Latin pairs in place of Han."""
    sample = text[:SAMPLE_CHARACTERS]
    if not sample:
        return False
    if len(REPLACED.findall(sample)) * 50 > len(sample):
        return True
    pairs, han = latin_pairs_and_han(sample)
    return 8 * pairs > len(sample) and han < 2 * pairs


def mojibake_in(text: str) -> str | None:
    """Return the first sign of mojibake in `text`, however short; None if there is none."""
    found = REPLACED.search(text) or _UTF8_AS_LATIN.search(text)
    return found[0] if found else None


def latin_pairs_and_han(text: str) -> tuple[int, int]:
    """Return how many pairs of accented letters and how many Han characters `text` has."""
    return len(_LATIN_PAIR.findall(text)), len(_HAN.findall(text))
