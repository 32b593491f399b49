"""Regular expressions that find words and phrases in text as it is stored: in either script, width and case."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from newsspider.mongo.word_pattern import word_pattern
from newsspider.search.units import BREAK, IDEOGRAPH, WORD_CHARACTER

# whatever is not surely a unit of its own may stand between two units
_BETWEEN: Final = "[^0-9A-Za-z\u4e00-\u9fff]*"
_IDEOGRAPH: Final = re.compile(IDEOGRAPH)


def loose_pattern(units: Sequence[str]) -> str:
    """Return a pattern, to be used ignoring case, that finds at least every text that has `units` in a row.

    Both Python and MongoDB read it. It may find more: parts of words, and words with a clause's end between them.
    """
    return _BETWEEN.join(word_pattern(unit) for unit in units if unit != BREAK)


def value_pattern(folded: str) -> str:
    """Return such a pattern for a part of a field's value; `folded` is without white space."""
    return r"\s*".join(word_pattern(character) for character in folded)


@lru_cache(maxsize=1_000)
def marking_pattern(units: tuple[str, ...]) -> re.Pattern[str]:
    """Return the pattern for marking `units` in a text: words are whole there."""
    before = "" if _IDEOGRAPH.match(units[0]) else f"(?<!{WORD_CHARACTER})"
    behind = "" if _IDEOGRAPH.match(units[-1]) else f"(?!{WORD_CHARACTER})"
    return re.compile(f"{before}{loose_pattern(units)}{behind}", re.I)
