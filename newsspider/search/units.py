"""Units of text that a search compares: a character of Chinese, Japanese, Korean or Thai, or a word of other scripts.

Text is folded first (NFKC, case, Traditional to Simplified). White space, quotation marks, brackets, hyphens and middle
dots are not seen, so that 一带一路 is found in “一带”一路. Punctuation that separates clauses, and the end of a line,
is one unit of its own, BREAK: words on its two sides are not next to each other.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import chain, pairwise, zip_longest
from typing import Final

import numpy as np
from numpy.typing import NDArray

from newsspider.text.folding import narrow, simplified

BREAK: Final = "|"
# scripts without spaces between words: Thai, Lao, Burmese, Khmer, Hangul, kana, bopomofo, Han
_ONE_BY_ONE: Final = (
    "\u4e00-\u9fff"  # nearly all there is: looked at first
    "\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3031-\u3035"
    "\u3038-\u303c\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u4dbf\ua960-\ua97f\uac00-\ud7ff"
    "\uf900-\ufaff\U00020000-\U0003ffff"
)
IDEOGRAPH: Final = f"[{_ONE_BY_ONE}]"
WORD_CHARACTER: Final = rf"[^\W_{_ONE_BY_ONE}]"
_BREAKS: Final = re.compile(r"(?:[。！？；、…—!?;|\n]|[,:](?![0-9])|\.(?![0-9a-z]))[\W_]*")
_SINGLE: Final = re.compile(rf"[|{_ONE_BY_ONE}]")
# what is longer is not a word, and is cut into pieces
_UNITS: Final = re.compile(rf"[|{_ONE_BY_ONE}]|{WORD_CHARACTER}{{1,60}}")
_WORDS: Final = re.compile(rf"({WORD_CHARACTER}{{1,60}})")
# stands for a word; of a private use area
_PLACE: Final = "\ue000"
_NOT_UNITS: Final = re.compile(rf"[^{_ONE_BY_ONE}|{_PLACE}]+")


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
    """Return every two neighbouring units as one word: n - 1 of n."""
    return [_pair(first, second) for first, second in pairwise(found)]


def _pair(first: str, second: str) -> str:
    is_clear = _SINGLE.match(first) or _SINGLE.match(second)
    return first + second if is_clear else f"{first}_{second}"


def indexed(text: str) -> tuple[str, str]:
    """Return the `pairs` of the units of `text`, and its units once each, with spaces between them.

    numpy makes the pairs of all characters at once; a word is one character for that, and put in its place afterwards.
    """
    folded = _BREAKS.sub(BREAK, simplified(narrow(text)).casefold()).replace(_PLACE, "")
    parts = _WORDS.split(folded)
    words = parts[1::2]
    line = _NOT_UNITS.sub("", _PLACE.join(parts[::2]))
    codes = np.frombuffer(line.encode("utf-32-le", "surrogatepass"), np.uint32)
    twice = [word for word in words for _ in (1, 2)][line[:1] == _PLACE :][: -1 if line[-1:] == _PLACE else None]
    joined = _spaced(codes[:-1], codes[1:]).replace(_PLACE * 2, f"{_PLACE}_{_PLACE}")
    in_pairs = "".join(chain.from_iterable(zip_longest(joined.split(_PLACE), twice, fillvalue="")))
    return in_pairs, " ".join([_spaced(np.unique(codes)).replace(_PLACE, ""), *dict.fromkeys(words)])


def _spaced(*columns: NDArray[np.uint32]) -> str:
    """Return the characters of each row of `columns`, with a space after it."""
    spaces = np.full_like(columns[0], ord(" "))
    return np.stack([*columns, spaces], 1).tobytes().decode("utf-32-le", "surrogatepass")


def spelled(found: Iterable[str]) -> str:
    """Return units with a space before, between and behind: a phrase is in a text if its spelling is in the text's."""
    return f" {' '.join(found)} "
