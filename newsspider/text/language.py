"""Language detection by script."""

from __future__ import annotations

import re
from typing import Final

_OTHER_SCRIPTS: Final = r"\u3041-\u30fa\uac00-\ud7a3\u0400-\u04ff"
_SCRIPTS: Final = re.compile(f"[{_OTHER_SCRIPTS}]")
_HAN: Final = re.compile(r"[\u3400-\u9fff\U00020000-\U0003134f]+")
_KANA: Final = re.compile(r"[\u3041-\u30fa]")
_HANGUL: Final = re.compile(r"[\uac00-\ud7a3]")
_LATIN: Final = re.compile(r"[A-Za-z]")
_CYRILLIC: Final = re.compile(r"[\u0400-\u04ff]")
_ENGLISH: Final = re.compile(r"\b(?:the|and|of|to|in|is|for|that)\b", re.IGNORECASE)
_TRADITIONAL: Final = frozenset(
    "國這個們來時會學說對發經後過為業東車開關問間應將無現實產長門電話頭體進種點還與從當動員運達軍馬區號華黨兩"
)
_SIMPLIFIED: Final = frozenset(
    "国这个们来时会学说对发经后过为业东车开关问间应将无现实产长门电话头体进种点还与从当动员运达军马区号华党两"
)
_VARIANT: Final = re.compile(f"[{''.join(sorted(_TRADITIONAL | _SIMPLIFIED))}]")
_NOT_SIMPLIFIED: Final = re.compile(f"[{_OTHER_SCRIPTS}{''.join(sorted(_TRADITIONAL))}]")
LANGUAGE_SAMPLE: Final = 3000


def language_of(text: str) -> str | None:
    """Return "zh-Hans", "zh-Hant", "ja", "ko", "ru" or "en" from the script of the first characters; else None."""
    sample = text[:LANGUAGE_SAMPLE]
    # Of most texts the beginning alone has Han characters enough for the whole.
    if 5 * _count(_HAN, sample[: len(sample) // 3]) > len(sample) and not _NOT_SIMPLIFIED.search(sample):
        return "zh-Hans"
    han = _count(_HAN, sample)
    if 5 * han > len(sample) and not _SCRIPTS.search(sample):
        return _script(sample)
    kana, hangul, latin, cyrillic = (len(p.findall(sample)) for p in (_KANA, _HANGUL, _LATIN, _CYRILLIC))
    if kana * 6 > han + kana:
        return "ja"
    if hangul > max(han, latin / 3):
        return "ko"
    if han * 4 > latin + cyrillic and han:
        return _script(sample)
    if cyrillic > latin:
        return "ru"
    if latin > 20 and len(_ENGLISH.findall(sample)) * 60 > latin:
        return "en"
    return None


def _count(runs: re.Pattern[str], text: str) -> int:
    return sum(map(len, runs.findall(text)))


def _script(sample: str) -> str:
    found = _VARIANT.findall(sample)
    return "zh-Hant" if 2 * sum(map(_TRADITIONAL.__contains__, found)) > len(found) else "zh-Hans"
