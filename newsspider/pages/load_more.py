"""Load-more addresses a listing names: in attributes of its 加载更多 element, in its scripts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from newsspider.pages.steps import (
    is_cursor_name,
    is_page_name,
    page_number,
    parameters,
    with_page_number,
    with_parameter,
)
from newsspider.urls import resolve

MAX_SCRIPT_CHARACTERS = 400_000
MAX_FOUND = 8

_ADDRESS_ATTRIBUTE = re.compile(
    r"data-(?:[\w\-]*-)?(?:url|uri|href|api|ajax|more|next|load|source|action|link|path|request|endpoint)\Z"
    r"|(?:hx-get|url|more-url|api-url|ajax-url)\Z"
)
_IMAGE_ATTRIBUTE = re.compile(r"img|image|src|share|login|avatar|video|qr|weibo|wechat|print|cover|poster|pic")
_MORE_ELEMENT = re.compile(
    r"load|more|next|ajax|list|feed|page|stream|scroll|flow|news|roll|infinite|pull|gengduo|jiazai", re.I
)
_MORE_TEXT = re.compile(r"更多|加载|下一|继续|more|load|next", re.I)
_PLACEHOLDER = re.compile(
    r"\$?\{+\s*(?:this\.)?(?:page|p|pn|pageno|pageNo|pageNum|pageIndex|num|n|i|index|0)\s*\}+|%page%|\[page\]|__PAGE__|#page#|:page\b|\(\*\)|@page|PAGE_NUM|\{\$page\}",
    re.I,
)
_COUNTER = re.compile(
    r"\A[\w.$]*?(?:page|pn|pageno|pagenum|pageindex|curpage|nextpage|pageindex|pg|num|index|counter|p|n|i)\Z", re.I
)
_STRING = r"""(?:"(?:[^"\\\n]|\\.){0,400}"|'(?:[^'\\\n]|\\.){0,400}'|`(?:[^`\\]|\\.){0,400}`)"""
_OPERAND = rf"(?:{_STRING}|\(?\s*(?:\+\+)?[\w$.]{{1,60}}(?:\+\+)?(?:\s*\+\s*1\s*\))?\)?)"
_ADDRESS_START = r"""(?=["'`](?:https?:|//|/|\./|\.\./|\?|\$\{|[\w\-]+[/.?_\-]))"""
_JOINED = re.compile(rf"{_ADDRESS_START}{_STRING}(?:\s*\+\s*{_OPERAND}){{0,12}}")
_PIECE = re.compile(rf"({_STRING})|(\(?\s*(?:\+\+)?[\w$.]{{1,60}}(?:\+\+)?(?:\s*\+\s*1\s*\))?\)?)")
_TEMPLATE_NAME = re.compile(r"\$\{\s*((?:\+\+)?[\w$.]{1,60}(?:\+\+|\s*\+\s*1)?)\s*\}")
_VALUE = re.compile(
    r"""(?:\b(?:var|let|const)\s+|[,;{\s]|\bthis\.|\bwindow\.)([A-Za-z_$][\w$]{0,40})\s*[:=]\s*(?:(-?\d{1,15})\b|"([^"\n]{0,300})"|'([^'\n]{0,300})')"""
)
_REQUEST_DATA = re.compile(r"\b(?:data|params)\s*:\s*\{([^{}]{1,600})\}")
_GET_DATA = re.compile(r"\s*,\s*\{([^{}]{1,600})\}")
_DATA_PAIR = re.compile(r"""["']?([\w$\-]{1,40})["']?\s*:\s*("[^"\n]{0,200}"|'[^'\n]{0,200}'|[\w$.+ ()]{1,60})""")
_POST_CALL = re.compile(r"\.post\s*\(\s*\Z")
_POST_METHOD = re.compile(r"""(?:type|method)\s*:\s*["']post["']""", re.I)
_CALL = re.compile(
    r"(?:url\s*[:=]|fetch\s*\(|\.(?:get|getJSON|getScript|ajax|load|request|jsonp)\s*\(|open\s*\(\s*[\"']GET[\"']\s*,|src\s*=|api\w*\s*[:=]|\w*url\w*\s*[:=])\s*\Z",
    re.I,
)
_LIST_WORDS = re.compile(r"list|more|news|feed|roll|scroll|stream|channel|column|article|latest|page", re.I)
_COUNTED_PARAMETER = re.compile(r"[?&]([\w\-]+)=[^&]*\{page\}")
_NOT_LIST = re.compile(
    r"\.js(?!\?.*(?:callback|jsonp|page|cursor))(?:\?|\Z)|\.(?:css|png|jpe?g|gif|svg|ico|swf|woff2?|mp4)(?:\?|\Z)|login|comment|passport|count|stat|track|collect|report"
    r"|\blog\b|share|captcha|vote|like|search|suggest|weather|hm\.|analytics|click|ads?[./_]|qrcode|user|upload|token"
    r"|hits?\b|pv\b|favicon|beacon|survey|subscribe|jssdk|geo|\bip\b",
    re.I,
)
_ADDRESS_LIKE = re.compile(
    r"(?:https?:)?//[\w.\-]+(?::\d+)?/\S*\Z|\.{0,2}/[\w\-./?=&%{}:,]+\Z|[\w\-]+(?:/[\w\-.]+)*\.(?:json|js|php|aspx?|jsp|do|s?html?)(?:\?\S*)?\Z|\?[\w\-]+=\S*\Z"
)
_COUNTED_UP = r"\+\+\s*(?:\w+\.)?NAME\b|\bNAME\s*(?:\+\+|\+=\s*1|=\s*(?:\w+\.)?NAME\s*\+\s*1)"
_FETCHES = re.compile(r"ajax|fetch|\.get|getJSON|XMLHttp|axios|jsonp|\burl\b|page", re.I)
PAGE = "{page}"
LAST_ID = "data-id"
MIN_ROWS = 3
_CURSOR_ASKED = re.compile(r"[?&](?:last|max|min|since|after|before|cursor|start)_?(?:id|news_?id|doc_?id)?=\Z", re.I)
_SHOWN_NAMES = ("page", "p", "pageno", "currentpage", "curpage", "pagenum", "pageindex")
_FURTHER_WORDS = re.compile(r"more|next|btn|button|gengduo|jiazai|更多|下一|继续", re.I)
_MORE_FACTS = ("hasmore", "hasnext", "nomore", "isend")
_CURSOR_NAMES = ("cursor", "lastid", "maxid", "nextcursor", "next", "after", "since", "lasttime")


@dataclass(slots=True)
class LoadMore:
    """An address that gives more of the list. `kind` is what it seems to answer: json, jsonp or html.

    `url` is the step after what the page shows; `template` has `{page}` for the number, None where a cursor counts.
    `is_first` where the page itself shows nothing of the list: `url` is its beginning, `otherwise` the step after that,
    for servers that answer no first page.
    """

    url: str
    kind: str
    template: str | None = None
    is_first: bool = False
    otherwise: str | None = None

    def from_the_start(self) -> LoadMore:
        """Return the same list from its first page; as it is where a cursor says how far the page has come."""
        if any(_folded(name) in _CURSOR_NAMES and value for name, value in parameters(self.url).items()):
            return self
        first = self.url
        if page_number(self.url) == 2:
            first = with_page_number(self.url, 1) or self.url
        return LoadMore(first, self.kind, self.template, True, self.url if first != self.url else None)


def load_more(root: Any, base_url: str) -> list[LoadMore]:
    """Return the load-more addresses named in a page, elements before scripts, at most `MAX_FOUND`."""
    found: dict[str, LoadMore] = {}
    for step in [*_from_elements(root, base_url), *_from_scripts(root, base_url)]:
        if step.url != base_url:
            found.setdefault(step.url, step)
    return list(found.values())[:MAX_FOUND]


def cursor_facts(root: Any, url: str) -> tuple[dict[str, str], list[dict[str, str]]]:
    """Return what the attributes of a piece of markup say of the step after `url`: facts beside the rows, and the rows.

    Facts are what `url` asks with (`?last_id=` and `data-last-id`) and whether there is more; a row is a `data-id`.
    """
    asked = {_folded(name).removeprefix("next") for name in parameters(url) if is_cursor_name(name)}
    facts: dict[str, str] = {}
    rows: list[dict[str, str]] = []
    for element in root.iter():
        for name, value in element.attrib.items() if isinstance(element.tag, str) and asked else ():
            if name == "data-id" and value:
                rows.append({"id": value})
            elif name.startswith("data-") and value and _folded(name).removeprefix("next") in (*asked, *_MORE_FACTS):
                facts[name.removeprefix("data-").replace("-", "_")] = value
    return facts, rows or ([{"id": ""}] if facts else [])


def _from_elements(root: Any, base_url: str) -> Iterator[LoadMore]:
    for element in root.iter():
        attributes = element.attrib if isinstance(element.tag, str) else {}
        for name, value in attributes.items():
            if not _ADDRESS_ATTRIBUTE.match(name) or not value or _IMAGE_ATTRIBUTE.search(name):
                continue
            if _is_more_element(element) and not _NOT_LIST.search(value):
                steps = _element_steps(element, value.strip(), base_url)
                is_empty = _is_empty_list(element, name)
                yield from (step.from_the_start() if is_empty else step for step in steps)


def _is_more_element(element: Any) -> bool:
    if element.tag == "a" and not _MORE_TEXT.search("".join(element.itertext())[:40]):
        return False
    naming = f"{element.get('class', '')} {element.get('id', '')}"
    return _MORE_ELEMENT.search(naming) is not None or _MORE_TEXT.search("".join(element.itertext())[:40]) is not None


def _is_empty_list(element: Any, attribute: str) -> bool:
    """Return whether the rows of an address are to be put into this element, which has none yet."""
    naming = f"{element.get('class', '')} {element.get('id', '')} {attribute} {''.join(element.itertext())[:40]}"
    is_further = element.tag in ("a", "button", "input") or _FURTHER_WORDS.search(naming) is not None
    shown = _first_number_of({_folded(name): text for name, text in element.attrib.items()}, _SHOWN_NAMES)
    return not is_further and (shown or 1) <= 1 and element.find(".//a") is None


def _element_steps(element: Any, value: str, base_url: str) -> Iterator[LoadMore]:
    """Yield the step of an element's address, its number and cursor from the attributes beside it."""
    beside = {_folded(name): text for name, text in element.attrib.items() if name.startswith("data-")}
    shown = _first_number_of(beside, _SHOWN_NAMES)
    following = _first_number_of(beside, ("nextpage", "next"))
    number = following if following is not None else (shown or 1) + 1
    cursor = _cursor(element, value)
    if cursor is not None:
        value = with_parameter(value, *cursor)
    elif page_number(value) == 1:
        value = with_page_number(value, max(number, 2)) or value
    elif not (shown is None and following is None) and page_number(value) is None and not _PLACEHOLDER.search(value):
        value = with_parameter(value, "page", PAGE).replace("%7Bpage%7D", PAGE)
    yield from _steps(_PLACEHOLDER.sub(PAGE, value), number, base_url)


def _folded(attribute: str) -> str:
    return attribute.removeprefix("data-").replace("-", "").replace("_", "").lower()


def _first_number_of(beside: dict[str, str], names: tuple[str, ...]) -> int | None:
    return next((int(beside[name]) for name in names if beside.get(name, "").isdigit()), None)


def _cursor(element: Any, value: str) -> tuple[str, str] | None:
    """Return (parameter, value) of a cursor that stands beside an address and not yet in it."""
    for attribute, text in element.attrib.items():
        name = _folded(attribute)
        is_number = name == "next" and text.isdigit()
        if name in _CURSOR_NAMES and text and "/" not in text and not is_number:
            if f"{name}=" in value.lower().replace("_", ""):
                return None
            return attribute.removeprefix("data-").replace("-", "_").removeprefix("next_"), text
    return None


def _steps(address: str, number: int, base_url: str) -> Iterator[LoadMore]:
    if PAGE not in address:
        url = resolve(base_url, address)
        if url:
            yield LoadMore(url, _kind(url))
        return
    url = resolve(base_url, address.replace(PAGE, str(number)))
    marked = resolve(base_url, address.replace(PAGE, "PAGEMARK"))
    if url and marked:
        yield LoadMore(url, _kind(url), marked.replace("PAGEMARK", PAGE))


def _kind(url: str) -> str:
    lowered = url.lower()
    if re.search(r"[?&](?:callback|jsonp|cb|jsoncallback)=", lowered) or ".jsonp" in lowered:
        return "jsonp"
    return "html" if re.search(r"\.s?html?(?:\?|\Z)|[?&](?:format|type|dataType)=html", lowered, re.I) else "json"


def _from_scripts(root: Any, base_url: str) -> Iterator[LoadMore]:
    last_id = _last_row_id(root)
    for element in root.iter("script"):
        script = (element.text or "")[:MAX_SCRIPT_CHARACTERS]
        if (
            element.get("src")
            or "/" not in script
            or "application/" in element.get("type", "").replace("application/javascript", "")
        ):
            continue
        if not _FETCHES.search(script):
            continue
        values = {m[1]: next(g for g in m.groups()[1:] if g is not None) for m in _VALUE.finditer(script)}
        values |= {LAST_ID: last_id} if last_id else {}
        for match in _JOINED.finditer(script):
            yield from _script_steps(script, match, values, base_url)


def _last_row_id(root: Any) -> str | None:
    """Return the `data-id` of the last row of the page's longest list."""
    lists: dict[tuple[str, str], list[str]] = {}
    for element in root.xpath("//*[@data-id]"):
        lists.setdefault((element.tag, element.get("class", "")), []).append(element.get("data-id"))
    longest = max(lists.values(), key=len, default=[])
    return longest[-1] if len(longest) >= MIN_ROWS else None


def _script_steps(script: str, match: re.Match[str], values: dict[str, str], base_url: str) -> Iterator[LoadMore]:
    """Yield the steps of one string expression of a script, if it is the address of a list."""
    before = script[max(0, match.start() - 60) : match.start()]
    counters: list[str] = []
    address = _assembled(match[0], values, counters)
    if address is None or _NOT_LIST.search(address) or not _ADDRESS_LIKE.match(address):
        return
    is_call = _CALL.search(before) is not None
    address = _with_request_data(script, match, address, values, counters)
    counted = _COUNTED_PARAMETER.search(address)
    if counted and not is_page_name(counted[1]) and not _LIST_WORDS.search(address.replace(PAGE, "")):
        return
    is_paged = PAGE in address or page_number(address) is not None
    if _POST_CALL.search(before) or _POST_METHOD.search(
        before + script[match.end() : match.end() + 200].partition("}")[0]
    ):
        return
    if not (is_paged and (is_call or PAGE in address)) and not (
        is_call and _LIST_WORDS.search(address.replace(PAGE, "")) and ("?" in address or ".json" in address)
    ):
        return
    yield from _steps(address, _first_number(script, counters, values), base_url)


def _assembled(expression: str, values: dict[str, str], counters: list[str]) -> str | None:
    """Return the joined string with `{page}` for its counter; None where an unknown variable takes part."""
    parts: list[str] = []
    for literal, name in _PIECE.findall(expression):
        if literal:
            text = literal[1:-1].replace("\\/", "/")
            for inner in _TEMPLATE_NAME.findall(text) if literal[0] == "`" else []:
                value = _named(inner, values, counters, "".join(parts) + text.partition("${")[0])
                if value is None:
                    return None
                text = _TEMPLATE_NAME.sub(lambda _, v=value: v, text, count=1)  # type: ignore[misc]
            parts.append(text)
        else:
            value = _named(name, values, counters, "".join(parts))
            if value is None:
                return None
            parts.append(value)
    return _PLACEHOLDER.sub(PAGE, "".join(parts)).replace("callback=?", "callback=callback")


def _named(expression: str, values: dict[str, str], counters: list[str], before: str) -> str | None:
    """Return what a variable stands for: `{page}` for a counter, else its one known value."""
    name = expression.strip("() \n\t").replace("++", "").partition("+")[0].strip()
    short = name.rpartition(".")[2]
    if _COUNTER.match(short) and not values.get(short, "0").strip("-").isalpha() and "/" not in values.get(short, ""):
        counters.append(expression)
        return PAGE
    if short in values:
        return values[short]
    if LAST_ID in values and _CURSOR_ASKED.search(before):
        return values[LAST_ID]
    if re.search(r"[?&](?:_|t|ts|r|rnd|time|timestamp|v|callback|cb)=\Z", before) or short in (
        "random",
        "timestamp",
        "callback",
    ):
        return "1"
    return None


def _with_request_data(
    script: str, match: re.Match[str], address: str, values: dict[str, str], counters: list[str]
) -> str:
    """Return the address with the parameters of the call it stands in (`data: {page: page, size: 20}`)."""
    after = script[match.end() : match.end() + 800]
    found = _GET_DATA.match(after) or _REQUEST_DATA.search(after.partition("success")[0])
    if found is None:
        return address
    for name, raw in _DATA_PAIR.findall(found[1]):
        raw = raw.strip()
        value = raw[1:-1] if raw[:1] in "\"'" else raw if raw.isdigit() else _named(raw, values, counters, "")
        if value is not None:
            address = with_parameter(address, name, value).replace("%7Bpage%7D", PAGE)
    return address


def _first_number(script: str, counters: list[str], values: dict[str, str]) -> int:
    """Return the number the first request carries: the counter as it starts, one more where it counts first."""
    if not counters:
        return 2
    expression = counters[0]
    name = expression.strip("() \n\t").replace("++", "").partition("+")[0].strip().rpartition(".")[2]
    known = values.get(name, "")
    if not known.isdigit():
        return 2
    start = int(known)
    if expression.strip("( ").startswith("++") or re.search(r"\+\s*1", expression):
        return start + 1
    if start >= 2 or "++" in expression:
        return start
    used = re.escape(expression.strip("() "))
    counted = _COUNTED_UP.replace("NAME", re.escape(name))
    if re.search(rf"(?:{counted})[^}}]{{0,300}}?{used}", script):
        return start + 1
    is_counted_after = re.search(rf"{used}[\s\S]{{0,2000}}?(?:{counted})", script) is not None
    return start if is_counted_after else start + 1
