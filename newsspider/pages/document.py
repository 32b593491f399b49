"""A page parsed once and walked once: its lines in reading order, with links, images and hints of what they are."""

from __future__ import annotations

import re
from codecs import BOM_UTF8
from collections.abc import Iterator
from datetime import datetime
from functools import cached_property
from typing import Any, Final, Self

from lxml import etree

from newsspider.pages.encoding import decode
from newsspider.pages.hints import Hint
from newsspider.pages.line import Block, Line, Link
from newsspider.pages.lines import lines_of
from newsspider.pages.metadata import json_ld_nodes, meta_values, title_element
from newsspider.urls import resolve

__all__ = ["Block", "Document", "Hint", "Line", "Link"]

# Elements whose end tags close everything: text behind them would be a second root.
_EARLY_END: Final = re.compile(rb"</\s{0,4}(?:html|body)\s{0,20}>", re.IGNORECASE)
_EMPTY_PAGE: Final = b"<html><body></body></html>"


class Document:
    """A parsed page. `root` is its lxml tree, `fetched_at` the aware time that relative dates count from."""

    def __init__(self, root: Any, url: str, fetched_at: datetime, encoding: str, *, is_focused: bool = False) -> None:
        self.root = root
        self.url = url
        self.fetched_at = fetched_at
        self.encoding = encoding
        self.is_focused = is_focused

    @classmethod
    def from_bytes(cls, body: bytes, url: str, fetched_at: datetime, content_type: str | None = None) -> Self:
        """Return the document of a response's bytes; `content_type` is the header's value."""
        text, encoding = decode(body, content_type)
        source = body if encoding == "utf-8" and not body.startswith(BOM_UTF8) else text.encode("utf-8", "ignore")
        return cls(_parsed(source), url, fetched_at, encoding)

    @classmethod
    def from_text(cls, html: str, url: str, fetched_at: datetime) -> Self:
        return cls(_parsed(html.encode("utf-8", "ignore")), url, fetched_at, "utf-8")

    def focused(self) -> Document:
        """Return the page without the menus in front of its sentences: enough for an article, not for a listing."""
        return Document(self.root, self.url, self.fetched_at, self.encoding, is_focused=True)

    @cached_property
    def base_url(self) -> str:
        """The address that links are relative to."""
        for element in self.root.iter("base"):
            if (href := element.get("href")) and (base := resolve(self.url, href)):
                return base
        return self.url

    @cached_property
    def meta(self) -> dict[str, str]:
        return meta_values(self.root)

    @cached_property
    def title_tag(self) -> str | None:
        return title_element(self.root)

    @cached_property
    def json_ld(self) -> list[dict[str, Any]]:
        return json_ld_nodes(self.root)

    @cached_property
    def _walked(self) -> tuple[list[Line], list[Block]]:
        return lines_of(self.root, is_focused=self.is_focused)

    @property
    def lines(self) -> list[Line]:
        return self._walked[0]

    def around(self, block: int) -> Iterator[Block]:
        """Yield a block and the blocks around it, innermost first."""
        while block >= 0:
            found = self.blocks[block]
            yield found
            block = found.parent

    @cached_property
    def _elements(self) -> list[Any]:
        return list(self.root.iter())

    def element(self, block: int) -> Any:
        """Return the lxml element of a block."""
        return self._elements[self.blocks[block].number]

    @property
    def blocks(self) -> list[Block]:
        """The block elements in document order: a block's ancestors stand before it."""
        return self._walked[1]


def _parsed(source: bytes) -> Any:
    if b"\0" in source:
        source = source.replace(b"\0", b"\xef\xbf\xbd")
    root = _tree(source)
    if root.getnext() is not None:
        root = _tree(_EARLY_END.sub(b"", source))
    return root


def _tree(source: bytes) -> Any:
    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True)
    try:
        root = etree.fromstring(source, parser)
    except etree.XMLSyntaxError:
        root = None
    return root if root is not None else etree.fromstring(_EMPTY_PAGE, parser)
