"""What an operator types about sites: times, spans of time, hours, labels. Wrong ones raise ValueError in one line."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlsplit

from newsspider.messages import _
from newsspider.sites.control import ZONE
from newsspider.sites.quiet_hours import QuietHours
from newsspider.text.zone import BEIJING
from newsspider.urls import registered_domain

_SPAN: Final = re.compile(r"(\d+(?:\.\d+)?)\s*(s|m|h|d)?\Z", re.I)
_UNITS: Final = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
_LONGEST_S: Final = 366 * 86_400
_LABEL: Final = re.compile(r"[^\s,，;；]{1,40}\Z")
MOST_NOTES: Final = 2_000


def url_of(text: str) -> str:
    """Return the URL that `text` stands for; a host alone is its front page over https."""
    raw = text.strip()
    url = raw if "://" in raw else f"https://{raw}"
    try:
        parts = urlsplit(url)
        has_host = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        has_host, parts = False, urlsplit("")
    host = parts.hostname or ""
    if parts.scheme not in ("http", "https") or not has_host or re.search(r"[\s<>\"'\\]", raw):
        raise ValueError(_("{raw!r} is not an http(s) URL").format(raw=raw[:200]))
    if "://" not in raw and "." not in host and host != "localhost":
        raise ValueError(_("{raw!r} is not a URL or a host").format(raw=raw[:200]))
    return url if parts.path else f"{url}/"


def site_of(text: str) -> str:
    """Return the site (a registered domain) that a domain, a host or a URL belongs to."""
    site = registered_domain(text)
    if not site or not re.fullmatch(r"[^\s/]+", site):
        raise ValueError(_("{text!r} is not a site: give a domain or a URL of it").format(text=text[:200]))
    return site


def moment(text: str) -> datetime:
    """Return an aware UTC time of an ISO date or time; without a zone it is Beijing time."""
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        raise ValueError(
            _("{text!r} is not a date or time (expected such as 2026-12-24 or 2026-12-24T08:00)").format(text=text)
        ) from None
    return (found if found.tzinfo else found.replace(tzinfo=BEIJING)).astimezone(UTC)


def seconds(text: str) -> float:
    """Return the seconds of 30m, 6h, 2d, or of a number of seconds."""
    found = _SPAN.match(text.strip())
    value = float(found[1]) * _UNITS[(found[2] or "s").lower()] if found else 0
    if not 0 < value <= _LONGEST_S:
        raise ValueError(
            _("{text!r} is not a span of time (expected such as 30m, 6h or 2d, at most 366d)").format(text=text)
        )
    return value


def quiet_hours(text: str) -> dict[str, str]:
    """Return quiet_hours and quiet_hours_zone of "01:00-06:30" (Beijing time) or "22:00-04:00 Europe/Berlin"."""
    span, _, zone = text.strip().partition(" ")
    zone = zone.strip() or ZONE
    try:
        QuietHours.parse(span, zone)
    except ValueError as error:
        raise ValueError(str(error).partition(": ")[2]) from None
    return {"quiet_hours": span, "quiet_hours_zone": zone}


def whole_number(text: str) -> int:
    """Return a whole number from 1."""
    try:
        number = int(text.strip())
    except ValueError:
        number = 0
    if number < 1:
        raise ValueError(_("{text!r} is not a whole number from 1").format(text=text))
    return number


def labels(text: str) -> list[str]:
    """Return the labels of a list with commas, semicolons or spaces between them."""
    found = [label for label in re.split(r"[\s,，;；]+", text.strip()) if label]
    if wrong := next((label for label in found if not _LABEL.match(label)), None):
        raise ValueError(_("the label {wrong!r} is longer than 40 characters").format(wrong=wrong[:60]))
    return list(dict.fromkeys(found))


def words(text: str) -> str:
    """Return an owner or notes on one line."""
    found = " ".join(text.split())
    if len(found) > MOST_NOTES:
        raise ValueError(_("longer than {most_notes} characters").format(most_notes=MOST_NOTES))
    return found


def control_changes(given: dict[str, str]) -> dict[str, Any]:
    """Return the fields of a site's control that named texts mean; "" clears a field.

    Names: labels, owner, notes, interval, quiet_hours, daily_budget. Raises ValueError that begins with the name.
    """
    changes: dict[str, Any] = {}
    for name, text in given.items():
        try:
            changes |= _changes(name, text)
        except ValueError as error:
            raise ValueError(f"{name}: {error}") from None
    return changes


def _changes(name: str, text: str) -> dict[str, Any]:
    is_empty = not text.strip()
    if name == "interval":
        return {"interval_s": None if is_empty else seconds(text)}
    if name == "daily_budget":
        return {name: None if is_empty else whole_number(text)}
    if name == "quiet_hours":
        return {"quiet_hours": None, "quiet_hours_zone": None} if is_empty else quiet_hours(text)
    if name == "labels":
        return {name: labels(text) or None}
    return {name: words(text) or None}
