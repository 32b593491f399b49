"""Learned scores: boosted trees over a few figures, from a data file that benchmarks/train.py writes."""

from __future__ import annotations

import json
import pkgutil
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import accumulate
from operator import and_, getitem
from typing import Any, Final

WEIGHTS: Final = "weights.json"
MAX_LEAVES: Final = 8


class ModelError(ValueError):
    """The data file does not fit this version of the program; the message says how."""


class Model:
    """Trees of one question. A tree is flat: node i asks whether figure `features[i]` is at most `thresholds[i]`.

    `left` and `right` are the next node, or ~leaf where it is below 0. `calibration` holds (scores, shares right), both
    rising: between two of its scores the share of right answers is interpolated.

    All trees are asked at once (QuickScorer, Lucchese et al. 2015): one number has a byte for each tree and in it a bit
    for each leaf. A figure above a threshold clears the leaves to the left of that node; a tree's first bit left is its
    answer.
    """

    def __init__(self, data: dict[str, Any]) -> None:
        self.figures: list[str] = data["figures"]
        trees: list[dict[str, Any]] = data["trees"]
        cleared: dict[int, list[tuple[float, int]]] = {}
        # For each tree: the answer for each byte that may be left of it.
        self._answers: list[list[float]] = []
        for number, tree in enumerate(trees):
            order: list[int] = []
            for feature, threshold, leaves in _cleared(tree, 0, order):
                cleared.setdefault(feature, []).append((threshold, leaves << MAX_LEAVES * number))
            if len(order) > MAX_LEAVES:
                raise ModelError(f"a tree has {len(order)} leaves, at most {MAX_LEAVES} are read")
            values = [float(tree["leaves"][leaf]) for leaf in order]
            self._answers.append([_first(values, byte) for byte in range(1 << MAX_LEAVES)])
        self._every = (1 << MAX_LEAVES * len(trees)) - 1
        # (feature, thresholds, what is left above the first 0, 1, 2, ... of them)
        self._steps: list[tuple[int, list[float], list[int]]] = []
        for feature, nodes in sorted(cleared.items()):
            nodes.sort()
            left = accumulate([~leaves for _, leaves in nodes], and_, initial=self._every)
            self._steps.append((feature, [threshold for threshold, _ in nodes], list(left)))
        calibration: list[list[float]] = list(data.get("calibration") or [[], []])
        self._scores: list[float] = calibration[0]
        self._shares: list[float] = calibration[1]

    def scores(self, rows: Sequence[Sequence[float]]) -> list[float]:
        """Return the score of each row of figures; higher is likelier, comparable between rows."""
        return [self.score(row) for row in rows]

    def score(self, row: Sequence[float]) -> float:
        left = self._every
        for feature, thresholds, masks in self._steps:
            left &= masks[bisect_left(thresholds, row[feature])]
        return sum(map(getitem, self._answers, left.to_bytes(len(self._answers), "little")), 0.0)

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


def _cleared(tree: dict[str, Any], node: int, order: list[int]) -> Iterator[tuple[int, float, int]]:
    """Yield (feature, threshold, bits of the leaves to the left) of the nodes below `node`; `order` gets the leaves."""
    if node < 0:
        order.append(~node)
        return
    begin = len(order)
    yield from _cleared(tree, tree["left"][node], order)
    leaves = (1 << len(order)) - (1 << begin)
    yield tree["features"][node], float(tree["thresholds"][node]), leaves
    yield from _cleared(tree, tree["right"][node], order)


def _first(values: list[float], bits: int) -> float:
    """Return the value of the first bit that is set."""
    place = (bits & -bits).bit_length() - 1
    return values[place] if 0 <= place < len(values) else 0.0


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
