"""Times that a page holds for machines: metadata, JSON-LD, microdata, scripts, attributes, the day in its address."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

from lxml import etree

from newsspider.pages.document import Document, Line
from newsspider.pages.markup.tag import Tag
from newsspider.text.dates import Published, find_dates, parse_date, parse_labelled_date
from newsspider.text.zone import BEIJING

_META_TIME: Final = (
    "article:published_time", "og:article:published_time", "og:published_time", "og:release_date", "publishdate",
    "pubdate", "publish_time", "publishtime", "published_time", "datepublished", "parsely-pub-date", "sailthru.date",
    "weibo:article:create_at", "bytedance:published_time", "apub:time", "firstpublishedtime", "release_date",
    "article.published", "dc.date.issued", "dc.date", "dcterms.created", "dcterms.issued", "date", "createdate",
    "datecreated",
)  # fmt: skip
# When a page was edited: no publication, but it tells the year of a day shown without one.
_META_EDITED: Final = (
    "article:modified_time", "og:updated_time", "dateupdate", "datemodified", "lastmodifiedtime", "last-modified",
    "lastmod", "dcterms.modified", "revised", "updatetime", "update_time",
)  # fmt: skip
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
_EDIT_NAME: Final = re.compile(
    r"(?<![a-z])(?:up_?dated?|modif(?:y|ied)|edit(?:ed)?|revised?)(?=$|[\s_-]|time|date|at|on)|更新|修改|编辑|編輯|修订",
    re.IGNORECASE,
)
_PUBLICATION_NAME: Final = re.compile(r"pub|creat|issue|release|fabu|发布|發布|发表|發表", re.IGNORECASE)
# Attributes in which scripts and tooltips keep the moment that an element shows: datetime, title, data-timestamp, ...
_TIME_ATTRIBUTE: Final = re.compile(
    r"(?:datetime|title|content|pubdate|value|timestamp|utime|unix|epoch|time|date|ts|livestamp|timeago"
    r"|data-[\w-]*(?:time|date|stamp|ts|tip|title|epoch|unix|livestamp|ago|original)[\w-]*)",
    re.IGNORECASE,
)
_MAY_HOLD_TIME: Final = re.compile(
    r"(?:datetime|title|content|pubdate|value|stamp|time|epoch|unix|date|ts|tip|ago)\s?=\s?[\"']?[^\"'>]*\d",
    re.IGNORECASE,
)
_YEAR: Final = re.compile(r"(?:19|20)\d\d")


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


def attribute_time(tag: Tag, reference: datetime) -> Published | None:
    """Return the full moment in an attribute such as `datetime`, `title`, `data-timestamp`; of an edit's none."""
    if "=" not in tag.raw or not any(char.isdigit() for char in tag.raw):
        return None
    for name, value in tag.attributes.items():
        if not value or len(value) > 80 or not _TIME_ATTRIBUTE.fullmatch(name) or _EDIT_NAME.search(name):
            continue
        moment = parse_date(value, reference)
        if moment and moment.extent == "full" and not is_of_edit(value):
            return moment
    return None


def is_of_edit(text: str) -> bool:
    """Return True if a name or tooltip speaks of an edit and not of the publication: update-time, dateModified."""
    return _EDIT_NAME.search(text) is not None and not _PUBLICATION_NAME.search(text)


def line_times(document: Document, lines: list[Line]) -> Iterator[Published]:
    """Yield the moments that the elements of these lines carry in attributes."""
    for line in lines:
        for tag in [*(tag for _, _, tag in line.marks), document.blocks[line.block].tag]:
            if not is_of_edit(tag.names) and (moment := attribute_time(tag, document.fetched_at)):
                yield moment


def declared_time(document: Document) -> tuple[Published, str] | None:
    """Return the time of publication in metadata or JSON-LD, with its place."""
    is_answered = "schema.org/Answer" in document.source.markup
    for key in _META_TIME:
        if is_answered and key == "datecreated":  # of the question
            continue
        if (value := document.meta.get(key)) and (moment := parse_labelled_date(value, document.fetched_at)):
            return moment, f"meta {key}"
    for moment, key in _json_ld_times(document, ("datePublished", "pubDate", "upDate")):
        return moment, f"json-ld {key}"
    return None


def machine_time(document: Document) -> tuple[Published, str] | None:
    """Return `declared_time`, else that of microdata or a script's variable, with its place."""
    return declared_time(document) or _microdata_time(document) or _script_time(document)


def any_times(document: Document) -> Iterator[Published]:
    """Yield all full moments that the page holds for machines, edits included: to complete a day without a year."""
    for key in (*_META_TIME, *_META_EDITED):
        if (value := document.meta.get(key)) and (moment := parse_date(value, document.fetched_at)):
            yield moment
    for moment, _ in _json_ld_times(document, ("datePublished", "dateCreated", "uploadDate", "dateModified")):
        yield moment
    for found in (_microdata_time(document), _script_time(document)):
        if found:
            yield found[0]
    if day := url_day(document.url, document.fetched_at):
        yield day


def _json_ld_times(document: Document, keys: tuple[str, ...]) -> Iterator[tuple[Published, str]]:
    for node in document.json_ld:
        for key in keys:
            value = node.get(key) if isinstance(node, dict) else None
            if isinstance(value, str) and (moment := parse_labelled_date(value, document.fetched_at)):
                yield moment, key


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


def exact_time(piece: str, tag: Tag, reference: datetime) -> tuple[int, int, Published] | None:
    """Return (start, end, moment) where `piece` shows 5小时前, 05-18 or 昨天 and its element's attributes the moment.

    None where the piece shows a full date itself, or a month and day of another date.
    """
    if _YEAR.search(piece) or not _MAY_HOLD_TIME.search(tag.raw):
        return None
    dates = find_dates(piece, reference)
    if len(dates) != 1 or dates[0][2].extent == "full":
        return None
    start, end, shown = dates[0]
    exact = attribute_time(tag, reference)
    if exact is None or (shown.extent == "no year" and not has_same_day(shown, exact)):
        return None
    return start, end, exact


def has_same_day(first: Published, second: Published) -> bool:
    """Return True if both moments have the same month and day in China, of whatever year."""
    one, other = first.at.astimezone(BEIJING), second.at.astimezone(BEIJING)
    return (one.month, one.day) == (other.month, other.day)
