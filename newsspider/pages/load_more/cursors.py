"""Cursors that are a field of the last row: which one, found by its value, and what it comes to in an answer."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Final

from newsspider.pages.load_more.script_values import inline_scripts
from newsspider.urls.paging import folded_name, is_page_name, parameters

LEAST_ROWS: Final = 2
LEAST_CHARACTERS: Final = 3
_STATED: Final = r"""["']?([A-Za-z_][\w\-]{{0,40}})["']?\s*:\s*["']?{value}["']?\s*[,}}\n]"""
_WORDS: Final = re.compile(r"time|stamp|ts|date|id|score|seq|sort|key")
_VALUES: Final = r"""["']?\b{name}["']?\s*:\s*["']?([^"',}}\n]{{1,60}})["']?\s*[,}}\n]"""


def row_field(root: Any, url: str) -> tuple[str, str] | None:
    """Return (parameter, name of a row's field) where the last row of the page has what a parameter of `url` says."""
    for name, value in parameters(url).items():
        if len(value) < LEAST_CHARACTERS or is_page_name(name) or "{" in value:
            continue
        if (field := _attribute_of_last(root, value) or _stated_of_last(root, value)) is not None:
            return name, field
    return None


def rows_of(root: Any, field: str) -> list[dict[str, Any]]:
    """Return the rows of a piece of markup that have `field` as an attribute: name -> value."""
    found = []
    for element in root.iter():
        for name, value in element.attrib.items() if isinstance(element.tag, str) else ():
            if folded_name(name) == field and value:
                found.append({field: value})
    return found


def _attribute_of_last(root: Any, value: str) -> str | None:
    for element in root.xpath("//*[@*=$value]", value=value)[-20:]:
        for name, own in element.attrib.items():
            if own != value or name in ("class", "href", "src", "style", "content", "title"):
                continue
            alike = root.xpath(f"//{element.tag}[@*[name()=$name]]", name=name)
            values = [other.get(name) for other in alike if other.get("class") == element.get("class")]
            if values[-1] == value and len(set(values)) >= LEAST_ROWS and len(set(values)) == len(values):
                return folded_name(name)
    return None


def _stated_of_last(root: Any, value: str) -> str | None:
    """Return the field of the rows in a script of which `value` is the last."""
    scripts = [element.text or "" for element in root.iter("script") if "json" in (element.get("type") or "")]
    for script in [*scripts, *inline_scripts(root)]:
        for name in dict.fromkeys(re.findall(_STATED.format(value=re.escape(value)), script)):
            values = re.findall(_VALUES.format(name=re.escape(name)), script)
            if values[-1:] == [value] and len(set(values)) >= LEAST_ROWS and len(set(values)) == len(values):
                return folded_name(name)
    return None


def last_value(rows: Sequence[dict[str, Any]], field: str) -> str | None:
    """Return the value of `field` in the last row that has it."""
    for row in reversed(rows):
        for name, value in row.items():
            if folded_name(name) == field and isinstance(value, str | int | float) and value not in ("", 0):
                return str(value)
    return None


def continued_value(rows: Sequence[dict[str, Any]], name: str, value: str) -> str | None:
    """Return the last row's value of the field that goes on from `value`, what the parameter `name` asked for.

    It is written alike, and goes down or up from `value` through all rows. Where several do, the one whose name shares
    a word with the parameter counts.
    """
    if not rows or len(value) < LEAST_CHARACTERS:
        return None
    columns: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        for key, own in row.items():
            if isinstance(own, str | int) and not isinstance(own, bool):
                columns[str(key)].append(str(own))
    found = {key: values for key, values in columns.items() if len(values) == len(rows) and _goes_on(value, values)}
    if not found:
        return None
    asked = _words(name)
    return found[max(found, key=lambda key: len(asked & _words(key)))][-1]


def _words(name: str) -> set[str]:
    return set(_WORDS.findall(name.lower()))


def _goes_on(value: str, values: Sequence[str]) -> bool:
    if any(not _is_alike(value, other) for other in values) or values[-1] == value:
        return False
    steps = [_step(before, after) for before, after in pairwise([value, *values])]
    return all(step <= 0 for step in steps) or all(step >= 0 for step in steps)


def _is_alike(one: str, other: str) -> bool:
    if one.isdigit() and other.isdigit():
        return abs(len(one) - len(other)) <= 1
    return re.sub(r"\d", "0", one) == re.sub(r"\d", "0", other)


def _step(before: str, after: str) -> int:
    if before.isdigit() and after.isdigit():
        return (int(after) > int(before)) - (int(after) < int(before))
    return (after > before) - (after < before)
