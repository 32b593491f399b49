"""How much each line of a page speaks for being text of an article: its words, punctuation, links and neighbours."""

from __future__ import annotations

import re
from typing import Final

from newsspider.pages.document import Document, Hint, Line

BOILERPLATE: Final = Hint.COMMENT | Hint.RELATED | Hint.FOOTER | Hint.NAV | Hint.AD | Hint.SHARE
_DOUBTFUL: Final = Hint.SIDE | Hint.HIDDEN
# Two patterns, since one that begins with a digit or a word is tried at every character.
_HEADER_TIME: Final = re.compile(r"\d(?:\d{3}\s?[-/.年]\s?\d{1,2}\s?[-/.月]\s?\d{1,2}|\d?:\d{2})")
_HEADER_WORD: Final = re.compile(
    r"来源|來源|作者|编辑|編輯|责编|摄影|字号|字體|文\s?[/／丨｜](?=.{0,60}\d{4})|撰文|点击|點擊|浏览|瀏覽|阅读|閱讀|发布|發佈|發布|更新|时间[:：]|日期[:：]|评论|分享"
)
MAX_HEADER: Final = 160
MIN_HEADER_MARKS: Final = 2
# What the longer pattern below needs: the first two letters of a document's ending.
_FILE_MARK: Final = re.compile(r"\.[pdxzrowePDXZROWE][dolpiaftsDOLPIAFTS]")
_FILE: Final = re.compile(
    r"""href\s{0,2}=\s{0,2}["']?[^"'\s]{1,500}\.(?:pdf|docx?|xlsx?|pptx?|zip|rar|ofd|wps|et)(?:["'?#\s]|\Z)""",
    re.IGNORECASE,
)
_REFERENCE: Final = re.compile(
    r"(?:论文|論文|附件|文件|报告|報告|文献|参考|數據|数据)[^:：]{0,6}[:：]\s?https?://\S{4,200}\Z"
)
_SUMMARY: Final = re.compile(
    r"(?:AI|智能|内容|文章|本文)?\s?(?:摘要|總結|总结|导读|導讀|核心提示|速览|速覽)(?:\s?AI)?[:：]?"
)
# A box of so many lines at most, and of so much of the page's weight, is a summary when it is labelled as one.
SUMMARY_LINES: Final = 8
SUMMARY_SHARE: Final = 0.3
_CLOCK: Final = re.compile(r"(?:\d{1,2}[-月]\d{1,2}日?\s)?\d{1,2}:\d{2}(?::\d{2})?")
_TICKER: Final = re.compile(
    r"(?:实时|最新|滚动|今日|财经|7\s?[×xX*]\s?24(?:小时|小時)?)?\s?(?:快讯|快訊|电报|滚动|滾動|要闻|即时新闻|即時)(?:更多)?[>»]{0,2}"
)
SUMMARY_WEIGHT: Final = -30.0
MIN_ROWS: Final = 3
ROW_LINES: Final = 6
MIN_FLASHES: Final = 4
MOST_FLASHES: Final = 0.5
_PUNCTUATION: Final = "，。！？；：、“”「」,;!?…"
SENTENCE_END: Final = re.compile(r"[。！？!?…；;”」』)）】：:]\W{0,3}\Z")
# Each alternative begins with a character: a search skips to these.
LEGAL: Final = re.compile(
    r"版权所有|版權所有|Copyright|©|ICP备|ICP证|公网安备|許可證|许可证[编号:：]|违法和不良信息|不良信息举报|网站声明"
    r"|All [Rr]ights? [Rr]eserved|仅代表|僅代表|不代表|未经.{0,12}(?:授权|许可|书面)|免责声明|版权声明|转载请|轉載請"
    r"|侵权|隱私(?:權|聲明|政策)|隐私(?:权政策|声明|政策|条款)|C(?<=\bC)ookies?\b|c(?<=\bc)ookies?\b"
    r"|Your browser|your browser|浏览器(?:版本)?(?:不支持|不支援|过低)|瀏覽器(?:版本)?(?:不支持|不支援|过低)"
    r"|不构成.{0,8}建议|郑重声明|鄭重聲明|风险提示[:：]|仅供参考",
)
_LETTER: Final = re.compile(r"[A-Za-z\u3400-\u9fff]")
MAX_WEIGHT: Final = 600.0
LINK_SHARE: Final = 0.6
PROSE_WEIGHT: Final = 60.0
# A line of links weighs no more.
LINK_WEIGHT: Final = -12.0


def line_weight(line: Line) -> float:
    """Return how much a line itself speaks for (or, below 0, against) being text of an article, its hints apart."""
    text, linked = line.text, line.linked
    length = len(text)
    if linked:
        if is_link_line(line):
            is_file = not line.hints & BOILERPLATE and leads_to_file(line)
            return 0.0 if is_file else LINK_WEIGHT - (length if length < 40 else 40) / 2
    elif not length:
        return -2.0 if line.anchors and not line.images else 0.0
    plain = length - linked
    if plain < 12:
        return 0.0 if plain >= 6 and not linked else -1.0
    marks = sum(map(text.count, _PUNCTUATION)) if length < 2000 else length // 20
    if not marks and plain < 60:
        return -1.0 if linked else 0.0
    weight = min(plain + 8.0 * min(marks, 30), MAX_WEIGHT)
    if (line.level in (1, 2) and weight < PROSE_WEIGHT) or is_header(text):
        return 0.0
    if not marks:
        weight *= 0.3
    elif not SENTENCE_END.search(text, max(0, length - 6)):
        weight *= 0.6
    if linked > 0.3 * length and len(line.anchors) > 3:
        weight *= 0.4
    return 0.0 if LEGAL.search(text) else weight


def is_header(text: str) -> bool:
    """Return True if a line is the header of an article: two or more labels, days or times, and no sentence."""
    if len(text) > MAX_HEADER or "。" in text:
        return False
    return len({*_HEADER_TIME.findall(text), *_HEADER_WORD.findall(text)}) >= MIN_HEADER_MARKS


def hinted(weight: float, hints: int) -> float:
    """Return a weight above 0 as what the elements around its line are called changes it."""
    if hints & BOILERPLATE:
        return -0.5 * min(weight, 60.0) if not hints & Hint.ARTICLE else 0.1 * weight
    if hints & _DOUBTFUL:
        return weight * 0.5
    return weight * 1.25 if hints & Hint.ARTICLE else weight


def leads_to_file(line: Line) -> bool:
    """Return True if a line is a link to a document: 附件 of a notice, or 论文链接 and its address written out."""
    for raw, _, _ in line.anchors:
        if _FILE_MARK.search(raw) and _FILE.search(raw):
            return True
    return "://" in line.text and _REFERENCE.match(line.text) is not None


def is_link_line(line: Line) -> bool:
    """Return True if a line is links and little else (a bullet, a date, a count), and no sentence of the text."""
    length, linked = len(line.text), line.linked
    if linked > LINK_SHARE * length:
        return not (length > 60 and line.text.count("。") >= 2)
    if len(line.anchors) != 1 or linked < 8 or length - linked > 40:
        return False
    _, start, end = line.anchors[0]
    around = len(_LETTER.findall(line.text[:start])) + len(_LETTER.findall(line.text[end:]))
    return around < 6


def score_lines(document: Document) -> list[float]:
    """Return the weight of every line: what stands in rows or under a summary's label weighs nothing."""
    lines = document.lines
    found = [line_weight(line) for line in lines]
    heavy = [index for index, weight in enumerate(found) if weight > 0]
    for index in heavy:
        if index and found[index] > 0 and _is_summary_label(lines[index - 1].text):
            for place in range(index - 1, _summary_end(document, found, index) + 1):
                found[place] = SUMMARY_WEIGHT
    _damp_snippets(lines, found, heavy)
    _damp_flashes(lines, found, heavy)
    return found


def _summary_end(document: Document, found: list[float], first: int) -> int:
    """Return the last line of the summary that begins at `first`, under its label: of its box where it has one."""
    box = next(block for block in document.around(document.lines[first - 1].block) if block.last >= first)
    if box.first < first - 1 or box.last - first >= SUMMARY_LINES:
        return first
    inside = sum(weight for weight in found[first : box.last + 1] if weight > 0)
    return box.last if inside <= SUMMARY_SHARE * sum(weight for weight in found if weight > 0) else first


def _is_summary_label(text: str) -> bool:
    return len(text) <= 8 and _SUMMARY.fullmatch(text) is not None


def _damp_snippets(lines: list[Line], found: list[float], heavy: list[int]) -> None:
    """Take the weight off snippets of rows; fewer than three in a row are paragraphs with links between them."""
    chain: list[int] = []
    for index in heavy:
        if not (index and 0 < found[index] < 250):
            continue
        is_last = (
            len(chain) >= MIN_ROWS and index - chain[-1] == chain[-1] - chain[-2] and found[index - 1] <= LINK_WEIGHT
        )
        if not (is_last or _is_snippet(lines, found, index)):
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
    """Return True if a line is the snippet of a row: behind its title's link, before the next one or before a 更多."""
    if len(lines[index].text) > 160 or found[index - 1] > LINK_WEIGHT:
        return False
    for other in range(index + 1, min(index + 4, len(lines))):
        if found[other] <= LINK_WEIGHT:
            return True
        if found[other] > 0:
            return False
    return False


def _damp_flashes(lines: list[Line], found: list[float], heavy: list[int]) -> None:
    """Take the weight off flash news, sentences each under a time of its own, unless the page is made of them.

    It is not where an article stands above the heading of a ticker.
    """
    flashes = [
        index
        for index in heavy
        if index and found[index] > 0 and len(lines[index - 1].text) <= 12 and _CLOCK.fullmatch(lines[index - 1].text)
    ]
    if len(flashes) < MIN_FLASHES:
        return
    total = sum(found[index] for index in heavy if found[index] > 0)
    is_beside = any(_TICKER.fullmatch(line.text) for line in lines[max(0, flashes[0] - 4) : flashes[0]]) and any(
        found[index] >= PROSE_WEIGHT for index in heavy if index < flashes[0]
    )
    if is_beside or sum(found[index] for index in flashes) <= MOST_FLASHES * total:
        for index in flashes:
            found[index] = -6.0
