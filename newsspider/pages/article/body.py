"""Where the text of an article stands: the block whose lines weigh most, its range trimmed, foreign lines left out."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from newsspider.pages.article.line_scores import (
    BOILERPLATE,
    PROSE_WEIGHT,
    SENTENCE_END,
    SUMMARY_WEIGHT,
    is_header,
    is_link_line,
    leads_to_file,
    line_weight,
    weights,
)
from newsspider.pages.document import Document, Hint, Line
from newsspider.pages.related.headings import heading_name, is_other_heading

HEADER_REACH: Final = 4
_EDITOR: Final = re.compile(r"[(（\[【\s]{0,3}(?:责任编辑|責任編輯|责编|責編)\s{0,2}[:：]")
_CELLS: Final = frozenset(("td", "th", "tr"))
_LABELLED: Final = re.compile(
    r"\d{4}[-/.年]|(?:来源|來源|编辑|編輯|责编|时间|時間|发布|發佈|發布|\d{1,4}人?(?:评论|阅读))\s?[:：]?"
)
_CREDIT: Final = re.compile(r"\d{4}\W|\d:\d\d|来源|來源|作者|编辑|編輯|记者|記者|\d月|[时時]前")
TIGHT_SHARE: Final = 0.86
EDGE_LINES: Final = 12
LEAD_LINES: Final = 5
LEAD_WEIGHT: Final = 50.0
REST_SHARE: Final = 0.7
_PICTURE: Final = re.compile(r"pic|img|image|photo|figure|tupian", re.IGNORECASE)
MAX_CAPTION: Final = 120


@dataclass(slots=True)
class Body:
    """The lines of an article's text. `first` and `last` (inclusive) are its range, `lines` what of it counts."""

    first: int
    last: int
    lines: list[int] = field(default_factory=list)
    method: str = "density"
    score: float = 0.0
    weights: list[float] = field(default_factory=list)
    candidates: list[tuple[str, float]] = field(default_factory=list)

    @property
    def range(self) -> tuple[int, int]:
        return self.first, self.last


def find_body(document: Document, selected: tuple[int, int] | None = None) -> Body | None:
    """Return the article's text, None where no line reads like a sentence."""
    lines = document.lines
    found = weights(document)
    if selected is not None:
        return Body(*selected, method="selector", weights=found)
    owners, parents = [line.block for line in lines], [block.parent for block in document.blocks]
    sums = _block_sums(owners, parents, found)
    if not sums or (heaviest := max(sums)) <= 0:
        return None
    best = len(sums) - 1 - sums[::-1].index(heaviest)
    positive = [weight if weight > 0 else 0.0 for weight in found]
    chosen = _tightened(parents, _block_sums(owners, parents, positive), best)
    block = document.blocks[chosen]
    first, last = _heaviest_range(found, block.first, block.last)
    first = _behind_hidden(lines, found, _behind_header(lines, first, last), last)
    last = _resumed(document, found, _cut(document, found, first, last), block.last)
    body = Body(first, last, score=sums[chosen], weights=found)
    first = _with_lead(lines, found, _grown_back(document, found, first, block.first))
    body.first = _with_caption(document, first)
    body.last = _grown_on(lines, found, last, block.last)
    body.candidates = [(_name(document, index), sums[index]) for index in sorted({best, chosen})]
    return body


def _name(document: Document, index: int) -> str:
    tag = document.blocks[index].tag
    names = [tag.name, (own := tag.get("id")) and f"#{own}", (own := tag.get("class")) and f".{own}"]
    return "".join(name for name in names if name)


def _block_sums(owners: list[int], parents: list[int], found: list[float]) -> list[float]:
    """Return the summed weight of every block's lines, those of the blocks inside it included.

    `owners` are the lines' blocks, `parents` the blocks' parents.
    """
    sums = [0.0] * len(parents)
    for owner, weight in zip(owners, found, strict=True):
        if weight:
            sums[owner] += weight
    for index in range(len(parents) - 1, 0, -1):
        if (weight := sums[index]) and (parent := parents[index]) >= 0:
            sums[parent] += weight
    return sums


def _tightened(parents: list[int], sums: list[float], best: int) -> int:
    """Return the smallest block inside `best` that holds nearly all of its weight."""
    chosen, least = best, TIGHT_SHARE * sums[best]
    # No sum is below 0 here: of blocks side by side only one can hold more than half.
    for index in [index for index in range(best + 1, len(sums)) if sums[index] >= least]:
        if parents[index] == chosen:
            chosen = index
    return chosen


def _heaviest_range(found: list[float], first: int, last: int) -> tuple[int, int]:
    """Return the range of lines with the largest sum of weights (Kadane), without light lines at its ends."""
    top, top_range = float("-inf"), (first, last)
    total, start = 0.0, first
    for index in range(first, last + 1):
        if total <= 0:
            total, start = 0.0, index
        total += found[index]
        if total > top:
            top, top_range = total, (start, index)
    begin, end = top_range
    while begin < end and found[begin] <= 0:
        begin += 1
    return begin, end


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
    before = next((index for index in range(heading - 1, -1, -1) if found[index] >= PROSE_WEIGHT), None)
    if before is None or heading >= last or found[heading + 1] > -12.0 or not heading_name(lines[heading].text):
        return 0
    paragraph = document.blocks[lines[before].block]
    for line in lines[heading + 1 : last + 1]:
        if found[line.index] >= PROSE_WEIGHT and not line.anchors:
            block = document.blocks[line.block]
            is_alike = block.parent == paragraph.parent and block.tag.raw == paragraph.tag.raw
            return line.index if is_alike else 0
        if found[line.index] > -12.0 and line.text:
            return 0
    return 0


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
    """Tell whether nothing of the text follows a line: another block's heading, comments, the editor's credit."""
    return (
        bool(heading_name(line.text) or line.hints & Hint.COMMENT)
        or is_other_heading(line.text)
        or _EDITOR.match(line.text) is not None
    )


def _with_lead(lines: list[Line], found: list[float], first: int) -> int:
    """Return the first line with a lead in front of it: a sentence before the text that this does not repeat."""
    for index in range(first - 1, max(-1, first - LEAD_LINES - 1), -1):
        line = lines[index]
        if found[index] <= -12.0 or line.level in (1, 2) or line.hints & BOILERPLATE:
            break
        if (
            line_weight(line) >= LEAD_WEIGHT
            and found[index] > 0
            and not line.hints & Hint.BYLINE
            and "。" in line.text[-3:]
        ):
            opening = line.text[:12]
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
    """Tell whether a line is called a caption, or stands below a picture in an element that holds only these two."""
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
    if not line.text or not _CREDIT.search(line.text):
        return False
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


def keep_lines(document: Document, body: Body, used: set[int]) -> None:
    """Set `body.lines`: the lines of its range but those of related blocks, foreign elements, bare links.

    In front of the first sentence the byline's elements are left out as well: a picture may stand above them.
    """
    inside = document.lines[body.first : body.last + 1]
    foreign = sum(len(line.text) for line in inside if line.hints & BOILERPLATE)
    excluded = BOILERPLATE if 2 * foreign <= sum(len(line.text) for line in inside) else 0
    is_head = True
    for line in inside:
        is_head = is_head and body.weights[line.index] < PROSE_WEIGHT
        if line.hints & excluded or (line.index in used and body.weights[line.index] < PROSE_WEIGHT):
            continue
        if is_head and line.hints & Hint.BYLINE and _CREDIT.search(line.text) and "。" not in line.text:
            continue
        if body.weights[line.index] == SUMMARY_WEIGHT:
            continue
        if line.linked and is_link_line(line) and not leads_to_file(line) and not SENTENCE_END.search(line.text):
            continue
        body.lines.append(line.index)
