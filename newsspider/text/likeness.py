"""How much of one short text another one holds, by pairs of neighbouring characters."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Final

from newsspider.text.folding import fold

_SIGNS: Final = re.compile(r"[\W_]+")


def pairs(text: str) -> set[str]:
    """Return the pairs of neighbouring letters, digits and Chinese characters of `text`, folded."""
    return {first + second for run in _SIGNS.split(fold(text)) for first, second in pairwise(run)}


def share_of(part: set[str], whole: set[str]) -> float:
    """Return the share of `part` that `whole` holds, 0 where `part` is empty."""
    return len(part & whole) / len(part) if part else 0.0
