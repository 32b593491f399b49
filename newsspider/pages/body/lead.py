"""What stands above a text and belongs to it: a lead, a picture with its caption; and what does not: the byline."""

from __future__ import annotations

import re
from itertools import islice
from typing import Final

from newsspider.pages.body.line_scores import BOILERPLATE, LINK_WEIGHT, SUMMARY_WEIGHT, is_header, line_weight
from newsspider.pages.document import Document, Hint, Line

_BOARD: Final = re.compile(r"(?:[发發寄]信人|[发發]信站|[标標]\s{1,2}[题題])\s?[:：]")
_LABELLED: Final = re.compile(
    r"\d{4}[-/.年]|(?:来源|來源|编辑|編輯|责编|时间|時間|发布|發佈|發布|\d{1,4}人?(?:评论|阅读))\s?[:：]?"
)
CREDIT: Final = re.compile(r"\d{4}\W|\d:\d\d|来源|來源|作者|编辑|編輯|记者|記者|\d月|[时時]前")
LEAD_LINES: Final = 5
LEAD_WEIGHT: Final = 50.0
# A lead is repeated where so many of its first characters are.
OPENING: Final = 12
REPEATED_LINES: Final = 4
_PICTURE: Final = re.compile(r"pic|img|image|photo|figure|tupian", re.IGNORECASE)
MAX_CAPTION: Final = 120
# Between a picture with its caption and the text stand no more lines.
LEAD_REACH: Final = 8
_ADVERT: Final = ("", "广告", "廣告")
BESIDE_CAPTION: Final = BOILERPLATE | Hint.BYLINE
# A medium's name alone in an element of bylines.
MAX_MEDIUM: Final = 12


def with_lead(lines: list[Line], found: list[float], first: int) -> int:
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


def with_caption(document: Document, found: list[float], first: int) -> int:
    """Return the first line of a text with the captioned picture above it, which may stand outside of its block.

    Between both may stand what is no text: a byline, buttons to share, a lead that the text repeats.
    """
    lines = document.lines
    passed: list[int] = []
    for index in range(first - 1, max(1, first - LEAD_REACH) - 1, -1):
        line = lines[index]
        if line.level or len(line.text) > MAX_CAPTION:
            break
        if line.text and not line.linked and not line.hints & BESIDE_CAPTION and _is_caption(document, line):
            above = lines[index - 1]
            is_picture = above.images and not above.text
            for place in passed if is_picture else ():
                found[place] = SUMMARY_WEIGHT
            return above.index if is_picture else index if index == first - 1 else first
        if line.text not in _ADVERT and not (
            line.hints & BESIDE_CAPTION or is_byline(line) or _is_repeated(lines, line, first)
        ):
            break
        passed.append(index)
    return first


def _is_repeated(lines: list[Line], line: Line, first: int) -> bool:
    """Return True if the first lines of a text hold all of a line above it."""
    text = line.text.rstrip("。…. ")
    return len(text) >= OPENING and any(text in other.text for other in lines[first : first + REPEATED_LINES])


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
            and (block.tag.name == "table" or _PICTURE.search(block.tag.names or block.tag.name))
            for block in islice(document.around(line.block), 4)
        )
    )


def is_byline(line: Line) -> bool:
    if not line.text:
        return False
    if _BOARD.match(line.text):
        return True
    if not CREDIT.search(line.text):
        return bool(line.hints & Hint.BYLINE) and len(line.text) <= MAX_MEDIUM and "。" not in line.text
    if is_header(line.text):
        return True
    if line.hints & (Hint.BYLINE | Hint.ARTICLE):
        return bool(line.hints & Hint.BYLINE)
    return len(line.text) <= 30 and _LABELLED.match(line.text) is not None
