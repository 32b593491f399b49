"""The examples do what they say, on an export of the recorded pages."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas
import pytest
from project import ROOT

from newsspider.cli.exporting.columnar import write_parquet
from newsspider.cli.exporting.export import COLUMNS
from newsspider.cli.extraction import extract, read_page


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
