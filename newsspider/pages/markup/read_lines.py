"""The lines of a page: its markup walked once.

Python splits a text faster than it can visit the elements of a tree, and equal start tags are equal strings, read once
each. So the markup is walked as it is written, and the elements that a page leaves open are closed on the way.
"""

from __future__ import annotations

from bisect import bisect_left
from itertools import accumulate
from typing import Final

from newsspider.pages.markup.hints import apply_hints
from newsspider.pages.markup.line_builder import LineBuilder
from newsspider.pages.markup.lines import Block, Line

SENTENCE: Final = 30
OUTLYING: Final = 0.05
# Tags enough for a headline, its breadcrumb and its byline.
BEFORE: Final = 250
# Of larger pages the rest is not read.
MAX_TAGS: Final = 100_000


def lines_of(markup: str, *, is_focused: bool = False) -> tuple[list[Line], list[Block]]:
    """Return the lines of a page in reading order, only those with text, a link or an image, and its block elements.

    Focused: the menus in front of an article are left out.
    """
    pieces = markup.split("<", MAX_TAGS)
    del pieces[MAX_TAGS:]
    walk = LineBuilder()
    walk.run(_focus(pieces) if is_focused else pieces)
    apply_hints(walk.lines, walk.spans)
    return walk.lines, walk.blocks


def _focus(pieces: list[str]) -> list[str]:
    """Return the pieces from a little before the sentences on, all where there are none; an h1 before them is in."""
    long = [
        place for place, piece in enumerate(pieces) if len(piece) > SENTENCE and len(piece) - piece.find(">") > SENTENCE
    ]
    places, sizes = [], []
    for place in long:
        raw, _, text = pieces[place].partition(">")
        is_sentence = len(text) >= SENTENCE and ("，" in text or "。" in text or ", " in text)
        if is_sentence and not raw.startswith(("a ", "noscript")):
            places.append(place)
            sizes.append(len(text))
    if not places:
        return pieces
    sums = list(accumulate(sizes))
    begin = places[bisect_left(sums, OUTLYING * sums[-1])]
    first = max(0, begin - BEFORE)
    for place in range(begin, 0, -1):
        if pieces[place].startswith(("h1", "H1")):
            first = min(first, place)
            break
    return ["", *pieces[first:]] if first else pieces
