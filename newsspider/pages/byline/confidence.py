"""How sure the fields of a page are: from the method that found them, and from who else says the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final

from newsspider.pages.byline.byline import Byline
from newsspider.text import fold
from newsspider.text.dates import Published
from newsspider.text.zone import BEIJING

# The share of right values by method on pages of sites that the rules were not written with, smoothed by one right and
# one wrong; methods too rare to count stand with their likes.
_TITLE: Final = {"h1": 0.93, "h2": 0.9, "h3": 0.85, "h4": 0.8, "h5": 0.75, "h6": 0.7, "line": 0.8, "looks": 0.75}
_HEAD_TITLE: Final = {"json-ld": 0.8, "meta": 0.6, "title": 0.5}
_SOURCE: Final = {"header": 0.96, "trailer": 0.9, "account": 0.85, "meta": 0.8, "title": 0.8}
_AUTHORS: Final = {
    "header": 0.92,
    "header, unlabelled": 0.8,
    "body line": 0.88,
    "inline": 0.92,
    "signature": 0.8,
    "bare line": 0.65,
    "trailer": 0.75,
    "card": 0.6,
}
_TIME: Final = {
    "header": 0.95,
    "header, as in the address": 0.93,
    "after the text": 0.85,
    "inside the text": 0.8,
    "json-ld": 0.94,
    "meta": 0.9,
    "microdata": 0.9,
    "time element": 0.88,
    "script": 0.8,
    "feed": 0.85,
    "news sitemap": 0.85,
    "listing": 0.75,
    "url": 0.75,
}
_LEAST: Final = 0.5
_LABELLED_TIME: Final = 0.98
_EDITED_TIME: Final = 0.6
_WITHOUT_YEAR: Final = 0.6
_RELATIVE: Final = {"second": 0.8, "minute": 0.8, "day": 0.5}
# What an agreeing finding leaves of the doubt, and a contradicting one of the certainty.
_AGREEMENT: Final = 0.4
_CONTRADICTION: Final = 0.85
_NEAR: Final = timedelta(days=1)
_RIVAL: Final = 1.0


def confidence(byline: Byline) -> dict[str, float]:
    """Return field -> certainty (0 to 1) of the source, authors and published_at that were found."""
    found = {
        "source": source_confidence(byline) if byline.source else None,
        "authors": authors_confidence(byline) if byline.authors else None,
        "published_at": time_confidence(byline) if byline.published else None,
    }
    return {name: round(value, 2) for name, value in found.items() if value is not None}


def title_confidence(text: str, method: str, *, is_shown: bool, candidates: Sequence[tuple[str, float, str]]) -> float:
    """Return the certainty of a headline: its level, whether the head agrees, how far the next line is behind.

    `candidates` are (text, score, method), best first; `is_shown` is False for a headline from the page's head alone.
    """
    place, _, agreeing = method.partition(" and ")
    if not is_shown:
        return _HEAD_TITLE.get(place, _LEAST)
    value = _TITLE.get(place, _LEAST)
    if agreeing:
        value = _more(value)
    rivals = [score for other, score, _ in candidates[1:] if fold(other) not in fold(text)]
    if candidates and rivals and candidates[0][1] - rivals[0] < _RIVAL:
        value *= _CONTRADICTION
    return round(value, 2)


def source_confidence(byline: Byline) -> float:
    """Return the certainty of a source: its place, and other places that name it or another."""
    method = byline.methods.get("source", "")
    return _weighed(byline, "source", {byline.source or ""}, _by_method(_SOURCE, method), method)


def authors_confidence(byline: Byline) -> float:
    """Return the certainty of the authors: their place, and other places that name them."""
    method = byline.methods.get("authors", "")
    return _weighed(byline, "authors", set(byline.authors), _by_method(_AUTHORS, method), method)


def time_confidence(byline: Byline) -> float:
    """Return the certainty of the time: its place, whether it is labelled and whole, and machine-readable times."""
    method, moment = byline.methods.get("published_at", ""), byline.published
    if moment is None:
        return 0.0
    if method.endswith(", updated"):
        return _EDITED_TIME
    value = _LABELLED_TIME if byline.is_time_labelled and method == "header" else _by_method(_TIME, method)
    if method.endswith(" and machine time"):
        return _more(value)
    if moment.extent == "relative":
        value = min(value, _RELATIVE[moment.precision])
    elif moment.extent == "no year":
        value = min(value, _WITHOUT_YEAR)
    others = [other for other, place in byline.times if place != method]
    if any(_agree(moment, other) for other in others):
        return _more(value)
    return value * _CONTRADICTION if others else value


def _agree(moment: Published, other: Published) -> bool:
    if "day" in (moment.precision, other.precision):
        return moment.at.astimezone(BEIJING).date() == other.at.astimezone(BEIJING).date()
    return abs(moment.at - other.at) <= _NEAR


def _weighed(byline: Byline, field: str, values: set[str], value: float, method: str) -> float:
    """Return a certainty made larger or smaller by what other places give for a field."""
    known = {fold(name) for name in values}
    others = [name for kind, name, place in byline.candidates if kind == field and place != method]
    if any(fold(name) in known for name in others):
        return _more(value)
    return value * _CONTRADICTION if others else value


def _by_method(table: Mapping[str, float], method: str) -> float:
    plain = method.removesuffix(" and machine time")
    return table.get(plain) or table.get(plain.partition(" ")[0], _LEAST)


def _more(value: float) -> float:
    return 1.0 - _AGREEMENT * (1.0 - value)
