"""`scrapy stats disk`: the size of the database, and a forecast."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from typing import Any, Final

from newsspider.cli.console import print_rows
from newsspider.messages import _
from newsspider.mongo.upkeep.disk import DiskUse

COLUMNS: Final = ("collection", "documents", "data", "on disk", "indexes", "per document")
FORECAST_DAYS: Final = (30, 90, 365)
UNITS: Final = (("TB", 1e12), ("GB", 1e9), ("MB", 1e6), ("KB", 1e3))


def size(value: float) -> str:
    """Return a number of bytes for a person; 1 KB is 1,000 bytes."""
    unit, factor = next(((unit, factor) for unit, factor in UNITS if value >= factor), ("B", 1))
    return f"{value / factor:.0f} {unit}" if unit == "B" or value >= 100 * factor else f"{value / factor:.1f} {unit}"


def print_disk(use: DiskUse, retention: Mapping[str, int]) -> None:
    """Print a table of the collections and what follows from it."""
    print_rows(
        COLUMNS,
        (
            (
                found.name,
                found.documents,
                size(found.data),
                size(found.storage),
                size(found.indexes),
                size(found.on_disk / found.documents) if found.documents else "",
            )
            for found in use.collections
        ),
    )
    for line in forecast(use, retention):
        print(line, file=sys.stderr if not sys.stdout.isatty() else sys.stdout)


def forecast(use: DiskUse, retention: Mapping[str, int]) -> Iterator[str]:
    """Yield the lines below the table: bytes per article, growth per day, forecast, retention."""
    yield _("{on_disk} on disk for {articles} articles: {bytes_per_article} per article in all").format(
        on_disk=size(use.on_disk), articles=use.articles, bytes_per_article=size(use.bytes_per_article)
    )
    if use.days:
        yield (
            _("{new_per_day:.1f} new articles per day over {days} days: {growth_per_day} per day").format(
                new_per_day=use.new_per_day, days=use.days, growth_per_day=size(use.growth_per_day)
            )
        )
        parts = (_("{size} in {days} days").format(size=size(use.after(days)), days=days) for days in FORECAST_DAYS)
        yield _("at this pace: {parts}").format(parts=", ".join(parts))
    else:
        yield _("no forecast: no article is a day old yet")
    if use.disk_free is not None and use.disk_total is not None:
        full = (
            _(", full in {full_in_days:.0f} days").format(full_in_days=use.full_in_days)
            if use.full_in_days is not None
            else ""
        )
        yield _("{disk_free} of {disk_total} of the server's disk are free{full}").format(
            disk_free=size(use.disk_free), disk_total=size(use.disk_total), full=full
        )
    kept = ", ".join(
        _("{name} {days} days").format(name=name, days=days) for name, days in sorted(retention.items()) if days
    )
    yield _("kept: {kept} (RETENTION_DAYS)").format(kept=kept or _("everything"))


def as_json(use: DiskUse) -> dict[str, Any]:
    """Return the figures as JSON holds them; sizes in bytes."""
    return {
        "collections": [
            {
                "name": found.name,
                "documents": found.documents,
                "data": found.data,
                "on_disk": found.storage,
                "indexes": found.indexes,
            }
            for found in use.collections
        ],
        "articles": use.articles,
        "on_disk": use.on_disk,
        "bytes_per_article": round(use.bytes_per_article),
        "new_articles_per_day": round(use.new_per_day, 2),
        "measured_days": use.days,
        "growth_per_day": round(use.growth_per_day),
        "forecast": {str(days): round(use.after(days)) for days in FORECAST_DAYS} if use.days else None,
        "disk_total": use.disk_total,
        "disk_free": use.disk_free,
        "full_in_days": round(use.full_in_days, 1) if use.full_in_days is not None else None,
    }
