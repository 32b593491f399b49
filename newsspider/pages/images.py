"""The pictures of a body: lazy attributes first, icons and codes left out, captions as printed."""

from __future__ import annotations

import re
from typing import Any, Final

from newsspider.items import Image
from newsspider.pages.document import Document, Hint
from newsspider.urls import resolve

MIN_PIXELS: Final = 60
MAX_CAPTION: Final = 120
_LAZY: Final = (
    "data-original", "data-src", "data-lazy-src", "data-lazyload", "data-echo", "data-actualsrc", "data-url",
    "data-original-src", "data-ks-lazyload", "original", "_src", "lazy-src", "file", "zoomfile", "src",
)  # fmt: skip
_NO_PICTURE: Final = re.compile(
    r"qr-?code|erweima|ewm|2wm|barcode|/icons?/|[/_-]icon[_.-]|logo|avatar|touxiang|blank\.|pixel|spacer|loading|lazy|placeholder"
    r"|grey\.|transparent|/emoji|/smil(?:ey|ies)|btn[_-]|button|share[_-]|weixin|wechat|1x1|dot\.gif|default[_-]?(?:img|pic)|/ads?/",
    re.I,
)
_CODE_ALT: Final = re.compile(r"二维码|二維碼|扫码|公众号|logo|头像|图标|點擊|点击", re.I)
_CAPTION_LINE: Final = re.compile(
    r"^[▲△↑▼(（【\[]|图[为：:\s/片]|圖[為：:\s/片]|(?:摄影|摄|攝|供图|图源|资料图|图据|图片来源|新华社发|中新社发)[)）】\]]?$|[。\s](?:[^。\s]{2,12})[摄攝]$"
)
_PIXELS: Final = re.compile(r"^\s*(\d{1,5})(?:px)?\s*$")


def image_address(image: Any, base_url: str) -> str | None:
    """Return the absolute address of an img element, the lazy one where it has one; None for an icon or a code."""
    for name in ("width", "height"):
        found = _PIXELS.match(image.get(name) or "")
        if found and 0 < int(found[1]) < MIN_PIXELS:
            return None
    if _CODE_ALT.search(image.get("alt") or ""):
        return None
    for name in _LAZY:
        value = image.get(name)
        if not value or value.startswith("data:"):
            continue
        url = resolve(base_url, value)
        if url and (name == "src" or "." in url.rpartition("/")[2] or "/" in value):
            return None if _NO_PICTURE.search(url) else url
    if sources := image.get("data-srcset") or image.get("srcset"):
        largest = max((part.split() for part in sources.split(",") if part.strip()), key=_width)
        url = resolve(base_url, largest[0])
        return url if url and not _NO_PICTURE.search(url) else None
    return None


def _width(part: list[str]) -> float:
    try:
        return float(part[1][:-1]) if len(part) > 1 else 0.0
    except ValueError:
        return 0.0


def body_images(document: Document, lines: list[int]) -> dict[int, list[Image]]:
    """Return line index -> its pictures, with captions: figcaption, the caption line under it, or its alt text."""
    found: dict[int, list[Image]] = {}
    known: set[str] = set()
    for position, index in enumerate(lines):
        line = document.lines[index]
        if not line.images or line.hints & (Hint.SHARE | Hint.AD):
            continue
        for image in line.images:
            url = image_address(image, document.base_url)
            if url and url not in known:
                known.add(url)
                found.setdefault(index, []).append(Image(url, _caption(document, image, lines, position)))
    return found


def _caption(document: Document, image: Any, lines: list[int], position: int) -> str | None:
    own = document.lines[lines[position]].text
    if own and len(own) <= MAX_CAPTION and _CAPTION_LINE.search(own):
        return own
    if position + 1 < len(lines):
        following = document.lines[lines[position + 1]]
        is_marked = following.hints & Hint.CAPTION or document.blocks[following.block].tag.name in (
            "figcaption",
            "center",
        )
        if (
            following.text
            and len(following.text) <= MAX_CAPTION
            and (is_marked or _CAPTION_LINE.search(following.text))
        ):
            return following.text
    alt = (image.get("alt") or "").strip()
    return alt if 4 <= len(alt) <= MAX_CAPTION and not alt.isascii() else None
