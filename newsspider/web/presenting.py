"""Templates in two languages, and how values are shown in them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from jinja2 import ChainableUndefined, Environment, PackageLoader
from markupsafe import Markup

from newsspider import __version__
from newsspider.mongo.articles.documents import short_id
from newsspider.printable import printable
from newsspider.text.zone import BEIJING
from newsspider.web.asking import LANGUAGES, Question
from newsspider.web.words import counter, translator

STYLE_VERSION: Final = __version__
SPANS: Final = ((86_400, "d", "天"), (3_600, "h", "小时"), (60, "min", "分钟"), (1, "s", "秒"))


class Presenter:
    """Renders templates in the language of a question."""

    def __init__(self) -> None:
        self._environments = {language: _environment(language) for language in LANGUAGES}

    def page(self, question: Question, template: str, values: Mapping[str, Any]) -> str:
        """Return the HTML of a page."""
        other = next(language for language in LANGUAGES if language != question.language)
        query = {name: value for name, value in question.parameters.items() if name != "lang"}
        return (
            self._environments[question.language]
            .get_template(template)
            .render(
                **values,
                question=question,
                link=question.link,
                language=question.language,
                other_language=other,
                other_link=_same(question, {**query, "lang": other}),
                json_link=_same(question, query, suffix=".json"),
            )
        )


def _same(question: Question, query: Mapping[str, str], suffix: str = "") -> str:
    """Return the address of the page that is shown, with other parameters."""
    from urllib.parse import quote, urlencode

    path = quote("/search" if question.path == "/" and suffix else question.path, safe="/:@,~!$&'()*+;=-._")
    return f"{path}{suffix}?{urlencode(query)}" if query else f"{path}{suffix}"


def _environment(language: str) -> Environment:
    environment = Environment(
        loader=PackageLoader("newsspider.web"),
        autoescape=True,
        undefined=ChainableUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    say = translator(language)
    filters: dict[str, Callable[..., Any]] = {
        "time": shown_time,
        "day": shown_day,
        "stamp": stamp,
        "number": shown_number,
        "share": shown_share,
        "span": lambda value: span(value, language),
        "article_path": article_path,
        "clean": printable,
    }
    environment.filters.update(filters)
    environment.globals.update(_=say, counted=counter(language), version=STYLE_VERSION, svg=Markup)
    return environment


def article_path(article: Mapping[str, Any]) -> str:
    """Return the path of an article's page."""
    return f"/articles/{article.get('short_id') or short_id(str(article['_id']))}"


def shown_time(moment: datetime | None) -> str:
    """Return a time in Beijing time; "" for None."""
    return moment.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M") if moment else ""


def shown_day(moment: datetime | None) -> str:
    return moment.astimezone(BEIJING).strftime("%Y-%m-%d") if moment else ""


def stamp(moment: datetime | None) -> str:
    """Return a time for the attribute `datetime`."""
    return moment.astimezone(BEIJING).isoformat(timespec="seconds") if moment else ""


def shown_number(value: object) -> str:
    """Return a number with its thousands apart; "" for what is none."""
    return f"{value:,.0f}" if isinstance(value, int | float) else ""


def shown_share(value: object) -> str:
    """Return a share in per cent; "" for what is none."""
    return f"{value:.0%}" if isinstance(value, int | float) else ""


def span(seconds: float | timedelta | None, language: str) -> str:
    """Return a length of time in its largest unit: 3 h."""
    if seconds is None:
        return ""
    value = seconds.total_seconds() if isinstance(seconds, timedelta) else float(seconds)
    sign, value = ("-" if value < 0 else ""), abs(value)
    for length, english, chinese in SPANS:
        if value >= length:
            return f"{sign}{value / length:.3g} {chinese if language == 'zh' else english}"
    return f"0 {SPANS[-1][2] if language == 'zh' else SPANS[-1][1]}"
