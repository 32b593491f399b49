"""Start tags as pages write them, read on demand: most are only ever asked for their name."""

from __future__ import annotations

import re
from functools import lru_cache
from html import unescape
from typing import Final

_ATTRIBUTE: Final = re.compile(
    r"""([^\s=/>"'][^\s=/>]*)(?:\s*=\s*(?:"([^"]*)("?)|'([^']*)('?)|([^\s"'>][^\s>]*)))?""",
)
_NAME_END: Final = re.compile(r"[\s/]")
# In an attribute `&copy=1` is no copyright sign: HTML reads names there only with their semicolon.
_REFERENCE: Final = re.compile(r"&(?:#[0-9]{1,7};?|#[xX][0-9a-fA-F]{1,6};?|[A-Za-z][A-Za-z0-9]{1,31};)")
_NAMING: Final = ("data-testid", "data-e2e", "aria-labelledby")
MAX_NAMES: Final = 300
MAX_ATTRIBUTES: Final = 100


class Tag:
    """A start tag such as `img src="a.jpg"`, without its angle brackets; names are given in lower case."""

    __slots__ = ("_attributes", "end", "name", "raw")

    def __init__(self, raw: str, name: str) -> None:
        self.raw = raw
        self.name = name
        self.end = f"/{name}>"
        self._attributes: dict[str, str] | None = None

    @property
    def attributes(self) -> dict[str, str]:
        """Name -> value, the first where one stands twice, as HTML has it."""
        if self._attributes is None:
            self._attributes = attributes_of(self.raw)
        return self._attributes

    def get(self, name: str) -> str | None:
        """Return the value of an attribute, None where it is missing."""
        return self.attributes.get(name)

    @property
    def names(self) -> str:
        """What the element is called, in one string: see `names_of`."""
        return names_of(self.raw)


def attributes_of(raw: str) -> dict[str, str]:
    """Return the attributes of a tag as it is written: quoted in either way or not at all."""
    found: dict[str, str] = {}
    end = _NAME_END.search(raw)
    if end is None:
        return found
    for name, double, _, single, _, bare in _ATTRIBUTE.findall(raw, end.start())[:MAX_ATTRIBUTES]:
        value = double or single or bare
        found.setdefault(name.lower(), _REFERENCE.sub(_unescaped, value) if "&" in value else value)
    return found


def _unescaped(reference: re.Match[str]) -> str:
    return unescape(reference[0])


def value_of(raw: str, name: str) -> str | None:
    """Return one attribute of a tag; at once where it is written as most are, ` name="value"`."""
    start = raw.find(f' {name}="')
    if start >= 0:
        start += len(name) + 3
        end = raw.find('"', start)
        value = raw[start:end] if end >= 0 else raw[start:]
    else:  # the name may stand inside another attribute's value
        is_there = (name in raw or name.upper() in raw) and _loose(name).search(raw)
        return attributes_of(raw).get(name) if is_there else None
    return _REFERENCE.sub(_unescaped, value) if "&" in value else value


@lru_cache(maxsize=32)
def _loose(name: str) -> re.Pattern[str]:
    return re.compile(rf"""[\s"'/]{name}\s*=""", re.IGNORECASE)


def is_open(raw: str) -> bool:
    """Tell whether a tag ends inside a quoted value: its `>` or `<` was part of that."""
    end = _NAME_END.search(raw)
    if end is None:
        return False
    last = None
    for found in _ATTRIBUTE.finditer(raw, end.start()):
        last = found
    return last is not None and ((last[2] is not None and not last[3]) or (last[4] is not None and not last[5]))


@lru_cache(maxsize=20_000)
def names_of(raw: str) -> str:
    """Return class and id of a start tag in one string, cut where they are long.

    Where classes are hashes (`css-1q4yf3m`), what an element is stands in a label for tests or readers.
    """
    found = [value_of(raw, "class"), value_of(raw, "id")]
    if "data-" in raw or "aria-l" in raw:
        found += [value_of(raw, name) for name in _NAMING if name in raw]
    return " ".join([value for value in found if value])[:MAX_NAMES]
