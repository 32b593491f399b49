"""Start tags in the text of a page, as its author wrote them: in any case, quoted or not."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import unescape
from typing import Final

MAX_ATTRIBUTES: Final = 100
_ATTRIBUTE: Final = re.compile(r"""([^\s=/>"'<]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?""")


def start_tag_pattern(names: str) -> re.Pattern[str]:
    """Return a pattern of the start tags of these names, a regular expression, in any case."""
    return re.compile(rf"""<(?:{names})\b(?:[^>"']|"[^"]*"|'[^']*')*>""", re.IGNORECASE)


def written_attributes(tag: str) -> dict[str, str]:
    """Return name in lower case -> value of a start tag such as `<li Class=a data-url='/b'>`, the first of a name."""
    name_end = re.search(r"[\s/>]", tag)
    found: dict[str, str] = {}
    if name_end is None:
        return found
    for count, match in enumerate(_ATTRIBUTE.finditer(tag, name_end.start(), len(tag) - tag.endswith(">"))):
        if count >= MAX_ATTRIBUTES:
            break
        found.setdefault(match[1].lower(), unescape(match[2] or match[3] or match[4] or ""))
    return found


def place_of(text: str, name: str, attributes: Mapping[str, str], begin: int = 0) -> tuple[int, int]:
    """Return where the first start tag with this name and these attributes stands from `begin` on, else (-1, -1)."""
    for found in start_tag_pattern(re.escape(name)).finditer(text, begin):
        if written_attributes(found[0]) == attributes:
            return found.span()
    return -1, -1
