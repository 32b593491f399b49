"""A page's text taken apart before it is walked: its markup, and what its scripts, comments and styles hold."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from html import unescape
from itertools import islice
from typing import Any, Final

from lxml import etree

from newsspider.pages.markup.tag import Tag
from newsspider.text import squeeze

# Elements whose content is text and not markup (HTML Living Standard, 13.2.5.1 ff.), comments, and what heads say.
_RAW: Final = re.compile(
    r"<(?=[!?]|[sStTiInNxXmMlLbB][cCtTiIeEfFoOmMaA][rRyYtTxXfFpPnNsS])"  # spares most tags the names
    r"(?:(?P<comment>!--|\?)|(?:(?P<head>[mM][eE][tT][aA]|[lL][iI][nN][kK]|[bB][aA][sS][eE])"
    r"|(?P<name>[sS][cC][rR][iI][pP][tT]|[sS][tT][yY][lL][eE]|[tT][iI][tT][lL][eE]|[tT][eE][xX][tT][aA][rR][eE][aA]"
    r"|[iI][fF][rR][aA][mM][eE]|[nN][oO][fF][rR][aA][mM][eE][sS]|[xX][mM][pP]))(?=[\s/>]))"
)
# The rest of a tag; a quote that is not closed in it is a slip, and then the next `>` ends the tag.
_TAG_END: Final = re.compile(r"""(?:[^>"']++|"[^"]*+"|'[^']*+'|["'])*+>""")
MAX_TAG: Final = 5_000
MAX_TAGS: Final = 2_000
# Elements whose end tags close everything: text behind them would be a second root.
_EARLY_END: Final = re.compile(r"</\s{0,4}(?:html|body)\s{0,20}>", re.IGNORECASE)
_EMPTY_PAGE: Final = b"<html><body></body></html>"
_KEPT: Final = frozenset(("script", "textarea"))
_NOTED: Final = frozenset(("script", "textarea", "title"))
_IN_PICTURE: Final = ("<svg", "</svg")


@dataclass(slots=True)
class RawElement:
    """An element whose content is text: a script with its source, a textarea with what it shows; none is empty."""

    tag: Tag
    text: str


class PageSource:
    """The decoded text of a page. `markup` is the text without scripts, styles, frames, comments and title.

    `head_tags` are the meta, link and base elements, wherever they stand, at most `MAX_TAGS`.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.scripts: list[RawElement] = []
        self.areas: list[RawElement] = []
        self.head_tags: list[Tag] = []
        self.title: str | None = None
        self._endless: set[str] = set()
        self.markup = "".join(self._parted())

    def _parted(self) -> list[str]:
        text, begin, position, parts = self.text, 0, 0, []
        search = _RAW.search
        while found := search(text, position):
            kind = found.lastgroup
            start, end = found.span()
            if kind == "head":
                position = self._note_head(start, end, found["head"].lower())
                continue
            parts.append(text[begin:start])
            if kind == "comment":
                begin = position = self._comment_end(start, end)
            else:
                begin = position = self._take(start, end, found["name"].lower())
        parts.append(text[begin:])
        return parts

    def _note_head(self, start: int, end: int, name: str) -> int:
        """Note a tag of the head; return where it ends."""
        whole = _TAG_END.match(self.text, end, end + MAX_TAG)
        if whole is None:
            return end
        if len(self.head_tags) < MAX_TAGS:
            self.head_tags.append(Tag(self.text[start + 1 : whole.end() - 1], name))
        return whole.end()

    def _comment_end(self, start: int, end: int) -> int:
        """Return where what begins as `<!--` or `<?` ends; `<!-->` is whole, and one without an end hides the rest."""
        is_comment = self.text[start + 1] == "!"
        closed = self.text.find("-->", end - 2) + 3 if is_comment else self.text.find(">", end) + 1
        return closed if closed >= end else len(self.text)

    def _take(self, start: int, end: int, name: str) -> int:
        """Note an element with its text; return where it ends. One that is never closed holds the rest of the page."""
        text = self.text
        opened = _TAG_END.match(text, end, end + MAX_TAG)
        if opened is None:
            return end
        begin = opened.end()
        closed = None if name in self._endless else _end_of(name).search(text, begin)
        if closed is None and name not in _KEPT:
            self._endless.add(name)
            return begin  # a browser would show nothing behind it; a reader of news wants the text
        inner_end, last = (closed.start(), text.find(">", closed.end())) if closed else (len(text), -1)
        if inner_end > begin and name in _NOTED:
            self._note(name, start, begin, inner_end)
        return last + 1 if last >= 0 else len(text)

    def _note(self, name: str, start: int, begin: int, end: int) -> None:
        """Note what is read of an element that starts at `start` and holds the text from `begin` to `end`."""
        inner = self.text[begin:end]
        if name != "title":
            element = RawElement(Tag(self.text[start + 1 : begin - 1], name), inner)
            (self.scripts if name == "script" else self.areas).append(element)
        elif self.title is None:
            opened, closed = (self.text.rfind(tag, 0, start) for tag in _IN_PICTURE)
            if opened <= closed:
                self.title = squeeze(unescape(inner)) or None

    def tags(self, *names: str) -> Iterator[Tag]:
        """Yield the start tags of these names in the markup, in document order, at most `MAX_TAGS`."""
        markup = self.markup
        for found in islice(_tags_of(names).finditer(markup), MAX_TAGS):
            if end := _TAG_END.match(markup, found.end(), found.end() + MAX_TAG):
                yield Tag(markup[found.start() + 1 : end.end() - 1], found[1].lower())

    @cached_property
    def root(self) -> Any:
        """The page as an lxml tree, for selectors and what is read in listings; the text of articles needs none."""
        root = _tree(self.text)
        return _tree(_EARLY_END.sub("", self.text)) if root.getnext() is not None else root


@lru_cache(maxsize=16)
def _end_of(name: str) -> re.Pattern[str]:
    return re.compile("</" + _any_case(name) + r"(?=[\s/>]|\Z)")


@lru_cache(maxsize=64)
def _tags_of(names: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"<({'|'.join(map(_any_case, names))})(?=[\s/>])")


def _any_case(name: str) -> str:
    """Return a pattern for a name in any case that begins with a literal `<` elsewhere: faster than IGNORECASE."""
    return "".join(f"[{letter}{letter.upper()}]" for letter in name)


def _tree(text: str) -> Any:
    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True)
    try:
        root = etree.fromstring(text.encode("utf-8", "ignore"), parser)
    except etree.XMLSyntaxError:
        root = None
    return root if root is not None else etree.fromstring(_EMPTY_PAGE, parser)
