"""Mirror hosts: www.a.example/1.html and news.a.example/1.html are the same article."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import xxhash

from newsspider.text import fold
from newsspider.urls import article_key, article_likelihood, registered_domain

MIRROR_PROOFS = 2
MAX_PATHS = 50_000
MAX_HOSTS = 200
LEAST_TITLE = 6
BARE_LIKELIHOOD = 0.6
_PART_PARAMETER = re.compile(r"(?:\w*page\w*|p|pn|pg|part)=\d", re.I)
# a URL that does not name an article by itself may be a different listing on each host
NAMES_ARTICLE = 0.5


@dataclass(slots=True)
class MirrorFacts:
    """How often two hosts had the same article under one path (proofs), and how often different ones."""

    proofs: int = 0
    contradictions: int = 0

    @property
    def is_proven(self) -> bool:
        return self.proofs >= MIRROR_PROOFS and self.proofs > 2 * self.contradictions


class MirrorHosts:
    """Learns mirror hosts, and gives their articles the key on the host that was seen first.

    Proof is a page whose canonical URL is on the other host, or a link with the same headline and path on both hosts.
    Such a link is an alias at once, and so is one with other parameters if the path alone names the article. After
    `MIRROR_PROOFS` proofs all articles of the host are aliases.

    Two hosts that were both typed are wanted both: only pages that were fetched from both, with the same text under one
    path, are proof for them.
    """

    def __init__(self) -> None:
        self._typed: frozenset[str] = frozenset()
        self._texts: dict[str, tuple[str, int]] = {}
        self._told: dict[str, tuple[str, str]] = {}
        self._aliases: dict[str, str] = {}
        self._facts: dict[tuple[str, str], MirrorFacts] = {}
        self._unsaved: dict[tuple[str, str], MirrorFacts] = {}

    def type_hosts(self, urls: Iterable[str]) -> None:
        """Learn which hosts were typed, from the URLs that the crawl starts at."""
        self._typed = frozenset(_parted(url)[0] for url in urls)

    def saw_text(self, url: str, text: str) -> None:
        """Learn from the text of an article that was fetched from a typed host."""
        (host, path), digest = _parted(url), xxhash.xxh3_64_intdigest(fold(text).encode("utf-8", "surrogatepass"))
        if host not in self._typed or len(self._typed) < 2 or not path or not text:
            return
        if path not in self._texts:
            if len(self._texts) < MAX_PATHS:
                self._texts[path] = (host, digest)
            return
        known_host, known_digest = self._texts[path]
        if known_host != host:
            is_same = digest == known_digest
            self._count(host, known_host, MirrorFacts(proofs=int(is_same), contradictions=int(not is_same)))

    def _are_typed(self, host: str, other: str) -> bool:
        return host != other and host in self._typed and other in self._typed

    def saw_headline(self, url: str, title: str) -> None:
        """Learn from a link to an article and its headline."""
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
        host, known_host = key.partition("/")[0], known.partition("/")[0]
        if self._are_typed(host, known_host):
            return
        is_same = title.startswith(known_title) or known_title.startswith(title)
        if is_same:
            self._aliases[key] = known
        if host != known_host:
            self._count(host, known_host, MirrorFacts(proofs=int(is_same), contradictions=int(not is_same)))

    def learn_alias(self, url: str, known: str) -> None:
        """Learn that the page at `url` is the article known at `known`."""
        (host, path), (known_host, known_path) = _parted(url), _parted(known)
        if path and path == known_path and host != known_host and not self._are_typed(host, known_host):
            self._count(host, known_host, MirrorFacts(proofs=1))

    def folded(self, key: str) -> str:
        """Return the key of the same article on the host that was seen first."""
        if key in self._aliases:
            return self._aliases[key]
        host, _, path = key.partition("/")
        known_host = next(
            (known for (mirror, known), facts in self._facts.items() if mirror == host and facts.is_proven), ""
        )
        is_article = known_host and path and article_likelihood(f"http://{key}") >= NAMES_ARTICLE
        return f"{known_host}/{path}" if is_article else key

    def learn(self, stored: Iterable[Mapping[str, Any]]) -> None:
        """Take in what earlier runs learnt: rows of host, known, proofs, contradictions."""
        for row in stored:
            pair = (str(row["host"]), str(row["known"]))
            if self._are_typed(*pair):
                continue
            self._facts[pair] = MirrorFacts(int(row.get("proofs", 0)), int(row.get("contradictions", 0)))

    def forget(self, site: str) -> None:
        """Forget the hosts of a site whose turn is over."""
        for tables in (self._facts, self._unsaved):
            for pair in [pair for pair in tables if registered_domain(pair[1]) == site]:
                del tables[pair]
        for path in [path for path, told in self._told.items() if _site_of(told[0]) == site]:
            del self._told[path]
        for path in [path for path, text in self._texts.items() if registered_domain(text[0]) == site]:
            del self._texts[path]
        for key in [key for key in self._aliases if _site_of(key) == site]:
            del self._aliases[key]

    def increments(self, sites: Container[str] | None = None) -> dict[str, list[dict[str, Any]]]:
        """Return site -> rows for `learn` of what was learnt of its hosts since the last call, of `sites` if given."""
        by_site: dict[str, list[dict[str, Any]]] = {}
        for (host, known), facts in list(self._unsaved.items()):
            site = registered_domain(known)
            if sites is None or site in sites:
                del self._unsaved[(host, known)]
                by_site.setdefault(site, []).append({"host": host, "known": known, **asdict(facts)})
        return by_site

    def _count(self, host: str, known: str, found: MirrorFacts) -> None:
        """Add to the facts of a pair of hosts, in either order."""
        pair = (known, host) if (known, host) in self._facts else (host, known)
        if pair not in self._facts and len(self._facts) >= MAX_HOSTS:
            return
        for table in (self._facts, self._unsaved):
            facts = table.setdefault(pair, MirrorFacts())
            facts.proofs += found.proofs
            facts.contradictions += found.contradictions


def _naming_part(url: str) -> str:
    """Return what names the article below the host: the path alone if it does, without `?share=1`."""
    path, _, query = article_key(url).partition("/")[2].partition("?")
    is_named = query and article_likelihood(f"http://a.example/{path}") >= BARE_LIKELIHOOD
    is_part = any(_PART_PARAMETER.match(pair) for pair in query.split("&"))
    return path if not query or (is_named and not is_part) else f"{path}?{query}"


def _site_of(key: str) -> str:
    return registered_domain(f"http://{key.partition('/')[0]}/")


def _parted(url: str) -> tuple[str, str]:
    host, _, path = article_key(url).partition("/")
    return host, path
