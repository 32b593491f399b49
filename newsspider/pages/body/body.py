"""Where the text of an article stands: the likeliest of a page's ranges, its ends by rule, other lines left out."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from newsspider.pages.body.beside import lines_beside
from newsspider.pages.body.boxes import is_box, text_kinds
from newsspider.pages.body.candidates import Blocks, Candidate, candidates
from newsspider.pages.body.comments import mark_comments
from newsspider.pages.body.ends import whole_text
from newsspider.pages.body.figures import FIGURES, add_figures
from newsspider.pages.body.lead import CREDIT
from newsspider.pages.body.line_scores import (
    BOILERPLATE,
    PROSE_WEIGHT,
    SENTENCE_END,
    SUMMARY_WEIGHT,
    hinted,
    is_header,
    is_link_line,
    leads_to_file,
    score_lines,
)
from newsspider.pages.body.page_sums import PageSums
from newsspider.pages.document import Document, Hint
from newsspider.pages.learned.model import Model, model

MODEL: Final = "body"
# The time of an entry alone on its line.
_MOMENT: Final = re.compile(r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}\s{1,2}\d{1,2}:\d{2}(?::\d{2})?")
# Of comments, and of what a site says of itself.
OTHERS_WEIGHT: Final = -6.0


@dataclass(slots=True)
class Body:
    """The lines of an article's text. `first` and `last` (inclusive) are its range, `lines` what of it counts.

    `weights` are those of the page's lines, `candidates` the ranges that were compared, best first.
    """

    first: int
    last: int
    lines: list[int] = field(default_factory=list)
    method: str = "density"
    weights: list[float] = field(default_factory=list)
    candidates: list[Candidate] = field(default_factory=list)

    @property
    def range(self) -> tuple[int, int]:
        return self.first, self.last


def find_body(document: Document, selected: tuple[int, int] | None = None) -> Body | None:
    """Return the article's text, None where no line reads like a sentence."""
    weights = weighed(document)
    if selected is not None:
        return Body(*selected, method="selector", weights=_hinted(document, weights))
    found = ranked(PageSums(document, weights), body_model())
    return body_of(document, weights, found[0], found) if found else None


def weighed(document: Document) -> list[float]:
    """Return the weights of a page's lines, their hints apart; marks comments. What stands beside counts against."""
    others = mark_comments(document) | lines_beside(document)
    weights = score_lines(document)
    for index in others:
        weights[index] = min(weights[index], OTHERS_WEIGHT)
    return weights


def body_model() -> Model:
    return model(MODEL, tuple(FIGURES))


def ranked(page: PageSums, trained: Model) -> list[Candidate]:
    """Return the ranges that may be the text, the likeliest by `trained` first."""
    blocks = Blocks(page)
    found = candidates(page, blocks)
    add_figures(page, blocks, found)
    for candidate, score in zip(found, trained.scores([one.figures for one in found]), strict=True):
        candidate.score = score
    return sorted(found, key=lambda candidate: -candidate.score)


def body_of(document: Document, weights: list[float], chosen: Candidate, found: list[Candidate]) -> Body:
    """Return the text that a range stands for. Hints that most of it has are taken off its lines: they are wrong."""
    block = document.blocks[chosen.block]
    if chosen.disbelieved:
        for line in document.lines[block.first : block.last + 1]:
            line.hints &= ~chosen.disbelieved
    weights = _hinted(document, weights)
    weights[block.first : block.last + 1] = chosen.weights
    first, last = whole_text(document, weights, chosen.first, chosen.last, chosen.block)
    return Body(first, last, weights=weights, candidates=found)


def _hinted(document: Document, weights: list[float]) -> list[float]:
    return [
        hinted(weight, line.hints) if weight > 0 else weight
        for line, weight in zip(document.lines, weights, strict=True)
    ]


def keep_lines(document: Document, body: Body, used: set[int]) -> None:
    """Set `body.lines`: the lines of its range but those of related blocks, boilerplate, bare links and boxes.

    Before the first sentence the byline's elements are left out as well: a picture may stand above them.
    """
    is_head = True
    kinds = text_kinds(document, body.first, body.last, body.weights)
    for line in document.lines[body.first : body.last + 1]:
        weight = body.weights[line.index]
        is_head = is_head and weight < PROSE_WEIGHT
        if line.hints & BOILERPLATE or (line.index in used and weight < PROSE_WEIGHT) or weight == SUMMARY_WEIGHT:
            continue
        if _MOMENT.fullmatch(line.text):
            continue
        is_credit = line.hints & Hint.BYLINE and "。" not in line.text
        if is_credit and (is_header(line.text) or (is_head and CREDIT.search(line.text))):
            continue
        if line.linked and is_link_line(line) and not leads_to_file(line) and not SENTENCE_END.search(line.text):
            continue
        if is_box(document, line, kinds):
            continue
        body.lines.append(line.index)
