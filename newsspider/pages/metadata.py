"""What a page's head says about it: meta elements, the title element, JSON-LD."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Final

from newsspider.text import squeeze

MAX_JSON: Final = 300_000
MAX_NODES: Final = 60
_COMMENT: Final = re.compile(
    r"^\s*(?:<!--|//\s*<!\[CDATA\[|/\*\s*<!\[CDATA\[\s*\*/)|(?:-->|//\s*\]\]>|/\*\s*\]\]>\s*\*/)\s*$"
)
_TRAILING_COMMA: Final = re.compile(r",(?=\s{0,40}[}\]])")


def meta_values(root: Any) -> dict[str, str]:
    """Return name, property or itemprop (lower case) -> content of the meta elements, the first with text."""
    found: dict[str, str] = {}
    for element in root.iter("meta"):
        content = element.get("content")
        if not content:
            continue
        for attribute in ("property", "name", "itemprop"):
            if key := element.get(attribute):
                value = squeeze(content)
                if value:
                    found.setdefault(key.strip().lower(), value)
    return found


def title_element(root: Any) -> str | None:
    """Return the text of the first title element, None where there is none or it is empty."""
    for element in root.iter("title"):
        parent = element.getparent()
        if (parent is None or parent.tag not in ("svg", "symbol", "g")) and (
            text := squeeze("".join(element.itertext()))
        ):
            return text
    return None


def json_ld_nodes(root: Any) -> list[dict[str, Any]]:
    """Return the objects of the JSON-LD scripts, those of `@graph` and of lists taken out of them."""
    nodes: list[dict[str, Any]] = []
    for element in root.iter("script"):
        kind = element.get("type")
        if kind is None or "ld+json" not in kind.lower() or not element.text or len(element.text) > MAX_JSON:
            continue
        nodes.extend(_flat(parsed_json(element.text)))
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
