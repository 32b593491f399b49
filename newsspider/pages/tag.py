"""Start tags of the serialized tree, read on demand: most are only ever asked for their name."""

from __future__ import annotations

import re
from functools import lru_cache
from html import unescape
from typing import Final

_ATTRIBUTE: Final = re.compile(r'\s([^\s=/>"]+)="([^"]*)"')
MAX_NAMES: Final = 300


class Tag:
    """A start tag such as `<img src="a.jpg"/>`, as libxml2 writes it: quoted values, escaped, lower-case names."""

    __slots__ = ("_attributes", "name", "raw")

    def __init__(self, raw: str, name: str) -> None:
        self.raw = raw
        self.name = name
        self._attributes: dict[str, str] | None = None

    @property
    def attributes(self) -> dict[str, str]:
        if self._attributes is None:
            self._attributes = {
                name: unescape(value) if "&" in value else value for name, value in _ATTRIBUTE.findall(self.raw)
            }
        return self._attributes

    def get(self, name: str) -> str | None:
        """Return the value of an attribute, None where it is missing."""
        return self.attributes.get(name)

    @property
    def names(self) -> str:
        """The element's class and id in one string."""
        return names_of(self.raw)


@lru_cache(maxsize=20_000)
def names_of(raw: str) -> str:
    """Return class and id of a start tag in one string, cut where they are long."""
    if " class=" not in raw and " id=" not in raw:
        return ""
    found = dict(_ATTRIBUTE.findall(raw))
    return " ".join(value for name in ("class", "id") if (value := found.get(name)))[:MAX_NAMES]
