"""Boosted trees fitted with LightGBM, written as the flat trees that newsspider.pages.learned reads."""

from __future__ import annotations

from collections import Counter
from typing import Any

import lightgbm
import numpy as np
from sklearn.isotonic import IsotonicRegression

from newsspider.pages.learned.model import Model
from training.questions import ORIGINAL, Question, Sample

# Right answers are ranked in so many steps.
STEPS = 30
VARIANT_WEIGHT = 1.0
LISTING_WEIGHT = 5.0
# A site with more pages counts as if it had so many.
MOST_OF_SITE = 10
DIGITS = 5
FITTING = {"min_data_in_leaf": 20, "feature_fraction": 0.5, "num_threads": 1, "verbose": -1, "deterministic": True}


def fit(question: Question, samples: list[Sample]) -> Model:
    """Return the model of a question from these samples; the same samples give the same model."""
    used = [sample for sample in samples if sample.rows and not sample.page.is_repeated]
    return Model(trees_of(question, used))


def trees_of(question: Question, samples: list[Sample]) -> dict[str, Any]:
    rows = np.array([row for sample in samples for row in sample.rows])
    right = np.array([value for sample in samples for value in sample.right])
    counts = Counter(sample.page.site for sample in samples if sample.variant == ORIGINAL)
    weights = [
        weight_of(sample) * min(1.0, MOST_OF_SITE / max(counts[sample.page.site], 1))
        for sample in samples
        for _ in sample.rows
    ]
    options: dict[str, Any] = {**FITTING, "num_leaves": question.leaves, "learning_rate": question.rate, "seed": 1}
    options |= question.fitting
    if question.is_choice:
        options |= {"objective": "lambdarank", "label_gain": list(range(STEPS + 1))}
        groups = [len(sample.rows) for sample in samples]
        data = lightgbm.Dataset(rows, np.floor(right * STEPS).astype(int), weight=weights, group=groups)
    else:
        options |= {"objective": "cross_entropy"}
        data = lightgbm.Dataset(rows, right, weight=weights)
    booster = lightgbm.train(options, data, question.trees)
    trees = [flat(tree["tree_structure"]) for tree in booster.dump_model()["tree_info"]]
    return {"figures": list(question.figures), "trees": [tree for tree in trees if tree["features"]]}


def weight_of(sample: Sample) -> float:
    """Return how much a page counts; the few saved listings count for more, made pages stand in for others."""
    if sample.variant != ORIGINAL:
        return VARIANT_WEIGHT
    return LISTING_WEIGHT if sample.page.kind != "article" else 1.0


def flat(node: dict[str, Any]) -> dict[str, list[Any]]:
    """Return a tree as lists: node 0 is the root, ~i in `left` and `right` is leaf i."""
    tree: dict[str, list[Any]] = {"features": [], "thresholds": [], "left": [], "right": [], "leaves": []}
    _add(node, tree)
    return tree


def _add(node: dict[str, Any], tree: dict[str, list[Any]]) -> int:
    if "split_feature" not in node:
        tree["leaves"].append(_rounded(node["leaf_value"]))
        return ~(len(tree["leaves"]) - 1)
    place = len(tree["features"])
    tree["features"].append(node["split_feature"])
    tree["thresholds"].append(_rounded(node["threshold"]))
    tree["left"].append(0)
    tree["right"].append(0)
    tree["left"][place] = _add(node["left_child"], tree)
    tree["right"][place] = _add(node["right_child"], tree)
    return place


def _rounded(value: float) -> float:
    return float(f"{value:.{DIGITS}g}")


def calibrated(scores: list[float], is_right: list[bool]) -> tuple[list[float], list[float]]:
    """Return (scores, shares right), both rising: at which score of pages not seen which share was right.

    Fitted so that it only rises (isotonic), and drawn in by two pages, one right and one wrong, at each end: no answer
    is certain.
    """
    low, high = min(scores), max(scores)
    fitted = IsotonicRegression(out_of_bounds="clip")
    fitted.fit([low, low, *scores, high, high], [0.0, 1.0, *map(float, is_right), 0.0, 1.0])
    return (
        [_rounded(value) for value in fitted.X_thresholds_],
        [_rounded(value) for value in fitted.y_thresholds_],
    )
