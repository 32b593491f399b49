"""Training: sites are left out whole, worse weights are refused, confidences hold on pages not seen."""

from __future__ import annotations

import json
import sys
from math import sqrt
from pathlib import Path

import pytest
from project import ROOT

sys.path.insert(0, str(ROOT / "benchmarks"))
pytest.importorskip("lightgbm", reason="needs requirements-train.txt")
pytest.importorskip("sklearn", reason="needs requirements-train.txt")

from training.corpora import CorpusError, Page, read_corpora
from training.fit import calibrated, fit
from training.leave_out import left_out, site_groups
from training.questions import Question, Sample
from training.weights import LAST, WorseError, check

MOST_OFF = 0.05
MIN_PAGES = 20


def page(number: int, site: str) -> Page:
    return Page(f"page{number}", "made", site, "article", b"", "https://a.example/", None, "", {})  # type: ignore[arg-type]


def question(samples: list[Sample] | None = None) -> Question:
    return Question("height", ("height", "noise"), lambda page: samples or [], fitting={"min_data_in_leaf": 2})


def choices() -> list[Sample]:
    """Return pages on which the higher of two candidates is right."""
    rows = [[[float(number % 7), 1.0], [float(number % 7) + 5, 0.0]] for number in range(40)]
    return [Sample(page(number, f"site{number % 8}"), pair, [0.0, 1.0]) for number, pair in enumerate(rows)]


def test_every_page_is_answered_by_a_model_that_has_not_seen_its_site() -> None:
    samples = choices()
    groups = site_groups(samples, 4)
    assert sorted(site for sites in groups for site in sites) == sorted({sample.page.site for sample in samples})
    results = left_out(question(), samples)
    assert [result.sample for result in results] == samples
    assert all(result.right == 1.0 for result in results)


def test_the_same_samples_give_the_same_model() -> None:
    first, second = (fit(question(), choices()) for _ in range(2))
    rows = [[float(height), 0.5] for height in range(12)]
    assert first.scores(rows) == second.scores(rows)
    assert first.score([11.0, 0.0]) > first.score([1.0, 0.0])


@pytest.mark.parametrize(
    ("last", "now", "is_worse"),
    [
        ({"a": 1.0, "b": 0.9}, {"a": 1.0, "b": 0.9}, False),
        ({"a": 1.0, "b": 0.9}, {"a": 1.0, "b": 0.8}, True),
        ({"a": 1.0, "b": 0.9}, {"a": 0.97, "b": 0.99}, False),
        ({"a": 1.0, "b": 0.5}, {"a": 0.97, "b": 0.7}, True),  # a higher mean, but a page less that is good
        ({"a": 1.0}, {"c": 0.1}, False),
    ],
)
def test_weights_that_are_worse_on_the_same_pages_are_refused(
    last: dict[str, float], now: dict[str, float], is_worse: bool
) -> None:
    if not is_worse:
        check(question(), last, now)
        return
    with pytest.raises(WorseError, match="height: "):
        check(question(), last, now)


def test_calibration_rises_and_is_never_certain() -> None:
    scores, shares = calibrated([-2.0, -1.0, 0.0, 1.0, 2.0, 3.0], [False, False, True, False, True, True])
    assert scores == sorted(scores)
    assert shares == sorted(shares)
    assert 0 < shares[0] < shares[-1] < 1


def test_confidences_of_the_last_training_hold_on_sites_not_seen() -> None:
    rows = json.loads(LAST.read_text("utf-8"))["calibration"]["text"]
    counted = [row for row in rows if row[2] >= MIN_PAGES]
    assert sum(row[2] for row in counted) > 200
    for low, high, pages, mean, right in counted:
        chance = 2 * sqrt(mean * (1 - mean) / pages)  # two standard deviations of so many pages
        assert abs(mean - right) <= max(MOST_OFF, chance), f"{low} to {high}: {mean:.3f}, right {right:.3f}"


def test_folder_without_labelled_pages_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"neither gold.jsonl with html/ nor recorded pages"):
        read_corpora([tmp_path])


def test_corpus_and_recorded_pages_are_read_alike(tmp_path: Path) -> None:
    (tmp_path / "html").mkdir()
    (tmp_path / "html" / "1.html").write_text("<title>渡口</title><p>渡口今天恢复通航。</p>", "utf-8")
    row = {"id": "1", "kind": "article", "site": "hekou.example", "content": "渡口今天恢复通航。"}
    (tmp_path / "gold.jsonl").write_text(json.dumps(row), "utf-8")
    own, *recorded = read_corpora([tmp_path, ROOT / "fixtures" / "linhe"])
    assert (own.site, own.kind, own.text) == ("hekou", "article", "渡口今天恢复通航。")
    assert {(found.corpus, found.site) for found in recorded} == {("linhe", "linhe-news")}
    assert all(found.text for found in recorded)
    (tmp_path / "html" / "1.html").unlink()
    with pytest.raises(CorpusError, match=r"no page 1.html in html/"):
        read_corpora([tmp_path])
