"""What each tag means for the walk, read once for equal tags: whether it opens or ends a block, a link, or is text."""

from __future__ import annotations

import re
from typing import Final

from newsspider.pages.markup.hints import Hint, tag_hints
from newsspider.pages.markup.nesting import BLOCKS, KEEPS_BREAKS, OPENINGS, ROOTS, SKIPPED, VOID, Opening
from newsspider.pages.markup.tag import Tag, is_open

BLOCK: Final = 0
BLOCK_END: Final = 1
LINK: Final = 2
LINK_END: Final = 3
INLINE: Final = 4
INLINE_END: Final = 5
BREAK: Final = 6
IMAGE: Final = 7
ROOT: Final = 8
SKIP: Final = 9
TEXT: Final = 10
NOTHING: Final = 11
_KINDS: Final = {"a": LINK, "br": BREAK, "hr": BREAK, "img": IMAGE, "amp-img": IMAGE, "image": IMAGE}
_INLINE_HINTS: Final = Hint.BYLINE | Hint.HIDDEN | Hint.CAPTION
_NAME: Final = re.compile(r"/?([A-Za-z][^\s/>]*)")
_KEPT_BREAKS: Final = re.compile(r"white-space\s{0,3}:\s{0,3}(?:pre|break-spaces)", re.IGNORECASE)
_TAG_ENDS: Final = frozenset(("", ">", " ", "/", "\n", "\t", "\r"))
# A tag may be cut so often by a `<` or `>` inside its quoted values.
MAX_CUTS: Final = 40
MAX_KNOWN: Final = 50_000
MAX_CACHED: Final = 1_000

TagToken = tuple[int, Tag, int, Opening | None]


def read(raw: str) -> TagToken:
    """Return (kind, tag, hints, what it does beside opening) of a tag as it is written."""
    found = _NAME.match(raw)
    if found is None:  # `<!DOCTYPE>`, `<?xml ?>` and `</ >` are nothing, `3<5` is text
        return (NOTHING if raw[:1] in ("!", "?", "/") else TEXT), Tag(raw, ""), 0, None
    name = found[1].lower()
    tag = Tag(raw, name)
    if raw[0] == "/":
        return _end_kind(name), tag, 0, None
    if name in ROOTS:
        return ROOT, tag, tag_hints(tag), None
    if name in BLOCKS:
        is_kept = "white-space" in raw and _KEPT_BREAKS.search(raw) is not None
        return BLOCK, tag, tag_hints(tag), KEEPS_BREAKS if is_kept else OPENINGS.get(name)
    if name in _KINDS or name in VOID:
        return _KINDS.get(name, NOTHING), tag, 0, None
    if name in SKIPPED:
        return SKIP, tag, 0, None
    return INLINE, tag, tag_hints(tag) & _INLINE_HINTS if "=" in raw or name == "time" else 0, None


def _end_kind(name: str) -> int:
    if name in ROOTS or name in VOID:  # text behind an early `</html>` belongs to the page
        return NOTHING
    return BLOCK_END if name in BLOCKS else BREAK if name == "br" else LINK_END if name == "a" else INLINE_END


def whole(raw: str, closed: str, text: str, pieces: list[str], index: int) -> tuple[str, str, int]:
    """Return (tag, text behind it, index of the next piece), the tag whole where a quoted value holds `<` or `>`."""
    if (raw.count('"') % 2 == 0 and "'" not in raw and closed) or not is_open(raw):
        return raw, text, index
    joined, rest, place = raw + closed, text, index
    for _ in range(MAX_CUTS):
        more, closed, behind = rest.partition(">")
        if closed and not is_open(joined + more):
            return joined + more, behind, place
        if closed:
            joined, rest = joined + more + closed, behind
        elif place < len(pieces):
            rest = f"{rest}<{pieces[place]}"
            place += 1
        else:
            break
    return raw, text, index


def end_of(name: str, pieces: list[str], index: int) -> int:
    """Return the place of the end tag of an element whose content begins at `index`, -1 where it is never closed."""
    depth, size = 1, len(name)
    for place in range(index, len(pieces)):
        head = pieces[place][: size + 2].lower()
        if head.startswith("/"):
            depth -= head[1 : size + 1] == name and head[size + 1 :] in _TAG_ENDS
            if not depth:
                return place
        else:
            depth += head[:size] == name and head[size : size + 1] in _TAG_ENDS
    return -1


LINK_TAG: Final = Tag("a", "a")
A_LINK: Final[TagToken] = (LINK, LINK_TAG, 0, None)
# Tag as it is written -> its reading, shared by all pages of the process: sites repeat their tags.
KNOWN: Final[dict[str, TagToken]] = {}
