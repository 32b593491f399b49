"""Judgements from the URL alone: likelihood of an article, URL pattern, date."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import urlsplit

from newsspider.urls.hosts import mirror_host

_DATE = re.compile(
    r"(?<!\d)(?:19[89]\d|20[0-4]\d)(?:([-/_]?)(?:0[1-9]|1[0-2])(?:[-/_]?(?:0[1-9]|[12]\d|3[01]))?"
    r"|[-/]\d{1,2}[-/]\d{1,2})(?!\d)"
)
_DIGITS = re.compile(r"\d+")
_LONG_DIGITS = 5
_STATIC_LEAF = re.compile(
    r"\.(?:css|js|mjs|json|map|xml|rss|atom|txt|jpe?g|png|gif|webp|svg|ico|bmp|avif|mp4|m3u8|ts|flv|avi|mov|mp3|wav"
    r"|m4a|pdf|docx?|xlsx?|pptx?|zip|rar|7z|gz|tar|exe|msi|dmg|apk|ipa|swf|woff2?|ttf|eot|csv)\Z",
    re.I,
)
_SERVICE_SEGMENT = re.compile(
    r"/(?:login|logout|signin|signup|register|passport|user|users|member|account|search|so|tags?|topics?|cart|comments?"
    r"|reply|feedback|sharer?|sharearticle|vote|survey|print|download|apps?|client|subscribe|about|aboutus|terms|policy|agreement|contact|contactus|copyright"
    r"|privacy|help|faq|jobs?|sitemap|rss|feed|authors?|columnists?|reporters?|calendar|redirect|links?|go|out|goto|jump|click"
    r"|ads?|advert|api|static|assets|css|js|images?|img|upload|rili|mail|bbs|guestbook|zhaopin)(?=[/.?]|[_\-]\d|\Z)",
    re.I,
)
_MEMBER_PAGE = re.compile(
    r"/space-u\w+-|/(?:u|space|profile|home|member|user)\.php\?(?:\w+=space|uid|username|mod=space)", re.I
)
_LISTING_LEAF = re.compile(
    r"(?:^|/)(?:(?:index|default|home|main|lists?|more|page|p|channel|column|node|category|cat|roll|scroll)"
    r"(?:[_\-]?\d{1,4})*|news(?:[_\-]\d{1,2})?)(?:\.\w+)?/?\Z",
    re.I,
)
_LISTING_PATH = re.compile(
    r"/(?:page|lists?|category|cat|tags?|channels?|columns?|sections?|lanmu|pindao|zt|zhuanti|specials?|subjects?)/[\w\-]{1,20}/?\Z|/p/\d{1,3}/?\Z",
    re.I,
)
_ARTICLE_WORDS = re.compile(
    r"(?:^|[/_\-=])(?:content|article|articles|archives?|detail|details|view|show|story|newsdetail|newsinfo|art|arc|post|read|doc"
    r"|a|c)(?=[/_\-.=]|\d)",
    re.I,
)
_ARTICLE_QUERY = re.compile(
    r"(?:^|&)(?:\w*(?:news|article|art|content|doc|info|story|post)_?id|id|aid|nid|tid|sn|docno|guid)=[\w\-]{2,}",
    re.I,
)
_LISTING_QUERY = re.compile(
    r"(?:^|&)(?:page|p|pn|pageno|page_no|pageindex|paged|offset|start|q|kw|keyword|wd|query|sort|order|filter|tag"
    r"|cat|catid|category|channel|column|node|date|day|month|year)=",
    re.I,
)
_LISTING_PROGRAM = re.compile(
    r"/(?:more|lists?|categor|cat|class|channel|column|sort|search|tag)\w*\.(?:php|aspx?|jsp|do)\Z", re.I
)
_CMS_SHOW = re.compile(r"(?:^|&)(?:a|act|action|mod|do|op)=(?:show|view|detail|article|read|content)(?:&|\Z)", re.I)
_CMS_LIST = re.compile(r"(?:^|&)(?:a|act|action|mod|do|op)=(?:lists?|index|init|search|category|login)(?:&|\Z)", re.I)
_KEY_TOKEN = re.compile(r"(?=[A-Za-z]*\d)(?=\d*[A-Za-z])[A-Za-z0-9]{8,}\Z")
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.I)
_SLUG = re.compile(r"[A-Za-z0-9%]+(?:[-_][A-Za-z0-9%]+){3,}\Z")
_YEAR_LEAF = re.compile(r"/(?:19[89]\d|20[0-4]\d)/?\Z")
# /2026/11/a-name/ and /2026/11/25/%E5%90%8D/, as WordPress writes them; never /2026/11/ or /2026/11/page/2/
_DATED_NAME = re.compile(
    r"/(?:19[89]\d|20[0-4]\d)/(?:0?[1-9]|1[0-2])(?:/(?:0?[1-9]|[12]\d|3[01]))?/(?!page/|feed|amp/)[^/\d][^/]{2,300}/\Z"
)
_LEAF_EXTENSION = re.compile(r"\.(?:s?html?|php|aspx?|jsp|do|xhtml|cgi)\Z", re.I)


@lru_cache(maxsize=20_000)
def article_likelihood(url: str, *, is_own_host: bool = False) -> float:
    """Return how much `url` alone looks like one article: 0 (file, login, search) to 1, without having fetched it.

    `is_own_host`: the page that links to it is on the same host, so that bbs.example.com is no other service.
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return 0.0
    path, query = parts.path, parts.query
    if parts.scheme not in ("http", "https") or _STATIC_LEAF.search(path):
        return 0.0
    if not is_own_host and _SERVICE_SEGMENT.match("/" + parts.netloc.partition(".")[0]):
        return 0.02
    if _MEMBER_PAGE.search(url):
        return 0.02
    score = 0.1 if _LISTING_PROGRAM.search(path) else _query_score(query)
    if score is None:
        score = _path_score(path)
        if query and _LISTING_QUERY.search(query):
            score = min(score, 0.15)
    if _SERVICE_SEGMENT.search(path):
        score *= 0.4 if _DATE.search(path) or _last_number(path) >= _LONG_DIGITS else 0.1
    return round(score, 3)


def _query_score(query: str) -> float | None:
    """Return the likelihood that the parameters decide by themselves, None where the path has to."""
    if not query:
        return None
    if _CMS_LIST.search(query):
        return 0.05
    if _CMS_SHOW.search(query) and _ARTICLE_QUERY.search(query):
        return 0.9
    if _ARTICLE_QUERY.search(query):
        return 0.6 if _LISTING_QUERY.search(query) else 0.75
    return None


def _path_score(path: str) -> float:
    leaf = path.rsplit("/", 1)[-1]
    stem = _LEAF_EXTENSION.sub("", leaf)
    has_extension = stem != leaf
    if path in ("", "/"):
        return 0.02
    if _LISTING_LEAF.search(path) or _LISTING_PATH.search(path) or _YEAR_LEAF.search(path):
        return 0.06
    if not leaf:
        return _folder_score(path)
    has_date = _DATE.search(path) is not None
    digits = _last_number(path)
    if has_date and (has_extension or digits):
        is_bare_date = _DATE.search(stem) is not None and _DATE.sub("", stem).strip("/-_") == ""
        return 0.25 if is_bare_date else 0.95
    if digits >= _LONG_DIGITS:
        return 0.9 if has_extension or _ARTICLE_WORDS.search(path) else 0.75
    if _UUID.search(stem) or _KEY_TOKEN.match(stem):
        return 0.85 if has_extension else 0.7
    if digits:
        return 0.75 if _ARTICLE_WORDS.search(path) else 0.6 if has_extension else 0.4
    if _SLUG.match(stem):
        return 0.65
    return 0.25 if has_extension else 0.1


def _folder_score(path: str) -> float:
    """Return the likelihood of a path that ends in a slash: mostly a channel, at times /2023/08/06/123456/."""
    last = path.rstrip("/").rsplit("/", 1)[-1]
    if last.isdigit() and len(last) >= _LONG_DIGITS and not _DATE.fullmatch(last):
        return 0.75
    if _UUID.search(last) or _KEY_TOKEN.match(last):
        return 0.6
    if _DATED_NAME.search(path):
        return 0.75
    if last.isdigit() and len(last) > 2 and _ARTICLE_WORDS.search(path):
        return 0.6
    return 0.55 if _SLUG.match(last) else 0.06


def _last_number(path: str) -> int:
    """Return the length of the longest run of digits in the last segment, a date in it left out."""
    stem = _LEAF_EXTENSION.sub("", path.rstrip("/").rsplit("/", 1)[-1])
    runs = _DIGITS.findall(_DATE.sub("", stem))
    return max(map(len, runs), default=0)


@lru_cache(maxsize=50_000)
def url_pattern(url: str) -> str:
    """Return the pattern of a URL: `a.example/c/{date}/content_{id}.html`.

    `{date}`, `{n}` up to four digits, `{id}` longer ones, `{key}` letters mixed with digits, `{slug}` hyphened words,
    `{text}` percent-encoded words; parameters sorted, their values abstracted the same way.
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    path = _DATE.sub("{date}", parts.path)
    shaped = "/".join(_pattern_segment(segment) for segment in path.split("/"))
    query = "&".join(sorted(_pattern_parameter(pair) for pair in parts.query.split("&") if pair))
    return f"{mirror_host(parts.netloc.lower())}{shaped}{f'?{query}' if query else ''}"


def _pattern_segment(segment: str) -> str:
    if not segment or segment.isalpha():
        return segment
    stem = _LEAF_EXTENSION.sub("", segment)
    extension = segment[len(stem) :]
    if "{date}" not in stem and not stem.isdigit():
        if _UUID.fullmatch(stem) or _KEY_TOKEN.match(stem):
            return "{key}" + extension
        if "%" in stem:
            return "{text}" + extension
        if _SLUG.match(stem) and sum(part.isdigit() for part in re.split("[-_]", stem)) < 2:
            return "{slug}" + extension
    return _DIGITS.sub(_pattern_digits, stem) + extension


def _pattern_digits(match: re.Match[str]) -> str:
    return "{id}" if len(match[0]) >= _LONG_DIGITS else "{n}"


def _pattern_parameter(pair: str) -> str:
    name, _, value = pair.partition("=")
    if value.isdigit():
        return f"{name}={{n}}"
    is_word = value.isascii() and value.isalpha() and len(value) <= 12
    return f"{name}={value}" if is_word else f"{name}={{v}}"


def url_date(url: str) -> tuple[int, int, int | None] | None:
    """Return (year, month, day or None) written in the path, `/2023/0806/` or `t20230806_1.html`; None without one."""
    match = _DATE.search(urlsplit(url).path) if _DATE.search(url) else None
    if match is None:
        return None
    numbers = re.findall(r"\d+", match[0])
    digits = "".join(number if len(number) > 1 else "0" + number for number in numbers)
    day = int(digits[6:8]) if len(digits) >= 8 else None
    month = int(digits[4:6])
    return (int(digits[:4]), month, day) if 1 <= month <= 12 and (day is None or 1 <= day <= 31) else None
