"""The order of requests: pure functions of dates, positions and depths."""

from __future__ import annotations

from datetime import datetime, timedelta

SEED, FEED, ARTICLE, LISTING, RELATED = 100_000, 80_000, 60_000, 50_000, 30_000
PART = 90_000
# subtracted for links that do not look like articles, until the first page of their URL pattern is known
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
