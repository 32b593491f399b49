"""Plots of counts: bars side by side or stacked, and a heat map."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

from newsspider.web.plots.svg import drawing, element, label, ticks

WIDTH, LEFT, RIGHT, TOP, BOTTOM = 760.0, 44.0, 8.0, 12.0, 26.0
HEIGHT: Final = 240.0
# so many labels fit below the bars
MOST_LABELS: Final = 10
# classes c0 to c8 of the style sheet; the last is that of all others
COLOURS: Final = 9
# classes h0 to h9 of the style sheet
SHADES: Final = 10
CELL_HEIGHT, NAME_WIDTH = 22.0, 132.0
LETTER: Final = 6.4


@dataclass(frozen=True, slots=True)
class Series:
    """Values in the order of the labels below the bars."""

    name: str
    values: Sequence[float]


def bars(title: str, text: str, labels: Sequence[str], series: Sequence[Series]) -> Markup:
    """Return bars, one per label, of the `series` on top of each other."""
    totals = [sum(one.values[at] for one in series) for at in range(len(labels))]
    marks = ticks(max(totals, default=0))
    inner_width, inner_height = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM
    step = inner_width / max(1, len(labels))
    gap = min(step * 0.25, 6.0)
    shapes = [_grid(mark, TOP + inner_height * (1 - mark / marks[-1])) for mark in marks]
    for at, name in enumerate(labels):
        below = 0.0
        for place, one in enumerate(series):
            height = inner_height * one.values[at] / marks[-1]
            if height > 0:
                x, y = LEFT + at * step + gap / 2, TOP + inner_height - below - height
                said = element("title", f"{name} {one.name}: {one.values[at]:,.0f}")
                shape = {"x": x, "y": y, "width": max(step - gap, 0.6), "height": height}
                shapes.append(element("rect", said, class_=f"c{min(place, COLOURS - 1)}", **shape))
            below += height
    every = -(-len(labels) // MOST_LABELS)
    shapes += [
        label(LEFT + (at + 0.5) * step, HEIGHT - 8, name, "middle") for at, name in enumerate(labels) if at % every == 0
    ]
    return drawing(WIDTH, HEIGHT, title, text, shapes)


def _grid(mark: int, y: float) -> Markup:
    line = element("line", x1=LEFT, x2=WIDTH - RIGHT, y1=y, y2=y, class_="grid")
    return line + label(LEFT - 6, y + 4, f"{mark:,}", "end")


def heat_map(
    title: str,
    text: str,
    rows: Sequence[str],
    columns: Sequence[str],
    shares: Sequence[Sequence[float | None]],
    said: Sequence[Sequence[str]],
    *,
    has_slanted: bool = False,
) -> Markup:
    """Return a table of cells that are darker the larger their share (0 to 1) is; `said` is what each cell says.

    None is a cell without a value. With `has_slanted` names of columns are long and stand slanted above them.
    """
    top = 92.0 if has_slanted else 24.0
    width = (WIDTH - NAME_WIDTH - RIGHT - (40.0 if has_slanted else 0.0)) / max(1, len(columns))
    shapes = []
    every = 1 if has_slanted else -(-len(columns) // MOST_LABELS)
    for at, name in enumerate(columns):
        x = NAME_WIDTH + (at + 0.5) * width
        if has_slanted:
            turned = f"rotate(-40 {x:.1f} {top - 8:.1f})"
            shapes.append(element("text", cut(name, 110), x=x, y=top - 8, class_="label", transform=turned))
        elif at % every == 0:
            shapes.append(label(x, top - 8, name, "middle"))
    for place, name in enumerate(rows):
        y = top + place * CELL_HEIGHT
        shapes.append(label(NAME_WIDTH - 8, y + 15, cut(name, NAME_WIDTH - 12), "end"))
        for at, share in enumerate(shares[place]):
            shade = "none" if share is None else f"h{min(SHADES - 1, int(share * SHADES))}"
            x = NAME_WIDTH + at * width
            note = element("title", f"{name}, {columns[at]}: {said[place][at]}")
            shape = {"x": x + 1, "y": y + 1, "width": max(1.0, width - 2), "height": CELL_HEIGHT - 2}
            shapes.append(element("rect", note, class_=shade, **shape))
            if share is not None and width > 7.0 * len(said[place][at]) + 4:
                ink = "ink-dark" if share < 0.55 else "ink-light"
                shapes.append(label(x + width / 2, y + 15, said[place][at], "middle", f"cell {ink}"))
    return drawing(WIDTH, top + CELL_HEIGHT * len(rows) + 6, title, text, shapes)


def cut(text: str, width: float) -> str:
    """Return `text` cut to a width in units of the drawing; a Chinese character is as wide as two letters."""
    room = width / LETTER
    taken = 0.0
    for at, character in enumerate(text):
        taken += 2.0 if ord(character) > 0x2E7F else 1.0
        if taken > room:
            return text[: max(1, at - 1)] + "…"
    return text
