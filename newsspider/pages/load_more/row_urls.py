"""URL templates for rows that hold only an id: `"/a/" + row.docId` is `/a/{docId}`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from newsspider.urls import article_likelihood, resolve

MAX_TEXT = 400_000
MAX_TEMPLATES = 4
LEAST_LIKELIHOOD = 0.5
_SAMPLE = "1234567"

_KEY = r"(?:[A-Za-z]{0,12}_?(?:id|Id|ID)|uuid|guid|docno|docNo|slug)"
_HEAD = r"((?:https?:)?/{0,2}[\w\-./?=&:]{1,100})"
_WRITTEN = re.compile(
    rf"""["'`(=\s]{_HEAD}(?:\{{\{{|\$\{{|<%=)\s*(?:[\w$]{{1,30}}\.){{0,3}}({_KEY})\s*(?:\}}\}}|\}}|%>)([\w\-./?=&]{{0,30}})"""
)
_JOINED = re.compile(
    rf"""["'`]{_HEAD}["'`]\s*\+\s*(?:[\w$]{{1,30}}\.){{0,3}}({_KEY})\b(?:\s*\+\s*["'`]([\w\-./?=&]{{0,30}})["'`])?"""
)
# what names the list, its reader or its place, not the row
_NOT_ROW = re.compile(
    r"(?:c|u|p|cat|user|site|type|channel|column|node|parent|class|category|section|tag|last|max)_?id\Z", re.I
)
_ADDRESS_ATTRIBUTE = re.compile(r"(?:[\w\-:@.]*(?:href|url|link|to|src|click))\Z", re.I)


def row_url_templates(root: Any, base_url: str) -> list[str]:
    """Return templates such as `/detail/{docId}.html` that the page's scripts and templates show, the first first."""
    found: dict[str, None] = {}
    for text in _texts(root):
        for pattern in (_WRITTEN, _JOINED):
            for head, key, tail in pattern.findall(text):
                sample = resolve(base_url, f"{head}{_SAMPLE}{tail}")
                if not _NOT_ROW.match(key) and sample and article_likelihood(sample) >= LEAST_LIKELIHOOD:
                    found[f"{head}{{{key}}}{tail}"] = None
    return list(found)[:MAX_TEMPLATES]


def filled(template: str, row: Mapping[str, Any]) -> str | None:
    """Return the URL of `row`; None where it lacks what the template asks for."""
    head, _, rest = template.partition("{")
    key, _, tail = rest.partition("}")
    value = row.get(key)
    if isinstance(value, bool) or not isinstance(value, str | int) or value == "":
        return None
    return f"{head}{quote(str(value), safe='')}{tail}"


def _texts(root: Any) -> Iterator[str]:
    left = MAX_TEXT
    for element in root.iter():
        if not isinstance(element.tag, str) or left <= 0:
            continue
        if element.tag in ("script", "template") and element.text and not element.get("src"):
            yield element.text[:left]
            left -= len(element.text)
        for name, value in element.attrib.items():
            if ("{" in value or "+" in value or "<%" in value) and _ADDRESS_ATTRIBUTE.match(name):
                yield f" {value[:500]}"
