"""When a share or a mean has fallen: the last articles against those before them.

Nothing is taken for granted of how articles follow each other. A fall counts where it is large, hardly possible by
chance, and deeper than any stretch of equal length has been before.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

# so many articles at least are compared, and at most; with so many before them
LEAST_NOW: Final = 8
MOST_NOW: Final = 50
LEAST_BEFORE: Final = 20
# a share falls by so much; the chance of that, were there no reason for it, is below LEAST_CHANCE
SHARE_FALL: Final = 0.4
LEAST_CHANCE: Final = 1e-6
BELOW_LOWEST: Final = 0.1
DEVIATIONS: Final = 6.0
# a share or mean that has come back as far as this part of its fall is as usual again
HEALED_PART: Final = 0.6


@dataclass(frozen=True, slots=True)
class Fall:
    """The last `count` values have the mean `present`, those before had `usual`."""

    usual: float
    present: float
    count: int


def fallen_share(flags: Sequence[bool], least: int = LEAST_NOW) -> Fall | None:
    """Return the fall of how often `flags` (oldest first) are True, None where it has not fallen."""
    sums = [0, *accumulate(map(int, flags))]
    best: tuple[float, Fall] | None = None
    for count in range(least, min(MOST_NOW, len(flags) - LEAST_BEFORE) + 1):
        before = len(flags) - count
        usual, present = sums[before] / before, (sums[-1] - sums[before]) / count
        if usual - present < SHARE_FALL:
            continue
        chance = _chance(len(flags), sums[-1], count, sums[-1] - sums[before])
        is_likelier = best is not None and chance >= best[0]
        if chance < LEAST_CHANCE and not is_likelier and present < _lowest(sums[: before + 1], count) - BELOW_LOWEST:
            best = chance, Fall(usual, present, count)
    return best[1] if best else None


def fallen_mean(values: Sequence[float], fall: float, margin: float, least: int = 10) -> Fall | None:
    """Return the fall of `values` (oldest first) by `fall` or more; `margin` below the lowest mean of before."""
    sums = [0.0, *accumulate(values)]
    squares = [0.0, *accumulate(value * value for value in values)]
    best: tuple[float, Fall] | None = None
    for count in range(least, min(MOST_NOW, len(values) - LEAST_BEFORE) + 1):
        before = len(values) - count
        usual, present = sums[before] / before, (sums[-1] - sums[before]) / count
        deviation = math.sqrt(max(0.0, squares[before] / before - usual * usual))
        contrast = (usual - present) * math.sqrt(count * before / len(values))
        is_large = usual - present >= fall and contrast >= DEVIATIONS * deviation
        is_larger = best is None or contrast > best[0]
        if is_large and is_larger and present < _lowest(sums[: before + 1], count) - margin:
            best = contrast, Fall(usual, present, count)
    return best[1] if best else None


def is_back(fall: Fall, now: float) -> bool:
    """Return True if `now` is as good as usual again."""
    return now >= fall.present + HEALED_PART * (fall.usual - fall.present)


def _chance(total: int, found: int, count: int, found_now: int) -> float:
    """Return the chance that the last `count` of `total` hold `found_now` of all `found`, or fewer: Fisher's test."""
    ways = sum(math.comb(found, number) * math.comb(total - found, count - number) for number in range(found_now + 1))
    return ways / math.comb(total, count)


def _lowest(sums: Sequence[float], count: int) -> float:
    """Return the lowest mean of `count` values in a row, from running sums; of all where they are fewer."""
    if len(sums) - 1 < count:
        return (sums[-1] - sums[0]) / (len(sums) - 1)
    return min(sums[end] - sums[end - count] for end in range(count, len(sums))) / count
