"""Which elements are lines of their own, which are not shown, and which end others that a page leaves open.

After the tree construction of the HTML Living Standard (13.2.6), in as far as it decides what stands in what.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

SKIPPED: Final = frozenset((
    "noscript", "template", "svg", "select", "object", "canvas", "audio", "video", "applet", "map", "math", "datalist",
))  # fmt: skip
BLOCKS: Final = frozenset((
    "html", "body", "address", "article", "aside", "blockquote", "center", "dd", "details", "dialog", "dir", "div",
    "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header",
    "hgroup", "legend", "li", "main", "menu", "nav", "ol", "p", "pre", "section", "summary", "table", "caption",
    "tbody", "td", "tfoot", "th", "thead", "tr", "ul", "optgroup", "frameset", "head",
))  # fmt: skip
VOID: Final = frozenset((
    "area", "base", "basefont", "bgsound", "col", "embed", "frame", "input", "keygen", "link", "meta", "param",
    "source", "track", "wbr",
))  # fmt: skip
# Place among the blocks of what every page has, whether it is written or not.
ROOTS: Final = {"html": 0, "body": 1, "head": -1}
HEADINGS: Final = {f"h{level}": level for level in range(1, 7)}
# Their end tags are found even behind a block that they were opened outside of.
FORMATTING: Final = frozenset((
    "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u",
))  # fmt: skip
_LIST_PASSED: Final = frozenset(("address", "div", "p"))
_CELLS: Final = frozenset(("td", "th", "caption"))
_SECTIONS: Final = frozenset(("tbody", "thead", "tfoot", "caption"))
_TABLE_PARTS: Final = _CELLS | _SECTIONS | {"tr"}
_TABLE: Final = frozenset(("table",))
_SCOPE: Final = _CELLS | _TABLE


@dataclass(frozen=True, slots=True)
class Opening:
    """What a start tag does beside opening its element.

    It ends the nearest of `closed`, looked for through `passed` (None: anything) up to `stops`; `level` is that of a
    heading; inside an element that keeps its breaks the line breaks of the source are shown.
    """

    closed: frozenset[str] = frozenset()
    passed: frozenset[str] | None = frozenset()
    stops: frozenset[str] = _TABLE
    level: int = 0
    keeps_breaks: bool = False

    def place(self, names: list[str]) -> int:
        """Return where among the open elements the one to be ended stands, -1 for none."""
        for place in range(len(names) - 1, 0, -1):
            name = names[place]
            if name in self.closed:
                return place
            if name in self.stops or (self.passed is not None and name not in self.passed):
                return -1
        return -1


KEEPS_BREAKS: Final = Opening(keeps_breaks=True)
OPENINGS: Final[dict[str, Opening]] = {
    "li": Opening(frozenset(("li",)), _LIST_PASSED),
    **dict.fromkeys(("dd", "dt"), Opening(frozenset(("dd", "dt")), _LIST_PASSED)),
    **dict.fromkeys(("td", "th"), Opening(_CELLS, None, _TABLE | {"tr"})),
    "tr": Opening(frozenset(("tr", "caption")), None, _TABLE | _SECTIONS - {"caption"}),
    **dict.fromkeys(_SECTIONS, Opening(_SECTIONS, None)),
    **{name: Opening(frozenset(HEADINGS), level=level) for name, level in HEADINGS.items()},
    "pre": KEEPS_BREAKS,
}


def end_place(name: str, names: list[str]) -> int:
    """Return where among the open elements the one that an end tag closes stands, -1 where it closes none.

    A cell keeps what was opened outside of it open.
    """
    stops = _TABLE if name in _TABLE_PARTS else _SCOPE if name != "table" else frozenset[str]()
    for place in range(len(names) - 1, 0, -1):
        found = names[place]
        if found == name:
            return place
        if found in stops:
            return -1
    return -1
