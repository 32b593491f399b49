"""The walk: one pass over the tree that gives the lines of a page, their links, images and hints."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import IntFlag
from functools import lru_cache
from typing import Any, Final

from newsspider.text import ZERO_WIDTH


class Hint(IntFlag):
    """What the tags, classes and ids around a line say it is; words of authors, not always true."""

    COMMENT = 1
    RELATED = 2
    FOOTER = 4
    NAV = 8
    BYLINE = 16
    SIDE = 32
    SHARE = 64
    HIDDEN = 128
    ARTICLE = 256
    AD = 512
    CAPTION = 1024


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

    `element` is the innermost block element, `block` its index in `Document.blocks`, `images` are its img elements, `level` is 1 to 6 in h1 to h6, else 0.
    `pieces` are (text, innermost element) in reading order: joined they are `text`.
    """

    index: int
    text: str
    element: Any
    block: int
    level: int
    links: list[Link] = field(default_factory=list)
    images: list[Any] = field(default_factory=list)
    pieces: list[tuple[str, Any]] = field(default_factory=list)
    hints: int = 0

    @property
    def linked(self) -> int:
        """The number of characters inside links."""
        return sum(len(link.text) for link in self.links)


@dataclass(slots=True)
class Block:
    """A block element: the index of the block around it (-1 for the root) and of its first and last line, inclusive."""

    element: Any
    parent: int
    first: int
    last: int = -1


_SKIPPED: Final = frozenset(
    "script style noscript template svg iframe select textarea object canvas audio video title meta link base map"
    " datalist math applet noframes".split()
)
_BLOCK: Final = frozenset(
    "html body address article aside blockquote center dd details dialog dir div dl dt fieldset figcaption figure footer"
    " form h1 h2 h3 h4 h5 h6 header hgroup hr legend li main menu nav ol p pre section summary table caption tbody td"
    " tfoot th thead tr ul optgroup option frameset".split()
)
_HEADINGS: Final = {f"h{level}": level for level in range(1, 7)}
_INLINE, _IS_BLOCK, _BREAK, _IMAGE, _LINK, _SKIP = range(6)
_KIND: Final[dict[str, int]] = {
    **dict.fromkeys(_BLOCK, _IS_BLOCK),
    **dict.fromkeys(_SKIPPED, _SKIP),
    "br": _BREAK,
    "img": _IMAGE,
    "amp-img": _IMAGE,
    "a": _LINK,
}
_TAG_HINTS: Final[dict[str, int]] = {
    "nav": Hint.NAV,
    "footer": Hint.FOOTER,
    "aside": Hint.SIDE,
    "figcaption": Hint.CAPTION,
    "article": Hint.ARTICLE,
    "time": Hint.BYLINE,
}
_EDGE: Final = r"(?:^|[\s_-]|(?<=[a-z])(?=[A-Z]))"
_END: Final = r"(?:$|[\s_\d-]|(?<=[a-z])(?=[A-Z]))"


def _words(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"{_EDGE}(?:{pattern}){_END}")


# Class and id words as authors of pages choose them; English, and pinyin where it is common.
_CLASS_HINTS: Final[tuple[tuple[int, re.Pattern[str]], ...]] = (
    (
        Hint.COMMENT,
        re.compile(r"comment|gentie|pinglun|liuyan|disqus|changyan|(?:^|[\s_-])(?:cmt|reply|replies)", re.I),
    ),
    (
        Hint.RELATED,
        re.compile(
            r"relat(?:ed?|ive|ion)|relevant|recommend|tuijian|xiangguan|guess|also-?like|more-?news|hot-?news|tjyd|xgyd"
            r"|xgxw|(?:^|[\s_-])(?:rank|ranking|hotlist|hot-?list)(?:$|[\s_-])",
            re.I,
        ),
    ),
    (Hint.FOOTER, re.compile(r"(?:^|[\s_-])foot|footer|copyright|beian|friend-?link|banquan", re.I)),
    (
        Hint.NAV,
        re.compile(
            r"(?:^|[\s_-])(?:nav|navi|menu|crumbs?|topbar|top-?bar|pager?|pagination|paging|position|location)(?:$|[\s_-])"
            r"|navbar|navigat|breadcrumb|bread-crumb|mianbao|dropdown|page-?nav|pagebar|pagelist",
            re.I,
        ),
    ),
    (
        Hint.BYLINE,
        re.compile(
            r"source|author|byline|pub-?time|pubdate|publish|laiyuan|post-?time|date|(?:^|[\s_-])(?:time|info|meta|from"
            r"|origin|editor|msg|sub|tit_info|xinxi)(?:$|[\s_\d-])|(?:art|article|news|title|page)[_-]?(?:info|meta|time)",
            re.I,
        ),
    ),
    (
        Hint.SIDE,
        re.compile(
            r"side-?bar|(?:^|[\s_-])(?:side|aside|right|rightbar|col-?r|r-?col|right-?col|fr|sidenav|rside|rightside)"
            r"(?:$|[\s_-])",
            re.I,
        ),
    ),
    (
        Hint.SHARE,
        re.compile(r"share|bdsharebuttonbox|jiathis|social|qrcode|qr-?code|erweima|ewm|(?:^|[\s_-])tool", re.I),
    ),
    (
        Hint.AD,
        re.compile(r"(?:^|[\s_-])(?:ads?|advert\w*|gg|guanggao|adsense|promo\w*|sponsor\w*)(?:$|[\s_\d-])", re.I),
    ),
    (
        Hint.CAPTION,
        re.compile(
            r"caption|pic-?(?:desc|text|info|intro|title)|img-?(?:desc|text|info|intro|title|note)"
            r"|pictext|picintro|tuzhu|zhushi",
            re.I,
        ),
    ),
    (
        Hint.ARTICLE,
        re.compile(
            r"(?:article|art|news|post|entry|detail|main|page|text|content|story|rich_media)[_-]?(?:content|con|body|text"
            r"|txt|detail|main|article|area|inner|box)|TRS_Editor|(?:^|[\s_-])(?:content|article|zoom|detail|endtext|text"
            r"|post_text|neirong|zhengwen|artibody|vsb_content)(?:$|[\s_\d-])|articleBody",
            re.I,
        ),
    ),
)
_HIDDEN_STYLE: Final = re.compile(r"display\s{0,3}:\s{0,3}none|visibility\s{0,3}:\s{0,3}hidden", re.I)
_INLINE_HINTS: Final = int(Hint.BYLINE | Hint.HIDDEN | Hint.CAPTION)
# A container of this share of a page's prose is the page, whatever it is called.
_WHOLE_SHARE: Final = 0.5
_FOREIGN: Final = int(
    Hint.COMMENT
    | Hint.RELATED
    | Hint.FOOTER
    | Hint.NAV
    | Hint.SIDE
    | Hint.SHARE
    | Hint.HIDDEN
    | Hint.AD
    | Hint.BYLINE
    | Hint.CAPTION
)
_BREAK_IN_HAN: Final = re.compile(r"(?<=[\u3000-\u9fff\uff00-\uffef])[ \t\r]*\n\s*(?=[\u3000-\u9fff\uff00-\uffef])")
MAX_CLASS: Final = 300


@lru_cache(maxsize=20_000)
def class_hints(names: str) -> int:
    """Return the hints of an element's class and id, both in one string."""
    found = 0
    for hint, pattern in _CLASS_HINTS:
        if pattern.search(names):
            found |= hint
    return found


def lines_of(root: Any) -> tuple[list[Line], list[Block]]:
    """Return the lines of a tree in reading order, only those with text, a link or an image, and its block elements."""
    walk = _Walk()
    walk.run(root)
    _apply_hints(walk.lines, walk.spans)
    return walk.lines, walk.blocks


class _Walk:
    """The state of the pass: the open elements, the line that is being gathered, and what is finished."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self.spans: list[tuple[int, int, int]] = []
        self._parts: list[str] = []
        self._pieces: list[tuple[str, Any]] = []
        self._length = 0
        self._is_spaced = False
        self._links: list[Link] = []
        self._images: list[Any] = []
        self.blocks: list[Block] = []
        self._block = -1
        self._level = 0
        self._owner = -1
        self._link: Any = None
        self._link_start = 0
        self._link_part = 0
        self._link_count = 0

    def run(self, root: Any) -> None:
        """Walk the tree without recursion: an element is closed when the next one is no descendant of it."""
        stack: list[Any] = []
        kinds: list[int] = []
        marks: list[tuple[int, int]] = []
        skipped = 0
        for element in root.iter():
            parent = element.getparent()
            while stack and stack[-1] is not parent:
                closed, kind = stack.pop(), kinds.pop()
                start, hints = marks.pop()
                if kind == _SKIP:
                    skipped -= 1
                elif not skipped:
                    self._close(closed, kind, start, hints)
                if not skipped and closed.tail and stack:
                    self._text(closed.tail, stack[-1])
            tag = element.tag
            kind = _KIND.get(tag, _INLINE) if isinstance(tag, str) else _SKIP
            stack.append(element)
            kinds.append(kind)
            if kind == _SKIP:
                skipped += 1
            if skipped:
                marks.append((0, 0))
                continue
            marks.append(self._open(element, tag, kind))
            if element.text:
                self._text(element.text, element)
        while stack:
            closed, kind = stack.pop(), kinds.pop()
            start, hints = marks.pop()
            if kind == _SKIP:
                skipped -= 1
            elif not skipped:
                self._close(closed, kind, start, hints)
            if not skipped and closed.tail and stack:
                self._text(closed.tail, stack[-1])
        self._flush()

    def _open(self, element: Any, tag: str, kind: int) -> tuple[int, int]:
        """Note the beginning of an element; return its first line and its hints."""
        if kind == _IS_BLOCK:
            if self._length or self._images or self._links or self._link is not None:
                self._flush()
            self.blocks.append(Block(element, self._block, len(self.lines)))
            self._block = len(self.blocks) - 1
            if tag in _HEADINGS:
                self._level = _HEADINGS[tag]
        elif kind == _LINK:
            if self._link is not None:
                self._end_link()
            if element.get("href"):
                self._link, self._link_count = element, 0
                self._link_start, self._link_part = self._length, len(self._parts)
        elif kind == _BREAK:
            if self._level:
                self._is_spaced = True
            else:
                self._flush()
            return 0, 0
        elif kind == _IMAGE:
            self._images.append(element)
            return 0, 0
        hints = _TAG_HINTS.get(tag, 0)
        if attributes := element.attrib:
            hints |= _attribute_hints(attributes)
            if kind != _IS_BLOCK:
                hints &= _INLINE_HINTS
        return len(self.lines), hints

    def _close(self, element: Any, kind: int, start: int, hints: int) -> None:
        if kind == _IS_BLOCK:
            if self._length or self._images or self._links or self._link is not None:
                self._flush()
            block = self.blocks[self._block]
            block.last = len(self.lines) - 1
            self._block = block.parent
            if element.tag in _HEADINGS:
                self._level = 0
            if hints and len(self.lines) > start:
                self.spans.append((start, len(self.lines) - 1, hints))
        elif kind == _LINK:
            if self._link is element:
                self._end_link()
            if hints:
                self.spans.append((start, len(self.lines), hints))
        elif hints:
            self.spans.append((start, len(self.lines), hints))

    def _text(self, text: str, owner: Any) -> None:
        """Add text to the line, white space squeezed; a break in the source between two Han characters is none."""
        if not text.isascii():
            if "\n" in text:
                text = _BREAK_IN_HAN.sub("", text)
            if "\u200b" in text or "\ufeff" in text or "\u200c" in text or "\u200d" in text or "\xad" in text:
                text = text.translate(ZERO_WIDTH)
        words = text.split()
        if not words:
            if text:
                self._is_spaced = True
            return
        joined = words[0] if len(words) == 1 else " ".join(words)
        if self._length and (self._is_spaced or text[0].isspace()):
            joined = " " + joined
        self._is_spaced = text[-1].isspace()
        if not self._length:
            self._owner = self._block
        self._parts.append(joined)
        self._pieces.append((joined, owner))
        self._length += len(joined)

    def _end_link(self) -> None:
        """Finish the open link's part of this line; a link without text counts once, at its end."""
        self._add_link(is_end=True)
        self._link = None

    def _add_link(self, *, is_end: bool) -> None:
        element = self._link
        text = "".join(self._parts[self._link_part :])
        start = self._link_start + (len(text) - len(text.lstrip()))
        text = text.strip()
        if text or (is_end and not self._link_count) or self._images:
            title = element.get("title")
            link = Link(element.get("href"), text, title, start, start + len(text), element.get("rel"))
            self._links.append(link)
            self._link_count += 1

    def _flush(self) -> None:
        """End the line; an open link goes on in the next one."""
        if self._link is not None and (self._length > self._link_start or self._images):
            self._add_link(is_end=False)
        if self._length or self._images or self._links:
            owner = self._owner if self._length else self._block
            line = Line(
                len(self.lines),
                "".join(self._parts),
                self.blocks[owner].element,
                owner,
                self._level,
                self._links,
                self._images,
                self._pieces,
            )
            self.lines.append(line)
            self._parts, self._pieces, self._links, self._images = [], [], [], []
            self._length = 0
        self._link_start = self._link_part = 0
        self._is_spaced = False


def _attribute_hints(attributes: Any) -> int:
    names = attributes.get("class")
    identity = attributes.get("id")
    if identity:
        names = f"{names} {identity}" if names else identity
    hints = class_hints(names[:MAX_CLASS]) if names else 0
    style = attributes.get("style")
    if ("hidden" in attributes) or (style and "n" in style and _HIDDEN_STYLE.search(style)):
        hints |= Hint.HIDDEN
    if attributes.get("itemprop") == "articleBody":
        hints |= Hint.ARTICLE
    return hints


def _prose(line: Line) -> int:
    """Return the characters of a line outside links where it reads like a sentence, else 0."""
    plain = len(line.text) - line.linked
    return plain if plain >= 24 and ("，" in line.text or "。" in line.text or ", " in line.text) else 0


def _apply_hints(lines: list[Line], spans: list[tuple[int, int, int]]) -> None:
    """Give lines the hints of the elements around them, but for those of an element that holds half of the prose."""
    total = 0
    before = [0]
    for line in lines:
        total += _prose(line)
        before.append(total)
    changes: dict[int, dict[int, int]] = {}
    for first, last, hints in spans:
        last = min(last, len(lines) - 1)
        if last < first:
            continue
        if total and before[last + 1] - before[first] > _WHOLE_SHARE * total:
            hints &= ~_FOREIGN
        bit = 1
        while bit <= hints:
            if hints & bit:
                counts = changes.setdefault(bit, {})
                counts[first] = counts.get(first, 0) + 1
                counts[last + 1] = counts.get(last + 1, 0) - 1
            bit <<= 1
    for bit, counts in changes.items():
        _mark(lines, bit, counts)


def _mark(lines: list[Line], bit: int, counts: dict[int, int]) -> None:
    """Set a bit on the lines between the places where its elements begin and end."""
    depth = 0
    begun = 0
    for place in sorted(counts):
        if depth > 0:
            for line in lines[begun:place]:
                line.hints |= bit
        depth += counts[place]
        begun = place
