"""Alarms of fetches: answers that are no pages (shells, logins, blocks, errors), and listings without their rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

from newsspider.alarms.alarm import ACKNOWLEDGED, HEALED, Alarm, Example, Finding, Part
from newsspider.alarms.falls import Fall, fallen_share, is_back
from newsspider.alarms.window import Fetch, Rows

GOOD_SHARE: Final = "good"
ROWS: Final = "rows"
LEAST_FETCHES: Final = 10
# nothing but bad answers: so many of them, for so long
LEAST_STREAK: Final = 5
LEAST_OUTAGE: Final = timedelta(hours=3)
# or, where a site is rarely asked, two of them for most of a day
LONG_OUTAGE: Final = timedelta(hours=18)
LEAST_GOOD_BEFORE: Final = 10
LEAST_USUAL: Final = 0.5
HEALED_FETCHES: Final = (5, 10)
# a listing that showed so many rows at so many visits, and now at most this share of the fewest
LEAST_ROWS: Final = 5
LEAST_VISITS: Final = 4
LOST_SHARE: Final = 0.2
# at two visits in a row, or at one so long after the one before
RARE_VISITS: Final = timedelta(hours=12)


def verdict_finding(fetches: Sequence[Fetch], alarms: Iterable[Alarm]) -> Finding | None:
    """Return that far fewer fetches (oldest first) than usual gave a page; None where that is not so."""
    for alarm in alarms:
        if alarm.kind == "verdict" and alarm.state == ACKNOWLEDGED:
            fetches = [fetch for fetch in fetches if fetch.at >= alarm.since]
        elif alarm.kind == "verdict" and alarm.state == HEALED:
            fetches = [fetch for fetch in fetches if not alarm.covers(fetch.at)]
    fall = _streak(fetches) or _fallen(fetches)
    if fall is None:
        return None
    bad = [fetch for fetch in fetches[-fall.count :] if not fetch.is_good]
    causes = Counter(fetch.verdict for fetch in bad)
    name = max(causes, key=lambda cause: causes[cause])
    part = Part(GOOD_SHARE, fall.usual, fall.present, fall.count)
    return Finding("verdict", bad[0].at, {name: part}, _example(bad), dict(causes))


def renew_verdict(alarm: Alarm, fetches: Sequence[Fetch]) -> bool:
    """Bring an open alarm up to date by the last fetches; return True if they give pages as usual again."""
    part = alarm.parts[alarm.field]
    least, most = HEALED_FETCHES
    later = [fetch for fetch in fetches if fetch.at >= alarm.since][-most:]
    if not later:
        return False
    share = sum(fetch.is_good for fetch in later) / len(later)
    is_healed = len(later) >= least and is_back(Fall(part.usual, min(part.present, share), 0), share)
    if is_healed:
        return True
    part.present, part.count = share, len(later)
    bad = [fetch for fetch in later if not fetch.is_good]
    if bad:
        alarm.notes = dict(Counter(fetch.verdict for fetch in bad))
        alarm.example = _example(bad)
    return False


def list_finding(lists: Iterable[Rows], alarms: Iterable[Alarm]) -> Finding | None:
    """Return the listings that have lost their rows; None where none has."""
    known = [alarm for alarm in alarms if alarm.kind == "list" and alarm.state == ACKNOWLEDGED]
    accepted = {name: alarm.since for alarm in known for name in alarm.parts}
    lost: dict[str, tuple[Part, datetime]] = {}
    for rows in lists:
        since = accepted.get(rows.url)
        counts = [(at, count) for at, count in rows.counts if since is None or at >= since]
        if found := _lost_rows(counts):
            lost[rows.url] = found
    if not lost:
        return None
    url, (_, since) = min(lost.items(), key=lambda item: item[1][1])
    part = lost[url][0]
    said = f"shows {part.present:.0f} articles, usually {part.usual:.0f} or more"
    example = Example(url, url, since, [said])
    return Finding("list", since, {name: part for name, (part, _) in lost.items()}, example)


def renew_lists(alarm: Alarm, lists: Iterable[Rows]) -> bool:
    """Bring an open alarm up to date by the last visits; return True if all listings have rows again."""
    by_url = {rows.url: rows for rows in lists}
    for url, part in alarm.parts.items():
        rows = by_url.get(url)
        if rows is None:
            part.is_back = True  # not visited for long: it is not a listing of the site any more
            continue
        count = rows.counts[-1][1]
        part.is_back = count > LOST_SHARE * part.usual
        part.present = part.present if part.is_back else count
    return all(part.is_back for part in alarm.parts.values())


def _streak(fetches: Sequence[Fetch]) -> Fall | None:
    """Return the fall where the last fetches gave nothing at all, after a time in which most were good."""
    last_good = next((number for number in range(len(fetches) - 1, -1, -1) if fetches[number].is_good), None)
    if last_good is None or last_good + 1 == len(fetches):
        return None
    before, streak = fetches[: last_good + 1], fetches[last_good + 1 :]
    usual = sum(fetch.is_good for fetch in before) / len(before)
    if len(before) < LEAST_GOOD_BEFORE or usual < LEAST_USUAL:
        return None
    without = streak[-1].at - before[-1].at
    is_long = len(streak) >= 2 and streak[-1].at - streak[0].at >= LONG_OUTAGE
    is_many = len(streak) >= LEAST_STREAK and without >= LEAST_OUTAGE
    return Fall(usual, 0.0, len(streak)) if is_long or is_many else None


def _fallen(fetches: Sequence[Fetch]) -> Fall | None:
    """Return the fall of the share of good fetches.

    Not where one short outage explains it, nor where the last fetches are as usual again.
    """
    fall = fallen_share([fetch.is_good for fetch in fetches], LEAST_FETCHES)
    if fall is None:
        return None
    flags = [fetch.is_good for fetch in fetches[-fall.count :]]
    is_mixed = any(flags[flags.index(False) :])
    last = flags[-LEAST_FETCHES:]
    return fall if is_mixed and not is_back(fall, sum(last) / len(last)) else None


def _lost_rows(counts: Sequence[tuple[datetime, int]]) -> tuple[Part, datetime] | None:
    """Return the usual and the present rows of a listing that has lost them, and since when."""
    numbers = [count for _, count in counts]
    for visits in (1, 2):
        before = numbers[:-visits]
        if len(before) < LEAST_VISITS or min(before) < LEAST_ROWS:
            continue
        if max(numbers[-visits:]) > LOST_SHARE * min(before):
            continue
        since = counts[-visits][0]
        if visits == 2 or since - counts[-2][0] >= RARE_VISITS:
            return Part(ROWS, min(before), numbers[-1], visits), since
    return None


def _example(bad: Sequence[Fetch]) -> Example:
    found = next((fetch for fetch in bad if fetch.url), bad[0])
    return Example(found.url, found.url, found.at, [f"{found.verdict}: {found.line}"] if found.line else [])
