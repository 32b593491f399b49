"""What tags, classes and ids say of the lines inside an element, and when to disbelieve them."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, Final

from newsspider.pages.markup.tag import MAX_NAMES, Tag


class Hint:
    """Bits of `Line.hints`: words of a page's authors, not always true. Plain integers: they are tested everywhere."""

    COMMENT: Final = 1
    RELATED: Final = 2
    FOOTER: Final = 4
    NAV: Final = 8
    BYLINE: Final = 16
    SIDE: Final = 32
    SHARE: Final = 64
    HIDDEN: Final = 128
    ARTICLE: Final = 256
    AD: Final = 512
    CAPTION: Final = 1024


# What stands beside an article rather than in it.
SIDE_CONTENT: Final = Hint.NAV | Hint.FOOTER | Hint.RELATED | Hint.COMMENT | Hint.SIDE
_TAG_HINTS: Final[dict[str, int]] = {
    "nav": Hint.NAV,
    "footer": Hint.FOOTER,
    "aside": Hint.SIDE,
    "figcaption": Hint.CAPTION,
    "article": Hint.ARTICLE,
    "time": Hint.BYLINE,
}
# Class and id words as authors of pages choose them; English, and pinyin where it is common.
_CLASS_HINTS: Final[tuple[tuple[int, re.Pattern[str]], ...]] = (
    (
        Hint.COMMENT,
        re.compile(r"comment|gentie|pinglun|liuyan|disqus|changyan|(?:^|[\s_-])(?:cmt|reply|replies)", re.I),
    ),
    (
        Hint.RELATED,
        re.compile(
            r"relat(?:ed?|ive|ion)|relevant|recommend|tuijian|xiangguan|guess|also-?like|more-?news|hot-?news|tjyd|xgyd"
            r"|xgxw|(?:^|[\s_-])(?:rank|ranking|hotlist|hot-?list)(?:$|[\s_-])",
            re.I,
        ),
    ),
    (Hint.FOOTER, re.compile(r"(?:^|[\s_-])foot|footer|copyright|beian|friend-?link|banquan", re.I)),
    (
        Hint.NAV,
        re.compile(
            r"(?:^|[\s_-])page(?:$|\s)|(?:^|[\s_-])(?:nav|navi|menu|crumbs?|topbar|top-?bar|pager|pagination|paging|position|location)(?:$|[\s_-])"
            r"|navbar|navigat|breadcrumb|bread-crumb|mianbao|dropdown|page-?nav|pagebar|pagelist",
            re.I,
        ),
    ),
    (
        Hint.BYLINE,
        re.compile(
            r"source|author|byline|pub-?time|pubdate|publish|laiyuan|post-?time|date|(?:^|[\s_-])(?:time|info|meta|from"
            r"|origin|editor|msg|sub|tit_info|xinxi)(?:$|[\s_\d-])|(?:art|article|news|title|page)[_-]?(?:info|meta|time)",
            re.I,
        ),
    ),
    (
        Hint.SIDE,
        re.compile(
            r"side-?bar|(?:^|[\s_-])(?:side|aside|right|rightbar|col-?r|r-?col|right-?col|fr|sidenav|rside|rightside)"
            r"(?:$|[\s_-])",
            re.I,
        ),
    ),
    (
        Hint.SHARE,
        re.compile(r"share|bdsharebuttonbox|jiathis|social|qrcode|qr-?code|erweima|ewm|(?:^|[\s_-])tool", re.I),
    ),
    (
        Hint.AD,
        re.compile(r"(?:^|[\s_-])(?:ads?|advert\w*|gg|guanggao|adsense|promo\w*|sponsor\w*)(?:$|[\s_\d-])", re.I),
    ),
    (
        Hint.CAPTION,
        re.compile(
            r"caption|pic-?(?:desc|text|info|intro|title)|img-?(?:desc|text|info|intro|title|note)"
            r"|pictext|picintro|tuzhu|zhushi",
            re.I,
        ),
    ),
    (
        Hint.ARTICLE,
        re.compile(
            r"(?:article|art|news|post|entry|detail|main|page|text|content|story|rich_media)[_-]?(?:content|con|body|text"
            r"|txt|detail|main|article|area|inner|box)|TRS_Editor|(?:^|[\s_-])(?:content|article|zoom|detail|endtext|text"
            r"|post_text|neirong|zhengwen|artibody|vsb_content)(?:$|[\s_\d-])|articleBody",
            re.I,
        ),
    ),
)
_HIDDEN_STYLE: Final = re.compile(r"display\s{0,3}:\s{0,3}none|visibility\s{0,3}:\s{0,3}hidden", re.I)
# A container of this share of a page's prose is the page, whatever it is called.
_WHOLE_SHARE: Final = 0.5
# Comments may outweigh the text; then the text stands in front of them.
_LITTLE: Final = 0.02
_FOREIGN: Final = 0xFFFF & ~Hint.ARTICLE
# So many lines are marked one by one; the marks of longer spans are counted where these begin and end.
_SHORT: Final = 12


def tag_hints(tag: Tag) -> int:
    """Return the hints of an element by its name, class, id and style."""
    hints = _TAG_HINTS.get(tag.name, 0)
    raw = tag.raw
    if raw == tag.name:
        return hints
    if names := tag.names:
        hints |= class_hints(names)
    if "hidden" in raw and tag.get("hidden") is not None:
        hints |= Hint.HIDDEN
    if "style" in raw and _HIDDEN_STYLE.search(tag.get("style") or ""):
        hints |= Hint.HIDDEN
    if tag.get("itemprop") == "articleBody":
        hints |= Hint.ARTICLE
    return hints


@lru_cache(maxsize=20_000)
def class_hints(names: str) -> int:
    """Return the hints of an element's class and id, both in one string."""
    found = 0
    for hint, pattern in _CLASS_HINTS:
        if pattern.search(names[:MAX_NAMES]):
            found |= hint
    return found


def apply_hints(lines: list[Any], spans: list[tuple[int, int, int]]) -> None:
    """Give lines the hints of the elements around them, but for those of an element that holds half of the prose.

    A span is (first line, last line, hints).
    """
    total = 0
    before = [0]
    for line in lines:
        text = line.text
        if len(text) >= 24:
            plain = len(text) - line.linked
            if plain >= 24 and ("，" in text or "。" in text or ", " in text):
                total += plain
        before.append(total)
    count = len(lines)
    changes: list[tuple[int, int, int]] = []
    for first, last, hints in spans:
        last = min(last, count - 1)
        is_whole = total and before[last + 1] - before[first] > _WHOLE_SHARE * total
        if is_whole and (before[first] <= _LITTLE * total or not hints & Hint.COMMENT):
            hints &= ~_FOREIGN
        if last - first < _SHORT:
            for line in lines[first : last + 1]:
                line.hints |= hints
            continue
        while hints:
            bit = hints & -hints
            changes += (first, bit, 1), (last + 1, bit, -1)
            hints ^= bit
    _mark(lines, sorted(changes))


def _mark(lines: list[Any], changes: list[tuple[int, int, int]]) -> None:
    """Set bits on the lines between the places where their elements begin and end: (line, bit, 1 or -1)."""
    depths: dict[int, int] = {}
    bits = begun = 0
    for place, bit, change in changes:
        if bits and place > begun:
            for line in lines[begun:place]:
                line.hints |= bits
        begun = place
        depths[bit] = depth = depths.get(bit, 0) + change
        bits = bits | bit if depth > 0 else bits & ~bit
