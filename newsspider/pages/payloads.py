"""The data that scripts hold: JSON scripts, literals that they assign, push or return. Parsed, never run."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, Final

from newsspider.pages.markup.metadata import parsed_json
from newsspider.pages.markup.page_source import RawElement

MAX_SCRIPT: Final = 3_000_000
MAX_ASSIGNMENTS: Final = 400
MAX_REWRITTEN: Final = 3
MIN_CHUNK: Final = 200
_ASSIGNED: Final = re.compile(
    r"(?:^|[\s;,(]|window\.|window\[[\"'])([A-Za-z_$][\w$.]{0,60})(?:[\"']\])?\s{0,5}=\s{0,5}(?=[{\[\"'J])"
)
_STATE_NAME: Final = re.compile(r"state|data|props|store|init|__[A-Z]|detail|article|content", re.IGNORECASE)
_PARSED: Final = re.compile(r"JSON\.parse\(\s{0,5}(?:decodeURIComponent\(\s{0,5})?")
_PUSHED: Final = re.compile(r"__next_f\.push\(\s{0,5}(?=\[)")
_CHUNK: Final = re.compile(r"^[0-9a-f]{1,6}:(?:T[0-9a-f]+,)?", re.MULTILINE)
# `__NUXT__=(function(a,b){return {title:a}}("…","…"))`: a state with the values that repeat as arguments.
_CALLED: Final = re.compile(
    r"([A-Za-z_$][\w$.]{0,60})\s{0,5}=\s{0,5}\(\s?function\s?\((?P<names>[\w$,\s]{0,9000})\)\s?\{"
)
# What JavaScript writes otherwise than JSON: single quotes, bare keys, names, !0, void 0, .5, calls.
_TOKEN: Final = re.compile(
    r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|(?:new )?[A-Za-z_$][\w$]*\([^()\"']{0,80}\)|void 0|![01]"
    r"|(?P<name>[A-Za-z_$][\w$]*)(?P<colon>\s{0,10}:)?|(?<![\w.])\.(?=\d)",
    re.DOTALL,
)
_WORDS: Final = {"true": "true", "false": "false", "null": "null", "!0": "true", "!1": "false", ".": "0."}
# A name in a literal, until its value is put in its place.
_NAME_MARK: Final = "\x00"
_DECODER: Final = json.JSONDecoder(strict=False)


def payloads(scripts: Iterable[RawElement]) -> Iterator[tuple[str, Any]]:
    """Yield (place, value) of JSON scripts, assigned literals, JSON.parse of strings, chunks pushed to a queue."""
    pushed: list[str] = []
    for script in scripts:
        text, kind = script.text, (script.tag.get("type") or "").lower()
        if not text or len(text) > MAX_SCRIPT:
            continue
        if "json" in kind:
            place = "json-ld" if "ld+json" in kind else f"state {script.tag.get('id') or kind}"
            yield place, parsed_json(text)
            continue
        yield from _assigned(text)
        yield from _called(text)
        pushed.extend(_pushed(text))
    for line in _CHUNK.split("".join(pushed)):
        if line.lstrip().startswith(("{", "[")):
            yield "state __next_f", _literal(line, 0)
        elif len(line) > MIN_CHUNK and "<" in line:
            yield "state __next_f", {"content": line}


def _assigned(text: str) -> Iterator[tuple[str, Any]]:
    rewritten = 0
    for found in islice(_ASSIGNED.finditer(text), MAX_ASSIGNMENTS):
        value = _literal(text, found.end())
        if value is None and text[found.end()] == "{" and _STATE_NAME.search(found[1]) and rewritten < MAX_REWRITTEN:
            rewritten += 1
            value = _filled(_object_literal(text, found.end()), {})
        if value is not None:
            yield f"state {found[1]}", value


def _called(text: str) -> Iterator[tuple[str, Any]]:
    """Yield the states that a function returns which is called where it stands, its arguments put in their places."""
    for found in islice(_CALLED.finditer(text), MAX_REWRITTEN):
        begin, end = text.find("{", text.find("return", found.end())), text.rfind("}(")
        if not (_STATE_NAME.search(found[1]) and found.end() < begin < end):
            continue
        given = text[end + 2 :].rstrip("); \n")
        arguments = _object_literal(f"[{given}]", 0)
        if not isinstance(arguments, list):
            continue
        values = dict(zip((name.strip() for name in found["names"].split(",")), arguments, strict=False))
        try:
            yield f"state {found[1]}", _filled(_object_literal(text, begin), values)
        except RecursionError:
            continue


def _filled(value: Any, values: dict[str, Any]) -> Any:
    """Return decoded JSON with its names replaced by their values; a value that many name is shared."""
    if isinstance(value, dict):
        return {key: _filled(part, values) for key, part in value.items()}
    if isinstance(value, list):
        return [_filled(part, values) for part in value]
    return values.get(value[1:]) if isinstance(value, str) and value[:1] == _NAME_MARK else value


def _pushed(text: str) -> Iterator[str]:
    for found in _PUSHED.finditer(text):
        value = _literal(text, found.end())
        if isinstance(value, list) and len(value) > 1 and isinstance(value[1], str):
            yield value[1]


def _literal(text: str, start: int) -> Any:
    """Return the object or list that begins at `start`, also inside JSON.parse of a string; None for anything else."""
    if call := _PARSED.match(text, start):
        inner = _decoded(text, call.end())
        return parsed_json(inner) if isinstance(inner, str) and inner[:1] in "{[" else None
    if text[start : start + 1] in ("{", "["):
        return _decoded(text, start)
    if text[start : start + 1] == '"':
        inner = _decoded(text, start)
        return parsed_json(inner) if isinstance(inner, str) and inner[:1] in ("{", "[") else None
    return None


def _object_literal(text: str, start: int) -> Any:
    """Return a literal as JavaScript allows it, names in it marked; only for what is named like a state."""
    return _decoded(_TOKEN.sub(_as_json, text[start:]), 0)


def _as_json(found: re.Match[str]) -> str:
    token = found[0]
    if token[0] in "\"'":
        inner = token[1:-1].replace("\\x", "\\u00").replace("\\'", "'")
        return f'"{inner if token[0] == chr(34) else inner.replace(chr(34), chr(92) + chr(34))}"'
    if found["colon"]:
        return f'"{found["name"]}":'
    if found["name"] and token not in _WORDS and token not in ("undefined", "NaN"):
        return f'"\\u0000{token}"'
    return _WORDS.get(token, "null")


def _decoded(text: str, start: int) -> Any:
    try:
        return _DECODER.raw_decode(text, start)[0]
    except (ValueError, RecursionError):
        return None
