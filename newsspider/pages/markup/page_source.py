"""A page's text parsed as the HTML Standard has it, and written out again as markup without slips.

lexbor builds the tree; written out, every element that was opened is closed, attributes are quoted, and `<` and `>`
stand for tags alone. So what reads `PageSource.markup` needs to know nothing of broken markup.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from itertools import islice
from typing import Any, Final

from lxml import etree
from selectolax.lexbor import LexborDocumentOptions, LexborHTMLParser

from newsspider.pages.markup.repair import bounded, mended
from newsspider.pages.markup.tag import Tag, unescaped
from newsspider.text import squeeze

MAX_TAGS: Final = 2_000
# In a tree written out: comments, what is noted of the head, and elements whose content is text or is not shown.
_APART: Final = re.compile(
    "<(?:!--|(?:m(?:eta|ath|ap)|link|base|s(?:cript|tyle|vg|elect)|t(?:itle|extarea|emplate)|iframe|no(?:script|frames|embed)"
    "|xmp|plaintext|object|a(?:pplet|udio)|canvas|video|datalist)(?=[ >]))"
)
_HEAD: Final = frozenset(("meta", "link", "base"))
# Appended to a page: where it does not come out as a comment of its own, something before it was never closed.
_END: Final = "<!--newsspider-->"
_END_BYTES: Final = _END.encode()
# Elements that are not shown and that no end tag but their own closes.
_BARRIERS: Final = ("</object>", "</applet>", "</select>", "</svg>", "</math>")
_PLAYERS: Final = frozenset(("object", "video", "audio"))
_NESTING: Final = frozenset(("template", "svg", "object", "applet", "select"))
# The end of a tag where a quote before it may be one too many or too few.
_SLIP: Final = re.compile("""["'<]=""|&quot;\"""")
# Elements whose end tags close everything: for lxml, text after them would be a second root.
_EARLY_END: Final = re.compile(r"</\s{0,4}(?:html|body)\s{0,20}>", re.IGNORECASE)
_IN_SCRIPT: Final = re.compile(r"<!--|-->|</?script(?=[\s/>])", re.IGNORECASE)
MAX_IMAGES: Final = 200
_EMPTY_PAGE: Final = b"<html><body></body></html>"


@dataclass(slots=True)
class RawElement:
    """An element whose content is text: a script with its source, a textarea as escaped markup; none is empty."""

    tag: Tag
    text: str


class PageSource:
    """The decoded text of a page. `markup` is its tree as markup, without comments and the elements listed here.

    `scripts`, `areas` (textarea) and `styles` (the text of style elements) are in document order, `title` is that of
    the page. `head_tags` are the meta, link and base elements, wherever they stand, at most `MAX_TAGS`.
    """

    def __init__(self, text: str, encoded: bytes | None = None) -> None:
        """Parse a page's text; `encoded` is the same as UTF-8, where it is at hand."""
        self.text = text
        self._whole = text
        self._root: Any = None
        if self._read(encoded or text.encode("utf-8", "ignore")) and (whole := mended(text)) != text:
            self._whole = whole
            self._read(whole.encode("utf-8", "ignore"))

    def _read(self, encoded: bytes) -> bool:
        """Read a page's text; return True if it looks as if a quote, a comment or an element was left open."""
        self.scripts: list[RawElement] = []
        self.areas: list[RawElement] = []
        self.styles: list[str] = []
        self.head_tags: list[Tag] = []
        self.title: str | None = None
        self._players: list[Tag] = []
        data = bounded(encoded) + _END_BYTES
        tree = LexborHTMLParser(data, options=LexborDocumentOptions.WO_EVENTS, scripting=True)
        parts, is_open = self._parted(tree.html or "")
        self.markup = "".join(parts)
        return is_open or _has_slip(self.markup)

    def _parted(self, html: str) -> tuple[list[str], bool]:
        """Return (the parts of the markup, whether a comment, or what is not shown, was left open)."""
        begin, position, parts, is_open, comment = 0, 0, [], False, ""
        search, find = _APART.search, html.find
        while found := search(html, position):
            start, position = found.span()
            name = html[start + 1 : position]
            if name in _HEAD:
                end = find(">", position)
                if len(self.head_tags) < MAX_TAGS:
                    self.head_tags.append(Tag(html[start + 1 : end], name))
                continue
            is_behind_tag = start > begin and html[start - 1] == ">"
            if not is_behind_tag and html.rfind("<", begin, start) > html.rfind(">", begin, start):
                continue  # in the name of another tag: `<li<svg>`
            parts.append(html[begin:start])
            if name == "!--":
                end = find("-->", position)
                begin = position = end + 3 if end >= 0 else len(html)
                comment = html[start:position]
                is_open = is_open or "<!--" in comment[4:-3]
            else:
                inner = (find(">", position) + 1) or len(html)
                end = _end_of(name, html, inner)
                begin = position = end + len(name) + 3
                parts.append(self._taken(Tag(html[start + 1 : inner - 1], name), html[inner:end]))
        rest = html[begin:]
        parts.append(rest)
        return parts, is_open or comment != _END or any(end in rest for end in _BARRIERS)

    def _taken(self, tag: Tag, text: str) -> str:
        """Note what is read of an element that is taken out of the markup; return what takes its place."""
        name = tag.name
        if name == "script" and text:
            self.scripts.append(RawElement(tag, text))
        elif name == "style":
            self.styles.append(text)
        elif name == "textarea" and text:
            self.areas.append(RawElement(tag, text))
        elif name == "title" and self.title is None:
            self.title = squeeze(unescaped(text)) or None
        elif name in _PLAYERS and len(self._players) < MAX_TAGS:
            self._players.append(tag)
        elif name in ("xmp", "plaintext"):
            return f"<pre>{escape(text.removesuffix(_END), quote=False)}</pre>"
        elif name == "noscript" and ("<img" in text or "<IMG" in text):
            return _images_of(text)
        return ""

    def tags(self, *names: str) -> Iterator[Tag]:
        """Yield the start tags of these names, players first, then those in the markup, at most `MAX_TAGS` of each."""
        yield from [tag for tag in self._players if tag.name in names]
        for found in islice(_tags_of(names).finditer(self.markup), MAX_TAGS):
            yield Tag(found[1], found[2])

    @property
    def root(self) -> Any:
        """The page as an lxml tree, for selectors and what is read in listings; the text of articles needs none."""
        if self._root is None:
            text = self._whole.replace("\0", "")  # lxml reads no further
            root = _tree(text)
            self._root = _tree(_EARLY_END.sub("", text)) if root.getnext() is not None else root
        return self._root


def _end_of(name: str, html: str, position: int) -> int:
    """Return where the end tag of an element begins whose content begins at `position`."""
    end_tag = f"</{name}>"
    end = html.find(end_tag, position) if name != "plaintext" else html.rfind(end_tag)
    if name in _NESTING and end >= 0:
        inner = html.find(f"<{name}", position, end)
        while 0 <= inner < end:
            end = html.find(end_tag, end + 1)
            inner = html.find(f"<{name}", inner + 1, end if end >= 0 else len(html))
    elif name == "script" and "<!--" in (text := html[position:end]) and "<script" in text.lower():
        end = _end_of_script(html, position)
    return end if end >= position else len(html)


def _end_of_script(html: str, position: int) -> int:
    """Return where a script ends that may hold scripts in a comment (script data double escaped state, 13.2.5.27)."""
    is_comment = is_inner = False
    for found in _IN_SCRIPT.finditer(html, position):
        mark = found[0].lower()
        if mark == "<!--":
            is_comment = True
        elif mark == "-->":
            is_comment = is_inner = False
        elif mark[1] == "s":
            is_inner = is_comment
        elif is_inner:
            is_inner = False
        else:
            return found.start()
    return len(html)


def _images_of(text: str) -> str:
    """Return the pictures of a noscript element as markup; their elements are called `noscript-img`."""
    images = LexborHTMLParser(text, scripting=True).css("img")[:MAX_IMAGES]
    return "".join([f"<noscript-{(image.html or '')[1:]}</noscript-img>" for image in images])


def _has_slip(markup: str) -> bool:
    """Return True if a tag holds `>` in a value, and a quote where none belongs."""
    place = markup.find("&gt;")
    while place >= 0:
        end = place + 1
        if markup.rfind("<", 0, place) > markup.rfind(">", 0, place):
            end = markup.find(">", place)
            if end < 0 or _SLIP.search(markup, place, end + 1):
                return end >= 0
        place = markup.find("&gt;", end)
    return False


@lru_cache(maxsize=64)
def _tags_of(names: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(f"<(({'|'.join(names)})(?: [^>]*)?)>")


def _tree(text: str) -> Any:
    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True)
    try:
        root = etree.fromstring(text.encode("utf-8", "ignore"), parser)
    except etree.XMLSyntaxError:
        root = None
    return root if root is not None else etree.fromstring(_EMPTY_PAGE, parser)
