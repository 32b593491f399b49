"""The walk: one pass over the serialized tree that gives the lines of a page, their links, images and hints.

libxml2 writes its tree as well-formed markup faster than Python can visit the elements, and equal start tags are equal
strings, read once each.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from html import unescape
from itertools import accumulate
from typing import Any, Final

from lxml import etree

from newsspider.pages.hints import Hint, apply_hints, tag_hints
from newsspider.pages.line import Block, Line
from newsspider.pages.tag import Tag
from newsspider.text import ZERO_WIDTH

_SKIPPED: Final = frozenset((
    "script", "style", "noscript", "template", "svg", "iframe", "select", "textarea", "object", "canvas", "audio",
    "video", "title", "applet", "noframes", "map", "math", "datalist",
))  # fmt: skip
_BLOCKS: Final = frozenset((
    "html", "body", "address", "article", "aside", "blockquote", "center", "dd", "details", "dialog", "dir", "div",
    "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header",
    "hgroup", "legend", "li", "main", "menu", "nav", "ol", "p", "pre", "section", "summary", "table", "caption",
    "tbody", "td", "tfoot", "th", "thead", "tr", "ul", "optgroup", "frameset", "head",
))  # fmt: skip
_FORMATS: Final = {"strong": "strong", "b": "strong", "em": "em", "u": "u", "sup": "sup", "sub": "sub", "code": "code"}
_HEADINGS: Final = {f"h{level}": level for level in range(1, 7)}
_TAG_NAME: Final = re.compile(r"</?([^\s/>]+)")
_TAGS: Final = re.compile(r"(<[^>]*>)")
_BREAK_IN_HAN: Final = re.compile(r"(?<=[\u3000-\u9fff\uff00-\uffef])[ \t\r]*\n\s*(?=[\u3000-\u9fff\uff00-\uffef])")
_BLOCK, _HEADING, _BLOCK_END, _HEADING_END, _INLINE, _INLINE_END, _LINK_END, _SKIP, _BREAK, _IMAGE, _EMPTY = range(11)
_KEPT_BREAKS: Final = re.compile(r"white-space\s{0,3}:\s{0,3}(?:pre|break-spaces)", re.IGNORECASE)
SENTENCE: Final = 30
OUTLYING: Final = 0.05
_NO_SENTENCE: Final = ("<script", "<style", "<noscript", "<textarea", "<a ")
# Tokens, that is twice the tags: enough for a headline, its breadcrumb and its byline.
# Of larger pages (more than 100,000 tags) the rest is not read.
MAX_TOKENS: Final = 200_001
BEFORE: Final = 500
_NOTHING: Final[tuple[Any, ...]] = ()


def _read(raw: str) -> tuple[int, Tag, int]:
    """Return (kind, tag, hints) of a tag as it is written."""
    found = _TAG_NAME.match(raw)
    name = found[1] if found else ""
    tag = Tag(raw, name)
    is_empty = raw.endswith("/>")
    if raw.startswith("</"):
        if name in _BLOCKS:
            return (_HEADING_END if name in _HEADINGS else _BLOCK_END), tag, 0
        return (_LINK_END if name == "a" else _INLINE_END), tag, 0
    if name in ("br", "hr"):
        return _BREAK, tag, 0
    if name in ("img", "amp-img") and is_empty:
        return _IMAGE, tag, 0
    if is_empty:
        return _EMPTY, tag, 0
    if name in _BLOCKS:
        return (_HEADING if name in _HEADINGS else _BLOCK), tag, tag_hints(tag)
    if name in _SKIPPED:
        return _SKIP, tag, 0
    return _INLINE, tag, tag_hints(tag) & _INLINE_HINTS if "=" in raw or name == "time" else 0


def lines_of(root: Any, *, is_focused: bool = False) -> tuple[list[Line], list[Block]]:
    """Return the lines of a tree in reading order, only those with text, a link or an image, and its block elements.

    Focused: the menus in front of an article are left out.
    """
    tokens = _TAGS.split(etree.tostring(root, encoding="unicode", with_tail=False))
    walk = _Walk()
    walk.run(_focus(tokens)[:MAX_TOKENS] if is_focused else tokens[:MAX_TOKENS])
    apply_hints(walk.lines, walk.spans)
    return walk.lines, walk.blocks


def _focus(tokens: list[str]) -> list[str]:
    """Return the tokens from a little before the sentences on, all where there are none; an h1 before them is in."""
    sentences = [
        place
        for place in range(2, len(tokens), 2)
        if len(text := tokens[place]) >= SENTENCE
        and ("，" in text or "。" in text or ", " in text)
        and not tokens[place - 1].startswith(_NO_SENTENCE)
    ]
    if not sentences:
        return tokens
    sizes = list(accumulate(len(tokens[place]) for place in sentences))
    begin = sentences[bisect_left(sizes, OUTLYING * sizes[-1])]
    first = max(0, begin - BEFORE)
    for place in range(begin - 1, 0, -2):
        if tokens[place].startswith("<h1"):
            first = min(first, place - 1)
            break
    return tokens[first:]


class _Walk:
    """The state of the pass: the open elements, the line that is being gathered, and what is finished."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self.blocks: list[Block] = []
        self.spans: list[tuple[int, int, int]] = []
        self._number = -1
        self._block = -1
        self._owner = -1
        self._level = 0
        self._kept_breaks = -1
        self._is_broken = False
        self._parts: list[str] = []
        self._length = 0
        self._is_spaced = False
        self._is_filled = False
        self._links: list[tuple[str, int, int]] = []
        self._images: list[Tag] = []
        self._formats: list[tuple[int, int, str]] = []
        self._marks: list[tuple[int, int, Tag]] = []
        self._link: str | None = None
        self._link_start = 0
        self._link_part = 0
        self._link_count = 0
        self._inline: list[tuple[Tag, int, int, int]] = []

    def run(self, tokens: list[str]) -> None:
        """Read the tokens: text and tag in turn, text first. One loop, since each of its steps runs for every tag."""
        known, blocks, spans, inline = _KNOWN, self.blocks, self.spans, self._inline
        if len(known) > MAX_KNOWN:
            known.clear()
        tokens.append("")
        pairs = iter(tokens)
        for text in pairs:
            if text:
                if text.isspace():
                    self._is_spaced = True
                elif self._kept_breaks >= 0 and "\n" in text:
                    self._rows(text)
                else:
                    self._text(text)
            raw = next(pairs, "")
            if raw.startswith("<a "):
                self._number += 1
                self._open_link(raw)
                continue
            reading = known.get(raw)
            if reading is None:
                if not raw:
                    break
                reading = known[raw] = _read(raw)
            kind, tag, hints = reading
            if kind <= _HEADING:
                if self._is_filled:
                    self._flush()
                self._link_start = self._link_part = 0
                self._number += 1
                blocks.append(Block(tag, self._number, self._block, len(self.lines), hints))
                self._block = len(blocks) - 1
                if kind == _HEADING:
                    self._level = _HEADINGS[tag.name]
                elif self._kept_breaks < 0 and (tag.name == "pre" or (" style=" in raw and _KEPT_BREAKS.search(raw))):
                    self._kept_breaks = self._block
            elif kind <= _HEADING_END:
                if self._is_filled:
                    self._flush()
                if self._block < 0:
                    continue
                block = blocks[self._block]
                block.last = last = len(self.lines) - 1
                if self._block == self._kept_breaks:
                    self._kept_breaks = -1
                self._block = block.parent
                if kind == _HEADING_END:
                    self._level = 0
                if block.hints and last >= block.first:
                    spans.append((block.first, last, block.hints))
            elif kind == _INLINE:
                if self._is_broken:  # an element of its own below a headline: time and source
                    self._flush()
                self._number += 1
                inline.append((tag, self._length, len(self.lines), hints))
            elif kind == _INLINE_END:
                self._close_inline(tag.name)
            elif kind == _LINK_END:
                self._close_link()
            elif kind == _SKIP:
                self._number += 1 + _skip(pairs, tag.name)
            else:
                self._number += 1
                self._empty(kind, tag)
        self._flush()

    def _empty(self, kind: int, tag: Tag) -> None:
        """Read an element without content: a break, an image, or nothing."""
        if kind == _IMAGE:
            self._images.append(tag)
            self._is_filled = True
        elif kind == _BREAK:
            if self._level:
                self._is_spaced = True
                self._is_broken = self._is_filled
            elif self._is_filled:
                self._flush()
        elif tag.name in _BLOCKS and self._is_filled:
            self._flush()

    def _rows(self, text: str) -> None:
        """Add text whose breaks are shown as they are written: in pre, or by white-space: pre-wrap."""
        for number, row in enumerate(text.split("\n")):
            if number and self._is_filled:
                self._flush()
            if row.strip():
                self._text(row)

    def _text(self, text: str) -> None:
        """Add text to the line, white space squeezed; a break in the source between two Han characters is none."""
        if "&" in text:
            text = unescape(text)
        if not text.isascii():
            if "\n" in text.strip():
                text = _BREAK_IN_HAN.sub("", text)
            if "\u200b" in text or "\ufeff" in text or "\u200c" in text or "\u200d" in text or "\xad" in text:
                text = text.translate(ZERO_WIDTH)
        joined = " ".join(text.split())
        if not joined:
            self._is_spaced = True
            return
        self._is_broken = False
        if not self._length:
            self._owner = self._block
            self._is_filled = True
        elif self._is_spaced or text[0].isspace():
            joined = " " + joined
        self._is_spaced = text[-1].isspace()
        self._parts.append(joined)
        self._length += len(joined)

    def _open_link(self, raw: str) -> None:
        if raw.endswith("/>"):
            if " href=" in raw:
                self._links.append((raw, self._length, self._length))
                self._is_filled = True
            return
        self._inline.append((_LINK_TAG, self._length, len(self.lines), 0))
        if self._link is None and " href=" in raw:
            self._link, self._link_count = raw, 0
            self._link_start, self._link_part = self._length, len(self._parts)

    def _close_link(self) -> None:
        if not self._inline:
            return
        _, start, line, _ = self._inline.pop()
        raw = self._link
        if raw is None:
            return
        self._add_link(is_end=True)
        self._link = None
        if line == len(self.lines) and self._length > start and (" class=" in raw or " id=" in raw):
            self._marks.append((start, self._length, Tag(raw, "a")))

    def _close_inline(self, name: str) -> None:
        if not self._inline:
            return
        tag, start, line, hints = self._inline.pop()
        if line != len(self.lines):
            start = 0
        if self._length > start:
            if name in _FORMATS:
                self._formats.append((start, self._length, _FORMATS[name]))
            if line == len(self.lines) and "=" in tag.raw:
                self._marks.append((start, self._length, tag))
        if hints:
            self.spans.append((line, len(self.lines), hints))

    def _add_link(self, *, is_end: bool) -> None:
        """Note the open link's part of this line; a link without text counts once, at its end."""
        raw = self._link
        if raw is None:
            return
        parts = self._parts[self._link_part :]
        text = parts[0] if len(parts) == 1 else "".join(parts)
        start = self._link_start
        if text and text[0] == " ":
            start += 1
            text = text[1:]
        if text or (is_end and not self._link_count) or (not is_end and self._images):
            self._links.append((raw, start, start + len(text)))
            self._link_count += 1
            self._is_filled = True

    def _flush(self) -> None:
        """End the line; an open link goes on in the next one."""
        self._is_broken = False
        if self._link is not None and (self._length > self._link_start or self._images):
            self._add_link(is_end=False)
        if self._is_filled:
            links, parts = self._links, self._parts
            self.lines.append(
                Line(
                    len(self.lines),
                    parts[0] if len(parts) == 1 else "".join(parts),
                    self._owner if parts else self._block,
                    self._level,
                    sum([end - start for _, start, end in links]) if links else 0,
                    links or _NOTHING,
                    self._images or _NOTHING,
                    self._formats or _NOTHING,
                    self._marks or _NOTHING,
                )
            )
            self._parts, self._links, self._images, self._formats, self._marks = [], [], [], [], []
            self._length = 0
            self._is_filled = False
        self._link_start = self._link_part = 0
        self._is_spaced = False


def _skip(pairs: Iterator[str], name: str) -> int:
    """Read past the end of a skipped element; return how many elements there were inside."""
    end, depth, count = f"</{name}>", 1, 0
    for _ in pairs:
        raw = next(pairs, "")
        if raw == end:
            depth -= 1
            if not depth:
                break
        elif not raw.startswith("</") and raw:
            count += 1
            depth += raw.startswith((f"<{name} ", f"<{name}>")) and not raw.endswith("/>")
    return count


_INLINE_HINTS: Final = Hint.BYLINE | Hint.HIDDEN | Hint.CAPTION
_LINK_TAG: Final = Tag("<a>", "a")
_KNOWN: Final[dict[str, tuple[int, Tag, int]]] = {}
MAX_KNOWN: Final = 50_000
