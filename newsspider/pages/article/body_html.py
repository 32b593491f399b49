"""The lines of a body as text and HTML, in step."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from itertools import islice
from typing import Final

from newsspider.items import Image
from newsspider.pages.document import Document, Line
from newsspider.urls import resolve

# `1/10` in front of a gallery's caption
_COUNTER: Final = re.compile(r"\d{1,3}\s?/\s?\d{1,3}\s(?=\S{6})")


def rendered(document: Document, lines: Sequence[int], images: Mapping[int, list[Image]]) -> list[tuple[str, str]]:
    """Return (text, HTML) of each line with text; figures of lines without stand in front of the next one's HTML."""
    found: list[tuple[str, str]] = []
    waiting = ""
    all_lines = document.lines
    for line in [all_lines[index] for index in lines]:
        html = line_html(document, line, images.get(line.index, []))
        if not line.text:
            waiting += html
            continue
        counter = _COUNTER.match(line.text)
        if counter:
            html = html.replace(counter[0], "", 1)
        found.append((line.text[counter.end() if counter else 0 :], waiting + html))
        waiting = ""
    if waiting and found:
        text, html = found[-1]
        found[-1] = (text, html + waiting)
    return found


def line_html(document: Document, line: Line, images: list[Image]) -> str:
    """Return the HTML of a line: its pictures as figures, then its text in p, h2 to h6, blockquote, li or a row."""
    figures = "".join([f'<figure><img src="{escape(image.url)}"></figure>' for image in images])
    if not line.text:
        return figures
    if line.cells:
        return figures + _row(document, line)
    return figures + _wrapped(document, line, _inline(line, document.base_url, 0, len(line.text)))


def _row(document: Document, line: Line) -> str:
    """Return a table of one row; rows of one table have its number in common."""
    number = next((place for place in _places_around(document, line.block) if _is_table(document, place)), 0)
    cells = [f"<{name}>{_inline(line, document.base_url, start, end)}</{name}>" for start, end, name in line.cells]
    return f'<table data-table="{number}"><tr>{"".join(cells)}</tr></table>'


def _is_table(document: Document, place: int) -> bool:
    return document.blocks[place].tag.name == "table"


def _wrapped(document: Document, line: Line, inner: str) -> str:
    if line.level:
        tag = f"h{max(2, line.level)}"
        return f"<{tag}>{inner}</{tag}>"
    around = _names_around(document, line.block)
    if "blockquote" in around[:3]:
        return f"<blockquote>{inner}</blockquote>"
    if "li" in around[:3]:
        outer = "ol" if "ol" in around else "ul"
        return f"<{outer}><li>{inner}</li></{outer}>"
    return f"<p>{inner}</p>"


def _names_around(document: Document, block: int) -> list[str]:
    """Return the names of a block and of the next three around it."""
    return [document.blocks[place].tag.name for place in islice(_places_around(document, block), 4)]


def _places_around(document: Document, block: int) -> Iterator[int]:
    while block >= 0:
        yield block
        block = document.blocks[block].parent


def _inline(line: Line, base_url: str, first: int, last: int) -> str:
    """Return a part of the line's text with its links and emphasis; spans that would cross others are left out."""
    if not line.anchors and not line.formats:
        return escape(line.text[first:last], quote=False)
    spans = [(start, end, f"<{tag}>", f"</{tag}>") for start, end, tag in line.formats]
    for link in line.links:
        if link.text and (url := resolve(base_url, link.href)):
            spans.append((link.start, link.end, f'<a href="{escape(url)}">', "</a>"))
    spans = [span for span in spans if first <= span[0] and span[1] <= last]
    spans.sort(key=lambda span: (span[0], -span[1]))
    parts: list[str] = []
    opened: list[tuple[int, str]] = []
    place = first

    def close(limit: int) -> None:
        nonlocal place
        while opened and opened[-1][0] <= limit:
            end, tag = opened.pop()
            parts.append(escape(line.text[place:end], quote=False) + tag)
            place = end

    for start, end, before, after in spans:
        close(start)
        if opened and end > opened[-1][0]:
            continue
        parts.append(escape(line.text[place:start], quote=False) + before)
        place = start
        opened.append((end, after))
    close(last)
    parts.append(escape(line.text[place:last], quote=False))
    return "".join(parts)
