"""HTML that a sanitizer returns unchanged: most bodies are such, and sanitizing is slow."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

_TEXT: Final = r"[^<>&\u00a0\r\x00]*+(?:&(?:amp|lt|gt);[^<>&\u00a0\r\x00]*+)*+"
# Hosts that any URL parser takes: names, no numbers, nothing to decode.
_URL: Final = (
    r"https?://(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,60}[A-Za-z0-9])?\.){1,8}[A-Za-z]{2,20}(?::\d{1,4})?"
    r"(?:[/?#](?:[^\"<>&\s\u00a0\x00-\x1f]++|&amp;)*+)?"
)
_FLAT: Final = [f"<{tag}>{_TEXT}</{tag}>" for tag in ("strong", "em", "u", "sup", "sub", "code")]
_SPAN: Final = "|".join([*_FLAT, f'<a href="{_URL}">(?:{_TEXT}|{_FLAT[0]})</a>'])
_INLINE: Final = rf"{_TEXT}(?:(?:{_SPAN}){_TEXT})*+"
_BLOCK: Final = "|".join(f"<{tag}>{_INLINE}</{tag}>" for tag in ("p", "h2", "h3", "h4", "h5", "h6", "blockquote"))
_ITEM: Final = "|".join(f"<{tag}><li>{_INLINE}</li></{tag}>" for tag in ("ul", "ol"))
_FIGURES: Final = rf'(?:<figure><img src="{_URL}"></figure>)*+'
_LINE: Final = re.compile(rf"{_FIGURES}(?:{_BLOCK}|{_ITEM})?+{_FIGURES}(?:\n|\Z)")
# A row of a table as the body has it: a table of its own with a number.
_ROW: Final = re.compile(r'(?P<start><table data-table="(?P<table>\d+)">)<tr>.*</tr></table>')


def is_plain(html: str) -> bool:
    """Return True if each line is figures and one element with flat emphasis and links, all in canonical form."""
    if "xn--" in html:
        return False
    place, end = 0, len(html)
    while place < end:
        found = _LINE.match(html, place)
        if found is None:
            return False
        place = found.end()
    return True


def joined_rows(lines: Iterable[str]) -> str:
    """Return lines of HTML in one text; rows of one table in a row become one table, each still on its line."""
    joined: list[str] = []
    table = None
    for line in lines:
        row = _ROW.fullmatch(line)
        if row and table == row["table"]:
            joined[-1] = joined[-1].removesuffix("</table>")
            line = line.removeprefix(row["start"])
        table = row["table"] if row else None
        joined.append(line)
    return "\n".join(joined)
