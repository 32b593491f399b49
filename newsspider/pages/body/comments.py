"""Readers' comments and what a site says of itself: marked by their headings, after the first text of the page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import accumulate
from typing import Final

from newsspider.pages.document import Document, Hint, Line
from newsspider.pages.related.headings import COMMENT_STARTS, is_comment_heading

# 8:30, 5-6, 2024年, 3天前, 刚刚, 回复, 举报, 12楼; begins with one class of characters, to which a search skips.
MOMENT: Final = re.compile(
    r"[\d天时時分钟鐘秒刚回举](?:(?<=\d)(?::\d\d|-\d|\d{3}[-/.年]|楼)|(?<=[天时時分钟鐘秒])前|(?<=刚)刚|(?<=回)[复覆]|(?<=举)报)"
)
# What ends a reader's comment where no time stands beside it.
_REACTION: Final = re.compile(
    r"(?:点赞|點讚|赞|讚|顶|踩|有用|支持|反对|回复|回覆|举报|檢舉)\s?[(（]?\d{0,6}[)）]?\s{0,2}\Z"
)
_REACTION_ENDS: Final = frozenset("赞讚顶踩用持对复覆报舉)）")
LONGEST_REACTION: Final = 13
MIN_REACTIONS: Final = 3
MIN_SENTENCE: Final = 16
# A line that holds a time, and little else, is no longer.
MAX_MOMENT: Final = 40
_ABOUT_WORDS: Final = """
关于我们 關於我們 本站简介 网站简介 平台简介 公司简介 公司介绍 版权声明 免责声明 免責聲明 服务条款 隐私政策
"""
_ABOUT: Final = frozenset(_ABOUT_WORDS.split())
_STARTS: Final = COMMENT_STARTS | {word[0] for word in _ABOUT}
# A forum's elements of a post, and of what its member signs with.
_SIGNED: Final = re.compile(r"class=\"?(?:sign|signature)[\"> ]")
_POST: Final = re.compile(r"postmessage|\bt_f\b|tpc_content|read_tpc|message_body", re.IGNORECASE)
_MOTTO: Final = re.compile(r"(?:^|\s)sign(?:ature)?(?:$|\s)")
MIN_COMMENT_LINES: Final = 3
MAX_POST_HEADER: Final = 100
# The headers of threads' posts: 作者：甲 回复日期：…, 发信人: …, 第2楼, 沙发, 推 user: …
_POST_STARTS: Final = frozenset("作回发發第楼樓沙1234#推噓→")
_REPLY_HEADER: Final = re.compile(
    r"(?:作者\s?[:：]\s?\S{1,30}\s{1,3})?回[复覆][日时][期间]\s?[:：]\s?\d{4}|(?:推|噓|→)\s{0,2}[A-Za-z]\w{1,15}\s?[:：]"
)
_FIRST_POST: Final = re.compile(r"[发發]信人\s?[:：]|(?:第\s?1|[第#]?\s?1)\s?[楼樓]|#1$|[楼樓]主(?:\W|$)")
_SECOND_POST: Final = re.compile(r"[发發]信人\s?[:：]|(?:第\s?2|2)\s?[楼樓](?:\W|$)|#2$|沙发(?:\W|$)|沙發(?:\W|$)")


def _mottoes(document: Document) -> Iterator[int]:
    """Yield the lines of what a forum's members sign their posts with, below the posts."""
    text = document.source.text
    if ('class="sign' not in text and "class=sign" not in text) or not _SIGNED.search(text):
        return
    is_after_post = False
    for block in document.blocks:
        names = block.tag.names
        is_after_post = is_after_post or _POST.search(names) is not None
        if is_after_post and _MOTTO.search(names):
            for line in document.lines[block.first : block.last + 1]:
                line.hints |= Hint.COMMENT
                yield line.index


def _replies(document: Document) -> Iterator[int]:
    """Yield the lines of a thread from its second post on, where posts have headers or numbers but no elements."""
    is_first_seen = False
    for line in document.lines:
        text = line.text
        if not text or text[0] not in _POST_STARTS or len(text) > MAX_POST_HEADER:
            continue
        is_reply = _REPLY_HEADER.match(text) or (is_first_seen and _SECOND_POST.match(text))
        if is_reply and _has_sentence(document.lines[: line.index]):
            yield from range(line.index, len(document.lines))
            return
        is_first_seen = is_first_seen or _FIRST_POST.match(text) is not None


def mark_comments(document: Document) -> set[int]:
    """Give what follows a heading of comments, or of what a site says of itself, its hint, after the first text.

    Returns those of the lines that are surely no text: comments with a sentence before them, and all after 关于我们.
    """
    found: set[int] = set(_mottoes(document))
    lines = document.lines
    for index in _replies(document):
        lines[index].hints |= Hint.COMMENT
        found.add(index)
    prose = (line.index for line in lines if len(line.text) >= 24 and ("，" in line.text or "。" in line.text))
    behind = lines[next(prose, len(lines)) + 1 :]
    times: list[int] = []
    for line in [line for line in behind if line.text[:1] in _STARTS]:
        if line.text in _ABOUT:
            found.update(_about(document, line))
        elif not line.hints & (Hint.COMMENT | Hint.NAV) and is_comment_heading(line.text):
            times = times or count_moments(lines)
            marked = _mark_container(document, line, times)
            if _has_sentence(lines[: line.index]):
                found.update(marked)
    return found


def _has_sentence(lines: list[Line]) -> bool:
    return any("。" in line.text and not line.linked and len(line.text) >= MIN_SENTENCE for line in lines)


def _about(document: Document, heading: Line) -> Iterator[int]:
    """Yield the lines after a heading up to the next one or the end of the smallest block that holds any."""
    block = next((block for block in document.around(heading.block) if block.last > heading.index), None)
    for line in document.lines[heading.index : block.last + 1 if block else 0]:
        if line.level and line is not heading:
            break
        line.hints |= Hint.FOOTER
        yield line.index


def count_moments(lines: list[Line]) -> list[int]:
    """Return for each line, and for the end, how many short lines with a time stand before it."""
    return list(
        accumulate((len(line.text) <= MAX_MOMENT and MOMENT.search(line.text) is not None for line in lines), initial=0)
    )


def _is_reaction(text: str) -> bool:
    end = text[-1:]
    if end not in _REACTION_ENDS and not end.isdecimal() and not end.isspace():
        return False
    return _REACTION.search(text, max(0, len(text) - LONGEST_REACTION)) is not None


def _mark_container(document: Document, heading: Line, times: list[int]) -> range:
    """Mark and return the lines after a heading up to the end of the smallest block with comments.

    Comments are lines with times or reactions.
    """
    for block in document.around(heading.block):
        if block.last - heading.index < MIN_COMMENT_LINES:
            continue
        inside = document.lines[heading.index + 1 : block.last + 1]
        is_timed = times[block.last + 1] - times[heading.index + 1] >= 2
        if is_timed or sum([_is_reaction(line.text) for line in inside]) >= MIN_REACTIONS:
            for line in document.lines[heading.index : block.last + 1]:
                line.hints |= Hint.COMMENT
            return range(heading.index, block.last + 1)
        return range(0)
    return range(0)
