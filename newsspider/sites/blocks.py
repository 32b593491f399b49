"""Which related blocks are followed: "all", "none", or names."""

from __future__ import annotations

import re

_BETWEEN_NAMES = re.compile(r"[,，、\s]+")


def block_names(raw: str) -> str | frozenset[str]:
    """Return "all", "none", or the set of block names; ValueError for an empty text and for a mixture."""
    names = [name for name in _BETWEEN_NAMES.split(raw.strip()) if name]
    if not names:
        raise ValueError("is empty (expected: all, none, or names of blocks such as 相关阅读,推荐阅读)")
    if len(names) == 1 and names[0].lower() in ("all", "none"):
        return names[0].lower()
    if any(name.lower() in ("all", "none") for name in names):
        raise ValueError(f"{raw!r} mixes all or none with other names")
    return frozenset(names)
