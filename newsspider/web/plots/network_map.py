"""The drawing of a network: the article in the middle, what is one step away around it, the rest further out."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Final

from markupsafe import Markup

from newsspider.mongo.network import Edge, Network, Node
from newsspider.web.plots.charts import cut
from newsspider.web.plots.svg import drawing, element, label

SIZE: Final = 760.0
MIDDLE: Final = SIZE / 2
# radii of the rings, inner and outer of each where two are needed for many nodes
RINGS: Final = {0: (0.0, 0.0), 1: (150.0, 205.0), 2: (275.0, 345.0)}
# more nodes of a ring than this stand on its two radii by turns, and have no name
MOST_NAMED: Final = 26
# room for names above and below
EDGE: Final = 44.0
# the first node stands to the right, a little above the middle: names of few nodes do not stand on each other
START: Final = -0.3
# a ring is turned against the one inside it, so that lines do not lie on each other
TURN: Final = 0.5
DOT: Final = {0: 13.0, 1: 8.0, 2: 5.0}
Place = tuple[float, float]


def network_map(title: str, text: str, network: Network, path_of: Callable[[Node], str | None]) -> Markup:
    """Return the drawing; nodes that `path_of` has a path for are links to it."""
    angles = _angles(network)
    places = {node.id: _place(network, node, angles) for node in network.nodes.values()}
    counts = _counts(network)
    shapes = [_line(edge, places, network) for edge in network.edges]
    for node in sorted(network.nodes.values(), key=lambda node: -node.depth):
        shapes.append(_dot(node, places[node.id], path_of(node), is_named=counts.get(node.depth, 0) <= MOST_NAMED))
    heights = [y for _, y in places.values()]
    return drawing(SIZE, max(heights) + EDGE, title, text, shapes, role="group", top=max(0.0, min(heights) - EDGE))


def _counts(network: Network) -> Mapping[int, int]:
    counts: dict[int, int] = {}
    for node in network.nodes.values():
        counts[node.depth] = counts.get(node.depth, 0) + 1
    return counts


def _angles(network: Network) -> dict[str, float]:
    """Return the angle of each node: the first ring evenly, the second in the order of what its nodes hang on."""
    rings: dict[int, list[str]] = {}
    for node in network.nodes.values():
        rings.setdefault(node.depth, []).append(node.id)
    angles = dict.fromkeys(rings.get(0, []), 0.0)
    for depth in sorted(rings.keys() - {0}):
        ring = rings[depth]
        if depth > 1:
            ring = sorted(ring, key=lambda key: (_wanted(network, key, angles), key))
        for at, key in enumerate(ring):
            angles[key] = START + TURN * (depth - 1) + 2 * math.pi * at / len(ring)
    return angles


def _wanted(network: Network, key: str, angles: Mapping[str, float]) -> float:
    """Return the angle of the first placed node that a node is linked with."""
    for edge in network.edges:
        other = edge.end if edge.start == key else edge.start if edge.end == key else None
        if other is not None and other in angles and network.nodes[other].depth > 0:
            return angles[other]
    return math.pi * 2


def _place(network: Network, node: Node, angles: Mapping[str, float]) -> Place:
    ring = [other.id for other in network.nodes.values() if other.depth == node.depth]
    inner, outer = RINGS[min(node.depth, 2)]
    is_outer = len(ring) > MOST_NAMED and ring.index(node.id) % 2 == 1
    radius = outer if is_outer else inner
    return MIDDLE + radius * math.cos(angles[node.id]), MIDDLE + radius * math.sin(angles[node.id])


def _line(edge: Edge, places: Mapping[str, Place], network: Network) -> Markup:
    (x1, y1), (x2, y2) = places[edge.start], places[edge.end]
    far = "" if 0 in (network.nodes[edge.start].depth, network.nodes[edge.end].depth) else " far"
    return element("line", x1=x1, y1=y1, x2=x2, y2=y2, class_=f"edge {edge.kind}{far}")


def _dot(node: Node, place: Place, path: str | None, *, is_named: bool) -> Markup:
    x, y = place
    site = (node.article or {}).get("site") or ""
    dot = element(
        "circle",
        element("title", f"{node.title} {site}".strip()),
        cx=x,
        cy=y,
        r=DOT[min(node.depth, 2)],
        class_=f"node d{min(node.depth, 2)}{'' if node.article else ' unknown'}",
    )
    name = Markup("")
    if is_named or node.depth == 0:
        anchor = "middle" if abs(x - MIDDLE) < 40 else "start" if x > MIDDLE else "end"
        room = min(150.0, (SIZE - x if anchor == "start" else x if anchor == "end" else 300.0) - 16)
        shift = 0.0 if anchor == "middle" else 14.0 if anchor == "start" else -14.0
        drop = 4.0 if anchor != "middle" else 26.0 if y >= MIDDLE else -14.0
        name = label(x + shift, y + drop, cut(node.title, room), anchor, f"name d{min(node.depth, 2)}")
    shape = dot + name
    return element("a", shape, href=path, aria_label=node.title) if path else shape
