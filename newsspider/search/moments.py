"""Dates and times as users type them in a query: 2026, 2026-04, 2026-04-24, 2026年4月24日, 2026-04-24T08:00, 7d."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final

from newsspider.text.zone import BEIJING

_COMPACT: Final = re.compile(r"(\d{4})(\d\d)(\d\d)")
_PARTS: Final = re.compile(r"(\d{4})(?:(?:[-/.]|年)(\d{1,2})(?:(?:[-/.]|月)(\d{1,2})日?|月)?|年)?")
_AGO: Final = re.compile(r"(\d{1,5})(h|d|w|m|y|小时|天|周|个月|年)")
_DAYS: Final = {"d": 1, "天": 1, "w": 7, "周": 7, "m": 30, "个月": 30, "y": 365, "年": 365}
_NAMED: Final = {"today": 0, "今天": 0, "yesterday": 1, "昨天": 1}


def span_of(text: str, now: datetime) -> tuple[datetime, datetime]:
    """Return (beginning, end) in UTC of what `text` names in Beijing time; both are equal for a time of day.

    Raises ValueError where it names none.
    """
    text = text.strip().lower()
    if text in _NAMED:
        day = now.astimezone(BEIJING).replace(hour=0, minute=0, second=0, microsecond=0)
        begin = (day - timedelta(days=_NAMED[text])).astimezone(UTC)
        return begin, begin + timedelta(days=1)
    if found := _AGO.fullmatch(text):
        hours = int(found[1]) * (24 * _DAYS[found[2]] if found[2] in _DAYS else 1)
        return (now - timedelta(hours=hours),) * 2
    if found := _COMPACT.fullmatch(text) or _PARTS.fullmatch(text):
        return _calendar(*(int(part) if part else None for part in found.groups()))
    at = datetime.fromisoformat(text.upper())
    at = (at if at.tzinfo else at.replace(tzinfo=BEIJING)).astimezone(UTC)
    return at, at


def _calendar(year: int | None, month: int | None, day: int | None) -> tuple[datetime, datetime]:
    begin = datetime(year or 1, month or 1, day or 1, tzinfo=BEIJING)
    if day:
        end = begin + timedelta(days=1)
    elif month:
        end = begin.replace(year=begin.year + month // 12, month=month % 12 + 1)
    else:
        end = begin.replace(year=begin.year + 1)
    return begin.astimezone(UTC), end.astimezone(UTC)
