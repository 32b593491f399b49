"""What speaks for and against a range of lines being the text: the figures that the learned scores are made of."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from math import log1p
from typing import Final

from newsspider.pages.body.candidates import Blocks, Candidate
from newsspider.pages.body.line_scores import LINK_WEIGHT
from newsspider.pages.body.page_sums import PageSums
from newsspider.pages.document import Hint

# Name -> meaning, in the order of `Candidate.figures`. Shares are of the page's unless another whole is named.
FIGURES: Final = {
    "net": "weight, links and hints counted, against the best range's",
    "net_of_block": "the same of its whole block, against the best block's",
    "believed": "weight where all hints are believed, against the best range's",
    "share": "share of what speaks for text",
    "share_of_best": "the same against the largest range's",
    "share_of_characters": "share of the characters outside links",
    "kind_share": "share of the largest kind of lines (equal tags in one element) in the page's weight",
    "kind_of_range": "share of that kind in the range's weight",
    "kind_held": "share of the lines of that kind, those of like elements counted, that it holds",
    "log_weight": "weight, logarithm",
    "log_characters": "characters outside links, logarithm",
    "before": "share of weight that stands before it",
    "after": "share of weight that stands after it",
    "headline_lines": "lines since the headline, -2 where that follows, -1 where there is none",
    "headline_links": "lines of links between it and the headline",
    "headline_weight": "share of weight between it and the headline",
    "links": "linked share of its characters",
    "link_lines": "share of its lines that are links",
    "text_lines": "share of its lines with weight",
    "lines": "number of lines, logarithm",
    "siblings": "blocks with text like its own beside it",
    "place": "where on the page it begins",
    "stops": "full stops a line",
    "marks": "full stops and commas for 100 characters",
    "mean_length": "mean length of its lines, logarithm",
    "max_length": "length of its longest line, logarithm",
    "first_length": "length of its first line, logarithm",
    "last_length": "length of its last line, logarithm",
    "above": "what the line above is: text 3, words 2, links 1, nothing 0",
    "below": "the same of the line below",
    "described": "share of the head's description that it holds, -1 without one",
    "titled": "pairs of characters of the title that it holds, against the best range's",
    "repeated": "share of its characters that the page repeats",
    "legal": "share of its characters in legal notices",
    "moments": "lines with little but a time, for a line of text",
    "comment": "share of its characters in elements of comments",
    "related": "the same of related links",
    "side": "the same of columns at the side",
    "hidden": "the same of what is hidden",
    "of_outer": "how much smaller it is than the largest range around it, logarithm",
    "of_parent": "share of its characters in those of the element around its block",
    "is_bare": "1 where lines without punctuation count",
}
MAX_DISTANCE: Final = 60
_HINTS: Final = (Hint.COMMENT, Hint.RELATED, Hint.SIDE, Hint.HIDDEN)


def add_figures(page: PageSums, blocks: Blocks, found: list[Candidate]) -> None:
    """Set the figures of all candidates of a page."""
    shares = [_share(page, candidate) for candidate in found]
    best_share = max(shares, default=0.0) or 1.0
    best_net = max([candidate.net for candidate in found], default=1.0)
    believed = [_believed(page, blocks, candidate) for candidate in found]
    best_believed = max(believed, default=0.0) or 1.0
    titled = [_titled(page, candidate) for candidate in found]
    best_titled = max(titled, default=0)
    likes = _likes(page, blocks, found)
    sizes = [page.plain_sums[one.last + 1] - page.plain_sums[one.first] for one in found]
    for place, candidate in enumerate(found):
        first, last = candidate.first, candidate.last
        outer = max([size for one, size in zip(found, sizes, strict=True) if one.first <= first and last <= one.last])
        candidate.figures = [
            max(candidate.net, 1.0) / max(best_net, 1.0),
            max(-1.0, blocks.nets[candidate.block] / blocks.top_net) if blocks.top_net > 0 else 0.0,
            believed[place] / best_believed,
            shares[place],
            shares[place] / best_share,
            *_of_weight(page, candidate),
            *_of_place(page, candidate, likes[_like(page, candidate.block)]),
            *_of_text(page, candidate),
            titled[place] / best_titled if best_titled else 0.5,
            *_of_notices(page, candidate),
            log1p(sizes[place]) - log1p(outer),
            _of_parent(page, blocks, candidate),
            float(candidate.is_bare),
        ]


def _share(page: PageSums, candidate: Candidate) -> float:
    return (page.weight_sums[candidate.last + 1] - page.weight_sums[candidate.first]) / page.weight


def _believed(page: PageSums, blocks: Blocks, candidate: Candidate) -> float:
    begin, end = page.heavy_in(candidate.first, candidate.last)
    return max(0.0, sum([blocks.hinted[index] for index in page.heavy[begin:end]]))


def _titled(page: PageSums, candidate: Candidate) -> int:
    begin, end = page.texts_in(candidate.first, candidate.last)
    bits = 0
    for found in page.titled[begin:end]:
        bits |= found
    return bits.bit_count()


def _like(page: PageSums, block: int) -> tuple[int, str]:
    found = page.document.blocks[block]
    return found.parent, found.tag.raw


def _likes(page: PageSums, blocks: Blocks, found: list[Candidate]) -> dict[tuple[int, str], int]:
    """Return how many blocks with text have the same tag in the same element as the blocks of candidates."""
    counts = dict.fromkeys([_like(page, candidate.block) for candidate in found], 0)
    parents = {parent for parent, _ in counts}
    for index, parent in enumerate(blocks.parents):
        if parent in parents and blocks.plain[index]:
            like = _like(page, index)
            if like in counts:
                counts[like] += 1
    return counts


def _of_weight(page: PageSums, candidate: Candidate) -> tuple[float, ...]:
    first, last = candidate.first, candidate.last
    weight = page.weight_sums[last + 1] - page.weight_sums[first]
    characters = page.plain_sums[last + 1] - page.plain_sums[first]
    begin, end = page.heavy_in(first, last)
    kinds, likes = _kinds(page, page.kinds, begin, end), _kinds(page, page.likes, begin, end)
    largest = max(kinds.values(), default=0.0)
    like = max(likes, key=lambda kind: likes[kind], default=-1)
    return (
        characters / page.length,
        largest / page.weight,
        largest / (weight or 1.0),
        likes[like] / page.like_sums[like] if like >= 0 else 0.0,
        log1p(weight),
        log1p(characters),
        page.weight_sums[first] / page.weight,
        (page.weight - page.weight_sums[last + 1]) / page.weight,
    )


def _kinds(page: PageSums, kinds: list[int], begin: int, end: int) -> dict[int, float]:
    """Return the weight of each kind of lines in a part of `page.heavy`."""
    found: dict[int, float] = {}
    for place in range(begin, end):
        kind = kinds[place]
        found[kind] = found.get(kind, 0.0) + page.weights[page.heavy[place]]
    return found


def _of_place(page: PageSums, candidate: Candidate, likes: int) -> tuple[float, ...]:
    first, last = candidate.first, candidate.last
    count = last - first + 1
    distance, links, weight = -1, 0, 0.5
    if (headline := page.headline) is not None:
        is_inside = first <= headline <= last
        distance = 0 if is_inside else -2 if headline > last else min(first - headline, MAX_DISTANCE)
        links = 0 if is_inside else abs(page.link_lines[first] - page.link_lines[headline])
        weight = 0.0 if is_inside else abs(page.weight_sums[first] - page.weight_sums[headline]) / page.weight
    linked = page.linked_sums[last + 1] - page.linked_sums[first]
    characters = page.plain_sums[last + 1] - page.plain_sums[first]
    begin, end = page.heavy_in(first, last)
    return (
        distance,
        links,
        weight,
        linked / (characters + linked + 1),
        (page.link_lines[last + 1] - page.link_lines[first]) / count,
        (end - begin) / count,
        log1p(count),
        likes,
        first / len(page.document.lines),
    )


def _of_text(page: PageSums, candidate: Candidate) -> tuple[float, ...]:
    begin, end = page.texts_in(candidate.first, candidate.last)
    lines = page.document.lines
    heavy_begin, heavy_end = page.heavy_in(candidate.first, candidate.last)
    edges = (
        (page.heavy[heavy_begin], page.heavy[heavy_end - 1])
        if heavy_end > heavy_begin
        else (candidate.first, candidate.last)
    )
    count = max(end - begin, 1)
    stops = page.stops[end] - page.stops[begin]
    commas = page.commas[end] - page.commas[begin]
    characters = page.characters[end] - page.characters[begin]
    described = page.described
    held = bisect_right(described, candidate.last) - bisect_left(described, candidate.first)
    return (
        stops / count,
        100 * (stops + commas) / max(characters, 1),
        log1p(characters / count),
        log1p(max(page.sizes[begin:end], default=0)),
        log1p(len(lines[edges[0]].text)),
        log1p(len(lines[edges[1]].text)),
        _edge(page, candidate.first - 1),
        _edge(page, candidate.last + 1),
        held / len(described) if described else -1.0,
    )


def _edge(page: PageSums, index: int) -> float:
    if not 0 <= index < len(page.weights):
        return -1.0
    weight = page.weights[index]
    if weight > 0:
        return 3.0
    if weight <= LINK_WEIGHT:
        return 1.0
    return 2.0 if page.plain[index] else 0.0


def _of_notices(page: PageSums, candidate: Candidate) -> tuple[float, ...]:
    begin, end = page.texts_in(candidate.first, candidate.last)
    size = (page.plain_sums[candidate.last + 1] - page.plain_sums[candidate.first]) or 1.0
    moments = page.moments[candidate.last + 1] - page.moments[candidate.first]
    hints = [(page.hints[bit][end] - page.hints[bit][begin]) / size if bit in page.hints else 0.0 for bit in _HINTS]
    repeated = (page.repeated[end] - page.repeated[begin]) / size if page.repeated else 0.0
    return (repeated, (page.legal[end] - page.legal[begin]) / size, moments / max(end - begin, 1), *hints)


def _of_parent(page: PageSums, blocks: Blocks, candidate: Candidate) -> float:
    parent = page.document.blocks[candidate.block].parent
    size = page.plain_sums[candidate.last + 1] - page.plain_sums[candidate.first]
    return size / (blocks.plain[parent] or 1.0) if parent >= 0 else 1.0
