"""Units of text that a search compares: a character of Chinese, Japanese, Korean or Thai, or a word of other scripts.

Text is folded first (NFKC, case, Traditional to Simplified). White space, quotation marks, brackets, hyphens and middle
dots are not seen, so that 一带一路 is found in “一带”一路. Punctuation that separates clauses, and the end of a line,
is one unit of its own, BREAK: words on its two sides are not next to each other.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Sequence
from typing import Final

from newsspider.text.folding import narrow, simplified

BREAK: Final = "|"
# scripts without spaces between words: Thai, Lao, Burmese, Khmer, Hangul, kana, bopomofo, Han
_ONE_BY_ONE: Final = (
    "\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3031-\u3035"
    "\u3038-\u303c\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u4dbf\u4e00-\u9fff\ua960-\ua97f\uac00-\ud7ff"
    "\uf900-\ufaff\U00020000-\U0003ffff"
)
IDEOGRAPH: Final = f"[{_ONE_BY_ONE}]"
WORD_CHARACTER: Final = rf"[^\W_{_ONE_BY_ONE}]"
_BREAKS: Final = re.compile(r"(?:[。！？；、…—!?;|\n]|[,:](?![0-9])|\.(?![0-9a-z]))[\W_]*")
# what is longer is not a word, and is cut into pieces
_UNITS: Final = re.compile(rf"{IDEOGRAPH}|{WORD_CHARACTER}{{1,60}}|\|")


def units(text: str) -> list[str]:
    """Return the units of `text` in their order."""
    return _UNITS.findall(_BREAKS.sub(BREAK, simplified(narrow(text)).casefold()))


def term_units(text: str) -> tuple[str, ...]:
    """Return the units of a word or phrase that is searched for, without a BREAK at either end."""
    found = units(text)
    while found and found[-1] == BREAK:
        found.pop()
    while found and found[0] == BREAK:
        found.pop(0)
    return tuple(found)


def pairs(found: Sequence[str]) -> list[str]:
    """Return every two neighbouring units, joined: n - 1 of n."""
    return list(map("_".join, itertools.pairwise(found)))


def spelled(found: Iterable[str]) -> str:
    """Return units with a space before, between and behind: a phrase is in a text if its spelling is in the text's."""
    return f" {' '.join(found)} "
