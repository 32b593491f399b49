"""Where the text of an article stands: the block whose lines weigh most, its range trimmed, foreign lines left out."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from newsspider.pages.document import Document, Hint, Line
from newsspider.pages.headings import heading_name

_FOREIGN: Final = int(Hint.COMMENT | Hint.RELATED | Hint.FOOTER | Hint.NAV | Hint.AD | Hint.SHARE)
_DOUBTFUL: Final = int(Hint.SIDE | Hint.HIDDEN)
_PUNCTUATION: Final = re.compile(r"[，。！？；：、“”「」,;!?…]")
_SENTENCE_END: Final = re.compile(r"[。！？!?…；;”」』)）】：:]\W{0,3}$")
_LEGAL: Final = re.compile(
    r"版权所有|版權所有|Copyright|©|ICP备|ICP证|公网安备|許可證|许可证[编号:：]|违法和不良信息|不良信息举报|网站声明"
    r"|All [Rr]ights? [Rr]eserved|仅代表|僅代表|不代表|未经.{0,12}(?:授权|许可|书面)|免责声明|版权声明|转载请|轉載請|侵权",
)
_COMMENTER: Final = re.compile(r"网友|網友|发表于|發表於|楼|顶\s?\[?\d|支持\s?\[?\d|回复|\[\d+\]")
MAX_WEIGHT: Final = 600.0
LINK_SHARE: Final = 0.6
TIGHT_SHARE: Final = 0.86
EDGE_LINES: Final = 12


@dataclass(slots=True)
class Body:
    """The lines of an article's text. `first` and `last` (inclusive) are its range, `lines` what of it counts."""

    first: int
    last: int
    lines: list[int] = field(default_factory=list)
    method: str = "density"
    score: float = 0.0
    candidates: list[tuple[str, float]] = field(default_factory=list)

    @property
    def range(self) -> tuple[int, int]:
        return self.first, self.last


def line_weight(line: Line) -> float:
    """Return how much a line speaks for (or, below 0, against) being text of an article."""
    text = line.text
    length = len(text)
    if not length:
        return -2.0 if line.links and not line.images else 0.0
    linked = line.linked
    if linked > LINK_SHARE * length:
        is_sentence = length > 60 and text.count("。") >= 2
        return 0.0 if is_sentence else -12.0 - min(length, 40) / 2
    plain = length - linked
    marks = len(_PUNCTUATION.findall(text)) if length < 2000 else length // 20
    if plain < 12 or (marks == 0 and plain < 60):
        return 0.0 if plain >= 6 and not line.links else -1.0
    weight = min(plain + 8.0 * min(marks, 30), MAX_WEIGHT)
    if not marks:
        weight *= 0.3
    elif not _SENTENCE_END.search(text):
        weight *= 0.6
    if len(line.links) > 3 and linked > 0.3 * length:
        weight *= 0.4
    hints = line.hints
    if hints & _FOREIGN:
        return -0.5 * min(weight, 60.0) if not hints & Hint.ARTICLE else 0.1 * weight
    if _LEGAL.search(text):
        return min(weight, 10.0) * 0.1
    if hints & _DOUBTFUL:
        weight *= 0.4
    elif hints & Hint.ARTICLE:
        weight *= 1.25
    return weight


def weights(document: Document) -> list[float]:
    """Return the weight of every line; a snippet between link lines weighs nothing."""
    found = [line_weight(line) for line in document.lines]
    lines = document.lines
    for index in range(1, len(lines)):
        if 0 < found[index] < 250 and _is_snippet(lines, found, index):
            found[index] = -6.0
    return found


def _is_snippet(lines: list[Line], found: list[float], index: int) -> bool:
    """Tell whether a line is the snippet of a row: behind its title's link, before the next one or before a 更多."""
    line = lines[index]
    if len(line.text) > 160 or found[index - 1] > -12.0:
        return False
    if line.block == lines[index - 1].block and not line.links:
        following = index + 1
    else:
        following = index + 1
    for other in range(following, min(following + 3, len(lines))):
        if found[other] <= -12.0:
            return True
        if found[other] > 0:
            return False
    return False


def find_body(document: Document, selected: tuple[int, int] | None = None) -> Body | None:
    """Return the article's text, None where no line reads like a sentence."""
    lines = document.lines
    found = weights(document)
    if selected is not None:
        return Body(*selected, method="selector")
    sums = _block_sums(document, found)
    if not sums or max(sums) <= 0:
        return None
    best = max(range(len(sums)), key=lambda block: (sums[block], block))
    chosen = _tightened(document, sums, best)
    block = document.blocks[chosen]
    first, last = _heaviest_range(found, block.first, block.last)
    body = Body(first, last, score=sums[chosen])
    body.first = _grown_back(lines, found, first, block.first)
    body.last = _grown_on(lines, found, last, block.last)
    body.candidates = [(_name(document, index), sums[index]) for index in sorted({best, chosen})]
    return body


def _name(document: Document, index: int) -> str:
    tag = document.blocks[index].tag
    names = [tag.name, (own := tag.get("id")) and f"#{own}", (own := tag.get("class")) and f".{own}"]
    return "".join(name for name in names if name)


def _block_sums(document: Document, found: list[float]) -> list[float]:
    """Return the summed weight of every block's lines, those of the blocks inside it included."""
    blocks = document.blocks
    sums = [0.0] * len(blocks)
    for line, weight in zip(document.lines, found, strict=True):
        sums[line.block] += weight
    for index in range(len(blocks) - 1, 0, -1):
        parent = blocks[index].parent
        if parent >= 0:
            sums[parent] += sums[index]
    return sums


def _tightened(document: Document, sums: list[float], best: int) -> int:
    """Return the smallest block inside `best` that holds nearly all of its weight."""
    blocks = document.blocks
    heaviest: dict[int, int] = {}
    for index in range(len(blocks) - 1, best, -1):
        parent = blocks[index].parent
        if parent not in heaviest or sums[index] > sums[heaviest[parent]]:
            heaviest[parent] = index
    chosen = best
    while (child := heaviest.get(chosen)) is not None and sums[child] >= TIGHT_SHARE * sums[best]:
        chosen = child
    return chosen


def _heaviest_range(found: list[float], first: int, last: int) -> tuple[int, int]:
    """Return the range of lines with the largest sum of weights (Kadane's algorithm), without light lines at its ends."""
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


def _grown_back(lines: list[Line], found: list[float], first: int, limit: int) -> int:
    """Return the first line of a range taken back over subheads, captions and pictures in front of it."""
    start = first
    for index in range(first - 1, max(limit, first - EDGE_LINES) - 1, -1):
        line = lines[index]
        if line.level == 1 or found[index] < -1 or line.hints & (_FOREIGN | Hint.BYLINE):
            break
        if line.text or line.images:
            start = index
    return start


def _grown_on(lines: list[Line], found: list[float], last: int, limit: int) -> int:
    end = last
    for index in range(last + 1, min(limit, last + EDGE_LINES) + 1):
        line = lines[index]
        if found[index] < -1 or line.hints & _FOREIGN or heading_name(line.text):
            break
        end = index
    return end


def keep_lines(document: Document, body: Body, used: set[int]) -> None:
    """Set `body.lines`: the lines of its range but those of related blocks, foreign elements and bare links."""
    lines = document.lines
    inside = lines[body.first : body.last + 1]
    is_all_foreign = sum(len(line.text) for line in inside if line.hints & _FOREIGN) > 0.5 * sum(
        len(line.text) for line in inside
    )
    for line in inside:
        if line.index in used or (line.hints & _FOREIGN and not is_all_foreign):
            continue
        if line.links and line.text and line.linked >= len(line.text) - 2 and not _SENTENCE_END.search(line.text):
            continue
        body.lines.append(line.index)
