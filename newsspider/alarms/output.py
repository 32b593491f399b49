"""Alarms of what a site gives: nothing new for long (silence), much less or much more than usual (volume)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from newsspider.alarms.alarm import ACKNOWLEDGED, Alarm, Finding, Part
from newsspider.alarms.rhythm import Rhythm, articles_between, has_holiday, hour_of, time_of, variation
from newsspider.alarms.window import SiteWindow

GAP: Final = "gap_h"
DAY: Final = "day"
WEEK: Final = "week"
A_DAY: Final = timedelta(days=1)
A_WEEK: Final = timedelta(days=7)
# a gap is judged by so many before it, of so long
LEAST_GAPS: Final = 8
LEAST_KNOWN: Final = timedelta(days=3)
LEAST_SILENCE_H: Final = 12.0
REGULAR_FACTOR: Final = 2.0
# much more: in a day, than on any of so many before; much less: in a week, than in any of so many
DAYS_BEFORE: Final = 10
MORE_FACTOR: Final = 5
LEAST_MORE: Final = 50
WEEKS_BEFORE: Final = 3
MOST_WEEKS: Final = 5
LESS_SHARE: Final = 0.35
LEAST_LESS: Final = 20
LEAST_DAYS_LOOKED: Final = 5
HEALED_MORE: Final = 0.5
HEALED_LESS: Final = 0.6
# what was missed in another alarm's time comes all at once after it
AFTERMATH: Final = timedelta(days=8)


def silence_finding(window: SiteWindow, alarms: Iterable[Alarm], now: datetime) -> Finding | None:
    """Return that no new article has come for much longer than usual; None where that is not so.

    Usual is the longest gap so far, in hours weighted by how many articles they usually bring. It has to be exceeded
    twofold by a regular site, threefold by one whose articles come by chance.
    """
    if len(window.hours) <= LEAST_GAPS or now - window.first_at < LEAST_KNOWN:
        return None
    last = max(window.hours)
    accepted = [alarm for alarm in alarms if alarm.kind == "silence" and alarm.state == ACKNOWLEDGED]
    if any(hour_of(alarm.since) >= last for alarm in accepted):
        return None
    *before, present = Rhythm(window.hours, window.first_at, now).gaps(now)
    longest = max(before, key=lambda gap: gap.weight)
    limit = max(LEAST_SILENCE_H, longest.weight * (REGULAR_FACTOR + min(1.0, variation(before))))
    if present.weight <= limit:
        return None
    return Finding("silence", time_of(last), {GAP: Part(GAP, longest.hours, present.hours, len(before))})


def renew_silence(alarm: Alarm, window: SiteWindow, now: datetime) -> bool:
    """Bring an open alarm up to date; return True if a new article has come."""
    last = max(window.hours, default=0)
    if last > hour_of(alarm.since):
        return True
    alarm.parts[GAP].present = hour_of(now) - last
    return False


def volume_finding(window: SiteWindow, alarms: Iterable[Alarm], now: datetime) -> Finding | None:
    """Return that far more articles came in a day, or far fewer in a week, than ever before; None otherwise.

    Nothing is said for a while after another alarm, nor where the site was not looked at.
    """
    known_from = window.first_at + A_DAY
    for alarm in alarms:
        if alarm.kind == "volume" and alarm.state == ACKNOWLEDGED:
            known_from = max(known_from, alarm.since)
        elif alarm.kind != "field" and alarm.is_within(now, AFTERMATH):
            return None
    return _more(window, known_from, now) or _less(window, known_from, now)


def renew_volume(alarm: Alarm, window: SiteWindow, now: datetime) -> bool:
    """Bring an open alarm up to date; return True if the last day or week was as usual."""
    name, part = next(iter(alarm.parts.items()))
    count = articles_between(window, now - (A_DAY if name == DAY else A_WEEK), now)
    limit = max(HEALED_MORE * MORE_FACTOR * part.usual, LEAST_MORE * HEALED_MORE)
    is_healed = count <= limit if name == DAY else count >= HEALED_LESS * part.usual
    part.present = part.present if is_healed else count
    return is_healed


def _more(window: SiteWindow, known_from: datetime, now: datetime) -> Finding | None:
    before = _counts(window, known_from, now, A_DAY)
    if len(before) < DAYS_BEFORE:
        return None
    present, usual = articles_between(window, now - A_DAY, now), max(before)
    not_looked = (now - window.looked_at) / A_DAY if window.looked_at else 1.0
    if present < LEAST_MORE or present <= MORE_FACTOR * usual * max(1.0, not_looked):
        return None
    return Finding("volume", now - A_DAY, {DAY: Part(DAY, usual, present, len(before))})


def _less(window: SiteWindow, known_from: datetime, now: datetime) -> Finding | None:
    before = _counts(window, known_from, now, A_WEEK)[:MOST_WEEKS]
    if len(before) < WEEKS_BEFORE or has_holiday(now - A_WEEK, now):
        return None
    looked = sum(day > f"{now - A_WEEK:%Y%m%d}" for day in window.days)
    present, usual = articles_between(window, now - A_WEEK, now), min(before)
    if usual < LEAST_LESS or present >= LESS_SHARE * usual or looked < LEAST_DAYS_LOOKED:
        return None
    return Finding("volume", now - A_WEEK, {WEEK: Part(WEEK, usual, present, len(before))})


def _counts(window: SiteWindow, known_from: datetime, now: datetime, span: timedelta) -> list[int]:
    """Return the numbers of new articles in the whole spans before the last one, latest first."""
    counts: list[int] = []
    end = now - span
    while end - span >= known_from and len(counts) < 60:
        counts.append(articles_between(window, end - span, end))
        end -= span
    return counts
