"""Facts of a page's lines, summed up so that those of any range cost next to nothing."""

from __future__ import annotations

from bisect import bisect_left
from itertools import accumulate
from typing import Final

from newsspider.pages.body.comments import MAX_MOMENT, MOMENT
from newsspider.pages.body.line_scores import LEGAL, LINK_WEIGHT
from newsspider.pages.document import Document, Hint, Line

MIN_PLAIN: Final = 6
MAX_PLAIN: Final = 600
MIN_DESCRIPTION: Final = 16
PIECE: Final = 8
MAX_PIECES: Final = 12
MAX_PAIRS: Final = 20
MIN_REPEATED: Final = 20
MIN_LEGAL: Final = 12
# Hints that may be wrong; `Hint.ARTICLE` never speaks against a line.
DOUBTED: Final = (*(Hint.COMMENT, Hint.RELATED, Hint.FOOTER, Hint.NAV, Hint.SIDE, Hint.SHARE, Hint.HIDDEN, Hint.AD),)


class PageSums:
    """`weights` are those of the lines without hints, `plain` their characters outside links (0 for lines of links).

    `heavy` and `texts` are the indexes of lines with weight and with text, `marked` those of the texts with a hint,
    `sizes` the lengths of the texts. Every other list holds sums: element i is of what stands before i.
    """

    def __init__(self, document: Document, weights: list[float]) -> None:
        lines = document.lines
        self.document = document
        self.weights = weights
        linked = [line.linked for line in lines]
        lengths = [len(line.text) for line in lines]
        self.plain = [
            0.0 if size - inside < MIN_PLAIN or weight <= LINK_WEIGHT else float(min(size - inside, MAX_PLAIN))
            for size, inside, weight in zip(lengths, linked, weights, strict=True)
        ]
        self.heavy = [index for index, weight in enumerate(weights) if weight > 0]
        self.texts = [index for index, plain in enumerate(self.plain) if plain]
        self.weight_sums = list(accumulate([weight if weight > 0 else 0.0 for weight in weights], initial=0.0))
        self.plain_sums = list(accumulate(self.plain, initial=0.0))
        self.linked_sums = list(accumulate(linked, initial=0))
        self.link_lines = list(accumulate([weight <= LINK_WEIGHT for weight in weights], initial=0))
        self.moments = list(
            accumulate(
                [
                    0 < size <= MAX_MOMENT and weight > LINK_WEIGHT and MOMENT.search(line.text) is not None
                    for line, size, weight in zip(lines, lengths, weights, strict=True)
                ],
                initial=0,
            )
        )
        self.weight = self.weight_sums[-1] or 1.0
        self.length = self.plain_sums[-1] or 1.0
        self.sizes = [lengths[index] for index in self.texts]
        self._add_texts(lines)
        self._add_kinds()
        self.headline = document.headline
        self.described = _described(document, lines)
        self.titled = _titled(document.title_tag or "", [lines[index].text for index in self.texts])

    def _add_texts(self, lines: list[Line]) -> None:
        texts = [lines[index].text for index in self.texts]
        plain = [self.plain[index] for index in self.texts]
        self.characters = list(accumulate(self.sizes, initial=0))
        self.stops = list(accumulate([text.count("。") for text in texts], initial=0))
        self.commas = list(accumulate([text.count("，") for text in texts], initial=0))
        seen: dict[str, int] = {}
        for text in texts:
            if len(text) >= MIN_REPEATED:
                seen[text] = seen.get(text, 0) + 1
        is_repeated = len(seen) < sum(seen.values())
        self.repeated = (
            list(
                accumulate(
                    [size if seen.get(text, 0) > 1 else 0.0 for text, size in zip(texts, plain, strict=True)],
                    initial=0.0,
                )
            )
            if is_repeated
            else None
        )
        self.legal = list(
            accumulate(
                [
                    size if not self.weights[index] and size >= MIN_LEGAL and LEGAL.search(text) else 0.0
                    for index, text, size in zip(self.texts, texts, plain, strict=True)
                ],
                initial=0.0,
            )
        )
        self.hints: dict[int, list[float]] = {}
        hints = [lines[index].hints for index in self.texts]
        found = 0
        for bits in hints:
            found |= bits
        self.marked: dict[int, list[int]] = {}
        for bit in DOUBTED:
            if found & bit:
                self.marked[bit] = [index for index, bits in zip(self.texts, hints, strict=True) if bits & bit]
                sizes = [size if bits & bit else 0.0 for bits, size in zip(hints, plain, strict=True)]
                self.hints[bit] = list(accumulate(sizes, initial=0.0))

    def _add_kinds(self) -> None:
        """Number the lines with weight by kind: `kinds` of equal tags in one element, `likes` in like elements of one.

        `like_sums` are the weights of the latter.
        """
        blocks = self.document.blocks
        kinds: dict[tuple[int, str], int] = {}
        likes: dict[tuple[int, str, str], int] = {}
        self.kinds: list[int] = []
        self.likes: list[int] = []
        self.like_sums: list[float] = []
        for index in self.heavy:
            block = blocks[self.document.lines[index].block]
            outer = blocks[block.parent] if block.parent >= 0 else block
            self.kinds.append(kinds.setdefault((block.parent, block.tag.raw), len(kinds)))
            like = likes.setdefault((outer.parent, outer.tag.raw, block.tag.raw), len(likes))
            self.likes.append(like)
            if like == len(self.like_sums):
                self.like_sums.append(0.0)
            self.like_sums[like] += self.weights[index]

    def heavy_in(self, first: int, last: int) -> tuple[int, int]:
        """Return the range (begin, end) of `heavy` that lies between two lines, both inclusive."""
        return bisect_left(self.heavy, first), bisect_left(self.heavy, last + 1)

    def texts_in(self, first: int, last: int) -> tuple[int, int]:
        return bisect_left(self.texts, first), bisect_left(self.texts, last + 1)


def _described(document: Document, lines: list[Line]) -> list[int]:
    """Return the lines that hold pieces of the description in the page's head, one entry for a piece."""
    text = document.meta.get("description") or document.meta.get("og:description") or ""
    if len(text) < MIN_DESCRIPTION:
        return []
    starts = list(accumulate([len(line.text) + 1 for line in lines], initial=0))
    whole = "\n".join([line.text for line in lines])
    found: list[int] = []
    for start in range(0, min(len(text) - PIECE, MAX_PIECES * PIECE) + 1, PIECE):
        place = whole.find(text[start : start + PIECE])
        if place >= 0:
            found.append(bisect_left(starts, place + 1) - 1)
    return sorted(found)


def _titled(title: str, texts: list[str]) -> list[int]:
    """Return for each text which pairs of characters of the title it holds, as bits."""
    pairs = dict.fromkeys([title[start : start + 2] for start in range(min(len(title) - 1, MAX_PAIRS))])
    bits = [(pair, 1 << number) for number, pair in enumerate(pairs)]
    return [sum([bit for pair, bit in bits if pair in text]) for text in texts]
