"""Stories from links between pairs: their members, their ids, the canonical copy. Pure functions.

The groups depend on the set of links alone and not on the order in which they were found, so that any number of workers
ends with the same stories. The ids of the stories depend on those that the members have already.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from newsspider.mongo.server.types import Document
from newsspider.mongo.stories.fingerprint_document import FingerprintDocument, Link
from newsspider.urls import registered_domain

# minimum containment of a strong link: nearly all of one article is in the other
STRONG: Final = 0.95
# share of the longest copy from which on a text counts as whole
WHOLE: Final = 0.75
OWN_WORK: Final = ("原创", "本站", "本网", "本报", "自采")


@dataclass(slots=True)
class Member:
    """One copy. Times are aware UTC; `site` is a registered domain, `chars` the length of the normalised text.

    `story` is the id of the story that it was last put into, "" if it has none. `order` sorts by the first sighting and
    is empty if the fingerprint has expired. `has_moved`: its text has changed since it was put there. `is_pending`:
    another worker will compare it and put it into its story.
    """

    id: str
    site: str = ""
    source: str | None = None
    source_site: str | None = None
    published_at: datetime | None = None
    published_precision: str | None = None
    first_seen_at: datetime | None = None
    chars: int = 0
    story: str = ""
    order: bytes = b""
    body_hash: str = ""
    content_hash: str = ""
    has_moved: bool = False
    is_pending: bool = False
    links: list[Link] = field(default_factory=list)

    @classmethod
    def of(cls, fingerprint: FingerprintDocument) -> Member:
        return cls(
            fingerprint.id,
            **fingerprint.facts,
            story=fingerprint.story or "",
            order=fingerprint.order.binary,
            body_hash=fingerprint.body_hash,
            content_hash=fingerprint.content_hash,
            has_moved=fingerprint.is_to_compare,
            links=fingerprint.links,
        )

    @property
    def is_fixed(self) -> bool:
        """True if it stays in its story for now."""
        return self.is_pending or not self.order

    @property
    def seniority(self) -> tuple[bool, bytes, str]:
        """The sort key of the copies of a story: the first one gives it its id."""
        return self.has_moved, self.order, self.id

    @property
    def credible_time(self) -> datetime | None:
        """The latest possible publication: a day without a time ends at midnight; capped at `first_seen_at`."""
        if self.published_at is None:
            return self.first_seen_at
        at = self.published_at + timedelta(days=self.published_precision == "day")
        return min(at, self.first_seen_at) if self.first_seen_at else at


def connected_components(members: Iterable[Member]) -> dict[str, str]:
    """Return article -> root, the smallest id of its story, for all members.

    Strong links join. A weak one joins two groups only if their roots are linked themselves, so that no chain of small
    changes leads from one story to another. A link counts if both sides hold it, not one that a worker has written only
    half, or of which a changed text has dropped its half. One side is enough for a member with an expired
    fingerprint.
    """
    by_id = {member.id: member for member in members}
    sides: dict[tuple[str, str], list[Link]] = {}
    for member in by_id.values():
        for link in member.links:
            if link.other in by_id:
                sides.setdefault((min(member.id, link.other), max(member.id, link.other)), []).append(link)
    links = {pair: s[-1] for pair, s in sides.items() if len(s) > 1 or not all(by_id[key].order for key in pair)}
    root = {key: key for key in by_id}

    def find(key: str) -> str:
        while root[key] != key:
            root[key] = root[root[key]]
            key = root[key]
        return key

    for (low, high), link in sorted(links.items(), key=lambda pair: (-pair[1].jaccard, pair[0])):
        if link.containment >= STRONG:
            first, second = sorted((find(low), find(high)))
            root[second] = first
    for (low, high), _ in sorted(links.items(), key=lambda pair: (-pair[1].jaccard, pair[0])):
        first, second = sorted((find(low), find(high)))
        if first != second and (first, second) in links:
            root[second] = first
    return {key: find(key) for key in root}


def story_names(members: Mapping[str, Member], roots: Mapping[str, str], taken: Container[str] = ()) -> dict[str, str]:
    """Return article -> id of its story, for `roots` as `connected_components` gives them.

    A group gets the story of its most senior member that has one. Where a story has come apart one group keeps the id:
    the one with the article that gave it, else the more senior. No group gets one of the ids in `taken` as a new id.
    """
    grouped: dict[str, list[Member]] = {}
    for member in sorted(members.values(), key=lambda member: member.seniority):
        grouped.setdefault(roots[member.id], []).append(member)
    claims: dict[str, list[str]] = {}
    for root, group in grouped.items():
        claims.setdefault(next((member.story for member in group if member.story), ""), []).append(root)
    names: dict[str, str] = {}
    for name, claimants in claims.items():
        ranked = sorted(claimants, key=lambda root: _claim(name, grouped[root])) if name else claimants
        for position, root in enumerate(ranked):
            is_kept = bool(name) and (position == 0 or all(member.is_fixed for member in grouped[root]))
            senior = next((member for member in grouped[root] if not member.is_fixed), grouped[root][0])
            new = name if is_kept else _new_name(senior, {name} | claims.keys(), taken if name else ())
            names |= dict.fromkeys((member.id for member in grouped[root]), new)
    return names


def _claim(name: str, group: Sequence[Member]) -> tuple[bool, tuple[bool, bytes, str]]:
    gave_it = any(member.id == name and not member.has_moved for member in group)
    return not gave_it, next(member.seniority for member in group if member.story == name)


def _new_name(senior: Member, used: Container[str], taken: Container[str]) -> str:
    """Return the article's id as the id of its story, with a suffix if the story of that id goes on without it."""
    is_free = senior.id not in used and senior.id not in taken
    return senior.id if is_free else f"{senior.id}#{senior.body_hash[:8]}"


def canonical(members: Sequence[Member]) -> tuple[Member, str | None]:
    """Return the copy to show first, and the source that most members name, crawled or not.

    In this order: the site that most members name as source, a copy that names itself, a whole text before a cut one,
    the earliest credible publication, the earliest seen, the longest, the smallest id.
    """
    named = Counter(m.source_site for m in members if m.source_site)
    most_named = min(named, key=lambda site: (-named[site], site)) if named else None
    sources = Counter(m.source for m in members if m.source)
    source = min(sources, key=lambda name: (-sources[name], name)) if sources else None
    longest = max(m.chars for m in members)

    def rank(member: Member) -> tuple[Any, ...]:
        is_own = member.source_site == member.site or any(word in (member.source or "") for word in OWN_WORK)
        at, seen = member.credible_time, member.first_seen_at
        return (
            not (most_named and member.site == most_named),
            not is_own,
            member.chars < WHOLE * longest,
            at.timestamp() if at else float("inf"),
            seen.timestamp() if seen else float("inf"),
            -member.chars,
            member.id,
        )

    return min(members, key=rank), source


def story_document(name: str, members: Sequence[Member]) -> Document:
    """Return the document of a story, without its log; members in the order of publication."""
    first, source = canonical(members)
    times = [at for member in members if (at := member.credible_time)]
    ordered = sorted(members, key=lambda m: (m.credible_time is None, m.credible_time or 0, m.id))
    return {
        "_id": name,
        "canonical_id": first.id,
        "n": len(members),
        "sites": sorted({member.site for member in members}),
        "first_published": min(times) if times else None,
        "original_source": source,
        "members": [_member_document(member, first) for member in ordered],
    }


def _member_document(member: Member, first: Member) -> Document:
    document: Document = {
        "id": member.id,
        "site": member.site,
        "source": member.source,
        "published_at": member.published_at,
        "first_seen_at": member.first_seen_at,
        "chars": member.chars,
    }
    if member.id == first.id:
        return document | {"relation": "canonical", "containment": 1.0, "jaccard": 1.0}
    links = {link.other: link for link in member.links}
    back = next((link for link in first.links if link.other == member.id), None)
    best = links.get(first.id) or back or max(links.values(), key=lambda link: (link.jaccard, link.other), default=None)
    if best is None:
        return document | {"relation": None, "containment": None, "jaccard": None}
    return document | {"relation": best.relation, "containment": best.containment, "jaccard": best.jaccard}


def site_of(source_url: str | None) -> str | None:
    """Return the registered domain of the link behind 来源, None without one."""
    return registered_domain(source_url) if source_url else None
