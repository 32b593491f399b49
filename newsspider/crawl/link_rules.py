"""The tests behind the link policy: pure functions of URLs, dates and block names."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from newsspider.text import fold
from newsspider.urls import article_key, url_date, url_pattern

# redirects within one URL pattern from which they count as a farm; a single one is a page that moved
FARM_REDIRECTS = 2


def is_before(since: datetime | None, published_at: datetime | None, url: str) -> bool:
    """Return True if a link is surely older than `since`: by its date, else by the date in its URL."""
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


def is_stale(url: str, published_at: datetime | None, newest: datetime | None, max_age: timedelta) -> bool:
    """Return True if a related link is older than the newest article on the way to it by more than `max_age`."""
    if newest is None or not max_age:
        return False
    return is_before(newest - max_age, published_at, url)


def is_block_followed(policy: str | frozenset[str], block: str) -> bool:
    """Return True if links of `block` are followed; names are compared without regard to script and width."""
    if isinstance(policy, str):
        return policy == "all"
    return fold(block) in {fold(name) for name in policy}


def has_changed(changed_at: str | None, last_fetch: datetime | None) -> bool:
    """Return True if a page changed after its last fetch, by the ISO time that a sitemap names."""
    return changed_at is not None and last_fetch is not None and datetime.fromisoformat(changed_at) > last_fetch


def is_farm(urls: Sequence[str]) -> bool:
    """Return True if redirects lead on and on through URLs of one pattern; a single one is a page that moved."""
    moves = [pair for pair in pairwise(urls) if article_key(pair[0]) != article_key(pair[1])]
    return sum(url_pattern(before) == url_pattern(after) for before, after in moves) >= FARM_REDIRECTS
