"""Response metadata: fetch time, validators, content type, whether it was rendered."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from scrapy.http import Response

from newsspider import clock
from newsspider.items import FetchedPage

CLOCK_TOLERANCE = timedelta(hours=26)
RENDERED_HEADER = "X-Rendered-By"


def fetched_at(response: Response, *, is_replay: bool = False) -> datetime:
    """Return when the response was sent: its Date header (aware UTC), or now if that is missing or clearly wrong.

    In a replay the Date header is always taken: the result must not depend on the day of the replay.
    """
    now = clock.now()
    raw = (response.headers.get("Date") or b"").decode("latin-1")
    try:
        moment = parsedate_to_datetime(raw)
    except (ValueError, TypeError):
        return now.replace(microsecond=0)
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    if not is_replay and abs(moment - now) > CLOCK_TOLERANCE:
        return now.replace(microsecond=0)
    return moment.astimezone(UTC)


def validators(response: Response) -> dict[str, str]:
    """Return the validators that the response has: etag, last_modified."""
    found = {"etag": response.headers.get("ETag"), "last_modified": response.headers.get("Last-Modified")}
    return {name: value.decode("latin-1") for name, value in found.items() if value}


def fetched_page(response: Response, *, is_replay: bool = False) -> FetchedPage:
    """Return the response as an answer that can be kept."""
    headers = [
        (name.decode("latin-1"), value.decode("utf-8", "replace"))
        for name, values in response.headers.items()
        for value in values
    ]
    moment = fetched_at(response, is_replay=is_replay)
    return FetchedPage(response.url, response.status, headers, response.body, moment)


def content_type(response: Response) -> str | None:
    """Return the Content-Type header as text."""
    raw = response.headers.get("Content-Type")
    return raw.decode("latin-1") if raw else None


def is_rendered(response: Response) -> bool:
    """Return True if a browser ran the page's scripts, in this crawl or when the page was recorded."""
    return RENDERED_HEADER in response.headers
