"""Title, time, source and authors: rules find them, so nothing is left out. They are judged on the pages at hand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from extraction import is_equal

from newsspider.items import Article
from newsspider.pages.article import ArticlePage
from newsspider.pipelines.clean import clean_article
from newsspider.text.zone import BEIJING
from training.corpora import Page
from training.questions import ALL

# What a corpus calls a field -> what an article does.
NAMES = {"title": "title", "publish_time": "published_at", "source": "source", "author": "authors"}


@dataclass(slots=True)
class Answer:
    """The value found for a field of a page (None for nothing), the right one, and the confidence."""

    page: Page
    name: str
    gold: str | None
    found: str | None
    confidence: float
    is_right: bool


def answers(page: Page) -> Iterator[Answer]:
    """Yield an answer for each field that the page's corpus knows."""
    known = [name for name in NAMES if name in page.gold and name not in (page.gold.get("skip") or ())]
    if page.kind != "article" or not known:
        return
    item = clean_article(ArticlePage(page.document()).to_item())
    for name in known:
        found, gold = shown(item, name), page.gold[name]
        accepted = [gold, *((page.gold.get("accept") or {}).get(name) or ())]
        is_right = any(is_equal(name, answer, found) if answer and found else answer == found for answer in accepted)
        confidence = (item.confidence or {}).get(NAMES[name], 0.0)
        yield Answer(page, name, gold, found, confidence, is_right)


def shown(item: Article, name: str) -> str | None:
    """Return a field as corpora write it."""
    if name != "publish_time":
        value: Any = getattr(item, NAMES[name])
        return ("、".join(value) if isinstance(value, list) else value) or None
    if item.published_at is None:
        return None
    local = item.published_at.astimezone(BEIJING)
    return f"{local:%Y-%m-%d}" if item.published_precision == "day" else f"{local:%Y-%m-%d %H:%M:%S}"


def show_fields(found: list[Answer], worst: int) -> None:
    """Print right answers, and values where a page has none, of each field and set; then how sure they were."""
    print(
        "\nfields: found by rules, which were written with sets such as these at hand; nothing is left out of training,"
    )
    print("so these are scores of known pages. Only pages that the rules' makers never saw can say more.")
    print(f"  {'set':24}" + "".join(f"{name:>22}" for name in NAMES))
    for corpus in [*dict.fromkeys(answer.page.corpus for answer in found), ALL]:
        own = [answer for answer in found if answer.page.corpus == corpus]
        if corpus == ALL:
            own = [answer for answer in found if not answer.page.is_repeated]
        print(f"  {corpus:24}" + "".join(f"{_cell(own, name):>22}" for name in NAMES))
    for name in NAMES:
        given = [answer for answer in found if answer.name == name and answer.found and not answer.page.is_repeated]
        sure = sum(answer.confidence for answer in given) / max(len(given), 1)
        right = sum(answer.is_right for answer in given) / max(len(given), 1)
        print(f"  {name}: {len(given)} values, mean confidence {sure:.3f}, right {right:.3f}")
    for answer in [answer for answer in found if not answer.is_right][:worst]:
        page = answer.page
        print(f"    {page.corpus}/{page.gold.get('id')} {answer.name}: {answer.found!r}, right is {answer.gold!r}")


def _cell(found: list[Answer], name: str) -> str:
    wanted = [answer for answer in found if answer.name == name and answer.gold]
    none = [answer for answer in found if answer.name == name and not answer.gold]
    false = sum(not answer.is_right for answer in none)
    if not wanted and not none:
        return "-"
    share = f"{sum(answer.is_right for answer in wanted) / len(wanted):.3f} of {len(wanted)}" if wanted else "-"
    return f"{share}, {false}/{len(none)} false"
