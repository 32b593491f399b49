"""Edges between articles, as GraphML or CSV: related links, and reprints with the copy that leads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from lxml import etree

from newsspider.cli.exporting.lines import Document, flat
from newsspider.urls import article_key

NAMESPACE = "http://graphml.graphdrawing.org/xmlns"
EDGE_COLUMNS = {
    "related": ("from", "to", "block", "position", "title", "url", "published_at"),
    "reprints": ("from", "to", "story_id", "site", "source", "published_at"),
}
NODE_FIELDS = ("title", "site", "source", "published_at")
# what XML 1.0 cannot hold
CONTROL = dict.fromkeys([*range(0x20), *range(0xD800, 0xE000), 0xFFFE, 0xFFFF], " ")


def edges(articles: Iterable[Document], kind: str) -> Iterator[Document]:
    """Yield the edges of `kind`: "related" from an article to each linked one, "reprints" from a copy to the leading.

    An article is named by its id; a linked one that is not stored by the id that it would have.
    """
    for article in articles:
        if kind == "reprints":
            if article.get("duplicate_of"):
                values = {name: article.get(name) for name in EDGE_COLUMNS["reprints"][2:]}
                yield {"from": article["_id"], "to": article["duplicate_of"], **values}
            continue
        for link in article.get("related") or ():
            if not link.get("is_self"):
                values = {name: link.get(name) for name in EDGE_COLUMNS["related"][2:]}
                yield {"from": article["_id"], "to": article_key(link["url"]) or link["url"], **values}


def write_graphml(articles: Iterable[Document], path: Path, kind: str) -> int:
    """Write nodes and edges, the nodes of `articles` with their fields; return how many edges.

    Nodes that only edges name follow after the articles, with the title of the link.
    """
    names = [*NODE_FIELDS, *(name for name in EDGE_COLUMNS[kind][2:] if name not in NODE_FIELDS)]
    known: set[str] = set()
    others: dict[str, str] = {}
    count = 0
    with etree.xmlfile(str(path), encoding="utf-8") as file:
        file.write_declaration()
        with file.element("graphml", nsmap={None: NAMESPACE}):
            for name in names:
                attributes = {"id": name, "for": "all", "attr.name": name, "attr.type": "string"}
                file.write(etree.Element("key", attributes))
            with file.element("graph", edgedefault="directed"):
                for article in articles:
                    known.add(article["_id"])
                    file.write(_element("node", {"id": article["_id"]}, article, NODE_FIELDS))
                    for edge in edges([article], kind):
                        others.setdefault(edge["to"], edge.get("title") or "")
                        ends = {"source": edge["from"], "target": edge["to"]}
                        file.write(_element("edge", ends, edge, EDGE_COLUMNS[kind][2:]))
                        count += 1
                for key in others.keys() - known:
                    file.write(_element("node", {"id": key}, {"title": others[key]}, ("title",)))
    return count


def _element(tag: str, attributes: dict[str, str], values: Document, names: Iterable[str]) -> etree._Element:
    element = etree.Element(tag, {name: _text(value) for name, value in attributes.items()})
    for name in names:
        value = flat(values.get(name))
        if value not in (None, ""):
            etree.SubElement(element, "data", key=name).text = _text(str(value))
    return element


def _text(value: str) -> str:
    return value.translate(CONTROL)
