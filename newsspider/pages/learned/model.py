"""Learned scores: boosted trees over a few figures, from a data file that benchmarks/train.py writes."""

from __future__ import annotations

import json
import pkgutil
from bisect import bisect_right
from collections.abc import Sequence
from functools import cache
from typing import Any, Final

WEIGHTS: Final = "weights.json"


class ModelError(ValueError):
    """The data file does not fit this version of the program; the message says how."""


class Model:
    """Trees of one question. A tree is flat: node i asks whether figure `features[i]` is at most `thresholds[i]`.

    `left` and `right` are the next node, or ~leaf where it is below 0. `calibration` holds (scores, shares right), both
    rising: between two of its scores the share of right answers is interpolated.
    """

    def __init__(self, data: dict[str, Any]) -> None:
        self.figures: list[str] = data["figures"]
        self._features: list[list[int]] = [tree["features"] for tree in data["trees"]]
        self._thresholds: list[list[float]] = [tree["thresholds"] for tree in data["trees"]]
        self._left: list[list[int]] = [tree["left"] for tree in data["trees"]]
        self._right: list[list[int]] = [tree["right"] for tree in data["trees"]]
        self._leaves: list[list[float]] = [tree["leaves"] for tree in data["trees"]]
        calibration: list[list[float]] = list(data.get("calibration") or [[], []])
        self._scores: list[float] = calibration[0]
        self._shares: list[float] = calibration[1]

    def scores(self, rows: Sequence[Sequence[float]]) -> list[float]:
        """Return the score of each row of figures; higher is likelier, comparable between rows."""
        return [self.score(row) for row in rows]

    def score(self, row: Sequence[float]) -> float:
        total = 0.0
        for features, thresholds, left, right, leaves in zip(
            self._features, self._thresholds, self._left, self._right, self._leaves, strict=True
        ):
            node = 0
            while node >= 0:
                node = left[node] if row[features[node]] <= thresholds[node] else right[node]
            total += leaves[~node]
        return total

    def confidence(self, score: float) -> float:
        """Return the share (0 to 1) of answers with such a score that were right on sites training had not seen."""
        if not self._scores:
            return 0.5
        place = bisect_right(self._scores, score)
        if place in (0, len(self._scores)):
            return self._shares[min(place, len(self._scores) - 1)]
        low, high = self._scores[place - 1], self._scores[place]
        share = (score - low) / (high - low) if high > low else 1.0
        return self._shares[place - 1] + share * (self._shares[place] - self._shares[place - 1])

    def effects(self, row: Sequence[float], usual: Sequence[float]) -> list[tuple[str, float]]:
        """Return (figure, what it adds to the score against a usual value), the strongest first."""
        own = self.score(row)
        found = []
        for index, name in enumerate(self.figures):
            changed = list(row)
            changed[index] = usual[index]
            if effect := own - self.score(changed):
                found.append((name, effect))
        return sorted(found, key=lambda item: -abs(item[1]))


@cache
def model(name: str, figures: tuple[str, ...]) -> Model:
    """Return the model of a question, read once. Raises ModelError where it was made from other figures."""
    data = _data()
    if name not in data:
        raise ModelError(f"{WEIGHTS} has no model {name!r}: run benchmarks/train.py")
    found = Model(data[name])
    if tuple(found.figures) != figures:
        raise ModelError(f"{WEIGHTS}: the model {name!r} was made from other figures: run benchmarks/train.py")
    return found


@cache
def _data() -> dict[str, Any]:
    raw = pkgutil.get_data("newsspider.pages.learned", WEIGHTS)
    if raw is None:
        raise ModelError(f"{WEIGHTS} is missing")
    data: dict[str, Any] = json.loads(raw)
    return data
