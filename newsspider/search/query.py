"""A search as a tree. `parse` in parsing.py makes it of what a user types; the index, the scan and a test read it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from newsspider.errors import NewsspiderError

FieldName = Literal["source", "author", "tag", "section"]


class QueryError(NewsspiderError, ValueError):
    """A query that cannot be read; the message is one line for the user."""


@dataclass(frozen=True, slots=True)
class Term:
    """A word or phrase: its units stand next to each other in the title or the text, or `in_title` alone."""

    units: tuple[str, ...]
    in_title: bool = False


@dataclass(frozen=True, slots=True)
class Field:
    """A value of a field, folded: `is_exact` the whole value, otherwise a part of it."""

    name: FieldName
    value: str
    is_exact: bool = False


@dataclass(frozen=True, slots=True)
class Site:
    """A registered domain, or a host; hosts below it are meant as well."""

    host: str


@dataclass(frozen=True, slots=True)
class Language:
    """A language code in lower case; `zh` is zh-Hans and zh-Hant as well."""

    code: str


@dataclass(frozen=True, slots=True)
class Story:
    """The articles of the story with this id."""

    id: str


@dataclass(frozen=True, slots=True)
class Span:
    """Published, else first seen, at `since` or later and before `until`; None is open. Aware UTC."""

    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """The present version was first seen at `since` or later. Not typed by users."""

    since: datetime


@dataclass(frozen=True, slots=True)
class Copies:
    """Copies of an earlier article alone, or without them."""

    are_wanted: bool


@dataclass(frozen=True, slots=True)
class And:
    """All of `parts`; without parts every article."""

    parts: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class Or:
    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not:
    part: Node


Node = Term | Field | Site | Language | Story | Span | Seen | Copies | And | Or | Not


@dataclass(frozen=True, slots=True)
class Query:
    """What a user typed, and what it means."""

    text: str
    root: Node

    @property
    def terms(self) -> tuple[Term, ...]:
        """The words and phrases that a hit has, for marking them."""
        return tuple(dict.fromkeys(_wanted(self.root)))

    @property
    def is_textual(self) -> bool:
        """Whether it asks for words of titles and texts."""
        return any(isinstance(node, Term) for node in _all(self.root))

    def narrowed(self, *parts: Node) -> Query:
        """Return this query with further conditions."""
        return Query(self.text, And((self.root, *parts)))


def _wanted(node: Node) -> Iterator[Term]:
    if isinstance(node, Term):
        yield node
    elif isinstance(node, And | Or):
        for part in node.parts:
            yield from _wanted(part)


def _all(node: Node) -> Iterator[Node]:
    yield node
    if isinstance(node, Not):
        yield from _all(node.part)
    elif isinstance(node, And | Or):
        for part in node.parts:
            yield from _all(part)
