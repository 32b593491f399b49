"""Where a request stands in the crawl: what `request.meta["newsspider"]` carries, JSON-able and kept in MongoDB."""

from __future__ import annotations

from typing import Any, TypedDict

LISTING_KINDS = frozenset({"seed", "listing", "feed", "sitemap", "more"})
# What only the running request knows.
TRANSIENT = frozenset(
    {
        "verdict",
        "is_resumed",
        "is_stored",
        "passed",
        "part",
        "visited",
        "found",
        "urgency",
        "says_next",
        "validators",
        "is_shell",
        "is_rendered",
    }
)


class Step(TypedDict, total=False):
    """Kept: kind (seed, listing, article, feed, sitemap, more), key, depth (related hops), block, parent (URL), page
    (of a listing), chain (key of its first page), channels (steps to further channels still allowed), newest (ISO time
    of the newest article on a related path), changed_at (ISO time that a sitemap tells), offsite, alternatives (other
    addresses for the same next page), is_optional (a guess: its failure is no news), is_second_way (of a list that has
    a pager too), is_sheet (of a paper's issue whose first sheet leads on), base (the page on which load-more answers
    are shown), item_urls (templates for the addresses of their rows), found_before (articles on the page before),
    said_next (whether that named this page in words), last_page (number of the last page of a load-more list).

    Not kept: verdict (what the page turned out to be), is_resumed, is_stored, passed (keys on a redirect's way), part
    (of an article), visited (keys of its parts), found (articles a listing shows), urgency (their middle priority),
    says_next (whether the page names the one after it in words), validators (of the answer; none of an article in
    parts, where each has its own), is_shell (what the server sends says nothing of the page), is_rendered (its scripts
    were run).
    """

    kind: str
    key: str
    depth: int
    block: str | None
    parent: str | None
    page: int
    chain: str
    channels: int
    newest: str | None
    changed_at: str | None
    offsite: bool
    alternatives: list[str]
    is_optional: bool
    is_second_way: bool
    is_sheet: bool
    base: str
    item_urls: list[str]
    found_before: int
    said_next: bool
    last_page: int | None
    verdict: str
    is_resumed: bool
    is_stored: bool
    passed: list[str]
    part: int
    visited: list[str]
    found: int
    urgency: int
    says_next: bool
    validators: dict[str, str]
    is_shell: bool
    is_rendered: bool


def kept(step: Step | dict[str, Any]) -> dict[str, Any]:
    """Return what of a step is written to MongoDB."""
    return {name: value for name, value in step.items() if name not in TRANSIENT and value not in (None, [], False)}
