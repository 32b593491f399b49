"""When an article was published: chosen among the times that the page shows and those that it holds for machines."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from itertools import zip_longest
from typing import Final

from newsspider.pages.byline.credits import read_credits
from newsspider.pages.byline.line_text import plain_text
from newsspider.pages.byline.lines import MARKED, Header
from newsspider.pages.byline.machine_times import (
    any_times,
    declared_time,
    has_same_day,
    line_times,
    machine_time,
    url_day,
)
from newsspider.pages.document import Document, Line
from newsspider.text import language_of
from newsspider.text.dates import Published, republic_date
from newsspider.text.zone import BEIJING

MAX_TIME_LINE: Final = 80
MAX_CLOCK_LINE: Final = 20
_POSTED: Final = re.compile(r"发布|發布|發佈|发表|發表|编辑|編輯|更新|[Pp]osted")

Found = tuple[Published, str]


def published_time(
    document: Document, header: Header, body: tuple[int, int] | None, trailing: list[Line]
) -> tuple[Published | None, str, list[Found]]:
    """Return (time, method, candidates): the header's, one after the text, machine-readable, an edit's, the address's.

    A day that is shown without a year is completed by a machine-readable time of the same day; a full one takes its
    hour from there.
    """
    seen: list[Found] = []
    shown = _shown(document, header, body, trailing)
    if shown is not None:
        seen.append(shown)
    is_exact = shown is not None and shown[0].extent == "full" and shown[0].precision != "day"
    machine = declared_time(document) if is_exact else machine_time(document)
    if machine is not None:
        seen.append(machine)
    if shown is not None and shown[0].extent == "full":
        return *_with_hour(document, header, shown, machine), seen
    if shown is not None and shown[0].extent == "no year" and (completed := _completed(document, shown)):
        return *completed, seen
    chosen = machine or shown or _from_attributes(document, header) or _edited(document, header, trailing)
    if chosen is None and (day := url_day(document.url, document.fetched_at)):
        chosen = day, "url"
    return (*chosen, seen) if chosen else (None, "", seen)


def _shown(document: Document, header: Header, body: tuple[int, int] | None, trailing: list[Line]) -> Found | None:
    """Return the time that the page shows: in the header, after the text, or labelled inside of it.

    A labelled hour after the text counts more than a day without a label, which may be the site's own clock.
    """
    above = _header_time(document, header)
    if above and above[0].precision == "day" and not header.merged.is_time_labelled:
        after = _time_after(document, trailing, is_exact=True)
        above = after or above
    return above or _time_after(document, trailing) or _time_inside(document, body) or _republic_time(document, header)


def _header_time(document: Document, header: Header) -> Found | None:
    """Return the time that the header shows.

    Of several the first labelled one counts, else the one that agrees with the day in the address, else the first; a
    day before a time on a line of its own is joined with it.
    """
    shown = header.merged.published
    if shown is None:
        return None
    expected = None if header.merged.is_time_labelled else url_day(document.url, document.fetched_at)
    if expected and not _same_date(shown, expected):
        for line in header.lines:
            other = read_credits(header.text_of(line), document.fetched_at).published
            if other and _same_date(other, expected):
                return other, "header, as in the address"
    return shown, "header"


def _same_date(first: Published, second: Published) -> bool:
    return abs(first.at.astimezone(BEIJING).date() - second.at.astimezone(BEIJING).date()) <= timedelta(days=1)


def _time_after(document: Document, lines: list[Line], *, is_exact: bool = False) -> Found | None:
    """Return a date that stands after the text: labelled, or alone on its line or marked up as a date.

    With `is_exact` only a labelled one with its hour.
    """
    for line, below in zip_longest(lines, lines[1:]):
        if len(line.text) > MAX_TIME_LINE:
            continue
        credits = read_credits(plain_text(document, line), document.fetched_at)
        moment = credits.published
        if moment is None:
            continue
        is_alone = len(line.text) <= len(moment.raw) + 8
        if below and moment.precision == "day" and len(below.text) <= MAX_CLOCK_LINE:
            moment = _with_clock(document, moment, line, below)
        if is_exact and (moment.precision == "day" or not credits.is_time_labelled):
            continue
        if credits.is_time_labelled or is_alone or line.hints & MARKED:
            return moment, "after the text"
    return None


def _with_clock(document: Document, day: Published, line: Line, below: Line) -> Published:
    """Return a day with the hour that the next line shows, as `香港时间11时30分`; the day where it shows none."""
    joined = read_credits(f"{line.text} {below.text}", document.fetched_at).published
    return joined if joined and joined.precision != "day" else day


def _time_inside(document: Document, body: tuple[int, int] | None) -> Found | None:
    """Return a labelled time on a line of its own, marked up as one, inside the text: below an answer."""
    for line in document.lines[body[0] : body[1] + 1] if body else ():
        if line.hints & MARKED and len(line.text) <= MAX_TIME_LINE and _POSTED.search(line.text):
            credits = read_credits(plain_text(document, line), document.fetched_at)
            if credits.published and credits.is_time_labelled:
                return credits.published, "inside the text"
    return None


def _republic_time(document: Document, header: Header) -> Found | None:
    """Return 113/05/18 of a page in Traditional characters: a year of the Republic of China."""
    for line in header.lines:
        moment = republic_date(line.text, document.fetched_at)
        if moment and _is_traditional(document):
            return moment, "header"
    return None


def _is_traditional(document: Document) -> bool:
    return language_of("".join(line.text for line in document.lines)) == "zh-Hant"


def _with_hour(document: Document, header: Header, shown: Found, machine: Found | None) -> Found:
    """Return a shown day with the hour that a machine-readable moment of the same day has."""
    moment, method = shown
    if moment.precision != "day":
        return shown
    day = moment.at.astimezone(BEIJING).date()
    for finer in [*line_times(document, header.lines), *([machine[0]] if machine else [])]:
        if finer.precision != "day" and finer.at.astimezone(BEIJING).date() == day:
            return replace(finer, raw=moment.raw), f"{method} and machine time"
    return shown


def _completed(document: Document, shown: Found) -> Found | None:
    """Return a shown month and day with the year of a machine-readable moment of the same day."""
    moment, method = shown
    for known in any_times(document):
        if not has_same_day(moment, known):
            continue
        if moment.precision == "day":
            return replace(known, raw=moment.raw), f"{method} and machine time"
        years = known.at.astimezone(BEIJING).year - moment.at.astimezone(BEIJING).year
        local = moment.at.astimezone(BEIJING)
        at = local.replace(year=local.year + years).astimezone(moment.at.tzinfo)
        is_same = abs(known.at - at) < timedelta(minutes=1) and known.precision == "second"
        whole = replace(known, raw=moment.raw) if is_same else replace(moment, at=at, extent="full")
        return whole, f"{method} and machine time"
    return None


def _from_attributes(document: Document, header: Header) -> Found | None:
    moment = next(line_times(document, [line for line in header.lines if line.hints & MARKED]), None)
    return (moment, "time element") if moment else None


def _edited(document: Document, header: Header, trailing: list[Line]) -> Found | None:
    """Return the time of the last edit where no other is known, unless the address names another day."""
    edited, method = header.merged.updated, "header, updated"
    for line in trailing if edited is None else ():
        if len(line.text) <= MAX_TIME_LINE and (edited := read_credits(line.text, document.fetched_at).updated):
            method = "after the text, updated"
            break
    day = url_day(document.url, document.fetched_at)
    return (edited, method) if edited and (day is None or _same_date(edited, day)) else None
