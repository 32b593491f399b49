"""Extent of a related-link block: from its heading to the next one, inside the heading's container."""

from __future__ import annotations

from collections.abc import Container
from itertools import islice
from typing import Final

from newsspider.pages.client_redirects import href_of
from newsspider.pages.document import Document, Hint, Line
from newsspider.pages.related.headings import ends_block, is_title

MAX_BLOCK_LINES: Final = 1500
MAX_GAP: Final = 14
MAX_CLIMB: Final = 7
_LISTS: Final = frozenset(("ul", "ol", "dl"))
_FOREIGN: Final = Hint.COMMENT | Hint.FOOTER


class _Reach:
    """The number of steps up from a heading to an element that contains a line: 0 its own element, 1 its parent, ..."""

    def __init__(self, document: Document, heading: Line) -> None:
        around = list(document.around(heading.block))
        self._count = len(document.lines)
        # An element that is never closed goes on to the end.
        self._spans = [(block.first, block.last if block.last >= 0 else self._count - 1) for block in around]
        self.outermost = sum(block.tag.name not in ("html", "body") for block in around)

    def level(self, index: int) -> int:
        """Return the level of a line; that of `body` and above counts as `outermost`."""
        for level, (first, last) in enumerate(self._spans[: self.outermost]):
            if first <= index <= last:
                return level
        return self.outermost

    def end(self, level: int) -> int:
        """Return the line after the last one of each level."""
        return self._spans[level][1] + 1 if level < self.outermost else self._count


def _has_entry(line: Line) -> bool:
    """Return True if a line holds a link that may be an entry: a title, a tooltip or a picture."""
    return any(
        (href := href_of(raw))
        and not href.startswith(("javascript:", "#"))
        and (is_title(link.text) or link.title or line.images)
        for link, (raw, _, _) in zip(line.links, line.anchors, strict=True)
    )


def region(document: Document, headings: Container[int], heading: int, body: tuple[int, int] | None) -> list[Line]:
    """Return the lines of the block under `heading`: up to the next heading, inside the heading's own container.

    The container is the smallest ancestor that also holds the first entry. Where that holds the article's text as well,
    or is the whole page, the block ends at the first two lines of text in a row without a link.
    """
    lines = document.lines
    reach = _Reach(document, lines[heading])
    entry = None if _is_left_empty(document, lines[heading]) else _first_entry(document, headings, heading, reach)
    if entry is None:
        return []
    limit = reach.level(entry)
    end = _next_heading(document, headings, entry, min(heading + MAX_BLOCK_LINES, reach.end(limit)))
    if limit >= (reach.level(body[0]) if body else reach.outermost):
        end = _next_text(lines, entry, end, body, _FOREIGN & ~lines[heading].hints)
    return lines[heading + 1 : end]


def _is_left_empty(document: Document, heading: Line) -> bool:
    """Return True if a heading's element ends with an empty list that scripts fill: what follows is not its own."""
    blocks = document.blocks
    place = heading.block
    for _ in range(MAX_CLIMB):
        if place <= 1 or blocks[place].last > heading.index:
            break
        for block in islice(blocks, place + 1, None):
            if block.parent < place:
                break
            if block.tag.name in _LISTS and block.last < block.first and block.first > heading.index:
                return True
        place = blocks[place].parent
    return False


def _first_entry(document: Document, headings: Container[int], heading: int, reach: _Reach) -> int | None:
    """Return the first line under a heading that holds an entry, None where text or another heading comes first."""
    for line in document.lines[heading + 1 : heading + MAX_GAP + 2]:
        if line.index in headings or ends_block(line) or reach.level(line.index) > MAX_CLIMB:
            return None
        if not line.anchors and len(line.text) > 60:
            return None
        if _has_entry(line):
            return line.index
    return None


def _next_heading(document: Document, headings: Container[int], first: int, end: int) -> int:
    """Return the first line from `first` on that heads anything, `end` where none does."""
    for line in document.lines[first:end]:
        if line.index in headings or ends_block(line):
            return line.index
    return end


def _next_text(lines: list[Line], first: int, end: int, body: tuple[int, int] | None, foreign: int) -> int:
    """Return the first line from `first` on that ends a block: comments, the article, text without links."""
    start, last = body or (end, end)
    bare = 0
    for line in lines[first:end]:
        if line.hints & foreign:
            return line.index
        if line.anchors:
            bare = 0
            continue
        bare = bare + 1 if len(line.text) > 30 else 0
        if bare >= 2:
            return line.index - 1
        if start <= line.index <= last:
            return line.index
    return end
