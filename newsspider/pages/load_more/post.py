"""Lists whose further rows are asked for by POST: what the body of the request says, and how it is sent.

A step of such a list is written as the URL that a GET would have, the fields of the body as parameters, so that page
numbers and cursors are counted on in one way; `Post` says which of them belong in the body.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote, urlencode

from newsspider.pages.load_more.script_values import EXPRESSION, PageScripts
from newsspider.urls.paging import PAGE, is_cursor_name, parameters, range_names, with_parameter

FORM: Final = "form"
JSON: Final = "json"
CONTENT_TYPES: Final = {
    FORM: "application/x-www-form-urlencoded; charset=UTF-8",
    JSON: "application/json; charset=UTF-8",
}
# behind a name: its value is a text in JSON though it is written in digits
TEXT_MARK: Final = "="
WINDOW_BEFORE, WINDOW_AFTER = 400, 900
MAX_FIELDS: Final = 30
MAX_DEPTH: Final = 3

_POST_CALL: Final = re.compile(r"\.post\s*\(\s*\Z")
_IS_POST: Final = re.compile(r"""(?:type|method)["']?\s*:\s*["']post["']|\bopen\s*\(\s*["']post["']""", re.IGNORECASE)
_CALL_START: Final = re.compile(r"(?:ajax|fetch|axios|request|http|open)\s*\(", re.IGNORECASE)
_BODY: Final = re.compile(r"""(?:\b(?:data|body)["']?\s*:|\.send\s*\()\s*""")
_WRAPPED: Final = re.compile(
    r"(?P<json>JSON\.stringify)\s*\(\s*|(?:new\s+URLSearchParams|(?:[qQ]s|querystring)\.stringify|\$\.param|jQuery\.param)\s*\(\s*"
)
_OBJECT: Final = re.compile(r"\{([^{}]{1,800})\}")
_VARIABLE: Final = re.compile(r"([A-Za-z_$][\w$]{0,60})\s*(?=[,;)}\n]|\Z)")
_PAIR: Final = re.compile(
    r"""["']?([\w$\-]{1,40})["']?\s*(?::\s*("[^"\n]{0,200}"|'[^'\n]{0,200}'|`[^`\n]{0,200}`|[\w$.+ ()"'\-#]{1,90}))?"""
    r"""\s*(?=[,}]|\Z)"""
)
_APPENDED: Final = (
    r"""\b{name}\s*\.\s*(?:append|set)\s*\(\s*["']([\w\-]{{1,40}})["']\s*,\s*([^;\n]{{1,120}}?)\s*\)\s*(?:[;,\n]|\Z)"""
)
_IS_JSON: Final = re.compile(r"application/json|\baxios\b", re.IGNORECASE)
# what a POST changes on the server is nothing for a reader of lists
_WRITES: Final = re.compile(
    r"add|save|submit|insert|update|delete|remove|edit|feedback|reply|order|pay|send|apply|register|favou?r|follow|praise|digg|zan\b",
    re.IGNORECASE,
)


@dataclass(slots=True, frozen=True)
class Post:
    """The encoding of a POST request: `form` is form or json, `names` are the parameters that belong in the body."""

    form: str
    names: tuple[str, ...]


@dataclass(slots=True, frozen=True)
class PostedStep:
    """A step of a list: its URL with the fields of the body as parameters, and the counters in them."""

    address: str
    post: Post
    counters: list[str]


def is_post(script: str, span: tuple[int, int]) -> bool:
    """Return True if the call around the URL at `span` of a script sends a POST."""
    before, after = script[max(0, span[0] - 60) : span[0]], script[span[1] : span[1] + 260]
    return (
        _POST_CALL.search(before) is not None or _IS_POST.search(_call_text(script, span, before + after)) is not None
    )


def posted_step(
    scripts: PageScripts, index: int, script: str, span: tuple[int, int], address: str
) -> PostedStep | None:
    """Return the step of a POST call whose body goes on by a counter or a cursor; None for any other call.

    Fields whose value is not known are left out.
    """
    if _WRITES.search(address.partition("?")[0].rpartition("/")[2]):
        return None
    before, after = script[max(0, span[0] - WINDOW_BEFORE) : span[0]], script[span[1] : span[1] + WINDOW_AFTER]
    if _POST_CALL.search(before[-60:]):
        found = re.match(r"\s*,\s*", after)
        text, at = (after, found.end()) if found else ("", 0)
    else:
        text = _call_text(script, span, before + after)
        found = _BODY.search(text)
        at = found.end() if found else len(text)
    form, fields = _fields(script, text, at, MAX_DEPTH)
    if (
        form == FORM
        and _IS_JSON.search(before[-80:] + after[:400].partition("success")[0])
        and "URLSearchParams" not in text
    ):
        form = JSON if fields and not _is_plain_text(text, at) else form
    return _assembled(scripts, index, address, form, fields)


def posted(url: str, form: str, names: Sequence[str]) -> tuple[str, bytes]:
    """Return (URL, body) of the step that is written as `url`."""
    own_names = {name.removesuffix(TEXT_MARK): name for name in names}
    base, _, query = url.partition("?")
    kept: list[str] = []
    values: dict[str, str] = {}
    for pair in query.split("&"):
        name, _, value = pair.partition("=")
        if name in own_names:
            values[name] = unquote(value)
        elif pair:
            kept.append(pair)
    address = f"{base}?{'&'.join(kept)}" if kept else base
    if form == FORM:
        return address, urlencode(values).encode()
    body = {name: _json_value(value, own_names[name]) for name, value in values.items()}
    return address, json.dumps(body, ensure_ascii=False).encode()


def _json_value(value: str, name: str) -> str | int | bool:
    if name.endswith(TEXT_MARK):
        return value
    if value in ("true", "false"):
        return value == "true"
    return int(value) if re.fullmatch(r"-?(?:0|[1-9]\d{0,17})", value) else value


def _call_text(script: str, span: tuple[int, int], otherwise: str) -> str:
    """Return the text of the call around a URL, from its name to where its statement may end."""
    before = script[max(0, span[0] - WINDOW_BEFORE) : span[0]]
    starts = list(_CALL_START.finditer(before))
    if not starts:
        return otherwise
    after = script[span[1] : span[1] + WINDOW_AFTER]
    end = re.search(r"\bsuccess\b|\.then\b|\.done\b|\bfunction\b|=>", after)
    if starts[-1][0].startswith("open"):
        end = re.search(r"\.send\s*\([^)]{0,400}\)?", after)
        return before[starts[-1].start() :] + "," + after[: end.end() if end else 0]
    return before[starts[-1].start() :] + "," + after[: end.start() if end else len(after)]


def _is_plain_text(text: str, at: int) -> bool:
    return text[at : at + 1] in ("'", '"', "`")


def _fields(script: str, text: str, at: int, depth: int) -> tuple[str, list[tuple[str, str]]]:
    """Return (form, fields as name and expression) of the body that stands at `at` in `text`."""
    form, wrapped = FORM, _WRAPPED.match(text, at)
    if wrapped is not None:
        form, at = JSON if wrapped["json"] else FORM, wrapped.end()
    if found := _OBJECT.match(text, at):
        return form, [(name, (raw or name).strip()) for name, raw in _PAIR.findall(found[1])][:MAX_FIELDS]
    named = _VARIABLE.match(text, at)
    if named is None:
        expression = EXPRESSION.match(text, at)
        return form, [("", expression[0])] if expression is not None else []
    if depth <= 0:
        return form, []
    name = re.escape(named[1])
    appended = re.findall(_APPENDED.format(name=name), script)
    if appended:
        return form, appended[:MAX_FIELDS]
    for assigned in re.finditer(rf"(?<![\w$.]){name}\s*=(?!=)\s*", script):
        inner_form, fields = _fields(script, script[: assigned.end() + WINDOW_AFTER], assigned.end(), depth - 1)
        if fields:
            return JSON if JSON in (form, inner_form) else FORM, fields
    return form, []


def _assembled(
    scripts: PageScripts, index: int, address: str, form: str, fields: list[tuple[str, str]]
) -> PostedStep | None:
    names: list[str] = []
    counters: list[str] = []
    goes_on = PAGE in address
    for name, raw in fields:
        value = scripts.assembled(index, raw, before=f"?{name}=" if name else "")
        if value is None:
            continue
        counters += value.counters
        pairs = [(name, value.text)] if name else [pair.split("=", 1) for pair in value.text.split("&") if "=" in pair]
        for field, text in pairs:
            address = with_parameter(address, field, text).replace("%7Bpage%7D", PAGE)
            is_text = form == JSON and raw[:1] in "\"'`" and text.isdigit()
            names.append(f"{field}{TEXT_MARK if is_text else ''}")
            goes_on = goes_on or PAGE in text or (is_cursor_name(field) and text not in ("", "0"))
    goes_on = goes_on or range_names(parameters(address)) is not None
    return PostedStep(address, Post(form, tuple(names)), counters) if goes_on and names else None
