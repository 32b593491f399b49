"""Pages that a parser cannot take as they are: too deep for it, or with a slip that would cost all that follows.

A parser compares the attributes of a tag in pairs, looks through all open elements for each block, and opens the
formatting elements that were left open again in each block: `bounded` takes tags away until that is cheap.

The HTML Standard lets an open quote, comment or script run on to the next quote, `-->` or the end of the page: `mended`
ends it where the element ends that it stands in, or before.
"""

from __future__ import annotations

import re
from itertools import accumulate
from typing import Final

import numpy as np

MAX_TAGS: Final = 100_000
MAX_DEPTH: Final = 500
MAX_ATTRIBUTES: Final = 1_000
# Formatting elements open at a time, and how many of their copies a page may come to.
MIN_FORMATS: Final = 8
MAX_FORMATS: Final = 60
MAX_COPIES: Final = 300_000
# The depth of pages with fewer tags is not looked at.
MANY_TAGS: Final = 12_000
# A tag with very many attributes has much text without a `>`, unless values hold one.
LONG: Final = 4_000
_LONG_TAG: Final = re.compile(rb"<[a-zA-Z][^>]{4000}")
_LONE_TAG: Final = re.compile(rb"""<[a-zA-Z][^\s/>]*+(?:[^>=]++|=\s*+(?:"[^"]*+"|'[^']*+')?+)*+>?""")
_ATTRIBUTE: Final = re.compile(rb"""[\s/]++[^\s/>][^\s/>=]*+(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s>]*+))?+""")
_FORMAT_NAMES: Final = (
    rb"(?:[bBiIsSuU]|[fF][oO][nN][tT]|[sS][tT][rR][oO][nN][gG]|[eE][mM]|[bB][iI][gG]|[sS][mM][aA][lL][lL]|[cC][oO][dD][eE]"
    rb"|[tT][tT]|[nN][oO][bB][rR]|[sS][tT][rR][iI][kK][eE])[\s/>]"
)
_FORMAT: Final = re.compile(rb"<(/?)" + _FORMAT_NAMES)
# The first two letters, in lower case, of names that may be those of formatting elements.
_FORMAT_PAIRS: Final = np.zeros((256, 256), dtype=np.bool_)
for _first, _second in (
    (b"bisu", bytes(range(97))),
    (b"f", b"o"),
    (b"s", b"tm"),
    (b"e", b"m"),
    (b"bct", b"iot"),
    (b"n", b"o"),
):
    _FORMAT_PAIRS[np.ix_(list(_first), list(_second))] = True
_ELEMENT: Final = re.compile(rb"<(/?)([a-zA-Z][^\s/>]*)")
# They end with what follows, or have no content.
_SHALLOW: Final = frozenset(
    b"p li dt dd td th tr tbody thead tfoot option optgroup rt rp html head body area base br col embed frame hr img "
    b"input link meta param source track wbr a".split()
)

# What is looked for in turn: a comment, an element whose content is text, and any other tag.
_NEXT: Final = re.compile(
    r"<(?:(?P<comment>!--)|(?P<name>script|style|title|textarea|iframe|noscript|noframes|noembed|xmp|template"
    r"|object|applet|select|svg|math)(?=[\s/>])"
    r"|(?P<tag>[a-z])|(?P<end>/[a-z]))",
    re.IGNORECASE,
)
# An attribute with its value in quotes, or without; the rest of a tag is these and what stands between.
_WITH_MARKUP: Final = frozenset(("template", "object", "applet", "select", "svg", "math"))
_VALUE: Final = re.compile(r"""=\s*(?:"([^"]*+)("?)|'([^']*+)('?))""")
_BARE: Final = re.compile(r"""[^>=]++""")
_AFTER_VALUE: Final = re.compile(r"[\s>a-zA-Z]")
_COMMENT_END: Final = re.compile("--!?>")
# How authors mistype the end of a comment.
_MISTYPED_END: Final = re.compile("--\\s{1,3}>|[\u2014\u2013]-?>|(?<=\\s)->")
_WORDS: Final = re.compile("[^<>]*>?")
_PAGE_END: Final = re.compile(r"</(?:body|html)\b", re.IGNORECASE)
_BALANCE: Final = re.compile(r"<(/?)(?:div|p|td|tr|table|ul|li|section|article|h[1-6]|body|html)\b", re.IGNORECASE)
MAX_SLIPS: Final = 500


def bounded(text: bytes) -> bytes:
    """Return a page's text, without what would make it slow to parse; nearly every page is returned as it is."""
    characters = np.frombuffer(text, np.uint8)
    starts = np.flatnonzero(characters == ord("<"))
    count = len(starts)
    if count > MAX_TAGS:
        text = text[: starts[MAX_TAGS]]
    text = _without_long_tags(text)
    most = max(MIN_FORMATS, min(MAX_FORMATS, MAX_COPIES // (count + 1)))
    if count > most and _format_depth(characters, starts) > most and _depth(_FORMAT.findall(text)) > most:
        text = _without_deep(text, _FORMAT, most, frozenset())
    if count > MANY_TAGS:
        text = _without_deep(text, _ELEMENT, MAX_DEPTH, _SHALLOW)
    return text


def _without_long_tags(text: bytes) -> bytes:
    """Return the text with tags of very many attributes ended after the first of them; looks where no `>` is near."""
    begin, place, size, parts = 0, 0, len(text), []
    while size - place > LONG:
        end = text.rfind(b">", place + 1, place + LONG + 1)
        if end < 0:
            end = text.find(b">", place + LONG)
            end = size if end < 0 else end
            found = _LONG_TAG.search(text, place, end)
            if found and (tag := _LONE_TAG.match(text, found.start())):
                end = max(end, tag.end())
                if (short := _short(tag)) != tag[0]:
                    parts += [text[begin : tag.start()], short]
                    begin = tag.end()
        place = end
    return b"".join([*parts, text[begin:]]) if parts else text


def _format_depth(characters: np.ndarray, starts: np.ndarray) -> int:
    """Return how deep formatting elements may nest, by the first two letters of names: an upper bound, found fast."""
    first = starts[: np.searchsorted(starts, len(characters) - 3)] + 1
    is_end = characters[first] == ord("/")
    first += is_end
    is_format = _FORMAT_PAIRS[characters[first] | 32, characters[first + 1] | 32]
    depths = np.cumsum(np.where(is_end, -1, 1)[is_format])
    return int((depths - np.minimum.accumulate(np.minimum(depths, 0))).max(initial=0))


def _short(tag: re.Match[bytes]) -> bytes:
    """Return a tag that ends after its first attributes; the others are text."""
    found = tag[0]
    if len(found) < MAX_ATTRIBUTES * 2:
        return found
    for number, attribute in enumerate(_ATTRIBUTE.finditer(found)):
        if number == MAX_ATTRIBUTES:
            return found[: attribute.start()] + b">" + found[attribute.start() :]
    return found


def _depth(slashes: list[bytes]) -> int:
    """Return how deep elements nest whose tags, in order, begin with these: a slash or nothing."""
    depths = list(accumulate([-1 if slash else 1 for slash in slashes], initial=0))
    leasts = accumulate(depths, min)  # an end tag of nothing does not count
    return max(depth - least for depth, least in zip(depths, leasts, strict=True))


def _without_deep(text: bytes, pattern: re.Pattern[bytes], limit: int, passed: frozenset[bytes]) -> bytes:
    """Return the text without the start tags of elements that lie deeper than `limit`."""
    depth, begin, parts = 0, 0, []
    for found in pattern.finditer(text):
        if passed and found[2].lower() in passed:
            continue
        if found[1]:
            depth = max(0, depth - 1)
        elif depth < limit:
            depth += 1
        elif found.start() >= begin:
            parts.append(text[begin : found.start()])
            begin = text.find(b">", found.start()) + 1 or len(text)
    return b"".join([*parts, text[begin:]]) if parts else text


def mended(text: str) -> str:
    """Return a page's text with what was left open closed; the same text where nothing was."""
    return _Mending(text).run()


class _Mending:
    """One pass over a page's text: what it is up to, and what it is made of so far."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.parts: list[str] = []
        self.begin = 0
        self.slips = 0
        self.endless: set[str] = set()

    def run(self) -> str:
        position = 0
        while self.slips < MAX_SLIPS and (found := _NEXT.search(self.text, position)):
            if found["comment"]:
                position = self._comment(found.start())
                continue
            position = self._tag(found.end())
            if found["name"]:
                position = self._content(found["name"].lower(), found.start(), position)
        return "".join([*self.parts, self.text[self.begin :]])

    def _replace(self, start: int, end: int, by: str) -> int:
        """Put `by` in the place of the text from `start` to `end`; return `end`."""
        self.parts += (self.text[self.begin : start], by)
        self.begin = end
        self.slips += 1
        return end

    def _comment(self, start: int) -> int:
        """Return where a comment ends; one that runs into another comment and out of its element is ended before."""
        text = self.text
        closed = _COMMENT_END.search(text, start + 2)
        inner = text[start + 4 : closed.start() if closed else len(text)]
        another = inner.find("<!--")
        if closed and another < 0:
            return max(closed.end(), start + 5)
        content = inner if another < 0 else inner[:another]
        if closed and not _leaves_its_element(content):
            return closed.end()
        if mistyped := _MISTYPED_END.search(content):
            end = start + 4 + mistyped.end()
        elif closed or _leaves_its_element(content):
            words = _WORDS.match(content)
            end = start + 4 + (words.end() if words else 0)
        else:  # the page was cut inside the comment
            return len(text)
        return self._replace(start, end, "")

    def _tag(self, position: int) -> int:
        """Return where a tag ends that goes on at `position`; one with an open quote ends at the `>` after that."""
        text, size = self.text, len(self.text)
        while position < size:
            if text[position] == ">":
                return position + 1
            value = _VALUE.match(text, position)
            if value is None:
                bare = _BARE.match(text, position)
                position = bare.end() if bare else position + 1
                continue
            content = value[1] if value[1] is not None else value[3]
            if ">" in content and _is_slip(content, bool(value[2] or value[4]), text[value.end() : value.end() + 2]):
                quote = value.start(1) - 1 if value[1] is not None else value.start(3) - 1
                end = text.find(">", quote)
                self._replace(end, end, text[quote])
                return end + 1
            position = value.end()
        return size

    def _content(self, name: str, start: int, position: int) -> int:
        """Return where an element's text ends; the tags of one that is never ended are taken away."""
        if name not in self.endless:
            if found := re.compile(f"</{name}(?=[\\s/>])", re.IGNORECASE).search(self.text, position):
                return position if name in _WITH_MARKUP else found.start()
            self.endless.add(name)
        if name == "script" and not _PAGE_END.search(self.text, position):
            return len(self.text)  # the page was cut inside it
        return self._replace(start, position, "") if start >= self.begin else position


def _leaves_its_element(content: str) -> bool:
    """Return True if a comment's content ends an element that it does not begin."""
    depth = 0
    for found in _BALANCE.finditer(content):
        depth += -1 if found[1] else 1
        if depth < 0:
            return True
    return False


def _is_slip(content: str, is_closed: bool, after: str) -> bool:
    """Return True if a quoted value that holds `>` ends at a quote that begins another value."""
    if not is_closed or content.rstrip().endswith("="):
        return True
    return after != "/>" and _AFTER_VALUE.match(after) is None
