"""Which links are worth a request, and in which order: pure rules over addresses, dates and blocks."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from newsspider.items import RelatedLink
from newsspider.text import fold
from newsspider.urls import registered_domain, url_date

SEED, FEED, ARTICLE, LISTING, RELATED = 100_000, 80_000, 60_000, 50_000, 30_000
PART = 90_000
# how far below listings the links wait that look like no article, until the first of their shape is known
UNPROVEN = 20_000
RECENCY_STEPS = 900
DEPTH_STEP = 5_000
CHANNEL_STEP = 3_000
PAGE_STEP = 10


def article_priority(published_at: datetime | None, reference: datetime, position: int, depth: int = 0) -> int:
    """Return the request priority of an article: listed before related, newest first, undated by position."""
    recency = max(0, RECENCY_STEPS // 2 - position)
    if published_at is not None:
        recency = max(0, RECENCY_STEPS - int(max(timedelta(), reference - published_at).total_seconds() // 3600))
    base = ARTICLE if depth == 0 else RELATED - DEPTH_STEP * (depth - 1)
    return base + recency


def listing_priority(page: int, channel_steps: int) -> int:
    """Return the request priority of a listing: first pages of near channels first."""
    return LISTING - PAGE_STEP * min(page, 200) - CHANNEL_STEP * channel_steps


def is_before(since: datetime | None, published_at: datetime | None, url: str) -> bool:
    """Return whether a link is surely older than `since`: by its date, else by the date in its address."""
    if since is None:
        return False
    if published_at is not None:
        return published_at < since
    written = url_date(url)
    if written is None or written[2] is None:
        return False
    try:
        last_moment = datetime(written[0], written[1], written[2], tzinfo=UTC) + timedelta(days=1)
    except ValueError:
        return False
    return last_moment < since


def is_stale(link: RelatedLink, newest: datetime | None, max_age: timedelta) -> bool:
    """Return whether a related link leads away into the past: so much older than the newest article on its way."""
    if newest is None or not max_age:
        return False
    return is_before(newest - max_age, link.published_at, link.url)


def is_block_followed(policy: str | frozenset[str], block: str) -> bool:
    """Return whether links of `block` are followed; names are compared without regard to script and width."""
    if isinstance(policy, str):
        return policy == "all"
    return fold(block) in {fold(name) for name in policy}


def is_in_domains(url: str, domains: Iterable[str]) -> bool:
    """Return whether the host of `url` is one of `domains` or below one; False for a broken address."""
    try:
        host = (urlsplit(url).hostname or "").lower()
    except ValueError:
        return False
    return any(host == domain or host.endswith("." + domain) for domain in domains)


def is_in_sites(url: str, sites: set[str]) -> bool:
    """Return whether the registered domain of `url` is one of `sites`."""
    return registered_domain(url) in sites


def is_home(url: str) -> bool:
    """Return whether `url` is the front page of a host."""
    parts = urlsplit(url)
    return parts.path in ("", "/") and not parts.query
