"""What a page's head says about it: meta elements and JSON-LD."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

from newsspider.pages.markup.page_source import RawElement
from newsspider.pages.markup.tag import Tag
from newsspider.text import squeeze

MAX_JSON: Final = 300_000
MAX_NODES: Final = 60
_COMMENT: Final = re.compile(
    r"^\s*(?:<!--|//\s*<!\[CDATA\[|/\*\s*<!\[CDATA\[\s*\*/)|(?:-->|//\s*\]\]>|/\*\s*\]\]>\s*\*/)\s*$"
)
_TRAILING_COMMA: Final = re.compile(r",(?=\s{0,40}[}\]])")


def meta_values(tags: Iterable[Tag]) -> dict[str, str]:
    """Return name, property or itemprop (lower case) -> content of the meta elements, the first with text."""
    found: dict[str, str] = {}
    for tag in tags:
        if tag.name != "meta" or not (content := tag.get("content")):
            continue
        value = squeeze(content)
        for attribute in ("property", "name", "itemprop"):
            if value and (key := tag.get(attribute)):
                found.setdefault(key.strip().lower(), value)
    return found


def json_ld_nodes(scripts: Iterable[RawElement]) -> list[dict[str, Any]]:
    """Return the objects of the JSON-LD scripts, those of `@graph` and of lists taken out of them."""
    nodes: list[dict[str, Any]] = []
    for script in scripts:
        if "ld+json" not in script.tag.raw.lower() or not script.text or len(script.text) > MAX_JSON:
            continue
        nodes.extend(_flat(parsed_json(script.text)))
    return nodes[:MAX_NODES]


def parsed_json(text: str) -> Any:
    """Return what a script holds as JSON, None for anything else; control characters and trailing commas pass."""
    text = _COMMENT.sub("", text)
    for candidate in (text, _TRAILING_COMMA.sub("", text)):
        try:
            return json.loads(candidate, strict=False)
        except (ValueError, RecursionError):
            continue
    return None


def _flat(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, list):
        for entry in value[:MAX_NODES]:
            if isinstance(entry, dict):
                yield from _flat(entry)
    elif isinstance(value, dict):
        yield value
        if isinstance(value.get("@graph"), list):
            yield from _flat(value["@graph"])
