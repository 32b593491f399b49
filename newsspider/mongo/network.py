"""Articles around an article: what it links to, what links to it, and its copies. Synchronous.

Links are the related links as stored; an edge of a reprint leads from a copy to the copy that leads its story.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from pymongo.database import Database

from newsspider.mongo.server.types import Document
from newsspider.urls import article_key

MOST_NODES: Final = 200
# links to an article that are shown, and that are followed from all articles of one step
MOST_LINKING, MOST_FOLLOWED = 50, 400
SHOWN: Final = dict.fromkeys(("short_id", "url", "title", "site", "source", "published_at", "first_seen_at"), True)
LINKED: Final = SHOWN | dict.fromkeys(
    ("aliases", "related.url", "related.title", "related.block", "related.is_self"), True
)
RELATED, REPRINT = "related", "reprint"


@dataclass(frozen=True, slots=True)
class Node:
    """An article, `depth` steps from the middle; of one that is not stored only the title of the link is known."""

    id: str
    title: str
    depth: int
    article: Document | None = None


@dataclass(frozen=True, slots=True)
class Edge:
    """A link from one node to another: RELATED, with the name of its block, or REPRINT."""

    start: str
    end: str
    kind: str
    block: str = ""


@dataclass(slots=True)
class Network:
    """Nodes by id, the one in the middle first; `is_cut` if there were more than MOST_NODES."""

    nodes: dict[str, Node] = field(default_factory=dict)
    edges: list[Edge] = field(default_factory=list)
    is_cut: bool = False

    def add(self, node: Node) -> bool:
        """Add a node unless it is known or there are too many; return True if it is in the network."""
        if node.id in self.nodes:
            return True
        if len(self.nodes) >= MOST_NODES:
            self.is_cut = True
            return False
        self.nodes[node.id] = node
        return True

    def link(self, edge: Edge) -> None:
        if edge.start != edge.end and edge.start in self.nodes and edge.end in self.nodes and edge not in self.edges:
            self.edges.append(edge)


def urls_of(article: Mapping[str, Any]) -> list[str]:
    """Return the URLs under which other pages may link to an article."""
    keys = [article["_id"], *(article.get("aliases") or ())]
    return list(dict.fromkeys([article["url"], *(f"{scheme}://{key}" for key in keys for scheme in ("https", "http"))]))


def stored_targets(database: Database[Document], links: Sequence[Mapping[str, Any]]) -> dict[str, Document]:
    """Return URL -> article of those related links whose articles are stored."""
    keys = {link["url"]: article_key(link["url"]) for link in links}
    found = database["articles"].find({"_id": {"$in": sorted(set(keys.values()))}}, SHOWN)
    by_id = {article["_id"]: article for article in found}
    return {url: by_id[key] for url, key in keys.items() if key in by_id}


def linking(database: Database[Document], article: Mapping[str, Any]) -> list[Document]:
    """Return the articles whose related links lead to an article, the latest first, at most MOST_LINKING of them.

    `block` of each is the name of the block that the link is in.
    """
    urls = set(urls_of(article))
    query = {"related.url": {"$in": list(urls)}, "_id": {"$ne": article["_id"]}}
    found = database["articles"].find(query, LINKED).sort([("published_at", -1), ("_id", 1)]).limit(MOST_LINKING)
    return [
        {name: value for name, value in one.items() if name not in ("related", "aliases")}
        | {"block": next((link["block"] for link in one.get("related", ()) if link["url"] in urls), "")}
        for one in found
    ]


def network(database: Database[Document], article: Mapping[str, Any], depth: int = 2) -> Network:
    """Return the network of an article to `depth` steps; articles that are not stored are in its first step alone."""
    found = Network()
    found.add(Node(article["_id"], article["title"], 0, dict(article)))
    frontier: list[Mapping[str, Any]] = [article]
    for step in range(1, depth + 1):
        before = set(found.nodes)
        _add_copies(database, found, frontier, step)
        _add_targets(database, found, frontier, step, has_unknown=step == 1)
        _add_linking(database, found, frontier, step)
        fresh = [key for key in found.nodes if key not in before]
        frontier = list(database["articles"].find({"_id": {"$in": fresh}}, LINKED)) if fresh else []
    return found


def _add_targets(
    database: Database[Document],
    found: Network,
    frontier: Iterable[Mapping[str, Any]],
    step: int,
    *,
    has_unknown: bool,
) -> None:
    """Add what the articles of `frontier` link to; articles that are not stored only where `has_unknown`."""
    links = [
        (one["_id"], article_key(link["url"]), link)
        for one in frontier
        for link in one.get("related") or ()
        if not link.get("is_self")
    ][:MOST_FOLLOWED]
    keys = sorted({key for _, key, _ in links if key} - found.nodes.keys())
    stored: dict[str, Document] = {}
    if keys:
        stored = {one["_id"]: one for one in database["articles"].find({"_id": {"$in": keys}}, SHOWN)}
    for start, key, link in links:
        known = stored.get(key)
        if known is not None:
            found.add(Node(key, known["title"], step, known))
        elif has_unknown and key and key not in found.nodes:
            found.add(Node(key, link.get("title") or key, step))
        found.link(Edge(start, key, RELATED, link.get("block") or ""))


def _add_linking(
    database: Database[Document], found: Network, frontier: Iterable[Mapping[str, Any]], step: int
) -> None:
    targets = {url: one["_id"] for one in frontier for url in urls_of(one)}
    if not targets:
        return
    cursor = database["articles"].find({"related.url": {"$in": list(targets)}}, LINKED)
    for one in cursor.sort([("published_at", -1), ("_id", 1)]).limit(MOST_NODES):
        shown = {name: value for name, value in one.items() if name in SHOWN or name == "_id"}
        if not found.add(Node(one["_id"], one["title"], step, shown)):
            continue
        for link in one.get("related") or ():
            if link["url"] in targets and not link.get("is_self"):
                found.link(Edge(one["_id"], targets[link["url"]], RELATED, link.get("block") or ""))


def _add_copies(database: Database[Document], found: Network, frontier: Iterable[Mapping[str, Any]], step: int) -> None:
    ids = [one["_id"] for one in frontier]
    stories = list(database["stories"].find({"members.id": {"$in": ids}}, {"members.id": True, "canonical_id": True}))
    keys = {member["id"] for story in stories for member in story["members"]}
    stored = {one["_id"]: one for one in database["articles"].find({"_id": {"$in": sorted(keys)}}, SHOWN)}
    for story in stories:
        first = story["canonical_id"]
        for key in [first, *(member["id"] for member in story["members"])]:
            if key in stored:
                found.add(Node(key, stored[key]["title"], step, stored[key]))
                found.link(Edge(key, first, REPRINT))
