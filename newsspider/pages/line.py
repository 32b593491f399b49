"""What the walk over a page finds: its lines, their links, and the block elements that they stand in."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import unescape
from typing import Final

from newsspider.pages.tag import Tag

_HREF: Final = re.compile(r'\shref="([^"]*)"')
_TITLE: Final = re.compile(r'\stitle="([^"]*)"')
_REL: Final = re.compile(r'\srel="([^"]*)"')


@dataclass(slots=True)
class Link:
    """A link's part of a line: `text` is `line.text[start:end]`, "" for a picture; `title` is its tooltip."""

    href: str
    text: str
    title: str | None
    start: int
    end: int
    rel: str | None = None


@dataclass(slots=True)
class Line:
    """What stands on one line: the text of a block element between two breaks, white space squeezed.

    `block` is the innermost block's index in `Document.blocks`, `level` is 1 to 6 in h1 to h6, else 0,
    `linked` the number of characters inside links, `anchors` their
    (start tag, start, end). `formats` are (start, end, tag) of strong, em and the like, `marks` (start, end, start tag)
    of inline elements with attributes, such as `<span class="source">`.
    """

    index: int
    text: str
    block: int
    level: int
    linked: int
    anchors: Sequence[tuple[str, int, int]]
    images: Sequence[Tag]
    formats: Sequence[tuple[int, int, str]]
    marks: Sequence[tuple[int, int, Tag]]
    hints: int = 0
    _links: Sequence[Link] | None = None

    @property
    def links(self) -> Sequence[Link]:
        """The links, made of the anchors when they are first asked for: most lines are never asked."""
        if self._links is None:
            self._links = [_link(raw, self.text[start:end], start) for raw, start, end in self.anchors]
        return self._links


@dataclass(slots=True)
class Block:
    """A block element: the index of the block around it (-1 for the root) and of its first and last line, inclusive.

    `number` counts the elements in document order, so that `list(root.iter())[number]` is the element in the tree.
    """

    tag: Tag
    number: int
    parent: int
    first: int
    hints: int
    last: int = -1


def _link(raw: str, text: str, start: int) -> Link:
    href = _HREF.search(raw)
    title = _TITLE.search(raw) if " title=" in raw else None
    rel = _REL.search(raw) if " rel=" in raw else None
    return Link(
        _unescaped(href[1]) if href else "",
        text,
        _unescaped(title[1]) if title else None,
        start,
        start + len(text),
        rel[1] if rel else None,
    )


def _unescaped(value: str) -> str:
    return unescape(value) if "&" in value else value
