"""Where the text may stand: the ranges of lines among which the learned scores choose."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field
from typing import Final

from newsspider.pages.body.line_scores import BOILERPLATE, hinted, is_header
from newsspider.pages.body.page_sums import PageSums
from newsspider.pages.document import Hint, Line

MOST_LARGE: Final = 8
MOST_EARLY: Final = 3
MIN_TEXT: Final = 20
MIN_EARLY: Final = 60
MIN_EARLY_SHARE: Final = 0.02
# Characters without punctuation count so much as weight.
PLAIN_SHARE: Final = 0.7
# A block that has all of its text from one block inside it is no candidate of its own.
SAME_TEXT: Final = 0.97
# What the elements around half of a range's text are called is disbelieved.
DISBELIEF: Final = 0.5
# Without punctuation, lines count as text only where they hold so much of the block's.
MIN_BARE: Final = 0.08


@dataclass(slots=True)
class Candidate:
    """A range of lines inside a block. `net` is the sum of its weights, `disbelieved` the hints that do not count.

    `is_bare`: lines without punctuation, as of poems, count as text. `weights` are of the block's lines.
    """

    block: int
    first: int
    last: int
    net: float
    is_bare: bool
    disbelieved: int
    weights: list[float]
    figures: list[float] = field(default_factory=list)
    score: float = 0.0


def block_sums(parents: list[int], owners: list[int], values: list[float]) -> list[float]:
    """Return the sum of every block's lines, those of the blocks inside it included.

    `parents` are the blocks' parents, `owners` the blocks of the lines with these values.
    """
    sums = [0.0] * len(parents)
    for owner, value in zip(owners, values, strict=True):
        sums[owner] += value
    for index in range(len(parents) - 1, 0, -1):
        if (value := sums[index]) and (parent := parents[index]) >= 0:
            sums[parent] += value
    return sums


class Blocks:
    """The sums of a page's blocks: `weights` of what speaks for text, `plain` of characters, `nets` of all weights.

    `hinted` are the weights of the lines as their hints change them.
    """

    def __init__(self, page: PageSums) -> None:
        owners = [line.block for line in page.document.lines]
        self.parents = [block.parent for block in page.document.blocks]
        heavy, texts = page.heavy, page.texts
        of_heavy, of_texts = [owners[index] for index in heavy], [owners[index] for index in texts]
        self.weights = block_sums(self.parents, of_heavy, [page.weights[index] for index in heavy])
        self.plain = block_sums(self.parents, of_texts, [page.plain[index] for index in texts])
        self.hinted = hinted_weights(page, 0)
        self.nets = block_sums(self.parents, owners, self.hinted)
        self.top_net = max(self.nets, default=0.0)


def hinted_weights(page: PageSums, disbelieved: int) -> list[float]:
    """Return the weights of the page's lines as their hints, but for those that are disbelieved, change them."""
    lines, found = page.document.lines, page.weights.copy()
    for index in page.heavy:
        if hints := lines[index].hints & ~disbelieved:
            found[index] = hinted(found[index], hints)
    return found


def candidates(page: PageSums, blocks: Blocks) -> list[Candidate]:
    """Return the ranges that may be the text, in the order of their size; each range once."""
    found: list[Candidate] = []
    seen: set[tuple[int, int]] = set()
    weights = _Weights(page)
    for block in _likely_blocks(blocks):
        if page.document.blocks[block].last < page.document.blocks[block].first:
            continue
        bare = blocks.plain[block] - blocks.weights[block]
        for is_bare in (False, True):
            if (is_bare and bare < MIN_BARE * blocks.plain[block]) or not (is_bare or blocks.weights[block] > 0):
                continue
            candidate = _candidate(page, weights, block, is_bare)
            if (candidate.first, candidate.last) not in seen:
                seen.add((candidate.first, candidate.last))
                found.append(candidate)
    return found


def _likely_blocks(blocks: Blocks) -> list[int]:
    """Return the blocks with the most text, and the first ones that hold some."""
    weights, plain, parents = blocks.weights, blocks.plain, blocks.parents
    count = len(parents)
    most_weight, most_plain = [0.0] * count, [0.0] * count
    for index in range(count - 1, 0, -1):
        if size := plain[index]:
            parent = parents[index]
            if weights[index] > most_weight[parent]:
                most_weight[parent] = weights[index]
            if size > most_plain[parent]:
                most_plain[parent] = size
    weight, length = weights[0] or 1.0, plain[0] or 1.0
    sizes: dict[int, float] = {}
    for index, size in enumerate(plain):
        if size < MIN_TEXT:
            continue
        if most_weight[index] >= SAME_TEXT * weights[index] and most_plain[index] >= SAME_TEXT * size:
            continue
        sizes[index] = max(weights[index] / weight, PLAIN_SHARE * size / length)
    large = sorted(sizes, key=lambda index: -sizes[index])[:MOST_LARGE]
    chosen = set(large)
    early = [
        index
        for index, size in sizes.items()
        if index not in chosen and plain[index] >= MIN_EARLY and size >= MIN_EARLY_SHARE
    ]
    return large + early[:MOST_EARLY]


class _Weights:
    """The weights of a page's lines for each set of disbelieved hints; most ranges share one."""

    def __init__(self, page: PageSums) -> None:
        self._page = page
        self._found: dict[tuple[int, bool], list[float]] = {}
        self._bare: list[int] | None = None

    def of(self, disbelieved: int, is_bare: bool) -> list[float]:
        found = self._found.get((disbelieved, is_bare))
        if found is None:
            found = self._found[disbelieved, is_bare] = hinted_weights(self._page, disbelieved)
            if is_bare:
                lines, plain = self._page.document.lines, self._page.plain
                for index in self._bare_lines():
                    found[index] = -1.0 if lines[index].hints & ~disbelieved & BOILERPLATE else plain[index]
        return found

    def _bare_lines(self) -> list[int]:
        """Return the lines that count as text where punctuation does not matter."""
        if self._bare is None:
            lines, weights = self._page.document.lines, self._page.weights
            self._bare = [index for index in self._page.texts if not weights[index] and not _is_head(lines[index])]
        return self._bare


def _candidate(page: PageSums, weights: _Weights, block: int, is_bare: bool) -> Candidate:
    found = page.document.blocks[block]
    disbelieved = _disbelieved(page, found.first, found.last, is_bare)
    values = weights.of(disbelieved, is_bare)
    first, last, net = heaviest_range(values, found.first, found.last)
    return Candidate(block, first, last, net, is_bare, disbelieved, values[found.first : found.last + 1])


def _disbelieved(page: PageSums, first: int, last: int, is_bare: bool) -> int:
    """Return the hints that half of the text between two lines has."""
    begin, end = page.texts_in(first, last) if is_bare else page.heavy_in(first, last)
    values = page.plain if is_bare else page.weights
    half = DISBELIEF * sum([values[index] for index in (page.texts if is_bare else page.heavy)[begin:end]])
    found = 0
    for bit, marked in page.marked.items():
        inside = marked[bisect_left(marked, first) : bisect_left(marked, last + 1)]
        if inside and sum([value for index in inside if (value := values[index]) > 0]) > half:
            found |= bit
    return found


def _is_head(line: Line) -> bool:
    """Return True if a line is a headline or a byline rather than text without punctuation."""
    return line.level in (1, 2) or bool(line.hints & Hint.BYLINE) or is_header(line.text)


def heaviest_range(weights: list[float], first: int, last: int) -> tuple[int, int, float]:
    """Return (first, last, sum) of the range with the largest sum (Kadane) between two lines, both inclusive."""
    start, stop = first, last
    while start < stop and weights[start] <= 0:
        start += 1
    while start < stop and weights[stop] <= 0:
        stop -= 1
    if weights[start] <= 0:
        top = max(weights[first : last + 1])
        place = weights.index(top, first)
        return place, place, top
    top, begin, end = float("-inf"), start, stop
    total = 0.0
    for index in range(start, stop + 1):
        if total <= 0:
            total, start = 0.0, index
        total += weights[index]
        if total > top:
            top, begin, end = total, start, index
    return begin, end, top
