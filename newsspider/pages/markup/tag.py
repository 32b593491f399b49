"""Start tags as `PageSource.markup` has them, read on demand: most are only ever asked for their name."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import islice
from typing import Final

_ATTRIBUTE: Final = re.compile(' ([^ =]+)="([^"]*)"')
_NAMING: Final = ("data-testid", "data-e2e", "aria-labelledby")
MAX_NAMES: Final = 300
MAX_ATTRIBUTES: Final = 100
MAX_REMEMBERED: Final = 1_000


class Tag:
    """A start tag such as `img src="a.jpg"`, without its angle brackets; names are in lower case, values escaped."""

    __slots__ = ("_attributes", "end", "name", "raw")

    def __init__(self, raw: str, name: str) -> None:
        self.raw = raw
        self.name = name
        self.end = f"/{name}>"
        self._attributes: dict[str, str] | None = None

    @property
    def attributes(self) -> dict[str, str]:
        """Name -> value of the first `MAX_ATTRIBUTES`."""
        if self._attributes is None:
            found = islice(_ATTRIBUTE.finditer(self.raw), MAX_ATTRIBUTES)
            self._attributes = {match[1]: unescaped(match[2]) for match in found}
        return self._attributes

    def get(self, name: str) -> str | None:
        """Return the value of an attribute, None where it is missing."""
        return value_of(self.raw, name) if self._attributes is None else self._attributes.get(name)

    @property
    def names(self) -> str:
        """What the element is called, in one string: see `names_of`."""
        return names_of(self.raw)


def unescaped(text: str) -> str:
    """Return a text or a value as it is meant; written out, a page escapes these five characters and no others."""
    if "&" not in text:
        return text
    text = text.replace("&nbsp;", "\xa0").replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", '"')
    return text.replace("&amp;", "&")


def value_of(raw: str, name: str) -> str | None:
    """Return one attribute of a start tag."""
    _, found, rest = raw.partition(f' {name}="')
    return unescaped(rest[: rest.find('"')]) if found else None


def names_of(raw: str) -> str:
    """Return class and id of a start tag in one string, cut where they are long.

    Where classes are hashes (`css-1q4yf3m`), what an element is stands in a label for tests or readers. A tag that
    holds a whole picture is not remembered.
    """
    return _remembered_names(raw) if len(raw) < MAX_REMEMBERED else _names(raw)


def _names(raw: str) -> str:
    found = [value_of(raw, "class"), value_of(raw, "id")]
    if "data-" in raw or "aria-l" in raw:
        found += [value_of(raw, name) for name in _NAMING if name in raw]
    return " ".join([value for value in found if value])[:MAX_NAMES]


_remembered_names: Final = lru_cache(maxsize=20_000)(_names)
