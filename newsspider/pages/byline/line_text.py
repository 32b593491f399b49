"""A header line's text with what only its markup says written into it: labels, exact times, gaps between links."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from newsspider.pages.byline.labels import begins_label
from newsspider.pages.byline.machine_times import exact_time, is_of_edit
from newsspider.pages.byline.marks import is_account_link
from newsspider.pages.document import Document, Line
from newsspider.pages.markup.lines import part_starts
from newsspider.pages.markup.tag import Tag
from newsspider.text.dates import Published
from newsspider.text.names import looks_like_medium
from newsspider.text.zone import BEIJING

_MAY_BE_TIME: Final = re.compile(r"\d|[刚剛昨今前]|ago|now")
_POST_FROM: Final = re.compile(r"(?:来自|來自)\s?[:：]?\s?\Z")
# A label in an element of its own, without a colon: what follows is its value.
_LABEL_ALONE: Final = re.compile(r"(?:作者|撰文|记者|記者|来源|來源|编辑|編輯)(?=.)")

# 20240518 apart from other words: in a header a day; after a label (编号：20240518) a number.
_COMPACT_DAY: Final = re.compile(
    r"(?<![^\s|｜丨/／])(?P<year>(?:19|20)\d\d)(?P<month>0[1-9]|1[0-2])(?P<day>0[1-9]|[12]\d|3[01])(?![^\s|｜丨/／])(?!\s\d)"
)

Edit = tuple[int, int, str]


def plain_text(document: Document, line: Line, *, trust_classes: bool = True) -> str:
    """Return the line's text for reading credits.

    A time that its element marks as an edit's is labelled so, by a class only with `trust_classes`, and one that it
    marks as the publication's likewise; 5小时前 becomes the exact moment that the attributes hold, 来自 before a link
    to a person's page becomes 作者; links that touch stand apart: a medium's name and a button after it.
    """
    edits = [*_gaps(line), *_posters(line), *_compact_days(line), *_times(document, line, trust_classes)]
    if not edits:
        return line.text
    text, parts, place = line.text, [], 0
    for start, end, words in sorted(edits):
        if start >= place:
            parts += [text[place:start], words]
            place = end
    return "".join([*parts, text[place:]])


def _gaps(line: Line) -> Iterator[Edit]:
    for (_, _, end), (_, start, _) in pairwise(line.anchors):
        if 0 < end == start < len(line.text):
            yield start, start, " "
    text = line.text
    if label := _LABEL_ALONE.match(text):
        end = label.end()
        if end in {place for mark in line.marks for place in mark[:2]} and text[end : end + 1] not in (":", "：", " "):
            yield end, end, "："
            return
    for place in {place for mark in line.marks for place in mark[:2]} | set(part_starts(line)):
        if not 0 < place < len(text) or text[place - 1].isspace():
            continue
        if (text[place - 1].isdigit() and text[place].isdigit()) or begins_label(text, place):
            yield place, place, " "


def _posters(line: Line) -> Iterator[Edit]:
    if "自" not in line.text:
        return
    for link in line.links:
        label = _POST_FROM.search(line.text[: link.start])
        if label and is_account_link(link.href) and not looks_like_medium(link.text):
            yield label.start(), link.start, "作者："


def _compact_days(line: Line) -> Iterator[Edit]:
    for found in _COMPACT_DAY.finditer(line.text):
        yield found.start(), found.end(), f"{found['year']}-{found['month']}-{found['day']}"


def _times(document: Document, line: Line, trust_classes: bool) -> Iterator[Edit]:
    """Yield the labels and exact times of the elements in a line, outer ones before inner ones at the same place."""
    if not _MAY_BE_TIME.search(line.text):
        return
    block = document.blocks[line.block]
    around = document.blocks[block.parent] if block.parent >= 0 else block
    whole = [found.tag for found in (around, block) if found.first == found.last == line.index]
    for start, end, tag in [*((0, len(line.text), tag) for tag in whole), *line.marks]:
        piece = line.text[start:end]
        if "=" not in tag.raw or not _MAY_BE_TIME.search(piece):
            continue
        if label := _label(tag, trust_classes):
            yield start, start, label
        if exact := exact_time(piece, tag, document.fetched_at):
            yield start + exact[0], start + exact[1], _written(exact[2])


def _written(moment: Published) -> str:
    local = moment.at.astimezone(BEIJING)
    day = f"{local:%Y-%m-%d}"
    return day if moment.precision == "day" else f"{day}T{local:%H:%M:%S}{'' if moment.tz_assumed else '+08:00'}"


def _label(tag: Tag, trust_classes: bool) -> str:
    """Return the label that an element's itemprop or class stands for: 更新于, 发布于, or none."""
    name = (tag.get("itemprop") or "").lower()
    if name == "datemodified" or (trust_classes and not name and is_of_edit(tag.names)):
        return " 更新于 "
    return " 发布于 " if name == "datepublished" else ""
