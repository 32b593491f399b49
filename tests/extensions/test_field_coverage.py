"""Field coverage of a crawl, by site."""

from __future__ import annotations

from datetime import UTC, datetime

from newsspider.extensions.field_coverage import Coverage
from newsspider.items import Article


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
