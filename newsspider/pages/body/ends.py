"""Where a text begins and ends: rules about its first and last lines, once it is known about where it stands."""

from __future__ import annotations

import re
from itertools import islice
from typing import Final

from newsspider.pages.body.line_scores import (
    BOILERPLATE,
    LINK_WEIGHT,
    is_header,
    line_weight,
)
from newsspider.pages.document import Block, Document, Hint, Line
from newsspider.pages.related.headings import heading_name, is_other_heading

HEADER_REACH: Final = 4
_EDITOR: Final = re.compile(
    r"[(（\[【\s]{0,3}(?:(?:责任编辑|責任編輯|责编|責編)\s{0,2}[:：|｜丨/]|(?:编辑|編輯|校对|校對|审核|審核|监制|監製)\s{0,2}[|｜丨])"
)
_CELLS: Final = frozenset(("td", "th", "tr"))
_LABELLED: Final = re.compile(
    r"\d{4}[-/.年]|(?:来源|來源|编辑|編輯|责编|时间|時間|发布|發佈|發布|\d{1,4}人?(?:评论|阅读))\s?[:：]?"
)
CREDIT: Final = re.compile(r"\d{4}\W|\d:\d\d|来源|來源|作者|编辑|編輯|记者|記者|\d月|[时時]前")
EDGE_LINES: Final = 12
# A paragraph with so much of the text is the text: what stands beside it is its end.
ONE_PARAGRAPH: Final = 0.8
LEAD_LINES: Final = 5
# A lead is repeated where so many of its first characters are.
OPENING: Final = 12
REPEATED_LINES: Final = 4
LEAD_WEIGHT: Final = 50.0
REST_SHARE: Final = 0.7
# A sentence after a block of links goes on with the text.
RESUMED_WEIGHT: Final = 40.0
_PICTURE: Final = re.compile(r"pic|img|image|photo|figure|tupian", re.IGNORECASE)
MAX_CAPTION: Final = 120
# A medium's name alone in an element of bylines.
MAX_MEDIUM: Final = 12


def whole_text(document: Document, found: list[float], first: int, last: int, block: int) -> tuple[int, int]:
    """Return the first and last line of the text whose heaviest lines are `first` to `last`, inside a block.

    `found` are the weights of the page's lines. Nothing is added from outside the smallest block around these lines but
    a lead and a caption.
    """
    lines = document.lines
    heavy = [index for index in range(first, last + 1) if found[index] > 0] or [first, last]
    top, bottom = _limits(document, found, heavy[0], heavy[-1], block)
    if (begin := _behind_repeated(document, found, first, last)) > first:
        first = top = begin
    first = _behind_hidden(lines, found, _behind_header(lines, first, last), last)
    last = _cut(document, found, first, last)
    resumed = _resumed(document, found, last, _around(document, first, last))
    last, bottom = resumed, max(bottom, resumed)
    begin = _with_lead(lines, found, _grown_back(document, found, first, top))
    return _with_caption(document, begin), _grown_on(lines, found, last, bottom)


def _limits(document: Document, found: list[float], first: int, last: int, block: int) -> tuple[int, int]:
    """Return the first and last line of the smallest block that holds two lines, at most the block of index `block`.

    For a single paragraph they are those of the run of such elements around it: signature and date of a notice.
    """
    inner = document.lines[first].block
    if document.lines[last].block == inner and (inner != block or _is_nearly_all(document, found, inner)):
        return _run(document, first, last)
    for outer in document.around(inner):
        if outer.last >= last and outer.first <= first:
            return outer.first, outer.last
    return document.blocks[block].first, document.blocks[block].last


def _around(document: Document, first: int, last: int) -> int:
    """Return the last line of the block around the smallest block that holds two lines."""
    is_found = False
    for block in document.around(document.lines[first].block):
        if is_found:
            return block.last
        is_found = block.first <= first and block.last >= last
    return last


def _is_nearly_all(document: Document, found: list[float], inner: int) -> bool:
    """Return True if a block holds nearly all of the weight of the element around it."""
    own = document.blocks[inner]
    outer = document.blocks[own.parent] if own.parent >= 0 else own
    weight, whole = (
        sum([value for value in found[block.first : block.last + 1] if value > 0]) for block in (own, outer)
    )
    return weight >= ONE_PARAGRAPH * whole


def _run(document: Document, first: int, last: int) -> tuple[int, int]:
    """Return the first and last line of the elements next to a paragraph that have its tag and its parent."""
    lines, blocks = document.lines, document.blocks
    own = blocks[lines[first].block]
    if own.tag.name != "p":
        return own.first, own.last
    while first > 0 and _is_like(blocks[lines[first - 1].block], own):
        first -= 1
    while last + 1 < len(lines) and _is_like(blocks[lines[last + 1].block], own):
        last += 1
    return min(first, own.first), max(last, own.last)


def _is_like(block: Block, other: Block) -> bool:
    return block is other or (block.parent == other.parent and block.tag.name == other.tag.name)


def _behind_repeated(document: Document, found: list[float], first: int, last: int) -> int:
    """Return the first line of a range that begins with a lead which the text repeats, put after that."""
    lines, blocks = document.lines, document.blocks
    following = next((index for index in range(first + 1, last + 1) if found[index] > 0), None)
    if following is None or _is_like(blocks[lines[first].block], blocks[lines[following].block]):
        return first
    text = lines[first].text.rstrip("。…. ")
    opening, ending = text[:OPENING], text[-OPENING:]
    shown = "".join([line.text for line in lines[following : following + REPEATED_LINES]])
    return following if len(opening) == OPENING and opening in shown and ending in shown else first


def _behind_header(lines: list[Line], first: int, last: int) -> int:
    """Return the first line of a range that begins above the article's header, as a deck does, put behind that."""
    for index in range(first, min(first + HEADER_REACH, last)):
        if is_header(lines[index].text):
            return index + 1
    return first


def _behind_hidden(lines: list[Line], found: list[float], first: int, last: int) -> int:
    """Return the first line of a range that begins with hidden lines, as a video's summary, put behind these."""
    while first < last and (lines[first].hints & Hint.HIDDEN or found[first] <= 0):
        first += 1
    return first


def _cut(document: Document, found: list[float], first: int, last: int) -> int:
    """Return the last line of a range cut at the first heading of another block, where little weight is behind it."""
    lines = document.lines
    total = sum(weight for weight in found[first : last + 1] if weight > 0)
    seen = 0.0
    for index in range(first, last + 1):
        line = lines[index]
        if (
            seen >= REST_SHARE * total
            and len(line.text) <= 30
            and _is_end(line)
            and not _goes_on(document, found, index, last)
        ):
            while index - 1 > first and found[index - 1] <= 0:
                index -= 1
            return index - 1
        seen += max(0.0, found[index])
    return last


def _goes_on(document: Document, found: list[float], heading: int, last: int) -> int:
    """Return the line at which the text goes on behind a block of links inside it, 0 where it does not.

    What goes on is a paragraph of the kind that stands in front of the block.
    """
    lines = document.lines
    before = next((index for index in range(heading - 1, -1, -1) if found[index] >= RESUMED_WEIGHT), None)
    if before is None or heading >= last or found[heading + 1] > LINK_WEIGHT or not heading_name(lines[heading].text):
        return 0
    paragraph = document.blocks[lines[before].block]
    for line in lines[heading + 1 : last + 1]:
        if found[line.index] >= RESUMED_WEIGHT and not line.anchors:
            block = document.blocks[line.block]
            return line.index if _is_alike(document, block, paragraph) else 0
        if found[line.index] > LINK_WEIGHT and line.text:
            return 0
    return 0


def _is_alike(document: Document, block: Block, other: Block) -> bool:
    """Return True if two blocks have one tag, and one parent or parents alike beside each other."""
    if block.tag.raw != other.tag.raw:
        return False
    outer, others = document.blocks[block.parent], document.blocks[other.parent]
    return outer is others or (outer.parent == others.parent and outer.tag.raw == others.tag.raw)


def _resumed(document: Document, found: list[float], last: int, limit: int) -> int:
    """Return the last line of a range grown over blocks of links behind which the text goes on."""
    heading = last + 1
    while heading < limit and (place := _goes_on(document, found, heading, limit)):
        last = place
        while last < limit and found[last + 1] >= 0 and not _is_end(document.lines[last + 1]):
            last += 1
        heading = last + 1
    return last


def _is_end(line: Line) -> bool:
    """Return True if nothing of the text follows a line: another block's heading, comments, the editor's credit."""
    return (
        bool(heading_name(line.text) or line.hints & Hint.COMMENT)
        or is_other_heading(line.text)
        or _EDITOR.match(line.text) is not None
    )


def _with_lead(lines: list[Line], found: list[float], first: int) -> int:
    """Return the first line with a lead in front of it: a sentence before the text that this does not repeat."""
    for index in range(first - 1, max(-1, first - LEAD_LINES - 1), -1):
        line = lines[index]
        if found[index] <= LINK_WEIGHT or line.level in (1, 2) or line.hints & (BOILERPLATE | Hint.HIDDEN):
            break
        if (
            line_weight(line) >= LEAD_WEIGHT
            and found[index] > 0
            and not line.hints & Hint.BYLINE
            and "。" in line.text[-3:]
        ):
            opening = line.text[:OPENING]
            return first if any(opening in other.text for other in lines[first : first + 4]) else index
    return first


def _grown_back(document: Document, found: list[float], first: int, limit: int) -> int:
    """Return the first line of a range taken back over subheads, captions and pictures in front of it."""
    lines, blocks = document.lines, document.blocks
    start = first
    for index in range(first - 1, max(limit, first - EDGE_LINES) - 1, -1):
        line = lines[index]
        if line.level == 1 or found[index] < -1 or line.hints & (BOILERPLATE | Hint.HIDDEN) or _is_byline(line):
            break
        if blocks[line.block].tag.name in _CELLS and blocks[lines[first].block].tag.name not in _CELLS:
            break
        if line.text or line.images:
            start = index
    return start


def _with_caption(document: Document, first: int) -> int:
    """Return the first line of a text with the caption in front of it, which may stand outside of its block."""
    lines = document.lines
    if first < 2 or not lines[first - 1].text or not _is_caption(document, lines[first - 1]):
        return first
    caption = lines[first - 1]
    if (
        caption.level
        or caption.linked
        or caption.hints & (BOILERPLATE | Hint.BYLINE)
        or len(caption.text) > MAX_CAPTION
    ):
        return first
    above = lines[first - 2]
    return above.index if above.images and not above.text else caption.index


def _is_caption(document: Document, line: Line) -> bool:
    """Return True if a line is called a caption, or stands below a picture in an element that holds only these two."""
    if line.hints & Hint.CAPTION:
        return True
    above = document.lines[line.index - 1]
    return (
        line.index > 0
        and not above.text
        and len(above.images) == 1
        and any(
            block.first == above.index
            and block.last == line.index
            and _PICTURE.search(block.tag.names or block.tag.name)
            for block in islice(document.around(line.block), 3)
        )
    )


def _is_byline(line: Line) -> bool:
    if not line.text:
        return False
    if not CREDIT.search(line.text):
        return bool(line.hints & Hint.BYLINE) and len(line.text) <= MAX_MEDIUM and "。" not in line.text
    if is_header(line.text):
        return True
    if line.hints & (Hint.BYLINE | Hint.ARTICLE):
        return bool(line.hints & Hint.BYLINE)
    return len(line.text) <= 30 and _LABELLED.match(line.text) is not None


def _grown_on(lines: list[Line], found: list[float], last: int, limit: int) -> int:
    end = last
    for index in range(last + 1, min(limit, last + EDGE_LINES) + 1):
        line = lines[index]
        if found[index] < -1 or line.hints & BOILERPLATE or _is_end(line):
            break
        end = index
    return end
