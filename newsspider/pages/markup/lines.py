"""What the walk over a page finds: its lines, their links, and the block elements that they stand in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from newsspider.pages.markup.tag import Tag, value_of


@dataclass(slots=True)
class Link:
    """A link's part of a line: `text` is `line.text[start:end]`, "" for a picture; `title` is its tooltip."""

    href: str
    text: str
    title: str | None
    start: int
    end: int
    rel: str | None = None


class Line:
    """What stands on one line: the text of a block element between two breaks, white space squeezed.

    `block` is the innermost block's index in `Document.blocks`, `level` is 1 to 6 in h1 to h6, else 0,
    `linked` the number of characters inside links, `anchors` their
    (start tag, start, end). `formats` are (start, end, tag) of strong, em and the like, `marks` (start, end, start tag)
    of inline elements with attributes, such as `<span class="source">`. `parts` is the text as tags part it. `cells`
    are the (start, end, td or th) of a row in a table of data.
    """

    # defaults of the class: most lines have no more than an index, a text and a block, and there are many
    level: int = 0
    linked: int = 0
    anchors: Sequence[tuple[str, int, int]] = ()
    images: Sequence[Tag] = ()
    formats: Sequence[tuple[int, int, str]] = ()
    marks: Sequence[tuple[int, int, Tag]] = ()
    cells: Sequence[tuple[int, int, str]] = ()
    hints: int = 0
    _links: Sequence[Link] | None = None

    def __init__(self, index: int, text: str, block: int, parts: Sequence[str]) -> None:
        self.index = index
        self.text = text
        self.block = block
        self.parts = parts

    @property
    def links(self) -> Sequence[Link]:
        """The links, made of the anchors when they are first asked for: most lines are never asked."""
        if self._links is None:
            self._links = [_link(raw, self.text[start:end], start) for raw, start, end in self.anchors]
        return self._links


class Block:
    """A block element: the index of the block around it (-1 for the root) and of its first and last line, inclusive."""

    __slots__ = ("first", "hints", "last", "parent", "tag")

    def __init__(self, tag: Tag, parent: int, first: int, hints: int) -> None:
        self.tag = tag
        self.parent = parent
        self.first = first
        self.hints = hints
        self.last = -1


def _link(raw: str, text: str, start: int) -> Link:
    return Link(
        value_of(raw, "href") or "",
        text,
        value_of(raw, "title"),
        start,
        start + len(text),
        value_of(raw, "rel"),
    )


def part_starts(line: Line) -> Iterator[int]:
    """Yield where the parts of a line's text begin: at every tag inside of it."""
    place = 0
    for part in line.parts:
        start = line.text.find(part.strip(), place)
        if start < 0:
            return
        yield start
        place = start + len(part.strip())
