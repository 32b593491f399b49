"""How sure the text of an article is."""

from __future__ import annotations

from typing import Final

from newsspider.pages.article.page_figures import FIGURE_NAMES
from newsspider.pages.learned.model import model

MODEL: Final = "text"


def text_confidence(figures: list[float]) -> float:
    """Return the share (0 to 1) of texts with such figures that were right on sites that training had not seen."""
    found = model(MODEL, FIGURE_NAMES)
    return found.confidence(found.score(figures))
