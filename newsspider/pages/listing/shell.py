"""Shell pages: pages that show no content until their scripts have run."""

from __future__ import annotations

import re
from typing import Any, Final

from newsspider.pages.document import Document
from newsspider.pages.listing.page import ListingPage
from newsspider.pages.markup.hints import SIDE_CONTENT
from newsspider.pages.markup.lines import Line

# name of the site, a slogan, a copyright note in an unnamed element
FEW_CHARACTERS: Final = 80
SENTENCE: Final = 12
HEADLINE: Final = 9
MANY_PICTURES: Final = 3
MESSAGE: Final = 60
INLINE_PROGRAM: Final = 40
_LOADING: Final = re.compile(
    r"(?:正在|努力|拼命)?(?:加载|加載|载入|載入)|请稍[候等]|請稍[候等]|loading|please wait"
    r"|(?:启用|啟用|开启|打开|支持)\s?javascript"
    r"|(?:enable|requires?|without|need)\b.{0,24}javascript",
    re.IGNORECASE,
)
_NOTICE: Final = re.compile(
    r"版权所有|版權所有|Copyright|©|ICP备|ICP證|公网安备|许可证|All Rights Reserved", re.IGNORECASE
)
_PLACE: Final = re.compile(
    r"(?:^|[\s_\-])(?:app|root|main|content|container|wrap(?:per)?|page|view|next|nuxt|layout|list|news|article|detail"
    r"|feed|stream|body|mount|spa|vue|react)(?:$|[\s_\-\d])",
    re.IGNORECASE,
)
_PLACE_TAGS: Final = frozenset({"div", "main", "section", "article", "ul", "ol", "tbody"})
_SHOWN_OTHERWISE: Final = ("video", "audio", "embed", "object", "iframe", "frame")
_PROGRAM: Final = ("", "module", "text/javascript", "application/javascript", "text/babel")


def is_shell(document: Document) -> bool:
    """Return True if the page shows no content until its scripts have run.

    That is: hardly any text, no headline, no URL of an article or of further rows in its links, attributes or
    data, no player, frame or pictures; but a program, and an empty place for what the program fetches.
    """
    return (
        not _shows_text(document)
        and _has_program(document.root)
        and not _shows_otherwise(document.root)
        and _has_empty_place(document)
        and not _leads_on(document)
    )


def _shows_text(document: Document) -> bool:
    """Return True if the page has a sentence, a headline, or more than a few words of its own."""
    characters = 0
    for line in document.lines:
        if line.hints & SIDE_CONTENT or _is_frame_text(line):
            continue
        if any(end - start >= HEADLINE for _, start, end in line.anchors):
            return True
        own = len(line.text) - line.linked
        if own >= SENTENCE and ("。" in line.text or "，" in line.text):
            return True
        characters += own
    return characters > FEW_CHARACTERS


def _is_frame_text(line: Line) -> bool:
    """Return True if a line says that the page is loading, or whose it is."""
    return _NOTICE.search(line.text) is not None or (
        len(line.text) <= MESSAGE and _LOADING.search(line.text) is not None
    )


def _has_program(root: Any) -> bool:
    """Return True if a script is there that could fill the page: one of its own file, or more than a snippet."""
    for element in root.iter("script"):
        if (element.get("type") or "").lower() not in _PROGRAM:
            continue
        if element.get("src") or len((element.text or "").strip()) >= INLINE_PROGRAM:
            return True
    return False


def _shows_otherwise(root: Any) -> bool:
    if next(root.iter(*_SHOWN_OTHERWISE), None) is not None:
        return True
    return sum(1 for image in root.iter("img") if image.get("src") or image.get("data-src")) >= MANY_PICTURES


def _has_empty_place(document: Document) -> bool:
    """Return True if an empty content container exists, or the whole body is empty."""
    body = document.root.find("body")
    if body is None:
        return False
    for element in body.iter():
        if isinstance(element.tag, str) and _is_place(element) and _is_empty(element):
            return True
    has_file = any(script.get("src") for script in document.root.iter("script"))
    return has_file and not any(line.text and not _is_frame_text(line) for line in document.lines)


def _is_place(element: Any) -> bool:
    """Return True if an element is named like a content container, or is a custom element."""
    if "-" in element.tag:
        return True
    name = f"{element.get('id') or ''} {element.get('class') or ''}"
    return element.tag in _PLACE_TAGS and _PLACE.search(name) is not None


def _is_empty(element: Any) -> bool:
    """Return True if an element has no text except a loading message."""
    if next(element.iter("a"), None) is not None:
        return False
    texts = [piece.strip() for part in element.iter() if part.tag not in ("script", "style") for piece in _texts(part)]
    text = " ".join(filter(None, texts))
    return not text or (len(text) <= MESSAGE and _LOADING.search(text) is not None)


def _texts(element: Any) -> tuple[str, str]:
    return (element.text or "", "".join(child.tail or "" for child in element))


def _leads_on(document: Document) -> bool:
    """Return True if links, attributes or data lead to articles or to further rows."""
    page = ListingPage(document)
    return bool(page.entries()) or bool(page.load_more())
