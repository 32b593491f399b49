"""The time of day as pages write it: 12 and 24 hours, Chinese numerals, zones, and what stands between day and time."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta, timezone
from typing import Final, Literal

Precision = Literal["second", "minute", "day"]

NUMERALS: Final = "〇零○０一二三四五六七八九十廿卅百千两兩"
_DIGITS: Final = (
    {char: value for value, char in enumerate("〇一二三四五六七八九")}
    | dict.fromkeys("零○０", 0)
    | dict.fromkeys("两兩", 2)
)
_UNITS: Final = {"十": 10, "百": 100, "千": 1000}

# Zone names as news sites print them. CST is China's time here, never America's.
_ZONE_HOURS: Final = {
    **dict.fromkeys(("Z", "GMT", "UTC", "UT"), 0),
    **dict.fromkeys(("CST", "HKT", "SGT", "BJT", "MYT", "AWST"), 8),
    **dict.fromkeys(("JST", "KST"), 9),
    "EST": -5,
    "EDT": -4,
    "CDT": -5,
    "MST": -7,
    "MDT": -6,
    "PST": -8,
    "PDT": -7,
    "BST": 1,
    "CET": 1,
    "CEST": 2,
    "MSK": 3,
    "AEST": 10,
    "AEDT": 11,
}
_ZONE: Final = (
    r"(?P<zone>\s?[(]?(?:(?:GMT|UTC|UT)\s?[+-]\s?\d{1,2}(?::?\d\d)?(?!\d)|[+-]\d\d:?\d\d(?!\d)|(?<=\d)[+-]\d\d(?![\d:])"
    rf"|(?:{'|'.join(_ZONE_HOURS)})(?![A-Za-z+-])))?"
)
_OFFSET: Final = re.compile(r"(?P<sign>[+-])\s?(?P<hours>\d{1,2}):?(?P<minutes>\d\d)?")
MAX_OFFSET: Final = timedelta(hours=14)

_WEEKDAY: Final = (
    r"[(]?(?:(?:星期|周|週|礼拜|禮拜)[一二三四五六日天]|[一二三四五六日](?=[)])"
    r"|(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6}\.?)[)]?"
)
_LUNAR_DAY: Final = (
    r"[闰閏]?[正一二三四五六七八九十冬腊臘\d]{1,2}月(?:初|十|廿|二十|三十|卅)?[一二三四五六七八九十\d]{0,2}日?"
)
_STEM_YEAR: Final = (
    r"[甲乙丙丁戊己庚辛壬癸][子丑寅卯辰巳午未申酉戌亥]\s?(?:[(]?[鼠牛虎兔龙龍蛇马馬羊猴鸡雞狗猪豬][)]?)?年?"
)
_LUNAR: Final = (
    rf"[(]?(?:(?:农历|農曆|农曆|阴历|陰曆|夏历|夏曆)\s?(?:{_STEM_YEAR})?\s?(?:{_LUNAR_DAY})?"
    rf"|{_STEM_YEAR}\s?{_LUNAR_DAY})[)]?"
)
_TERM: Final = (
    r"(?:立[春夏秋冬]|[春秋]分|[夏冬]至|雨水|惊蛰|驚蟄|清明|[谷穀]雨|小[满滿]|芒[种種]|[小大处處][暑雪寒]|白露|寒露|霜降)"
    r"(?![一-鿿])"
)
_SKY: Final = r"(?:晴|多云|多雲|阴|陰|(?:小|中|大|暴|阵|陣|雷阵|雷陣)[雨雪]|雨夹雪|[雾霧霾])"
_DEGREES: Final = r"-?\d{1,2}\s?(?:℃|°C?|度)?(?:\s?[~～至到-]\s?-?\d{1,2}\s?)?(?:℃|°C?|度)"
_WIND: Final = r"(?:[东南西北東]{1,2}|微)[风風](?:\s?\d(?:-\d)?级)?"
_CITY: Final = r"(?:北京|香港|台北|臺北|中国|中國|当地|當地)(?:标准)?(?:时间|時間)|HKT|BJT|SGT|at"
_BETWEEN: Final = (
    rf"(?:[\sT,|·•丨/-]{{0,6}}(?:{_WEEKDAY}|{_LUNAR}|{_TERM}|{_SKY}(?:[转轉到至间間]{_SKY}){{0,2}}|{_DEGREES}|{_WIND}|{_CITY}))"
    r"{0,6}"
)
_HALF: Final = (
    r"(?P<half>凌晨|清晨|拂晓|早上|早晨|早[间間]|上午|中午|正午|午[间間]|下午|午[后後]|傍晚|晚上|晚[间間]|晚|夜[间間里裡]|深夜|半夜"
    r"|午夜|[ap]\.?m\.?|[AP]\.?M\.?)?"
)
# The time after a day, with the words that may stand between the two.
CLOCK: Final = (
    rf"(?:{_BETWEEN}[\sT,|·•丨:-]{{0,8}}{_HALF}\s{{0,2}}"
    rf"(?P<hour>[01]?\d|2[0-4]|[{NUMERALS}]{{1,3}}(?=[时時点點]))\s?(?::|时|時|点|點)(?!\d{{3}})\s?"
    rf"(?:(?P<minute>[0-5]?\d(?!\d)|[{NUMERALS}]{{1,3}}(?![刻{NUMERALS}]))"
    r"(?:\s?[:分]\s?(?P<second>[0-5]?\d)(?!\d)(?:[.,]\d{1,9})?秒?)?分?"
    r"|(?P<thirty>半)|(?P<quarter>[一三])刻|(?:[整许許]|[钟鐘])?(?!\d))"
    r"(?:\s?(?P<meridiem>[ap]\.?m|[AP]\.?M|[上下]午)(?![A-Za-z]))?"
    rf"{_ZONE})"
)
_MORNING: Final = frozenset({"am", "凌晨", "清晨", "上午", "早上", "早晨", "午夜", "半夜"})
_NOON: Final = frozenset({"中午", "正午", "午间", "午間"})
_NIGHT: Final = frozenset({"晚上", "晚间", "晚間", "晚", "夜间", "夜間", "夜里", "夜裡", "深夜"})
_SMALL_HOURS: Final = frozenset({"深夜", "夜间", "夜間", "夜里", "夜裡"})
_AFTERNOON: Final = _NIGHT | {"下午", "午后", "午後", "傍晚", "pm"}


def number(text: str) -> int:
    """Return the value of 二十一, 廿八, 一百一十三, 二〇二三 or of plain digits."""
    if text.isdigit() and text.isascii():
        return int(text)
    text = text.replace("廿", "二十").replace("卅", "三十")
    if not any(unit in text for unit in _UNITS):
        return int("".join(str(_DIGITS[char]) if char in _DIGITS else char for char in text))
    total, ones = 0, 0
    for char in text:
        if char in _UNITS:
            total, ones = total + (ones or 1) * _UNITS[char], 0
        else:
            ones = _DIGITS[char] if char in _DIGITS else int(char)
    return total + ones


def zone_of(text: str | None) -> timezone | None:
    """Return the zone of `+0800`, `GMT+8`, `UTC+08:00`, `Z`, `CST`; None where there is none."""
    text = (text or "").strip(" (")
    if not text:
        return None
    if not (found := _OFFSET.search(text)):
        return timezone(timedelta(hours=_ZONE_HOURS[text]))
    offset = timedelta(hours=int(found["hours"]), minutes=int(found["minutes"] or 0))
    if offset > MAX_OFFSET:
        return None
    return timezone(-offset if found["sign"] == "-" else offset)


def clock_of(groups: Mapping[str, str | None]) -> tuple[timedelta, Precision, timezone | None] | None:
    """Return the time of day of a match of `CLOCK`, its precision and its zone; None where the match shows no time.

    A time may lie past midnight: 晚上12:30 is half an hour into the next day.
    """
    hour_text = groups.get("hour")
    if hour_text is None:
        return None
    second = groups.get("second")
    minute = _minute(groups)
    has_colon = hour_text.isascii() and groups.get("minute") is not None
    half = (groups.get("half") or groups.get("meridiem") or "").lower().replace(".", "")
    hour = _hour(number(hour_text), half, has_colon)
    clock = timedelta(hours=hour, minutes=minute, seconds=int(second or 0))
    if clock > timedelta(hours=25) or minute > 59 or (hour == 24 and half not in _NIGHT and minute):
        return None
    zone = groups.get("zone")
    is_range = zone is not None and zone.strip().startswith("-") and second is None  # 09:20-10:30
    return clock, "second" if second else "minute", None if is_range else zone_of(zone)


def _minute(groups: Mapping[str, str | None]) -> int:
    if text := groups.get("minute"):
        return number(text)
    if groups.get("thirty"):
        return 30
    return 15 * number(groups["quarter"] or "") if groups.get("quarter") else 0


def _hour(hour: int, half: str, has_colon: bool) -> int:
    """Return the hour of 24. 上午12:30 is 00:30, as Intl and WordPress write a 12-hour clock; 上午12点 is noon."""
    if hour == 12 and half in _MORNING:
        return 0 if has_colon or half not in ("上午", "早上", "早晨") else 12
    if hour == 12 and half in _NIGHT:
        return 24
    if half in _NOON and hour < 4:
        return hour + 12
    if half in _AFTERNOON and hour < 12 and not (half in _SMALL_HOURS and hour < 6):
        return hour + 12
    return hour
