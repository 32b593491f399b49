"""The question of the body: which range of lines is the text."""

from __future__ import annotations

import random
from functools import cached_property

from extraction import overlap

from newsspider.pages.article import ArticlePage
from newsspider.pages.article.page_kind import PageKind
from newsspider.pages.body.body import MODEL, Body, body_of, weighed
from newsspider.pages.body.candidates import Blocks, Candidate, candidates
from newsspider.pages.body.figures import FIGURES, add_figures
from newsspider.pages.body.page_sums import PageSums
from newsspider.pages.document import Document
from newsspider.pipelines.clean import clean_article
from training.corpora import Page
from training.questions import ORIGINAL, Question, Sample
from training.variants import crowd, cut_short, shrink

SHORT, CROWDED, SMALL = "cut short", "cut short, another text after it", "small page"
CROWDED_SHARE = 0.3
# Texts of other pages, for pages that hold more than their own.
DONORS: list[str] = []


class ChosenPage(ArticlePage):
    """A page whose body is given."""

    def __init__(self, document: Document, body: Body) -> None:
        self.document, self._place = document, ""
        self._chosen = body

    @cached_property
    def _body(self) -> Body:
        return self._chosen

    def confidence(self) -> dict[str, float]:
        return {}  # learned last

    @cached_property
    def _verdict(self) -> PageKind:
        return PageKind("article")  # learned after the body


def shown_document(page: Page) -> Document:
    """Return what `ArticlePage` reads of a page."""
    return ArticlePage(page.document()).document


def compared(document: Document) -> tuple[list[float], list[Candidate]]:
    """Return the weights of a page's lines and the ranges that may be its text, with figures."""
    weights = weighed(document)
    page = PageSums(document, weights)
    blocks = Blocks(page)
    found = candidates(page, blocks)
    add_figures(page, blocks, found)
    return weights, found


def text_of(document: Document, weights: list[float], candidate: Candidate) -> str:
    """Return the stored text that a range stands for."""
    hints = [line.hints for line in document.lines]
    chosen = body_of(document, weights, candidate, [])
    text = clean_article(ChosenPage(document, chosen).to_item()).text
    for line, bits in zip(document.lines, hints, strict=True):
        line.hints = bits
    return text


def sample(page: Page, document: Document, gold: str, variant: str) -> Sample:
    weights, found = compared(document)
    right = [overlap(gold, text_of(document, weights, one))[2] for one in found]
    return Sample(page, [one.figures for one in found], right, variant)


def samples(page: Page) -> list[Sample]:
    if page.kind != "article" or not page.text:
        return []
    found = [sample(page, shown_document(page), page.text, ORIGINAL)]
    if page.is_repeated:
        return found
    for variant in (SHORT, CROWDED, SMALL):
        document, draw = shown_document(page), random.Random(f"{page.key} {variant}")
        gold = shrink(document, page.text, draw) if variant == SMALL else cut_short(document, page.text, draw)
        if gold and DONORS and (variant == CROWDED or (variant == SMALL and draw.random() < CROWDED_SHARE)):
            crowd(document, draw.choice(DONORS), draw)
        if gold:
            found.append(sample(page, document, gold, variant))
    return found


# Figures that only speak for (1) or against (-1) a range; training may not read more out of few pages.
RISING = ("net", "net_of_block", "believed", "described", "titled", "kind_held")
FALLING = ("legal", "comment", "related", "side", "hidden", "links", "headline_weight", "moments")
CONSTRAINTS = [1 if name in RISING else -1 if name in FALLING else 0 for name in FIGURES]

BODY = Question(MODEL, tuple(FIGURES), samples, fitting={"monotone_constraints": CONSTRAINTS})
