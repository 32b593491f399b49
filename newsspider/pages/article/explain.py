"""What an article's page held besides the answer: the candidates of each field and what of the text was left out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from newsspider.items import Article
from newsspider.pages.article.body import Body
from newsspider.pages.article.page_kind import PageKind
from newsspider.pages.article.title import Title
from newsspider.pages.byline.byline import Byline
from newsspider.pages.document import Document, Hint, Line

EXPLAINED: Final = (
    *("title", "source", "authors", "editor", "published_at", "text", "images", "tags", "section", "language"),
    *("related", "kind"),
)
MOST_BLOCKS: Final = 3
_HINT_NAMES: Final = {bit: name.lower() for name, bit in vars(Hint).items() if isinstance(bit, int)}

Fields = dict[str, dict[str, Any]]


def explanation(
    document: Document, item: Article, title: Title, body: Body | None, origin: Byline, verdict: PageKind
) -> Fields:
    """Return field -> {"value", "method", "candidates": [{"score", "value", "method"}, best first]}.

    Candidates of the text are blocks, the chosen one first. `text` has "left_out" as well: lines of its range with the
    reason. `kind` has "reasons".
    """
    told: Fields = {
        name: {"value": getattr(item, name), "method": item.methods.get(name), "candidates": []} for name in EXPLAINED
    }
    for text, score, method in title.candidates:
        told["title"]["candidates"].append({"score": score, "value": text, "method": method})
    for name, value, method in origin.candidates:
        told[name]["candidates"].append({"value": value, "method": method})
    if body is not None:
        told["text"]["candidates"] = [{"score": score, "value": name} for name, score in body.candidates[::-1]]
        told["text"]["candidates"] += other_blocks(document, body)
        told["text"]["left_out"] = left_out(document.lines, body)
    told["kind"]["candidates"] = [{"score": verdict.score, "value": verdict.kind}]
    told["kind"]["reasons"] = verdict.reasons
    return told


def other_blocks(document: Document, body: Body) -> list[dict[str, Any]]:
    """Return the heaviest blocks beside the text: those that lost against it."""
    sums = [0.0] * len(document.blocks)
    for line, weight in zip(document.lines, body.weights, strict=True):
        for block in _upwards(document, line.block):
            sums[block] += weight
    beside = [index for index in range(len(sums)) if sums[index] > 0 and _is_beside(document, index, body)]
    outer = [index for index in beside if not _is_beside(document, document.blocks[index].parent, body)]
    best = sorted(outer, key=lambda index: -sums[index])[:MOST_BLOCKS]
    return [{"score": sums[index], "value": document.lines[document.blocks[index].first].text} for index in best]


def _upwards(document: Document, block: int) -> list[int]:
    found = []
    while block >= 0:
        found.append(block)
        block = document.blocks[block].parent
    return found


def _is_beside(document: Document, block: int, body: Body) -> bool:
    if block < 0:
        return False
    found = document.blocks[block]
    return found.last < body.first or found.first > body.last


def left_out(lines: Sequence[Line], body: Body) -> list[dict[str, str]]:
    """Return the lines inside the text's range that are no part of it, with what speaks against them."""
    kept = set(body.lines)
    dropped = [line for line in lines[body.first : body.last + 1] if line.text and line.index not in kept]
    return [{"value": line.text, "method": _objection(line)} for line in dropped]


def _objection(line: Line) -> str:
    names = [name for bit, name in _HINT_NAMES.items() if line.hints & bit and bit != Hint.ARTICLE]
    if names:
        return f"marked up as {', '.join(names)}"
    return "links" if line.links else "a related block"
