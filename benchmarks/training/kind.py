"""Two yes-or-no questions about what the body's model chose: is the page one article, and is the text right?

They are asked after the body's, with choices of models that had not seen the page's site.
"""

from __future__ import annotations

import random

from extraction import overlap

from newsspider.pages.article import page_kind, page_text
from newsspider.pages.article.page_figures import FIGURE_NAMES, KIND_FIGURES, page_figures
from newsspider.pages.body.body import body_of, ranked, weighed
from newsspider.pages.body.page_sums import PageSums
from newsspider.pages.document import Document
from newsspider.pages.learned.model import Model
from newsspider.pipelines.clean import clean_article
from training.body import BODY, DONORS, ChosenPage, shown_document
from training.corpora import Page
from training.fit import fit
from training.leave_out import site_groups
from training.questions import ORIGINAL, Question, Sample
from training.variants import crowd, cut_short, front, shrink, without_text

SHORT, CROWDED, SMALL, EMPTIED = "cut short", "cut short, another text after it", "small page", "without its article"
FRONT = "entries in its place"
NO_ARTICLE = (EMPTIED, FRONT)
FAIR_F1 = 0.9
# site -> a model of the body that was trained without it
CHOOSERS: dict[str, Model] = {}


def learn_choosers(samples: list[Sample]) -> None:
    """Set `CHOOSERS` from the samples of the body."""
    for sites in site_groups(samples):
        trained = fit(BODY, [sample for sample in samples if sample.page.site not in sites])
        CHOOSERS.update(dict.fromkeys(sites, trained))


def judged(page: Page, document: Document) -> tuple[list[float], str] | None:
    """Return (figures of a page, the text found on it), None where no range may be text."""
    weights = weighed(document)
    chooser = CHOOSERS.get(page.site) or next(iter(CHOOSERS.values()))
    found = ranked(PageSums(document, weights), chooser)
    if not found:
        return None
    body = body_of(document, weights, found[0], found)
    shown = ChosenPage(document, body)
    is_dated = shown.published_at() is not None
    figures = page_figures(document, shown.title(), shown.text(), body, is_dated=is_dated)
    return figures, clean_article(shown.to_item()).text


def variants(page: Page) -> list[tuple[str, Document, str]]:
    """Return (variant, document, its text) of a page; a page without its article has the text ""."""
    found = [(ORIGINAL, shown_document(page), page.text or "")]
    for variant in (SHORT, CROWDED, SMALL, EMPTIED, FRONT) if page.text and not page.is_repeated else ():
        document, draw = shown_document(page), random.Random(f"{page.key} {variant} of kinds")
        if variant in NO_ARTICLE:
            if variant == FRONT:
                front(document, page.text or "", DONORS, draw)
            else:
                without_text(document, page.text or "")
            found.append((variant, document, ""))
            continue
        make = shrink if variant == SMALL else cut_short
        if gold := make(document, page.text or "", draw):
            if variant == CROWDED and DONORS:
                crowd(document, draw.choice(DONORS), draw)
            found.append((variant, document, gold))
    return found


def kind_samples(page: Page) -> list[Sample]:
    found = []
    for variant, document, _ in variants(page):
        if page.kind in ("article", "listing") and (judgement := judged(page, document)):
            is_article = page.kind == "article" and variant not in NO_ARTICLE
            found.append(Sample(page, [judgement[0]], [float(is_article)], variant))
    return found


def text_samples(page: Page) -> list[Sample]:
    found = []
    for variant, document, gold in variants(page):
        if page.kind == "article" and gold and (judgement := judged(page, document)):
            is_right = overlap(gold, judgement[1])[2] >= FAIR_F1
            found.append(Sample(page, [judgement[0][: len(FIGURE_NAMES)]], [float(is_right)], variant))
    return found


KIND = Question(page_kind.MODEL, KIND_FIGURES, kind_samples, good=0.5, is_choice=False, trees=80, leaves=6, rate=0.06)
TEXT = Question(page_text.MODEL, FIGURE_NAMES, text_samples, good=0.5, is_choice=False, trees=60, leaves=5, rate=0.06)
