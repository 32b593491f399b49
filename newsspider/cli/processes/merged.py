"""The stats of several processes of one crawl as those of a single one. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from newsspider.extensions import summary as outcome

# stats that are not sums: the processes ran side by side, or each of them has said the same of all sites
MOST: Final = ("elapsed_time_seconds", "memusage/max", "memusage/startup", "request_depth_max")
# what the process that ended last says of the whole crawl
LAST: Final = ("frontier/waiting", "frontier/known", "frontier/next_visit")
FINISHED: Final = "finished"


def merged(parts: Iterable[outcome.Stats]) -> dict[str, Any]:
    """Return one set of stats for those of several processes."""
    ordered = sorted(parts, key=_ended_at)
    stats: dict[str, Any] = {}
    for part in ordered:
        for name, value in part.items():
            stats[name] = _joined(name, stats[name], value) if name in stats else value
    reasons = [str(part["finish_reason"]) for part in ordered if "finish_reason" in part]
    if reasons:
        stats["finish_reason"] = worst_reason(reasons)
    if "alarms/lines" in stats:
        stats["alarms/open"] = len(stats["alarms/lines"])
    return stats


def _ended_at(part: outcome.Stats) -> float:
    ended = part.get("finish_time")
    return ended.timestamp() if isinstance(ended, datetime) else 0.0


def _joined(name: str, one: Any, other: Any) -> Any:
    if name in LAST or isinstance(other, str):
        return other
    if isinstance(one, datetime) and isinstance(other, datetime):
        return min(one, other) if name == "start_time" else max(one, other)
    if isinstance(one, int | float) and isinstance(other, int | float):
        return max(one, other) if name in MOST else one + other
    if isinstance(one, Sequence) and isinstance(other, Sequence):
        return list(dict.fromkeys([*one, *other]))
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return {**one, **other}
    return other


def worst_reason(reasons: Sequence[str]) -> str:
    """Return the finish reason of the crawl: a failure before a stop, a stop before a limit, a limit before the end."""

    def rank(reason: str) -> int:
        if any(part in reason for part in outcome.FAILED_REASONS):
            return 0
        return {outcome.STOPPED: 1, FINISHED: 3}.get(reason, 2)

    return min(reasons, key=rank)


def shares(limit: int, processes: int) -> list[int]:
    """Return a limit's part for each process: whole numbers that add up to it."""
    return [limit // processes + (number < limit % processes) for number in range(processes)]
