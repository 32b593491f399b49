"""What a training run prints: scores of each set of pages, on sites not seen."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

import numpy as np

from training.fit import calibrated
from training.leave_out import Result, site_groups
from training.questions import ALL, Question

SCALE = (0.0, 0.5, 0.8, 0.9, 0.95, 0.98, 1.0)


def show(question: Question, results: list[Result], worst: int) -> None:
    """Print the mean and the share of good answers of each set; a page that two sets share counts once in the sum."""
    print(f"\n{question.name}: leave-one-site-out")
    if not question.is_choice:
        show_answers(results, worst)
        return
    print(f"  {'set':24} {'pages':>5} {'sites':>5} {'mean':>6} {f'>= {question.good:g}':>7}   best candidate")
    originals = [result for result in results if result.is_original]
    for name in dict.fromkeys(result.sample.page.corpus for result in originals):
        _line(question, name, [result for result in originals if result.sample.page.corpus == name])
    _line(question, ALL, [result for result in originals if not result.sample.page.is_repeated])
    for name in dict.fromkeys(result.sample.variant for result in results if not result.is_original):
        _line(question, f"made: {name}", [result for result in results if result.sample.variant == name])
    for result in sorted(originals, key=lambda result: result.right)[:worst]:
        page = result.sample.page
        print(f"    {page.corpus}/{page.gold.get('id', page.url)}: {result.right:.3f} of {result.sample.best:.3f}")


def _line(question: Question, name: str, results: list[Result]) -> None:
    sites = len({result.sample.page.site for result in results})
    values = [result.right for result in results]
    best = [result.sample.best for result in results]
    print(
        f"  {name:24} {len(results):5} {sites:5} {_mean(values):6.4f} {_share(values, question.good):7.3f}"
        f"   {_mean(best):6.4f} {_share(best, question.good):6.3f}"
    )


def _mean(values: list[float]) -> float:
    return sum(values) / max(len(values), 1)


def _share(values: Iterable[float], good: float) -> float:
    found = [value >= good for value in values]
    return sum(found) / max(len(found), 1)


def show_answers(results: list[Result], worst: int) -> None:
    """Print how often a yes or no is right, by set and by variant, and the calibration table of the originals."""
    print(f"  {'set':36} {'answer':>6} {'pages':>5} {'right':>6}")
    groups: dict[tuple[str, float], list[Result]] = {}
    for result in results:
        name = result.sample.page.corpus if result.is_original else f"made: {result.sample.variant}"
        groups.setdefault((name, result.right), []).append(result)
    for (name, answer), found in sorted(groups.items(), key=lambda item: (item[0][0].startswith("made"), item[0])):
        right = sum((result.score > 0) == (answer > 0.5) for result in found)
        print(f"  {name:36} {'yes' if answer else 'no':>6} {len(found):5} {right / len(found):6.3f}")
    originals = [result for result in results if result.is_original and not result.sample.page.is_repeated]
    print("  confidence      pages   mean  right")
    for low, high, count, mean, share in calibration_table(originals):
        print(f"  {low:.2f} to {high:.2f} {count:9} {mean:6.3f} {share:6.3f}")
    wrong = [result for result in originals if (result.score > 0) != (result.right > 0.5)]
    for result in sorted(wrong, key=lambda result: -abs(result.score))[:worst]:
        page = result.sample.page
        print(f"    {page.corpus}/{page.gold.get('id', page.url)}: {result.score:+.2f}, right is {result.right:.0f}")


def calibration_table(results: list[Result]) -> list[tuple[float, float, int, float, float]]:
    """Return (from, to, pages, mean confidence, share right) for parts of the scale.

    The confidence of a page is read from a calibration that was fitted without the pages of its site.
    """
    pairs: list[tuple[float, float]] = []
    for sites in site_groups([result.sample for result in results]):
        others = [result for result in results if result.sample.page.site not in sites]
        scores, shares = calibrated([result.score for result in others], [result.right > 0.5 for result in others])
        own = [result for result in results if result.sample.page.site in sites]
        confidences = np.interp([result.score for result in own], scores, shares)
        pairs += zip(confidences, [result.right for result in own], strict=True)
    rows = []
    for low, high in pairwise(SCALE):
        inside = [pair for pair in pairs if low <= pair[0] < high or (high == 1.0 == pair[0])]
        if inside:
            mean, share = (sum(pair[part] for pair in inside) / len(inside) for part in (0, 1))
            rows.append((low, high, len(inside), mean, share))
    return rows
