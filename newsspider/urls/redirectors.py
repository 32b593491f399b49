"""Redirectors: URLs whose query names the page that they send their visitor to (`/go?url=%2Fnews%2F7.html`)."""

from __future__ import annotations

import base64
import binascii
import contextlib
import re
from typing import Final
from urllib.parse import unquote_plus, urlsplit

from newsspider.urls.canonical import resolve
from newsspider.urls.hosts import registered_domain

_TARGET_NAME: Final = re.compile(
    r"(?:(?:target|to|go|goto|jump|redirect|redir|dest|destination|out|real|link|news|article|full|page|return|forward)?"
    r"_?(?:url|uri|link|href)|u|target|to|goto|jump|redirect(?:_?to)?|redir|dest|destination|location)\Z",
    re.IGNORECASE,
)
# what the path of such a page is called; a page of another name may need its parameter for something else
_REDIRECTOR: Final = re.compile(
    r"(?:^|[/_.\-])(?:go|goto|to|jump|jumpto|redirect|redir|redirector|link|links|out|outlink|leave|url|r|t|turn|tiao|tiaozhuan"
    r"|click|transfer|forward|visit|open|target|location)(?:[/_.\-]|\Z)",
    re.IGNORECASE,
)
_BASE64: Final = re.compile(r"[A-Za-z0-9+/_\-]{12,}={0,2}\Z")
_ENCODED_TIMES: Final = 2


def redirect_target(url: str) -> str | None:
    """Return the absolute URL of the same site that a redirector's query names; None for any other URL.

    The value may be a whole URL or a path, percent-encoded up to twice, or in Base64.
    """
    parts = urlsplit(url)
    if not parts.query or not _REDIRECTOR.search(parts.path or "/"):
        return None
    for pair in parts.query.split("&"):
        name, _, raw = pair.partition("=")
        if not raw or not _TARGET_NAME.match(name):
            continue
        target = next(filter(None, (_absolute(url, value) for value in _readings(raw))), None)
        if target and registered_domain(target) == registered_domain(url) and target != url:
            return target
    return None


def _readings(raw: str) -> list[str]:
    """Return what a parameter's value may stand for, the least decoded first."""
    found = [raw]
    for _ in range(_ENCODED_TIMES):
        found.append(unquote_plus(found[-1]))
    if _BASE64.match(found[-1]):
        padded = found[-1].translate(str.maketrans("-_", "+/")).rstrip("=")
        with contextlib.suppress(binascii.Error, ValueError):
            found.append(base64.b64decode(padded + "=" * (-len(padded) % 4), validate=True).decode("ascii"))
    return found


def _absolute(base: str, value: str) -> str | None:
    return resolve(base, value) if value.startswith(("http://", "https://", "/")) else None
