"""The headline: what the page's headings, its title element and its metadata agree on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from newsspider.pages.byline.signatures import own_line_authors
from newsspider.pages.document import Document, Hint, Line
from newsspider.pages.markup.lines import part_starts
from newsspider.pages.markup.tag import Tag
from newsspider.text import fold, squeeze
from newsspider.text.names import looks_like_channel

MAX_TITLE: Final = 160
MIN_SHARED: Final = 4
_SEPARATOR: Final = re.compile(r"[|｜丨_\-–—―·•<>«»《》]")
_STRONG_SEPARATOR: Final = re.compile(r"\s*[|｜丨_]+\s*|\s*[-–—―]+\s*|\s*::\s*|\s*>>?\s*|\s+[·•»]\s+")
_TRAILING_SEPARATOR: Final = re.compile(r"[\s|｜丨_:：–—-]+\Z")
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
    r"(?:网|網|BBS|Blog\s?Archive|论坛|論壇|贴吧|报|報|新闻|新聞|频道|頻道|中心|在线|online|\.com|\.cn|资讯|首页|门户|新华|客户端|周刊|杂志|电视台|卫视|日报|晚报|社|站)$",
    re.I,
)
_BADGE: Final = re.compile(
    r"^[\[【]?(?:原创|原創|转载|轉載|独家|置顶|推荐|热|图文|快讯)[\]】]\s{0,3}|\s{0,3}[\[【(（]原创[\])】）]$"
)
_FOREIGN: Final = Hint.COMMENT | Hint.RELATED | Hint.FOOTER | Hint.NAV | Hint.AD
_LABEL: Final = re.compile(
    r"^[\W_]{0,2}(?:(?:主题|主題|标题|標題|[帖贴]子(?:主题|标题)|话题|题目)\s?[:：]|標題|标题)\s?(?=\S{4})"
)
# Boxes beside a weblog's entry.
MAX_BOX: Final = 10
_SENTENCE: Final = re.compile(r"[。，,;；]")
_BOX: Final = re.compile(
    r"(?:[Bb]log|博客|空间|网站|访问|本站)?统计|(?:随笔|文章|日志|我的|博文|相册|贴子)?(?:分类|檔案|档案|存档|归档|彙整)|(?:最新|最近|热门|推荐|近期)(?:评论|留言|文章|随笔|日志|博文|回复|主题)"
    r"|(?:阅读|评论|点击|推荐|浏览)排行榜?|友情[链連][接結]|个人(?:资料|简介|档案|信息)|博主(?:信息|简介)?|公告栏?|日历|标签云?|搜索|导航|关于我们?|留言板?|访客|积分与排名|常用链接|我的标签"
    r"|网站公告|站内搜索|用户登[录陆]|登录|注册"
)
_GLUED_BADGE: Final = re.compile(r"(?:原创|原創|转载|轉載|独家|獨家|置顶|荐|首发)\s{0,3}(?=\S{6})")
_TITLE_CLASS: Final = re.compile(
    r"title|headline|(?:^|[\s_-])(?:tit|bt|biaoti|tt|h1|hd_?tit)(?:$|[\s_\d-])", re.IGNORECASE
)
# What stands above and below a headline; digital newspapers have elements of that name: founder-subtitle.
_SUBTITLE_CLASS: Final = re.compile(
    r"(?:sub|intro|pre|shoulder|quote|kicker|fu|yin|jian)[_-]?tit|kicker|eyebrow", re.IGNORECASE
)
_BYLINE: Final = re.compile(
    r"\d{4}\s?[-/.年]\s?\d{1,2}\s?[-/.月]|民國\s?\d|\d{1,2}-\d{1,2}\s\d|\d{1,2}:\d{2}|(?:来源|來源|发布时间|作者|记者)\s?[:：]|[天时時分]前"
)
_NO_HEADLINE: Final = re.compile(
    r"[。；;]$|^(?:点击|點擊|浏览|瀏覽|阅读|閱讀|回复|回覆|查看|人气|人氣)\s?[:：]?\s?\d|^(?:来源|來源|作者|记者|記者|时间|時間|看板|发布|字号|当前|您|首页|编辑)|\d{4}[-/.年]\d{1,2}[-/.月]\d|[>＞»›]"
)
_CRUMBS: Final = ">＞»›〉"
# A forum's kind of post before the headline: [游记].
_KIND_OF_POST: Final = re.compile(r"[\[【(（〔][^\]】)）〕]{1,8}[\]】)）〕]")
# What digital papers put before the headline: 皖江日报--2018年09月12日--第03版：要闻--…
_ISSUE: Final = re.compile(
    r"\d{4}[年./]?\d{1,2}[月./]?\d{1,2}日?(?:星期.)?|\d{4,8}|[A-Z]?第?[A-Z]?\d{1,3}版?(?:[:：].{1,8})?|第?\d{1,5}期"
)
_MADE_WITH: Final = re.compile(r"powered\s?by\b", re.IGNORECASE)
_TIME_BEHIND: Final = re.compile(
    r"\s{0,3}[【\[(（]?\s?(?:(?:发布)?(?:时间|日期)\s?[:：]\s?)?(?:\d{4}\s?[-/.年]\s?\d{1,2}\s?[-/.月]\s?\d{1,2}|\d{1,2}:\d{2}).{0,60}$"
)
_LARGE: Final = re.compile(r"font-size\s{0,3}:\s{0,3}(?:1[89]|[2-4]\d)(?:\.\d{1,2})?\s?(?:px|pt)")
MAX_LOOKING: Final = 70
MIN_TITLE: Final = 8
# A headline is broken over so many lines at most.
MAX_ROWS: Final = 4
# A description no longer than this, without a sentence, is the headline once more.
MAX_DESCRIPTION: Final = 40
SLIPPED_IN: Final = 3
LOOKED_AT: Final = 14
MIN_LOOKS: Final = 2.5
BYLINE_REACH: Final = 2
GENERIC: Final = 6
_LEVELS: Final = (0.0, 3.0, 2.0, 1.5, 1.0, 0.8, 0.5)
AGREED_SCORE: Final = 6.0
LEAST_SCORE: Final = 2.5
# A title element no longer than this that ends like a site's name is one.
MAX_SITE: Final = 8


@dataclass(slots=True)
class Title:
    """The headline; `line` is the index of the line that shows it, None where only metadata have it.

    `candidates` are (text, score, method), best first.
    """

    text: str
    line: int | None
    method: str
    candidates: list[tuple[str, float, str]] = field(default_factory=list)


@dataclass(slots=True)
class _Candidate:
    line: Line
    score: float
    method: str
    distance: int

    @property
    def rank(self) -> tuple[float, int]:
        """Of sure candidates the first on the page wins, of others the nearest to the text."""
        return self.score, -self.line.index if self.score >= AGREED_SCORE else -self.distance


def find_title(document: Document, body: tuple[int, int] | None) -> Title:
    """Return the headline; its text is "" where a page has none."""
    declared = _declared(document)
    candidates = sorted(_candidates(document, declared, body), key=lambda candidate: candidate.rank, reverse=True)
    told = [(candidate.line.text, candidate.score, candidate.method) for candidate in candidates[:4]]
    if candidates and candidates[0].score >= LEAST_SCORE:
        return _shown(candidates[0], declared, told)
    text, method = _from_declared(document, declared)
    if not text and candidates:
        return _shown(candidates[0], declared, told)
    return Title(_BADGE.sub("", text), None, method, told)


def _shown(candidate: _Candidate, declared: dict[str, str], told: list[tuple[str, float, str]]) -> Title:
    """Return the title that a line shows, without a badge before what the head calls the title."""
    text = _LABEL.sub("", _BADGE.sub("", candidate.line.text))
    if badge := _GLUED_BADGE.match(text):
        rest = text[badge.end() :].strip()
        if any(fold(known).startswith(fold(rest)) for known in declared.values()):
            text = rest
    text = _without_elements(candidate.line, declared) or _alone(candidate.line, text, declared)
    return Title(text, candidate.line.index, candidate.method, told)


def _without_elements(line: Line, declared: dict[str, str]) -> str | None:
    """Return what of a headline's line the head declares, where the rest are elements: share words, badges, a node.

    None where the line is not made up so.
    """
    text = line.text
    places = {place for start, end, _ in [*line.marks, *line.formats] for place in (start, end)}
    places.update(place for _, start, end in line.anchors for place in (start, end))
    places.update(part_starts(line))
    known = {fold(part) for value in declared.values() for part in (value, strip_site(value)) if len(part) >= GENERIC}
    for place in sorted(places - {0, len(text)}):
        for part in (text[:place].strip(), text[place:].strip()):
            if len(part) >= GENERIC and fold(part) in known:
                return part
    return None


def _alone(line: Line, text: str, declared: dict[str, str]) -> str:
    """Return the headline without the breadcrumb before it or the time after it that its line also shows."""
    crumb = text[max(map(text.rfind, _CRUMBS)) + 1 :].strip() if line.linked else text
    if (
        crumb != text
        and len(crumb) >= GENERIC
        and any(fold(known).startswith(fold(crumb)) for known in declared.values())
    ):
        return crumb
    behind = _TIME_BEHIND.search(text)
    rest = text[: behind.start()] if behind else text
    if behind and len(rest) >= GENERIC and not any(fold(text) in fold(known) for known in declared.values()):
        return rest if any(fold(known).startswith(fold(rest)) for known in declared.values()) else text
    return text


def _candidates(document: Document, declared: dict[str, str], body: tuple[int, int] | None) -> Iterator[_Candidate]:
    """Yield the headings of the page, and lines before the text: those its head names or that look like one."""
    folded = {name: fold(text) for name, text in declared.items()}
    named = " ".join([*declared.values(), *folded.values()])
    headline = strip_site(declared.get("title", ""))
    lines = document.lines
    end = body[0] + 1 if body else len(lines)
    slipped_in = [line for line in lines[end : end + SLIPPED_IN] if not line.level and _is_named(line, folded)]
    for line in [*lines[:end], *slipped_in, *(line for line in lines[end:] if line.level in (1, 2))]:
        text = line.text
        if not 2 <= len(text) <= MAX_TITLE or line.hints & Hint.COMMENT:
            continue
        looks = _looks(document, line) if end - LOOKED_AT <= line.index < end else 0.0
        is_inside = len(headline) >= MIN_TITLE and headline in text
        if not line.level and text[:2] not in named and looks < MIN_LOOKS and not is_inside:
            continue
        if len(text) <= MAX_BOX and _BOX.fullmatch(text):
            continue
        if text[:4] in named:
            line = _with_next_rows(document, line, folded)
        score, method = _line_score(line, folded, end, looks)
        if is_inside and not score and len(text) <= 2 * len(headline):
            score, method = LEAST_SCORE + looks, "line around title"
        if score > 0:
            yield _Candidate(line, score, method, abs(end - line.index))


def _is_named(line: Line, folded: dict[str, str]) -> bool:
    """Return True if what the head calls the title begins with a line: below the byline, it was taken for text."""
    if not MIN_TITLE <= len(line.text) <= MAX_LOOKING:
        return False
    key = fold(line.text)
    return any(text.startswith(key) for text in folded.values())


def _looks(document: Document, line: Line) -> float:
    """Return how much a line looks like a headline: above the byline, called a title, large or bold as a whole."""
    text = line.text
    if len(text) > MAX_LOOKING or line.linked or _NO_HEADLINE.search(text) or own_line_authors(text):
        return 0.0
    block = document.blocks[line.block].tag
    score = 0.0
    if line.index + 1 < len(document.lines) and _has_byline_below(document, line.index):
        score += 2.0
    whole = [tag for start, end, tag in line.marks if end - start >= len(text) - 1]
    called = " ".join([f"{tag.name} {tag.names}" if "-" in tag.name else tag.names for tag in (block, *whole)])
    if _TITLE_CLASS.search(called) and not _SUBTITLE_CLASS.search(called):
        score += 2.0
    if any(end - start >= len(text) - 1 for start, end, _ in line.formats):
        score += 1.0
    if _is_large(block) or any(map(_is_large, whole)):
        score += 1.5
    return score + 0.5 if len(text) >= 8 else score


def _is_large(tag: Tag) -> bool:
    """Return True if an element sets its text larger than text is set."""
    if tag.name == "font" and (tag.get("size") or "0").lstrip("+") >= "4":
        return True
    return "font-size" in tag.raw and _LARGE.search(tag.raw) is not None


def _has_byline_below(document: Document, index: int) -> bool:
    """Return True if one of the next lines is a byline: short, with a day or a source's label."""
    seen = 0
    for line in document.lines[index + 1 : index + 5]:
        if line.text:
            seen += 1
            if len(line.text) <= 160 and _BYLINE.search(line.text):
                return True
        if seen == BYLINE_REACH:
            break
    return False


def _with_next_rows(document: Document, line: Line, folded: dict[str, str]) -> Line:
    """Return a headline broken over lines of one block, or over blocks in one, as one: the head has them together."""
    rows, key = [line], fold(line.text)
    for following in document.lines[line.index + 1 : line.index + MAX_ROWS]:
        longer = key + fold(following.text)
        is_beside = following.block == line.block or _parent(document, following) == _parent(document, line)
        if not (is_beside and following.text and len(following.text) <= MAX_TITLE // 2):
            break
        if not any(text.startswith(longer) and text != key for text in folded.values()):
            break
        rows.append(following)
        key = longer
    if len(rows) == 1:
        return line
    joined = Line(rows[-1].index, " ".join(row.text for row in rows), line.block, line.parts)
    joined.level, joined.linked, joined.anchors = line.level, line.linked, line.anchors
    joined.formats, joined.marks, joined.hints = line.formats, line.marks, line.hints
    return joined


def _parent(document: Document, line: Line) -> int:
    return document.blocks[line.block].parent


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
    description = document.meta.get("og:description") or document.meta.get("description", "")
    if MIN_TITLE <= len(description) <= MAX_DESCRIPTION and not _SENTENCE.search(description):
        found["description"] = description
    return found


def _line_score(line: Line, folded: dict[str, str], end: int, looks: float) -> tuple[float, str]:
    """Return (score, method) of a line as the headline: its level, its looks, and who agrees with it."""
    key = fold(line.text)
    if len(key) < 2:
        return 0.0, ""
    agreed, agreeing = max(((_agreement(key, text), name) for name, text in folded.items()), default=(0.0, ""))
    if not agreed and line.level and (kind := _KIND_OF_POST.match(key)):
        key = key[kind.end() :]
        agreed, agreeing = max(((_agreement(key, text), name) for name, text in folded.items()), default=(0.0, ""))
    if not agreed and not line.level and looks < MIN_LOOKS:
        return 0.0, ""
    score = _LEVELS[line.level] + agreed + looks
    if not agreed and any(_is_lesser_part(key, text) for text in folded.values()):
        score -= 3.0
    if line.linked and line.linked >= len(line.text) - 1:
        score -= 1.0
    if line.hints & _FOREIGN:
        score -= 3.0 if line.anchors else 1.5
    if line.hints & Hint.SIDE:
        score -= 1.0
    if line.index > end:
        score -= 1.5
    if not agreed and (len(key) < MIN_SHARED or (len(key) < GENERIC and not line.level)):
        score -= 2.0
    method = f"h{line.level}" if line.level else "line" if agreed else "looks"
    return score, f"{method} and {agreeing}" if agreed else method


def _agreement(key: str, text: str) -> float:
    """Return how far a declared title speaks for a line: the same, its beginning, its larger part, or cut."""
    if key == text:
        return 5.0 if len(key) >= GENERIC else 2.0
    if len(key) < 2 or len(text) < 2 or _is_lesser_part(key, text):
        return 0.0
    if text.startswith(key) and (len(key) >= MIN_SHARED or _SEPARATOR.match(text[len(key) :])):
        return 4.0 if len(key) >= 0.3 * len(text) else 2.5
    if _ends_reversed(key, text):
        return 4.0
    if len(key) >= MIN_SHARED and key in text and len(key) >= 0.4 * len(text):
        return 4.0 if text.endswith(key) and _SEPARATOR.match(text[-len(key) - 1]) else 3.5
    stem = text.rstrip(".…")
    return 3.0 if len(stem) >= 8 and len(stem) >= 0.5 * len(key) and stem in key else 0.0


def _is_lesser_part(key: str, text: str) -> bool:
    """Return True if a line is the last part of a declared title and the smaller: the name of site or channel."""
    is_end = 2 * len(key) <= len(text) and text.endswith(key) and _SEPARATOR.match(text[-len(key) - 1]) is not None
    return is_end and not _ends_reversed(key, text)


def _ends_reversed(key: str, text: str) -> bool:
    """Return True if a declared title is the site's name, the issue or the channel, and last the line: 某报-要闻-…"""
    if (
        not text.endswith(key)
        or len(key) < GENERIC
        or _SITE_WORDS.search(key)
        or not _SEPARATOR.match(text[-len(key) - 1])
    ):
        return False
    parts = [part for part in _SEPARATOR.split(text[: -len(key)]) if part]
    rest = [part for part in parts if not _SITE_WORDS.search(part)]
    return len(rest) < len(parts) and all(_ISSUE.fullmatch(part) or looks_like_channel(part) for part in rest)


def _from_declared(document: Document, declared: dict[str, str]) -> tuple[str, str]:
    """Return the headline from the head alone: what two of its texts share, else the title less its suffix."""
    headline = declared.get("json-ld") or declared.get("meta")
    title = declared.get("title")
    site = fold(document.meta.get("og:site_name", ""))
    if headline and title and len(title) <= MAX_SITE < len(headline) and _SITE_WORDS.search(title):
        title = None
    if headline and (not title or fold(headline) in fold(title) or fold(title) in fold(headline)):
        shorter = min((text for text in (headline, title) if text), key=len)
        return strip_site(shorter, site), "json-ld" if "json-ld" in declared else "meta"
    if title:
        return strip_site(title, site), "title"
    return (headline or ""), "meta" if headline else ""


def strip_site(title: str, site: str = "") -> str:
    """Return a title element's text without the names of site and channel around the headline."""
    title = _without_site(_TRAILING_SEPARATOR.sub("", title).strip(), site)
    parts = [part for part in _STRONG_SEPARATOR.split(title) if part.strip()]
    if len(parts) < 2:
        return title
    separators = list(_STRONG_SEPARATOR.finditer(title))
    longest = max(parts, key=len)
    last = parts[-1].strip()
    is_last = len(last) <= 10 and len(longest) >= 2 * len(last)
    is_last = is_last or ("::" in separators[-1][0] and len(longest) > len(last))
    if (site and fold(last) == site) or _SITE_WORDS.search(last) or is_last or _MADE_WITH.match(last):
        return strip_site(title[: separators[-1].start()].strip(), site)
    first = parts[0].strip()
    is_site = (site and fold(first) == site) or (_SITE_WORDS.search(first) and len(first) <= MAX_SITE)
    rest = title[separators[0].end() :].strip()
    if not first.isdigit() and _ISSUE.fullmatch(fold(first)) and len(rest) >= GENERIC:
        return strip_site(rest, site)
    if len(longest) > len(first) and (is_site or (looks_like_channel(first) and len(rest) >= MIN_TITLE)):
        return strip_site(rest, site)
    return title


def _without_site(title: str, site: str) -> str:
    """Return a title without ` @ ` and what stands after it, where that is the site's name."""
    head, mark, tail = title.rpartition(" @ ")
    return head.strip() if mark and site and fold(tail).startswith(site) and len(head) >= GENERIC else title
