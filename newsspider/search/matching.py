"""Whether an article is what a query asks for: the meaning of a query, which index and scan have to agree with."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cached_property
from typing import Any, Final

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
from newsspider.search.units import spelled, units
from newsspider.text import fold
from newsspider.urls.hosts import is_public_suffix, registered_domain
from newsspider.urls.parsing import host_of, parse_url

# field of a query -> field of an article
STORED_NAMES: Final = {"source": "source", "author": "authors", "tag": "tags", "section": "section"}
# what `matches` reads of an article that is not of titles and texts
FACT_FIELDS: Final = (
    *("url", "site", "source", "authors", "tags", "section", "language", "story_id", "duplicate_of"),
    *("published_at", "first_seen_at", "version_seen_at"),
)


class MatchedArticle:
    """An article, with the units of its title and text made when they are first asked for."""

    def __init__(self, article: Mapping[str, Any]) -> None:
        self.article = article

    @cached_property
    def title(self) -> str:
        return spelled(units(self.article.get("title") or ""))

    @cached_property
    def text(self) -> str:
        return spelled(units(self.article.get("text") or ""))

    @cached_property
    def host(self) -> str:
        return host_of_url(self.article.get("url") or "")

    def matches(self, node: Node) -> bool:
        """Return True if the article is what `node` asks for."""
        if isinstance(node, And):
            return all(map(self.matches, node.parts))
        if isinstance(node, Or):
            return any(map(self.matches, node.parts))
        if isinstance(node, Not):
            return not self.matches(node.part)
        if isinstance(node, Term):
            wanted = spelled(node.units)
            return wanted in self.title or (not node.in_title and wanted in self.text)
        return self._has(node)

    def _has(self, node: Field | Site | Language | Story | Span | Seen | Copies) -> bool:
        article = self.article
        if isinstance(node, Field):
            values = map(fold, field_values(article, node.name))
            return any(node.value == value if node.is_exact else node.value in value for value in values)
        if isinstance(node, Site):
            return any(name == node.host or name.endswith(f".{node.host}") for name in (article["site"], self.host))
        if isinstance(node, Language):
            code = (article.get("language") or "").lower()
            return code == node.code or code.startswith(f"{node.code}-")
        if isinstance(node, Story):
            return bool(article.get("story_id") == node.id)
        if isinstance(node, Copies):
            return (article.get("duplicate_of") is not None) == node.are_wanted
        if isinstance(node, Seen):
            return bool((article.get("version_seen_at") or article["first_seen_at"]) >= node.since)
        moment = moment_of(article)
        return (node.since is None or moment >= node.since) and (node.until is None or moment < node.until)


def field_values(article: Mapping[str, Any], name: str) -> list[str]:
    """Return the values of a field of the query language in an article."""
    found = article.get(STORED_NAMES[name])
    return [] if not found else list(found) if isinstance(found, list) else [found]


def moment_of(article: Mapping[str, Any]) -> datetime:
    """Return when an article was published, else first seen."""
    found: datetime = article.get("published_at") or article["first_seen_at"]
    return found


def is_one_site(host: str) -> bool:
    """Return True for a domain that somebody registered: it is `site` of all articles of its hosts."""
    return "." in host and registered_domain(host) == host and not is_public_suffix(host)


def host_of_url(url: str) -> str:
    """Return the host of a URL in lower case, without its port; "" where it has none."""
    parsed = parse_url(url)
    return host_of(parsed).lower() if parsed else ""
