"""Where a text begins and ends: rules about its first and last lines, once it is known about where it stands."""

from __future__ import annotations

import re
from typing import Final

from newsspider.pages.body.lead import OPENING, REPEATED_LINES, is_byline, with_caption, with_lead
from newsspider.pages.body.line_scores import BOILERPLATE, LINK_WEIGHT, SUMMARY_WEIGHT, is_header
from newsspider.pages.document import Block, Document, Hint, Line
from newsspider.pages.related.headings import heading_name, is_other_heading

HEADER_REACH: Final = 4
# A live report has so many entries, its time in a short line above each, and little between them.
_LIVE: Final = re.compile(r"直播|[实實][录錄]")
_ENTRY_TIME: Final = re.compile(r"(?:\d{4}[-/.年])?(?:\d{1,2}[-/.月]\d{1,2}日?\s{0,2})?\d{1,2}[:：]\d{2}")
MIN_ENTRIES: Final = 2
MIN_ENTRY: Final = 12
ENTRY_PAUSE: Final = 4
MAX_MOMENT: Final = 24
# A board's header has several of these lines.
POST_REACH: Final = 8
MIN_POST_LABELS: Final = 2
_POST_HEADER: Final = re.compile(
    r"(?:[发發寄]信人|[发發]信站|信[区區]|[标標]\s{0,2}[题題]|看板|作者|[时時][间間])\s?[:：\s](?=.)"
)
_EDITOR: Final = re.compile(
    r"[(（\[【\s]{0,3}(?:(?:责任编辑|責任編輯|责编|責編)\s{0,2}[:：|｜丨/]|(?:编辑|編輯|校对|校對|审核|審核|监制|監製)\s{0,2}[|｜丨])"
)
_CELLS: Final = frozenset(("td", "th", "tr"))
EDGE_LINES: Final = 12
# A paragraph with so much of the text is the text: what stands beside it is its end.
ONE_PARAGRAPH: Final = 0.8
REST_SHARE: Final = 0.7
# A sentence after a block of links goes on with the text.
RESUMED_WEIGHT: Final = 40.0


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
    if _LIVE.search(document.title_tag or ""):
        last = _with_entries(document, found, last)
        bottom = max(bottom, last)
    begin = with_lead(lines, found, _grown_back(document, found, first, top))
    return with_caption(document, found, begin), _grown_on(lines, found, last, bottom)


def _with_entries(document: Document, found: list[float], last: int) -> int:
    """Return the last line of a live report with the entries that follow its text, each below its time.

    Their times, and buttons between them, are not text.
    """
    end, pause = last, 0
    times: list[int] = []
    between: list[int] = []
    for line in document.lines[last + 1 :]:
        if line.hints & BOILERPLATE or pause > ENTRY_PAUSE:
            break
        if len(line.text) <= MAX_MOMENT and _ENTRY_TIME.match(line.text):
            times.append(line.index)
        elif times and not line.linked and (len(line.text) >= MIN_ENTRY or (line.images and not line.text)):
            end, pause = line.index, -1
        elif line.text:
            between.append(line.index)
        pause += 1
    if len(times) < MIN_ENTRIES:
        return last
    for index in [*times, *between]:
        found[index] = SUMMARY_WEIGHT
    return end


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
    posted = [index for index in range(first, min(first + POST_REACH, last)) if _POST_HEADER.match(lines[index].text)]
    if len(posted) >= MIN_POST_LABELS:
        return posted[-1] + 1
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
    """Return True if nothing of the text follows a line: another block's heading, comments, an editor, a signature."""
    return (
        bool(heading_name(line.text) or line.hints & Hint.COMMENT)
        or line.text == "--"
        or is_other_heading(line.text)
        or _EDITOR.match(line.text) is not None
    )


def _grown_back(document: Document, found: list[float], first: int, limit: int) -> int:
    """Return the first line of a range taken back over subheads, captions and pictures in front of it."""
    lines, blocks = document.lines, document.blocks
    start = first
    for index in range(first - 1, max(limit, first - EDGE_LINES) - 1, -1):
        line = lines[index]
        if line.level == 1 or found[index] < -1 or line.hints & (BOILERPLATE | Hint.HIDDEN) or is_byline(line):
            break
        if blocks[line.block].tag.name in _CELLS and blocks[lines[first].block].tag.name not in _CELLS:
            break
        if line.text or line.images:
            start = index
    return start


def _grown_on(lines: list[Line], found: list[float], last: int, limit: int) -> int:
    end = last
    for index in range(last + 1, min(limit, last + EDGE_LINES) + 1):
        line = lines[index]
        if found[index] < -1 or line.hints & BOILERPLATE or _is_end(line):
            break
        end = index
    return end
