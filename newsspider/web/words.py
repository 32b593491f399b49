"""The words of the pages: chinese.toml, and in English those that are not said as they are named in the code."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import Final

# names of fields, states and the like, as English readers know them
ENGLISH: Final = {
    "published_at": "published",
    "last-new": "last new article",
    "next-due": "next due",
    "alarm": "alarms",
    "verdict": "fetches",
    "list": "listing",
    "dry": "listings that showed no article first",
    "fresh": "new articles on its listings",
    "novel": "articles its listings showed first",
    "junk": "other pages",
    "duplicates": "repeated pages",
    "links": "links seen",
    "language": "language",
}
# of one thing
SINGULAR: Final = {
    "{count} articles": "{count} article",
    "{count} copies": "{count} copy",
    "{count} versions": "{count} version",
    "{count} links": "{count} link",
    "{count} sites": "{count} site",
    "{count} lines taken out": "{count} line taken out",
    "{count} corrections of ours": "{count} correction of ours",
    "Show {count} pictures": "Show {count} picture",
    "Story: {count} copies": "Story: {count} copy",
}
FILE: Final = "chinese.toml"


@cache
def chinese() -> dict[str, str]:
    """Return English text -> Chinese."""
    found: dict[str, str] = tomllib.loads((files("newsspider.web") / FILE).read_text("utf-8"))
    return found


def translator(language: str) -> Callable[[str], str]:
    """Return what says a text in a language; one that is not known is said as it is."""
    known = chinese() if language == "zh" else ENGLISH
    return lambda text: known.get(text, text)


def counter(language: str) -> Callable[[str, int], str]:
    """Return what says how many there are of something: the text has {count}."""
    say = translator(language)

    def counted(text: str, count: int) -> str:
        said = SINGULAR.get(text, text) if count == 1 and language == "en" else say(text)
        return said.format(count=f"{count:,}")

    return counted
