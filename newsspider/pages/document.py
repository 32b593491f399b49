"""A parsed page: lines in reading order, with links, images and hints."""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final, Self

from newsspider.pages.markup.encoding import decode
from newsspider.pages.markup.hints import Hint
from newsspider.pages.markup.lines import Block, Line, Link
from newsspider.pages.markup.metadata import json_ld_nodes, meta_values
from newsspider.pages.markup.page_source import PageSource
from newsspider.pages.markup.read_lines import lines_of
from newsspider.urls import resolve
from newsspider.urls.query_encoding import with_encoded_queries

__all__ = ["Block", "Document", "Hint", "Line", "Link"]

# Of a headline that the title element repeats.
MIN_HEADLINE: Final = 6
MAX_HEADLINE: Final = 80
HEADING_BONUS: Final = 8
_NOT_SOUGHT: Final = -2


class Document:
    """A page's text, parted once. `fetched_at` is the aware time that relative dates count from."""

    def __init__(
        self, source: PageSource, url: str, fetched_at: datetime, encoding: str = "utf-8", *, is_focused: bool = False
    ) -> None:
        self.source = source
        self.url = url
        self.fetched_at = fetched_at
        self.encoding = encoding
        self.is_focused = is_focused
        self._base_url: str | None = None
        self._meta: dict[str, str] | None = None
        self._json_ld: list[dict[str, Any]] | None = None
        self._walked: tuple[list[Line], list[Block]] | None = None
        self._headline: int | None = _NOT_SOUGHT

    @classmethod
    def from_bytes(cls, body: bytes, url: str, fetched_at: datetime, content_type: str | None = None) -> Self:
        """Return the document of a response's bytes; `content_type` is the header's value."""
        text, encoding = decode(body, content_type)
        is_same = encoding == "utf-8" and "\ufffd" not in text and not body.startswith(BOM_UTF8)
        source = PageSource(with_encoded_queries(text, encoding), body if is_same else None)
        return cls(source, url, fetched_at, encoding)

    @classmethod
    def from_text(cls, html: str, url: str, fetched_at: datetime) -> Self:
        return cls(PageSource(html.encode("utf-8", "ignore").decode()), url, fetched_at)

    def focused(self) -> Document:
        """Return the page without the menus before its sentences: enough for an article, not for a listing."""
        return Document(self.source, self.url, self.fetched_at, self.encoding, is_focused=True)

    @property
    def root(self) -> Any:
        """The page's lxml tree, made when first asked for: selectors and listings need it, most articles do not."""
        return self.source.root

    @property
    def base_url(self) -> str:
        """The URL that links are relative to."""
        if self._base_url is None:
            self._base_url = self._stated_base() or self.url
        return self._base_url

    def _stated_base(self) -> str | None:
        for tag in self.source.head_tags:
            if tag.name == "base" and (href := tag.get("href")) and (base := resolve(self.url, href)):
                return base
        return None

    def head_links(self, rel: str) -> list[str]:
        """Return the absolute URLs of the link elements with this relation."""
        found = (
            resolve(self.base_url, tag.get("href") or "")
            for tag in self.source.head_tags
            if tag.name == "link" and rel in (tag.get("rel") or "").lower().split()
        )
        return [url for url in found if url]

    @property
    def meta(self) -> dict[str, str]:
        if self._meta is None:
            self._meta = meta_values(self.source.head_tags)
        return self._meta

    @property
    def title_tag(self) -> str | None:
        return self.source.title

    @property
    def json_ld(self) -> list[dict[str, Any]]:
        if self._json_ld is None:
            self._json_ld = json_ld_nodes(self.source.scripts)
        return self._json_ld

    @property
    def lines(self) -> list[Line]:
        if self._walked is None:
            self._walked = lines_of(self.source, is_focused=self.is_focused)
        return self._walked[0]

    @property
    def blocks(self) -> list[Block]:
        """The block elements in document order: a block's ancestors stand before it."""
        if self._walked is None:
            self._walked = lines_of(self.source, is_focused=self.is_focused)
        return self._walked[1]

    @property
    def headline(self) -> int | None:
        """The line that the title element repeats, the longest and rather a heading; else the first h1."""
        if self._headline == _NOT_SOUGHT:
            self._headline = _headline(self.title_tag or "", self.lines)
        return self._headline

    def around(self, block: int) -> Iterator[Block]:
        """Yield a block and the blocks around it, innermost first."""
        while block >= 0:
            found = self.blocks[block]
            yield found
            block = found.parent


def _headline(title: str, lines: list[Line]) -> int | None:
    best, top, longest = None, 0, min(MAX_HEADLINE, len(title))
    for line in lines:
        size = len(line.text)
        if top < size + HEADING_BONUS and MIN_HEADLINE <= size <= longest and not line.linked and line.text in title:
            rank = size + (HEADING_BONUS if line.level in (1, 2) else 0)
            if rank > top:
                best, top = line.index, rank
    if best is None:
        return next((line.index for line in lines if line.level == 1 and line.text), None)
    return best
