"""From tags to lines: the elements that are open, and what they are for the line."""

from __future__ import annotations

import re
from html import escape
from typing import Final

from newsspider.pages.markup.hidden import HiddenName
from newsspider.pages.markup.line_buffer import LineBuffer, LineState
from newsspider.pages.markup.lines import Block
from newsspider.pages.markup.tag import Tag
from newsspider.pages.markup.tokens import (
    BLOCK,
    BLOCK_END,
    BREAK,
    CELL,
    HIDDEN,
    IMAGE,
    INLINE,
    INLINE_END,
    KEEPS_BREAKS,
    LINK,
    LINK_END,
    PALE,
    ROOT,
    ROOTS,
    ROW,
    SOURCE,
    SPACE,
    TABLE,
    TAGS_CACHE,
    tokens_of,
    trim_caches,
)

_FORMATS: Final = {"strong": "strong", "b": "strong", "em": "em", "u": "u", "sup": "sup", "sub": "sub", "code": "code"}
# Tags with white space between them, or one of a link (with its text and end) or an image, which are seldom alike; and
# the text after them.
_PIECES: Final = re.compile(
    r"(?:((?:<(?!(?:a|img) )[^>]*+>[ \n\t\r\f]*+)++)|<(a [^>]*+)>(?:([^<]*+)(</a>))?+|<(img [^>]*+)>)([^<]*)"
)
# Deeper blocks count as the one that they are in.
MAX_DEPTH: Final = 500
# White text is hidden unless one of so many blocks around it has a colour of its own.
MAX_BACKGROUNDS: Final = 8
# Of the sources of a picture so many are read.
MAX_SOURCES: Final = 4
# Beside the hints of an open inline element: it shows line breaks as they are written, is hidden, or white.
_KEEPING: Final = 1 << 20
_HIDDEN: Final = 1 << 21
_PALE: Final = 1 << 22


class LineBuilder(LineBuffer):
    """The state of the pass over `markup`; `hidden` are the classes and ids that the page's style sheets hide.

    `data_tables` says for each table whether it holds data: then each of its rows is a line.
    """

    def __init__(self, markup: str, hidden: dict[str, HiddenName], data_tables: list[bool]) -> None:
        super().__init__()
        self.spans: list[tuple[int, int, int]] = []
        self._markup = markup
        self._hidden = hidden
        self._plain: set[str] = set()  # source text of inline tags that the page's style sheets do not hide
        self._tables = iter(data_tables)
        self._cell_start = 0
        self._open = [0, 1]  # indices of the open blocks
        # (tag, place in the line, line, hints) of the open inline elements, and what the line was before hidden ones
        self._inlines: list[tuple[Tag, int, int, int]] = []
        self._before: list[LineState] = []

    def run(self, markup: str) -> None:
        """Read markup from its first tag on. One loop: its steps run for nearly every tag of a page."""
        trim_caches()
        keeping, opened, blocks, lines = self._keeping, self._open, self.blocks, self.lines
        is_plain, plain, inlines, cached = not self._hidden, self._plain, self._inlines, TAGS_CACHE
        for tags, tag, linked, end, image, text in _PIECES.findall(markup):
            if tags:
                for kind, token, hints, rule in cached.get(tags) or tokens_of(tags):
                    if kind == BLOCK:
                        if self._is_filled:
                            self._flush()
                        block = self._block
                        if len(opened) < MAX_DEPTH:
                            self._block = len(blocks)
                            blocks.append(Block(token, block, len(lines), hints))
                            block = self._block
                        opened.append(block)
                        if rule:
                            self._begin(rule)
                    elif kind == BLOCK_END:
                        if self._is_filled:
                            self._flush()
                        if rule:
                            self._end(rule, token.name)
                        if len(opened) > 2:
                            ended = blocks[opened.pop()]
                            self._block = opened[-1]
                            ended.last = last = len(lines) - 1
                            if self._cells is not None and self._is_filled:  # its text is in the row being read
                                ended.last = last + 1
                            elif ended.hints and last >= ended.first:
                                self.spans.append((ended.first, last, ended.hints))
                            if keeping and keeping[-1] > len(opened):
                                keeping.pop()
                    elif kind == INLINE_END:
                        if inlines:
                            self._end_inline(inlines.pop())
                    elif kind == INLINE and (is_plain or token.raw in plain) and not rule and not self._is_broken:
                        inlines.append((token, self._length, len(lines), hints))
                    elif kind == SPACE:
                        if keeping:
                            self._any_text(token.raw)
                        else:
                            self._is_spaced = True
                    else:
                        self._rarer(kind, token, hints, rule)
            elif end:
                if self._link is None and not keeping and linked and not linked.isspace() and "style=" not in tag:
                    self._leaf_link(tag, linked)
                else:
                    self._open_link(tag)
                    if linked:
                        self._any_text(linked)
                    self._close_link()
            elif tag:
                self._open_link(tag)
            else:
                self._add_image(Tag(image, "img"))
            if text:
                if keeping:
                    self._any_text(text)
                elif text.isspace():
                    self._is_spaced = True
                else:
                    self._text(text)
        if self._is_filled:
            self._flush()
        for place in self._open:
            self.blocks[place].last = len(self.lines) - 1

    def _rarer(self, kind: int, tag: Tag, hints: int, rule: int) -> None:
        """Read a tag that is neither a plain inline element nor any of those above."""
        if kind == LINK_END:
            if self._link is not None:
                self._close_link()
        elif kind == BREAK:
            if self._level:
                self._is_spaced = True
                self._is_broken = self._is_filled
            elif self._is_filled:
                self._flush()
        elif kind in (INLINE, HIDDEN, PALE):
            self._open_inline(kind, tag, hints, rule)
        elif kind == LINK:
            self._open_link(tag.raw)
        elif kind == IMAGE:
            self._add_image(tag)
        elif kind == SOURCE:
            srcset = tag.get("srcset") or tag.get("data-srcset")
            if srcset and '"' not in srcset and len(self._sources) < MAX_SOURCES:
                self._sources.append(f' data-source-{len(self._sources)}="{escape(srcset, quote=False)}"')
        elif kind == ROOT and tag.name != "head":  # they are there from the start, a second one is none
            root = self.blocks[ROOTS[tag.name]]
            if "=" not in root.tag.raw:
                root.tag, root.hints = tag, hints

    def _open_inline(self, kind: int, tag: Tag, hints: int, rule: int) -> None:
        """Open an inline element that is more than that, or may be by the page's style sheets."""
        if self._is_broken:  # an element of its own below a headline: time and source
            self._flush()
        if kind == INLINE and self._hidden:
            kind = self._styled_kind(tag)
        if rule:
            self._keeping.append(0)
            hints |= _KEEPING
        if kind != INLINE:
            self._before.append(self._state())
            hints |= _HIDDEN if kind == HIDDEN else _PALE
        self._inlines.append((tag, self._length, len(self.lines), hints))

    def _styled_kind(self, tag: Tag) -> int:
        """Return what an inline element is by the page's style sheets."""
        kind = INLINE
        for name in (*(tag.get("class") or "").lower().split(), (tag.get("id") or "").lower()):
            found = self._hidden.get(name)
            if found and kind != HIDDEN and all(other in self._markup for other in found.others):
                kind = PALE if found.is_pale else HIDDEN
        if kind == INLINE:
            self._plain.add(tag.raw)
        return kind

    def _end_inline(self, entry: tuple[Tag, int, int, int]) -> None:
        tag, start, line, hints = entry
        if line != len(self.lines):
            start = 0
        if self._length > start:
            if tag.name in _FORMATS:
                self._formats.append((start, self._length, _FORMATS[tag.name]))
            if line == len(self.lines) and ("=" in tag.raw or "-" in tag.name):
                self._marks.append((start, self._length, tag))
        if hints >= _KEEPING:
            hints = self._end_special(hints)
        if hints:
            self.spans.append((line, len(self.lines), hints))
        if tag.name == "picture":
            self._sources = []

    def _end_special(self, hints: int) -> int:
        """End an inline element that keeps breaks or is hidden; return its hints alone."""
        if hints & _KEEPING:
            self._keeping.pop()
        if hints & (_HIDDEN | _PALE):
            before = self._before.pop()
            if hints & _HIDDEN:
                if self._drop(before):
                    return 0
            elif before[0] == len(self.lines) and not self._is_on_a_colour():
                if before[1]:
                    self._drop(before)
                else:
                    self._pale_end = self._length
        return hints & (_KEEPING - 1)

    def _is_on_a_colour(self) -> bool:
        for position in self._open[-MAX_BACKGROUNDS:]:
            raw = self.blocks[position].tag.raw
            if "background" in raw or "bgcolor" in raw:
                return True
        return any("background" in tag.raw for tag, _, _, _ in self._inlines[-MAX_BACKGROUNDS:])

    def _begin(self, rule: int) -> None:
        """Note what a block is that was just opened, beside a block."""
        if rule < KEEPS_BREAKS:
            self._level = rule
        elif rule == KEEPS_BREAKS:
            self._keeping.append(len(self._open))
        elif rule == TABLE:
            if next(self._tables, False):
                self._cells = []
        elif self._cells is not None:
            if rule == ROW:
                self._end_row()
            else:
                self._is_spaced = True
                self._cell_start = self._length

    def _end(self, rule: int, name: str) -> None:
        """Note the end of a block that was more than a block."""
        if rule < KEEPS_BREAKS:
            self._level = 0
        elif self._cells is not None:
            if rule == CELL:
                start = self._cell_start
                if self._length > start > 0:
                    start += 1
                self._cells.append((start, self._length, name))
                self._is_spaced = True
            elif rule != KEEPS_BREAKS:
                self._end_row()
                if rule == TABLE:
                    self._cells = None

    def _end_row(self) -> None:
        """End the line of a table's row."""
        cells, self._cells = self._cells, None
        if self._is_filled:
            self._flush()
            if cells:
                self.lines[-1].cells = cells
        self._cells = []
