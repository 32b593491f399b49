"""Golden files (`expected.json`): reading, writing, comparing, and checks that reject implausible values."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from newsspider.cli.extraction import extract, read_page, to_json
from newsspider.messages import _
from newsspider.recording.cases import META_NAME, RecordingError
from newsspider.sites.registry import SiteRegistry
from newsspider.text.mojibake import mojibake_in

EXPECTED_NAME = "expected.json"
Fields = Mapping[str, Any]

SITE_SUFFIX = re.compile(
    r"\s?[_|｜—–-]\s?[^_|｜—–-]{1,20}(?:网|新闻|日报|晚报|频道|在线|资讯|首页|門戶|门户|\.com|\.cn)\Z"
)
TIME_FIELDS = ("published_at", "fetched_at")


def cases(folder: Path) -> list[Path]:
    """Return the cases under `folder` that have a golden file, or `folder` itself if it is a case."""
    if (folder / META_NAME).is_file():
        return [folder]
    return sorted(path.parent for path in folder.rglob(EXPECTED_NAME) if (path.parent / META_NAME).is_file())


def derived(case: Path, sites: SiteRegistry | None = None) -> dict[str, Any]:
    """Return the fields that the page of `case` gives now. Raises UnreadablePageError where there is no page."""
    fields = to_json(extract(read_page(case), sites).article)
    del fields["rules_version"]  # changes with every rule
    return fields


def expected(case: Path) -> dict[str, Any]:
    """Return the golden fields, {} if there are none yet. Raises RecordingError for a damaged file."""
    path = case / EXPECTED_NAME
    try:
        fields = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise RecordingError(_("corrupt golden {path}: {error}").format(path=path, error=error)) from None
    if not isinstance(fields, dict):
        raise RecordingError(_("corrupt golden {path}: not an object").format(path=path))
    return fields


def write(case: Path, fields: Fields) -> None:
    """Write the golden file. Raises RecordingError where it cannot be written."""
    path = case / EXPECTED_NAME
    try:
        path.write_text(json.dumps(fields, ensure_ascii=False, indent=1) + "\n", "utf-8")
    except OSError as error:
        raise RecordingError(_("cannot write {path}: {strerror}").format(path=path, strerror=error.strerror)) from None


def differences(before: Fields, after: Fields) -> Iterator[str]:
    """Yield "field: old -> new" for each field that differs; of a text or list, the lines that went and came."""
    for name in dict.fromkeys((*before, *after)):
        old, new = before.get(name), after.get(name)
        if old == new:
            continue
        old_lines, new_lines = _lines(old), _lines(new)
        if old_lines is None or new_lines is None:
            yield f"{name}: {_shown(old)} -> {_shown(new)}"
            continue
        yield from (f"{name}: - {line}" for line in old_lines if line not in new_lines)
        yield from (f"{name}: + {line}" for line in new_lines if line not in old_lines)
        if sorted(old_lines) == sorted(new_lines):
            yield f"{name}: in another order"


def _lines(value: object) -> list[str] | None:
    if isinstance(value, str) and "\n" in value:
        return value.split("\n")
    if isinstance(value, list):
        return [_shown(part) for part in value]
    return None


def _shown(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)


def faults(fields: Fields) -> list[str]:
    """Return why `fields` cannot be right: mojibake, a site's name in the title, a time without zone."""
    found = [f"{name}: mojibake: {sign!r}" for name, value in fields.items() if (sign := mojibake_in(_shown(value)))]
    title = fields.get("title") or ""
    if not title:
        found.append("title: empty")
    suffix = SITE_SUFFIX.search(title)
    if suffix:
        found.append(f"title: ends in a site's name: {suffix[0]!r}")
    for name in TIME_FIELDS:
        value = fields.get(name)
        if value and not re.search(r"(?:Z|[+-]\d\d:\d\d)\Z", value):
            found.append(f"{name}: no time zone: {value!r}")
    return found
