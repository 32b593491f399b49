"""Every recorded page against its golden file, and every invented article against what was written."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Any

import pytest
from project import ROOT
from scrapy.utils.project import get_project_settings

from benchmarks.invented.site import Truth, case_name
from benchmarks.invented_sites import SITES
from newsspider.cli import goldens
from newsspider.cli.site_pages import site_registry
from newsspider.items import ARTICLE_FIELDS
from newsspider.urls import article_key

FIXTURES = ROOT / "fixtures"
# the sites with a site file are golden as a whole, of the others a few pages each
WHOLE = ("linhe", "qingshan")
A_FEW = 4
# what changes without the page having changed: hashes and methods are told by their own tests
FIELDS = [
    name for name in ARTICLE_FIELDS if name not in ("fingerprint", "story_id", "duplicate_of", "quotes", "alias_of")
]


@cache
def truths() -> dict[str, Truth]:
    """Return the truth of every invented article by its case, "site/case"."""
    return {f"{name}/{case_name(truth.url)}": truth for name, build in SITES.items() for truth in build().articles}


def golden_cases() -> list[str]:
    """Return the cases that must have a golden file, and those that have one."""
    wanted = [case for case in truths() if case.split("/")[0] in WHOLE]
    for name in SITES.keys() - set(WHOLE):
        wanted += [case for case in truths() if case.startswith(f"{name}/")][:A_FEW]
    kept = [path.relative_to(FIXTURES).as_posix() for path in goldens.cases(FIXTURES)]
    return sorted({*wanted, *kept})


@cache
def sites() -> Any:
    return site_registry(get_project_settings())


@cache
def derived(case: str) -> dict[str, Any]:
    return goldens.derived(FIXTURES / case, sites())


@cache
def expected(case: str) -> dict[str, Any]:
    return goldens.expected(FIXTURES / case)


@pytest.mark.parametrize("case", golden_cases())
def test_recorded_page_gives_its_golden_fields(case: str) -> None:
    wanted = expected(case)
    if not wanted:
        goldens.write(FIXTURES / case, derived(case))
        pytest.fail(f"{case} had no {goldens.EXPECTED_NAME}: it was written now; read it, then commit it")
    assert {field: derived(case).get(field) for field in FIELDS} == {field: wanted.get(field) for field in FIELDS}
    assert goldens.faults(wanted) == []


@pytest.mark.parametrize("case", truths())
def test_invented_article_is_read_as_it_was_written(case: str) -> None:
    truth, found = truths()[case], derived(case)
    assert_header(found, truth)
    lines = truth.text.split("\n")
    shown = found["text"].split("\n")
    assert shown == (lines if truth.pages == 1 else lines[: len(shown)])
    assert [image["url"] for image in found["images"]] == truth.images
    assert_related_links(found, truth)


def assert_header(found: dict[str, Any], truth: Truth) -> None:
    assert found["title"] == truth.title
    assert moment(found["published_at"]) == truth.published_at
    assert found["published_precision"] == truth.published_precision
    assert found["source"] == truth.source
    assert found["authors"] == truth.authors
    assert found["tags"] == truth.tags
    assert found["editor"] == (truth.editor if truth.pages == 1 else found["editor"])


def assert_related_links(found: dict[str, Any], truth: Truth) -> None:
    for name, urls in truth.related.items():
        rows = [link["url"] for link in found["related"] if link["block"] == name]
        assert [article_key(url) for url in rows] == [article_key(url) for url in urls]
    assert {block["name"]: block["links"] for block in found["related_blocks"]} == truth.blocks
    assert sum(link["is_self"] for link in found["related"]) == truth.self_links


def moment(value: str | None) -> datetime | None:
    return datetime.fromisoformat(value) if value else None
