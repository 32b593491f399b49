"""The pictures of a body: lazy attributes first, icons and codes left out, captions as printed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from newsspider.items import Image
from newsspider.pages.document import Document, Hint, Line
from newsspider.pages.markup.tag import Tag
from newsspider.urls import resolve

MIN_PIXELS: Final = 60
MAX_CAPTION: Final = 120
MAX_CENTRED: Final = 60
# `<p class="x">` is the shortest tag with a class.
MIN_CLASSED: Final = 12
# Attributes that hold the picture while `src` holds a placeholder: the best known, then whatever is named like them.
_LAZY: Final = (
    "data-original", "data-src", "data-lazy-src", "data-lazyload", "data-echo", "data-actualsrc", "data-url",
    "data-original-src", "data-ks-lazyload", "original", "_src", "lazy-src", "file", "zoomfile",
)  # fmt: skip
_LAZY_NAME: Final = re.compile(r"(?:src|original|orig|lazy|real|echo|defer|file|hd|url|big|full|large|image|img|pic)")
_NO_LAZY_NAME: Final = re.compile(
    r"srcset|href|link|share|thumb|avatar|class|style|title|alt|^on|^src$|^data-source-\d$"
)
_SOURCE_SETS: Final = re.compile(r"srcset$|^data-source-\d$")
# Of an address in lower case: ignoring case costs ten times as much.
_NO_PICTURE: Final = re.compile(
    r"qr-?code|erweima|ewm|2wm|barcode|/icons?/|[/_-]icon[_.-]|logo|avatar|touxiang|blank\.|pixel|spacer|loading|lazy|placeholder"
    r"|grey\.|transparent|/emoji|/smil(?:ey|ies)|btn[_-]|button|share[_-]|(?:weixin|wechat)[^/]*$|1x1|dot\.gif|default[_-]?(?:img|pic)|/ads?/"
)
# Addresses of pictures that stand where another is to be loaded.
_PLACEHOLDER: Final = re.compile(
    r"blank|pixel|spacer|loading|lazy|placeholder|gr[ae]y\.|transparent|1x1|dot\.gif|default[_-]?(?:img|pic)|space\.gif"
    r"|/(?:[a-z0-9]{1,2}|none|default|no_?pic|empty|load|null)\.(?:gif|png|svg)$"
)
_URL: Final = re.compile(r"\s*(?:https?:)?/[^\s,]{3,600}\s*\Z")
# One address of a source set with its width; addresses may hold commas, but not at their end.
_SET_PART: Final = re.compile(r"[^\s,]\S*[^\s,](?:\s+[\d.]+[wxh])*")
_PICTURE: Final = re.compile(r"^[^\s,]{3,600}\.(?:jpe?g|png|webp|gif|avif|bmp)(?:[?!@#]|$)", re.I)
_CODE_ALT: Final = re.compile(r"二维码|二維碼|扫码|公众号|logo|头像|图标|點擊|点击", re.I)
_CAPTION_LINE: Final = re.compile(
    r"^[▲△↑▼【\[]|^[(（](?!.{2,12}[讯訊电電][)）])|图[为：:\s/片]|圖[為：:\s/片]"
    r"|(?:摄影|攝影|摄|攝|供图|供圖|图源|資料圖|资料图|图据|图片来源|新华社发|中新社发|[\s/／][图圖])[)）】〕\]]?$"
)
_CAPTION_CLASS: Final = re.compile(
    r"caption|(?:pic|picture|img|image|photo|figure|tu)s?[-_]?(?:desc|text|txt|info|intro|title|note|word|shuo|zhu|zs)"
    r"|zhushi",
    re.I,
)
_CENTRED: Final = re.compile(r"text-align\s{0,2}:\s{0,2}center|align\s{0,2}=\s{0,2}[\"']?center", re.I)
_SMALL_OR_GREY: Final = re.compile(
    r"font-size\s{0,2}:\s{0,2}(?:9|1[0-3])(?:\.\d{1,2})?px|color\s{0,2}[:=]\s{0,2}[\"']?"
    r"(?:#(?P<grey>[5-9a-b][0-9a-f])(?P=grey)(?P=grey)|#([5-9a-b])\2\2\b|gr[ae]y"
    r"|rgb\(\s?(?P<part>1[0-7]\d|9\d|8\d)\s?,\s?(?P=part)\s?,\s?(?P=part))",
    re.I,
)
_IN_CELL: Final = frozenset({"td", "p", "div", "center"})
_PIXELS: Final = re.compile(r"^\s*(\d{1,5})(?:px)?\s*$")


def image_address(image: Tag, base_url: str) -> str | None:
    """Return the absolute address of an img element, the lazy one where it has one; None for an icon or a code."""
    for name in ("width", "height"):
        found = _PIXELS.match(image.get(name) or "")
        if found and 0 < int(found[1]) < MIN_PIXELS:
            return None
    if _CODE_ALT.search(image.get("alt") or ""):
        return None
    for value in _candidates(image):
        url = resolve(base_url, value)
        if url:
            return None if _NO_PICTURE.search(url.lower()) else url
    return None


def _candidates(image: Tag) -> Iterator[str]:
    """Yield the addresses of a picture, the likeliest first: known lazy ones, `src`, other attributes, source sets."""
    attributes = image.attributes
    for name in _LAZY:
        value = attributes.get(name, "").strip()
        if value and not value.startswith("data:") and ("/" in value or "." in value):
            yield value
    source = attributes.get("src", "").strip()
    if source and not source.startswith("data:") and not _PLACEHOLDER.search(source.lower()):
        yield source
    others = {name: value.strip() for name, value in attributes.items() if _PICTURE.search(value.strip())}
    for name, value in others.items():
        if _LAZY_NAME.search(name) and not _NO_LAZY_NAME.search(name):
            yield value
    sets = (value for name, value in attributes.items() if _SOURCE_SETS.search(name))
    for value in sets:
        parts = [part.split() for part in _SET_PART.findall(value)]
        if parts and not parts[0][0].startswith("data:"):
            yield max(parts, key=_width)[0]
    yield from [value for name, value in others.items() if name.startswith("data-")]
    for name, value in attributes.items():
        if _LAZY_NAME.search(name) and not _NO_LAZY_NAME.search(name) and _URL.match(value):
            yield value
    if source and not source.startswith("data:"):
        yield source


def _width(part: list[str]) -> float:
    try:
        return float(part[1][:-1]) if len(part) > 1 else 0.0
    except ValueError:
        return 0.0


def body_images(document: Document, lines: list[int]) -> dict[int, list[Image]]:
    """Return line index -> its pictures, with captions: figcaption, the caption line under it, or its alt text."""
    found: dict[int, list[Image]] = {}
    known: set[str] = set()
    all_lines = document.lines
    before = None  # the URL of the picture before, for which a noscript element may hold another
    for position, index in enumerate(lines):
        line = all_lines[index]
        if not line.images or line.hints & (Hint.SHARE | Hint.AD):
            continue
        for image in line.images:
            is_copy = before is not None and image.name == "noscript-img"
            before = url = None if is_copy else image_address(image, document.base_url)
            if url and url not in known:
                known.add(url)
                found.setdefault(index, []).append(Image(url, _caption(document, image, lines, position)))
    return found


def _caption(document: Document, image: Tag, lines: list[int], position: int) -> str | None:
    """Return the caption on the picture's own line, on the next one, or its alternative text where that is one."""
    line = document.lines[lines[position]]
    if line.text and len(line.text) <= MAX_CAPTION and _CAPTION_LINE.search(line.text):
        return line.text
    following = document.lines[lines[position + 1]] if position + 1 < len(lines) else None
    if following and following.text and len(following.text) <= MAX_CAPTION and _is_caption(document, line, following):
        return following.text
    alt = (image.get("alt") or "").strip()
    return alt if 4 <= len(alt) <= MAX_CAPTION and not alt.isascii() and not _is_headline(document, alt) else None


def _is_caption(document: Document, picture: Line, line: Line) -> bool:
    """Return True if the line behind a picture's belongs to it, by its element, words, place or looks."""
    if line.images or line.level:
        return False
    tag = document.blocks[line.block].tag
    return (
        bool(line.hints & Hint.CAPTION)
        or tag.name in ("figcaption", "center")
        or (len(tag.raw) > MIN_CLASSED and _CAPTION_CLASS.search(tag.names) is not None)
        or _CAPTION_LINE.search(line.text) is not None
        or _is_small_and_centred(tag, line)
        or _is_in_its_table(document, picture, line)
    )


def _is_small_and_centred(tag: Tag, line: Line) -> bool:
    """Return True if a line is set as captions are: centred, and all of it small or grey."""
    if len(line.text) > MAX_CENTRED or line.text[-1] in "。！？":
        return False
    if not _CENTRED.search(tag.raw):
        return False
    whole = [mark.raw for start, end, mark in line.marks if end - start >= len(line.text) - 2]
    return any(_SMALL_OR_GREY.search(raw) for raw in (tag.raw, *whole))


def _is_in_its_table(document: Document, picture: Line, line: Line) -> bool:
    """Return True if picture and line alone fill a table: one laid out to hold a picture and its caption."""
    if picture.text or document.blocks[picture.block].tag.name not in _IN_CELL:
        return False
    table = next((block for block in document.around(picture.block) if block.tag.name == "table"), None)
    return table is not None and table.first >= picture.index and table.last == line.index == picture.index + 1


def _is_headline(document: Document, text: str) -> bool:
    return text in (document.title_tag or "") or text in document.meta.get("og:title", "")
