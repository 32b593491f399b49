"""The clock of a crawl: when a page was fetched, is due again, or has been silent for long."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_ahead = timedelta()


def now() -> datetime:
    """Return the time, aware UTC: the machine's, or later by CLOCK_AHEAD_S."""
    return datetime.now(UTC) + _ahead


def ahead_s() -> float:
    """Return by how many seconds the clock is ahead of the machine's."""
    return _ahead.total_seconds()


def put_ahead(seconds: float) -> None:
    """Put the clock of this process ahead of the machine's. Deadlines, pauses and leases keep the machine's time."""
    global _ahead
    _ahead = timedelta(seconds=seconds)
