"""Dates and times found in text or read from it as a whole, against an explicit reference time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final
from unicodedata import normalize

from newsspider.text.clocks import CLOCK, Precision
from newsspider.text.date_forms import (
    EARLIEST_YEAR,
    FORMS,
    FUTURE_TOLERANCE,
    REPUBLIC_OFFSET,
    YEAR,
    Published,
    moment_of,
    month_day,
)
from newsspider.text.relative_dates import RELATIVE_FORMS
from newsspider.text.zone import BEIJING

__all__ = ["FUTURE_TOLERANCE", "Published", "find_dates", "parse_date", "parse_labelled_date", "republic_date"]

_WIDE: Final = {0xFF10 + digit: chr(0x30 + digit) for digit in range(10)} | {
    ord(wide): narrow for wide, narrow in zip("：／．－，（）—–‐\u3000\u00a0", ":/.-,()---  ", strict=True)
}
_COMPACT: Final = re.compile(
    rf"{YEAR}(?P<month>0[1-9]|1[0-2])(?P<day>0[1-9]|[12]\d|3[01])"
    r"(?:T?(?P<hour>[01]\d|2[0-3])(?P<minute>[0-5]\d)(?P<second>[0-5]\d)?(?P<zone>Z|[+-]\d{4})?)?"
)
_EPOCH: Final = re.compile(r"(?P<seconds>\d{10})(?:\.\d+|\d{3}|\d{6})?")
_ALL_FORMS: Final = (*FORMS, *RELATIVE_FORMS)
_TIME_ONLY: Final = re.compile(CLOCK)
_SHORT_DAY: Final = re.compile(r"(?P<month>0[1-9]|1[0-2])[-/](?P<day>0[1-9]|[12]\d|3[01])")
# 113/05/18, 113-05-18, 113.05.18
_REPUBLIC_DATE: Final = re.compile(
    rf"(?<![\d./-])(?P<year>1\d\d)(?P<bar>[./-])(?P<month>0?[1-9]|1[0-2])(?P=bar)(?P<day>0?[1-9]|[12]\d|3[01])(?![\d./-]){CLOCK}?"
)
# A year, a day and a word for the month: what another language's date has at least.
_FOREIGN_DATE: Final = re.compile(r"(?=.{0,36}(?:19|20)\d\d)(?=.{0,36}[^\W\d_]{3})(?=.{0,36}(?<!\d)\d{1,2}(?!\d))")
# What dateparser tries for the letters of a date: with all of its 200 languages the first one takes seconds.
_LANGUAGES: Final = (
    (re.compile("[\u0400-\u04ff]"), ("ru", "uk", "bg", "be", "kk", "mn")),
    (re.compile("[\uac00-\ud7a3]"), ("ko",)),
    (re.compile("[\u3041-\u30ff\u3400-\u9fff]"), ("ja", "zh")),
    (re.compile("[\u0600-\u06ff]"), ("ar", "fa", "ur")),
    (re.compile("[\u0e00-\u0e7f]"), ("th",)),
    (re.compile("[\u0590-\u05ff]"), ("he",)),
    (re.compile("[\u0370-\u03ff]"), ("el",)),
    (re.compile("[\u0900-\u097f]"), ("hi",)),
    (re.compile("[\u1780-\u17ff]"), ("km",)),
    (re.compile("[\u1000-\u109f]"), ("my",)),
)
_LATIN: Final = (
    "en", "fr", "de", "es", "pt", "it", "nl", "vi", "id", "ms", "tr", "pl", "cs", "fi", "sv", "da", "nb", "hu", "ro",
)  # fmt: skip
# The beginnings of the months in these, without accents.
_LATIN_MONTH: Final = re.compile(
    r"\b(?:abr|ago|agt|agu|aou|apr|ara|aug|avg|avr|bre|cer|cze|dec|dek|des|dez|dic|dis|dub|eki|elo|ene|eyl|feb"
    r"|fev|gen|giu|gru|haz|hei|hel|huh|ian|iul|iun|jan|jou|jui|jul|jun|juu|kas|kes|kve|kwi|led|lip|lis|lok"
    r"|lug|lut|maa|mac|mag|mai|maj|mar|may|mei|mrt|nis|noi|nop|nov|oca|oct|ogo|okt|ott|out|paz|pro|rij|sau"
    r"|sep|set|sie|srp|sty|sub|syy|sze|tam|tem|tha|thg|tou|uno|wrz|zar)"
)
_HINT: Final = re.compile(r"\d|[年前今昨刚剛上本]|now|ago|day")


def _matches(text: str, reference: datetime) -> Iterator[tuple[int, int, Published]]:
    """Yield dates form by form, the more telling forms first; a span is given away once, also to an impossible date."""
    taken: list[tuple[int, int]] = []
    present = set(text)
    for pattern, read, marks in _ALL_FORMS:
        if marks.isdisjoint(present):
            continue
        for found in pattern.finditer(text):
            start, end = found.span()
            if taken and any(start < other_end and other_start < end for other_start, other_end in taken):
                continue
            taken.append((start, end))
            moment = read(found, reference)
            if moment is not None and moment.at <= reference + FUTURE_TOLERANCE:
                yield start, end, moment


def find_dates(text: str, reference: datetime) -> list[tuple[int, int, Published]]:
    """Return (start, end, moment) of every date inside `text`, in order; bare numbers and bare times are not dates.

    `reference` is aware: the time the page was fetched. It gives relative words and missing years their meaning, and
    what lies more than a day after it is dropped, as are impossible dates.
    """
    if not _HINT.search(text):
        return []
    found = [
        (start, end, _as_shown(moment, text[start:end].strip()))
        for start, end, moment in _matches(_narrow(text), reference)
    ]
    return sorted(found, key=lambda row: row[0])


def _narrow(text: str) -> str:
    return text if text.isascii() else text.translate(_WIDE)


def _as_shown(moment: Published, raw: str) -> Published:
    if moment.raw == raw:
        return moment
    return replace(moment, raw=raw)


def _whole_number(text: str, reference: datetime) -> Published | None:
    """Return the moment of 20230806142532, of epoch seconds or of epoch milliseconds or microseconds."""
    if found := _COMPACT.fullmatch(text):
        return moment_of(int(found["year"]), int(found["month"]), int(found["day"]), found.groupdict(), text)
    if not (found := _EPOCH.fullmatch(text)):
        return None
    at = datetime.fromtimestamp(int(found["seconds"]), UTC)
    return Published(at, text, "second", False) if at.year >= EARLIEST_YEAR else None


def parse_date(text: str, reference: datetime) -> Published | None:
    """Return the one moment that `text` (a time's label, attribute, state value) holds, or None.

    Reads all that `find_dates` reads, and where it is the whole text also `08-06`, `下午3点`, `20230806` and epoch
    seconds or milliseconds. Impossible dates and dates more than a day after `reference` are None.
    """
    if len(text) > 200:
        return None
    if dates := find_dates(text, reference):
        return dates[0][2]
    wide = _narrow(text).strip()
    moment = _whole_number(wide, reference)
    if moment is None and (short := _SHORT_DAY.fullmatch(wide)):
        moment = month_day(short, reference)
    if moment is None and (clock := _TIME_ONLY.fullmatch(wide)):
        moment = _time_of_today(clock, reference)
    return moment if moment and moment.at <= reference + FUTURE_TOLERANCE else None


def republic_date(text: str, reference: datetime) -> Published | None:
    """Return the moment of 113/05/18, as Taiwan writes a year of its own count: only for pages that are from there."""
    found = _REPUBLIC_DATE.search(_narrow(text))
    if found is None:
        return None
    year = int(found["year"]) + REPUBLIC_OFFSET
    moment = moment_of(year, int(found["month"]), int(found["day"]), found.groupdict(), found[0])
    return moment if moment and moment.at <= reference + FUTURE_TOLERANCE else None


def _time_of_today(found: re.Match[str], reference: datetime) -> Published | None:
    """Return the last time at which the clock in China showed it."""
    local = reference.astimezone(BEIJING)
    moment = moment_of(local.year, local.month, local.day, found.groupdict(), found[0], "relative")
    if moment and moment.at > reference:
        return replace(moment, at=moment.at - timedelta(days=1))
    return moment


def parse_labelled_date(text: str, reference: datetime) -> Published | None:
    """Return `parse_date`, and for what the grammar does not know (other languages) what dateparser strictly reads.

    Only for strings that are known to be a time, such as a metadata value: dateparser costs milliseconds, and the first
    time some tenths of a second.
    """
    moment = parse_date(text, reference)
    if moment is not None or not (8 <= len(text) <= 40 and _FOREIGN_DATE.search(text)):
        return moment
    languages = languages_of(text)
    if not languages:
        return None
    from dateparser import parse  # imported late: it loads for half a second and few pages need it

    local = reference.astimezone(BEIJING).replace(tzinfo=None)
    strict = {"STRICT_PARSING": True, "RELATIVE_BASE": local, "PREFER_DATES_FROM": "past"}
    found = parse(text, languages=list(languages), settings=strict)
    if found is None or found.year < EARLIEST_YEAR:
        return None
    at = (found if found.tzinfo else found.replace(tzinfo=BEIJING)).astimezone(UTC)
    precision: Precision = "minute" if ":" in text else "day"
    return Published(at, text, precision, found.tzinfo is None) if at <= reference + FUTURE_TOLERANCE else None


def languages_of(text: str) -> tuple[str, ...]:
    """Return the languages in which `text` may name a day: by its script, in Latin letters where it names a month."""
    for script, languages in _LANGUAGES:
        if script.search(text):
            return languages
    plain = normalize("NFKD", text.lower()).encode("ascii", "ignore").decode()
    return _LATIN if _LATIN_MONTH.search(plain) else ()
