"""The lines of a body as text and HTML, in step."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from newsspider.items import Image
from newsspider.pages.document import Document
from newsspider.pages.markup import line_html

# `1/10` in front of a gallery's caption
_COUNTER: Final = re.compile(r"\d{1,3}\s?/\s?\d{1,3}\s(?=\S{6})")


def rendered(document: Document, lines: Sequence[int], images: Mapping[int, list[Image]]) -> list[tuple[str, str]]:
    """Return (text, HTML) of each line with text; figures of lines without stand in front of the next one's HTML."""
    found: list[tuple[str, str]] = []
    waiting = ""
    all_lines = document.lines
    for line in [all_lines[index] for index in lines]:
        html = line_html(document, line, images.get(line.index, []))
        if not line.text:
            waiting += html
            continue
        counter = _COUNTER.match(line.text)
        if counter:
            html = html.replace(counter[0], "", 1)
        found.append((line.text[counter.end() if counter else 0 :], waiting + html))
        waiting = ""
    if waiting and found:
        text, html = found[-1]
        found[-1] = (text, html + waiting)
    return found
