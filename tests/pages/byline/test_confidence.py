"""Certainty follows the evidence, and is what it says on real pages."""

from __future__ import annotations

import importlib.util
import json
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from newsspider.pages.article import ArticlePage
from newsspider.pages.document import Document
from newsspider.text.zone import BEIJING

FETCHED = datetime(2024, 5, 20, 2, 0, tzinfo=UTC)
TITLE = "沈家湾老码头改成露天剧场"
PROSE = "<p>沈家湾的老码头停用多年，今年春天改成了露天剧场，六百个座位全部用旧船板拼成。</p>" * 4


def sure(header: str, *, head: str = "", url: str = "https://www.jiangan.example/a/889.html") -> dict[str, float]:
    html = (
        f"<html><head><title>{TITLE}_江岸在线</title>{head}</head><body><h1>{TITLE}</h1>{header}{PROSE}</body></html>"
    )
    return ArticlePage(Document.from_text(html, url, FETCHED)).confidence()


def meta(time: str) -> str:
    return f"<meta property='article:published_time' content='{time}'>"


@pytest.mark.parametrize(
    ("field", "better", "worse"),
    [
        ("published_at", "<p>发布时间：2024-05-18 09:20</p>", "<p>2024-05-18 09:20</p>"),
        ("published_at", "<p>2024-05-18 09:20</p>", "<p>05-18 09:20</p>"),
        ("published_at", "<p>2024-05-18 09:20</p>", "<p>3天前</p>"),
        ("published_at", "<p>2024-05-18 09:20</p>", "<p>最后更新 2024-05-18 09:20</p>"),
        ("source", "<p>2024-05-18 来源：江浦日报</p>", "<p>2024-05-18 江浦日报</p>"),
        ("authors", "<p>2024-05-18 记者：沈一舟</p>", "<p>2024-05-18 沈一舟</p>"),
    ],
)
def test_better_evidence_is_surer(field: str, better: str, worse: str) -> None:
    assert sure(better)[field] > sure(worse)[field]


def test_agreement_makes_sure_and_contradiction_unsure() -> None:
    header = "<p>2024-05-18 09:20</p>"
    agreed, alone, contradicted = (
        sure(header, head=head)["published_at"]
        for head in (meta("2024-05-18T09:20:00+08:00"), "", meta("2024-03-01T09:20:00+08:00"))
    )
    assert agreed > alone > contradicted


def test_what_is_missing_has_no_certainty() -> None:
    assert not {"source", "authors", "published_at"} & set(sure("<p>没有署名</p>"))


def _scorer(shared: Path) -> Any:
    spec = importlib.util.spec_from_file_location("score", shared / "corpus" / "score.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _is_right(score: Any, row: dict[str, Any], field: str, value: str) -> bool:
    rights = [row.get(field), *(row.get("accept") or {}).get(field, [])]
    return any(right is not None and score.equal(field, right, value) for right in rights)


def test_of_what_is_nine_tenths_sure_nine_in_ten_are_right(shared: Path) -> None:
    score = _scorer(shared)
    table: dict[float, list[bool]] = defaultdict(list)
    for folder in ("", "fresh", "web"):
        for row in map(json.loads, (shared / "corpus" / folder / "gold.jsonl").read_text().splitlines()):
            path = shared / "corpus" / folder / "html" / f"{row['id']}.html"
            page = ArticlePage(Document.from_bytes(path.read_bytes(), f"https://file.invalid/{path.name}", FETCHED))
            certainty, moment = page.confidence(), page.published_at()
            values = {
                "title": ("title", page.title()),
                "source": ("source", page.source()),
                "author": ("authors", "、".join(page.authors())),
                "publish_time": (
                    "published_at",
                    moment and moment.extent == "full" and str(moment.at.astimezone(BEIJING)),
                ),
            }
            for field, (name, value) in values.items():
                if value and field not in row.get("skip", ()):
                    table[int(certainty[name] * 10) / 10].append(_is_right(score, row, field, value))
    sure_ones = [right for floor, rights in table.items() if floor >= 0.9 for right in rights]
    assert len(sure_ones) > 300
    assert sum(sure_ones) >= 0.9 * len(sure_ones), {
        floor: (sum(rights), len(rights)) for floor, rights in table.items()
    }
