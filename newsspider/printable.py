"""Text from pages, made safe for a terminal."""

from __future__ import annotations

import unicodedata

UNPRINTABLE_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})


def printable(value: object) -> str:
    """Return `value` on one line without terminal control: control characters, escapes, direction overrides."""
    text = "" if value is None else str(value)
    if text.isascii() and text.isprintable():
        return text
    kept = (" " if character in "\t\r\n" else character for character in text)
    return "".join(c for c in kept if unicodedata.category(c) not in UNPRINTABLE_CATEGORIES).strip()
