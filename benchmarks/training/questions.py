"""The questions that are learned: for each page the candidates' figures, and how right each of them is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from training.corpora import Page

ORIGINAL = "page"
ALL = "all together"


@dataclass(slots=True)
class Sample:
    """What one page, or one variant of it, gives for a question: rows of figures and how right (0 to 1) each is.

    Only a page as it was saved (`variant` ORIGINAL) counts in scores. `taken` is the row that was chosen where
    choosing is not the question.
    """

    page: Page
    rows: list[list[float]]
    right: list[float]
    variant: str = ORIGINAL

    @property
    def best(self) -> float:
        return max(self.right, default=0.0)


@dataclass(slots=True, frozen=True)
class Question:
    """A field that candidates are compared for, or with `is_choice` False a yes or no about the one answer given.

    `good` is what a row needs to count as right. `trees`, `leaves` and `rate` are of the boosted trees.
    """

    name: str
    figures: tuple[str, ...]
    samples: Callable[[Page], list[Sample]]
    good: float = 0.98
    is_choice: bool = True
    trees: int = 100
    leaves: int = 8
    rate: float = 0.08
    fitting: dict[str, Any] = field(default_factory=dict)
