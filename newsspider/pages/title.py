"""The headline: what the page's headings, its title element and its metadata agree on."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from newsspider.pages.document import Document, Hint, Line
from newsspider.text import fold, squeeze

MAX_TITLE: Final = 160
MIN_SHARED: Final = 4
_SEPARATOR: Final = re.compile(r"\s*[|｜丨_]+\s*|\s+[-–—―]+\s+|[-–—―]{1,3}|\s{2,}|\s?[<>«»《》]\s?|\s*[·•]\s*|\s")
_STRONG_SEPARATOR: Final = re.compile(r"\s*[|｜丨_]+\s*|\s*[-–—―]+\s*|\s*::\s*|\s*>>?\s*|\s+[·•]\s+")
_META_TITLE: Final = (
    "og:title",
    "twitter:title",
    "articletitle",
    "article:title",
    "title",
    "headline",
    "dc.title",
    "name",
)
_SITE_WORDS: Final = re.compile(
    r"(?:网|網|报|報|新闻|新聞|频道|頻道|中心|在线|online|\.com|\.cn|资讯|首页|门户|新华|客户端|周刊|杂志|电视台|卫视|日报|晚报|社|站)$",
    re.I,
)
_BADGE: Final = re.compile(
    r"^[\[【]?(?:原创|原創|转载|轉載|独家|置顶|推荐|热|图文|快讯)[\]】]\s{0,3}|\s{0,3}[\[【(（](?:图|圖|组图|多图|图文|原创)[\])】）]$"
)
_FOREIGN: Final = int(Hint.COMMENT | Hint.RELATED | Hint.FOOTER | Hint.NAV | Hint.AD)
_SENTENCE: Final = re.compile(r"。")


@dataclass(slots=True)
class Title:
    """The headline; `line` is the index of the line that shows it, None where only metadata have it."""

    text: str
    line: int | None
    method: str
    candidates: list[tuple[str, float, str]] = field(default_factory=list)


def find_title(document: Document, body: tuple[int, int] | None) -> Title:
    """Return the headline; its text is "" where a page has none."""
    declared = _declared(document)
    folded = {name: fold(text) for name, text in declared.items()}
    tag = folded.get("title", "")
    scored: list[tuple[float, int, str, str]] = []
    end = body[0] + 1 if body else len(document.lines)
    for line in document.lines:
        if not 2 <= len(line.text) <= MAX_TITLE or line.hints & Hint.COMMENT:
            continue
        if line.index >= end and not line.level:
            continue
        score, method = _line_score(line, folded, tag, end)
        if score > 0:
            scored.append((score, -abs(end - line.index), line.text, method))
            scored[-1] = (
                score,
                -line.index if score >= 6 else -abs(end - line.index),
                line.text,
                f"{line.index}|{method}",
            )
    found: list[tuple[str, float, str]] = []
    if scored:
        scored.sort(reverse=True)
        found = [(text, score, method.partition("|")[2]) for score, _, text, method in scored[:4]]
        top = scored[0]
        if top[0] >= 3:
            index, _, method = top[3].partition("|")
            return Title(_BADGE.sub("", top[2]), int(index), method, found)
    text, method = _from_declared(document, declared)
    if not text and scored:
        index, _, method = scored[0][3].partition("|")
        return Title(_BADGE.sub("", scored[0][2]), int(index), method, found)
    return Title(_BADGE.sub("", text), None, method, found)


def _declared(document: Document) -> dict[str, str]:
    """Return method -> what the head calls the title, white space squeezed."""
    found: dict[str, str] = {}
    if document.title_tag:
        found["title"] = document.title_tag
    for key in _META_TITLE:
        if value := document.meta.get(key):
            found.setdefault("meta", value)
            break
    for node in document.json_ld:
        headline = node.get("headline")
        if isinstance(headline, str) and headline.strip():
            found["json-ld"] = squeeze(headline)
            break
    return found


def _line_score(line: Line, folded: dict[str, str], tag: str, end: int) -> tuple[float, str]:
    """Return (score, method) of a line as the headline: its level, and who agrees with it."""
    key = fold(line.text)
    if len(key) < 2:
        return 0.0, ""
    score = {1: 3.0, 2: 2.0, 3: 1.5, 4: 1.0, 5: 0.8, 6: 0.5}.get(line.level, 0.0)
    method = f"h{line.level}" if line.level else "line"
    agreed = 0.0
    if len(key) >= MIN_SHARED or line.level == 1:
        for name, text in folded.items():
            if key == text:
                agreed = max(agreed, 5.0)
            elif text.startswith(key) and len(key) >= 0.3 * len(text):
                agreed = max(agreed, 4.0)
            elif key in text and len(key) >= 0.4 * len(text):
                agreed = max(agreed, 3.5)
            elif len(text) >= 8 and text.rstrip(".…") in key and len(text) >= 0.5 * len(key):
                agreed = max(agreed, 3.0)
            else:
                continue
            method = f"{method} and {name}" if " and " not in method else method
    score += agreed
    if line.links and line.linked >= len(line.text) - 1:
        score -= 1.0
    if line.hints & _FOREIGN:
        score -= 3.0
    if line.hints & Hint.SIDE:
        score -= 1.0
    if line.index > end:
        score -= 1.5
    if not line.level and not agreed:
        return 0.0, ""
    if len(key) < MIN_SHARED and not agreed:
        score -= 2.0
    return score, method


def _from_declared(document: Document, declared: dict[str, str]) -> tuple[str, str]:
    """Return the headline from the head alone: what two of its texts share, else the title less its suffix."""
    headline = declared.get("json-ld") or declared.get("meta")
    title = declared.get("title")
    site = fold(document.meta.get("og:site_name", ""))
    if headline and (not title or fold(headline) in fold(title) or fold(title) in fold(headline)):
        shorter = min((text for text in (headline, title) if text), key=len)
        return strip_site(shorter, site), "json-ld" if "json-ld" in declared else "meta"
    if title:
        return strip_site(title, site), "title"
    return (headline or ""), "meta" if headline else ""


def strip_site(title: str, site: str = "") -> str:
    """Return a title element's text without the names of site and channel around the headline."""
    parts = [part for part in _STRONG_SEPARATOR.split(title) if part.strip()]
    if len(parts) < 2:
        return title.strip()
    ends = [found.end() for found in _STRONG_SEPARATOR.finditer(title)]
    starts = [found.start() for found in _STRONG_SEPARATOR.finditer(title)]
    longest = max(parts, key=len)
    last = parts[-1].strip()
    if (site and fold(last) == site) or _SITE_WORDS.search(last) or (len(last) <= 10 and len(longest) >= 2 * len(last)):
        return strip_site(title[: starts[-1]].strip(), site)
    first = parts[0].strip()
    if (site and fold(first) == site) or (_SITE_WORDS.search(first) and len(first) <= 8 and len(longest) > len(first)):
        return strip_site(title[ends[0] :].strip(), site)
    return title.strip()
