"""Where the text of an article stands: the block whose lines weigh most, its range trimmed, foreign lines left out."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Final

from newsspider.pages.document import Document, Hint, Line
from newsspider.pages.headings import heading_name, is_comment_heading, is_other_heading

_FOREIGN: Final = int(Hint.COMMENT | Hint.RELATED | Hint.FOOTER | Hint.NAV | Hint.AD | Hint.SHARE)
_DOUBTFUL: Final = int(Hint.SIDE | Hint.HIDDEN)
_HEADER_MARK: Final = re.compile(
    r"\d{4}\s?[-/.年]\s?\d{1,2}\s?[-/.月]\s?\d{1,2}|\d{1,2}:\d{2}|来源|來源|作者|编辑|編輯|责编|摄影|字号|字體|点击|浏览|阅读|发布|發佈|更新|时间[:：]|日期[:：]|评论|分享"
)
HEADER_REACH: Final = 4
MAX_HEADER: Final = 160
MIN_HEADER_MARKS: Final = 2
_FILE: Final = re.compile(r'href="[^"]{1,500}\.(?:pdf|docx?|xlsx?|pptx?|zip|rar|ofd|wps|et)["?#]', re.IGNORECASE)
_SUMMARY: Final = re.compile(r"(?:AI|智能|内容|文章|本文)?(?:摘要|總結|总结|导读|導讀|核心提示|速览|速覽)[:：]?")
_CLOCK: Final = re.compile(r"(?:\d{1,2}[-月]\d{1,2}日?\s)?\d{1,2}:\d{2}(?::\d{2})?")
_MOMENT: Final = re.compile(r"\d{1,2}:\d{2}|\d{1,2}-\d{1,2}|\d{4}[-/.年]|[天时時分钟鐘秒]前|刚刚|回复|回覆|举报|\d楼")
SUMMARY_WEIGHT: Final = -30.0
MIN_ROWS: Final = 3
ROW_LINES: Final = 6
MIN_FLASHES: Final = 4
MOST_FLASHES: Final = 0.5
ARTICLE_SHARE: Final = 0.4
MIN_COMMENT_LINES: Final = 3
_PUNCTUATION: Final = re.compile(r"[，。！？；：、“”「」,;!?…]")
_SENTENCE_END: Final = re.compile(r"[。！？!?…；;”」』)）】：:]\W{0,3}\Z")
_LEGAL: Final = re.compile(
    r"版权所有|版權所有|Copyright|©|ICP备|ICP证|公网安备|許可證|许可证[编号:：]|违法和不良信息|不良信息举报|网站声明"
    r"|All [Rr]ights? [Rr]eserved|仅代表|僅代表|不代表|未经.{0,12}(?:授权|许可|书面)|免责声明|版权声明|转载请|轉載請"
    r"|侵权"
    r"|不构成.{0,8}建议|郑重声明|鄭重聲明|风险提示[:：]|仅供参考",
)
_EDITOR: Final = re.compile(r"[(（\[【\s]{0,3}(?:责任编辑|責任編輯|责编|責編)\s{0,2}[:：]")
_CELLS: Final = frozenset(("td", "th", "tr"))
_LABELLED: Final = re.compile(
    r"\d{4}[-/.年]|(?:来源|來源|编辑|編輯|责编|时间|時間|发布|發佈|發布|\d{1,4}人?(?:评论|阅读))\s?[:：]?"
)
_CREDIT: Final = re.compile(r"\d{4}\W|\d:\d\d|来源|來源|作者|编辑|編輯|记者|記者|\d月")
_LETTER: Final = re.compile(r"[A-Za-z\u3400-\u9fff]")
MAX_WEIGHT: Final = 600.0
LINK_SHARE: Final = 0.6
TIGHT_SHARE: Final = 0.86
EDGE_LINES: Final = 12
LEAD_LINES: Final = 5
LEAD_WEIGHT: Final = 50.0
PROSE_WEIGHT: Final = 60.0
REST_SHARE: Final = 0.7


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


def line_weight(line: Line) -> float:
    """Return how much a line speaks for (or, below 0, against) being text of an article."""
    text = line.text
    length = len(text)
    if not length:
        return -2.0 if line.anchors and not line.images else 0.0
    linked = line.linked
    plain = length - linked
    if linked and is_link_line(line):
        return 0.0 if leads_to_file(line) else -12.0 - min(length, 40) / 2
    marks = len(_PUNCTUATION.findall(text)) if length < 2000 else length // 20
    if plain < 12 or (marks == 0 and plain < 60):
        return 0.0 if plain >= 6 and not linked else -1.0
    weight = min(plain + 8.0 * min(marks, 30), MAX_WEIGHT)
    if (line.level in (1, 2) and weight < PROSE_WEIGHT) or is_header(text):
        return 0.0
    if not marks:
        weight *= 0.3
    elif not _SENTENCE_END.search(text, max(0, length - 6)):
        weight *= 0.6
    if linked > 0.3 * length and len(line.anchors) > 3:
        weight *= 0.4
    return _hinted(line, weight)


def is_header(text: str) -> bool:
    """Tell whether a line is the header of an article: two or more labels, days or times, and no sentence."""
    if len(text) > MAX_HEADER or "。" in text:
        return False
    return len(set(_HEADER_MARK.findall(text))) >= MIN_HEADER_MARKS


def _hinted(line: Line, weight: float) -> float:
    hints = line.hints
    if hints & _FOREIGN:
        return -0.5 * min(weight, 60.0) if not hints & Hint.ARTICLE else 0.1 * weight
    if _LEGAL.search(line.text):
        return min(weight, 10.0) * 0.1
    if hints & _DOUBTFUL:
        return weight * 0.5
    return weight * 1.25 if hints & Hint.ARTICLE else weight


def leads_to_file(line: Line) -> bool:
    """Tell whether a line is a link to a document, as 附件 of a notice are."""
    return any(_FILE.search(raw) for raw, _, _ in line.anchors)


def is_link_line(line: Line) -> bool:
    """Tell whether a line is links and little else (a bullet, a date, a count), and no sentence of the text."""
    length, linked = len(line.text), line.linked
    if linked > LINK_SHARE * length:
        return not (length > 60 and line.text.count("。") >= 2)
    if len(line.anchors) != 1 or linked < 8 or length - linked > 40:
        return False
    _, start, end = line.anchors[0]
    around = len(_LETTER.findall(line.text[:start])) + len(_LETTER.findall(line.text[end:]))
    return around < 6


def weights(document: Document) -> list[float]:
    """Return the weight of every line: what stands in rows, in comments or under a summary's label weighs nothing."""
    lines = document.lines
    _mark_comments(document)
    found = [line_weight(line) for line in lines]
    for index in range(1, len(lines)):
        if found[index] > 0 and len(lines[index - 1].text) <= 8 and _SUMMARY.fullmatch(lines[index - 1].text):
            found[index - 1] = found[index] = SUMMARY_WEIGHT
    _damp_snippets(lines, found)
    _damp_flashes(lines, found)
    _damp_outside(lines, found)
    return found


def _damp_snippets(lines: list[Line], found: list[float]) -> None:
    """Take the weight off snippets of rows; fewer than three in a row are paragraphs with links between them."""
    chain: list[int] = []
    for index in range(1, len(lines)):
        if not (0 < found[index] < 250 and _is_snippet(lines, found, index)):
            continue
        if chain and (index - chain[-1] > ROW_LINES or _has_heading(lines[chain[-1] : index])):
            chain.clear()
        chain.append(index)
        if len(chain) == MIN_ROWS:
            for earlier in chain:
                found[earlier] = -6.0
        elif len(chain) > MIN_ROWS:
            found[index] = -6.0


def _has_heading(lines: list[Line]) -> bool:
    return any(line.level and not line.anchors for line in lines)


def _is_snippet(lines: list[Line], found: list[float], index: int) -> bool:
    """Tell whether a line is the snippet of a row: behind its title's link, before the next one or before a 更多."""
    if len(lines[index].text) > 160 or found[index - 1] > -12.0:
        return False
    for other in range(index + 1, min(index + 4, len(lines))):
        if found[other] <= -12.0:
            return True
        if found[other] > 0:
            return False
    return False


def _damp_flashes(lines: list[Line], found: list[float]) -> None:
    """Take the weight off flash news, sentences each under a time of its own, unless the page is made of them."""
    flashes = [
        index
        for index in range(1, len(lines))
        if found[index] > 0 and len(lines[index - 1].text) <= 12 and _CLOCK.fullmatch(lines[index - 1].text)
    ]
    if len(flashes) < MIN_FLASHES:
        return
    total = sum(weight for weight in found if weight > 0)
    if sum(found[index] for index in flashes) <= MOST_FLASHES * total:
        for index in flashes:
            found[index] = -6.0


def _damp_outside(lines: list[Line], found: list[float]) -> None:
    """Damp what stands outside the elements that are called after an article, where these hold much of the weight."""
    inside = total = 0.0
    for line, weight in zip(lines, found, strict=True):
        if weight > 0:
            total += weight
            inside += weight if line.hints & Hint.ARTICLE else 0.0
    if ARTICLE_SHARE * total <= inside < total:
        for line in lines:
            if found[line.index] > 0 and not line.hints & Hint.ARTICLE:
                found[line.index] *= 0.5


def _mark_comments(document: Document) -> None:
    """Give the comment hint to what follows a heading of comments in its container, once some text has been seen."""
    prose = 0
    times: list[int] = []
    for line in document.lines:
        text = line.text
        if prose and len(text) <= 30 and not line.hints & Hint.COMMENT and is_comment_heading(text):
            times = times or _times_before(document.lines)
            _mark_container(document, line, times)
        elif len(text) >= 24 and ("，" in text or "。" in text):
            prose += 1


def _times_before(lines: list[Line]) -> list[int]:
    """Return for each line, and for the end, how many short lines with a time stand before it."""
    return list(
        accumulate((len(line.text) <= 40 and _MOMENT.search(line.text) is not None for line in lines), initial=0)
    )


def _mark_container(document: Document, heading: Line, times: list[int]) -> None:
    """Mark the lines behind a heading up to the end of the smallest block with comments in it: times beside text."""
    for block in document.around(heading.block):
        if block.last - heading.index < MIN_COMMENT_LINES:
            continue
        if times[block.last + 1] - times[heading.index + 1] >= 2:
            for line in document.lines[heading.index : block.last + 1]:
                line.hints |= Hint.COMMENT
        return


def find_body(document: Document, selected: tuple[int, int] | None = None) -> Body | None:
    """Return the article's text, None where no line reads like a sentence."""
    lines = document.lines
    found = weights(document)
    if selected is not None:
        return Body(*selected, method="selector", weights=found)
    sums = _block_sums(document, found)
    if not sums or max(sums) <= 0:
        return None
    best = max(range(len(sums)), key=lambda block: (sums[block], block))
    chosen = _tightened(document, _block_sums(document, [max(0.0, weight) for weight in found]), best)
    block = document.blocks[chosen]
    first, last = _heaviest_range(found, block.first, block.last)
    first = _behind_header(lines, first, last)
    last = _cut(lines, found, first, last)
    body = Body(first, last, score=sums[chosen], weights=found)
    body.first = _with_lead(lines, found, _grown_back(document, found, first, block.first))
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


def _cut(lines: list[Line], found: list[float], first: int, last: int) -> int:
    """Return the last line of a range cut at the first heading of another block, where little weight is behind it."""
    total = sum(weight for weight in found[first : last + 1] if weight > 0)
    seen = 0.0
    for index in range(first, last + 1):
        line = lines[index]
        if seen >= REST_SHARE * total and len(line.text) <= 30 and _is_end(line):
            while index - 1 > first and found[index - 1] <= 0:
                index -= 1
            return index - 1
        seen += max(0.0, found[index])
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
        if found[index] <= -12.0 or line.level in (1, 2) or line.hints & _FOREIGN:
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
        if line.level == 1 or found[index] < -1 or line.hints & _FOREIGN or _is_byline(line):
            break
        if blocks[line.block].tag.name in _CELLS and blocks[lines[first].block].tag.name not in _CELLS:
            break
        if line.text or line.images:
            start = index
    return start


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
        if found[index] < -1 or line.hints & _FOREIGN or _is_end(line):
            break
        end = index
    return end


def keep_lines(document: Document, body: Body, used: set[int]) -> None:
    """Set `body.lines`: the lines of its range but those of related blocks, foreign elements, bare links."""
    inside = document.lines[body.first : body.last + 1]
    foreign = sum(len(line.text) for line in inside if line.hints & _FOREIGN)
    excluded = _FOREIGN if 2 * foreign <= sum(len(line.text) for line in inside) else 0
    for line in inside:
        if line.hints & excluded or (line.index in used and body.weights[line.index] < PROSE_WEIGHT):
            continue
        if body.weights[line.index] == SUMMARY_WEIGHT:
            continue
        if line.linked and is_link_line(line) and not leads_to_file(line) and not _SENTENCE_END.search(line.text):
            continue
        body.lines.append(line.index)
