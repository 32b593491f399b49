"""Cards: like elements of one element that each hold a headline's link, as lists are made of."""

from __future__ import annotations

import re
from functools import lru_cache
from math import log1p
from typing import Final

from newsspider.pages.document import Document, Hint
from newsspider.pages.markup.tag import value_of

HEADLINE: Final = 6
_NUMBERS: Final = re.compile(r"\d+")
_OUTSIDE: Final = Hint.NAV | Hint.FOOTER
MAX_MORE: Final = 10
_CUT_ENDS: Final = ("…", "...", "[详细]", "[详情]")
_CUT_STARTS: Final = "阅閱全查展继繼更[【(（+…."
_CUT_OFF: Final = re.compile(
    r"[\[【(（+＋>»\s]{0,3}(?:[阅閱]?[读讀]?(?:全文|更多|原文)|查看(?:全文|更多|[详詳]情)"
    r"|展[开開](?:全文|[阅閱][读讀])?|[继繼][续續][阅閱][读讀]|read more|[详詳][细細])[\]】)）\s…>»]{0,4}",
    re.IGNORECASE,
)
_GOES_ON: Final = re.compile(
    r"[\[【<«\s]{0,3}(?:下一?[页頁]|[较較]早的?(?:文章|日志)"
    r"|older posts|加[载載]更多|[点點][击擊]加[载載]更多|next)[\]】>»\s]{0,3}",
    re.IGNORECASE,
)

# Name -> meaning
CARD_FIGURES: Final = {
    "cards": "like elements with a linked headline each, logarithm",
    "cards_in_text": "of these, those that the text stands in, logarithm",
    "in_card": "1 where the text lies in one of several",
    "linked_headings": "headings that are links, logarithm",
    "is_title_linked": "1 where the headline is a link",
    "cut_off": "lines that end in dots or are no more than 阅读全文, logarithm",
    "goes_on": "1 where the page leads to a next one or loads more",
}


def card_figures(document: Document, title: str, first: int, last: int) -> list[float]:
    """Return the figures of a page by `CARD_FIGURES`; its text stands on the lines `first` to `last`."""
    groups = _groups(document)
    members = max(groups.values(), key=len, default=[])
    spans = [(document.blocks[block].first, document.blocks[block].last) for block in members]
    touched = sum([begin <= last and first <= end for begin, end in spans])
    is_inside = len(spans) > 1 and any(begin <= first and last <= end for begin, end in spans)
    headings = cut = 0
    is_title_linked = goes_on = False
    for line in document.lines:
        text = line.text
        if line.anchors:
            is_linked = line.linked >= len(text) - 2 > HEADLINE - 2
            headings += line.level > 0 and is_linked
            is_title_linked = is_title_linked or (is_linked and text == title)
            if len(text) <= 12 and not goes_on:
                goes_on = _GOES_ON.fullmatch(text) is not None
        is_short = 0 < len(text) <= MAX_MORE and text[0] in _CUT_STARTS
        cut += text.endswith(_CUT_ENDS) or (is_short and _CUT_OFF.fullmatch(text) is not None)
    return [
        log1p(len(members)),
        log1p(touched),
        float(is_inside),
        log1p(headings),
        float(is_title_linked),
        log1p(cut),
        float(goes_on),
    ]


def _groups(document: Document) -> dict[tuple[int, str], list[int]]:
    """Return the elements with a linked headline in them, like ones of one element together."""
    blocks = document.blocks
    seen: set[int] = set()
    groups: dict[tuple[int, str], list[int]] = {}
    for line in document.lines:
        if line.linked < HEADLINE or line.hints & _OUTSIDE:
            continue
        place = line.block
        while place > 0 and place not in seen:
            seen.add(place)
            block = blocks[place]
            groups.setdefault((block.parent, _like(block.tag.raw)), []).append(place)
            place = block.parent
    return groups


@lru_cache(maxsize=5_000)
def _like(raw: str) -> str:
    """Return what like elements have in common: the tag's name and its class without numbers."""
    return f"{raw.partition(' ')[0]} {_NUMBERS.sub('', value_of(raw, 'class') or '')}"
