"""Pages in the layouts of many kinds of sites: every field of each, at first sight and now."""

from __future__ import annotations

import json
import sys
from math import sqrt
from urllib.parse import urljoin

import pytest
from project import ROOT

sys.path.insert(0, str(ROOT / "benchmarks"))
from extraction import overlap
from training.corpora import Page, read_corpora
from training.fields import answers

from newsspider.pages.article import ArticlePage
from newsspider.pages.listing import ListingPage
from newsspider.pipelines.clean import clean_article

LAYOUTS = ROOT / "benchmarks" / "layouts"
PAGES = read_corpora([LAYOUTS])
LISTS = [page for page in PAGES if page.kind == "listing"]
ARTICLES = [page for page in PAGES if page.kind == "article"]
GOOD_F1 = 0.98
FAIR_F1 = 0.9
# A style sheet breaks its lines; a line of credits goes as a whole where an editor stands in it; a price of an advert.
KNOWN_WORSE = {"bbs_taiwan": 0.8, "tech_state": 0.97, "house_2013": 0.94}
# A poem beside snippets longer than itself; a page whose title element names the site alone.
KNOWN_AS_LISTS = {"poem", "school_old"}
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
    kinds = page.gold.get("kinds", ["article"]) + ["listing"] * (name(page) in KNOWN_AS_LISTS)
    assert ArticlePage(page.document()).kind() in kinds


@pytest.mark.parametrize("page", LISTS, ids=name)
def test_list_is_no_article(page: Page) -> None:
    found = ArticlePage(page.document())
    assert found.kind() in ("listing", "topic"), found.kind_reasons()


# The first picture is a background.
KNOWN_PICTURES = {"ncode_dates"}
LINKS = [page for page in ARTICLES if "related" in page.gold]


@pytest.mark.parametrize("page", LINKS, ids=name)
def test_pictures_tags_and_related_links_of_a_page(page: Page) -> None:
    """Of the pages that state them, but for what their `skip` names."""
    item = ArticlePage(page.document()).to_item()
    found = {
        "images": [image.url for image in item.images],
        "tags": item.tags,
        "related": sorted(link.url for link in item.related),
    }
    wanted = {
        "images": [urljoin(page.url, url) for url in page.gold["images"]],
        "tags": page.gold["tags"],
        "related": sorted(urljoin(page.url, url) for url in page.gold["related"]),
    }
    left_out = [*page.gold.get("skip", ()), *(["images"] if name(page) in KNOWN_PICTURES else [])]
    for field in left_out:
        found.pop(field, None)
        wanted.pop(field, None)
    assert found == wanted


# Three special pages without a date beside the list; a notice above a board.
ROWS_TOO_MANY = {"l_gov_2010": 3, "l_phpwind": 1}


@pytest.mark.parametrize("page", [page for page in LISTS if "articles" in page.gold], ids=name)
def test_rows_of_a_list(page: Page) -> None:
    found = {entry.url for entry in ListingPage(page.document()).entries()}
    wanted = {urljoin(page.url, url) for url in page.gold["articles"]}
    assert wanted <= found
    assert len(found - wanted) <= ROWS_TOO_MANY.get(name(page), 0), found - wanted


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
        (sure, right >= limit)
        for row in first_sight().values()
        for sure, right in [row.get(field, (None, 0.0))]
        if sure is not None
    ]
    mean, share = (sum(pair[part] for pair in pairs) / len(pairs) for part in (0, 1))
    assert abs(mean - share) <= 2 * sqrt(mean * (1 - mean) / len(pairs)), (
        f"{mean:.3f} of {len(pairs)}, right {share:.3f}"
    )


def test_surer_values_are_right_more_often_on_pages_not_seen() -> None:
    """The table of all fields but the text: of what says 0.95 and more, 98 in 100 are right."""
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
    assert table == {0.0: (24, 0.708), 0.8: (118, 0.89), 0.95: (222, 0.977)}
