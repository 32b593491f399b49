"""What reads like an article and stands beside it: notices to visitors above the headline, columns of dated flashes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from newsspider.pages.document import Block, Document, Hint

MIN_FLASHES: Final = 4
MIN_SENTENCE: Final = 24
# The first sentence of an article stands no more lines below its headline.
REACH: Final = 25
MIN_NOTICE: Final = 20
# So many of these words make a line a notice.
NOTICE_WORDS: Final = 2
_NOTICE: Final = re.compile(
    r"[隐隱]私|[Cc]ookie|[浏瀏][览覽](?:[习習][惯慣]|器)|(?:[阅閱][读讀]|使用)[体體][验驗]|同意.{0,12}(?:[规規][范範]|[条條]款|政策|使用)"
    r"|(?:服[务務]|使用)[条條]款|[继繼][续續](?:[浏瀏][览覽]|使用)|privacy|your browser|consent"
)
_TIME_STARTS: Final = "0123456789今昨[【(（"
_HAN: Final = re.compile(r"[㐀-鿿]")
_CLOCK: Final = re.compile(
    r"[\[【(（]?(?:(?:今天|昨天|今日|昨日)\s?|(?:\d{4}[-/年.])?\d{1,2}[-/月.]\d{1,2}日?\s{0,2})?\d{1,2}[:：]\d{2}(?:[:：]\d{2})?[\]】)）]?(?!\d)"
)
# Where an article is made up of dated entries.
_LIVE: Final = re.compile(r"直播|[实實][录錄]|[时時][间間][线線]|大事[记記]|timeline|\blive", re.IGNORECASE)
_COLUMN: Final = Hint.SIDE | Hint.RELATED | Hint.NAV


def lines_beside(document: Document) -> set[int]:
    """Return the lines of notices to visitors and of columns of flashes; nothing on a page without a headline."""
    headline = document.headline
    if headline is None:
        return set()
    _take_in(document, headline)
    return {*_notices(document, headline), *_flashes(document, headline)}


def _take_in(document: Document, headline: int) -> None:
    """Take the hint of a column off the lines around the headline: what holds it is not beside the article."""
    if document.lines[headline].hints & Hint.SIDE:
        for block in document.around(document.lines[headline].block):
            if block.hints & Hint.SIDE:
                for line in document.lines[block.first : block.last + 1]:
                    line.hints &= ~Hint.SIDE


def _notices(document: Document, headline: int) -> Iterator[int]:
    """Yield the lines above the headline that speak of cookies, browsers and privacy, other languages' included."""
    was_notice = False
    for line in document.lines[:headline]:
        text = line.text
        if len(text) < MIN_NOTICE:
            continue
        is_foreign = was_notice and 2 * len(_HAN.findall(text)) < len(text)
        was_notice = is_foreign or len(set(_NOTICE.findall(text))) >= NOTICE_WORDS
        if was_notice:
            yield line.index


def _flashes(document: Document, headline: int) -> Iterator[int]:
    """Yield the lines of the elements that hold several notes with a time each and not the article."""
    groups: dict[int, int] = {}
    timed = [line for line in document.lines if line.text[:1] in _TIME_STARTS and _CLOCK.match(line.text)]
    for line, following in pairwise(timed):
        container = _common(document, line.block, following.block)
        groups[container] = groups.get(container, 0) + 1
    many = [block for block, count in groups.items() if count >= MIN_FLASHES - 1 and block > 0]
    if not many or _LIVE.search(document.title_tag or ""):
        return
    for block in (document.blocks[place] for place in many):
        if not block.first <= headline <= block.last and _is_column(document, block, headline):
            yield from range(block.first, block.last + 1)


def _common(document: Document, first: int, second: int) -> int:
    """Return the smallest element around two blocks: a block stands after the one around it."""
    while first != second:
        if first > second:
            first = document.blocks[first].parent
        else:
            second = document.blocks[second].parent
    return first


def _is_column(document: Document, block: Block, headline: int) -> bool:
    """Return True if the article's first sentence stands under the headline, and apart from a group of flashes."""
    if _LIVE.search(block.tag.names):
        return False
    for line in document.lines[headline + 1 : headline + 1 + REACH]:
        is_sentence = len(line.text) >= MIN_SENTENCE and not line.linked and ("。" in line.text or "，" in line.text)
        if is_sentence and not block.first <= line.index <= block.last:
            own = document.blocks[line.block]
            is_beside = own.parent != block.parent or own.tag.name != "p"
            return is_beside or bool(document.lines[block.first].hints & _COLUMN)
    return False
