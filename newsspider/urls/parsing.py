"""URL parsing by the URL Standard (https://url.spec.whatwg.org), as browsers do it."""

from __future__ import annotations

import atexit
from functools import lru_cache

import can_ada


def parse_url(url: str, base: str = "") -> can_ada.URL | None:
    """Return `url`, resolved against `base` where it is relative; None unless it is an http(s) URL with a host."""
    parsed: can_ada.URL | None
    try:
        parsed = can_ada.parse(url)
    except ValueError:
        parsed = _joined(base, url) if base else None
    except TypeError:  # a lone surrogate, which the standard replaces before parsing
        return parse_url(url.encode("utf-16", "surrogatepass").decode("utf-16", "replace"), base)
    is_web = parsed is not None and parsed.protocol in ("http:", "https:") and parsed.hostname not in ("", ".")
    return parsed if is_web else None


def host_of(parsed: can_ada.URL) -> str:
    """Return the host in its ASCII form, an IPv6 address without brackets, without the dot of a rooted name."""
    return parsed.hostname.strip("[]").rstrip(".")


def _joined(base: str, url: str) -> can_ada.URL | None:
    parsed = _base(base)
    try:
        return parsed + url if parsed is not None else None
    except ValueError:
        return None


@lru_cache(maxsize=256)
def _base(base: str) -> can_ada.URL | None:
    try:
        return can_ada.parse(base)
    except (ValueError, TypeError):
        return None


# the library prints on stderr which of its objects outlive it
atexit.register(_base.cache_clear)
