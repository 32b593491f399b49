"""The forms in which Chinese pages write a day, with or without its time: a pattern and what reads its match."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Literal

from newsspider.text.clocks import CLOCK, NUMERALS, Precision, clock_of, number
from newsspider.text.zone import BEIJING

# How much of a date is written: all of it, all but the year, or only how long ago it was.
Extent = Literal["full", "no year", "relative"]

EARLIEST_YEAR: Final = 1990
FUTURE_TOLERANCE: Final = timedelta(days=1)
# The first year of the Republic of China is 1912.
REPUBLIC_OFFSET: Final = 1911


@dataclass(frozen=True, slots=True)
class Published:
    """A moment read from a page: `at` aware UTC, `raw` as shown; `tz_assumed` where no zone was written.

    A day without a time is midnight in China. A year that is not written, and what is written as a span before now,
    are counted from the time of the fetch: `extent` says so.
    """

    at: datetime
    raw: str
    precision: Precision
    tz_assumed: bool
    extent: Extent = "full"


_MONTH_NAMES: Final = {
    name: number
    for number, name in enumerate(
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], 1
    )
}
YEAR: Final = r"(?P<year>(?:19|20)\d\d)"
_MONTH: Final = r"(?P<month>1[0-2]|0?[1-9])"
_DAY: Final = r"(?P<day>3[01]|[12]\d|0?[1-9])"
_TWO_DIGIT_DAY: Final = r"(?P<month>0[1-9]|1[0-2])[-/](?P<day>0[1-9]|[12]\d|3[01])"


def _numbered(pattern: str, count: int) -> str:
    """Return `pattern` with its group names numbered, for a second use in one expression."""
    return pattern.replace("(?P<", f"(?P<x{count}_")


_FULL: Final = re.compile(
    rf"(?<![\d.]){YEAR}(?:\s?年\s?{_MONTH}\s?月\s?{_DAY}(?:\s?[日号號]|(?!\s?:))"
    rf"|\s?-\s?{_numbered(_MONTH, 2)}\s?-\s?{_numbered(_DAY, 2)}"
    rf"|[/\s]{_numbered(_MONTH, 3)}/{_numbered(_DAY, 3)}|\.{_numbered(_MONTH, 4)}\.{_numbered(_DAY, 4)})"
    rf"(?!\d(?!\d:\d\d))日?{CLOCK}?(?!\d)"
)
# 民國113年5月18日, 中華民國一一三年五月十八日, and as offices in Taiwan write it 113年5月18日: no other calendar
# is at 100 to 199 now.
_ROC: Final = re.compile(
    rf"(?:(?:中[華华])?民[國国]\s?(?P<roc>\d{{1,3}}|元|[{NUMERALS}]{{1,5}})|(?<![\d年國国元前])(?P<bare>1\d\d))\s?年"
    rf"\s?(?P<month>1[0-2]|0?[1-9]|[{NUMERALS}]{{1,3}})\s?月\s?(?P<day>3[01]|[12]\d|0?[1-9]|[{NUMERALS}]{{1,4}})\s?[日号號]?{CLOCK}?(?!\d)"
)
_NUMERAL: Final = re.compile(
    rf"(?P<year>(?:19|20)\d\d|[〇零○０一二三四五六七八九]{{4}}|[二两兩]千零?[{NUMERALS}]{{1,3}})\s?年\s?(?P<month>1[0-2]|0?[1-9]|[{NUMERALS}]{{1,3}})\s?月\s?"
    rf"(?P<day>[{NUMERALS}]{{1,4}})[日号號]?{CLOCK}?(?!\d)"
)
# 24-5-13 17:07, 24年5月13日
_SHORT_YEAR: Final = re.compile(
    rf"(?<![\d年/.\-])(?<!\d:)(?P<year>\d\d)(?:-{_MONTH}-{_DAY}{CLOCK}"
    rf"|年{_numbered(_MONTH, 2)}月{_numbered(_DAY, 2)}日(?:{_numbered(CLOCK, 2)})?)(?!\d)"
)
_COMPACT: Final = re.compile(
    rf"(?<!\d)(?P<year>20\d\d)(?P<month>0[1-9]|1[0-2])(?P<day>0[1-9]|[12]\d|3[01])[\sT_-]{{1,3}}{CLOCK}(?!\d)"
)
# The day set large above its month: 18 over 2024/05.
_DAY_FIRST: Final = re.compile(
    rf"(?<![\d年月/.\-])(?<!\d:){_DAY}日?\s{{0,3}}/?\s?(?:{YEAR}\s?[年/.-]\s?{_MONTH}(?:\s?月(?!\s?\d{{1,2}}\s?日)|(?!\d|\s?[/.:-]\s?\d))"
    rf"|{_numbered(_MONTH, 2)}\s?月[\s,]{{0,3}}{_numbered(YEAR, 2)}年?){CLOCK}?(?!\d)"
)
# The year below month and day: 05/18 over 2024, 5月18日, 2024.
_YEAR_LAST: Final = re.compile(
    rf"(?<![年\d/.\-])(?P<month>1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九])\s?(?:月\s{{0,3}}|[/-](?=\d\d\s)){_DAY}(?:st|nd|rd|th|日)?,?"
    rf"\s{{1,3}}{YEAR}年?(?![\d/.-]){CLOCK}?(?!\d)"
)
# 18/05/2024 and 5/18/2024: read where only one of both is possible; 18.05.2024 is always the day first.
_SLASHES: Final = re.compile(
    rf"(?<![\d/.\-])(?P<first>[0-3]?\d)(?P<bar>[/.-])(?P<then>[0-3]?\d)(?P=bar){YEAR}(?![\d/.]){CLOCK}?(?!\d)"
)
_MONTH_DAY: Final = re.compile(rf"(?<![\d年/.\-]){_MONTH}\s?月\s?{_DAY}\s?[日号號]{CLOCK}?(?!\d)")
_DASHED_DAY: Final = re.compile(
    rf"(?<![\d年/.\-])(?P<month>0[1-9]|1[0-2])[-/]{_DAY}(?!\d(?!\d:\d\d))(?=[\s,]|\d\d:\d\d){CLOCK}(?!\d)"
)
_MONTH_NAME: Final = (
    r"(?P<name>[Jj]an|[Ff]eb|[Mm]ar|[Aa]pr|[Mm]ay|[Jj]une?|[Jj]uly?|[Aa]ug|[Ss]ept?|[Oo]ct|[Nn]ov|[Dd]ec"
    r"|JAN|FEB|MAR|APR|MAY|JUNE?|JULY?|AUG|SEPT?|OCT|NOV|DEC)(?:[A-Za-z]{2,7})?\.?"
)
_WEEKDAY_NAME: Final = r"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6},?\s{1,3})?"
_ENGLISH: Final = (
    re.compile(
        rf"(?<![A-Za-z]){_MONTH_NAME}\s{{1,3}}{_DAY}(?:st|nd|rd|th)?,?\s{{1,3}}{_WEEKDAY_NAME}{YEAR}(?!\d){CLOCK}?(?!\d)"
    ),
    re.compile(rf"(?<!\d){_DAY}(?:st|nd|rd|th)?[\s-]{{1,3}}{_MONTH_NAME}[,\s-]{{1,3}}{YEAR}(?!\d){CLOCK}?(?!\d)"),
    re.compile(rf"(?<![A-Za-z]){_MONTH_NAME}\s{{1,3}}{_DAY}{CLOCK}\s{{1,3}}{YEAR}(?!\d)"),
)
# `14:25 2023/08/06`: a clock that no day before it claims.
_CLOCK_BEFORE: Final = re.compile(
    r"(?:\A|[^\d日号號\s-])\s{0,2}(?P<hour>[01]?\d|2[0-3]):(?P<minute>[0-5]\d)(?::(?P<second>[0-5]\d))?[ ,|]{1,3}\Z"
)


def moment_of(
    year: int, month: int, day: int, groups: dict[str, str | None], raw: str, extent: Extent = "full"
) -> Published | None:
    """Return the moment of a day, with the time that the `groups` of its match show; None if there is no such day."""
    if year < EARLIEST_YEAR:
        return None
    try:
        midnight = datetime(year, month, day, tzinfo=BEIJING)
    except ValueError:
        return None
    clock = clock_of(groups)
    if clock is None:
        return Published(midnight.astimezone(UTC), raw, "day", True, extent)
    since_midnight, precision, zone = clock
    local = midnight.replace(tzinfo=zone or BEIJING) + since_midnight
    return Published(local.astimezone(UTC), raw, precision, zone is None, extent)


def _unnumbered(groups: dict[str, str | None]) -> dict[str, str | None]:
    """Return the groups of a match under their plain names, of alternatives those that took part."""
    found: dict[str, str | None] = {}
    for name, value in groups.items():
        plain = name.partition("_")[2] if name[:1] == "x" else name
        found[plain] = found.get(plain) or value
    return found


def _full(found: re.Match[str], reference: datetime) -> Published | None:
    groups = _unnumbered(found.groupdict())
    if groups["hour"] is None and (
        before := _CLOCK_BEFORE.search(found.string[max(0, found.start() - 14) : found.start()])
    ):
        groups.update(before.groupdict())
    return _of(groups, found[0])


def _of(groups: dict[str, str | None], raw: str) -> Published | None:
    year, month, day = (number(groups[name] or "") for name in ("year", "month", "day"))
    return moment_of(year, month, day, groups, raw)


def _plain(found: re.Match[str], reference: datetime) -> Published | None:
    return _of(_unnumbered(found.groupdict()), found[0])


def _roc(found: re.Match[str], reference: datetime) -> Published | None:
    groups = found.groupdict()
    year = 1 if groups["roc"] == "元" else number(groups["roc"] or groups["bare"] or "")
    return moment_of(year + REPUBLIC_OFFSET, number(found["month"]), number(found["day"]), groups, found[0])


def _short_year(found: re.Match[str], reference: datetime) -> Published | None:
    groups = _unnumbered(found.groupdict())
    groups["year"] = f"20{found['year']}"
    return _of(groups, found[0])


def _slashes(found: re.Match[str], reference: datetime) -> Published | None:
    """Return the only possible reading; where both are, the one that is not in the future, or what the form tells."""
    groups, first, then = found.groupdict(), int(found["first"]), int(found["then"])
    year = int(found["year"])
    if found["bar"] != "/":
        return moment_of(year, then, first, groups, found[0])
    if groups["meridiem"] is not None and groups["meridiem"].isascii():
        return moment_of(year, first, then, groups, found[0])
    readings = [moment_of(year, month, day, groups, found[0]) for month, day in {(then, first), (first, then)}]
    possible = [moment for moment in readings if moment and moment.at <= reference + FUTURE_TOLERANCE]
    return possible[0] if len(possible) == 1 else None


def month_day(found: re.Match[str], reference: datetime) -> Published | None:
    """Return the latest such day that is not in the reference's future."""
    groups = found.groupdict()
    year = reference.astimezone(BEIJING).year
    for candidate in range(year, year - 5, -1):
        moment = moment_of(candidate, int(found["month"]), int(found["day"]), groups, found[0], "no year")
        if moment and moment.at <= reference + FUTURE_TOLERANCE:
            return moment
    return None


def _english(found: re.Match[str], reference: datetime) -> Published | None:
    groups = found.groupdict()
    month = _MONTH_NAMES[found["name"][:3].lower()]
    return moment_of(int(found["year"]), month, int(found["day"]), groups, found[0])


# With the characters of which a date of that form has at least one.
FORMS: Final = (
    (_FULL, _full, frozenset("年-/.")),
    (_NUMERAL, _plain, frozenset("年")),
    (_ROC, _roc, frozenset("年")),
    *((pattern, _english, frozenset("bnrylgptvcBNRYLGPTVC")) for pattern in _ENGLISH),
    (_SLASHES, _slashes, frozenset("/.-")),
    (_COMPACT, _plain, frozenset(":时時点點")),
    (_DAY_FIRST, _plain, frozenset("年/.-月")),
    (_YEAR_LAST, _plain, frozenset("月/-")),
    (_SHORT_YEAR, _short_year, frozenset("-年")),
    (_MONTH_DAY, month_day, frozenset("月")),
    (_DASHED_DAY, month_day, frozenset("-/")),
)
