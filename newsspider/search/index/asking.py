"""A query as tantivy's own, and its answers. What it finds is what `matching` means, without a look at the texts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

import tantivy
from tantivy import FieldType, Occur

from newsspider.search.index.entries import ARTICLE, MARK, facet_field, is_copy, milliseconds
from newsspider.search.matching import is_one_site
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
from newsspider.search.units import pairs

TITLE_BOOST: Final = 3.0
Asked = tantivy.Query


class Asking:
    """Makes queries for one index."""

    def __init__(self, schema: tantivy.Schema) -> None:
        self._schema = schema

    def of(self, root: Node) -> Asked:
        """Return the query for the articles that `root` asks for."""
        return tantivy.Query.boolean_query([(Occur.Must, self._all()), self._part(root)])

    def mark(self) -> Asked:
        """Return the query for the entry that is not an article."""
        return self._exactly("kind", MARK)

    def before(self, asked: Asked, key: int) -> Asked:
        """Return `asked` for what comes after the article with this order key, newest first."""
        bound = tantivy.Query.range_query(self._schema, "key", FieldType.Unsigned, None, key, include_upper=False)
        return tantivy.Query.boolean_query([(Occur.Must, asked), (Occur.Must, _unscored(bound))])

    def _all(self) -> Asked:
        return _unscored(self._exactly("kind", ARTICLE))

    def _part(self, node: Node) -> tuple[Occur, Asked]:
        """Return a part of a conjunction that has `_all` in it."""
        if isinstance(node, Not):
            return Occur.MustNot, self._node(node.part)
        return Occur.Must, self._node(node)

    def _node(self, node: Node) -> Asked:
        if isinstance(node, And):
            return tantivy.Query.boolean_query([(Occur.Must, self._all()), *map(self._part, node.parts)])
        if isinstance(node, Or):
            return tantivy.Query.boolean_query([(Occur.Should, self._node(part)) for part in node.parts])
        if isinstance(node, Not):
            return tantivy.Query.boolean_query([(Occur.Must, self._all()), self._part(node)])
        if isinstance(node, Term):
            return self._term(node)
        return _unscored(self._condition(node))

    def _term(self, term: Term) -> Asked:
        title = tantivy.Query.boost_query(self._units("title", term.units), TITLE_BOOST)
        if term.in_title:
            return title
        return tantivy.Query.boolean_query([(Occur.Should, title), (Occur.Should, self._units("text", term.units))])

    def _units(self, name: str, units: Sequence[str]) -> Asked:
        if len(units) == 1:
            return self._exactly(f"{name}_units", units[0])
        words: list[Any] = list(pairs(units))
        if len(words) == 1:
            return tantivy.Query.term_query(self._schema, f"{name}_pairs", words[0], "freq")
        return tantivy.Query.phrase_query(self._schema, f"{name}_pairs", words)

    def _condition(self, node: Field | Site | Language | Story | Span | Seen | Copies) -> Asked:
        if isinstance(node, Field):
            if node.is_exact:
                return self._exactly(node.name, node.value)
            return self._like(node.name, f".*{re.escape(node.value)}.*")
        if isinstance(node, Site):
            return self._site(node.host)
        if isinstance(node, Language):
            return _either([self._exactly("code", node.code), self._like("code", f"{re.escape(node.code)}-.*")])
        if isinstance(node, Story):
            return self._exactly("story", node.id)
        if isinstance(node, Copies):
            return self._exactly("copy", is_copy(node.are_wanted))
        if isinstance(node, Seen):
            return self._times("seen", milliseconds(node.since), None)
        since, until = (None if at is None else milliseconds(at) for at in (node.since, node.until))
        return self._times("at", since, until)

    def _site(self, host: str) -> Asked:
        if is_one_site(host):
            return self._exactly("site", host)
        below = rf".*\.{re.escape(host)}"
        return _either(
            [asked for name in ("site", "host") for asked in (self._exactly(name, host), self._like(name, below))]
        )

    def _times(self, name: str, since: int | None, until: int | None) -> Asked:
        if since is None and until is None:
            return self._all()
        return tantivy.Query.range_query(
            self._schema, name, FieldType.Integer, since, until, include_upper=until is None
        )

    def _exactly(self, name: str, value: str) -> Asked:
        return tantivy.Query.term_query(self._schema, name, value, "basic")

    def _like(self, name: str, pattern: str) -> Asked:
        return tantivy.Query.regex_query(self._schema, name, pattern)


def _either(asked: Sequence[Asked]) -> Asked:
    return tantivy.Query.boolean_query([(Occur.Should, part) for part in asked])


def _unscored(asked: Asked) -> Asked:
    return tantivy.Query.const_score_query(asked, 0.0)


def facets_asked(sizes: dict[str, int], by_time: Sequence[str]) -> dict[str, Any]:
    """Return the aggregation that counts the values of the facets; those of time are the latest ones."""
    asked: dict[str, Any] = {}
    for name, size in sizes.items():
        terms: dict[str, Any] = {"field": facet_field(name), "size": size}
        asked[name] = {"terms": terms | ({"order": {"_key": "desc"}} if name in by_time else {})}
    return asked
