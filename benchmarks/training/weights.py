"""Writing the weights: only where they are not worse than the last ones on the pages that both were measured on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from training.fit import calibrated, trees_of
from training.leave_out import Result
from training.questions import Question, Sample
from training.report import calibration_table

ROOT = Path(__file__).resolve().parent.parent.parent
WEIGHTS = ROOT / "newsspider" / "pages" / "learned" / "weights.json"
# for each question: page (hash of its bytes) -> how right its answer was when the weights were last written, its site
# left out; and the calibration tables
LAST = Path(__file__).with_name("last_scores.json")
MAX_SIZE = 200_000
TABLES = "calibration"
# Chance moves a mean by more; a fall below it is one.
TOLERANCE = 0.001


class WorseError(Exception):
    """The new weights are worse than the last; the message says by how much."""


def write(question: Question, samples: list[Sample], results: list[Result]) -> None:
    """Write the model of a question, trained on all samples. Raises WorseError and writes nothing if it is worse."""
    last = _read(LAST)
    scores = {
        result.sample.page.key: round(result.right, 4)
        for result in results
        if result.is_original and not result.sample.page.is_repeated
    }
    check(question, last.get(question.name, {}), scores)
    used = [sample for sample in samples if sample.rows and not sample.page.is_repeated]
    model = trees_of(question, used)
    if not question.is_choice:
        known = [result for result in results if result.is_original and result.chosen >= 0]
        model["calibration"] = calibrated(
            [result.score for result in known], [result.right >= question.good for result in known]
        )
    data = {**_read(WEIGHTS), question.name: model}
    text = _to_text(data)
    if len(text) > MAX_SIZE:
        raise WorseError(f"{WEIGHTS.name} would have {len(text)} bytes, {MAX_SIZE} are allowed")
    WEIGHTS.write_text(text, "utf-8")
    tables: dict[str, Any] = last.get(TABLES, {})
    if not question.is_choice:
        originals = [result for result in results if result.is_original and not result.sample.page.is_repeated]
        tables = {**tables, question.name: [[round(value, 3) for value in row] for row in calibration_table(originals)]}
    LAST.write_text(_to_text({**last, question.name: scores, TABLES: tables}), "utf-8")
    print(f"  written: {WEIGHTS.relative_to(ROOT)}, {len(text)} bytes")


def check(question: Question, last: dict[str, float], scores: dict[str, float]) -> None:
    """Raise WorseError where the pages that both know are answered worse: by mean, or by share of good answers."""
    both = last.keys() & scores.keys()
    if not both:
        return
    for name, before, after in (
        ("mean", sum(last[key] for key in both), sum(scores[key] for key in both)),
        (
            f"share >= {question.good:g}",
            sum(last[key] >= question.good for key in both),
            sum(scores[key] >= question.good for key in both),
        ),
    ):
        if after < before - TOLERANCE * len(both):
            raise WorseError(f"{question.name}: {name} {after / len(both):.4f}, was {before / len(both):.4f}")


def _read(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text("utf-8")) if path.exists() else {}


def _to_text(data: dict[str, Any]) -> str:
    """Return JSON with a line for each model, so that a change shows where it is."""
    lines = [f"{json.dumps(name)}:{json.dumps(value, separators=(',', ':'))}" for name, value in data.items()]
    return "{\n" + ",\n".join(lines) + "\n}\n"
