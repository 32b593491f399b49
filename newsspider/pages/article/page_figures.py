"""What speaks for and against a page being one article, and for the text found on it being right."""

from __future__ import annotations

import re
from math import log1p
from typing import Final

from newsspider.pages.body.body import Body
from newsspider.pages.body.figures import FIGURES
from newsspider.pages.body.line_scores import LINK_WEIGHT, PROSE_WEIGHT
from newsspider.pages.document import Document
from newsspider.pages.listing.cards import CARD_FIGURES, card_figures
from newsspider.pages.markup.hints import SIDE_CONTENT

HEADLINE: Final = 9
MOST_COUNTED: Final = 200
_DATELINE: Final = re.compile(
    r"[【\[(（\s]{0,3}(?:新华社|新華社|本报|本報|中新|中国|据|據|[㐀-鿿]{2,8}(?:网|網|社|报|報|讯|訊|日电|日電|消息|记者|記者))"
)
_ARTICLE_TYPES: Final = re.compile(r"Article|Report|BlogPosting|Posting|VideoObject")
_LIST_TYPES: Final = re.compile(r"CollectionPage|ItemList|SearchResultsPage|WebSite")

# Name -> meaning; those of the chosen range of lines follow these.
PAGE_FIGURES: Final = {
    "text_size": "characters of the text, logarithm",
    "sentences": "sentences of the text, logarithm",
    "is_dated": "1 with a time of publication",
    "is_titled": "1 with a headline, 2 where the page is called after it",
    "is_dispatch": "1 where the text begins with a dateline",
    "declared": "1 where the page says it is an article, -1 where a list",
    "headlines": "linked headlines outside of menus and columns, logarithm",
    "headline_share": "characters of linked headlines for one of the text",
    "between": "linked headlines between the sentences of the text, for a sentence",
    "prose_outside": "characters of sentences outside links for one of the text",
    "same_rows": "most links that stand in like elements of one element, logarithm",
    "lead": "score of the chosen range above the next one that does not lie in it or around it",
    "score": "score of the chosen range",
}
FIGURE_NAMES: Final = (*PAGE_FIGURES, *FIGURES)
# Of pages that may be lists.
KIND_FIGURES: Final = (*FIGURE_NAMES, *CARD_FIGURES)


def page_figures(document: Document, title: str, text: str, body: Body, *, is_dated: bool) -> list[float]:
    """Return the figures of a page by `KIND_FIGURES`. `body` has at least one candidate."""
    size = len(text)
    headlines, characters, prose = counts(document)
    between, sentences = _between(document, body)
    chosen = body.candidates[0]
    rivals = [one.score for one in body.candidates[1:] if one.last < chosen.first or one.first > chosen.last]
    is_called = len(title) >= HEADLINE and title in (document.title_tag or "")
    return [
        log1p(size),
        log1p(sum([text.count(mark) for mark in "。！？!?"])),
        float(is_dated),
        2.0 if is_called else float(bool(title)),
        float(_DATELINE.match(text) is not None),
        _declared(document),
        log1p(headlines),
        characters / (size + 1.0),
        between / (sentences + 1.0),
        min(prose / (size + 1.0), MOST_COUNTED),
        log1p(_same_rows(document, body.weights)),
        chosen.score - max(rivals, default=chosen.score - 5.0),
        chosen.score,
        *chosen.figures,
        *card_figures(document, title, body.first, body.last),
    ]


def counts(document: Document) -> tuple[int, int, int]:
    """Return (headline links outside navigation, their characters, characters of sentences outside links)."""
    headlines = characters = prose = 0
    for line in document.lines:
        if line.hints & SIDE_CONTENT:
            continue
        if line.anchors:
            if line.linked >= HEADLINE:
                lengths = [end - start for _, start, end in line.anchors if end - start >= HEADLINE]
                headlines += len(lengths)
                characters += sum(lengths)
        elif len(line.text) >= 30 and ("。" in line.text or "，" in line.text):
            prose += len(line.text)
    return headlines, characters, prose


def _declared(document: Document) -> float:
    kind = (document.meta.get("og:type") or "").lower()
    if kind.startswith(("article", "news")) or "article:published_time" in document.meta:
        return 1.0
    found = 0.0
    for node in document.json_ld:
        name = str(node.get("@type"))
        if _ARTICLE_TYPES.search(name):
            return 1.0
        if _LIST_TYPES.search(name):
            found = -1.0
    return found


def _between(document: Document, body: Body) -> tuple[int, int]:
    """Return (linked headlines, sentences) in the text's range."""
    headlines = sentences = 0
    for line in document.lines[body.first : body.last + 1]:
        weight = body.weights[line.index]
        sentences += weight >= PROSE_WEIGHT
        headlines += weight <= LINK_WEIGHT and line.linked >= HEADLINE - 3
    return headlines, sentences


def _same_rows(document: Document, weights: list[float]) -> int:
    """Return how many lines of links the largest group of like elements in one element has."""
    found: dict[tuple[int, str], int] = {}
    blocks = document.blocks
    for line in document.lines:
        if weights[line.index] <= LINK_WEIGHT and line.linked >= HEADLINE and not line.hints & SIDE_CONTENT:
            block = blocks[line.block]
            outer = blocks[block.parent] if block.parent >= 0 else block
            kind = (outer.parent, f"{outer.tag.name} {block.tag.name}")
            found[kind] = found.get(kind, 0) + 1
    return max(found.values(), default=0)
