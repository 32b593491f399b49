"""Paging: the URL of the next page of a list, from its own URL and what the response says."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, urlsplit

from newsspider.urls.canonical import resolve

MAX_SEARCH = 2_000
LAST_ROW = 1_000_000
PAGE = "{page}"

_PAGE_NAME = re.compile(r"(?:c|cur|current|this)?_?(?:page|p|pn|pg|paged|pages)_?(?:no|num|number|index|id)?\Z", re.I)
_OFFSET_NAME = re.compile(r"(?:offset|start|begin|skip|startindex|from_?index)\Z", re.I)
_SIZE_NAME = re.compile(r"(?:size|limit|count|num|rows|pagesize|page_size|per_?page|length|step)\Z", re.I)
# the first and the last row of a range, whose names differ in that word only
_RANGE_START = re.compile(r"(?:start|begin|from|first|min)(?=[A-Z_]|record|row|index|num|no|pos|line|item|\Z)", re.I)
_RANGE_ENDS = {"start": ("end", "stop"), "begin": ("end",), "from": ("to",), "first": ("last",), "min": ("max",)}
_CURSOR_KEY = re.compile(
    r"(?:next|max|min|last|since|end)_?(?:cursor|id|key|token|page_?token|time|ts|score|behot_?time|seq|pos|doc_?id"
    r"|news_?id|timestamp)\Z|cursor\Z|page_?token\Z",
    re.I,
)
_CURSOR_NAME = re.compile(
    rf"{_CURSOR_KEY.pattern}|after\Z|before\Z|(?:before|after|until|prev|older|offset|pub|publish|c|p|create|start)_?"
    r"(?:time|ts|stamp|timestamp|id)\Z|(?:last|max|min|before|since)_?(?:date|stamp|sort|value|row|item)\Z",
    re.I,
)
_ORDER_NAME = re.compile(r"(?:sort|order|order_?by|sort_?by|px|paixu|view|layout|display|style|mode)\Z", re.I)
_NEXT_KEYS = ("next", "nexturl", "nextpage", "nextpageurl", "nextlink", "moreurl", "loadmore", "nexthref")
_MORE_KEYS = ("hasmore", "hasnext", "hasnextpage", "havemore", "ismore", "more")
_END_KEYS = ("isend", "end", "nomore", "islast", "islastpage", "lastpage", "finished", "over")
_TOTAL_KEYS = (
    "totalpage",
    "totalpages",
    "pagecount",
    "pages",
    "countpage",
    "pagetotal",
    "allpage",
    "maxpage",
    "pagenums",
)
_PLACEHOLDER = re.compile(
    r"\$?\{+\s*(?:this\.)?(?:page|p|pn|pageno|pageNo|pageNum|pageIndex|num|n|i|index|0)\s*\}+|%page%|\[page\]|__PAGE__|#page#|:page\b|\(\*\)|@page|PAGE_NUM|\{\$page\}",
    re.I,
)
_PATH_PAGE = re.compile(r"(?<=[/_\-.])(?:page|pn?)?(\d{1,4})(?=(?:\.[A-Za-z]{2,5})?/?\Z)")


def next_page_url(
    url: str, payload: Any, rows: list[dict[str, Any]], cursor: tuple[str, str] | None = None
) -> str | None:
    """Return the URL after `url`: named in the answer, by its cursor, or by the page number in the URL.

    `cursor` is a parameter and its next value, where the rows say it. None where the answer says that this is all, or
    holds no rows.
    """
    facts = _scalars(payload)
    for key in _NEXT_KEYS:
        value = facts.get(key)
        if isinstance(value, str) and ("/" in value or value.startswith("?")):
            following = resolve(url, value)
            return following if following != url else None
    if _is_end(facts) or (payload is not None and not rows):
        return None
    if named := _by_cursor(url, facts, rows):
        return named
    if cursor is not None:
        return _changed(url, with_parameter(url, *cursor))
    return _by_number(url, facts, rows)


def with_page_mark(address: str) -> str:
    """Return a URL with `{page}` where a template has any of the usual marks for the number of a page."""
    return _PLACEHOLDER.sub(PAGE, address)


def with_parameter(url: str, name: str, value: str) -> str:
    """Return `url` with one parameter set to `value`, in its old place or at the end."""
    base, _, query = url.partition("?")
    pairs = [pair for pair in query.split("&") if pair]
    new = f"{name}={quote(value, safe='')}"
    replaced = [new if pair.partition("=")[0] == name else pair for pair in pairs]
    return f"{base}?{'&'.join(replaced if new in replaced else [*pairs, new])}"


def parameters(url: str) -> dict[str, str]:
    """Return the parameters of a URL, values as they stand, the last of a name."""
    pairs = (pair.partition("=") for pair in urlsplit(url).query.split("&") if pair)
    return {name: value for name, _, value in pairs}


def is_page_name(name: str) -> bool:
    """Return True if a parameter of this name counts pages or rows."""
    return _PAGE_NAME.match(name) is not None or _OFFSET_NAME.match(name) is not None


def is_size_name(name: str) -> bool:
    """Return True if a parameter of this name says how many rows to answer."""
    return _SIZE_NAME.match(name) is not None


def range_names(fields: Mapping[str, str]) -> tuple[str, str] | None:
    """Return the names of the first and the last row of a range, such as startrecord and endrecord; None without."""
    by_fold = {name.lower(): name for name in fields}
    for name, value in fields.items():
        found = _RANGE_START.match(name)
        if found is None or not value.isdigit():
            continue
        for end in _RANGE_ENDS[found[0].lower()]:
            other = by_fold.get(f"{end}{name[found.end() :].lower()}")
            if other is None or not fields[other].isdigit():
                continue
            if int(value) < int(fields[other]) <= LAST_ROW:  # days as numbers are more
                return name, other
    return None


def range_url(url: str) -> str | None:
    """Return `url` with the range of rows after its own; None where it names none.

    A last row is part of its range where that makes a round number of rows: 1 to 45, 0 to 14; not in 0 to 15.
    """
    names = range_names(parameters(url))
    if names is None:
        return None
    start, end = (int(parameters(url)[name]) for name in names)
    is_inclusive = start == 1 or (end - start) % 5 != 0
    size = end - start + is_inclusive
    following = with_parameter(url, names[0], str(start + size))
    return with_parameter(following, names[1], str(end + size))


def is_cursor_name(name: str) -> bool:
    """Return True if a parameter of this name says from which row on to answer."""
    return _CURSOR_NAME.match(name) is not None and _PAGE_NAME.match(name) is None


def folded_name(name: str) -> str:
    """Return the name of a field or a `data-` attribute without case, `-` and `_`."""
    return name.lower().removeprefix("data-").replace("-", "").replace("_", "")


def is_later_page(own: str, other: str) -> bool:
    """Return True if `other` is `own` but for a page number, an offset or a cursor that goes on from there."""
    if own.partition("?")[0] != other.partition("?")[0]:
        return False
    before, after = parameters(own), parameters(other)
    changed = [name for name in before.keys() | after.keys() if before.get(name) != after.get(name)]
    if len(changed) != 1 or changed[0] not in after:
        return False
    name, value = changed[0], after[changed[0]]
    if _PAGE_NAME.match(name) or _OFFSET_NAME.match(name):
        earlier = before.get(name) or "0"
        return value.isdigit() and earlier.isdigit() and int(value) > int(earlier)
    return bool(value) and _CURSOR_NAME.match(name) is not None


def narrows(own: str, other: str) -> bool:
    """Return True if `other` shows part of the list at `own`, or the same in another order: the same filters and more.

    `?cat=3` -> `?cat=3&year=2023`, `/list` -> `/list?sort=hot`; never `/list.php` -> `/list.php?cat=3`, its channel.
    """
    if own.partition("?")[0] != other.partition("?")[0]:
        return False
    before, after = parameters(own), parameters(other)
    filters = {name: value for name, value in before.items() if not is_page_name(name)}
    added = after.keys() - filters.keys()
    if not added or any(is_page_name(name) or is_cursor_name(name) for name in added):
        return False
    if any(after.get(name) != value for name, value in filters.items()):
        return False
    return bool(filters) or all(_ORDER_NAME.match(name) for name in added)


def page_number(url: str) -> int | None:
    """Return the page number a URL carries (`?page=3`, `index_3.html`, `/page/3/`), None without one."""
    for name, value in parameters(url).items():
        if _PAGE_NAME.match(name) and value.isdigit() and len(value) <= 5:
            return int(value)
    found = _PATH_PAGE.search(urlsplit(url).path)
    return int(found[1]) if found else None


def with_page_number(url: str, number: int) -> str | None:
    """Return `url` with its page number replaced, None where it carries none."""
    for name, value in parameters(url).items():
        if _PAGE_NAME.match(name) and value.isdigit() and len(value) <= 5:
            return with_parameter(url, name, str(number))
    path = urlsplit(url).path
    found = _PATH_PAGE.search(path)
    if found is None:
        return None
    return url.replace(path, path[: found.start(1)] + str(number) + path[found.end(1) :], 1)


def _scalars(payload: Any) -> dict[str, Any]:
    """Return key -> value of what stands beside the rows, the outermost of a name; keys folded."""
    facts: dict[str, Any] = {}
    for key, value in _pairs(payload):
        if isinstance(value, str | int | float | bool):
            facts.setdefault(key.lower().replace("_", "").replace("-", ""), value)
    return facts


def _pairs(payload: Any) -> Iterator[tuple[str, Any]]:
    """Yield (key, value) of nested objects, level by level, not of rows inside lists."""
    level = [payload]
    for _ in range(5):
        below: list[Any] = []
        for node in level[:MAX_SEARCH]:
            if isinstance(node, dict):
                yield from ((str(key), value) for key, value in node.items())
                below.extend(value for value in node.values() if isinstance(value, dict))
        level = below


def _is_end(facts: dict[str, Any]) -> bool:
    for key in _MORE_KEYS:
        if key in facts and _is_false(facts[key]):
            return True
    return any(key in facts and facts[key] in (True, 1, "1", "true") for key in _END_KEYS if key != "lastpage")


def _is_false(value: Any) -> bool:
    return value in (False, 0, "0", "false", "False", "", "no")


def _by_cursor(url: str, facts: dict[str, Any], rows: list[dict[str, Any]]) -> str | None:
    """Return the URL with the answer's cursor put where the last one stood."""
    named = {name: name.lower().replace("_", "") for name in parameters(url) if _CURSOR_NAME.match(name)}
    named = {name: folded for name, folded in named.items() if not _PAGE_NAME.match(name)}
    keys = {
        key: value for key, value in facts.items() if _CURSOR_KEY.match(key) and value not in (None, "", 0, "0", -1)
    }
    for name, folded in named.items():
        for key in (folded, "next" + folded, "last" + folded, folded.removeprefix("next").removeprefix("last")):
            if key in keys:
                return _changed(url, with_parameter(url, name, str(keys[key])))
    cursors = [(key, value) for key, value in keys.items() if "cursor" in key or "token" in key]
    if cursors:
        asked = next((n for n, f in named.items() if "cursor" in f or "token" in f), None)
        asked = asked or ("cursor" if "cursor" in cursors[0][0] else "page_token")
        return _changed(url, with_parameter(url, asked, str(cursors[0][1])))
    last = rows[-1].get("id") if rows else None
    for name, folded in named.items():
        if folded in ("lastid", "maxid", "sinceid", "minid", "after", "before", "lastdocid") and last is not None:
            return _changed(url, with_parameter(url, name, str(last)))
    return None


def _by_number(url: str, facts: dict[str, Any], rows: list[dict[str, Any]]) -> str | None:
    if following := range_url(url):
        return following
    for name, value in parameters(url).items():
        if _OFFSET_NAME.match(name) and value.isdigit():
            step = next((int(v) for n, v in parameters(url).items() if _SIZE_NAME.match(n) and v.isdigit()), len(rows))
            return with_parameter(url, name, str(int(value) + step)) if step else None
    number = page_number(url)
    if number is None:
        return None
    totals = [int(facts[key]) for key in _TOTAL_KEYS if str(facts.get(key, "")).isdigit()]
    if totals and number >= max(totals):
        return None
    return _changed(url, with_page_number(url, number + 1))


def _changed(url: str, following: str | None) -> str | None:
    return following if following != url else None
