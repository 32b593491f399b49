"""Hosts that serve the same articles under the same paths: `news.a.example/2/1.html` is `www.a.example/2/1.html`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from newsspider.text import fold
from newsspider.urls import article_key, article_likelihood, registered_domain

TWIN_PROOFS = 2
MAX_PATHS = 50_000
MAX_HOSTS = 200
LEAST_TITLE = 6
BARE_LIKELIHOOD = 0.6
_PART_PARAMETER = re.compile(r"(?:\w*page\w*|p|pn|pg|part)=\d", re.I)
# an address that names no article by itself may be another list on every host
NAMES_ARTICLE = 0.5


@dataclass(slots=True)
class TwinFacts:
    """How often two hosts were seen with one article under one path, and with two."""

    proofs: int = 0
    contradictions: int = 0

    @property
    def is_proven(self) -> bool:
        return self.proofs >= TWIN_PROOFS and self.proofs > 2 * self.contradictions


class MirrorHosts:
    """Learns twins from what pages say and show, and folds their addresses; the host that was seen first stays.

    Proof is a page that names another host's address as its own, or one headline over one path on two hosts. Such a
    single link is an alias at once, as is one with other parameters where the path names the article; all articles of
    a host are folded after `TWIN_PROOFS`.
    """

    def __init__(self) -> None:
        self._told: dict[str, tuple[str, str]] = {}
        self._aliases: dict[str, str] = {}
        self._facts: dict[tuple[str, str], TwinFacts] = {}
        self._unsaved: dict[tuple[str, str], TwinFacts] = {}

    def saw_headline(self, url: str, title: str) -> None:
        """Take note of a link to an article and its headline."""
        key, title = article_key(url), fold(title).rstrip(".… ")
        path = _naming_part(url)
        if not path or len(title) < LEAST_TITLE or article_likelihood(url) < NAMES_ARTICLE:
            return
        if path not in self._told:
            if len(self._told) < MAX_PATHS:
                self._told[path] = (key, title)
            return
        known, known_title = self._told[path]
        if known == key or key in self._aliases:
            return
        is_same = title.startswith(known_title) or known_title.startswith(title)
        if is_same:
            self._aliases[key] = known
        host, known_host = key.partition("/")[0], known.partition("/")[0]
        if host != known_host:
            self._count(host, known_host, TwinFacts(proofs=int(is_same), contradictions=int(not is_same)))

    def learn_alias(self, url: str, known: str) -> None:
        """Take note that the page at `url` is the article known at `known`."""
        (host, path), (known_host, known_path) = _parted(url), _parted(known)
        if path and path == known_path and host != known_host:
            self._count(host, known_host, TwinFacts(proofs=1))

    def folded(self, key: str) -> str:
        """Return the key of the same article on the host that stays."""
        if key in self._aliases:
            return self._aliases[key]
        host, _, path = key.partition("/")
        known_host = next(
            (known for (twin, known), facts in self._facts.items() if twin == host and facts.is_proven), ""
        )
        is_article = known_host and path and article_likelihood(f"http://{key}") >= NAMES_ARTICLE
        return f"{known_host}/{path}" if is_article else key

    def learn(self, stored: Iterable[Mapping[str, Any]]) -> None:
        """Take in what earlier runs learnt: rows of host, known, proofs, contradictions."""
        for row in stored:
            pair = (str(row["host"]), str(row["known"]))
            self._facts[pair] = TwinFacts(int(row.get("proofs", 0)), int(row.get("contradictions", 0)))

    def increments(self) -> dict[str, list[dict[str, Any]]]:
        """Return site -> what was learnt of its hosts since the last call, as `learn` takes it, and start anew."""
        unsaved, self._unsaved = self._unsaved, {}
        by_site: dict[str, list[dict[str, Any]]] = {}
        for (host, known), facts in unsaved.items():
            by_site.setdefault(registered_domain(known), []).append({"host": host, "known": known, **asdict(facts)})
        return by_site

    def _count(self, host: str, known: str, found: TwinFacts) -> None:
        """Add to the pair of hosts, whichever of them was seen first."""
        pair = (known, host) if (known, host) in self._facts else (host, known)
        if pair not in self._facts and len(self._facts) >= MAX_HOSTS:
            return
        for table in (self._facts, self._unsaved):
            facts = table.setdefault(pair, TwinFacts())
            facts.proofs += found.proofs
            facts.contradictions += found.contradictions


def _naming_part(url: str) -> str:
    """Return what names the article below the host: the path alone where that does, without `?share=1`."""
    path, _, query = article_key(url).partition("/")[2].partition("?")
    is_named = query and article_likelihood(f"http://a.example/{path}") >= BARE_LIKELIHOOD
    is_part = any(_PART_PARAMETER.match(pair) for pair in query.split("&"))
    return path if not query or (is_named and not is_part) else f"{path}?{query}"


def _parted(url: str) -> tuple[str, str]:
    host, _, path = article_key(url).partition("/")
    return host, path
