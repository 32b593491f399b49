"""Times told from now: 昨天 12:30, 1年2个月前, 半小时前, 上周五, 5 hours ago."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final

from newsspider.text.clocks import CLOCK, NUMERALS, number
from newsspider.text.date_forms import Published, moment_of
from newsspider.text.zone import BEIJING

_DAYS_BACK: Final = {"今": 0, "昨": 1, "前": 2, "大": 3, "t": 0, "y": 1}
_UNIT_SECONDS: Final = {
    **dict.fromkeys(("秒", "s"), 1),
    **dict.fromkeys(("分", "mi"), 60),
    **dict.fromkeys(("小", "钟", "鐘", "h"), 3600),
    **dict.fromkeys(("天", "日", "d"), 86400),
    **dict.fromkeys(("周", "週", "星", "礼", "禮", "w"), 604800),
}
_UNIT_MONTHS: Final = {"月": 1, "mo": 1, "年": 12, "y": 12}
_UNIT: Final = (
    r"(?:秒|分|小时|小時|钟头|鐘頭|天|日|周|週|星期|礼拜|禮拜|月|年"
    r"|(?:second|sec|minute|min|hour|hr|day|week|month|year)s?)"
)
_AMOUNT: Final = rf"(?:\d{{1,4}}(?:\.5)?|[半{NUMERALS}]{{1,3}}|an?(?=\s)|one(?=\s))"
_STEP: Final = rf"{_AMOUNT}\s?[个個]?\s?半?{_UNIT}[钟鐘]?"
# 1年2个月前, 3周 2天前, 一个半小时前, 1 year, 2 months ago
_AGO: Final = re.compile(
    rf"(?<![\d.点點第{NUMERALS}])(?:{_STEP}[\s,]{{0,2}}(?:and\s|又)?){{1,4}}(?:多|左右)?[之以]?(?:前(?![天日])|\s?ago\b)"
)
_PART: Final = re.compile(rf"(?P<amount>{_AMOUNT})\s?[个個]?\s?(?P<half>半)?(?P<unit>{_UNIT})")
_RELATIVE_DAY: Final = re.compile(
    rf"(?P<word>大前天|[今昨前][天日]|\b(?:today|yesterday)\b){CLOCK}?(?!\d)", re.IGNORECASE
)
_LAST_WEEK: Final = re.compile(
    rf"(?P<back>上上|上|本|这|這)(?:个|個)?(?:周|週|星期|礼拜|禮拜)(?P<weekday>[一二三四五六日天]){CLOCK}?(?!\d)"
)
_JUST_NOW: Final = re.compile(r"刚刚|剛剛|刚才|剛才|[几幾]秒前|just now|moments? ago")
_WEEKDAYS: Final = "一二三四五六日"
MOST_MONTHS: Final = 12 * 30


def _relative_day(found: re.Match[str], reference: datetime) -> Published | None:
    day = reference.astimezone(BEIJING) - timedelta(days=_DAYS_BACK[found["word"][0].lower()])
    return moment_of(day.year, day.month, day.day, found.groupdict(), found[0], "relative")


def _last_week(found: re.Match[str], reference: datetime) -> Published | None:
    """Return a weekday of this week or of one before; weeks begin on Monday."""
    today = reference.astimezone(BEIJING)
    weeks = {"上上": 2, "上": 1}.get(found["back"], 0)
    weekday = _WEEKDAYS.index("日" if found["weekday"] == "天" else found["weekday"])
    day = today - timedelta(days=today.weekday() - weekday + 7 * weeks)
    return moment_of(day.year, day.month, day.day, found.groupdict(), found[0], "relative")


def _amount(text: str) -> float:
    if text in ("a", "an", "one"):
        return 1.0
    if text == "半":
        return 0.5
    return float(text) if text.isascii() else float(number(text.replace("半", "")))


def _span(text: str) -> tuple[float, float]:
    """Return (months, seconds) of `1年2个月`, `3周2天`, `一个半小时`."""
    months = seconds = 0.0
    for part in _PART.finditer(text):
        amount = _amount(part["amount"]) + (0.5 if part["half"] else 0.0)
        unit = part["unit"]
        size = next((unit[:length] for length in (2, 1) if unit[:length] in _UNIT_MONTHS), None)
        if size is not None:
            months += amount * _UNIT_MONTHS[size]
        else:
            seconds += amount * next(_UNIT_SECONDS[unit[:n]] for n in (2, 1) if unit[:n] in _UNIT_SECONDS)
    return months, seconds


def _ago(found: re.Match[str], reference: datetime) -> Published | None:
    """Return the moment that lies so far back; whole days and more are read as a day."""
    months, seconds = _span(found[0])
    if months > MOST_MONTHS or seconds > MOST_MONTHS * 30 * 86400:
        return None
    at = _months_before(reference, int(months)) - timedelta(seconds=seconds, days=30 * (months % 1))
    if at <= reference - timedelta(days=1):
        day = at.astimezone(BEIJING).replace(hour=0, minute=0, second=0, microsecond=0)
        return Published(day.astimezone(UTC), found[0].strip(), "day", False, "relative")
    return Published(at.astimezone(UTC).replace(microsecond=0), found[0].strip(), "minute", False, "relative")


def _months_before(moment: datetime, months: int) -> datetime:
    """Return the same day of the month so many months before, or the month's last day."""
    local = moment.astimezone(BEIJING)
    year, month = divmod(local.year * 12 + local.month - 1 - months, 12)
    for day in range(local.day, 27, -1):
        try:
            return local.replace(year=year, month=month + 1, day=day)
        except ValueError:
            continue
    return local.replace(year=year, month=month + 1)


def _just_now(found: re.Match[str], reference: datetime) -> Published | None:
    return Published(reference.astimezone(UTC).replace(microsecond=0), found[0], "minute", False, "relative")


RELATIVE_FORMS: Final = (
    (_RELATIVE_DAY, _relative_day, frozenset("今昨前yY")),
    (_LAST_WEEK, _last_week, frozenset("周週期拜")),
    (_AGO, _ago, frozenset("前g")),
    (_JUST_NOW, _just_now, frozenset("刚剛几幾jm")),
)
