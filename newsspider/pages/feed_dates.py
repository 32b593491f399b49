"""Dates as feeds and sitemaps write them: ISO 8601, RFC 822, Date.toString() of Java and JavaScript, epoch seconds."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_tz
from typing import Final

from newsspider.text.dates import parse_date
from newsspider.text.zone import BEIJING

EARLIEST_YEAR: Final = 1990

# CST is the time of China on sites in Chinese, also where RFC 822 has it as the time of Chicago.
_ZONE_HOURS: Final = {
    **dict.fromkeys(("CST", "BJT", "PRC", "HKT", "SGT", "MYT", "AWST"), 8),
    **dict.fromkeys(("北京时间", "北京時間", "中国标准时间", "中國標準時間", "台北標準時間", "香港标准时间"), 8),
    **dict.fromkeys(("ASIA/SHANGHAI", "ASIA/CHONGQING", "ASIA/HONG_KONG", "ASIA/TAIPEI", "ASIA/SINGAPORE"), 8),
    **dict.fromkeys(("JST", "KST"), 9),
    **dict.fromkeys(("UTC", "GMT", "Z", "UT"), 0),
}
_CLOCK: Final = r"(?P<clock>\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?)\s*"
_OFFSET_BEHIND: Final = re.compile(
    _CLOCK + r"(?:UTC|GMT|CST|北京时间)?\s*(?P<sign>[+\-−])(?P<hours>\d{1,2})(?::?(?P<minutes>[0-5]\d))?(?!\d)", re.I
)
_ZONE_BEHIND: Final = re.compile(
    _CLOCK + r"\(?(?P<zone>" + "|".join(sorted(_ZONE_HOURS, key=len, reverse=True)) + r")(?![A-Za-z])\)?", re.I
)
_REMARK: Final = re.compile(r"\s*\([^()]{0,60}\)\s*\Z")
_NUMERIC_DATE: Final = re.compile(r"(\d{4})[/.](\d{1,2})[/.](\d{1,2})(?!\d)")
_HAN_MONTH: Final = re.compile(r"(?<=\d)\s+(十[一二]?|[一二三四五六七八九]|1[0-2]|0?[1-9])月\s+(?=\d{4})")
_HAN_MONTHS: Final = {
    name: number
    for number, name in enumerate(["一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二"], 1)
}
_MONTHS: Final = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_HAN_WEEKDAY: Final = re.compile(r"\A(?:星期|周|週)[一二三四五六日天]\s*[,，]?\s*")
_EPOCH: Final = re.compile(r"[1-9]\d{8,9}(?:\d{3})?(?:\.\d+)?\Z")


def feed_date(raw: str | None, reference: datetime) -> tuple[datetime | None, str | None]:
    """Return (aware UTC time, precision) of a feed's date; (None, None) for what is none or cannot be true.

    A time without zone is Beijing time. So is a time marked GMT that lies ahead of `reference` by up to eight hours:
    its label is wrong.
    """
    raw = _REMARK.sub("", (raw or "").strip())
    moment, precision = _epoch_date(raw) if _EPOCH.match(raw) else _written_date(raw, reference)
    if moment is None or moment.year < EARLIEST_YEAR:
        return None, None
    if moment - reference > timedelta(minutes=10) and moment - timedelta(hours=8) <= reference:
        moment -= timedelta(hours=8)
    if moment - reference > timedelta(days=1):
        return None, None
    return moment, precision


def _epoch_date(raw: str) -> tuple[datetime | None, str | None]:
    """Return the time of a count of seconds or milliseconds since 1970."""
    seconds = float(raw)
    return datetime.fromtimestamp(seconds / 1000 if seconds >= 1e11 else seconds, UTC), "second"


def _written_date(raw: str, reference: datetime) -> tuple[datetime | None, str | None]:
    bare, offset = _without_zone(raw)
    zone = BEIJING if offset is None else offset
    moment, precision = _iso_date(_NUMERIC_DATE.sub(_dashed, bare), zone)
    if moment is None:
        moment, precision = _mail_date(bare, zone)
    if moment is None and raw:
        published = parse_date(bare, reference)
        if published is not None:
            moment, precision = published.at, published.precision
            if offset is not None and published.precision != "day":
                moment = moment.astimezone(BEIJING).replace(tzinfo=offset).astimezone(UTC)
    return moment, precision


def _without_zone(raw: str) -> tuple[str, timezone | None]:
    """Return the date without the zone that follows its time, and the zone; None where none is named."""
    if found := _OFFSET_BEHIND.search(raw):
        offset = timedelta(hours=int(found["hours"]), minutes=int(found["minutes"] or 0))
        if offset > timedelta(hours=14):
            return raw, None
        zone = timezone(offset if found["sign"] == "+" else -offset)
    elif found := _ZONE_BEHIND.search(raw):
        zone = timezone(timedelta(hours=_ZONE_HOURS[found["zone"].upper()]))
    else:
        return raw, None
    return f"{raw[: found.start()]}{found['clock']}{raw[found.end() :]}".strip(), zone


def _dashed(match: re.Match[str]) -> str:
    return f"{match[1]}-{match[2]:0>2}-{match[3]:0>2}"


def _iso_date(raw: str, zone: timezone) -> tuple[datetime | None, str | None]:
    if len(raw) < 8 or not raw[:4].isdigit():
        return None, None
    try:
        moment = datetime.fromisoformat(raw)
        aware = moment if moment.tzinfo else moment.replace(tzinfo=zone)
        return aware.astimezone(UTC), "day" if len(raw) <= 10 else "second"
    except (ValueError, OverflowError):
        return None, None


def _mail_date(raw: str, zone: timezone) -> tuple[datetime | None, str | None]:
    raw = _HAN_MONTH.sub(_english_month, _HAN_WEEKDAY.sub("", raw))
    parts = parsedate_tz(raw) if raw[:1].isalpha() or ":" in raw else None
    if parts is None:
        return None, None
    try:
        # 0 where no zone stands: those of Greenwich are known and taken out before
        offset = timezone(timedelta(seconds=parts[9])) if parts[9] else zone
        return datetime(*parts[:6], tzinfo=offset).astimezone(UTC), "second"
    except (ValueError, OverflowError):
        return None, None


def _english_month(match: re.Match[str]) -> str:
    number = _HAN_MONTHS.get(match[1]) or int(match[1])
    return f" {_MONTHS[number - 1]} "
