"""The stats of several processes as those of one crawl, and what each process is to do."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from scrapy.settings import Settings

from newsspider.cli.processes.merged import merged, shares
from newsspider.cli.processes.parent import orders, worst

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def test_counts_are_added_and_the_last_to_end_says_what_waits():
    first = {
        "articles/new": 3,
        "elapsed_time_seconds": 9.5,
        "finish_reason": "finished",
        "frontier/waiting": 40,
        "start_time": NOON,
        "finish_time": NOON.replace(minute=4),
        "alarms/lines": ["a", "b"],
        "alarms/open": 2,
    }
    second = {
        "articles/new": 4,
        "elapsed_time_seconds": 8.0,
        "finish_reason": "shutdown",
        "frontier/waiting": 7,
        "start_time": NOON.replace(minute=1),
        "finish_time": NOON.replace(minute=5),
        "alarms/lines": ["b"],
        "alarms/open": 1,
        "pages/article": 2,
    }
    for parts in ((first, second), (second, first)):
        stats = merged(parts)
        assert (stats["articles/new"], stats["pages/article"], stats["elapsed_time_seconds"]) == (7, 2, 9.5)
        assert (stats["frontier/waiting"], stats["finish_reason"], stats["start_time"]) == (7, "shutdown", NOON)
        assert (sorted(stats["alarms/lines"]), stats["alarms/open"]) == (["a", "b"], 2)
    assert merged([]) == {}


@pytest.mark.parametrize(
    ("codes", "code"),
    [((0, 0), 0), ((0, 3), 3), ((3, 2), 2), ((2, 1, 0), 1), ((0, -9), 1), ((3, -15), 1), ((0, 120), 1)],
)
def test_the_exit_code_is_the_worst(codes, code):
    assert worst(codes) == code


def test_limits_are_divided_and_ports_are_not_shared():
    settings = Settings({"MAX_PAGES": 0, "MAX_ARTICLES": 0, "RENDER_MAX_PAGES": 0, "METRICS_PORT": 9400}, "project")
    settings.set("MAX_PAGES", 10, "cmdline")
    made = orders("news", {"url": "http://a.example/", "max_articles": "7"}, settings, 3)
    assert [order.settings["MAX_PAGES"] for order in made] == [4, 3, 3]
    assert [order.arguments["max_articles"] for order in made] == ["3", "2", "2"]
    assert [order.settings["METRICS_PORT"] for order in made] == [9400, 9401, 9402]
    assert sum(shares(1000, 7)) == 1000


def test_a_crawl_that_stays_gets_no_limit_that_nobody_has_asked_for():
    settings = Settings({"MAX_PAGES": 20_000}, "project")
    forever, once = ({"due": "1", "forever": "1"}, {"due": "1"})
    assert "MAX_PAGES" not in orders("news", forever, settings, 2)[0].settings
    assert orders("news", once, settings, 2)[0].settings["MAX_PAGES"] == 10_000
