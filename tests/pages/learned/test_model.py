"""Learned scores: trees as they are written, confidence between known scores, a data file that fits the program."""

from __future__ import annotations

import json
from typing import Any

import pytest
from project import ROOT

from newsspider.pages.article import page_kind, page_text
from newsspider.pages.article.page_figures import FIGURE_NAMES, KIND_FIGURES
from newsspider.pages.body import body
from newsspider.pages.body.figures import FIGURES
from newsspider.pages.learned.model import WEIGHTS, Model, ModelError, model

WEIGHTS_FILE = ROOT / "newsspider" / "pages" / "learned" / WEIGHTS
MAX_SIZE = 200_000
# length <= 10: leaf 0; else links <= 0.5: leaf 1, else leaf 2
TREE = {
    "features": [0, 1],
    "thresholds": [10.0, 0.5],
    "left": [~0, ~1],
    "right": [1, ~2],
    "leaves": [-1.0, 2.0, 0.25],
}


def small(**more: Any) -> Model:
    return Model({"figures": ["length", "links"], "trees": [TREE, TREE], **more})


@pytest.mark.parametrize(("row", "score"), [((10, 0), -2.0), ((11, 0.5), 4.0), ((11, 0.6), 0.5)])
def test_score_is_the_sum_of_the_leaves(row: tuple[float, float], score: float) -> None:
    assert small().score(row) == score


@pytest.mark.parametrize(
    ("score", "share"), [(-9.0, 0.2), (-1.0, 0.2), (0.0, 0.5), (1.0, 0.8), (2.0, 0.85), (3.0, 0.9), (9.0, 0.9)]
)
def test_confidence_lies_between_those_of_known_scores(score: float, share: float) -> None:
    assert small(calibration=[[-1.0, 1.0, 3.0], [0.2, 0.8, 0.9]]).confidence(score) == pytest.approx(share)


def test_effects_name_the_figures_that_change_the_score() -> None:
    assert small().effects((20, 0.9), (5, 0.9)) == [("length", 2.5)]


def test_model_of_other_figures_is_refused() -> None:
    with pytest.raises(ModelError, match=r"'body' was made from other figures: run benchmarks/train.py"):
        model(body.MODEL, ("length",))
    with pytest.raises(ModelError, match="no model 'weather'"):
        model("weather", ("length",))


@pytest.mark.parametrize(
    ("name", "figures"),
    [(body.MODEL, tuple(FIGURES)), (page_kind.MODEL, KIND_FIGURES), (page_text.MODEL, FIGURE_NAMES)],
)
def test_data_file_has_the_models_that_the_program_asks_for(name: str, figures: tuple[str, ...]) -> None:
    assert model(name, figures).figures == list(figures)


def test_data_file_is_small_and_has_one_model_a_line() -> None:
    text = WEIGHTS_FILE.read_text("utf-8")
    assert len(text.encode()) < MAX_SIZE
    assert len(text.splitlines()) == len(json.loads(text)) + 2
