"""The lines of a page: its markup read once, from the front to the back.

Python splits a text faster than it can visit the elements of a tree, and equal start tags are equal strings, tokenized
once each. So the tree is read as it is written out.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from itertools import accumulate
from typing import Final

from newsspider.pages.markup.hidden import hidden_names
from newsspider.pages.markup.hints import apply_hints
from newsspider.pages.markup.line_builder import LineBuilder
from newsspider.pages.markup.lines import Block, Line
from newsspider.pages.markup.page_source import PageSource

OUTLYING: Final = 0.05
# Tags enough for a headline, its breadcrumb and its byline.
BEFORE: Final = 250
_LONG_TEXT: Final = re.compile(">([^<]{30,})<")
_HEADLINE: Final = re.compile("<h1[ >]")
# A table of data, told from one that lays out a page: its rows are lines.
MIN_ROWS: Final = 2
MIN_COLUMNS: Final = 2
MAX_CELL: Final = 120
MAX_SIZE: Final = 200_000
# Share of the rows that have as many cells as most, of the cells with text, and of those with a link or a picture.
ALIKE: Final = 0.5
FILLED: Final = 0.4
LINKED: Final = 0.3
# Cells that end in a colon name a field of the page: its number, its publisher.
LABELS: Final = 0.3
_TAG: Final = re.compile(r"<([^ >]+)([^>]*)>([^<]*)")
_TABLE: Final = re.compile("<table[ >]")
_LAYOUT: Final = frozenset((
    "h1", "h2", "h3", "form", "input", "ul", "ol", "dl", "button", "hr", "section", "article", "embed", "iframe",
))  # fmt: skip
_SPAN: Final = re.compile(' colspan="([1-9][0-9]?)"')


def lines_of(source: PageSource, *, is_focused: bool = False) -> tuple[list[Line], list[Block]]:
    """Return the lines of a page in reading order, only those with text, a link or an image, and its block elements.

    Focused: the menus in front of an article are left out.
    """
    markup = source.markup
    if is_focused and (begin := _first_tag(markup)):
        markup = markup[begin:]
    builder = LineBuilder(source.markup, hidden_names(source.styles), data_tables(markup))
    builder.run(markup)
    apply_hints(builder.lines, builder.spans)
    return builder.lines, builder.blocks


def _first_tag(markup: str) -> int:
    """Return where to begin: a little before the sentences, at an h1 before them, at 0 where there are none."""
    places, sizes = [], []
    for found in _LONG_TEXT.finditer(markup):
        text = found[1]
        if "，" in text or "。" in text or ", " in text:
            start = markup.rfind("<", 0, found.start())
            if not markup.startswith("<a ", start):
                places.append(start)
                sizes.append(len(text))
    if not places:
        return 0
    sums = list(accumulate(sizes))
    first = begin = places[bisect_left(sums, OUTLYING * sums[-1])]
    before = markup[:first].rsplit("<", BEFORE)
    first = len(before[0])
    if len(before) <= BEFORE or not first:
        return 0
    headlines = [found.start() for found in _HEADLINE.finditer(markup, 0, begin)]
    return min(first, headlines[-1]) if headlines else first


def data_tables(markup: str) -> list[bool]:
    """Return for each table of the markup, in document order, whether it has rows of short cells, and little else."""
    starts = [found.start() for found in _TABLE.finditer(markup)]
    found: list[bool] = []
    for start, following in zip(starts, [*starts[1:], len(markup)], strict=False):
        end = markup.find("</table>", start, start + MAX_SIZE)
        found.append(start < end < following and _is_data(markup[start:end]))
    return found


def _is_data(table: str) -> bool:
    rows: list[int] = []
    filled = labels = linked = size = 0
    for name, attributes, text in _TAG.findall(table):
        if name in _LAYOUT:
            return False
        if name == "tr":
            rows.append(0)
        elif name in ("td", "th"):
            span = _SPAN.search(attributes)
            rows[-1:] = [(rows[-1] if rows else 0) + (int(span[1]) if span else 1)]
            size = 0
        elif name in ("a", "img"):
            linked += 1
        if text and not text.isspace():
            filled += not size
            size += len(text)
            labels += text.rstrip().endswith(("：", ":"))
            if size > MAX_CELL:
                return False
    return labels < LABELS * filled and _are_rows(rows, filled, linked)


def _are_rows(rows: list[int], filled: int, linked: int) -> bool:
    rows = [cells for cells in rows if cells]
    if len(rows) < MIN_ROWS:
        return False
    columns, alike = Counter(rows).most_common(1)[0]
    if columns < MIN_COLUMNS or alike < ALIKE * len(rows):
        return False
    return filled >= FILLED * sum(rows) and linked <= LINKED * filled
