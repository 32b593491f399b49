"""Exports: JSON lines, CSV, Parquet, a workbook, edges."""

from __future__ import annotations

import csv
import io
import json
from argparse import Namespace
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import networkx
import pandas
import pytest
from scrapy.exceptions import UsageError

from newsspider.cli.exporting.columnar import MAX_CELL
from newsspider.cli.exporting.export import COLUMNS, Export
from newsspider.cli.exporting.lines import csv_cell
from newsspider.mongo.archive import ArchiveError

AT = datetime(2024, 4, 26, 1, 2, 3, tzinfo=UTC)
ARTICLE: dict[str, Any] = {
    "_id": "a.example/1",
    "url": "https://a.example/1",
    "site": "a.example",
    "title": '=HYPERLINK("http://x")',
    "authors": ["张三", "李四"],
    "published_at": AT,
    "text": "一\n二，“三”\0",
    "images": [{"url": "https://a.example/1.jpg", "caption": None}],
    "related": [
        {"block": "相关阅读", "position": 0, "url": "https://a.example/2", "title": "渡船\x01", "published_at": None},
        {"block": "相关阅读", "position": 1, "url": "https://a.example/1", "title": "自己", "is_self": True},
    ],
    "confidence": {"title": 0.9},
    "tz_assumed": False,
    "revision": 2,
}
COPY = ARTICLE | {"_id": "b.example/9", "site": "b.example", "duplicate_of": "a.example/1", "text": "长" * 40_000}


def options(output: Path | str | None, **given: Any) -> Namespace:
    given = {"format": None, "fields": None, "edges": None} | given
    return Namespace(output=str(output) if output else None, **given)


def written(path: Path, **given: Any) -> Path:
    count, files = Export.of(options(path, **given)).write(iter([ARTICLE, COPY]), {"site": "a.example"})
    assert count and path in files
    return path


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\t=1", " =1", "　=1", "\ufeff=1", "＝1", "\r=1"])
def test_a_formula_becomes_text(text: str) -> None:
    assert str(csv_cell(text)).startswith("'")


@pytest.mark.parametrize("text", ["标题", "1=1", "——", "“-”", ""])
def test_other_text_stays(text: str) -> None:
    assert csv_cell(text) == text


def test_csv_reads_back(tmp_path: Path) -> None:
    data = written(tmp_path / "x.csv").read_text("utf-8")
    assert data.startswith("\ufeff")
    row = next(csv.DictReader(io.StringIO(data.lstrip("\ufeff"), newline="")))
    assert row["title"] == '\'=HYPERLINK("http://x")'
    assert (row["authors"], row["text"]) == ("张三; 李四", "一\n二，“三”")
    assert (row["published_at"], row["editor"], row["tz_assumed"]) == ("2024-04-26T01:02:03Z", "", "False")
    assert json.loads(row["related"])[0]["block"] == "相关阅读"


def test_jsonl_is_one_line_an_article(tmp_path: Path) -> None:
    first, second = map(json.loads, written(tmp_path / "x.jsonl").read_text("utf-8").splitlines())
    assert first["published_at"] == "2024-04-26T01:02:03Z"
    assert second["_id"] == "b.example/9"


def test_parquet_holds_types_and_a_data_card_stands_beside_it(tmp_path: Path) -> None:
    table = pandas.read_parquet(written(tmp_path / "x.parquet"))
    assert list(table.columns) == list(COLUMNS)
    assert table["published_at"][0].to_pydatetime() == AT
    assert list(table["authors"][0]) == ["张三", "李四"]
    assert (table["revision"][0], table["confidence"][0]["title"]) == (2, 0.9)
    assert table["related"][0][0]["block"] == "相关阅读"
    card = (tmp_path / "x.md").read_text("utf-8")
    for line in ("2 articles of 2 sites, published 2024-04-26 to 2024-04-26", "| authors | 100% |", "site=a.example"):
        assert line in card


def test_a_workbook_holds_text_alone_and_says_where_it_cut(tmp_path: Path) -> None:
    import zipfile

    with zipfile.ZipFile(written(tmp_path / "x.xlsx", fields="_id,title,text")) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode("utf-8")
    assert "<f>" not in sheet and "HYPERLINK" in sheet
    assert sheet.count("长") == MAX_CELL - 1 and "长…" in sheet


def test_fields_are_those_asked_for(tmp_path: Path) -> None:
    line = written(tmp_path / "x.jsonl", fields="title, _id").read_text("utf-8").splitlines()[0]
    assert json.loads(line) == {"title": ARTICLE["title"], "_id": "a.example/1"}


def test_edges_are_read_by_graph_tools(tmp_path: Path) -> None:
    related = networkx.read_graphml(written(tmp_path / "x.graphml", edges="related"))
    assert set(related.edges) == {("a.example/1", "a.example/2"), ("b.example/9", "a.example/2")}
    assert related.nodes["a.example/2"]["title"] == "渡船 "
    reprints = networkx.read_graphml(written(tmp_path / "y.graphml", edges="reprints"))
    assert list(reprints.edges) == [("b.example/9", "a.example/1")]
    rows = list(csv.DictReader(written(tmp_path / "y.csv", edges="reprints").read_text("utf-8-sig").splitlines()))
    assert [(row["from"], row["to"]) for row in rows] == [("b.example/9", "a.example/1")]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"output": "x.txt"}, "expected a name that ends in .csv, .jsonl, .parquet, .xlsx"),
        ({"output": "x"}, "expected a name"),
        ({"output": "x.parquet", "format": "csv"}, "do not agree"),
        ({"output": "x.graphml"}, "expected a name"),
        ({"output": "x.xlsx", "edges": "related"}, "expected a name that ends in .csv, .graphml"),
        ({"output": None, "format": "xlsx"}, "needs a file"),
        ({"output": "x.csv", "fields": "titel"}, "do you mean title?"),
        ({"output": "x.csv", "fields": ","}, "names no field"),
    ],
)
def test_wrong_use_is_refused(given: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message.replace("?", r"\?")):
        Export.of(options(**given))


def test_a_failed_export_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("old")

    def broken() -> Iterator[dict[str, Any]]:
        yield ARTICLE
        raise ArchiveError("gone")

    with pytest.raises(ArchiveError):
        Export.of(options(path)).write(broken(), {})
    assert [found.name for found in tmp_path.iterdir()] == ["x.csv"]
    assert path.read_text() == "old"
