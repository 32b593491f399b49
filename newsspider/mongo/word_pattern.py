"""Regular expressions that find a word in either script, either width and either case."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from newsspider.text.folding import narrow, simplified

FIRST_WIDE, LAST_WIDE, WIDE_OFFSET = 0x21, 0x7E, 0xFEE0
_CJK: Final = ((0x2E80, 0xA000), (0xF900, 0xFB00))
# what OpenCC's phrases make of characters that alone stay as they are: 答覆 is 答复
_IN_PHRASES: Final = {"沉": "沈", "借": "藉", "复": "覆", "坯": "坏", "了": "瞭", "里": "哩", "苏": "甦", "只": "衹"}
# what may stand between two characters of a word without being seen
BETWEEN: Final = "[\u200b\u200c\u200d\u2060\ufeff\u00ad]*"


@lru_cache(maxsize=1)
def _forms() -> dict[str, str]:
    """Return the characters that become a Simplified one, by this one: 产 is also 產."""
    known = [chr(code) for first, last in _CJK for code in range(first, last)]
    folded = simplified("\n".join(known)).split("\n")
    forms: dict[str, str] = {}
    for character, simple in zip(known, folded, strict=True):
        if character != simple:
            forms[simple] = forms.get(simple, "") + character
    for simple, character in _IN_PHRASES.items():
        forms[simple] = forms.get(simple, "") + character
    return forms


def word_pattern(word: str) -> str:
    """Return a PCRE pattern, to be used ignoring case, for `word` and its forms that `fold` takes for the same."""
    return BETWEEN.join(_one(character) for character in simplified(narrow(word)))


def _one(character: str) -> str:
    forms = character + _forms().get(character, "")
    if FIRST_WIDE <= ord(character) <= LAST_WIDE:
        forms += chr(ord(character) + WIDE_OFFSET)
        if character.isalpha():
            # outside of ASCII case is not MongoDB's to ignore
            forms += chr(ord(character.swapcase()) + WIDE_OFFSET)
    return re.escape(forms) if len(forms) == 1 else f"[{''.join(map(re.escape, forms))}]"
