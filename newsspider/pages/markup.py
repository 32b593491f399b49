"""The body as simple HTML, one line of it for each line of text."""

from __future__ import annotations

from html import escape
from typing import Any, Final

from newsspider.items import Image
from newsspider.pages.document import Line
from newsspider.urls import resolve

_KEPT: Final = {
    "strong": "strong",
    "b": "strong",
    "em": "em",
    "i": "em",
    "u": "u",
    "sup": "sup",
    "sub": "sub",
    "code": "code",
}


def line_html(line: Line, text: str, images: list[Image], base_url: str) -> str:
    """Return the HTML of a line: its pictures as figures, then its text in p, h2 to h6, blockquote or li."""
    figures = "".join(_figure(image) for image in images)
    if not text:
        return figures
    inner = _inline(line, base_url) if text == line.text else escape(text, quote=False)
    return figures + _wrapped(line, inner)


def _figure(image: Image) -> str:
    return f'<figure><img src="{escape(image.url)}"></figure>'


def _wrapped(line: Line, inner: str) -> str:
    if line.level:
        tag = f"h{max(2, line.level)}"
        return f"<{tag}>{inner}</{tag}>"
    element = line.element
    for _ in range(3):
        if element is None:
            break
        if element.tag == "blockquote":
            return f"<blockquote>{inner}</blockquote>"
        if element.tag == "li":
            outer = "ol" if (parent := element.getparent()) is not None and parent.tag == "ol" else "ul"
            return f"<{outer}><li>{inner}</li></{outer}>"
        element = element.getparent()
    return f"<p>{inner}</p>"


def _inline(line: Line, base_url: str) -> str:
    """Return the line's text with the links and the emphasis of its pieces."""
    parts: list[str] = []
    opened: list[tuple[Any, str]] = []
    wanted_by: dict[Any, list[tuple[Any, str, str]]] = {}
    for text, owner in line.pieces:
        if owner not in wanted_by:
            wanted_by[owner] = _formats(owner, line.element, base_url)
        wanted = wanted_by[owner]
        shared = 0
        while shared < min(len(opened), len(wanted)) and opened[shared][0] is wanted[shared][0]:
            shared += 1
        parts.extend(f"</{tag}>" for _, tag in reversed(opened[shared:]))
        del opened[shared:]
        for element, tag, start in wanted[shared:]:
            parts.append(start)
            opened.append((element, tag))
        parts.append(escape(text, quote=False))
    parts.extend(f"</{tag}>" for _, tag in reversed(opened))
    return "".join(parts)


def _formats(owner: Any, block: Any, base_url: str) -> list[tuple[Any, str, str]]:
    """Return (element, tag, start tag) of the formatting elements around a piece, outermost first."""
    found: list[tuple[Any, str, str]] = []
    element = owner
    while element is not None and element is not block:
        tag = element.tag
        if tag in _KEPT:
            found.append((element, _KEPT[tag], f"<{_KEPT[tag]}>"))
        elif tag == "a" and (url := resolve(base_url, element.get("href") or "")):
            found.append((element, "a", f'<a href="{escape(url)}">'))
        element = element.getparent()
    found.reverse()
    return found
