"""Retry-After as the HTTP standard has it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from scrapy.http import Response

from newsspider.downloadermiddlewares.retry import retry_after_s

NOW = datetime(2024, 4, 26, 2, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120.0),
        (" 7 ", 7.0),
        ("Fri, 26 Apr 2024 02:01:30 GMT", 90.0),
        ("Fri, 26 Apr 2024 01:00:00 GMT", 0.0),
        ("soon", None),
        ("-5", None),
        ("", None),
        (None, None),
    ],
)
def test_retry_after_is_read_as_seconds_or_date(header, seconds):
    response = Response("http://www.linhe-news.example/", headers={"Retry-After": header} if header is not None else {})
    assert retry_after_s(response, NOW) == seconds
