"""The days that a plot shows: ?since=, ?until=, ?site=."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Final

from newsspider.mongo.daily.figures import DailyFigures, Span
from newsspider.sites.control import day_of
from newsspider.urls import registered_domain
from newsspider.web.asking import BadQuestionError, Question

USUAL_DAYS, MOST_DAYS = 30, 1_100
PRESETS: Final = (7, 30, 90, 365)


def chosen_site(question: Question) -> str | None:
    """Return the registered domain of ?site=."""
    site = question.text("site", 300)
    return registered_domain(site) if site else None


def chosen_span(question: Question, figures: DailyFigures) -> Span:
    """Return the days that are asked for, else the last 30 up to the last with articles. Raises BadQuestionError."""
    site = chosen_site(question)
    until = question.day("until")
    if until is None:
        known = min(figures.last_day(site) or day_of(question.now), day_of(question.now))
        until = date.fromisoformat(known)
    since = question.day("since") or until - timedelta(days=USUAL_DAYS - 1)
    if since > until:
        raise BadQuestionError("since: later than until")
    if (until - since).days > MOST_DAYS:
        raise BadQuestionError(f"since: at most {MOST_DAYS} days are shown at once")
    return Span(since.isoformat(), until.isoformat(), site)


def days_of(span: Span) -> list[str]:
    """Return all days of a span."""
    first, last = date.fromisoformat(span.first), date.fromisoformat(span.last)
    return [(first + timedelta(days=at)).isoformat() for at in range((last - first).days + 1)]


def span_values(question: Question, figures: DailyFigures, span: Span) -> dict[str, Any]:
    """Return what the form above a plot shows."""
    last = date.fromisoformat(span.last)
    presets = [
        (days, question.link(question.path, site=span.site, until=span.last, since=last - timedelta(days=days - 1)))
        for days in PRESETS
    ]
    return {"span": span, "presets": presets, "first_day": figures.first_day(span.site)}
