"""Cleans articles: removes boilerplate lines, makes HTML safe, sets hash and language. Never drops an item."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from html import escape, unescape
from typing import Any, Final, Self

import nh3
from scrapy.crawler import Crawler

from newsspider.items import Article, Removed
from newsspider.pipelines.clean_html import is_plain, joined_rows
from newsspider.text import content_hash, language_of, squeeze
from newsspider.text.boilerplate import clean_lines

ALLOWED_TAGS: Final = {
    "p", "h1", "h2", "h3", "h4", "h5", "h6", "a", "b", "strong", "i", "em", "u", "s", "sub", "sup", "br", "code", "pre",
    "ul", "ol", "li", "dl", "dt", "dd", "blockquote", "figure", "figcaption", "img", "table", "caption", "thead",
    "tbody", "tfoot", "tr", "th", "td", "hr", "ruby", "rt",
}  # fmt: skip
ALLOWED_ATTRIBUTES: Final = {
    "a": {"href", "title"},
    "img": {"src", "alt", "width", "height"},
    "ol": {"start"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
}
FUTURE_TOLERANCE: Final = timedelta(days=1)
# Lone surrogates cannot be written as UTF-8, NUL and its kin have no place in text.
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
_ODD: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]")
_LINE_BREAK: Final = re.compile(r"\r\n?|[\x85\u2028\u2029]")
_TAG: Final = re.compile(r"<[^<>]{0,2000}>")
_LEADING_FIGURE: Final = re.compile(r"\s{0,4}<figure>\s{0,4}<img [^<>]{0,4000}>\s{0,4}</figure>")
_IMAGE_SOURCE: Final = re.compile(r'<img [^<>]{0,3000}?src="([^"]{1,2000})"')
_OUTER_TAG: Final = re.compile(r"\s{0,4}<(p|h[1-6]|blockquote)>")
_ANCHOR: Final = re.compile(r"<a [^<>]{0,2000}>(.{0,400}?)</a>")
_QUOTE_LINK: Final = re.compile(r"<a [^<>]{0,2000}>\s?\[股吧\]\s?</a>")
# A text cut after so many characters ends in the middle of a sentence, or in dots.
_BROKEN_OFF: Final = re.compile(r"[\w，、]\Z|(?:…|\.{3})\Z")
# A caption may say what the text says as well.
_CAPTION: Final = "<figcaption"
MIN_SUMMARY: Final = 24
_SUMMARY: Final = re.compile(
    r"[【\[]?(?:摘要|内容摘要|導讀|导读|导语|核心提示|内容提要|概要)[】\]]?\s?(?:[:：]\s?|【[^【】]{4,60}】)"
)
# Quotes that finance sites put after a company's name: price, change, per cent; [股吧]; (600000,股吧).
_QUOTE: Final = re.compile(
    r"\s?[(（]\s?-?\d{1,6}(?:\.\d{1,3})?\s?[,，]\s?[-+]?\d{1,6}(?:\.\d{1,3})?\s?[,，]\s?[-+]?\d{1,4}(?:\.\d{1,2})?%\s?[)）]"
    r"|\s?\[股吧\]|\s?[(（]\s?\d{5,6}\s?[,，]\s?股吧\s?[)）]"
)
_WITHOUT_IMAGES: Final = frozenset({"promotion", "related-heading", "related-link", "share", "disclaimer"})


@dataclass(slots=True)
class _Line:
    text: str
    html: str


def _printable(value: str) -> str:
    return value if value.isprintable() else _CONTROL.sub("", value)


def _without_odd(value: str) -> str:
    """Return `value` without control characters; line breaks other than the line feed become spaces."""
    if value.replace("\n", "").isprintable() or not _ODD.search(value):
        return value
    return _LINE_BREAK.sub(" ", _CONTROL.sub("", value))


def _lines(article: Article) -> list[_Line]:
    """Return text and HTML line by line; HTML with another number of lines is rebuilt from the text."""
    texts = _without_odd(article.text).split("\n")
    htmls = _without_odd(article.body_html).split("\n")
    if len(texts) != len(htmls):
        htmls = [f"<p>{escape(text, quote=False)}</p>" if text.strip() else "" for text in texts]
        article.methods["body_html"] = "text"
    return [_Line(text.strip(), html) for text, html in zip(texts, htmls, strict=True)]


def _drop_quotes(article: Article, lines: list[_Line]) -> None:
    """Remove injected quotes from sentences; a line's HTML is rebuilt unless the quote is one piece of it."""
    for line in lines:
        if "股吧" not in line.text and "%)" not in line.text and "%）" not in line.text:
            continue
        rest = _QUOTE.sub("", line.text)
        if rest == line.text:
            continue
        article.removed.append(Removed("stock-quote", "".join(found.strip() for found in _QUOTE.findall(line.text))))
        html = _QUOTE.sub("", _QUOTE_LINK.sub("", line.html))
        line.html = html if unescape(_TAG.sub("", html)).strip() == rest else _rewritten(line.html, rest)
        line.text = rest


def _is_link_line(line: _Line) -> bool:
    """Return True if the line holds links only, apart from bullets."""
    if "<a " not in line.html:
        return False
    linked = sum(len(unescape(_TAG.sub("", found[1])).strip()) for found in _ANCHOR.finditer(line.html))
    return linked >= max(1, len(line.text) - 4)


def _related_links(lines: list[_Line], taken: dict[int, tuple[str, str | None]]) -> None:
    """Remove the link lines right after a heading such as 相关阅读 (related reading) inside the body."""
    for index in [index for index, (rule_id, _) in taken.items() if rule_id == "related-heading"]:
        follower = index + 1
        while follower < len(lines) and (not lines[follower].text or _is_link_line(lines[follower])):
            if lines[follower].text:
                taken.setdefault(follower, ("related-link", None))
            follower += 1


def _summaries(article: Article, lines: list[_Line], taken: dict[int, tuple[str, str | None]]) -> None:
    """Take out a summary at the head that only repeats the text after it: labelled, or broken off."""
    captions = {image.caption for image in article.images if image.caption}
    for index, line in enumerate(lines[:4]):
        if _is_caption(line, captions):
            continue
        if found := _SUMMARY.match(line.text):
            opening = line.text[found.end() : found.end() + 30]
            if len(opening) >= 12 and any(opening in other.text for other in lines[index + 1 :]):
                taken.setdefault(index, ("summary", None))
    first = lines[0].text if lines and not _is_caption(lines[0], captions) else ""
    is_prose = len(first) >= MIN_SUMMARY and ("，" in first or "。" in first)
    is_broken = is_prose and _BROKEN_OFF.search(first, len(first) - 3) is not None
    if is_broken and any(first[:MIN_SUMMARY] in other.text for other in lines[1:4]):
        taken.setdefault(0, ("summary", None))
    if is_prose and _is_opening(first, (line.text for line in lines[1:] if line.text)):
        taken.setdefault(0, ("summary", None))


def _is_caption(line: _Line, captions: set[str]) -> bool:
    return _CAPTION in line.html or line.text in captions


def _is_opening(text: str, following: Iterable[str]) -> bool:
    """Return True if `text` is the beginning of the lines after it joined, of more than one."""
    rest = "".join(text.split()).rstrip(".…")
    for number, line in enumerate(following):
        key = "".join(line.split())
        if not rest.startswith(key):
            return number > 0 and key.startswith(rest)
        rest = rest[len(key) :]
        if not rest:
            return number > 0
    return False


def _shortened(line: _Line, rest: str) -> str:
    """Return the line's HTML for what remains of its text: cut if the trailer is one piece, else rebuilt."""
    trailer = escape(line.text[len(rest) :].strip(), quote=False)
    before, found, after = line.html.rpartition(trailer)
    if found and not _TAG.sub("", after).strip():
        return before.rstrip() + after
    return _rewritten(line.html, rest)


def _rewritten(html: str, text: str) -> str:
    """Return a line's figures and its outermost element with `text` alone."""
    figures = _figures(html)
    outer = _OUTER_TAG.match(html, len(figures))
    tag = outer[1] if outer else "p"
    return f"{figures}<{tag}>{escape(text, quote=False)}</{tag}>"


def _figures(html: str) -> str:
    """Return the figures without caption before a line."""
    end = 0
    while found := _LEADING_FIGURE.match(html, end):
        end = found.end()
    return html[:end]


def _apply(article: Article, lines: list[_Line], taken: dict[int, tuple[str, str | None]]) -> list[_Line]:
    """Return the kept lines; a figure before a removed line moves to the next one."""
    kept: list[_Line] = []
    carried = ""
    for index, line in enumerate(lines):
        rule_id, rest = taken.get(index, ("", line.text))
        if rule_id:
            article.removed.append(Removed(rule_id, line.text[len(rest or "") :].strip()))
        figures = _figures(line.html) if not rest else ""
        if rule_id == "placeholder":
            _caption(article, figures or (kept[-1].html if kept else ""), line.text)
        if rule_id in _WITHOUT_IMAGES and not rest:
            _forget_images(article, line.html)
        elif not rest:
            carried += figures
        else:
            html = _shortened(line, rest) if rule_id else line.html
            kept.append(_Line(rest, carried + html))
            carried = ""
    if carried and kept:
        kept[-1].html += carried
    return kept


def _caption(article: Article, html: str, text: str) -> None:
    """Make `（资料图）` (file photo) the caption of the picture above it, if that has none."""
    sources = {unescape(source) for source in _IMAGE_SOURCE.findall(html)}
    for image in article.images:
        if image.url in sources and image.caption is None:
            image.caption = text.strip("()（）[]【】 ")


def _forget_images(article: Article, html: str) -> None:
    sources = {unescape(source) for source in _IMAGE_SOURCE.findall(html)}
    article.images = [image for image in article.images if image.url not in sources]


def _safe(html: str) -> str:
    return nh3.clean(
        html,
        tags=ALLOWED_TAGS,
        clean_content_tags={"script", "style", "iframe", "object", "noscript", "template"},
        attributes=ALLOWED_ATTRIBUTES,
        url_schemes={"http", "https"},
        strip_comments=True,
        link_rel=None,
    )


def safe_html(html: str) -> str:
    """Return `html` with allowed tags and http(s) links only; the number of lines stays."""
    if is_plain(html):
        return html
    clean = _safe(html)
    if clean.count("\n") == html.count("\n"):
        return clean
    return "\n".join(_safe(line).replace("\n", " ") for line in html.split("\n"))


def _optional(value: str | None) -> str | None:
    return (squeeze(_printable(value)) or None) if value else None


def _clean_fields(article: Article) -> None:
    article.title = squeeze(_printable(article.title))
    article.source, article.editor = _optional(article.source), _optional(article.editor)
    article.section, article.source_trailer = _optional(article.section), _optional(article.source_trailer)
    article.authors = [name for raw in article.authors if (name := _optional(raw))]
    article.tags = [tag for raw in article.tags if (tag := _optional(raw))]
    for link in article.related:
        link.title = squeeze(_printable(link.title))
        link.short_title, link.snippet = _optional(link.short_title), _optional(link.snippet)
    for image in article.images:
        image.caption = _optional(image.caption)
    limit = article.fetched_at + FUTURE_TOLERANCE
    if article.published_at is not None and article.published_at > limit:
        article.removed.append(Removed("future-date", article.published_raw or article.published_at.isoformat()))
        article.published_at = article.published_raw = article.published_precision = None


def _is_title(line: str, title: str) -> bool:
    return len(line) <= len(title) + 4 and squeeze(line) == title


def clean_article(article: Article) -> Article:
    """Clean `article` in place and return it; a second cleaning changes nothing.

    Lines that are not part of the text go to `removed` with their rule; `text` and `body_html` keep the same lines.
    """
    _clean_fields(article)
    lines = _lines(article)
    _drop_quotes(article, lines)
    taken = {index: (rule_id, rest) for index, rule_id, rest in clean_lines([line.text for line in lines])}
    _related_links(lines, taken)
    _summaries(article, lines, taken)
    first = next((index for index, line in enumerate(lines) if line.text), None)
    if first is not None and len(lines) > 1 and _is_title(lines[first].text, article.title):
        taken.setdefault(first, ("title", None))
    kept = _apply(article, lines, taken)
    article.text = "\n".join(line.text for line in kept)
    article.body_html = safe_html(joined_rows(line.html for line in kept))
    article.language = language_of(f"{article.title}\n{article.text}") or article.language
    article.content_hash = content_hash(article.title, article.text)
    return article


class CleanPipeline:
    """Runs `clean_article` on every article and counts removed lines per rule (`clean/removed/<rule>`)."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_item(self, item: Any) -> Any:
        if isinstance(item, Article):
            known = len(item.removed)
            item = clean_article(item)
            for removed in item.removed[known:]:
                self.crawler.stats.inc_value(f"clean/removed/{removed.rule}")
        return item
