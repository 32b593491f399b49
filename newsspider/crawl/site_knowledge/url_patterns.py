"""URL patterns of a site, learnt from its pages: which hold articles, which listings, which nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields

from newsspider.urls import article_key, article_likelihood, url_pattern

ARTICLE, LISTING, JUNK, DUPLICATE = "article", "listing", "junk", "duplicate"
UNLIMITED = 1_000_000
MAX_PATTERNS = 2_000
MAX_TAILS = 50_000

# weight of the general likelihood against the pages seen, in pages
PRIOR_WEIGHT = 3.0
FAMILY_WEIGHT = 2.0
MAX_FAMILY_EVIDENCE = 20
# a pattern is given up after so many requests of a run without one article that no earlier run knew
UNPRODUCTIVE_REQUESTS = 6
UNPRODUCTIVE_FAMILY_REQUESTS = 60
UNLIKELY = 0.05
POOR_REQUESTS = 30
POOR_YIELD = 0.05
# of a pattern that looks less like articles than this one URL is requested first, as a probe
PROBE_LIKELIHOOD = 0.5
# a family is given up after so many listings that add nothing of their own
EXHAUSTED_LISTS = 4
SESSION_PROOFS = 3

_WORD_SEGMENT = re.compile(r"(?<=/)(?!\{)[A-Za-z][A-Za-z0-9_\-]*(?=/)")
_WORD_LEAF = re.compile(r"(?<=/)(?!index|list|default|home)[A-Za-z][A-Za-z_\-]*(?=(?:\.\w+)?\Z)")
_QUERY_VALUE = re.compile(r"=[^&]+")
_TOKEN = re.compile(r"(?:[a-z]{0,6}[-_(]{0,2})?(?=[A-Za-z]*\d)(?=\d*[A-Za-z])[A-Za-z0-9]{8,64}\)*\Z")
_PIECE = re.compile(r"(?<=[/=])[A-Za-z0-9_\-()]{8,80}(?=[/&]|\Z)")
_IDENTITY_LEAF = re.compile(r"\d{3,}|[A-Za-z]+(?:-[A-Za-z]+){3,}|[A-Za-z]\d[A-Za-z0-9]{6,}")


@dataclass(slots=True)
class PatternFacts:
    """Counts of one pattern: its links in listings, its pages by what they were, the articles its listings gave."""

    links: int = 0
    articles: int = 0
    listings: int = 0
    junk: int = 0
    duplicates: int = 0
    unseen: int = 0  # articles on its listings that no earlier run knew
    first_shown: int = 0  # articles that its listings were the first of a run to show
    exhausted: int = 0  # listings whose first page was the first to show no article

    @property
    def pages(self) -> int:
        return self.articles + self.listings + self.junk + self.duplicates

    @property
    def is_unproductive(self) -> bool:
        """Whether its pages never gave an article."""
        return self.articles == 0 and self.unseen == 0

    def add(self, other: PatternFacts) -> None:
        for part in fields(self):
            setattr(self, part.name, getattr(self, part.name) + getattr(other, part.name))


# field -> its name in the collection `sites`, where that differs
_STORED_NAMES = {"unseen": "fresh", "first_shown": "novel", "exhausted": "dry"}
_COUNTERS = {ARTICLE: "articles", LISTING: "listings", JUNK: "junk", DUPLICATE: "duplicates"}


def pattern_family(pattern: str) -> str:
    """Return the pattern without names of folders and values of parameters: the URLs of one template."""
    path, _, query = pattern.partition("?")
    path = _WORD_LEAF.sub("{leaf}", _WORD_SEGMENT.sub("{word}", path))
    return f"{path}?{_QUERY_VALUE.sub('=', query)}" if query else path


class UrlPatterns:
    """The patterns of one site's URLs, and what their pages turned out to be.

    `facts` is all that is known. What this run adds is kept separately as well, for `increments` and for the budgets.
    """

    def __init__(self, facts: dict[str, PatternFacts] | None = None) -> None:
        self.facts: dict[str, PatternFacts] = facts or {}
        self._families: dict[str, PatternFacts] = {}
        self._run: dict[str, PatternFacts] = {}
        self._run_families: dict[str, PatternFacts] = {}
        self._unsaved: dict[str, PatternFacts] = {}
        self._blocked: set[str] = set()
        self._probed: set[str] = set()
        self._sessions = _Sessions()
        for pattern, known in self.facts.items():
            self._families.setdefault(pattern_family(pattern), PatternFacts()).add(known)

    @classmethod
    def from_dict(cls, stored: dict[str, dict[str, int]]) -> UrlPatterns:
        """Return the patterns of `to_dict` or of the collection `sites`; unknown counters are left out."""
        names = {_STORED_NAMES.get(part.name, part.name): part.name for part in fields(PatternFacts)}
        facts = {
            pattern: PatternFacts(**{names[name]: int(count) for name, count in counters.items() if name in names})
            for pattern, counters in stored.items()
        }
        return cls(facts)

    def learn(self, stored: dict[str, dict[str, int]]) -> None:
        """Add what earlier runs have counted, as `to_dict` returns it."""
        for pattern, known in self.from_dict(stored).facts.items():
            self.facts.setdefault(pattern, PatternFacts()).add(known)
            self._families.setdefault(pattern_family(pattern), PatternFacts()).add(known)

    def to_dict(self) -> dict[str, dict[str, int]]:
        """Return pattern -> counters, the most visited patterns first, at most `MAX_PATTERNS`."""
        order = sorted(
            self.facts, key=lambda pattern: (-self.facts[pattern].pages, -self.facts[pattern].links, pattern)
        )
        return {pattern: _stored(self.facts[pattern]) for pattern in order[:MAX_PATTERNS]}

    def increments(self) -> dict[str, dict[str, int]]:
        """Return pattern -> counters added since the last call, zeros left out, and start counting from zero."""
        unsaved, self._unsaved = self._unsaved, {}
        changed = {pattern: {n: v for n, v in _stored(facts).items() if v} for pattern, facts in unsaved.items()}
        return {pattern: counters for pattern, counters in changed.items() if counters}

    def saw_links(self, urls: Iterable[str]) -> None:
        """Count the links that a page shows."""
        for url in urls:
            self._sessions.observe(url)
            self._count(url, PatternFacts(links=1))

    def record(self, url: str, kind: str, unseen: int = 0) -> None:
        """Count a fetched page of `kind`: article, listing, junk or duplicate.

        `unseen`: articles on a listing that no earlier run knew.
        """
        facts = PatternFacts(unseen=unseen)
        name = _COUNTERS.get(kind, "junk")
        setattr(facts, name, 1)
        self._count(url, facts)

    def listing_read(self, first: str, first_shown: int, *, is_begun: bool) -> None:
        """Count a page of the listing that begins at `first`; it was the first to show `first_shown` articles."""
        if first_shown or is_begun:
            self._count(first, PatternFacts(first_shown=first_shown, exhausted=int(is_begun and not first_shown)))

    @property
    def have_articles(self) -> bool:
        """Whether any URL of the site was an article."""
        return any(facts.articles for facts in self.facts.values())

    def is_exhausted(self, url: str) -> bool:
        """Return True if listings of this family only repeat others: filters, days of a calendar, tags."""
        family = self._families.get(pattern_family(url_pattern(url)), _NOTHING)
        return family.exhausted >= EXHAUSTED_LISTS and not family.first_shown

    def _count(self, url: str, facts: PatternFacts) -> None:
        pattern = url_pattern(url)
        if pattern not in self.facts and len(self.facts) >= 2 * MAX_PATTERNS:
            return
        family = pattern_family(pattern)
        for table, name in (
            (self.facts, pattern),
            (self._run, pattern),
            (self._unsaved, pattern),
            (self._families, family),
            (self._run_families, family),
        ):
            table.setdefault(name, PatternFacts()).add(facts)

    def predict(self, url: str) -> float:
        """Return the probability (0 to 1) that `url` is an article: general prior, then family, then pattern."""
        belief = article_likelihood(url)
        pattern = url_pattern(url)
        family = self._families.get(pattern_family(pattern))
        if family is not None and family.pages:
            share = min(1.0, MAX_FAMILY_EVIDENCE / family.pages)
            belief = (PRIOR_WEIGHT * belief + share * family.articles) / (PRIOR_WEIGHT + share * family.pages)
        facts = self.facts.get(pattern)
        if facts is not None and facts.pages:
            belief = (FAMILY_WEIGHT * belief + facts.articles) / (FAMILY_WEIGHT + facts.pages)
        return round(belief, 3)

    def allowance(self, url: str) -> int:
        """Return how many more pages of this pattern are worth a request in this run; 0 gives it up.

        Calendars, facets and other endless spaces show one pattern again and again and no article that is not known. A
        pattern that ever gave articles is given up only if many of its pages in this run gave next to none.
        """
        pattern = url_pattern(url)
        family = pattern_family(pattern)
        run = self._run.get(pattern, _NOTHING)
        run_family = self._run_families.get(family, _NOTHING)
        known = self.facts.get(pattern, _NOTHING)
        if known.is_unproductive:
            if pattern in self._blocked:
                return 0
            family_left = UNPRODUCTIVE_FAMILY_REQUESTS - run_family.pages if run_family.is_unproductive else UNLIMITED
            limit = UNPRODUCTIVE_REQUESTS if article_likelihood(url) > UNLIKELY else UNPRODUCTIVE_REQUESTS // 2
            return max(0, min(limit - run.pages, family_left))
        is_poor = run.pages >= POOR_REQUESTS and run.articles + run.unseen < POOR_YIELD * run.pages
        return 0 if is_poor else UNLIMITED

    def is_probe(self, url: str) -> bool:
        """Return True if `url` is likely an article, or the first of its pattern: the others wait for its page."""
        pattern = url_pattern(url)
        if article_likelihood(url) >= PROBE_LIKELIHOOD or self.facts.get(pattern, _NOTHING).articles:
            return True
        is_first = pattern not in self._probed
        self._probed.add(pattern)
        return is_first

    def block(self, url: str) -> None:
        """Give up this pattern for this run, unless it ever gave articles."""
        self._blocked.add(url_pattern(url))

    def identity(self, url: str) -> str:
        """Return the identity of a URL within its site: its article key, without a proven session token."""
        return self._sessions.folded(url)

    def learn_alias(self, url: str, known: str) -> None:
        """Learn that the page at `url` is the article known at `known`."""
        self._sessions.learn_alias(url, known)


class _Sessions:
    """Finds session tokens: parts of URLs that change from page to page while the rest names the same article.

    It counts as proof if the rest is seen with two tokens, or with and without one, or if the page's canonical URL
    leaves the token out.
    """

    def __init__(self) -> None:
        self._tokens: dict[str, str] = {}
        self._proofs: dict[str, int] = {}

    def observe(self, url: str) -> None:
        rest, token = _without_token(url) or (article_key(url), "")
        before = self._tokens.get(rest)
        if before is None:
            if len(self._tokens) < MAX_TAILS:
                self._tokens[rest] = token
        elif before != token:
            pattern = url_pattern("http://" + rest)
            self._proofs[pattern] = self._proofs.get(pattern, 0) + 1
            self._tokens[rest] = token or before

    def learn_alias(self, url: str, known: str) -> None:
        found = _without_token(url)
        if found is not None and found[0] == article_key(known):
            self._proofs[url_pattern("http://" + found[0])] = SESSION_PROOFS

    def folded(self, url: str) -> str:
        key = article_key(url)
        found = _without_token(url) if self._proofs else None
        if found is None:
            return key
        is_proven = self._proofs.get(url_pattern("http://" + found[0]), 0) >= SESSION_PROOFS
        return article_key("http://" + found[0]) if is_proven else key


def _without_token(url: str) -> tuple[str, str] | None:
    """Return the key without its first random-looking folder or parameter value, and that; None where all may count."""
    if not any(_TOKEN.match(piece) for piece in _PIECE.findall(url)):
        return None
    key = article_key(url)
    path, _, query = key.partition("?")
    segments = path.split("/")
    leaf_names_it = _IDENTITY_LEAF.search(segments[-1]) is not None
    for position in range(1, len(segments) - 1):
        if leaf_names_it and _TOKEN.match(segments[position]):
            rest = "/".join(segments[:position] + segments[position + 1 :])
            return (f"{rest}?{query}" if query else rest), segments[position]
    pairs = query.split("&") if query else []
    for pair in pairs:
        value = pair.partition("=")[2]
        others = [other for other in pairs if other != pair]
        if (
            len(value) >= 16
            and _TOKEN.match(value)
            and (leaf_names_it or any(_IDENTITY_LEAF.search(o) for o in others))
        ):
            return path + ("?" + "&".join(others) if others else ""), value
    return None


def _stored(facts: PatternFacts) -> dict[str, int]:
    """Return the counters under their stored names."""
    return {_STORED_NAMES.get(name, name): count for name, count in asdict(facts).items()}


_NOTHING = PatternFacts()
