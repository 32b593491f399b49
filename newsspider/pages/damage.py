"""Signs that a page was cut off or damaged on its way: a server that hangs up, a proxy that loses bytes.

HTML lets a page end without its end tags, and pages hold stray control characters of their own: a sign is a reason to
ask again, and what comes again as it was is the page.
"""

from __future__ import annotations

import re
from typing import Final

# a question mark within words; so many, in so few characters, stand for what an encoding has no character for
_QUESTIONED: Final = re.compile(r"(?<=[\u4e00-\u9fff])\?(?=[\u4e00-\u9fff])")
MOST_QUESTIONED: Final = 3
CHARACTERS_EACH: Final = 40
# the start tag stands there from the first bytes on
HEAD: Final = 4_000
_OPENED: Final = re.compile(r"<(?:html|body)[\s>]", re.IGNORECASE)
_CLOSED: Final = re.compile(r"</(?:html|body)\s*>", re.IGNORECASE)
# what no text holds: control characters, and what stands for bytes that are no character
_LOST: Final = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f\ufffd]")


def has_lost_characters(html: str) -> bool:
    """Return True if `html` holds control characters or bytes that are no character of its encoding."""
    return _LOST.search(html) is not None


def is_questioned(text: str) -> bool:
    """Return True if question marks stand in place of characters of `text`."""
    found = len(_QUESTIONED.findall(text))
    return found > MOST_QUESTIONED and found * CHARACTERS_EACH > len(text)


def is_cut_off(html: str) -> bool:
    """Return True if `html` opens html or body and closes neither."""
    if "</html>" in html or "</body>" in html:
        return False
    return _OPENED.search(html, 0, HEAD) is not None and _CLOSED.search(html) is None
