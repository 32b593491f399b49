"""Next page of an article in parts or of a listing. 上一篇/下一篇 (previous and next article) do not count."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from newsspider.pages.listing.page_links import (
    NEXT_ARROW,
    NEXT_WORDS,
    PAGE_NUMBER,
    Pager,
    Token,
    bare,
    continuation_links,
    pagers,
)
from newsspider.urls import article_key, registered_domain, resolve
from newsspider.urls.paging import is_later_page, page_number, with_page_number

if TYPE_CHECKING:
    from newsspider.pages.document import Document

MAX_ARTICLE_PAGES = 99
FULL_WINDOW = 9

_MORE_WORDS = re.compile(
    r"\W*(?:点击|查看|加载|显示|浏览)*(?:更多|更多精彩|更多新闻|更多内容|更多资讯|more|load more|show more)\W*\Z", re.I
)
_ONCLICK_URL = re.compile(
    r"(?:location(?:\.href)?\s*=|location\.(?:assign|replace)\(|window\.open\()\s*[\"']([^\"']{1,300})[\"']"
)
_MORE_OF_ARTICLE = re.compile(
    r"(?:余下|剩余|餘下|剩餘)的?(?:全文|内容|正文|部分)|(?:阅读|閱讀|查看|展开|展開|显示|顯示|浏览)的?(?:全文|全部|全篇|余下)"
    r"|全文(?:阅读|閱讀|浏览|显示)|单页(?:阅读|显示|浏览)|單頁閱讀|本页(?:阅读|显示)全文"
    r"|(?:view|show|read) (?:all|full|more)|single page|full (?:text|article|story)",
    re.I,
)
_WHOLE = re.compile(
    r"(?:[?&](?:page|p|pn|pageno|view|show|mode|full|all|single)=(?:all|full|1|true|whole|single|-1|0))(?=&|\Z)|[_\-/](?:all|full|whole|single)(?=\.\w{2,5}\Z|/?\Z|\?)",
    re.I,
)
_ONE_BUT_WHOLE = re.compile(r"[?&](?:page|p|pn|pageno)=1(?=&|\Z)", re.I)
_PART_SUFFIX = re.compile(
    r"(?:[_\-](?:p|page)?(\d{1,2}|all|full)(?=(?:\.\w{2,5})?\Z)|/(?:page/|p)?(\d{1,2}|all|full)\Z)", re.I
)
_PART_PARAMETER = re.compile(
    r"(?:page|p|pn|pg|pageno|page_no|pageindex|pagenum|page_num|curpage|view|full|all|show|mode)\Z", re.I
)
_LONG_NUMBER = re.compile(r"\d{4,}")
_CREATE_PAGE = re.compile(
    r"""create\w{0,20}?Page\w{0,20}\s*\(\s*([\w$.]+)\s*,\s*([\w$.]+)\s*,\s*["']([\w\-./]+)["']\s*,\s*["'](\w+)["']""",
    re.I,
)
_COUNT_VARIABLE = re.compile(
    r"\b(?:countPage|pageCount|totalPages?|page_count|total_page|allPage|maxPage)\s*[:=]\s*[\"']?(\d{1,5})", re.I
)
_CURRENT_VARIABLE = re.compile(
    r"\b(?:currentPage|curPage|pageIndex|current_page|nowPage|pageNo|page_index)\s*[:=]\s*[\"']?(\d{1,5})", re.I
)


def next_article_page(document: Document) -> str | None:
    """Return the URL of the article's next part, or of its full text where that is offered; None on the last.

    Only a URL that continues the page's own counts (`_2.html`, `?page=2`, `/2`, `?page=all`).
    """
    if is_whole(document.url):
        return None
    links = list(continuation_links(document))
    whole = full_text_link(document, links)
    if whole is not None:
        return whole
    for token in links:
        if token.url and "next" in token.rel.split() and _continues(document.url, token.url):
            return token.url
    for pager in pagers(document):
        following = _following(pager, document.url)
        if following and _continues(document.url, following):
            return following
    for token in links:
        if token.url and NEXT_WORDS.match(token.text) and _continues(document.url, token.url):
            return token.url
    head = _head_link(document, "next")
    return head if head and _continues(document.url, head) else None


def full_text_link(document: Document, links: list[Token]) -> str | None:
    """Return the URL under 余下全文, 阅读全文, 展开全文 or 单页阅读 that shows more of this very article."""
    for token in links:
        if token.url is None or len(token.text) > 20 or not _MORE_OF_ARTICLE.search(token.text):
            continue
        if article_key(token.url) == article_key(document.url):
            continue
        if is_whole(token.url) and _same_story(document.url, token.url):
            return token.url
    for token in links:
        is_more = token.url is not None and len(token.text) <= 20 and _MORE_OF_ARTICLE.search(token.text)
        if is_more and token.url and _continues(document.url, token.url):
            return token.url
    return None


def next_listing_page(document: Document) -> str | None:
    """Return the URL of the listing's next page, the surest candidate; None where it shows none."""
    candidates = next_listing_pages(document)
    return candidates[0] if candidates else None


def next_listing_pages(document: Document, *, is_guessing: bool = True) -> list[str]:
    """Return candidates for the listing's next page, the surest first; each is tried only if those before fail.

    `is_guessing`: also `index_2.html` where a script only counts pages.
    """
    found: list[str] = []
    site = registered_domain(document.url)
    own = article_key(document.url)
    for url in _listing_candidates(document, is_guessing=is_guessing):
        if url not in found and article_key(url) != own and registered_domain(url) == site:
            found.append(url)
    return found


def says_next(document: Document) -> bool:
    """Return True if the listing names its next page in words, 下一页 or rel=next, with a link."""
    own = article_key(document.url)
    head = _head_link(document, "next")
    if head and article_key(head) != own:
        return True
    links = (t for t in continuation_links(document) if t.url and article_key(t.url) != own)
    return any(NEXT_WORDS.match(token.text) or "next" in token.rel.split() for token in links)


def page_links(document: Document) -> dict[int, str]:
    """Return page number -> URL of all numbered pages the listing's pagers show, options of a select included."""
    numbers: dict[int, str] = {}
    for pager in pagers(document):
        numbers |= pager.numbers()
    for option in document.root.iter("option"):
        match = PAGE_NUMBER.match("".join(option.itertext()).strip())
        url = resolve(document.base_url, option.get("value", "")) if match else None
        if match and url and page_number(url) is not None:
            numbers.setdefault(int(match[1]), url)
    return numbers


def is_whole(url: str) -> bool:
    """Return True if the URL asks for all parts of an article on one page."""
    return _WHOLE.search(url) is not None and _ONE_BUT_WHOLE.search(url) is None


def _following(pager: Pager, url: str) -> str | None:
    """Return the URL one page on: the 下一页 link, the next number, the arrow of a numbered pager."""
    own = article_key(url)
    here = page_number(url) or 0
    for token in pager.tokens:
        if token.url and NEXT_WORDS.match(token.text) and article_key(token.url) != own:
            return token.url
    if pager.is_last:
        return None
    numbers = pager.numbers()
    current = pager.current or (here if here > 1 else 1)
    if current + 1 in numbers and article_key(numbers[current + 1]) != own:
        return numbers[current + 1]
    if not numbers:
        return None
    for token in pager.tokens:
        if token.url and NEXT_ARROW.match(token.text) and article_key(token.url) != own:
            return token.url
    return None


def _beyond(pager: Pager, url: str) -> str | None:
    """Return the URL one page past what a pager shows, where it says that there are more or shows a window."""
    numbers = pager.numbers()
    current = pager.current or page_number(url) or 1
    if pager.is_last or not numbers or current + 1 in numbers:
        return None
    is_known = pager.total is not None and current < pager.total
    is_cut = (
        1 not in numbers or len(numbers) >= FULL_WINDOW or any("…" in t.text or ".." in t.text for t in pager.tokens)
    )
    is_window = pager.total is None and is_cut and len(numbers) >= 4 and current >= max(numbers)
    if not is_known and not is_window:
        return None
    nearest = min(numbers, key=lambda number: (number < 2, abs(number - current)))
    shown = page_number(numbers[nearest])
    return with_page_number(numbers[nearest], shown + current + 1 - nearest) if shown is not None else None


def _listing_candidates(document: Document, *, is_guessing: bool) -> Iterator[str]:
    head = _head_link(document, "next")
    if head:
        yield head
    tokens = list(continuation_links(document))
    yield from (token.url for token in tokens if token.url and "next" in token.rel.split())
    found = [pager for pager in pagers(document) if len(pager.tokens) > 1 or pager.numbers()]
    for pager in sorted(found, key=lambda pager: -len(pager.tokens)):
        following = _following(pager, document.url)
        if following:
            yield following
    yield from (token.url for token in tokens if token.url and NEXT_WORDS.match(token.text))
    yield from _clicked(document)
    yield from (t.url for t in tokens if t.url and _MORE_WORDS.match(t.text) and _is_continuation(document.url, t.url))
    options = page_links(document)
    own = article_key(document.url)
    here = next((number for number, url in options.items() if article_key(url) == own), page_number(document.url) or 1)
    if not found and here + 1 in options:
        yield options[here + 1]
    arrows = (token.url for pager in pagers(document) for token in pager.tokens if NEXT_ARROW.match(token.text))
    yield from (url for url in arrows if url and _is_continuation(document.url, url))
    declared = _declared_page(document, is_guessing=is_guessing)
    if declared:
        yield declared
    for pager in found:
        beyond = _beyond(pager, document.url)
        if beyond:
            yield beyond


def _clicked(document: Document) -> Iterator[str]:
    """Yield where elements that say 下一页 lead by their onclick attribute."""
    for element in document.root.xpath("//*[@onclick]"):
        found = _ONCLICK_URL.search(element.get("onclick", ""))
        if found and NEXT_WORDS.match(bare("".join(element.itertext())[:30] or element.get("value", ""))):
            url = resolve(document.base_url, found[1])
            if url:
                yield url


def _head_link(document: Document, rel: str) -> str | None:
    return next(iter(document.head_links(rel)), None)


def _declared_page(document: Document, *, is_guessing: bool) -> str | None:
    """Return the next page of a list whose script counts: `createPageHTML(10, 0, "index", "html")`."""
    for element in document.source.scripts:
        script = element.text
        if "age" not in script:
            continue
        count, current = _COUNT_VARIABLE.search(script), _CURRENT_VARIABLE.search(script)
        call = _CREATE_PAGE.search(script)
        if call is not None:
            total = _number_or(call[1], count)
            here = _number_or(call[2], current)
            name, extension = call[3], call[4]
        elif is_guessing and count is not None and current is not None and "_" in script:
            total, here = int(count[1]), int(current[1])
            leaf = urlsplit(document.url).path.rpartition("/")[2] or "index.html"
            name, _, extension = re.sub(r"_\d{1,4}(?=\.)", "", leaf).rpartition(".")
        else:
            continue
        if total is not None and here is not None and here + 1 < total and name:
            return resolve(document.base_url, f"{name}_{here + 1}.{extension}")
    return None


def _number_or(text: str, variable: re.Match[str] | None) -> int | None:
    if text.isdigit():
        return int(text)
    return int(variable[1]) if variable else None


def _parts_of(url: str) -> list[tuple[str, int]]:
    """Return (base, page number) readings of a URL: as page 1 of itself, and with a page suffix taken off."""
    key = article_key(url)
    path, _, query = key.partition("?")
    pairs = query.split("&") if query else []
    readings = [(key, 1)]
    suffix = _PART_SUFFIX.search(path)
    if suffix is not None:
        number = suffix[1] or suffix[2]
        base = path[: suffix.start()] + path[suffix.end() :]
        readings.append((base + (f"?{query}" if query else ""), int(number) if number.isdigit() else 0))
    for pair in pairs:
        name, _, value = pair.partition("=")
        if _PART_PARAMETER.match(name) and ((value.isdigit() and len(value) <= 2) or value in ("all", "full", "true")):
            rest = "&".join(other for other in pairs if other != pair)
            readings.append((path + (f"?{rest}" if rest else ""), int(value) if value.isdigit() else 0))
    return readings


def _continues(own: str, other: str) -> bool:
    """Return True if `other` is a later part of the article at `own`, or all of it, judged by the URLs."""
    if article_key(own) == article_key(other):
        return False
    for base, number in _parts_of(own):
        for other_base, other_number in _parts_of(other):
            if base != other_base or other_number > MAX_ARTICLE_PAGES:
                continue
            if other_number == 0 and is_whole(other):
                return True
            if base == article_key(own) and other_number in (1, 2):
                return True
            if other_number == number + 1:
                return True
    return False


def _is_continuation(own: str, other: str) -> bool:
    """Return True if `other` is a later page, offset or cursor of the list at `own`."""
    return _continues(own, other) or is_later_page(own, other)


def _same_story(own: str, other: str) -> bool:
    """Return True if both URLs carry the same article's number, wherever it stands."""
    if _continues(own, other):
        return True
    numbers = _LONG_NUMBER.findall(urlsplit(own).path + urlsplit(own).query)
    return bool(numbers) and registered_domain(own) == registered_domain(other) and max(numbers, key=len) in other
