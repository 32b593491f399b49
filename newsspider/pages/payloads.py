"""What a page's scripts hold as data: JSON, JSON-LD and the literals that they assign; parsed, never evaluated."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, Final

from newsspider.pages.metadata import parsed_json
from newsspider.pages.source import RawElement

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
_BARE_KEY: Final = re.compile(r"([{,]\s{0,40})([A-Za-z_$][\w$]{0,60})(\s{0,10}:)")
_BARE_WORDS: Final = ("undefined", "void 0", "NaN")
_BARE_VALUE: Final = re.compile(rf"(?<=[:\[,])\s{{0,10}}(?:{'|'.join(_BARE_WORDS)})\b")
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
            value = _object_literal(text, found.end())
        if value is not None:
            yield f"state {found[1]}", value


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
    """Return a literal with bare keys or undefined in it, as JavaScript allows; only for what is named like a state."""
    quoted = _BARE_KEY.sub(r'\1"\2"\3', text[start:])
    is_bare = any(word in quoted for word in _BARE_WORDS)
    return _decoded(_BARE_VALUE.sub("null", quoted) if is_bare else quoted, 0)


def _decoded(text: str, start: int) -> Any:
    try:
        return _DECODER.raw_decode(text, start)[0]
    except (ValueError, RecursionError):
        return None
