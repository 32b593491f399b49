"""The line that is being gathered: its text, links, pictures and marks, and what is finished."""

from __future__ import annotations

import re
from typing import Final

from newsspider.pages.markup.hidden import is_hidden
from newsspider.pages.markup.hints import Hint
from newsspider.pages.markup.lines import Block, Line
from newsspider.pages.markup.tag import Tag, unescaped
from newsspider.text import ZERO_WIDTH

_BREAK_IN_HAN: Final = re.compile(r"(?<=[\u3000-\u9fff\uff00-\uffef])[ \t\r]*\n\s*(?=[\u3000-\u9fff\uff00-\uffef])")
# More text in one piece that nobody sees is for search engines: the words that whoever broke into a site put there.
MAX_HIDDEN_TEXT: Final = 20_000
# A hidden inline element with more text may be shown by a script.
MAX_NOISE: Final = 300

# Number of the line, of its characters, parts, links, images, formats and marks; whether it is filled, and spaced.
LineState = tuple[int, int, int, int, int, int, int, bool, bool]


class LineBuffer:
    """Lines and blocks, the last line unfinished."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self.blocks: list[Block] = [Block(Tag("html", "html"), -1, 0, 0), Block(Tag("body", "body"), 0, 0, 0)]
        self._block = 1
        self._owner = 1
        self._level = 0
        self._keeping: list[int] = []  # depths of the open elements that keep breaks
        self._is_broken = False
        self._parts: list[str] = []
        self._length = 0
        self._is_spaced = False
        self._is_filled = False
        self._links: list[tuple[str, int, int]] = []
        self._images: list[Tag] = []
        self._sources: list[str] = []
        self._formats: list[tuple[int, int, str]] = []
        self._marks: list[tuple[int, int, Tag]] = []
        self._link: str | None = None
        self._link_line = 0
        self._link_begin = 0  # in the line that it began in
        self._link_start = 0  # in this line
        self._link_part = 0
        self._link_count = 0
        self._link_before: LineState | None = None  # what the line was, where the link is hidden
        self._cells: list[tuple[int, int, str]] | None = None  # of the row, in a table of data
        self._pale_end = 0  # where white text ends that the line begins with

    def _any_text(self, text: str) -> None:
        if self._keeping and "\n" in text:
            self._rows(text)
        elif text.isspace():
            self._is_spaced = True
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
            if self._pale_end:
                self._drop_pale()
            if not self._length:
                self._owner = self._block
                self._is_filled = True
            elif self._is_spaced:
                text = " " + text
            self._is_spaced = self._is_broken = False
            self._parts.append(text)
            self._length += len(text)
            return
        text = unescaped(text)
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
        if self._pale_end:
            self._drop_pale()
        if not self._length:
            self._owner = self._block
            self._is_filled = True
        elif self._is_spaced or text[0].isspace():
            joined = " " + joined
        self._is_spaced = text[-1].isspace()
        self._parts.append(joined)
        self._length += len(joined)

    def _drop_pale(self) -> None:
        """Leave out the white text that the line begins with: other text follows it."""
        if self._pale_end == self._length:
            self._drop((len(self.lines), 0, 0, 0, 0, 0, 0, False, False))
        self._pale_end = 0

    def _add_image(self, tag: Tag) -> None:
        """Add a picture to the line, with the sources of a picture element around it as `data-source-0` and so on."""
        if self._sources:
            tag = Tag(tag.raw + "".join(self._sources), tag.name)
            self._sources = []
        self._images.append(tag)
        self._is_filled = True

    def _leaf_link(self, raw: str, text: str) -> None:
        """Read a link with nothing but text in it, as most are."""
        start = self._length
        self._text(text)
        if self._length == start or "href=" not in raw:
            return
        start += self._parts[-1][0] == " "
        self._links.append((raw, start, self._length))
        if "class=" in raw or "id=" in raw:
            self._marks.append((start, self._length, Tag(raw, "a")))

    def _open_link(self, raw: str) -> None:
        if self._link is not None:  # a link in a table's cell in a link
            self._close_link()
        self._link, self._link_count = raw, 0
        self._link_line = len(self.lines)
        self._link_begin = self._link_start = self._length
        self._link_part = len(self._parts)
        if "style=" in raw and self._length and is_hidden(Tag(raw, "a")):
            self._link_before = self._state()

    def _close_link(self) -> None:
        raw, start, before = self._link, self._link_begin, self._link_before
        self._link = self._link_before = None
        if before and self._drop(before):
            return
        if raw is None or "href=" not in raw:
            return
        self._add_link(raw, is_end=True)
        if self._link_line == len(self.lines) and self._length > start and ("class=" in raw or "id=" in raw):
            self._marks.append((start, self._length, Tag(raw, "a")))

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

    def _state(self) -> LineState:
        return (
            len(self.lines), self._length, len(self._parts), len(self._links), len(self._images), len(self._formats),
            len(self._marks), self._is_filled, self._is_spaced,
        )  # fmt: skip

    def _drop(self, state: LineState) -> bool:
        """Make the line what it was; return False if that is not possible: too much has been read since."""
        line, length, parts, links, images, formats, marks, is_filled, is_spaced = state
        if line != len(self.lines) or self._length > length + MAX_NOISE:
            return False
        del (
            self._parts[parts:],
            self._links[links:],
            self._images[images:],
            self._formats[formats:],
            self._marks[marks:],
        )
        self._length = length
        self._is_filled, self._is_spaced = is_filled, is_spaced
        return True

    def _flush(self) -> None:
        """End the line; an open link goes on in the next one. In a row of data a line goes on to the row's end."""
        if self._cells is not None:
            self._is_spaced = True
            return
        self._is_broken = False
        self._pale_end = 0
        if self._link is not None and "href=" in self._link and (self._length > self._link_start or self._images):
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
                _, start, end = links[0]
                line.linked = end - start if len(links) == 1 else sum([end - start for _, start, end in links])
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
