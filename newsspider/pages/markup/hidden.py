"""Text that no reader sees: noise that pages put between the words of a text, against copying and for search engines.

Only inline elements are judged here. A hidden block may hold the text itself, shown later by a script.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from newsspider.pages.markup.tag import Tag

# Values are compared in lower case and without white space.
_HIDING: Final = re.compile(
    r"""(?:^|;)(?:
      display:none | visibility:(?:hidden|collapse) | content-visibility:hidden
    | opacity:(?:0(?:\.0\d*)?|\.0\d*|0%)(?![\d.%])
    | font(?:-size)?:(?:[^;]*[^\d.;])?(?:0(?:\.\d+)?|\.\d+|1)(?:px|pt|em|rem|%|/|;|!|$)
    | (?:left|right|top|bottom|text-indent|margin(?:-left|-top|-right)?|letter-spacing):-\d{3,}
    | clip:rect\((?:0|1)(?:px)?[, ] | clip-path:(?:inset\((?:50|100)% | circle\(0)
    | (?:max-)?(?:width|height):0(?:px)?(?![\d.%a-z])(?=.*overflow:hidden)
    | transform:scale[xy]?\(0\)
    )""",
    re.VERBOSE,
)
_EMPTY_BOX: Final = re.compile(r"overflow:hidden.*(?:^|;)(?:max-)?(?:width|height):0(?:px)?(?![\d.%a-z])")
_FONT_SIZE: Final = re.compile(r"(?:^|;)font(?:-size)?:[^;]*?(?<![\d.])(?:0?\.\d+|1)(?:em|rem)")
# Names that style sheets in common use (Bootstrap, Tailwind, WordPress, Drupal, Discuz) give to what they hide.
_HIDING_NAMES: Final = frozenset((
    "jammer", "hidden", "hide", "sr-only", "visually-hidden", "visuallyhidden", "d-none", "invisible", "is-hidden",
    "u-hidden", "screen-reader-text", "element-invisible", "a11y-hidden", "display-none",
))  # fmt: skip
_WHITE: Final = re.compile(
    r"(?:#fff(?:f|fff|ffff|fffff)?|white|transparent|rgba?\(255,255,255(?:,[\d.]+)?\)|rgba\(\d+,\d+,\d+,0(?:\.0+)?\))(?![\w.])"
)
_COLOR: Final = re.compile(r"(?:^|;)color:([^;!]+)")
_BACKGROUND: Final = re.compile(r"(?:^|;)background(?:-color)?:([^;!]+)")
_COMMENT: Final = re.compile(r"/\*[^*]*+(?:\*(?!/)[^*]*+)*+(?:\*/|\Z)")
# Declarations that may hide, each begun by a literal: that is found ten times as fast as one pattern of them all.
_MAY_HIDE: Final = tuple(map(re.compile, (
    r"display\s*:\s*none", r"visibility\s*:\s*[hc]", r"opacity\s*:\s*[.0]", r"font-size\s*:\s*[.01]",
    r"clip(?:-path)?\s*:", r"text-indent\s*:\s*-", r"left\s*:\s*-\d", r"top\s*:\s*-\d", r"scale\(0",
    r"color\s*:\s*(?:#f|white|transp|rgb)",
)))  # fmt: skip
_SELECTOR: Final = re.compile(r"(?:[\w.#-]++[ >]++)*+([a-z]*+)[.#]([\w-]++)")
_NAME: Final = re.compile(r"[.#]([\w-]+)")
_INLINE_NAMES: Final = frozenset(("", "a", "b", "em", "font", "i", "label", "s", "small", "span", "strong", "u"))
MAX_STYLE: Final = 300_000


def is_hidden(tag: Tag) -> bool:
    """Return True if an inline element is not shown, by its attributes alone."""
    raw = tag.raw
    if "hidden" in raw and tag.get("hidden") is not None:
        return True
    if "class=" in raw and not _HIDING_NAMES.isdisjoint((tag.get("class") or "").lower().split()):
        return True
    return "style=" in raw and _hides(_compact(tag.get("style") or ""))


def is_pale(tag: Tag) -> bool:
    """Return True if an inline element's text is white or transparent: not to be seen beside text that is."""
    if "color" not in tag.raw:
        return False
    style = _compact(tag.get("style") or "")
    color = _COLOR.search(style)
    shown = color[1] if color else _compact(tag.get("color") or "")
    return _WHITE.fullmatch(shown) is not None and "background" not in style


def _compact(style: str) -> str:
    return "".join(style.lower().split())


def _hides(style: str) -> bool:
    if _HIDING.search(style) and not _FONT_SIZE.search(style):
        return True
    if "overflow:hidden" in style and _EMPTY_BOX.search(style):
        return True
    color, background = _COLOR.search(style), _BACKGROUND.search(style)
    return color is not None and background is not None and color[1] == background[1]


@dataclass(frozen=True, slots=True)
class HiddenName:
    """A class or id that a style sheet hides, or sets in white, where the page has the `others` of its selector."""

    others: tuple[str, ...]
    is_pale: bool


def hidden_names(styles: Iterable[str]) -> dict[str, HiddenName]:
    """Return the classes and ids of inline elements that the page's own style sheets hide.

    Names are in lower case. Rules of `@media` count for other screens and are passed over.
    """
    found: dict[str, HiddenName] = {}
    for style in styles:
        found |= _hidden_in(style[:MAX_STYLE])
    return found


@lru_cache(maxsize=256)
def _hidden_in(style: str) -> dict[str, HiddenName]:
    text = _COMMENT.sub("", style).lower()
    starts = {text.rfind("{", 0, found.start()) for pattern in _MAY_HIDE for found in pattern.finditer(text)}
    found: dict[str, HiddenName] = {}
    depth = last = 0
    for start in sorted(starts - {-1}):
        depth += text.count("{", last, start) - text.count("}", last, start)
        last = start
        begin = max(text.rfind("{", 0, start), text.rfind("}", 0, start)) + 1
        end = text.find("}", start)
        if not depth:
            found.update(_hidden_by(text[begin:start], "".join(text[start + 1 : end].split())))
    return found


def _hidden_by(selectors: str, values: str) -> Iterator[tuple[str, HiddenName]]:
    color = _COLOR.search(values)
    is_hiding = _hides(values)
    is_white = color is not None and _WHITE.fullmatch(color[1]) is not None and "background" not in values
    if is_hiding or is_white:
        for selector in selectors.split(","):
            last = _SELECTOR.fullmatch(" ".join(selector.split()))
            if last and last[1] in _INLINE_NAMES:
                others = tuple(name for name in _NAME.findall(selector) if name != last[2])
                yield last[2], HiddenName(others, not is_hiding)
