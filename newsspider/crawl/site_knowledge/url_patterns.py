"""What a site's addresses mean, learnt from the site: which shapes hold articles, which listings, which nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from typing import Any

from newsspider.urls import article_key, article_likelihood, url_pattern

ARTICLE, LISTING, JUNK, DUPLICATE = "article", "listing", "junk", "duplicate"
UNLIMITED = 1_000_000
MAX_SHAPES = 2_000
MAX_TAILS = 50_000

# Weight of what is believed before the evidence, in pages.
PRIOR_WEIGHT = 3.0
FAMILY_WEIGHT = 2.0
MAX_FAMILY_EVIDENCE = 20
# A shape is given up after so many requests of a run without one unknown article.
BARREN_REQUESTS = 6
BARREN_FAMILY_REQUESTS = 60
UNLIKELY = 0.05
POOR_REQUESTS = 30
POOR_YIELD = 0.05
# What looks less like an article than this is tried once before more of its shape is.
SCOUT_LIKELIHOOD = 0.5
# Lists of one family that add nothing of their own are given up after so many.
DRY_LISTS = 4
SESSION_PROOFS = 3

_WORD_SEGMENT = re.compile(r"(?<=/)(?!\{)[A-Za-z][A-Za-z0-9_\-]*(?=/)")
_WORD_LEAF = re.compile(r"(?<=/)(?!index|list|default|home)[A-Za-z][A-Za-z_\-]*(?=(?:\.\w+)?\Z)")
_QUERY_VALUE = re.compile(r"=[^&]+")
_TOKEN = re.compile(r"(?:[a-z]{0,6}[-_(]{0,2})?(?=[A-Za-z]*\d)(?=\d*[A-Za-z])[A-Za-z0-9]{8,64}\)*\Z")
_PIECE = re.compile(r"(?<=[/=])[A-Za-z0-9_\-()]{8,80}(?=[/&]|\Z)")
_IDENTITY_LEAF = re.compile(r"\d{3,}|[A-Za-z]+(?:-[A-Za-z]+){3,}|[A-Za-z]\d[A-Za-z0-9]{6,}")


@dataclass(slots=True)
class ShapeFacts:
    """Counts of one shape: links seen in listings, pages by what they were, unknown articles its listings gave.

    `novel` are articles that a list was the first of a run to show, `dry` lists whose first page showed none.
    """

    links: int = 0
    articles: int = 0
    listings: int = 0
    junk: int = 0
    duplicates: int = 0
    fresh: int = 0
    novel: int = 0
    dry: int = 0

    @property
    def pages(self) -> int:
        return self.articles + self.listings + self.junk + self.duplicates

    @property
    def is_barren(self) -> bool:
        """Whether fetching it never gave anything."""
        return self.articles == 0 and self.fresh == 0

    def add(self, other: ShapeFacts) -> None:
        for part in fields(self):
            setattr(self, part.name, getattr(self, part.name) + getattr(other, part.name))


_COUNTERS = {ARTICLE: "articles", LISTING: "listings", JUNK: "junk", DUPLICATE: "duplicates"}


def shape_family(shape: str) -> str:
    """Return the shape with its folders' names and parameter values left out: what one template serves."""
    path, _, query = shape.partition("?")
    path = _WORD_LEAF.sub("{leaf}", _WORD_SEGMENT.sub("{word}", path))
    return f"{path}?{_QUERY_VALUE.sub('=', query)}" if query else path


class UrlPatterns:
    """The shapes of one site's addresses, and what their pages turned out to be.

    `facts` is all that is known; what this run adds is kept apart too, for `increments` and for the budgets.
    """

    def __init__(self, facts: dict[str, ShapeFacts] | None = None) -> None:
        self.facts: dict[str, ShapeFacts] = facts or {}
        self._families: dict[str, ShapeFacts] = {}
        self._run: dict[str, ShapeFacts] = {}
        self._run_families: dict[str, ShapeFacts] = {}
        self._unsaved: dict[str, ShapeFacts] = {}
        self._barred: set[str] = set()
        self._scouted: set[str] = set()
        self._sessions = _Sessions()
        for shape, known in self.facts.items():
            self._families.setdefault(shape_family(shape), ShapeFacts()).add(known)

    @classmethod
    def from_dict(cls, stored: dict[str, dict[str, int]]) -> UrlPatterns:
        """Build from `to_dict` (or what the `sites` collection holds); unknown counters are left out."""
        names = {part.name for part in fields(ShapeFacts)}
        return cls({s: ShapeFacts(**{n: int(v) for n, v in c.items() if n in names}) for s, c in stored.items()})

    def to_dict(self) -> dict[str, dict[str, int]]:
        """Return shape -> counters, the most visited shapes first, at most `MAX_SHAPES`."""
        order = sorted(self.facts, key=lambda shape: (-self.facts[shape].pages, -self.facts[shape].links, shape))
        return {shape: asdict(self.facts[shape]) for shape in order[:MAX_SHAPES]}

    def increments(self) -> dict[str, dict[str, int]]:
        """Return shape -> counters added since the last call, zeros left out, and start counting anew."""
        unsaved, self._unsaved = self._unsaved, {}
        changed = {shape: {n: v for n, v in asdict(facts).items() if v} for shape, facts in unsaved.items()}
        return {shape: counters for shape, counters in changed.items() if counters}

    def saw_links(self, urls: Iterable[str]) -> None:
        """Count the links a page shows: what listings show often is known before it is fetched."""
        for url in urls:
            self._sessions.observe(url)
            self._count(url, ShapeFacts(links=1))

    def record(self, url: str, kind: str, fresh: int = 0) -> None:
        """Count a fetched page: `kind` article, listing, junk or duplicate, `fresh` unknown article links it gave."""
        facts = ShapeFacts(fresh=fresh)
        name = _COUNTERS.get(kind, "junk")
        setattr(facts, name, 1)
        self._count(url, facts)

    def list_read(self, first: str, novel: int, *, is_begun: bool) -> None:
        """Count a page of the list that begins at `first`: `novel` articles were not asked for before."""
        if novel or is_begun:
            self._count(first, ShapeFacts(novel=novel, dry=int(is_begun and not novel)))

    def is_dry(self, url: str) -> bool:
        """Return whether lists of this family only ever repeat others: filters, days of a calendar, tags."""
        family = self._families.get(shape_family(url_pattern(url)), _NOTHING)
        return family.dry >= DRY_LISTS and not family.novel

    def _count(self, url: str, facts: ShapeFacts) -> None:
        shape = url_pattern(url)
        if shape not in self.facts and len(self.facts) >= 2 * MAX_SHAPES:
            return
        family = shape_family(shape)
        for table, name in (
            (self.facts, shape),
            (self._run, shape),
            (self._unsaved, shape),
            (self._families, family),
            (self._run_families, family),
        ):
            table.setdefault(name, ShapeFacts()).add(facts)

    def predict(self, url: str) -> float:
        """Return the probability (0 to 1) that `url` is an article: general prior, then family, then shape."""
        belief = article_likelihood(url)
        shape = url_pattern(url)
        family = self._families.get(shape_family(shape))
        if family is not None and family.pages:
            share = min(1.0, MAX_FAMILY_EVIDENCE / family.pages)
            belief = (PRIOR_WEIGHT * belief + share * family.articles) / (PRIOR_WEIGHT + share * family.pages)
        facts = self.facts.get(shape)
        if facts is not None and facts.pages:
            belief = (FAMILY_WEIGHT * belief + facts.articles) / (FAMILY_WEIGHT + facts.pages)
        return round(belief, 3)

    def allowance(self, url: str) -> int:
        """Return how many more pages of this shape are worth a request in this run; 0 is give it up.

        Calendars, facets and other endless spaces show the same shape again and again and nothing unknown. A shape
        that ever gave articles is only cut when a long run of it in this crawl gave next to nothing.
        """
        shape = url_pattern(url)
        family = shape_family(shape)
        run = self._run.get(shape, _NOTHING)
        run_family = self._run_families.get(family, _NOTHING)
        known = self.facts.get(shape, _NOTHING)
        if known.is_barren:
            if shape in self._barred:
                return 0
            family_left = BARREN_FAMILY_REQUESTS - run_family.pages if run_family.is_barren else UNLIMITED
            limit = BARREN_REQUESTS if article_likelihood(url) > UNLIKELY else BARREN_REQUESTS // 2
            return max(0, min(limit - run.pages, family_left))
        is_poor = run.pages >= POOR_REQUESTS and run.articles + run.fresh < POOR_YIELD * run.pages
        return 0 if is_poor else UNLIMITED

    def is_scout(self, url: str) -> bool:
        """Return whether an article at `url` is likely, or the first of its shape: the others wait for its page."""
        shape = url_pattern(url)
        if article_likelihood(url) >= SCOUT_LIKELIHOOD or self.facts.get(shape, _NOTHING).articles:
            return True
        is_first = shape not in self._scouted
        self._scouted.add(shape)
        return is_first

    def bar(self, url: str) -> None:
        """Ask for no more addresses of this shape in this run, unless it ever gave articles."""
        self._barred.add(url_pattern(url))

    def identity(self, url: str) -> str:
        """Return what tells this address from others on the site: the article key, without a proven session token."""
        return self._sessions.folded(url)

    def learn_alias(self, url: str, known: str) -> None:
        """Take note that the page at `url` is the article known at `known`."""
        self._sessions.learn_alias(url, known)


class _Sessions:
    """Notices tokens in addresses that change from page to page while all the rest names the same article.

    Proof is the same rest seen with two tokens or with none, or the page's own word.
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
            shape = url_pattern("http://" + rest)
            self._proofs[shape] = self._proofs.get(shape, 0) + 1
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


_NOTHING = ShapeFacts()


def shape_rows(stored: dict[str, dict[str, int]]) -> list[dict[str, Any]]:
    """Return what is known of a site's shapes as rows for people: shape, counters, share of articles in per cent."""
    rows = []
    for shape, facts in UrlPatterns.from_dict(stored).facts.items():
        share = round(100 * facts.articles / facts.pages) if facts.pages else None
        rows.append({"shape": shape, **asdict(facts), "article_percent": share})
    return sorted(rows, key=lambda row: (-row["articles"], -row["links"], row["shape"]))
