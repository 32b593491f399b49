"""Related-link blocks (相关阅读, 推荐阅读, 精彩放送): one block per heading, one row per URL."""

from __future__ import annotations

import re
from typing import Final

from newsspider.items import RelatedBlock, RelatedLink
from newsspider.pages.document import Document, Hint, Line
from newsspider.pages.related.headings import (
    HEADING_STARTS,
    MIN_TITLE,
    MORE_STARTS,
    inline_heading,
    is_more,
    is_title,
    line_heading,
)
from newsspider.pages.related.region import region
from newsspider.pages.related.rows import (
    SHORT_TITLE,
    RelatedRow,
    image_url,
    outside_links,
    related_rows,
    row_time,
    titles,
)
from newsspider.pages.related.script_place import FILLED_BY_SCRIPT, script_place
from newsspider.text import fold
from newsspider.text.dates import Published
from newsspider.urls import article_key, article_likelihood, registered_domain, resolve, url_pattern

SURE_TITLE: Final = 12
SURE_ROWS: Final = 2
MAX_COMPARED: Final = 6
MIN_LIKELIHOOD: Final = 0.35
MIN_RUN: Final = 4
_OUTSIDE: Final = Hint.FOOTER | Hint.NAV
# Columns beside the article: their 热点推荐 is the site's, not the article's.
_SIDE_COLUMN: Final = re.compile(
    r"(?:^|[-_ ])(?:side|sidebar|aside|right|fr|rside|sider)(?:$|[-_ ])|[a-z](?:Right|Side|Sidebar)\b"
)
_LOOSE_HEADING: Final = re.compile(
    r"(?:热门|熱門|热点|熱點|精彩|编辑|編輯|小编|最新|今日|本站|站内|本周|主编|重点|重磅|每日|智能|好文|更多"
    r"|往期|前期|历史)(?!放送|推送)|大家|网友|读者"
)
# What no navigation is called, whatever its element's class says.
_SURE_HEADING: Final = re.compile(r"相[关關]|延伸")
# The foot of an article rather than of the page.
_OWN_FOOT: Final = re.compile(r"(?:story|article|art|post|entry|news|content|detail)[_-]?foot", re.IGNORECASE)
MAX_TAG: Final = 14
# Blanks aside, titles of so different lengths are not the same.
SAME_LENGTH: Final = 8
MAX_HEADING: Final = 12
_TAG_PAGE: Final = re.compile(
    r"/(?:tags?|keywords?|search|topics?|so)[/_?-]|[?&](?:tag|keyword|q|wd|word|query)s?=", re.IGNORECASE
)
_ADVERTISEMENT: Final = re.compile(r"[?&/](?:ad|ads|adclick|click|redirect)(?:[?=/]|\.)", re.IGNORECASE)
_CAMPAIGN: Final = re.compile(r"[?&]utm_(?:source|medium|campaign)=")


def _is_beside(document: Document, line: Line) -> bool:
    """Return True if a heading stands in a column beside the article."""
    return any(
        block.tag.name == "aside" or _SIDE_COLUMN.search(block.tag.names)
        for block in document.around(document.blocks[line.block].parent)
    )


def _headings(lines: list[Line]) -> dict[int, tuple[str, bool]]:
    """Return the lines that head a block: index -> (name, whether the heading's links follow on its line)."""
    found: dict[int, tuple[str, bool]] = {}
    for line in lines:
        if line.text[:1] in HEADING_STARTS:
            if name := line_heading(line):
                found[line.index] = name, False
            elif line.anchors and (name := inline_heading(line)):
                found[line.index] = name, True
    return found


def _is_entry(row: RelatedRow, title: str, site: str) -> bool:
    """Return True if a row is an article: a long title, or a shorter one at a URL that looks like an article's."""
    if "utm_" in row.url and _CAMPAIGN.search(row.url) and registered_domain(row.url) != site:
        return False
    if _ADVERTISEMENT.search(row.url) or (len(title) <= MAX_TAG and _TAG_PAGE.search(row.url)):
        return False
    return len(title) >= SURE_TITLE or (len(title) >= MIN_TITLE and article_likelihood(row.url) >= MIN_LIKELIHOOD)


def _is_like_others(row: RelatedRow, rows: list[RelatedRow]) -> bool:
    """Return True if some of the block's long titles have URLs of the same pattern: a shorter one is then no less."""
    shape, alike = url_pattern(row.url), 0
    compared = 0
    for other in rows:
        if other.texts and len(other.texts[0]) >= SURE_TITLE:
            compared += 1
            alike += url_pattern(other.url) == shape
            if alike == SURE_ROWS or compared == MAX_COMPARED:
                break
    return alike == SURE_ROWS


class _Page:
    """The blocks of one page as they are found; `taken` holds the keys of the articles that have a row already."""

    def __init__(self, document: Document, self_url: str, title: str, published: Published | None) -> None:
        self.document = document
        self.blocks: list[RelatedBlock] = []
        self.links: list[RelatedLink] = []
        self.used: set[int] = set()
        self.headings = _headings(document.lines)
        self._taken: set[str] = set()
        self._key = article_key(self_url)
        self._site = registered_domain(self_url)
        self._title = fold(title)
        self._length = len(title)
        self._published = published

    def add(self, name: str, heading: Line | None, lines: list[Line]) -> None:
        """Add a block of these lines; a heading line's own links may be 更多 or, where it is among `lines`, entries."""
        position = 0
        rows = related_rows(lines, self.document)
        for row in rows:
            title, short, snippet = titles(row)
            key = article_key(row.url)
            if key in self._taken:
                continue
            if not _is_entry(row, title, self._site):
                if len(title) < SHORT_TITLE or _ADVERTISEMENT.search(row.url) or _TAG_PAGE.search(row.url):
                    continue
                if not _is_like_others(row, rows):
                    continue
            self._taken.add(key)
            self.links.append(self._link(row, RelatedLink(name, position, row.url, title, short, snippet), key))
            position += 1
        around = [heading, *lines] if heading else lines
        found = RelatedBlock(name, position, self._more_url(around, {row.url for row in rows}))
        if heading is not None and not position and script_place(self.document, heading) is not None:
            found.unread = FILLED_BY_SCRIPT
        self.blocks.append(found)
        self.used.update([line.index for line in around])

    def _link(self, row: RelatedRow, link: RelatedLink, key: str) -> RelatedLink:
        if row.published:
            link.published_at, link.published_raw = row.published.at, row.published.raw
        link.image = image_url(row.image, self.document.base_url) if row.image is not None else None
        link.is_self = key == self._key or self._is_same(link)
        return link

    def _is_same(self, link: RelatedLink) -> bool:
        """Return True if a link is the page's own under another URL: its title and, where both are known, its day."""
        if not self._title or abs(len(link.title) - self._length) > SAME_LENGTH or fold(link.title) != self._title:
            return False
        if self._published is None or link.published_at is None:
            return True
        return abs((link.published_at - self._published.at).total_seconds()) < 86400

    def _more_url(self, lines: list[Line], entries: set[str]) -> str | None:
        """Return the URL of the block's own 更多; that of an entry leads to the entry."""
        for line in lines:
            for place, (_, start, end) in enumerate(line.anchors):
                if line.text[start : start + 1] in MORE_STARTS and is_more(line.text[start:end]):
                    url = resolve(self.document.base_url, line.links[place].href)
                    if url and url not in entries:
                        return url
        return None


def related_blocks(
    document: Document,
    body_range: tuple[int, int] | None,
    self_url: str,
    title: str,
    published: Published | None = None,
) -> tuple[list[RelatedBlock], list[RelatedLink], set[int]]:
    """Return (blocks, links, indexes of the lines they stand on); an empty block is a block with no links.

    `body_range` may be None or a first guess: it keeps a block whose heading stands in the text from swallowing it.
    """
    lines = document.lines
    page = _Page(document, self_url, title, published)
    for index, (name, is_inline) in page.headings.items():
        line = lines[index]
        if index in page.used or _is_outside(document, line, name):
            continue
        if is_inline:
            page.add(name, None, [line, *region(document, page.headings, index, body_range)])
        elif not (_LOOSE_HEADING.match(name) and _is_beside(document, line)):
            page.add(name, line, region(document, page.headings, index, body_range))
    if not page.links and body_range and (run := _dated_run(lines[body_range[1] + 1 :], document)):
        page.add("", None, run)
    return page.blocks, page.links, page.used


def _is_outside(document: Document, line: Line, name: str) -> bool:
    """Return True if a heading stands in the page's menus or at its foot.

    An element called an article's foot is not the page's: its 相关新闻 are related.
    """
    if line.hints & Hint.FOOTER:
        is_own = any(_OWN_FOOT.search(block.tag.names) for block in document.around(line.block))
        return not (is_own and _SURE_HEADING.match(name))
    below = document.lines[line.index + 1 : line.index + 3]
    is_menu = line.hints & Hint.NAV and any(other.hints & Hint.NAV for other in below)
    return bool(is_menu) and not _SURE_HEADING.match(name)


def _place(document: Document, line: Line) -> int:
    return document.blocks[line.block].parent


def _is_dated(line: Line, document: Document) -> bool:
    """Return True if a line is one title and a date."""
    if len(line.anchors) != 1:
        return False
    _, start, end = line.anchors[0]
    return is_title(line.text[start:end]) and row_time(outside_links(line), document.fetched_at) is not None


def _dated_run(lines: list[Line], document: Document) -> list[Line]:
    """Return a block without a heading: a run of lines alike in place, each one title and a date; else []."""
    run: list[Line] = []
    is_headed = False
    for line in lines:
        if line.hints & (_OUTSIDE | Hint.COMMENT | Hint.SIDE):
            break
        if not line.anchors and line.text:
            is_headed = len(line.text) <= MAX_HEADING and not run
        is_alike = not run or _place(document, line) == _place(document, run[-1])
        if is_alike and not (is_headed and not run) and _is_dated(line, document):
            run.append(line)
        elif len(run) >= MIN_RUN:
            break
        else:
            run = []
    return run if len(run) >= MIN_RUN else []
