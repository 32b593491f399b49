"""The walk itself: the open elements, the line that is being gathered, and what is finished."""

from __future__ import annotations

import re
from html import unescape
from typing import Final

from newsspider.pages.markup.hints import Hint
from newsspider.pages.markup.lines import Block, Line
from newsspider.pages.markup.nesting import FORMATTING, HEADINGS, ROOTS, Opening, end_place
from newsspider.pages.markup.tag import Tag
from newsspider.pages.markup.tokens import (
    A_LINK,
    BLOCK,
    BLOCK_END,
    BREAK,
    IMAGE,
    INLINE,
    INLINE_END,
    KNOWN,
    LINK,
    LINK_END,
    LINK_TAG,
    MAX_CACHED,
    MAX_KNOWN,
    ROOT,
    SKIP,
    TEXT,
    end_of,
    read,
    whole,
)
from newsspider.text import ZERO_WIDTH

_FORMATS: Final = {"strong": "strong", "b": "strong", "em": "em", "u": "u", "sup": "sup", "sub": "sub", "code": "code"}
_BREAK_IN_HAN: Final = re.compile(r"(?<=[\u3000-\u9fff\uff00-\uffef])[ \t\r]*\n\s*(?=[\u3000-\u9fff\uff00-\uffef])")
_HTML: Final = Tag("html", "html")
_BODY: Final = Tag("body", "body")
_FOREIGN: Final = frozenset(("svg", "math"))
# Deeper elements are read as if they stood beside each other, as browsers do.
MAX_DEPTH: Final = 500
# More text in one piece that nobody sees is for search engines: the words that whoever broke into a site put there.
MAX_HIDDEN_TEXT: Final = 20_000
# Inline elements left open are looked for no further back.
MAX_INLINE: Final = 40


class LineBuilder:
    """The state of the pass: the open elements, the line that is being gathered, and what is finished."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self.blocks: list[Block] = [Block(_HTML, -1, 0, 0), Block(_BODY, 0, 0, 0)]
        self.spans: list[tuple[int, int, int]] = []
        self._names = ["html", "body"]
        self._block = 1
        self._owner = 1
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
        # (tag, place in the line, line, hints, block) of the open inline elements
        self._opened: list[tuple[Tag, int, int, int, int]] = []
        self._endless: set[str] = set()

    def run(self, pieces: list[str]) -> None:
        """Read the pieces: each but the first is a tag, `>`, and text. One loop: its steps run for every tag."""
        known, names, inline, blocks, lines = KNOWN, self._names, self._opened, self.blocks, self.lines
        if len(known) > MAX_KNOWN:
            known.clear()
        if pieces[0]:
            self._any_text(pieces[0])
        index, count = 1, len(pieces)
        pieces.append("")
        while index < count:
            raw, closed, text = pieces[index].partition(">")
            index += 1
            reading = known.get(raw)
            if reading is None:
                if not closed or "'" in raw or raw.count('"') % 2:
                    raw, text, index = whole(raw, closed, text, pieces, index)
                reading = A_LINK if raw.startswith("a ") else read(raw)
                if reading[0] != LINK and len(raw) < MAX_CACHED:
                    known[raw] = reading
            kind, tag, hints, opening = reading
            if kind == BLOCK:
                if self._is_filled:
                    self._flush()
                if names[-1] == "p" or len(names) == MAX_DEPTH:
                    self._close(len(names) - 1)
                if opening is not None:
                    self._begin(opening)
                blocks.append(Block(tag, self._block, len(self.lines), hints))
                self._block = len(blocks) - 1
                names.append(tag.name)
                self._link_start = self._link_part = 0
            elif kind == BLOCK_END:
                block = blocks[self._block]
                if names[-1] != tag.name:
                    self._close_outer(tag.name)
                elif self._level or self._kept_breaks >= 0 or (inline and inline[-1][4] >= self._block):
                    self._close(len(names) - 1)
                else:  # as `_close` does it, for the one block: nearly every end tag ends here
                    if self._is_filled:
                        self._flush()
                    names.pop()
                    block.last = last = len(lines) - 1
                    self._block = block.parent
                    if block.hints and last >= block.first:
                        self.spans.append((block.first, last, block.hints))
            elif kind == LINK:
                if text and self._link is None and pieces[index].startswith("/a>") and not text.isspace():
                    self._leaf_link(raw, text)
                    text = pieces[index][3:]
                    index += 1
                else:
                    self._open_link(raw)
            elif kind == LINK_END:
                self._close_link()
            elif kind == INLINE:
                if self._is_broken:  # an element of its own below a headline: time and source
                    self._flush()
                if pieces[index].startswith(tag.end):
                    if text:
                        self._leaf(tag, hints, text)
                    text = pieces[index].partition(">")[2]
                    index += 1
                else:
                    inline.append((tag, self._length, len(lines), hints, self._block))
            elif kind == INLINE_END:
                self._close_inline(tag.name)
            elif kind == SKIP:
                index, text = self._skipped(pieces, index, tag, text)
            elif kind == TEXT:
                text = f"<{raw}{closed}{text}"
            else:
                self._rarer(kind, tag, hints)
            if text:
                if text.isspace():
                    self._is_spaced = True
                elif self._kept_breaks < 0:
                    self._text(text)
                else:
                    self._any_text(text)
        self._close(0)
        self._flush()

    def _leaf_link(self, raw: str, text: str) -> None:
        """Read a link with nothing but text in it, as most are."""
        start = self._length
        if self._kept_breaks >= 0:
            self._open_link(raw)
            self._any_text(text)
            self._close_link()
            return
        self._text(text)
        if "href" not in raw and "HREF" not in raw:
            return
        if self._length > start:
            start += self._parts[-1][0] == " "
        self._links.append((raw, start, self._length))
        self._is_filled = True
        if self._length > start and ("class" in raw or "id=" in raw):
            self._marks.append((start, self._length, Tag(raw, "a")))

    def _leaf(self, tag: Tag, hints: int, text: str) -> None:
        """Read an inline element with nothing but text in it."""
        entry = (tag, self._length, len(self.lines), hints, self._block)
        self._any_text(text)
        self._end_inline(entry)

    def _rarer(self, kind: int, tag: Tag, hints: int) -> None:
        """Read a break, an image, or the page's root elements."""
        if kind == IMAGE:
            self._images.append(tag)
            self._is_filled = True
        elif kind == BREAK:
            if self._level:
                self._is_spaced = True
                self._is_broken = self._is_filled
            elif self._is_filled:
                self._flush()
        elif kind == ROOT and tag.name != "head":  # they are there from the start, a second one is none
            root = self.blocks[ROOTS[tag.name]]
            if "=" not in root.tag.raw:
                root.tag, root.hints = tag, hints

    def _begin(self, opening: Opening) -> None:
        """Close what a block that is about to open ends, and note what it is."""
        if opening.closed and (place := opening.place(self._names)) > 0:
            self._close(place)
        if opening.level:
            self._level = opening.level
        elif opening.keeps_breaks and self._kept_breaks < 0:
            self._kept_breaks = len(self.blocks)

    def _close_outer(self, name: str) -> None:
        """Close the innermost open block of this name with all inside; an end tag of none only ends the line."""
        place = end_place(name, self._names) if name in self._names else -1
        if place > 1:
            self._close(place)
        elif self._is_filled:
            self._flush()

    def _close(self, place: int) -> None:
        """Close the open blocks from `place` on, with the inline elements and the line inside."""
        names, blocks, inline = self._names, self.blocks, self._opened
        outermost = self._block
        for _ in range(len(names) - 1 - place):
            outermost = blocks[outermost].parent
        while inline and inline[-1][4] >= outermost:
            if inline[-1][0] is LINK_TAG:
                self._close_link()
            else:
                self._end_inline(inline.pop())
        if self._is_filled:
            self._flush()
        last = len(self.lines) - 1
        while self._block >= outermost:
            block = blocks[self._block]
            block.last = last
            if self._level and names[-1] in HEADINGS:
                self._level = 0
            if self._block == self._kept_breaks:
                self._kept_breaks = -1
            if block.hints and last >= block.first:
                self.spans.append((block.first, last, block.hints))
            names.pop()
            self._block = block.parent

    def _skipped(self, pieces: list[str], index: int, tag: Tag, text: str) -> tuple[int, str]:
        """Return the index and the text behind an element that is not shown; one that is never closed is shown."""
        name = tag.name
        if name in self._endless or (name in _FOREIGN and tag.raw.endswith("/")):
            return index, text
        place = end_of(name, pieces, index)
        if place < 0:
            self._endless.add(name)
            return index, text
        return place + 1, pieces[place].partition(">")[2]

    def _any_text(self, text: str) -> None:
        if self._kept_breaks >= 0 and "\n" in text:
            self._rows(text)
        else:
            self._text(text)

    def _rows(self, text: str) -> None:
        """Add text whose breaks are shown as they are written: in pre, or by white-space: pre-wrap."""
        for number, row in enumerate(text.split("\n")):
            if number and self._is_filled:
                self._flush()
            if row.strip():
                self._text(row)

    def _text(self, text: str) -> None:
        """Add text to the line, white space squeezed; a break in the source between two Han characters is none."""
        if len(text) > MAX_HIDDEN_TEXT and self.blocks[self._block].hints & Hint.HIDDEN:
            return
        if "&" not in text and text.isprintable() and "  " not in text and text[0] != " " and text[-1] != " ":
            if not self._length:
                self._owner = self._block
                self._is_filled = True
            elif self._is_spaced:
                text = " " + text
            self._is_spaced = self._is_broken = False
            self._parts.append(text)
            self._length += len(text)
            return
        if "&" in text:
            text = unescape(text)
        if not text.isascii():
            if "\n" in text and "\n" in text.strip():
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
        if self._link is not None:
            self._close_link()
        self._opened.append((LINK_TAG, self._length, len(self.lines), 0, self._block))
        if "href" in raw or "HREF" in raw:
            self._link, self._link_count = raw, 0
            self._link_start, self._link_part = self._length, len(self._parts)

    def _close_link(self) -> None:
        """Close the open link, though other elements were opened inside and are still open."""
        inline = self._opened
        place = len(inline) - 1
        while place >= 0 and inline[place][0] is not LINK_TAG:
            place -= 1
        if place < 0:
            return
        _, start, line, _, _ = inline.pop(place)
        raw = self._link
        if raw is None:
            return
        self._add_link(raw, is_end=True)
        self._link = None
        if line == len(self.lines) and self._length > start and ("class" in raw or "id=" in raw):
            self._marks.append((start, self._length, Tag(raw, "a")))

    def _close_inline(self, name: str) -> None:
        """Close the innermost inline element of this name; those inside of it that are still open end with it."""
        inline = self._opened
        if not inline:
            return
        if inline[-1][0].name == name:
            self._end_inline(inline.pop())
            return
        for place in range(len(inline) - 2, max(-1, len(inline) - MAX_INLINE), -1):
            entry = inline[place]
            if entry[0].name == name and (entry[4] == self._block or name in FORMATTING):
                self._end_inline(inline.pop(place))
                return

    def _end_inline(self, entry: tuple[Tag, int, int, int, int]) -> None:
        tag, start, line, hints, _ = entry
        if line != len(self.lines):
            start = 0
        if self._length > start:
            if tag.name in _FORMATS:
                self._formats.append((start, self._length, _FORMATS[tag.name]))
            if line == len(self.lines) and ("=" in tag.raw or "-" in tag.name):
                self._marks.append((start, self._length, tag))
        if hints:
            self.spans.append((line, len(self.lines), hints))

    def _add_link(self, raw: str, *, is_end: bool) -> None:
        """Note the open link's part of this line; a link without text counts once, at its end."""
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
            self._add_link(self._link, is_end=False)
        if self._is_filled:
            parts, lines = self._parts, self.lines
            text = parts[0] if len(parts) == 1 else "".join(parts)
            line = Line(len(lines), text, self._owner if parts else self._block, parts)
            lines.append(line)
            self._parts = []
            self._length = 0
            self._is_filled = False
            if self._level:
                line.level = self._level
            if links := self._links:
                line.linked = sum([end - start for _, start, end in links])
                line.anchors = links
                self._links = []
            if self._images:
                line.images = self._images
                self._images = []
            if self._formats:
                line.formats = self._formats
                self._formats = []
            if self._marks:
                line.marks = self._marks
                self._marks = []
        self._link_start = self._link_part = 0
        self._is_spaced = False
