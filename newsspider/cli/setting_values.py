"""Validation of settings before a crawl begins."""

from __future__ import annotations

import math
from dataclasses import fields

from scrapy.settings import BaseSettings

from newsspider import settings as defaults
from newsspider.alarms.sending import alert_problem
from newsspider.alarms.wording import LANGUAGES
from newsspider.messages import _
from newsspider.mongo.schema import Retention
from newsspider.mongo.stories.stories import KEEP
from newsspider.render.addon import render_problem
from newsspider.sites.quiet_hours import QuietHours

AT_LEAST_ONE = (
    *("CONCURRENT_REQUESTS", "CONCURRENT_REQUESTS_PER_DOMAIN", "STORE_BATCH_SIZE", "MAX_ARTICLE_PARTS"),
    *("RENDER_CONCURRENCY", "RENDER_TIMEOUT_S", "PAGE_ARCHIVE_FILE_MB"),
)
TIMES = ("_S", "_MS", "TIMEOUT", "DELAY")
# dicts of Scrapy's own kind are checked where their classes are loaded
OWN_DICTS = ("RETENTION_DAYS",)


def wrong_setting(settings: BaseSettings) -> str | None:
    """Return what is wrong with the first setting that cannot be used, None where all can."""
    for name, default in vars(defaults).items():
        if name.isupper() and (problem := _problem(settings, name, default)):
            return f"{name}: {problem}"
    if settings["DEDUPE_KEEP"] not in KEEP:
        return _("DEDUPE_KEEP: {value!r} is not one of {known}").format(
            value=settings["DEDUPE_KEEP"], known=", ".join(KEEP)
        )
    if settings["ALERT_LANGUAGE"] not in LANGUAGES:
        return _("ALERT_LANGUAGE: {value!r} is not one of {known}").format(
            value=settings["ALERT_LANGUAGE"], known=", ".join(LANGUAGES)
        )
    if problem := alert_problem(settings["ALERT_URLS"]):
        return f"ALERT_URLS: {problem}"
    try:
        QuietHours.parse(settings["QUIET_HOURS"], settings["QUIET_HOURS_TIME_ZONE"])
    except ValueError as error:
        return str(error)
    return render_problem(settings)


def _problem(settings: BaseSettings, name: str, default: object) -> str | None:
    """Return why the value of a setting is not of its default's type, None where it is."""
    value = settings[name]
    try:
        if isinstance(default, bool):
            settings.getbool(name)
        elif isinstance(default, int | float):
            is_whole = isinstance(default, int) and not name.endswith(TIMES)
            return _wrong_number(value, is_whole=is_whole, least=int(name in AT_LEAST_ONE))
        elif name in OWN_DICTS:
            known = {part.name for part in fields(Retention)}
            days = settings.getdict(name)
            if unknown := sorted(days.keys() - known):
                return _("{unknown!r} is not one of {known}").format(unknown=unknown[0], known=", ".join(sorted(known)))
            wrong = (_wrong_number(number, is_whole=True, least=0) for number in days.values())
            return next(filter(None, wrong), None)
    except (ValueError, TypeError):
        return (
            _("{value!r} is not yes or no (1, 0)") if isinstance(default, bool) else _("{value!r} is not a JSON object")
        ).format(value=value)
    return None


def _wrong_number(value: object, *, is_whole: bool, least: int) -> str | None:
    try:
        number = int(str(value)) if is_whole and not isinstance(value, float) else float(str(value))
    except ValueError:
        return (_("{value!r} is not a whole number") if is_whole else _("{value!r} is not a number")).format(
            value=value
        )
    return (
        None
        if math.isfinite(number) and number >= least
        else _("{value} is too small or too large").format(value=value)
    )
