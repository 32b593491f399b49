"""Two texts side by side: which paragraphs differ, and in which characters."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import Final

from newsspider.mongo.articles.revisions import MAX_DIFF_CHARACTERS, MAX_DIFF_LINES

# longer paragraphs are not compared character by character, nor are all of them together beyond this
LONGEST_PARAGRAPH, MOST_CHARACTERS = 2_000, 40_000
# paragraphs less alike than this are shown as different as a whole
ALIKE: Final = 0.4

Pieces = tuple[tuple[str, bool], ...]


@dataclass(frozen=True, slots=True)
class Row:
    """A paragraph of either side in (text, is_different) pieces; empty where a side has none. `is_same`: no change."""

    old: Pieces
    new: Pieces
    is_same: bool


def side_by_side(old: str, new: str, same: Callable[[str], str]) -> list[Row] | None:
    """Return the paragraphs of two texts in rows; those for which `same` gives the same are unchanged.

    None for texts that are too long to be compared.
    """
    before, after = old.split("\n"), new.split("\n")
    if len(before) + len(after) > MAX_DIFF_LINES or len(old) + len(new) > MAX_DIFF_CHARACTERS:
        return None
    matcher = SequenceMatcher(None, list(map(same, before)), list(map(same, after)), autojunk=False)
    rows: list[Row] = []
    left = MOST_CHARACTERS
    for op, start, end, to_start, to_end in matcher.get_opcodes():
        for one, other in zip_longest(before[start:end], after[to_start:to_end]):
            if op == "equal":
                rows.append(Row(((one, False),), ((other, False),), True))
                continue
            left -= len(one or "") + len(other or "")
            rows.append(_row(one, other, same, is_close=left > 0))
    return rows


def _row(old: str | None, new: str | None, same: Callable[[str], str], *, is_close: bool) -> Row:
    if old is None or new is None:
        return Row(((old, True),) if old is not None else (), ((new, True),) if new is not None else (), False)
    if not is_close or max(len(old), len(new)) > LONGEST_PARAGRAPH:
        return Row(((old, True),), ((new, True),), False)
    # characters that only differ in script or width are the same, so long as folding keeps their number
    left, right = (same(text) if len(same(text)) == len(text) else text for text in (old, new))
    matcher = SequenceMatcher(None, left, right, autojunk=False)
    if matcher.ratio() < ALIKE:
        return Row(((old, True),), ((new, True),), False)
    codes = matcher.get_opcodes()
    return Row(
        tuple(_pieces((old[a:b], op != "equal") for op, a, b, _, _ in codes)),
        tuple(_pieces((new[a:b], op != "equal") for op, _, _, a, b in codes)),
        False,
    )


def _pieces(found: Iterator[tuple[str, bool]]) -> Iterator[tuple[str, bool]]:
    return (piece for piece in found if piece[0])


def shared_paragraphs(first: str, other: str, same: Callable[[str], str]) -> tuple[int, int]:
    """Return how many paragraphs of `other` are in `first`, and how many it has."""
    known = set(map(same, first.split("\n")))
    lines = other.split("\n")
    return sum(same(line) in known for line in lines), len(lines)
