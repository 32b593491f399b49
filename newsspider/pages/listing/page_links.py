"""Pagers: runs of page links such as numbers and 下一页 (next page)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from newsspider.urls import article_key, resolve
from newsspider.urls.paging import page_number

if TYPE_CHECKING:
    from newsspider.pages.document import Document, Line

MAX_PAGER_LINE = 400
_BRACKETS = "[]【】()（）〔〕「」<>《》«»‹›|·•. \u3000\xa0　"
NEXT_WORDS = re.compile(
    r"(?:点击|查看|阅读)?(?:下一?[页頁]|后一?页|後一?頁|[向往]后翻?页?|下1页|next(?: ?page)?"
    r"|(?:[较較]?[旧舊]|[较較]?早|更早|早期)的?文章|older(?: posts| entries| news)?)[\W\d]*\Z",
    re.I,
)
MAX_PLAIN = 30
MAX_PAGER_TEXT = 14
MAX_LINK_TEXT = 24
_PAGER_CHARACTER = re.compile(
    r"[\d页頁下上首末尾前后後更<>＜＞《》«»›‹→←▶►]|next|prev|older|newer|last|first|more", re.I
)
_CONTINUATION_TEXT = re.compile(r"[页頁]|全文|内容|正文|余下|剩余|更多|文章|翻|next|more|older|all|full|single", re.I)
NEXT_ARROW = re.compile(r"(?:>{1,3}|»|›|→|>>|＞{1,2}|&gt;)\Z")
_BACK_WORDS = re.compile(
    r"(?:上一?[页頁]|前一?[页頁]|prev(?:ious)?(?: ?page)?|首[页頁]|第一[页頁]|[末尾][页頁]|最后一?页|first|last"
    r"|<{1,3}|«|‹|＜|\.{2,}|…+)\Z",
    re.I,
)
PAGE_NUMBER = re.compile(r"(?:第\s*)?(\d{1,4})(?:\s*[页頁])?\Z")
_LONE_NUMBER = re.compile(r"(?<![\d/.:\-共第年月])(\d{1,4})(?![\d/.:\-年月日条篇])")
_OF_TOTAL = re.compile(
    r"(?:第\s*)?(\d{1,4})\s*(?:页\s*)?[/／,，]\s*(?:共\s*)?(\d{1,4})\s*[页頁]?|共\s*(\d{1,4})\s*[页頁]"
)


@dataclass(slots=True)
class Token:
    """One piece of a pager: what it says and where it leads, None for plain text."""

    text: str
    url: str | None
    line: int
    rel: str = ""


@dataclass(slots=True)
class Pager:
    """A run of page links in reading order, and what it says of itself: shown page and number of pages."""

    tokens: list[Token] = field(default_factory=list)
    current: int | None = None
    total: int | None = None
    is_last: bool = False

    def numbers(self) -> dict[int, str]:
        """Return page number -> URL of the numbered links."""
        found = ((PAGE_NUMBER.match(token.text), token.url) for token in self.tokens)
        return {int(match[1]): url for match, url in found if match and url}


def pagers(document: Document) -> list[Pager]:
    """Return the pagers of a page: runs of at least one numbered or next link, in reading order."""
    found: list[Pager] = []
    run = Pager()
    last_line = -10
    for line in document.lines:
        tokens = list(_line_tokens(line, document.base_url)) if _may_page(line) else []
        if not tokens:
            continue
        if line.index - last_line > 2 and run.tokens:
            found.append(run)
            run = Pager()
        last_line = line.index
        run.tokens += tokens
        _read_position(run, line)
    found.append(run)
    return [_with_current(pager, document.url) for pager in found if any(token.url for token in pager.tokens)]


def page_total(document: Document) -> int | None:
    """Return how many pages the list has, where a line says so of the page shown: 第2页/共7页."""
    here = page_number(document.url) or 1
    for line in document.lines:
        match = _OF_TOTAL.search(line.text) if 0 < len(line.text) <= MAX_PAGER_LINE and _may_page(line) else None
        if match and match[1] and int(match[1]) == here <= int(match[2]):
            return int(match[2])
    return None


def _may_page(line: Line) -> bool:
    """Return True if a line may hold pieces of a pager; most lines are ruled out by their length and characters."""
    text = line.text
    if not text or len(text) > MAX_PAGER_LINE:
        return False
    if not line.anchors:
        return len(text) <= MAX_PLAIN and _PAGER_CHARACTER.search(text) is not None
    return any(
        end - start <= MAX_PAGER_TEXT and _PAGER_CHARACTER.search(text, start, end) for _, start, end in line.anchors
    )


def _line_tokens(line: Line, base_url: str) -> Iterator[Token]:
    """Yield the pager pieces of a line; nothing for a line of prose or of ordinary links."""
    if len(line.text) > MAX_PAGER_LINE or not line.text:
        return
    links = [link for link in line.links if _is_pager_text(link.text)]
    is_plain = not line.links and (_is_pager_text(line.text) or _OF_TOTAL.search(line.text) is not None)
    if is_plain and len(line.text) <= MAX_PLAIN:
        yield Token(line.text.strip(_BRACKETS) or line.text, None, line.index)
        return
    if not links or len(links) * 2 < len([link for link in line.links if link.text]):
        return
    at = 0
    for link in line.links:
        yield from (Token(match[1], None, line.index) for match in _LONE_NUMBER.finditer(line.text[at : link.start]))
        if link in links:
            yield Token(bare(link.text), resolve(base_url, link.href), line.index, getattr(link, "rel", "") or "")
        at = max(at, link.end)
    yield from (Token(match[1], None, line.index) for match in _LONE_NUMBER.finditer(line.text[at:]))
    if re.search(r"下一?[页頁]", "".join(_unlinked(line))):
        yield Token("下一页", None, line.index)


def _unlinked(line: Line) -> Iterator[str]:
    at = 0
    for link in line.links:
        yield line.text[at : link.start]
        at = max(at, link.end)
    yield line.text[at:]


def bare(text: str) -> str:
    return text.strip(_BRACKETS) or text.strip()


def _is_pager_text(text: str) -> bool:
    if len(text) > MAX_PAGER_TEXT:
        return False
    words = bare(text)
    return any(pattern.match(words) for pattern in (PAGE_NUMBER, NEXT_WORDS, _BACK_WORDS, NEXT_ARROW))


def _read_position(pager: Pager, line: Line) -> None:
    match = _OF_TOTAL.search(line.text)
    if match is None:
        return
    if match[3]:
        pager.total = int(match[3])
    elif 0 < int(match[1]) <= int(match[2]):
        pager.current, pager.total = int(match[1]), int(match[2])


def _with_current(pager: Pager, url: str) -> Pager:
    """Return the pager with the page it stands on: shown without a link, or linking to itself."""
    own = article_key(url)
    numbers = pager.numbers()
    plain = [int(match[1]) for token in pager.tokens if token.url is None and (match := PAGE_NUMBER.match(token.text))]
    plain = [number for number in plain if number not in numbers]
    near = [n for n in plain if n + 1 in numbers or n - 1 in numbers or (not numbers and n == 1)]
    if pager.current is None:
        to_self = [number for number, target in numbers.items() if article_key(target) == own]
        pager.current = next(iter(near or to_self), None)
    words = [token for token in pager.tokens if NEXT_WORDS.match(token.text)]
    pager.is_last = bool(words) and all(token.url is None or article_key(token.url) == own for token in words)
    return pager


def continuation_links(document: Document) -> Iterator[Token]:
    """Yield the links that may lead to a page after: by a word of theirs or by rel, bare of brackets, absolute."""
    for line in document.lines:
        if not any(
            " rel=" in raw or (0 < end - start <= MAX_LINK_TEXT and _CONTINUATION_TEXT.search(line.text, start, end))
            for raw, start, end in line.anchors
        ):
            continue
        for link in line.links:
            is_continuation = (
                link.text and len(link.text) <= MAX_LINK_TEXT and _CONTINUATION_TEXT.search(link.text)
            ) or link.rel
            url = resolve(document.base_url, link.href) if is_continuation else None
            if url:
                yield Token(bare(link.text), url, line.index, link.rel or "")
