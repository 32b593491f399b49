"""The channel an article stands in: the last step of the breadcrumb, else what the metadata call it."""

from __future__ import annotations

import re
from typing import Final

from newsspider.pages.document import Document, Hint, Line

MAX_SECTION: Final = 16
_POSITION: Final = re.compile(
    r"(?:当前|现在|目前|您的|你的|所在|目前|當前|現在)(?:的)?(?:位置|所在)|您(?:现在|当前)?(?:所在|的位置)|(?:^|\s)首\s?[页頁]\s?[>＞»›/|]"
)
_NO_SECTION: Final = re.compile(
    r"^(?:正文|内容|首\s?[页頁]|主页|home|详情|详细|新闻正文|文章|阅读|.{0,12}(?:网|網|首页|主页))$", re.IGNORECASE
)
_META: Final = ("article:section", "og:article:section", "section", "channel", "column", "catalogs", "colname")


def section(document: Document, title_line: int | None) -> str | None:
    """Return the channel's name as shown; None where no breadcrumb and no metadata name one."""
    end = title_line if title_line is not None else min(len(document.lines), 60)
    for line in document.lines[max(0, end - 40) : end]:
        if line.links and len(line.text) <= 80 and (_POSITION.search(line.text) or _is_breadcrumb(line)):
            names = [link.text.strip() for link in line.links if link.text.strip()]
            names = [name for name in names if len(name) <= MAX_SECTION and not _NO_SECTION.match(name)]
            if names:
                return names[-1]
    for key in _META:
        value = document.meta.get(key)
        if value and len(value) <= MAX_SECTION and not value.isascii():
            return value
    return None


def _is_breadcrumb(line: Line) -> bool:
    return bool(line.hints & Hint.NAV) and len(line.links) >= 2 and len(re.findall(r"[>＞»›]", line.text)) >= 1
