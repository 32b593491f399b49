"""The blocks under 相关阅读, 推荐阅读, 精彩放送 and their kin, as typed links: one row a URL, one block a heading."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from newsspider.items import RelatedBlock, RelatedLink
from newsspider.pages.dates import Published, find_dates, parse_date
from newsspider.pages.document import Document, Hint, Line, Link
from newsspider.pages.headings import MIN_TITLE, ends_block, inline_heading, is_more, is_title, line_heading
from newsspider.text import fold, squeeze
from newsspider.urls import article_key, article_likelihood, resolve

SURE_TITLE: Final = 12
MIN_LIKELIHOOD: Final = 0.35
MIN_SNIPPET: Final = 14
MAX_TITLE: Final = 60
MAX_BLOCK_LINES: Final = 1500
MAX_GAP: Final = 14
MAX_CLIMB: Final = 7
MIN_RUN: Final = 4
_TIME_LIKE: Final = re.compile(r"[\d\s:：/年月日.\-()（）\[\]|·前天昨今小时分钟秒週周]{4,28}")
_ELLIPSIS: Final = re.compile(r"(?:\.{2,6}|…{1,3})$")
# Columns beside the article: their 热点推荐 is the site's, not the article's.
_SIDE_COLUMN: Final = re.compile(
    r"(?:^|[-_ ])(?:side|sidebar|aside|right|fr|rside|sider)(?:$|[-_ ])|[a-z](?:Right|Side|Sidebar)\b"
)
_LOOSE_HEADING: Final = re.compile(
    r"(?:热门|熱門|热点|熱點|精彩|编辑|編輯|小编|最新|今日|本站|站内|本周|主编|重点|重磅|每日|智能|好文|更多|往期|前期|历史)(?!放送|推送)|大家|网友|读者"
)
_ADVERTISEMENT: Final = re.compile(
    r"[?&]utm_(?:source|medium|campaign)=|[?&/](?:ad|ads|adclick|click|redirect)(?:[?=/]|\.)", re.IGNORECASE
)
_TRIM: Final = " \t\u3000\u00a0[](){}（）【】|丨·•-—_,，"


@dataclass(slots=True)
class _Row:
    """What one address shows in a block, in reading order."""

    url: str
    texts: list[str] = field(default_factory=list)
    tooltip: str | None = None
    image: str | None = None
    snippet: str | None = None
    published: Published | None = None

    @property
    def has_title(self) -> bool:
        return self.tooltip is not None or any(is_title(text) for text in self.texts)


class _Reach:
    """How far up from a heading one has to climb to contain a line: 0 its own element, 1 its parent, ..."""

    def __init__(self, heading: Line) -> None:
        chain = [heading.element, *heading.element.iterancestors()]
        self._level = {element: level for level, element in enumerate(chain)}
        self.outermost = sum(1 for element in chain if element.tag not in ("html", "body"))

    def level(self, line: Line) -> int:
        """Return the level; that of `body` and above counts as `outermost`."""
        element = line.element
        passed = []
        while element is not None and element not in self._level:
            passed.append(element)
            element = element.getparent()
        level = self._level[element] if element is not None else self.outermost
        for other in passed:
            self._level[other] = level
        return min(level, self.outermost)


def _is_beside(line: Line) -> bool:
    """Tell whether a heading stands in a column beside the article."""
    return any(
        element.tag == "aside" or _SIDE_COLUMN.search(f"{element.get('class') or ''} {element.get('id') or ''}")
        for element in line.element.iterancestors()
    )


def _span(body: tuple[int, int] | None) -> range:
    return range(body[0], body[1] + 1) if body else range(0)


def _has_entry(line: Line) -> bool:
    """Tell whether a line holds a link that may be an entry: a title, a tooltip or a picture."""
    return any(
        link.href
        and not link.href.startswith(("javascript:", "#"))
        and (is_title(link.text) or link.title or line.images)
        for link in line.links
    )


def _region(lines: list[Line], heading: int, body: tuple[int, int] | None) -> list[Line]:
    """Return the lines of the block under `heading`: up to the next heading, inside the heading's own container.

    The container is the smallest ancestor that also holds the first entry. Where that holds the article's text as well,
    or is the whole page, the block ends at the first two lines of text in a row without a link.
    """
    reach = _Reach(lines[heading])
    body_level = reach.level(lines[body[0]]) if body else reach.outermost
    region: list[Line] = []
    limit, bare = -1, 0
    for line in lines[heading + 1 : heading + MAX_BLOCK_LINES]:
        if line_heading(line) or inline_heading(line) or ends_block(line):
            break
        level = reach.level(line)
        if limit < 0:
            if len(region) > MAX_GAP or level > MAX_CLIMB or (not line.links and len(line.text) > 60):
                return []
            limit = level if _has_entry(line) else -1
        elif level > limit:
            break
        if limit >= min(body_level, reach.outermost):
            if line.hints & (Hint.COMMENT | Hint.FOOTER):
                break
            bare = 0 if line.links or len(line.text) <= 30 else bare + 1
            if bare >= 2 or (line.index in _span(body) and not line.links):
                del region[len(region) - bare + 1 :]
                break
        region.append(line)
    return region if limit >= 0 else []


def _rows(lines: Iterable[Line], document: Document) -> list[_Row]:
    """Return one row for each address, the links of a picture, a title and 更多 taken together."""
    rows: dict[str, _Row] = {}
    current: _Row | None = None
    for line in lines:
        for link in line.links:
            url = resolve(document.base_url, link.href) if link.href else None
            if url is None:
                continue
            row = rows.get(url) or _Row(url)
            _read_link(row, link)
            if row.has_title or (line.images and not link.text.strip()):
                rows.setdefault(url, row)
                if row is not current and (current is None or row.has_title or current.has_title):
                    current = row
        if current is not None:
            _read_rest(current, line, document)
    return list(rows.values())


def _read_link(row: _Row, link: Link) -> None:
    text = link.text.strip()
    if text and not is_more(text):
        row.texts.append(text)
    if link.title and is_title(link.title):
        row.tooltip = squeeze(link.title)


def _outside_links(line: Line) -> str:
    """Return the line's text without that of its links: the 更多 anchor goes, a sentence that ends in 更多 stays."""
    text, end = [], 0
    for link in line.links:
        text.append(line.text[end : link.start])
        end = max(end, link.end)
    return " ".join([*text, line.text[end:]]).strip(_TRIM)


def _read_rest(row: _Row, line: Line, document: Document) -> None:
    """Attach the line's image and its text outside links to the row: a time or a snippet."""
    if row.image is None and line.images:
        row.image = next((url for image in line.images if (url := image_url(image, document.base_url))), None)
    outside = _outside_links(line)
    if not outside:
        return
    if row.published is None and (len(outside) < 36 or _TIME_LIKE.fullmatch(outside)):
        row.published = _row_time(outside, document.fetched_at)
        if row.published is not None:
            outside = outside.replace(row.published.raw, " ").strip(_TRIM)
    if row.snippet is None and len(outside) >= MIN_SNIPPET and row.has_title:
        row.snippet = squeeze(outside)


def _row_time(text: str, reference: datetime) -> Published | None:
    """Return the time in a row's short text; a date inside a sentence is none."""
    dates = find_dates(text, reference)
    if dates:
        start, end, moment = dates[-1]
        return moment if start <= 12 or end >= len(text) - 6 else None
    return parse_date(text, reference) if _TIME_LIKE.fullmatch(text) else None


def image_url(image: object, base_url: str) -> str | None:
    """Return the absolute address of a line's image, lazy attributes first; None for data: and the like."""
    get = getattr(image, "get", None)
    if get is None:
        value = getattr(image, "url", None) or getattr(image, "src", None)
        return resolve(base_url, value) if value else None
    for name in ("data-src", "data-original", "data-lazy-src", "_src", "src"):
        if (value := get(name)) and (url := resolve(base_url, value)):
            return url
    return None


def _titles(row: _Row) -> tuple[str, str | None, str | None]:
    """Return (title, short title, snippet): the longest form that others are a beginning of, unless it is a snippet."""
    texts = list(dict.fromkeys(squeeze(text) for text in row.texts if is_title(text)))
    snippet = row.snippet
    if not texts:
        return row.tooltip or "", None, snippet
    title = texts[0]
    for text in texts[1:]:
        stem = fold(_ELLIPSIS.sub("", title))
        if fold(text).startswith(stem):
            if len(text) <= MAX_TITLE or len(title) > MAX_TITLE:
                title = text
        elif not fold(title).startswith(fold(_ELLIPSIS.sub("", text))) and len(text) > len(title) and snippet is None:
            snippet = text
    if (
        row.tooltip
        and fold(row.tooltip).startswith(fold(_ELLIPSIS.sub("", title)))
        and len(row.tooltip) <= 2 * MAX_TITLE
    ):
        texts.append(row.tooltip)
        title = max(title, row.tooltip, key=len)
    shorter = [text for text in texts if text != title and fold(title).startswith(fold(_ELLIPSIS.sub("", text)))]
    return title, min(shorter, key=len) if shorter else _cut_copy(row, title), snippet


def _cut_copy(row: _Row, title: str) -> str | None:
    """Return the cut title where it is printed as plain text under the full one."""
    if row.snippet and fold(title).startswith(fold(_ELLIPSIS.sub("", row.snippet))):
        return row.snippet
    return None


def _is_entry(row: _Row, title: str) -> bool:
    """Tell whether a row is an article: a long title, or a shorter one at an address that looks like an article's."""
    length = len(title)
    return length >= SURE_TITLE or (length >= MIN_TITLE and article_likelihood(row.url) >= MIN_LIKELIHOOD)


def _more_url(lines: list[Line], document: Document) -> str | None:
    return next(
        (
            url
            for line in lines
            for link in line.links
            if is_more(link.text) and (url := resolve(document.base_url, link.href))
        ),
        None,
    )


def _links(
    block: str, rows: list[_Row], self_key: str, title: str, taken: set[str], self_time: Published | None
) -> list[RelatedLink]:
    """Return the block's links; `taken` holds the article keys that stand on the page already and grows."""
    links: list[RelatedLink] = []
    for row in rows:
        name, short, snippet = _titles(row)
        key = article_key(row.url)
        if key in taken or not _is_entry(row, name) or _ADVERTISEMENT.search(row.url):
            continue
        taken.add(key)
        is_same = fold(name) == fold(title) and bool(title)
        if is_same and self_time and row.published:
            is_same = abs((row.published.at - self_time.at).total_seconds()) < 86400
        links.append(
            RelatedLink(
                block=block,
                position=len(links),
                url=row.url,
                title=name,
                short_title=short,
                snippet=None if snippet in (short, name) else snippet,
                published_at=row.published.at if row.published else None,
                published_raw=row.published.raw if row.published else None,
                image=row.image,
                is_self=key == self_key or is_same,
            )
        )
    return links


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
    blocks: list[RelatedBlock] = []
    links: list[RelatedLink] = []
    used: set[int] = set()
    taken: set[str] = set()
    self_key = article_key(self_url)
    for index, line in enumerate(lines):
        if index in used or (len(line.text) > 30 and not line.links) or line.hints & (Hint.FOOTER | Hint.NAV):
            continue
        name = line_heading(line)
        inline = None if name else inline_heading(line)
        if (name is None and inline is None) or (_LOOSE_HEADING.match(name or "") and _is_beside(line)):
            continue
        region = _region(lines, index, body_range)
        rows = _rows([line, *region] if inline else region, document)
        found = _links(name or inline or "", rows, self_key, title, taken, published)
        blocks.append(RelatedBlock(name or inline or "", len(found), _more_url([line, *region], document)))
        links.extend(found)
        used.update([index, *(other.index for other in region)])
    if not links:
        _add_run(document, body_range, (blocks, links, used), (self_key, title, taken))
    return blocks, links, used


def _add_run(
    document: Document,
    body: tuple[int, int] | None,
    result: tuple[list[RelatedBlock], list[RelatedLink], set[int]],
    known: tuple[str, str, set[str]],
) -> None:
    """Add a block without a heading: a run of lines behind the text, alike in place, each one link and a date."""
    run: list[Line] = []
    for line in document.lines[body[1] + 1 if body else len(document.lines) :]:
        if line.hints & (Hint.COMMENT | Hint.FOOTER | Hint.NAV):
            break
        parent = line.element.getparent()
        is_alike = not run or parent is run[-1].element.getparent()
        if (
            is_alike
            and len(line.links) == 1
            and is_title(line.links[0].text)
            and _row_time(_outside_links(line), document.fetched_at)
        ):
            run.append(line)
        elif len(run) >= MIN_RUN:
            break
        else:
            run = []
    if len(run) < MIN_RUN:
        return
    blocks, links, used = result
    found = _links("", _rows(run, document), known[0], known[1], known[2], None)
    blocks.append(RelatedBlock("", len(found), None))
    links.extend(found)
    used.update(line.index for line in run)
