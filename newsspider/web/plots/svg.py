"""Elements of SVG as safe markup.

Colours and fonts are classes of the style sheet, so that a plot follows the reader's light or dark scheme and needs no
style of its own, which the content security policy would refuse.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from itertools import count

from markupsafe import Markup, escape

_ids = count(1)


def element(name: str, *children: str | Markup, **attributes: object) -> Markup:
    """Return an element; text and attributes are escaped, `class_` and `data_x` become class and data-x."""
    given = Markup("").join(
        Markup(' {}="{}"').format(key.rstrip("_").replace("_", "-"), _shown(value))
        for key, value in attributes.items()
        if value is not None
    )
    inner = Markup("").join(map(escape, children))
    tag = Markup(name)  # noqa: S704 a name that our own code gives
    return Markup("<{}{}>{}</{}>").format(tag, given, inner, tag)


def _shown(value: object) -> object:
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else value


def drawing(
    width: float,
    bottom: float,
    title: str,
    text: str,
    children: Iterable[Markup],
    *,
    role: str = "img",
    top: float = 0.0,
) -> Markup:
    """Return a drawing with title and description for those who do not see it; one with links has the role group."""
    number = next(_ids)
    names = (f"plot-{number}-title", f"plot-{number}-text")
    return element(
        "svg",
        element("title", title, id=names[0]),
        element("desc", text, id=names[1]),
        *children,
        viewBox=f"0 {top:g} {width:g} {bottom - top:g}",
        class_="plot",
        role=role,
        aria_labelledby=" ".join(names),
    )


def label(x: float, y: float, text: str, anchor: str = "start", class_: str = "label") -> Markup:
    return element("text", text, x=float(x), y=float(y), text_anchor=anchor, class_=class_)


def ticks(largest: float, most: int = 4) -> list[int]:
    """Return round whole numbers from 0 up to at least `largest`."""
    if largest <= 0:
        return [0, 1]
    raw = largest / most
    power = 10.0 ** math.floor(math.log10(raw))
    step = max(1, int(next(factor for factor in (1, 2, 5, 10) if factor * power >= raw) * power))
    return list(range(0, math.ceil(largest / step) * step + 1, step))
