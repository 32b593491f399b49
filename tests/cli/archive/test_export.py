"""Articles as CSV and JSON lines."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime

import pytest

from newsspider.cli.archive.export import csv_cell, write_export

ARTICLE = {
    "_id": "a.example/1",
    "url": "https://a.example/1",
    "title": '=HYPERLINK("http://x")',
    "authors": ["张三", "李四"],
    "published_at": datetime(2024, 4, 26, 1, 2, 3, tzinfo=UTC),
    "text": "一\n二，“三”",
    "images": [{"url": "https://a.example/1.jpg", "caption": None}],
    "revision": 2,
}


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\t=1", " =1", "　=1", "\ufeff=1", "＝1", "\r=1"])
def test_a_formula_becomes_text(text: str) -> None:
    assert str(csv_cell(text)).startswith("'")


@pytest.mark.parametrize("text", ["标题", "1=1", "——", "“-”", ""])
def test_other_text_stays(text: str) -> None:
    assert csv_cell(text) == text


def test_csv_reads_back() -> None:
    stream = io.StringIO(newline="")
    assert write_export([ARTICLE], "csv", stream) == 1
    assert stream.getvalue().startswith("\ufeff")
    (row,) = csv.DictReader(io.StringIO(stream.getvalue().lstrip("\ufeff"), newline=""))
    assert row["title"] == '\'=HYPERLINK("http://x")'
    assert (row["authors"], row["text"], row["images"]) == ("张三; 李四", "一\n二，“三”", "https://a.example/1.jpg")
    assert (row["published_at"], row["editor"]) == ("2024-04-26T01:02:03Z", "")


def test_jsonl_is_one_line_an_article() -> None:
    stream = io.StringIO()
    assert write_export([ARTICLE, ARTICLE], "jsonl", stream) == 2
    lines = stream.getvalue().splitlines()
    assert len(lines) == 2
    assert json.loads(lines[0])["published_at"] == "2024-04-26T01:02:03Z"
