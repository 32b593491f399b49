"""Pages in the layouts of many kinds of sites: every field of each, at first sight and now."""

from __future__ import annotations

import json
import sys
from math import sqrt

import pytest
from project import ROOT

sys.path.insert(0, str(ROOT / "benchmarks"))
from extraction import overlap
from training.corpora import Page, read_corpora
from training.fields import answers

from newsspider.pages.article import ArticlePage
from newsspider.pipelines.clean import clean_article

LAYOUTS = ROOT / "benchmarks" / "layouts"
PAGES = read_corpora([LAYOUTS])
LISTS = [page for page in PAGES if page.kind == "listing"]
ARTICLES = [page for page in PAGES if page.kind == "article"]
GOOD_F1 = 0.98
FAIR_F1 = 0.9
# Its replies stand on a line with the text, which a style sheet breaks.
KNOWN_WORSE = {"bbs_taiwan": 0.6}
# 04/03/2022 may be either day.
KNOWN_WRONG = {("malaysia", "publish_time")}


def name(page: Page) -> str:
    return str(page.gold["id"])


@pytest.mark.parametrize("page", ARTICLES, ids=name)
def test_fields_of_a_page(page: Page) -> None:
    wrong = {(answer.name, answer.found, answer.gold) for answer in answers(page) if not answer.is_right}
    assert {found for found in wrong if (name(page), found[0]) not in KNOWN_WRONG} == set()


@pytest.mark.parametrize("page", ARTICLES, ids=name)
def test_text_of_a_page(page: Page) -> None:
    item = clean_article(ArticlePage(page.document()).to_item())
    assert overlap(page.text or "", item.text)[2] >= KNOWN_WORSE.get(name(page), GOOD_F1), item.text
    assert ArticlePage(page.document()).kind() == "article"


@pytest.mark.parametrize("page", LISTS, ids=name)
def test_list_is_no_article(page: Page) -> None:
    found = ArticlePage(page.document())
    assert found.kind() in ("listing", "topic"), found.kind_reasons()


def first_sight() -> dict[str, dict[str, tuple[float | None, float]]]:
    """Return page -> field -> (confidence or None without a value, 1 or 0 for right, of the text its F1).

    Of what was found on the pages before anything was mended for them.
    """
    found: dict[str, dict[str, tuple[float | None, float]]] = json.loads(
        (LAYOUTS / "first_sight.json").read_text("utf-8")
    )
    return found


def test_first_sight_of_every_page_is_written_down() -> None:
    assert first_sight().keys() == {name(page) for page in ARTICLES}


@pytest.mark.parametrize("field", ["title", "source", "authors", "published_at", "text"])
def test_confidence_of_a_field_is_the_share_that_was_right_on_pages_not_seen(field: str) -> None:
    limit = FAIR_F1 if field == "text" else 1.0
    pairs = [
        (sure, right >= limit) for row in first_sight().values() for sure, right in [row[field]] if sure is not None
    ]
    mean, share = (sum(pair[part] for pair in pairs) / len(pairs) for part in (0, 1))
    assert abs(mean - share) <= 2 * sqrt(mean * (1 - mean) / len(pairs)), (
        f"{mean:.3f} of {len(pairs)}, right {share:.3f}"
    )


def test_surer_values_are_right_more_often_on_pages_not_seen() -> None:
    """The table of all fields but the text: of what says 0.9 and more, nine in ten are right."""
    pairs = [
        (sure, bool(right))
        for row in first_sight().values()
        for field, (sure, right) in row.items()
        if field != "text" and sure is not None
    ]
    table = {}
    for low, high in ((0.0, 0.8), (0.8, 0.95), (0.95, 1.0)):
        inside = [right for sure, right in pairs if low <= sure < high or sure == high == 1.0]
        table[low] = (len(inside), round(sum(inside) / len(inside), 3))
    assert table == {0.0: (7, 0.429), 0.8: (39, 0.923), 0.95: (93, 0.989)}
