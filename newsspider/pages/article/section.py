"""The channel an article stands in: the breadcrumb's last step, else what metadata or the title element call it."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import islice
from typing import Final
from urllib.parse import urlsplit

from newsspider.pages.document import Document, Line

MAX_SECTION: Final = 16
MAX_UNLINKED: Final = 8
MAX_CRUMBS: Final = 80
_ABOVE: Final = 40
_POSITION: Final = re.compile(
    r"(?:当前|现在|目前|您的|你的|所在|當前|現在)(?:的)?(?:位置|所在)|您(?:现在|当前)?(?:所在|的位置)"
)
_ARROW: Final = re.compile(r"\s?(?:-{0,2}[>＞»›→]{1,3}|::)\s?")
_ARROW_OR_BAR: Final = re.compile(r"\s?(?:-{0,2}[>＞»›→/／|]{1,3}|::)\s?")
_CRUMB_CLASS: Final = re.compile(
    r"crumb|bread|mianbao|(?:^|[\s_-])(?:mbx|position|path|location|route|weizhi|dqwz|wz)(?:$|[\s_\d-])", re.IGNORECASE
)
_STEP: Final = re.compile(r"[>＞»›→]\s?(?P<name>[^>＞»›→]{2,16})")
_NO_SECTION: Final = re.compile(
    r"(?:新闻|新聞|文章|信息|资讯|查看|浏览|本页|当前|詳細|详细)?(?:正文|内容|內容|内文|內文|详情|詳情|详细|页面|内页|全文|阅读)|文章|home|index"
    r"|.{0,12}(?:网|網|网站|網站|首\s?[页頁]|主\s?[页頁])|.{1,8}(?:[日晚早时時商醒][报報]|都市[报報]|[电電]台|[电電][视視]台|通[讯訊]社)|申请入驻|[登注][录册]|[\W\d]*",
    re.IGNORECASE,
)
_HERE: Final = re.compile(r"\s(?:正文|内容|內容|内文|內文|文章|查看\S{2,4}|浏览\S{2,4})$")
_HOME: Final = re.compile(r"(?:.{0,8}首\s?[页頁]|主\s?[页頁]|home)\s?[/／|]", re.IGNORECASE)
_TITLE_PARTS: Final = re.compile(r"\s?[-_|–—｜]{1,3}\s?")
_META: Final = ("article:section", "og:article:section", "section", "channel", "column", "catalogs", "colname")


def section(document: Document, title_line: int | None) -> str | None:
    """Return the channel's name as shown; None where no breadcrumb, no metadata and no title element name one."""
    first = 0 if title_line is None else max(0, title_line - _ABOVE)
    above = document.lines[first : first + _ABOVE if title_line is None else title_line]
    for line in above if title_line is None else reversed(above):
        if line.anchors and len(line.text) <= MAX_CRUMBS and (name := _of_crumbs(document, line)):
            return name
    if name := _category(document):
        return name
    for key in _META:
        value = document.meta.get(key)
        if value and len(value) <= MAX_SECTION and not value.isascii():
            return value
    return _of_title(document, above)


def _category(document: Document) -> str | None:
    """Return the text of the first link that says rel=category."""
    if "category" not in document.source.markup:
        return None
    for line in document.lines:
        if any(" rel=" in raw and "category" in raw for raw, _, _ in line.anchors):
            for link in line.links:
                if link.rel and "category" in link.rel.lower().split() and (name := _named(link.text)):
                    return name
    return None


def _of_crumbs(document: Document, line: Line) -> str | None:
    """Return the last step of a breadcrumb line, None for any other line."""
    text = _HERE.sub("", line.text)
    if _STEP.fullmatch(text) and len(line.links) == 1:
        return _named(line.links[0].text)
    position = _POSITION.search(text)
    is_crumb = position is not None or _is_crumb_block(document, line)
    if position:
        text = text[position.end() :].lstrip(" :：是为")
    if _ARROW.search(text):
        return _last_step(line, _ARROW.split(text), is_crumb=is_crumb)
    if position:
        return _last_step(line, text.split(), is_crumb=is_crumb)
    if is_crumb and len(line.links) == 1:
        return None if _is_home(line) else _named(line.links[0].text)
    if is_crumb or _HOME.match(text):
        return _last_step(line, _ARROW_OR_BAR.split(text), is_crumb=False) if _ARROW_OR_BAR.search(text) else None
    return None


def _last_step(line: Line, steps: list[str], *, is_crumb: bool) -> str | None:
    """Return the last step that is a channel; the first one is the site.

    Unless the line is known for a breadcrumb every link has to be a step of its own.
    """
    steps = [step for raw in steps if (step := raw.strip(" :：|/"))]
    linked = {link.text.strip(): link.href for link in line.links if link.text.strip()}
    if not steps or not linked:
        return None
    if not is_crumb and ("更多" in line.text or not all(any(text in step for step in steps) for text in linked)):
        return None
    steps = [next((text for text in linked if step.startswith(text + " ")), step) for step in steps]
    for index in range(len(steps) - 1, -1, -1):
        step = steps[index]
        is_home = index == 0 and (step not in linked or urlsplit(linked[step]).path in ("", "/", "./"))
        limit = MAX_SECTION if step in linked else MAX_UNLINKED
        if not is_home and len(step) <= limit and (name := _named(step)):
            return name
    return None


def _named(text: str) -> str | None:
    name = text.strip(" >＞»›→:：")
    return name if 2 <= len(name) <= MAX_SECTION and not _NO_SECTION.fullmatch(name) else None


def _is_home(line: Line) -> bool:
    return urlsplit(line.links[0].href).path in ("", "/", "./")


def _is_crumb_block(document: Document, line: Line) -> bool:
    return any(_is_crumb_class(block.tag.names) for block in islice(document.around(line.block), 3))


@lru_cache(maxsize=5_000)
def _is_crumb_class(names: str) -> bool:
    return _CRUMB_CLASS.search(names) is not None


def _of_title(document: Document, above: list[Line]) -> str | None:
    """Return the middle of `headline - channel - site` where the page's navigation has a link of that name."""
    parts = _TITLE_PARTS.split(document.title_tag or "")
    if len(parts) < 3 or not (name := _named(parts[1])) or len(name) > MAX_UNLINKED:
        return None
    return name if any(link.text.strip() == name for line in above for link in line.links) else None
