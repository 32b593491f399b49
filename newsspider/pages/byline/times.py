"""When an article was published: the shown times of its header, machine-readable ones, and the day in its address."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit

from lxml import etree

from newsspider.pages.byline.credits import Credits, read_credits
from newsspider.pages.document import Document, Hint, Line
from newsspider.text.dates import Published, parse_date, parse_labelled_date
from newsspider.text.zone import BEIJING

_META_TIME: Final = (
    "article:published_time",
    "og:article:published_time",
    "og:published_time",
    "og:release_date",
    "publishdate",
    "pubdate",
    "publish_time",
    "publishtime",
    "published_time",
    "datepublished",
    "parsely-pub-date",
    "sailthru.date",
    "weibo:article:create_at",
    "bytedance:published_time",
    "apub:time",
    "firstpublishedtime",
    "release_date",
    "article.published",
    "dc.date.issued",
    "dc.date",
    "date",
    "createdate",
)
_SCRIPT_KEY: Final = re.compile(
    r"\b(?:publish_?(?:ed_?)?(?:time|date|at)|pub_?(?:time|date)|ori_create_time|create_?time|datePublished|news_?time"
    r"|release_?time|ptime|ct)[\"']?\s{0,4}[:=]\s{0,4}[\"']?\Z",
    re.IGNORECASE,
)
_SCRIPT_VALUE: Final = re.compile(r"[12]\d{3}(?:\d{6}|[-/年.]\d)")
_SCRIPT_TIME: Final = re.compile(r"\d{10}(?:\d{3})?\b|\d{4}[-/年.]\d{1,2}[-/月.]\d{1,2}[^\"'<;]{0,24}")
_MAX_KEY: Final = 40
_BEFORE_VALUE: Final = frozenset(":=\"' \t\r\n")
_URL_DAY: Final = re.compile(
    r"(?<!\d)(?P<year>(?:19|20)\d\d)(?P<bar>[-/_]?)(?P<month>0[1-9]|1[0-2])(?P<bar2>[-/_]?)(?P<day>0[1-9]"
    r"|[12]\d|3[01])(?!\d)"
    r"|(?<!\d)(?P<year2>(?:19|20)\d\d)[-/](?P<month2>1[0-2]|0?[1-9])[-/](?P<day2>3[01]|[12]\d|0?[1-9])(?!\d)"
)
_SHORT_URL_DAY: Final = re.compile(r"/(?P<year>[12]\d)/(?P<month>0[1-9]|1[0-2])(?P<day>0[1-9]|[12]\d|3[01])/")
_PUBLISHED_ITEMS: Final = etree.XPath("descendant::*[@itemprop='datePublished']")
_MAX_SCRIPT: Final = 400_000


def url_day(url: str, reference: datetime) -> Published | None:
    """Return the day in an address such as `/2023/0806/`, `t20230806_1.html`, `/19/0907/13/`; else None."""
    path = urlsplit(url).path
    for found in _URL_DAY.finditer(path):
        year, month, day = (
            (found["year"], found["month"], found["day"]) if found["year"] else found.group("year2", "month2", "day2")
        )
        if moment := parse_date(f"{year}-{month}-{day}", reference):
            return Published(moment.at, found[0].strip("/"), "day", True)
    if short := _SHORT_URL_DAY.search(path):
        moment = parse_date(f"20{short['year']}-{short['month']}-{short['day']}", reference)
        return moment and Published(moment.at, short[0].strip("/"), "day", True)
    return None


def _same_day(first: Published, second: Published) -> bool:
    return abs(first.at.astimezone(BEIJING).date() - second.at.astimezone(BEIJING).date()) <= timedelta(days=1)


def header_time(document: Document, lines: list[Line], merged: Credits) -> tuple[Published | None, str]:
    """Return the time that the header shows, with its place.

    Of several the first labelled one counts, else the one that agrees with the day in the address, else the first; a
    day in front of a time on a line of its own is joined with it.
    """
    if merged.is_time_labelled:
        return merged.published, "header"
    expected = url_day(document.url, document.fetched_at)
    if merged.published and expected and not _same_day(merged.published, expected):
        for line in lines:
            other = read_credits(line.text, document.fetched_at).published
            if other and _same_day(other, expected):
                return other, "header, as in the address"
    if merged.published:
        return merged.published, "header"
    if merged.updated:
        return merged.updated, "header, updated"
    for line in lines:
        if moment := time_element(line, document.fetched_at):
            return moment, "time element"
    return None, ""


def time_element(line: Line, reference: datetime) -> Published | None:
    """Return the moment of a `<time datetime>` in the line."""
    if not line.hints & Hint.BYLINE:
        return None
    for _, _, tag in line.marks:
        if tag.name == "time" and (value := tag.get("datetime")) and (moment := parse_date(value, reference)):
            return moment
    return None


def machine_time(document: Document) -> tuple[Published, str] | None:
    """Return the time of metadata, JSON-LD, embedded state or a script's variable, with its place."""
    for key in _META_TIME:
        if (value := document.meta.get(key)) and (moment := parse_labelled_date(value, document.fetched_at)):
            return moment, f"meta {key}"
    for node in document.json_ld:
        for key in ("datePublished", "pubDate", "upDate"):
            value = node.get(key) if isinstance(node, dict) else None
            if isinstance(value, str) and (moment := parse_labelled_date(value, document.fetched_at)):
                return moment, f"json-ld {key}"
    return _microdata_time(document) or _script_time(document)


def _microdata_time(document: Document) -> tuple[Published, str] | None:
    if "datePublished" not in document.source.markup:
        return None
    elements: Any = _PUBLISHED_ITEMS(document.root)
    for element in elements:
        value = element.get("content") or element.get("datetime") or "".join(element.itertext())
        if moment := parse_date(value, document.fetched_at):
            return moment, "microdata"
    return None


def _script_time(document: Document) -> tuple[Published, str] | None:
    """Return the first time that a script assigns to a variable or key named like a publication time."""
    for script in document.source.scripts:
        text = script.text
        if not text or len(text) > _MAX_SCRIPT:
            continue
        for found in _SCRIPT_VALUE.finditer(text):
            start = found.start()
            if not start or text[start - 1] not in _BEFORE_VALUE:
                continue
            value = _SCRIPT_TIME.match(text, start)
            if value is None or not _SCRIPT_KEY.search(text[max(0, start - _MAX_KEY) : start]):
                continue
            if moment := parse_date(value[0].strip(), document.fetched_at):
                return moment, "script"
    return None
