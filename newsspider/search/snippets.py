"""The part of a text that shows best why it was found, in segments; never HTML."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Final

from newsspider.search.patterns import marking_pattern
from newsspider.search.query import Term
from newsspider.search.results import Segment

SNIPPET_LENGTH: Final = 160
_LEAD: Final = 30
_MOST_HITS: Final = 200
_SEARCHED: Final = 200_000
_SENTENCE_ENDS: Final = "。！？!?\n"
ELLIPSIS: Final = "…"


def marked(text: str, terms: Sequence[Term]) -> tuple[Segment, ...]:
    """Return all of `text`, hits marked."""
    return tuple(_segments(text, 0, len(text), _spans(text, terms)))


def snippet(text: str, terms: Sequence[Term], length: int = SNIPPET_LENGTH) -> tuple[Segment, ...]:
    """Return some `length` characters of `text` around most of the terms, its beginning where it has none of them."""
    spans = _spans(text, [term for term in terms if not term.in_title])
    begin, end = _window(text, spans, length)
    found = list(_segments(text, begin, end, spans))
    if begin:
        found.insert(0, Segment(ELLIPSIS))
    if end < len(text):
        found.append(Segment(ELLIPSIS))
    return tuple(found)


def _spans(text: str, terms: Sequence[Term]) -> list[tuple[int, int, int]]:
    """Return (begin, end, number of the term) of the hits in a text, in their order, without overlaps."""
    found = sorted(
        (match.start(), match.end(), number)
        for number, term in enumerate(terms)
        for match in islice(marking_pattern(term.units).finditer(text[:_SEARCHED]), _MOST_HITS)
    )
    spans: list[tuple[int, int, int]] = []
    for begin, end, number in found:
        if spans and begin < spans[-1][1]:
            if end > spans[-1][1]:
                spans[-1] = (spans[-1][0], end, spans[-1][2])
        elif end > begin:
            spans.append((begin, end, number))
    return spans


def _window(text: str, spans: Sequence[tuple[int, int, int]], length: int) -> tuple[int, int]:
    if not spans or len(text) <= length:
        return 0, min(length, len(text))
    best, most, behind = spans[0][0], 0, 0
    for at, (begin, _, _) in enumerate(spans):
        behind = max(behind, at)
        while behind < len(spans) and spans[behind][1] <= begin + length - _LEAD:
            behind += 1
        count = len({number for _, _, number in spans[at:behind]})
        if count > most:
            best, most = begin, count
    begin = max(0, best - _LEAD)
    sentence = max(text.rfind(character, begin, best) for character in _SENTENCE_ENDS)
    begin = sentence + 1 if sentence >= 0 else begin
    begin = max(0, min(begin, len(text) - length))
    return begin, min(len(text), begin + length)


def _segments(text: str, begin: int, end: int, spans: Sequence[tuple[int, int, int]]) -> Iterator[Segment]:
    at = begin
    for first, last, _ in spans:
        first, last = max(first, begin), min(last, end)
        if first >= last:
            continue
        if first > at:
            yield Segment(_one_line(text[at:first]))
        yield Segment(_one_line(text[first:last]), True)
        at = last
    if at < end:
        yield Segment(_one_line(text[at:end]))


def _one_line(text: str) -> str:
    return text.replace("\n", " ")
