"""List URLs that scripts request: `$.get(base + "/list?cid=" + cid + "&page=" + page)`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from newsspider.pages.load_more.post import Post, is_post, posted_step
from newsspider.pages.load_more.script_values import EXPRESSION, PREFIX, Assembled, PageScripts, inline_scripts
from newsspider.urls.paging import PAGE, is_cursor_name, is_page_name, page_number, parameters, with_parameter

MAX_CANDIDATES = 400

_ADDRESS_START = re.compile(r"""["'`](?:https?:|//|/|\./|\.\./|\?|\$\{|[\w\-]+[/.?_\-])""")
_CALLED = re.compile(
    r"""(?:\burl\s*:|\bfetch\s*\(|\baxios\s*\(|\.(?:get|getJSON|getScript|ajax|load|request|jsonp|post)\s*\("""
    r"""|\bopen\s*\(\s*["'](?:GET|POST)["']\s*,)\s*(?=[A-Za-z_$"'`(])""",
    re.I,
)
_CALL = re.compile(
    r"(?:url\s*[:=]|fetch\s*\(|\.(?:get|getJSON|getScript|ajax|load|request|jsonp|post)\s*\(|open\s*\(\s*[\"'](?:GET|POST)[\"']\s*,|src\s*=|api\w*\s*[:=]|\w*url\w*\s*[:=])\s*\Z",
    re.I,
)
_ASSIGNED_NAME = re.compile(r"([A-Za-z_$][\w$]{0,60})\s*[:=]\s*\Z")
_REQUEST_DATA = re.compile(r"\b(?:data|params|URLSearchParams\()\s*:?\s*\{([^{}]{1,600})\}")
_GET_DATA = re.compile(r"\s*,\s*\{([^{}]{1,600})\}")
_DATA_PAIR = re.compile(
    r"""["']?([\w$\-]{1,40})["']?\s*(?::\s*("[^"\n]{0,200}"|'[^'\n]{0,200}'|[\w$.+ ()"'\-#]{1,90}))?(?=[,}\s]|\Z)"""
)
_LIST_WORDS = re.compile(r"list|more|news|feed|roll|scroll|stream|channel|column|article|latest|page", re.I)
_COUNTED_PARAMETER = re.compile(r"[?&]([\w\-]+)=[^&]*\{page\}")
NOT_LIST = re.compile(
    r"\.js(?!\?.*(?:callback|jsonp|page|cursor))(?:\?|\Z)|\.(?:css|png|jpe?g|gif|svg|ico|swf|woff2?|mp4)(?:\?|\Z)|login|comment|passport|count|stat|track|collect|report"
    r"|\blog\b|share|captcha|vote|like|search|suggest|weather|hm\.|analytics|click|ads?[./_]|qrcode|user|upload|token"
    r"|hits?\b|pv\b|favicon|beacon|survey|subscribe|jssdk|geo|\bip\b",
    re.I,
)
_ADDRESS_LIKE = re.compile(
    r"(?:https?:)?//[\w.\-]+(?::\d+)?/\S*\Z|\.{0,2}/[\w\-./?=&%{}:,]+\Z|[\w\-{}]+(?:/[\w\-.{}]+)*\.(?:json|js|php|aspx?|jsp|do|s?html?)(?:\?\S*)?\Z|\?[\w\-]+=\S*\Z"
)
_COUNTED_UP = r"\+\+\s*(?:\w+\.)?NAME\b|\bNAME\s*(?:\+\+|\+=\s*1|=\s*(?:\w+\.)?NAME\s*\+\s*1)"
_PAGED_SCRIPT = re.compile(r"\{page\}\.js\Z")
_BRACES = re.compile(r"\$\{([^{}]{0,120})\}")
_FETCHES = re.compile(r"ajax|fetch|\.get|\.post|getJSON|XMLHttp|axios|jsonp|\burl\b|page", re.I)


def script_urls(root: Any, base_url: str) -> Iterator[tuple[str, int, Post | None]]:
    """Yield (URL with `{page}` for its counter, number of the first request, how it is sent) of scripts' lists.

    The fields that a POST sends are parameters of the URL.
    """
    inline = inline_scripts(root)
    fetching = [index for index, script in enumerate(inline) if _FETCHES.search(script)]
    if not fetching:
        return
    scripts = PageScripts(root, inline, base_url)
    for index in fetching:
        yield from _of_script(scripts, index, inline[index])


def _of_script(scripts: PageScripts, index: int, script: str) -> Iterator[tuple[str, int, Post | None]]:
    """Calls come first: a URL put together in two steps is whole only where it is asked for."""
    used: set[str] = set()
    covered: list[tuple[int, int]] = []
    for call in _limited(_CALLED, script):
        found = EXPRESSION.match(script, call.end())
        if found is None:
            continue
        covered.append(found.span())
        assembled = scripts.assembled(index, found[0])
        if assembled is not None:
            used |= assembled.used
            yield from _steps(scripts, index, script, found.span(), assembled, is_call=True)
    for start in _limited(_ADDRESS_START, script):
        if any(begin <= start.start() < end for begin, end in covered):
            continue
        before = script[max(0, start.start() - 90) : start.start()]
        prefix = PREFIX.search(before)
        if before.rstrip().endswith("+") and prefix is None:
            continue
        begin = start.start() - (len(before) - prefix.start() if prefix else 0)
        found = EXPRESSION.match(script, begin)
        if found is None:
            continue
        covered.append(found.span())
        name = _ASSIGNED_NAME.search(script[max(0, begin - 90) : begin])
        assembled = scripts.assembled(index, found[0]) if name is None or name[1] not in used else None
        if assembled is not None:
            is_call = _CALL.search(script[max(0, begin - 60) : begin]) is not None
            yield from _steps(scripts, index, script, found.span(), assembled, is_call=is_call)


def _limited(pattern: re.Pattern[str], script: str) -> Iterator[re.Match[str]]:
    for count, match in enumerate(pattern.finditer(script)):
        if count >= MAX_CANDIDATES:
            return
        yield match


def _steps(
    scripts: PageScripts, index: int, script: str, span: tuple[int, int], assembled: Assembled, *, is_call: bool
) -> Iterator[tuple[str, int, Post | None]]:
    """Yield the URL of one expression, if it is that of a list."""
    if NOT_LIST.search(_PAGED_SCRIPT.sub(PAGE, assembled.text)) or not _ADDRESS_LIKE.match(assembled.text):
        return
    if is_post(script, span):
        if is_call and (step := posted_step(scripts, index, script, span, assembled.text)):
            counters = [*assembled.counters, *step.counters]
            yield step.address, _first_number(scripts, index, script, counters), step.post
        return
    after = script[span[1] : span[1] + 800]
    address = _with_request_data(scripts, index, after, assembled)
    counted = _COUNTED_PARAMETER.search(address)
    is_list = _LIST_WORDS.search(address.replace(PAGE, "")) is not None
    if counted and not is_page_name(counted[1]) and not is_list:
        return
    is_paged = PAGE in address or page_number(address) is not None
    is_named = is_list and ("?" in address or ".json" in address)
    has_cursor = any(is_cursor_name(name) and value for name, value in parameters(address).items())
    if (is_paged and (is_call or PAGE in address)) or (is_call and (is_named or has_cursor)):
        yield address, _first_number(scripts, index, script, assembled.counters), None


def _with_request_data(scripts: PageScripts, index: int, after: str, assembled: Assembled) -> str:
    """Return the URL with the parameters of the call it stands in (`data: {page: page, size: 20}`)."""
    address = assembled.text
    found = _GET_DATA.match(after) or _REQUEST_DATA.search(after.partition("success")[0])
    if found is None:
        return address
    data = found[1]
    if nested := _REQUEST_DATA.search(after[: found.end() + 600]) if "params" in data else None:
        data = nested[1]
    for name, raw in _DATA_PAIR.findall(data):
        value = scripts.assembled(index, (raw or name).strip())
        if value is not None:
            assembled.counters += value.counters
            address = with_parameter(address, name, value.text).replace("%7Bpage%7D", PAGE)
    return address


def _first_number(scripts: PageScripts, index: int, script: str, counters: list[str]) -> int:
    """Return the number the first request carries: the counter as it starts, one more where it counts first."""
    if not counters:
        return 2
    expression = counters[0]
    name = expression.strip("() \n\t").replace("++", "").partition("+")[0].strip().rpartition(".")[2]
    known = scripts.number(index, name)
    if not known.isdigit():
        return 2
    start = int(known)
    if expression.strip("( ").startswith("++") or re.search(r"\+\s*1", expression):
        return start + 1
    if start >= 2 or "++" in expression:
        return start
    used = re.escape(expression.strip("() "))
    script = _BRACES.sub(r" \1 ", script)
    counted = _COUNTED_UP.replace("NAME", re.escape(name))
    if re.search(rf"(?:{counted})[^}}]{{0,300}}?{used}", script):
        return start + 1
    is_counted_after = re.search(rf"{used}[\s\S]{{0,2000}}?(?:{counted})", script) is not None
    return start if is_counted_after else start + 1
