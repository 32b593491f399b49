"""The lines that may credit an article: the header around its title and the trailer after its text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from newsspider.pages.byline.credits import Credits, loose_words, read_credits
from newsspider.pages.byline.line_text import plain_text
from newsspider.pages.document import Document, Hint, Line
from newsspider.text import fold
from newsspider.text.dates import Published
from newsspider.text.names import BADGES, NO_SOURCE

HEADER_LINES_BEFORE: Final = 5
HEADER_LINES_AFTER: Final = 14
# Below a user's card, a forum's byline stands right above the text.
HEADER_LINES_ABOVE_BODY: Final = 6
HEADER_LINE_LENGTH: Final = 220
TRAILER_LINES: Final = 14
POST_LINES: Final = 10
# A comment's element with so little text is a button among the article's own.
SHORT_BUTTON: Final = 8
LOOSE_LENGTH: Final = 20
# By so many characters a line and its folded form may differ from the headline's.
MAX_FOLDED: Final = 12
BEHIND: Final = Hint.COMMENT | Hint.RELATED | Hint.FOOTER
# What stands above a text is no comment on it, whatever its element is called.
_AFTER: Final = Hint.RELATED | Hint.FOOTER
MARKED: Final = Hint.BYLINE
BREADCRUMB: Final = re.compile(
    r"[>＞»›]|当前位置|現在位置|现在位置|您的位置|首页|首頁"
    r"|(?<!\d)\d{1,3}\s?/\s?\d{1,3}(?!\d|\s\d{1,2}:)"
)
_FOREIGN: Final = Hint.COMMENT | Hint.RELATED | Hint.FOOTER | Hint.NAV
_MARK: Final = re.compile(r"[\d:：丨|/]|来源|來源|作者|记者|記者|编辑|編輯|责编|发布|发表|昨|今|前|刚|剛|By|by|文")
_TRAILER_MARK: Final = re.compile(
    r"来源|來源|来自|來自|出处|转自|轉自|摘自|稿源|编辑|編輯|责编|責編|作者|记者|撰文|采写|文[/／|丨]|发布|发表|發表|张贴|[Pp]osted|日期|时间|時間|本[帖贴]"
)
# Credits in an element that is called after a copyright are credits, and no page's foot.
_CREDIT_START: Final = re.compile(
    r"[(（\[【\s]{0,3}(?:(?:本文|文章|稿件)?(?:来源|來源)|(?:责任|責任|图片|文字|视频|版面)?(?:编辑|編輯)|责编|責編|校对|校對|审核|作者|发布|(?:发布|發布|发表|發表)?(?:时间|時間|日期))\s?[:：/丨|｜]"
    r"|(?:本文)?作者\s"
)
_TIME_START: Final = re.compile(r"(?:发布|發布|发表|發表)(?:时间|時間|日期)\s?[:：]")
# `本帖由河口客于2005年8月12日…发表`: forums print it far below the text, above their rules.
_POST_NOTE: Final = re.compile(
    r"本?[帖贴貼]由|由.{2,16}(?:张贴|張貼|发表|發表|发布)|[Pp]osted (?:by|@)"
    r"|[^\s，。:：]{2,16}\s(?:发表|發表|张贴|張貼)[于於在]\s"
)
# 今天是2024年5月18日 星期六: the site's own clock.
_SITE_CLOCK: Final = re.compile(r"(?:今天|今日|现在|現在)(?:是|時間|时间|日期)")
_POSTED: Final = re.compile(r"(?:发表|發表|发布|發佈|發布|编辑|編輯|更新|张贴)[于於]|[Pp]osted|时间\s?[:：]|楼主|樓主")
_PHOTO: Final = re.compile(r"[摄攝](?:影)?[)）】]?$")
_NAME_CLASS: Final = re.compile(r"name|author|account|source|media", re.IGNORECASE)
_AROUND_NAMES: Final = " ·•|/,，、()（）【】:："
_TOOL: Final = re.compile(
    r"(?:(?:.{0,12}(?:官方|认证|認證))?(?:账号|帐号|帳號)|.{0,30}(?:创作者|創作者|达人|博主|作者|撰稿人|专栏作家|自媒体|粉丝|粉絲)|\d.{0,8}(?:播放|阅读|閱讀)"
    r"|(?:发布|發佈|發布|发表|發表|出版|更新|上架|刊登|上传|上傳)(?:[于於].{0,8}|时间|時間|日期)?|(?:IP)?属地.{0,10}|来自.{1,8}"
    r"|(?:友善)?(?:轉寄|转寄|列印|打印|字型|字体|字體|字號|字号|放大|加大|缩小|縮小|複製|复制|分享|推薦|推荐|收藏|留言|回應|回应|評論|评论"
    r"|檢舉|检举|舉報|举报|下載|下载|訂閱|订阅|追蹤|关注|關注|登入|登录|登錄|註冊|注册|語音|语音|朗讀|朗读|收聽|收听|播放|加入|我要|简体"
    r"|繁體|繁体|(?:手機|手机)(?:看|版|端|阅读|閱讀)|纠错|糾錯|投诉|投稿|转发|轉發|点赞|按讚|讚|收起|展开|原文|全文|大图|赞助|贊助).{0,6})"
)
_BRACKETED: Final = re.compile(r"[(（\[【]([^()（）\[\]【】]{3,80})[)）\]】]")


@dataclass(slots=True)
class Header:
    """The lines around the title that may be a byline, and what they say together."""

    document: Document
    lines: list[Line]
    count_after: int
    merged: Credits
    texts: dict[int, str]
    _read: dict[int, Credits] = field(default_factory=dict)

    def text_of(self, line: Line) -> str:
        """Return the line's text with what only its markup says written into it."""
        return self.texts.get(line.index, line.text)

    @property
    def after(self) -> Iterator[tuple[Line, Credits]]:
        """Yield the lines after the title with what each says by itself: read on demand, as few pages need it."""
        for line in self.lines[: self.count_after]:
            if line.index not in self._read:
                self._read[line.index] = _credits(self.document, line, self.text_of(line))
            yield line, self._read[line.index]


def _header_window(count: int, title_line: int | None, body: tuple[int, int] | None) -> tuple[int, int, int]:
    """Return (first, anchor, last + 1): the anchor is the title's line or the one before the window's own part."""
    if title_line is None:
        end = body[0] if body else min(count, HEADER_LINES_AFTER)
        return max(0, end - HEADER_LINES_AFTER), max(-1, end - HEADER_LINES_AFTER - 1), end
    end = min(count, title_line + 1 + HEADER_LINES_AFTER)
    if body and body[0] > title_line:
        end = min(end, body[0] + 2)
    return max(0, title_line - HEADER_LINES_BEFORE), title_line, end


def read_header(document: Document, title_line: int | None, body: tuple[int, int] | None) -> Header:
    lines = document.lines
    first, anchor, end = _header_window(len(lines), title_line, body)
    body_start = body[0] if body else end
    title = fold(lines[title_line].text) if title_line is not None else ""
    length = len(lines[title_line].text) if title_line is not None else 0
    foreign = _FOREIGN & ~(lines[title_line].hints if title_line is not None else 0)
    after: list[Line] = []
    for line in lines[anchor + 1 : end]:
        if line.hints & foreign and not line.hints & MARKED:
            continue
        if len(line.text) > HEADER_LINE_LENGTH:
            continue
        if line.index >= body_start and not _is_credit_line(line.text) and not _is_marked_name(line):
            continue
        if "。" in line.text and len(line.text) > 40:
            continue
        if line.text and (abs(len(line.text) - length) > MAX_FOLDED or fold(line.text) != title):
            after.append(line)
    after += [line for line in lines[max(end, body_start - HEADER_LINES_ABOVE_BODY) : body_start] if _is_posted(line)]
    before = [
        line
        for line in lines[first : max(anchor, 0)]
        if len(line.text) <= 120
        and not line.hints & foreign
        and _MARK.search(line.text)
        and not BREADCRUMB.search(line.text)
        and not _SITE_CLOCK.match(line.text)
    ]
    texts = {line.index: plain_text(document, line) for line in [*after, *before]}
    merged = _merge(document, after, before, texts)
    if merged.updated is not None and not merged.is_time_labelled and _is_vaguer(merged.published):
        # the only hour of a header is the publication's, whatever its class
        texts = {line.index: plain_text(document, line, trust_classes=False) for line in [*after, *before]}
        merged = _merge(document, after, before, texts)
    return Header(document, after + before, len(after), merged, texts)


def _is_vaguer(moment: Published | None) -> bool:
    return moment is None or moment.precision == "day"


def _is_posted(line: Line) -> bool:
    return len(line.text) <= 120 and _POSTED.search(line.text) is not None and not line.hints & _AFTER


def _is_credit_line(text: str) -> bool:
    """Return True if a line at the body's head is a header that slipped in: short, a label or a date, no sentence."""
    return len(text) <= 90 and bool(_MARK.search(text)) and not re.search(r"[。！？；]", text)


def _is_marked_name(line: Line) -> bool:
    """Return True if a line at the body's head is an account's name alone: all of it one marked-up element."""
    return len(line.text) <= LOOSE_LENGTH and any(
        end - start >= len(line.text) and _NAME_CLASS.search(tag.names) for start, end, tag in line.marks
    )


def _credits(document: Document, line: Line, text: str) -> Credits:
    if _MARK.search(text):
        return read_credits(text, document.fetched_at)
    is_short = len(text) <= LOOSE_LENGTH and not BREADCRUMB.search(text)
    return Credits(rest=loose_words(text) if is_short else [])


def _merge(document: Document, after: list[Line], before: list[Line], texts: dict[int, str]) -> Credits:
    """Return the credits of the whole header: labels and values may stand on lines of their own."""
    parts = [
        texts[line.index]
        for line in after
        if (_MARK.search(line.text) or len(line.text) <= 30) and not _PHOTO.search(line.text)
    ]
    merged = read_credits("\n".join(parts)[:1200], document.fetched_at)
    if before and (merged.published is None or not merged.has_source_label):
        earlier = read_credits("\n".join(texts[line.index] for line in before), document.fetched_at)
        merged.published = merged.published or earlier.published
        merged.updated = merged.updated or earlier.updated
        merged.editor = merged.editor or earlier.editor
        merged.authors = merged.authors or earlier.authors
        if not merged.has_source_label:
            merged.source, merged.has_source_label = earlier.source, earlier.has_source_label
    return merged


def loose_pieces(line: Line, words: list[str]) -> list[str]:
    """Return the words of a line that may be an account's or a medium's name, apart where elements part them.

    Tools, labels, badges (官方账号, 某领域创作者) and links to scripts are none.
    """
    pieces: list[str] = []
    for word in words:
        start = line.text.find(word)
        if start < 0 or line.text[start + len(word) : start + len(word) + 1] in (":", "："):
            continue
        bounds = part_bounds(line, start, start + len(word))
        for first, last in pairwise(bounds):
            piece = line.text[first:last].strip(_AROUND_NAMES)
            if len(piece) >= 2 and piece not in BADGES and piece not in NO_SOURCE and not is_tool(line, piece):
                pieces.append(piece)
    return pieces


def part_bounds(line: Line, start: int, end: int) -> list[int]:
    """Return the places between `start` and `end` where an element with attributes, or a link, begins or ends."""
    inside = {start, end}
    inside.update(place for mark in line.marks for place in mark[:2] if start < place < end)
    inside.update(place for link in line.links for place in (link.start, link.end) if start < place < end)
    return sorted(inside)


def is_tool(line: Line, piece: str) -> bool:
    return _TOOL.fullmatch(piece) is not None or any(
        link.text == piece and link.href.lower().startswith(("javascript:print", "javascript:window.", "mailto:"))
        for link in line.links
    )


def trailer_lines(document: Document, body: tuple[int, int] | None) -> list[Line]:
    """Return the last lines of the body and those right after it, up to related links, comments or the footer."""
    if body is None:
        return []
    lines = document.lines
    found = [line for line in lines[max(body[0], body[1] - 3) : body[1] + 1] if len(line.text) <= HEADER_LINE_LENGTH]
    was_foot = was_related = False
    early = lines[max(body[0], body[1] - POST_LINES) : max(body[0], body[1] - 3)]
    found += [line for line in early if len(line.text) <= 80 and _POST_NOTE.match(line.text)]
    for line in lines[body[1] + 1 : body[1] + 1 + TRAILER_LINES]:
        was_related = was_related or bool(line.hints & Hint.RELATED)
        is_note = len(line.text) <= 120 and _POST_NOTE.match(line.text) is not None
        if was_related and not (is_note and line.hints & MARKED):
            continue
        if line.hints & Hint.COMMENT and len(line.text) > SHORT_BUTTON:
            break
        is_foot = line.hints & (Hint.FOOTER | Hint.COMMENT)
        is_credit = is_note or (_CREDIT_START.match(line.text) and (not was_foot or _TIME_START.match(line.text)))
        if len(line.text) <= 120 and (not is_foot or is_credit):
            found.append(line)
        was_foot = was_foot or bool(is_foot and not is_credit)
    return found


def read_trailer(document: Document, lines: list[Line]) -> Credits:
    """Return source, editor and authors named after the text; a trailer glued to the last sentence counts."""
    merged = Credits()
    for line in lines:
        if not _TRAILER_MARK.search(line.text):
            continue
        for part in _trailer_parts(line.text):
            credits = read_credits(part, document.fetched_at)
            if credits.has_source_label:
                merged.source, merged.has_source_label = merged.source or credits.source, True
            if credits.has_source_label or credits.is_time_labelled or credits.is_posted:
                merged.authors = merged.authors or credits.authors
            if credits.editor_rank > merged.editor_rank:
                merged.editor, merged.editor_rank = credits.editor, credits.editor_rank
    return merged


def _trailer_parts(text: str) -> list[str]:
    """Return what may be a trailer in `text`: the whole of a short line, else its bracketed notes."""
    if len(text) <= 60 and not re.search(r"[。！？，]", text):
        return [text.strip("()（）[]【】 ")]
    tail = text[-100:]
    parts = [
        found[1]
        for found in _BRACKETED.finditer(tail)
        if _TRAILER_MARK.match(found[1][2:] or "") or _TRAILER_MARK.match(found[1])
    ]
    last = re.split(r"[。！？!?”]", tail)[-1]
    return [*parts, last.strip()] if last.strip() and len(last) <= 40 and ("：" in last or ":" in last) else parts
