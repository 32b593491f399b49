"""Boxes inside a text that are no sentence of it: a share's card, what stands beside a player, the font's size."""

from __future__ import annotations

import re
from typing import Final

from newsspider.pages.document import Document, Line

MAX_BOX: Final = 80
# 松澜港务 8.41 -1.06% 换手率2.3%
_CHANGE: Final = re.compile(r"[+\-−↑↓]?\d{1,4}\.\d{1,3}\s?[%％]")
_FIGURES: Final = re.compile(r"\d[\d.,]*")
MIN_FIGURES: Final = 2
_PLAYER: Final = re.compile(
    r"(?:\d{1,2}:\d{2}\s)?(?:视频|視頻|影片|短片|音频|音頻|直播回放|自动播放|自動播放)(?:\s?[|｜丨:：\-－—–·]|\s)\s?\S"
)
# 字級設定：小中大
_FONT_SIZE: Final = re.compile(
    r"(?:調整|调整)?(?:字[級级號号體体型]|文字大小|字型大小)(?:大小|設定|设定)?\s?[:：︰]?[\s小中大特縮缩放A+\-|/／.．·]{0,20}"
)
_SENTENCE: Final = "。！？"

Kind = tuple[int, str]


def text_kinds(document: Document, first: int, last: int, weights: list[float]) -> set[Kind]:
    """Return the kinds (parent, tag name) of the elements that hold the sentences of a range."""
    return {_kind(document, index) for index in range(first, last + 1) if weights[index] > 0}


def _kind(document: Document, index: int) -> Kind:
    block = document.blocks[document.lines[index].block]
    return block.parent, block.tag.name


def is_box(document: Document, line: Line, kinds: set[Kind]) -> bool:
    """Return True if a line without a sentence, outside the text's own elements, is a share's card or a player's.

    The choice of the font's size is one wherever it stands.
    """
    text = line.text
    if not text or len(text) > MAX_BOX or any(mark in text for mark in _SENTENCE):
        return False
    if _FONT_SIZE.fullmatch(text):
        return True
    if _PLAYER.match(text):
        return _kind(document, line.index) not in kinds
    if not _CHANGE.search(text) or len(_FIGURES.findall(text)) < MIN_FIGURES or "，" in text:
        return False
    return _kind(document, line.index) not in kinds
