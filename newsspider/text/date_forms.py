"""The forms in which Chinese pages write a moment: a pattern for each, and what makes a `Published` of its match."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Final, Literal

from newsspider.text.zone import BEIJING

Precision = Literal["second", "minute", "day"]

# China has had one zone without summer time since 1992; a fixed offset is exact for every page on the web.
EARLIEST_YEAR: Final = 1990
FUTURE_TOLERANCE: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Published:
    """A moment read from a page: `at` aware UTC, `raw` as shown; `tz_assumed` where no zone was written.

    A day without a time is midnight in China.
    """

    at: datetime
    raw: str
    precision: Precision
    tz_assumed: bool


_NUMERALS: Final = {char: value for value, char in enumerate("〇一二三四五六七八九")} | {
    "零": 0,
    "○": 0,
    "两": 2,
    "兩": 2,
}
_CN: Final = "〇零○一二三四五六七八九十"
_MONTHS: Final = {
    name: number
    for number, name in enumerate(
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], 1
    )
}
_DAYS_BACK: Final = {"今": 0, "昨": 1, "前": 2, "大": 3}
_UNIT_SECONDS: Final = {
    "秒": 1,
    "分": 60,
    "小": 3600,
    "钟": 3600,
    "鐘": 3600,
    "天": 86400,
    "日": 86400,
    **dict.fromkeys("周週星", 604800),
}

CLOCK: Final = (
    r"(?:[\sT,|·•丨-]{0,8}(?:at\s|(?:HKT|BJT|CST|SGT)\s)?(?:[(]?(?:(?:星期|周|週|礼拜|禮拜)[一二三四五六日天]|[一二三四五六日](?=[)])"
    r"|(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6})[)]?[\s,|·]{0,4})?"
    r"(?P<half>凌晨|清晨|早上|早晨|早间|上午|中午|午间|下午|午后|傍晚|晚上|晚间|晚|夜间|深夜|am|pm|AM|PM)?\s{0,2}"
    r"(?P<hour>[01]?\d|2[0-4])\s?(?::|时|時|点|點)(?!\d{3})\s?"
    r"(?:(?P<minute>[0-5]?\d)(?!\d)(?:\s?[:分]\s?(?P<second>[0-5]?\d)(?!\d)(?:\.\d{1,9})?秒?)?分?"
    r"|(?P<thirty>半)|(?:整|[钟鐘])?(?!\d))"
    r"(?:\s?(?P<meridiem>[ap]\.?m|[AP]\.?M)(?![A-Za-z]))?"
    r"(?P<zone>\s?(?:Z\b|[+-]\d\d:?\d\d\b|(?:GMT|UTC|CST)(?:[+-]\d{1,2})?\b))?)"
)
YEAR: Final = r"(?P<year>(?:19|20)\d\d)"
_MONTH: Final = r"(?P<month>1[0-2]|0?[1-9])"
_DAY: Final = r"(?P<day>3[01]|[12]\d|0?[1-9])"


def _numbered(pattern: str, number: int) -> str:
    """Return `pattern` with its group names numbered, for a second use in one expression."""
    return pattern.replace("(?P<", f"(?P<x{number}_")


_FULL: Final = re.compile(
    rf"(?<![\d.]){YEAR}(?:\s?年\s?{_MONTH}\s?月\s?{_DAY}\s?[日号號]?"
    rf"|\s?-\s?{_numbered(_MONTH, 2)}\s?-\s?{_numbered(_DAY, 2)}"
    rf"|[/\s]{_numbered(_MONTH, 3)}/{_numbered(_DAY, 3)}|\.{_numbered(_MONTH, 4)}\.{_numbered(_DAY, 4)})"
    rf"(?!\d(?!\d:\d\d))日?{CLOCK}?(?!\d)"
)
_ROC: Final = re.compile(
    rf"(?:民國|民国)\s?(?P<roc>\d{{1,3}}|元)\s?年\s?{_MONTH}\s?月\s?{_DAY}\s?[日号號]?{CLOCK}?(?!\d)"
)
_NUMERAL: Final = re.compile(
    rf"(?P<year>[{_CN}]{{4}})年(?P<month>[{_CN}]{{1,3}})月(?P<day>[{_CN}]{{1,4}})[日号號]?{CLOCK}?(?!\d)"
)
_MONTH_DAY: Final = re.compile(rf"(?<![\d年/.\-]){_MONTH}\s?月\s?{_DAY}\s?[日号號]{CLOCK}?(?!\d)")
_DASHED_DAY: Final = re.compile(rf"(?<![\d年/.\-])(?P<month>0[1-9]|1[0-2])[-/]{_DAY}(?!\d)(?=[\s,]){CLOCK}(?!\d)")
_RELATIVE_DAY: Final = re.compile(rf"(?P<word>大前天|[今昨前][天日]){CLOCK}?(?!\d)")
_AGO: Final = re.compile(
    r"(?<![\d.])(?P<amount>\d{1,4}|[半一两兩])\s?[个個]?\s?(?P<unit>秒|分|小时|小時|钟头|鐘頭|天|日|周|週"
    r"|星期|月|年)[钟鐘]?\s?"
    r"(?:(?P<amount2>\d{1,2})\s?(?P<unit2>分|小时|小時|秒)[钟鐘]?\s?)?[之以]?前(?![天日])"
)
_JUST_NOW: Final = re.compile(r"刚刚|剛剛|刚才|just now")
_MONTH_NAME: Final = (
    r"(?P<name>[Jj]an|[Ff]eb|[Mm]ar|[Aa]pr|[Mm]ay|[Jj]une?|[Jj]uly?|[Aa]ug|[Ss]ept?|[Oo]ct|[Nn]ov|[Dd]ec)"
    r"(?:[a-z]{2,7})?\.?"
)
_ENGLISH: Final = (
    re.compile(rf"(?<![A-Za-z]){_MONTH_NAME}\s{{1,3}}{_DAY}(?:st|nd|rd|th)?,?\s{{1,3}}{YEAR}(?!\d){CLOCK}?(?!\d)"),
    re.compile(rf"(?<!\d){_DAY}(?:st|nd|rd|th)?[\s-]{{1,3}}{_MONTH_NAME}[,\s-]{{1,3}}{YEAR}(?!\d){CLOCK}?(?!\d)"),
    re.compile(rf"(?<![A-Za-z]){_MONTH_NAME}\s{{1,3}}{_DAY}{CLOCK}\s{{1,3}}{YEAR}(?!\d)"),
)
# 十一月 6th, 2009: the English form with the month's Chinese name, as WordPress has it.
_MONTH_FIRST: Final = re.compile(
    rf"(?<![年\d])(?P<month>十[一二]?|[一二三四五六七八九]|1[0-2]|0?[1-9])\s?月\s{{1,3}}{_DAY}(?:st|nd|rd|th)?,?\s{{1,3}}{YEAR}(?!\d)"
    rf"{CLOCK}?(?!\d)"
)
# `14:25 2023/08/06`: a clock that no day in front of it claims.
_CLOCK_BEFORE: Final = re.compile(
    r"(?:\A|[^\d日号號\s-])\s{0,2}(?P<hour>[01]?\d|2[0-3]):(?P<minute>[0-5]\d)(?::(?P<second>[0-5]\d))?[ ,|]{1,3}\Z"
)
_ZONE: Final = re.compile(r"(?P<sign>[+-])(?P<hours>\d\d):?(?P<minutes>\d\d)?|[+-]\d")
_AFTERNOON: Final = frozenset({"下午", "午后", "傍晚", "晚上", "晚间", "晚", "夜间", "深夜", "pm"})


def _number(text: str) -> int:
    """Return the value of 二十一, 十, 二〇二三 or of plain digits."""
    if text.isdigit() and text.isascii():
        return int(text)
    if "十" in text:
        tens, _, ones = text.partition("十")
        return (_NUMERALS.get(tens, 1) if tens else 1) * 10 + (_NUMERALS.get(ones, 0) if ones else 0)
    return int("".join(str(_NUMERALS[char]) for char in text))


def _zone(text: str | None) -> timezone | None:
    if text is None or (text := text.strip()) == "CST":
        return None
    found = _ZONE.search(text)
    if found is None:
        return UTC
    if found["hours"] is None:
        return timezone(timedelta(hours=int(found[0])))
    offset = timedelta(hours=int(found["hours"]), minutes=int(found["minutes"] or 0))
    if offset > timedelta(hours=14):
        return None
    return timezone(-offset if found["sign"] == "-" else offset)


def _clock(groups: dict[str, str | None]) -> tuple[timedelta, Precision, timezone | None] | None:
    """Return the time of day, its precision and its zone, or None where the match shows no time."""
    hour_text = groups.get("hour")
    if hour_text is None:
        return None
    hour = int(hour_text)
    minute_text, second_text = groups.get("minute"), groups.get("second")
    half = (groups.get("half") or groups.get("meridiem") or "").lower().replace(".", "")
    if half in _AFTERNOON and hour < 12 and not (half in ("深夜", "夜间") and hour < 6):
        hour += 12
    elif half in ("am", "凌晨") and hour == 12:
        hour = 0
    elif half in ("中午", "午间") and hour < 4:
        hour += 12
    minute = int(minute_text) if minute_text else 30 if groups.get("thirty") else 0
    clock = timedelta(hours=hour, minutes=minute, seconds=int(second_text or 0))
    if clock > timedelta(hours=24):
        return None
    return clock, "second" if second_text else "minute", _zone(groups.get("zone"))


def moment_of(year: int, month: int, day: int, groups: dict[str, str | None], raw: str) -> Published | None:
    """Return the moment of a day, with the time that the `groups` of its match show; None if there is no such day."""
    if year < EARLIEST_YEAR:
        return None
    try:
        midnight = datetime(year, month, day, tzinfo=BEIJING)
    except ValueError:
        return None
    clock = _clock(groups)
    if clock is None:
        return Published(midnight.astimezone(UTC), raw, "day", True)
    since_midnight, precision, zone = clock
    local = midnight.replace(tzinfo=zone or BEIJING) + since_midnight
    return Published(local.astimezone(UTC), raw, precision, zone is None)


def _full(found: re.Match[str], reference: datetime) -> Published | None:
    groups = found.groupdict()
    if groups["hour"] is None and (
        before := _CLOCK_BEFORE.search(found.string[max(0, found.start() - 14) : found.start()])
    ):
        groups.update(before.groupdict())
    month, day = (
        next(value for number in ("", "x2_", "x3_", "x4_") if (value := groups[number + name]))
        for name in ("month", "day")
    )
    return moment_of(int(found["year"]), int(month), int(day), groups, found[0])


def _roc(found: re.Match[str], reference: datetime) -> Published | None:
    groups = found.groupdict()
    year = 1 if groups["roc"] == "元" else int(groups["roc"] or 0)
    return moment_of(year + 1911, int(found["month"]), int(found["day"]), groups, found[0])


def _numeral(found: re.Match[str], reference: datetime) -> Published | None:
    if "十" in found["year"]:
        return None
    year, month, day = (_number(found[name]) for name in ("year", "month", "day"))
    return moment_of(year, month, day, found.groupdict(), found[0])


def month_day(found: re.Match[str], reference: datetime) -> Published | None:
    """Return the latest such day that is not in the reference's future."""
    groups = found.groupdict()
    year = reference.astimezone(BEIJING).year
    for candidate in range(year, year - 5, -1):
        moment = moment_of(candidate, int(found["month"]), int(found["day"]), groups, found[0])
        if moment and moment.at <= reference + FUTURE_TOLERANCE:
            return moment
    return None


def _relative_day(found: re.Match[str], reference: datetime) -> Published | None:
    day = reference.astimezone(BEIJING) - timedelta(days=_DAYS_BACK[found["word"][0]])
    return moment_of(day.year, day.month, day.day, found.groupdict(), found[0])


def _span(amount: str, unit: str) -> timedelta:
    """Return how long `半` `小时`, `3` `天` or `1` `月` is; months have 30 days here and years 365."""
    days = {"月": 30, "年": 365}.get(unit)
    seconds = days * 86400 if days else _UNIT_SECONDS[unit[0]]
    return timedelta(seconds=seconds // 2 if amount == "半" else _number(amount) * seconds)


def _ago(found: re.Match[str], reference: datetime) -> Published | None:
    """Return the moment that lies so far back; whole days and more are read as a day."""
    back = _span(found["amount"], found["unit"])
    if found["amount2"]:
        back += _span(found["amount2"], found["unit2"])
    if back > timedelta(days=366 * 30):
        return None
    at = reference - back
    if back >= timedelta(days=1):
        day = at.astimezone(BEIJING).replace(hour=0, minute=0, second=0, microsecond=0)
        return Published(day.astimezone(UTC), found[0], "day", False)
    return Published(at.astimezone(UTC).replace(microsecond=0), found[0], "minute", False)


def _just_now(found: re.Match[str], reference: datetime) -> Published | None:
    return Published(reference.astimezone(UTC).replace(microsecond=0), found[0], "minute", False)


def _english(found: re.Match[str], reference: datetime) -> Published | None:
    groups = found.groupdict()
    return moment_of(int(found["year"]), _MONTHS[found["name"][:3].lower()], int(found["day"]), groups, found[0])


def _month_first(found: re.Match[str], reference: datetime) -> Published | None:
    return moment_of(int(found["year"]), _number(found["month"]), int(found["day"]), found.groupdict(), found[0])


# With the characters of which a date of that form has at least one.
FORMS: Final = (
    (_FULL, _full, frozenset("年-/.")),
    (_ROC, _roc, frozenset("民")),
    (_NUMERAL, _numeral, frozenset("年")),
    *((pattern, _english, frozenset("bnrylgptvc")) for pattern in _ENGLISH),
    (_MONTH_FIRST, _month_first, frozenset("月")),
    (_MONTH_DAY, month_day, frozenset("月")),
    (_DASHED_DAY, month_day, frozenset("-/")),
    (_RELATIVE_DAY, _relative_day, frozenset("今昨前")),
    (_AGO, _ago, frozenset("前")),
    (_JUST_NOW, _just_now, frozenset("刚剛j")),
)
