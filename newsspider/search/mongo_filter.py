"""A query as a filter for MongoDB that leaves out as much as it can. What it finds is then judged by `matching`."""

from __future__ import annotations

import re

from newsspider.mongo.server.types import Document
from newsspider.search.matching import STORED_NAMES, is_one_site
from newsspider.search.patterns import loose_pattern, value_pattern
from newsspider.search.query import (
    And,
    Copies,
    Field,
    Language,
    Node,
    Not,
    Or,
    Seen,
    Site,
    Span,
    Story,
    Term,
)


def mongo_filter(root: Node) -> Document:
    """Return a filter that finds at least what `root` asks for. What a user typed is in it as a value or a pattern."""
    return _at_least(root) or {}


def _at_least(node: Node) -> Document | None:
    """Return the filter of a node, None where there is none that helps."""
    if isinstance(node, And | Or):
        found = [_at_least(part) for part in node.parts]
        if isinstance(node, Or) and None in found:
            return None
        filters = [part for part in found if part is not None]
        return {"$and" if isinstance(node, And) else "$or": filters} if filters else None
    if isinstance(node, Not):
        exact = _exactly(node.part)
        return None if exact is None else {"$nor": [exact]}
    if isinstance(node, Term):
        pattern = {"$regex": loose_pattern(node.units), "$options": "i"}
        return {"title": pattern} if node.in_title else {"$or": [{"title": pattern}, {"text": pattern}]}
    if isinstance(node, Field):
        return {STORED_NAMES[node.name]: {"$regex": value_pattern(node.value), "$options": "i"}}
    if isinstance(node, Site):
        return _site(node.host)
    if isinstance(node, Language):
        return {"language": {"$regex": f"^{re.escape(node.code)}(?:-|$)", "$options": "i"}}
    return _exactly(node)


def _exactly(node: Node) -> Document | None:
    """Return the filter that finds what `node` asks for and nothing else, None where there is none."""
    if isinstance(node, Story):
        return {"story_id": node.id}
    if isinstance(node, Copies):
        return {"duplicate_of": {"$ne" if node.are_wanted else "$eq": None}}
    if isinstance(node, Seen):
        bound = {"$gte": node.since}
        return {"$or": [{"version_seen_at": bound}, {"version_seen_at": None, "first_seen_at": bound}]}
    if isinstance(node, Span):
        bounds = {name: at for name, at in (("$gte", node.since), ("$lt", node.until)) if at}
        return {"$or": [{"published_at": bounds}, {"published_at": None, "first_seen_at": bounds}]} if bounds else {}
    return None


def _site(host: str) -> Document:
    if is_one_site(host):
        return {"site": host}
    name = re.escape(host)
    in_url = {"url": {"$regex": rf"^https?://(?:[^/?#]*[.@])?{name}\.?(?:[:/?#]|$)", "$options": "i"}}
    return {"$or": [{"site": {"$regex": rf"(?:^|\.){name}$"}}, in_url]}
