"""Rows of a listing: one per target URL, with title, snippet, date and region."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from newsspider.text.dates import Published, find_dates, parse_date
from newsspider.urls import article_key, redirect_target, registered_domain, resolve

if TYPE_CHECKING:
    from newsspider.pages.document import Block, Document, Line, Link

MAX_ROWS = 5_000
MAX_LINKS = 20_000
MAX_TITLE = 70
MIN_SNIPPET = 15
MIN_RUN = 3

GENERIC_TEXT = re.compile(
    r"[\W_]*(?:(?:点击|查看|阅读|閱讀|了解|浏览|加载|更多|詳細|详细|详情|全文|内容|原文|链接|連結|精彩|信息|新闻|资讯|继续|进入)+"
    r"|more|read more|details?|view|view all|\d{1,6}(?:条|个)?(?:评论|评|跟贴|阅读|浏览|人参与|赞)?|(?:我来)?评论\W?\d*"
    r"|图|图文|视频|组图|高清|置顶|推荐|热|新|顶|hot|new|分享|收藏|回复|赞|打印|[上下]一[页篇頁]|\[.{1,6}\])?[\W_]*\Z",
    re.I,
)
PAGER_TEXT = re.compile(
    r"\W*(?:第?\d{1,4}[页頁]?|(?:上|下|前|后|後|首|末|尾)一?[页頁]|<+|>+|«|»|…|\.{3}"
    r"|(?:go to )?(?:page\s?\d{1,4}|(?:next|prev(?:ious)?|first|last)(?: page)?))\W*\Z",
    re.I,
)
_HAS_DATE = re.compile(
    r"\d{1,2}\s?[-/:.月]\s?\d|[\d半几]\s?(?:秒|分|小时|小時|天|日|周|个月)[钟鐘]?[之以]?前|刚刚|[昨今前]天|[昨今]日|\b20\d{6}\b|\d月"
)
_DATE_TAIL = re.compile(
    r"[\s\[(（【|]{1,5}((?:20\d\d[-/.年])?\d{1,2}[-/.月]\d{1,2}日?(?:\s{0,2}\d{1,2}:\d\d(?::\d\d)?)?)[\s\])）】]*\Z"
)
_DATE_HEAD = re.compile(
    r"\A[\s\[(（【]*((?:20\d\d[-/.年])?\d{1,2}[-/.月]\d{1,2}日?(?:\s{0,2}\d{1,2}:\d\d(?::\d\d)?)?)[\s\])）】|]{1,5}"
)
_CLOCK_TEXT = re.compile(r"\d{1,2}:\d\d(?::\d\d)?")
# Of a list's own address the pages: ?page=3.
_PAGE_QUERY = re.compile(r"(?:page|p|pn|paged|page_?no|page_?num|page_?index|offset|start)=\d{1,6}", re.I)
_URL_IN_QUERY = re.compile(r"[?&#][^?&#]{1,600}?(?:https?(?::|%3a)(?:/|%2f){2})(?P<host>[\w.-]{3,80})", re.I)
_BULLET = re.compile(r"^[\s·•●▪■◆>»›\-–—*|]+|[\s|>»]+$")
_TRAILING_MORE = re.compile(r"[\[【(（]?(?:更多|详细|查看详情|详情|阅读全文|全文|点击查看)[>»\])）】…]*$")
_CUT = re.compile(r"(?:\.{2,}|…+)$")


@dataclass(slots=True)
class Row:
    """All links of a page to one target. `lines` are the indexes of the lines it stands on, in reading order."""

    url: str
    key: str
    texts: list[str] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    title: str = ""
    snippet: str | None = None
    published: Published | None = None
    image: str | None = None
    is_generic: bool = False
    heading: str = ""
    region: Any = None
    hints: int = 0
    block: int = -1
    is_pager: bool = False
    is_moment: bool = False  # all that its links show is a time
    redirector: str | None = None  # the URL of the link, where its query names `url`


def gather(document: Document) -> list[Row]:
    """Return the rows of a page in reading order, at most `MAX_ROWS`, its own URL left out."""
    rows: dict[str, Row] = {}
    own = article_key(document.url)
    heading = ""
    count = 0
    for line in document.lines:
        if not line.links:
            heading = line.text if 0 < len(line.text) <= 16 or line.level else heading
            continue
        if line.level and len(line.text) <= 16:
            heading = line.text
        for link in line.links:
            count += 1
            if count > MAX_LINKS or len(rows) >= MAX_ROWS:
                return _finished(rows, document)
            _add(rows, document, line, link, own, heading)
    return _finished(rows, document)


def _add(rows: dict[str, Row], document: Document, line: Line, link: Link, own: str, heading: str) -> None:
    shown = resolve(document.base_url, link.href)
    if shown is None:
        return
    target = redirect_target(shown)
    url = target or shown
    key = article_key(url)
    if key == own or (target is None and _is_share(shown, document.url)):
        return
    row = rows.get(key)
    if row is None:
        row = rows[key] = Row(url, key, heading=heading, hints=line.hints, block=line.block)
    if target:
        row.redirector = shown
    row.is_pager = row.is_pager or _is_page_of(url, document.url)
    text = _BULLET.sub("", link.text or "")
    is_title = bool(text) and not GENERIC_TEXT.match(text)
    if is_title and not any(not GENERIC_TEXT.match(known) for known in row.texts):
        row.block, row.hints, row.heading = line.block, line.hints, heading
    for candidate in (text, link.title or ""):
        if candidate and candidate not in row.texts:
            row.texts.append(candidate)
    if not row.lines or row.lines[-1] != line.index:
        row.lines.append(line.index)


def _is_share(url: str, page: str) -> bool:
    """Return True if a link to another site names an address of the page's own: it shares that, or comes back to it."""
    if "http" not in url[8:] or not (found := _URL_IN_QUERY.search(url)):
        return False
    site = registered_domain(page)
    return registered_domain(url) != site == registered_domain(f"http://{found['host']}/")


def _is_page_of(url: str, page: str) -> bool:
    """Return True if an address is the list's own with a number of a page."""
    path, _, query = url.partition("?")
    return bool(query) and path == page.partition("?")[0] and _PAGE_QUERY.fullmatch(query) is not None


def _finished(rows: dict[str, Row], document: Document) -> list[Row]:
    found = list(rows.values())
    for row in found:
        _name(row, document)
    regions(found, document.blocks)
    _dates_and_snippets(found, document)
    return found


def _name(row: Row, document: Document) -> None:
    """Choose the title of a row: the longest form of its headline; longer texts of the same link are the snippet."""
    texts: list[str] = []
    for text in row.texts:
        if GENERIC_TEXT.match(text):
            continue
        date = _DATE_TAIL.search(text) or _DATE_HEAD.search(text)
        if date is not None and row.published is None:
            row.published = date_in(date[1], document)
            text = (text[: date.start()] if date.start() else text[date.end() :]).strip()
        elif (
            len(text) <= 24
            and _HAS_DATE.search(text)
            and (shown := date_in(text, document))
            and len(shown.raw) >= len(text) - 4
        ):
            row.published = row.published or shown
            continue
        if text and not _CLOCK_TEXT.fullmatch(text):
            texts.append(text)
    row.is_generic = not texts
    row.is_moment = not texts and any(_HAS_DATE.search(text) for text in row.texts)
    if not texts:
        return
    first = next((text for text in texts if 4 <= len(text) <= MAX_TITLE), texts[0])
    row.title = _longest_form(first, texts)
    rest = [text for text in texts if text not in (first, row.title) and len(text) >= MIN_SNIPPET]
    row.snippet = max(rest, key=len, default=None)


def _longest_form(first: str, texts: list[str]) -> str:
    """Return the whole of a headline that is cut in `first`, or the headline beside a short label such as 视频."""
    stem = _CUT.sub("", first)
    longer = [text for text in texts if len(first) < len(text) <= MAX_TITLE + 50 and text.startswith(stem)]
    others = [text for text in texts if len(first) < 8 < len(text) <= MAX_TITLE and not _is_sentence(text)]
    return max(longer or others or [first], key=len)


def _is_sentence(text: str) -> bool:
    return text.count("，") + text.count("。") + text.count(",") >= 2


def regions(rows: list[Row], blocks: list[Block]) -> None:
    """Give each row the smallest container of at least `MIN_RUN` rows; containers of one pattern are one region."""
    counts: dict[int, int] = {}
    chains: list[list[int]] = []
    for row in rows:
        chain = _chain(row.block, blocks)
        chains.append(chain)
        for block in chain:
            counts[block] = counts.get(block, 0) + 1
    patterns: dict[int, str] = {}
    for row, chain in zip(rows, chains, strict=True):
        container = next((block for block in chain if counts[block] >= MIN_RUN), None)
        if container is not None and container not in patterns:
            patterns[container] = _pattern(blocks, container)
        row.region = patterns.get(container, "") if container is not None else ""


def _chain(block: int, blocks: list[Block]) -> list[int]:
    """Return a block and the blocks around it, at most thirty."""
    chain: list[int] = []
    while block >= 0 and len(chain) < 30:
        chain.append(block)
        block = blocks[block].parent
    return chain


def _pattern(blocks: list[Block], index: int) -> str:
    block = blocks[index]
    outer = blocks[block.parent].tag if block.parent >= 0 else None
    name = f"{outer.name}.{outer.get('class') or ''}" if outer is not None else ""
    own = block.tag.get("class") or ""
    return f"{name}>{block.tag.name}.{own}#{'' if own else block.tag.get('id') or ''}"


def _dates_and_snippets(rows: list[Row], document: Document) -> None:
    """Give rows the dates and snippets on their own lines, or between theirs and the next row's."""
    lines = document.lines
    owners: dict[int, list[Row]] = {}
    for row in rows:
        for index in row.lines:
            owners.setdefault(index, []).append(row)
    for row in rows:
        for index in row.lines:
            is_shared = len(owners[index]) > 1
            _read_line(row, lines[index], document, is_shared=is_shared)
    leading = _dates_lead(rows, owners, document)
    for row in rows:
        if row.published is None or row.snippet is None:
            _read_gap(row, owners, document, is_leading=row.region in leading)


def _read_line(row: Row, line: Line, document: Document, *, is_shared: bool) -> None:
    plain = _TRAILING_MORE.sub("", unlinked(line)).strip()
    if not plain:
        return
    if is_shared:
        plain = _after_link(row, line)
    if row.published is None:
        row.published = date_in(plain, document)
    if row.snippet is None and len(plain) >= MIN_SNIPPET and not is_shared and not _is_meta(plain, row.published):
        row.snippet = plain


def _after_link(row: Row, line: Line) -> str:
    """Return the text between a row's link and the next link of a line that several rows share."""
    for position, link in enumerate(line.links):
        if link.text and _BULLET.sub("", link.text) in row.texts:
            end = line.links[position + 1].start if position + 1 < len(line.links) else len(line.text)
            return line.text[link.end : end]
    return ""


def _is_meta(text: str, published: Published | None) -> bool:
    """Return True if a text is little more than the date (`2026-11-01 来源：样报`)."""
    return published is not None and published.raw in text and len(text) - len(published.raw) < MIN_SNIPPET


def _dates_lead(rows: list[Row], owners: dict[int, list[Row]], document: Document) -> set[Any]:
    """Return the regions in which a date stands on the line above its link: there the last row has none below it."""
    leading: set[Any] = set()
    seen: set[Any] = set()
    for row in rows:
        if row.region in seen or row.published is not None or row.is_generic:
            continue
        seen.add(row.region)
        above = row.lines[0] - 1
        if (
            above >= 0
            and above not in owners
            and len(document.lines[above].text) <= 30
            and date_in(document.lines[above].text, document)
        ):
            leading.add(row.region)
    return leading


def _read_gap(row: Row, owners: dict[int, list[Row]], document: Document, *, is_leading: bool) -> None:
    lines = document.lines
    if is_leading and row.published is None and row.lines[0] > 0 and row.lines[0] - 1 not in owners:
        row.published = date_in(lines[row.lines[0] - 1].text, document)
    for index in _free_lines(row, owners, len(lines)):
        text = _TRAILING_MORE.sub("", lines[index].text).strip()
        if lines[index].level:
            break
        if row.published is None and not is_leading:
            row.published = date_in(text, document) if len(text) <= 60 else None
            if row.published is not None and len(text) <= 60:
                continue
        if row.snippet is None and len(text) >= MIN_SNIPPET and not _is_meta(text, row.published):
            row.snippet = text


def _free_lines(row: Row, owners: dict[int, list[Row]], count: int) -> Iterator[int]:
    """Yield the indexes of up to four lines after each of a row's lines that belong to no row."""
    for start in row.lines:
        for index in range(start + 1, min(start + 5, count)):
            if index in owners:
                break
            yield index


def unlinked(line: Line) -> str:
    """Return the text of a line outside its links, the pieces joined by a space."""
    pieces: list[str] = []
    at = 0
    for link in line.links:
        pieces.append(line.text[at : link.start])
        at = max(at, link.end)
    pieces.append(line.text[at:])
    return " ".join(piece.strip(" \t[]()（）【】|·") for piece in pieces if piece.strip(" \t[]()（）【】|·"))


def date_in(text: str, document: Document) -> Published | None:
    """Return the first date in a short text, read against the fetch time."""
    return _date(text.strip(" []()（）【】|"), document.fetched_at) if text and _HAS_DATE.search(text) else None


@lru_cache(maxsize=8192)
def _date(text: str, reference: Any) -> Published | None:
    if len(text) <= 40 and (found := parse_date(text, reference)):
        return found
    dates = find_dates(text[:300], reference)
    return dates[0][2] if dates else None
