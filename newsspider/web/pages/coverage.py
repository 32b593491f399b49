"""Coverage: articles per day and site, how long after publication they were seen, how often each field is there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from markupsafe import Markup

from newsspider.mongo.daily.expressions import COUNTED_FIELDS
from newsspider.mongo.daily.figures import DailyFigures, DayFigures, Span, delays_of, weeks_of
from newsspider.mongo.server.types import Document
from newsspider.web.answers import Answer
from newsspider.web.asking import Question
from newsspider.web.pages.spans import chosen_span, days_of, span_values
from newsspider.web.plots.charts import Series, bars, heat_map
from newsspider.web.presenting import span as said_span
from newsspider.web.words import translator

# sites with a colour of their own; all others share the last
COLOURED: Final = 8
# longer spans are shown by weeks
MOST_BARS: Final = 100


def coverage_page(question: Question) -> Answer:
    """Return three plots of the chosen days."""
    figures = DailyFigures(question.archive.database)
    span = chosen_span(question, figures)
    remember = question.remembered.answer
    sites = remember(("sites", span), lambda: figures.sites(span))
    by_day = remember(("days", span), lambda: figures.by_day(span))
    delays, weeks = delays_of(by_day), weeks_of(by_day)
    shown = [row["site"] for row in sites[:COLOURED]]
    of_sites = figures.days(span, shown)
    labels, series = _series(question, span, (by_day, of_sites), shown, has_others=len(sites) > COLOURED)
    say = translator(question.language)
    values = {
        **span_values(question, figures, span),
        "sites": sites,
        "coloured": COLOURED,
        "totals": {name: sum(row[name] for row in sites) for name in ("articles", "copies", "undated")},
        "series": series,
        "days": bars(say("Articles per day"), _spoken(question, sites), labels, series) if sites else None,
        "delays": _delays(question, delays) if sites else None,
        "fields": _fields(question, weeks) if weeks else None,
        "weeks": weeks,
        "delay_rows": delays,
        "field_names": COUNTED_FIELDS,
    }
    document = {
        "first": span.first,
        "last": span.last,
        "sites": sites,
        "days": [{"day": one.day, "articles": one.articles, "copies": one.copies} for one in by_day],
        "days_of_sites": of_sites,
        "delays": [{"within_s": limit, "articles": count} for limit, count in delays],
        "weeks": weeks,
    }
    return Answer("coverage.html", values, document)


def _series(
    question: Question,
    span: Span,
    counted: tuple[Sequence[DayFigures], Sequence[Document]],
    shown: Sequence[str],
    *,
    has_others: bool,
) -> tuple[list[str], list[Series]]:
    """Return the labels below the bars and the series of each shown site, and of all others.

    `counted` are the figures of all sites by day, and the rows of the shown ones.
    """
    days = days_of(span)
    by_week = len(days) > MOST_BARS
    label_of = {day: _week(day) if by_week else day[5:] for day in days}
    labels = list(dict.fromkeys(label_of.values()))
    counts: dict[str, dict[str, int]] = {site: dict.fromkeys(labels, 0) for site in shown}
    totals = dict.fromkeys(labels, 0)
    for one in counted[0]:
        totals[label_of[one.day]] += one.articles
    for row in counted[1]:
        counts[row["site"]][label_of[row["day"]]] += row["articles"]
    series = [Series(site, [counts[site][at] for at in labels]) for site in shown]
    if has_others:
        rest = [totals[at] - sum(counts[site][at] for site in shown) for at in labels]
        series.append(Series(translator(question.language)("other sites"), rest))
    return labels, series


def _week(day: str) -> str:
    year, week, _ = date.fromisoformat(day).isocalendar()
    return f"{year}-W{week:02}"


def _spoken(question: Question, sites: Sequence[Document]) -> str:
    """Return what the plot of days says, for those who do not see it."""
    say = translator(question.language)
    total = sum(row["articles"] for row in sites)
    most = ", ".join(f"{row['site']} {row['articles']:,}" for row in sites[:3])
    return say("{total} articles; most from {most}.").format(total=f"{total:,}", most=most)


def _delays(question: Question, delays: Sequence[tuple[int | None, int]]) -> Markup:
    say = translator(question.language)
    labels = delay_labels(delays, question.language)
    counts = [count for _, count in delays]
    text = ", ".join(f"{name}: {count:,}" for name, count in zip(labels, counts, strict=True))
    return bars(say("From publication to first sight"), text, labels, [Series(say("articles"), counts)])


def delay_labels(delays: Sequence[tuple[int | None, int]], language: str) -> list[str]:
    """Return the names of the steps: ≤ 5 min, ..., > 7 d."""
    limits = [limit for limit, _ in delays if limit is not None]
    return [f"≤ {said_span(limit, language)}" for limit in limits] + [f"> {said_span(limits[-1], language)}"]


def _fields(question: Question, weeks: Sequence[Mapping[str, Any]]) -> Markup:
    say = translator(question.language)
    shares = [[week["fields"][name] / max(1, week["articles"]) for week in weeks] for name in COUNTED_FIELDS]
    said = [[f"{share:.0%}" for share in row] for row in shares]
    names = [say(name) for name in COUNTED_FIELDS]
    text = say("Share of the articles of each week that have a field; darker is more.")
    return heat_map(say("Fields by week"), text, names, [str(week["week"]) for week in weeks], shares, said)
