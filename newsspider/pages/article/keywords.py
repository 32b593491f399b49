"""The tags that a page shows under 标签, 关键词 or Tags; metadata only where it shows no such line."""

from __future__ import annotations

import re
from itertools import islice
from typing import Final

from newsspider.pages.document import Document, Hint, Line
from newsspider.pages.markup.tag import value_of

MAX_TAGS: Final = 30
MAX_TAG: Final = 20
# Tags without a label have so many characters on average at most.
MAX_MEAN: Final = 9
MIN_HEADLINE: Final = 8
# Weblogs set each tag as an h3.
MAIN_LEVELS: Final = 2
MAX_SITE: Final = 12
_LABEL: Final = re.compile(
    r"(?:(?:本文|文章|相关|相關|关联|關聯)?(?:标签|標籤|标籤|關鍵字|关键词|關鍵詞|关键字|主题词|热词搜索)|(?:相关|相關|关联|關聯)(?:话题|話題)|TAGS?|Tags?"
    r"|tags?)\s{0,2}(?P<colon>[:：丨|])?\s{0,2}",
    re.ASCII,
)
_LABEL_STARTS: Final = frozenset("本文相标標關关主热Tt")
# What stands behind these labels in the same line is no tag.
_ORIGIN: Final = re.compile(
    r"(?:来源|來源|出处|作者|记者|責編|责编|编辑)\s?[:：]\s?$|(?:分类|分類|栏目|欄目|专栏|專欄|频道|頻道)\s?[:：]?[^:：]*$"
)
_TAG_CLASS: Final = re.compile(
    r"(?:^|[\s_-])(?:tags?|keywords?|label-list|article-tag|biaoqian)(?:$|[\s_-])", re.IGNORECASE
)
_TAG_PAGE: Final = re.compile(r"/tags?[/_-]|[?&](?:tag|keyword)s?=|/search|/keywords?/")
_ELSEWHERE: Final = Hint.NAV | Hint.FOOTER | Hint.RELATED | Hint.COMMENT
_SPLIT: Final = re.compile(r"[,，、;；|丨\s]{1,4}")
_TITLE_PARTS: Final = re.compile(r"\s?[-_|–—｜]{1,3}\s?")
_META_SPLIT: Final = re.compile(r"[,，、;；|]{1,2}")
_NOT_A_TAG: Final = re.compile(
    r"(?:更多|首页|返回.{0,8}|\d{1,3}|[#\W]{0,3}|[赞贊]助.{0,4}|(?:标签|標籤|關鍵字|关键词|關鍵詞|关键字)[:：]?)",
    re.IGNORECASE,
)


def _clean(texts: list[str]) -> list[str]:
    tags = [text.strip(" #＃\u3000[]【】·") for text in texts]
    known = dict.fromkeys(tag for tag in tags if tag and len(tag) <= MAX_TAG and not _NOT_A_TAG.fullmatch(tag))
    return list(known)[:MAX_TAGS]


def _line_tags(document: Document, line: Line) -> list[str]:
    """Return the line's links' texts, or where it has no links the elements or words after its label."""
    if line.anchors:
        return _clean([link.text for link in line.links if not _ORIGIN.search(line.text[: link.start])])
    label = _LABEL.match(line.text)
    words = line.text[label.end() if label else 0 :]
    return _clean(_elements(line, words) or _SPLIT.split(words))


def _elements(line: Line, words: str) -> list[str]:
    """Return the texts of the elements that make up `words`, as in `<span>湿地</span><span>鸟类</span>`; else []."""
    texts = [text for part in line.parts if (text := part.strip()) and not _LABEL.fullmatch(text)]
    return texts if len(texts) > 1 and "".join(texts) == words.replace(" ", "") else []


def _marked(document: Document, line: Line) -> bool:
    return any(_TAG_CLASS.search(block.tag.names) for block in islice(document.around(line.block), 2))


def _is_tag_line(line: Line) -> bool:
    """Return True if a line without a label is a tag list: short texts only, most of them to tag or search pages."""
    texts = _anchor_texts(line)
    raws = [raw for (raw, _, _), text in zip(line.anchors, texts, strict=True) if text]
    if not raws or max(map(len, texts)) > MAX_TAG:
        return False
    marked = sum(_TAG_PAGE.search(value_of(raw, "href") or "") is not None for raw in raws)
    return marked * 2 > len(raws)


def _anchor_texts(line: Line) -> list[str]:
    return [line.text[start:end].strip() for _, start, end in line.anchors]


def _followers(document: Document, lines: list[Line], start: int) -> list[str]:
    """Return the tags on the lines after a label that stands alone: short links or words, until anything else."""
    tags: list[str] = []
    for line in lines[start : start + MAX_TAGS]:
        texts = [link.text for link in line.links]
        if (
            not texts
            or len(line.text) > MAX_TAG * len(texts)
            or 0 < line.level <= MAIN_LEVELS
            or _ORIGIN.search(line.text[: line.links[0].start])
            or not (_is_tag_line(line) or _marked(document, line) or _is_beside(document, lines[start - 1], line))
        ):
            break
        tags.extend(texts)
    return _clean(tags)


def _is_beside(document: Document, label: Line, line: Line) -> bool:
    """Return True if a line stands in the element around its label, which holds no more lines than tags may be."""
    parent = document.blocks[label.block].parent
    if parent < 0:
        return False
    around = document.blocks[parent]
    return around.first <= line.index <= around.last <= around.first + MAX_TAGS


def tags(document: Document, body: tuple[int, int] | None = None) -> tuple[list[str], str | None]:
    """Return (tags, method): the labelled line, a line marked up as tags, else ([], None).

    A shown but empty 标签 gives no tags and "empty label". Metadata keywords are a last resort, with the method
    "meta keywords", and only where the page shows no tag line at all.
    """
    lines = document.lines
    if body:
        above = lines[max(0, body[0] - 6) : body[0]]
        heading = max((place for place, line in enumerate(above, 1) if line.level in (1, 2)), default=0)
        lines = [*above[heading:], *lines[max(body[0], body[1] - 2) : body[1] + 60]]
    candidates = [line for line in lines if 0 < len(line.text) <= 300]
    labelled = _labelled_tags(document, candidates)
    if labelled is not None:
        return labelled, "label" if labelled else "empty label"
    if declared := _rel_tags(candidates):
        return declared, "rel=tag"
    if marked := _marked_tags(document, candidates):
        return marked, "links"
    keywords = _meta_keywords(document, body)
    return keywords, "meta keywords" if keywords else None


def _rel_tags(lines: list[Line]) -> list[str]:
    """Return the links that say rel=tag (https://microformats.org/wiki/rel-tag); categories and tag clouds are none."""
    return _clean(
        [
            link.text
            for line in lines
            if line.anchors and not line.hints & Hint.SIDE and any(map(_may_be_tag, line.anchors))
            for link in line.links
            if link.rel and "tag" in (words := link.rel.lower().split()) and "category" not in words
        ]
    )


def _may_be_tag(anchor: tuple[str, int, int]) -> bool:
    return " rel=" in anchor[0] and "tag" in anchor[0].lower()


def _meta_keywords(document: Document, body: tuple[int, int] | None) -> list[str]:
    """Return the metadata's keywords but the headline, the site's and the channel's names.

    They are the article's, and not the whole site's, only where at least half of them occur in its title or text; and
    somebody's choice only where they are not simply the headline cut to pieces.
    """
    value = document.meta.get("keywords", "")
    words = _META_SPLIT.split(value)
    found = _clean(words if len(words) > 1 or value.isascii() else value.split())
    if not found:
        return []
    parts = [part for part in _TITLE_PARTS.split((document.title_tag or "").casefold()) if len(part) > 1]
    headline = max(parts, key=len, default="")
    names = [part for part in parts[-2:] if part != headline and len(part) <= MAX_SITE]
    found = [
        tag
        for tag in found
        if not (len(tag) >= MIN_HEADLINE and tag.casefold() in headline)
        and not any(tag.casefold() in name or name in tag.casefold() for name in names)
    ]
    if sum(map(len, found)) > len(headline) and all(tag.casefold() in headline for tag in found):
        return []
    first, last = body or (0, len(document.lines) - 1)
    text = "\n".join([headline, *(line.text for line in document.lines[first : last + 1])]).casefold()
    return found if 2 * sum(tag.casefold() in text for tag in found) >= len(found) else []


def _labelled_tags(document: Document, lines: list[Line]) -> list[str] | None:
    """Return the tags after the first 标签, None where no line has such a label."""
    for index, line in enumerate(lines):
        if line.text[0] not in _LABEL_STARTS:
            continue
        label = _LABEL.match(line.text)
        if label and (label["colon"] or label.end() in (len(line.text), line.anchors[0][1] if line.anchors else 0)):
            is_apart = label.end() == len(line.text) and not line.anchors
            return _followers(document, lines, index + 1) if is_apart else _line_tags(document, line)
    return None


def _marked_tags(document: Document, lines: list[Line]) -> list[str]:
    """Return the first run of links or words that stand in an element named after tags, or that lead to tag pages."""
    found: list[str] = []
    for line in lines:
        elsewhere = line.hints & _ELSEWHERE
        if (elsewhere and not (elsewhere == Hint.FOOTER and _marked(document, line))) or (
            not line.anchors and ("|" not in line.text or len(line.text) > 60)
        ):
            continue
        texts = _anchor_texts(line)
        is_several = len(texts) > 1 or "|" in line.text
        is_short = max(map(len, texts), default=0) <= MAX_TAG
        if is_short and (_is_tag_line(line) or (is_several and _marked(document, line))):
            found.extend(_line_tags(document, line))
        elif found and line.anchors:
            break
    is_hot_list = sum(map(len, found)) > MAX_MEAN * len(found)  # headlines, not tags
    return [] if is_hot_list else _clean(found)
