"""Field coverage of a site against its own history."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from subprocess import CompletedProcess
from typing import Any

import pytest
from project import ROOT

from newsspider.extensions.field_coverage import Coverage, drift
from newsspider.items import Article

Run = Callable[..., CompletedProcess[str]]

LINHE = ROOT / "fixtures" / "linhe"
USUAL = {"articles": 100, "stored": 98, "published_at": 97, "source": 90, "tags": 10}


def article(**fields: object) -> Article:
    moment = datetime(2024, 4, 26, tzinfo=UTC)
    return Article("a.example/1", "https://a.example/1", "a.example", "标题", "正文", "<p>正文</p>", moment, **fields)  # type: ignore[arg-type]


def test_counts_by_site_and_field() -> None:
    coverage = Coverage()
    coverage.add(article(source="日报"), is_stored=True)
    coverage.add(article(), is_stored=False)
    (document,) = coverage.to_documents()
    fields = document["fields"]
    assert isinstance(fields, dict)
    assert (document["site"], fields["articles"], fields["stored"], fields["source"]) == ("a.example", 2, 1, 1)


def test_a_field_that_vanished_is_told() -> None:
    lines = drift("a.example", {"articles": 20, "stored": 20, "published_at": 1, "source": 18, "tags": 2}, USUAL)
    assert lines == ["a.example: published_at in 5% of 20 articles, usually 97%: layout changed?"]


@pytest.mark.parametrize(
    ("now", "usual"),
    [
        ({"articles": 20, "stored": 20, "published_at": 19, "source": 15}, USUAL),
        ({"articles": 5, "stored": 0}, USUAL),
        ({"articles": 20}, {"articles": 10, "stored": 10}),
        ({"articles": 20}, {}),
    ],
)
def test_small_changes_and_small_numbers_say_nothing(now: dict[str, int], usual: dict[str, int]) -> None:
    assert drift("a.example", now, usual) == []


def test_a_field_that_is_found_no_more_is_told(run_scrapy: Run, site_server: Any, mongo: Any) -> None:
    server = site_server(LINHE)
    url = server.url("/yaowen/")
    site = url.split("/")[2].split(":")[0]
    usual = {"articles": 100, "stored": 100, "editor": 100, "source": 100, "images": 0, "nonsense": 100}
    before = {"_id": "before", "spider": "news", "started_at": datetime(2026, 1, 1, tzinfo=UTC)}
    mongo["runs"].insert_one(before | {"coverage": [{"site": site, "fields": usual | {"section": 100}}]})
    done = run_scrapy("crawl", "news", "-a", f"url={url}", "-a", "max_articles=10")
    assert done.returncode == 0, done.stderr
    told = [line for line in done.stderr.splitlines() if "layout changed?" in line]
    (run,) = mongo["runs"].find({"_id": {"$ne": "before"}})
    fields = run["coverage"][0]["fields"]
    fallen = [name for name in ("editor", "source", "section") if fields[name] / fields["articles"] <= 0.6]
    assert len(told) == len(fallen)
    assert all(f"{site}: {name} in " in "\n".join(told) for name in fallen)
