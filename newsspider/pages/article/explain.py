"""What an article's page held besides the answer: the candidates of each field and what of the text was left out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from newsspider.items import Article
from newsspider.pages.article.page_kind import PageKind
from newsspider.pages.article.title import Title
from newsspider.pages.body.body import Body, body_model
from newsspider.pages.body.candidates import Candidate
from newsspider.pages.body.figures import FIGURES
from newsspider.pages.byline.byline import Byline
from newsspider.pages.document import Document, Hint, Line

EXPLAINED: Final = (
    *("title", "source", "authors", "editor", "published_at", "text", "images", "tags", "section", "language"),
    *("related", "kind"),
)
MOST_RANGES: Final = 4
MOST_REASONS: Final = 6
_HINT_NAMES: Final = {bit: name.lower() for name, bit in vars(Hint).items() if isinstance(bit, int)}

Fields = dict[str, dict[str, Any]]


def explanation(
    document: Document, item: Article, title: Title, body: Body | None, origin: Byline, verdict: PageKind
) -> Fields:
    """Return field -> {"value", "method", "candidates": [{"score", "value", "method"}, best first]}.

    Candidates of the text are ranges of lines, the chosen one first. `text` has "reasons" as well, what counts for (+)
    and against (-) the chosen range beside the next one, and "left_out": lines of its range with the reason. `kind` has
    "reasons".
    """
    told: Fields = {
        name: {"value": getattr(item, name), "method": item.methods.get(name), "candidates": []} for name in EXPLAINED
    }
    for text, score, method in title.candidates:
        told["title"]["candidates"].append({"score": score, "value": text, "method": method})
    for name, value, method in origin.candidates:
        told[name]["candidates"].append({"value": value, "method": method})
    if body is not None:
        told["text"]["candidates"] = [_of_range(document, candidate) for candidate in body.candidates[:MOST_RANGES]]
        told["text"]["reasons"] = reasons(body.candidates)
        told["text"]["left_out"] = left_out(document.lines, body)
    told["kind"]["candidates"] = [{"score": verdict.score, "value": verdict.kind}]
    told["kind"]["reasons"] = verdict.reasons
    return told


def _of_range(document: Document, candidate: Candidate) -> dict[str, Any]:
    tag = document.blocks[candidate.block].tag
    names = [tag.name, (own := tag.get("id")) and f"#{own}", (own := tag.get("class")) and f".{own}"]
    opening = next((line.text for line in document.lines[candidate.first : candidate.last + 1] if line.text), "")
    count = candidate.last - candidate.first + 1
    return {
        "score": round(candidate.score, 2),
        "value": f"{opening[:40]} ({count} lines in {''.join(name for name in names if name)})",
    }


def reasons(found: Sequence[Candidate]) -> list[str]:
    """Return the figures that make the first range better or worse than the second, the strongest first."""
    if len(found) < 2:
        return []
    first, second = found[0].figures, found[1].figures
    effects = body_model().effects(first, second)[:MOST_REASONS]
    names = list(FIGURES)
    return [
        f"{effect:+.2f} {FIGURES[name]}: {first[names.index(name)]:.2f}, the next one's {second[names.index(name)]:.2f}"
        for name, effect in effects
    ]


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
