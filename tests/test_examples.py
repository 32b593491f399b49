"""The examples do what they say, on an export of the recorded pages."""

from __future__ import annotations

import json
import runpy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas
import pytest
from project import ROOT
from shown_archive import fill, served, settings_of, shown_articles

from newsspider.cli.exporting.columnar import write_parquet
from newsspider.cli.exporting.export import COLUMNS
from newsspider.cli.extraction import extract, read_page
from newsspider.cli.importing.sources import article_from_json
from newsspider.recording.warc import WarcRecording


@pytest.fixture
def articles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Articles of two invented sites as articles.parquet in the current folder; the last is a copy of the first."""
    monkeypatch.chdir(tmp_path)
    pages = [*sorted((ROOT / "fixtures" / "linhe").glob("yaowen-2024-04*"))[:6]]
    pages += sorted((ROOT / "fixtures" / "hupan").glob("a-2024*"))[:6]
    found = [extract(read_page(page)).article.to_document() for page in pages]
    for number, article in enumerate(found):
        article |= {"story_id": f"s{number}", "revision": 1}
    found[-1] |= {"story_id": "s0", "duplicate_of": found[0]["_id"]}
    write_parquet(found, Path("articles.parquet"), COLUMNS)
    return found


def test_the_notebook_for_pandas(articles: list[dict[str, Any]]) -> None:
    notebook = json.loads((ROOT / "examples" / "pandas.ipynb").read_text("utf-8"))
    scope: dict[str, Any] = {}
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            exec("".join(cell["source"]), scope)
    assert len(scope["articles"]) == len(articles)
    assert scope["per_day"].to_numpy().sum() == sum(1 for a in articles[:-1] if a["published_at"])
    assert 0.5 < scope["coverage"]["published_at"] <= 1
    assert scope["reprinted"].sum() == 1
    assert isinstance(scope["edges"], pandas.Series) and len(scope["edges"])


@pytest.mark.parametrize("name", ["spark_warc", "ray_warc"])
def test_the_examples_for_clusters_give_what_an_import_takes(name: str, tmp_path: Path) -> None:
    page = read_page(next(iter(sorted((ROOT / "fixtures" / "linhe").glob("yaowen-2024-04*")))))
    english = replace(page, url="http://linhe.example/en.html", body=b"<h1>Ferries</h1>" + b"<p>They are back. " * 90)
    warc = tmp_path / "x.warc.gz"
    recording = WarcRecording.open(warc, writable=True)
    for response in (page, english):
        recording.store(response)
    recording.close()
    scope = runpy.run_path(str(ROOT / "examples" / f"{name}.py"))
    if name == "spark_warc":
        assert scope["convert"](str(warc), str(tmp_path)) == 1
        assert scope["convert"](str(warc), str(tmp_path)) == 0, "it is there"
        lines = (tmp_path / "x.warc.gz.jsonl").read_text("utf-8").splitlines()
    else:
        lines = [json.dumps(row, ensure_ascii=False) for row in scope["articles"]({"path": str(warc)})]
    assert [article_from_json(line).title for line in lines] == [extract(page).article.title]
    assert len((ROOT / "examples" / f"{name}.py").read_text("utf-8").splitlines()) <= 40


@pytest.mark.server
def test_the_notebook_for_the_pages(
    articles: list[dict[str, Any]], mongo_uri: str, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its numbers are those of the archive that `scrapy serve` shows; matplotlib is its reader's to install."""
    fill(mongo_uri, database, tmp_path)
    with served(settings_of(mongo_uri, database, tmp_path)) as address:
        monkeypatch.setenv("ARCHIVE", address)
        notebook = json.loads((ROOT / "examples" / "pages.ipynb").read_text("utf-8"))
        scope: dict[str, Any] = {}
        for cell in notebook["cells"]:
            if cell["cell_type"] == "code":
                source = "".join(cell["source"]).replace("2024-03-25", "2026-02-20").replace("2024-04-30", "2026-03-10")
                exec(source, scope)
    assert scope["per_day"].to_numpy().sum() == len(scope["hits"]) == len(shown_articles())
    assert scope["sources"].to_numpy().sum() == sum(1 for article in shown_articles() if article.source)
    assert len(scope["lengths"]) == len(articles)
