"""Tag tokens, cached by their source text: whether a tag opens or ends a block, a link or an inline element."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from newsspider.pages.markup.hidden import is_hidden, is_pale
from newsspider.pages.markup.hints import Hint, tag_hints
from newsspider.pages.markup.tag import Tag

BLOCK: Final = 0
BLOCK_END: Final = 1
INLINE: Final = 2
INLINE_END: Final = 3
LINK_END: Final = 4
SPACE: Final = 5
BREAK: Final = 6
LINK: Final = 7
IMAGE: Final = 8
SOURCE: Final = 9
ROOT: Final = 10
NOTHING: Final = 11
HIDDEN: Final = 12  # an inline element that is not shown
PALE: Final = 13  # an inline element in white

BLOCKS: Final = frozenset((
    "address", "article", "aside", "blockquote", "center", "dd", "details", "dialog", "dir", "div", "dl", "dt",
    "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hgroup",
    "legend", "li", "listing", "main", "menu", "nav", "ol", "p", "pre", "search", "section", "summary", "table",
    "caption", "tbody", "td", "tfoot", "th", "thead", "tr", "ul", "optgroup", "frameset",
))  # fmt: skip
VOID: Final = frozenset((
    "area", "base", "basefont", "bgsound", "col", "embed", "frame", "input", "keygen", "link", "meta", "param",
    "track", "wbr",
))  # fmt: skip
# Index among the blocks of what every page has, whether it is written or not.
ROOTS: Final = {"html": 0, "body": 1, "head": -1}
HEADINGS: Final = {f"h{level}": level for level in range(1, 7)}
# What an element is beside a block: 1 to 6 is the level of a heading.
KEEPS_BREAKS: Final = 7
TABLE: Final = 8
ROW: Final = 9
CELL: Final = 10
_RULES: Final = {
    **HEADINGS, "pre": KEEPS_BREAKS, "listing": KEEPS_BREAKS, "table": TABLE, "tr": ROW, "caption": ROW, "td": CELL,
    "th": CELL,
}  # fmt: skip
_KINDS: Final = {
    "a": LINK, "br": BREAK, "hr": BREAK, "img": IMAGE, "amp-img": IMAGE, "noscript-img": IMAGE, "source": SOURCE,
}  # fmt: skip
_INLINE_HINTS: Final = Hint.BYLINE | Hint.HIDDEN | Hint.CAPTION
# White space after these is no space: the line has ended or has not begun.
_UNSPACED: Final = frozenset((BLOCK, BLOCK_END, BREAK, ROOT))
_TAGS: Final = re.compile(r"<([^>]*)>([^<]*)")
_KEPT_BREAKS: Final = re.compile(r"white-space\s{0,3}:\s{0,3}(?:pre|break-spaces)", re.IGNORECASE)
MAX_TOKENS: Final = 50_000
MAX_CACHED: Final = 1_000

TagToken = tuple[int, Tag, int, int]


def tokenize(raw: str) -> TagToken:
    """Return (kind, tag, hints, what it is beside that or 0) of a tag without its angle brackets."""
    if raw[:1] == "/":
        return _end_kind(raw[1:]), Tag(raw, raw[1:]), 0, _RULES.get(raw[1:], 0)
    name = raw.partition(" ")[0]
    tag = Tag(raw, name)
    if raw[:1] in ("!", "?"):
        return NOTHING, tag, 0, 0
    if name in ROOTS:
        return ROOT, tag, tag_hints(tag), 0
    rule = _RULES.get(name, 0)
    if not rule and "white-space" in raw and _KEPT_BREAKS.search(raw):
        rule = KEEPS_BREAKS
    if name in BLOCKS:
        return BLOCK, tag, tag_hints(tag), rule
    if name in _KINDS or name in VOID:
        return _KINDS.get(name, NOTHING), tag, 0, 0
    if "=" not in raw:
        return INLINE, tag, Hint.BYLINE if name == "time" else 0, 0
    kind = HIDDEN if is_hidden(tag) else PALE if is_pale(tag) else INLINE
    return kind, tag, tag_hints(tag) & _INLINE_HINTS, rule


def _end_kind(name: str) -> int:
    if name in ROOTS:
        return NOTHING
    return BLOCK_END if name in BLOCKS else LINK_END if name == "a" else INLINE_END


def tokens_of(tags: str) -> list[TagToken]:
    """Return the tokens of tags with nothing but white space between them."""
    found = TAGS_CACHE.get(tags)
    if found is None:
        found = list(_tokens(tags))
        if len(tags) < MAX_CACHED:
            TAGS_CACHE[tags] = found
    return found


def _tokens(tags: str) -> Iterator[TagToken]:
    for raw, space in _TAGS.findall(tags):
        token = TOKEN_CACHE.get(raw)
        if token is None:
            token = tokenize(raw)
            if len(raw) < MAX_CACHED:
                TOKEN_CACHE[raw] = token
        if token[0] != NOTHING:
            yield token
        if space and token[0] not in _UNSPACED:
            yield _SPACED if "\n" not in space else (SPACE, Tag(space, ""), 0, 0)


def trim_caches() -> None:
    """Empty the caches that have grown too large."""
    for cache in (TAGS_CACHE, TOKEN_CACHE):
        if len(cache) > MAX_TOKENS:
            cache.clear()


_SPACED: Final[TagToken] = (SPACE, Tag(" ", ""), 0, 0)
# Source text of a tag -> its token, and of tags in a row -> theirs, shared by all pages: sites repeat their tags.
TOKEN_CACHE: Final[dict[str, TagToken]] = {}
TAGS_CACHE: Final[dict[str, list[TagToken]]] = {}
