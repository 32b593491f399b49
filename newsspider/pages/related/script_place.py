"""The empty element below a heading that a script fills with the block's links."""

from __future__ import annotations

import re
from itertools import islice
from typing import Final

from newsspider.pages.document import Block, Document, Line
from newsspider.pages.markup.tag import Tag

FILLED_BY_SCRIPT: Final = "a script fills it"
MAX_CLIMB: Final = 3
MAX_BLOCKS: Final = 12
MAX_WAITING: Final = 20
MAX_SCRIPT: Final = 200_000
_PLACES: Final = frozenset(("ul", "ol", "dl", "div", "section", "aside", "p", "table", "tbody"))
_LOADING: Final = re.compile(r"(?:正在|努力|拼命)?(?:加载|加載|载入|載入|读取)|请稍[候等]|請稍|loading", re.IGNORECASE)


def script_place(document: Document, heading: Line) -> Tag | None:
    """Return the start tag of the element that a script fills below a heading; None where there is none.

    It is empty or says that it is loading, and has an id, data for a script, or a class that a script of the page
    names.
    """
    lines, blocks = document.lines, document.blocks
    place = heading.block
    for _ in range(MAX_CLIMB + 1):
        if place <= 1:
            return None
        for block in islice(_inside(blocks, place), MAX_BLOCKS):
            if block.first <= heading.index <= block.last:
                continue
            if block.first <= heading.index and block.last >= block.first:
                continue  # before the heading
            shown = lines[block.first : block.last + 1]
            if any(line.anchors for line in shown):
                return None
            text = "".join(line.text for line in shown)
            if len(text) > MAX_WAITING or (text and not _LOADING.search(text)):
                return None
            if block.tag.name in _PLACES and (text or _is_for_script(document, block.tag)):
                return block.tag
        place = blocks[place].parent
    return None


def _inside(blocks: list[Block], place: int) -> list[Block]:
    """Return the blocks inside the block `place`, in document order."""
    found = []
    for block in islice(blocks, place + 1, place + 1 + 4 * MAX_BLOCKS):
        if block.parent < place:
            break
        found.append(block)
    return found


def _is_for_script(document: Document, tag: Tag) -> bool:
    attributes = tag.attributes
    if attributes.get("id") or any(name.startswith("data-") for name in attributes):
        return True
    names = (attributes.get("class") or "").split()
    scripts = [script.text[:MAX_SCRIPT] for script in document.source.scripts]
    return any(
        f".{name}" in script or f"'{name}'" in script or f'"{name}"' in script for name in names for script in scripts
    )
