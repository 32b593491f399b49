"""Exit codes and summaries out of a crawl's stats."""

from __future__ import annotations

from typing import Any

import pytest

from newsspider.extensions.progress import progress_line
from newsspider.extensions.summary import exit_code, failures, summary

GOOD = {
    "finish_reason": "finished",
    "scheduler/enqueued": 4,
    "pages/listing": 1,
    "pages/article": 3,
    "articles/new": 2,
    "articles/unchanged": 1,
    "downloader/request_count": 5,
    "downloader/response_status_count/200": 5,
    "elapsed_time_seconds": 2.0,
}


@pytest.mark.parametrize("reason", ["finished", "sample", "max_pages", "shutdown", "closespider_timeout"])
def test_a_crawl_that_did_its_work_is_0(reason: str) -> None:
    assert exit_code(GOOD | {"finish_reason": reason}) == 0


@pytest.mark.parametrize(
    "change",
    [
        {"finish_reason": "mongo_unavailable"},
        {"finish_reason": "start_error"},
        {"finish_reason": "recording_unusable"},
        {"store/spooled": 1},
        {"store/failed": 1},
        {"items/failed": 1},
        {"spider_exceptions/count": 1},
        {"replay/missing": 2, "replay/missing_requests": ["GET http://a.example/", "GET http://b.example/"]},
        {"replay/corrupt": 1},
        {"record/failed": 1},
    ],
)
def test_what_failed_or_was_lost_is_1_and_said(change: dict[str, Any]) -> None:
    assert exit_code(GOOD | change) == 1
    assert failures(GOOD | change)


def test_every_request_that_a_recording_lacks_is_named() -> None:
    missing = ["GET http://a.example/", "POST http://b.example/"]
    lines = failures(GOOD | {"replay/missing": 2, "replay/missing_requests": missing})
    assert all(any(request in line for line in lines) for request in missing)


@pytest.mark.parametrize(
    ("stats", "said"),
    [
        (
            {"downloader/exception_type_count/scrapy.exceptions.CannotResolveHostError": 3},
            "CannotResolveHostError (3x)",
        ),
        ({"downloader/response_status_count/404": 1}, "404 (1x)"),
        ({"robotstxt/forbidden": 1}, "robots.txt disallows every page"),
        ({"robotstxt/unreachable/http://a.example": "HTTP 503"}, "http://a.example (HTTP 503)"),
        ({}, "no response"),
    ],
)
def test_a_dead_site_is_one_line(stats: dict[str, Any], said: str) -> None:
    dead = {"finish_reason": "finished", "scheduler/enqueued": 1, **stats}
    assert exit_code(dead) == 1
    assert len(failures(dead)) == 1
    assert said in failures(dead)[0]


def test_a_robots_txt_that_cannot_be_had_is_told_beside_what_was_stored() -> None:
    unreachable = {f"robotstxt/unreachable/http://{name}.example": "HTTP 503" for name in "abcdefg"}
    stats = GOOD | unreachable
    assert exit_code(stats) == 0
    lines = [line for line in summary(stats, "x") if "robots.txt" in line]
    assert len(lines) == 1
    assert lines[0].endswith("http://e.example (HTTP 503) and 2 more")


def test_listings_that_did_not_change_are_no_failure() -> None:
    assert (
        exit_code({"finish_reason": "finished", "scheduler/enqueued": 1, "downloader/response_status_count/304": 1})
        == 0
    )


def test_summary_counts_what_was_stored_and_dropped() -> None:
    lines = summary(GOOD | {"validate/dropped/no_text": 2, "dedupe/duplicate": 1}, "mongodb://h/ database x")
    assert lines[0] == "2 new, 0 changed, 1 unchanged articles (1 copies of others) in mongodb://h/ database x"
    assert "an article stored" not in lines[1]
    assert lines[2] == "not stored: 2 no_text"


def test_requests_an_article_are_told_of_crawls_for_new_articles() -> None:
    counts = {"downloader/request_count": 12, "articles/new": 10, "pages/article": 10}
    assert "1.20 requests per stored article" in summary(counts, "x")[1]
    revisit = counts | {"articles/new": 6, "articles/changed": 4}
    assert "an article stored" not in summary(revisit, "x")[1]


def test_summary_names_lists_that_were_not_read_to_their_end() -> None:
    cut = {f"listings/cut/https://a.example/list_{n}.html": 1 for n in range(6)}
    lines = summary(GOOD | {**cut, "more/not_understood/https://a.example/api": 2}, "x")
    assert lines[-1] == (
        "listings not read to the end because a limit was reached: "
        + ", ".join(f"https://a.example/list_{n}.html" for n in range(5))
        + " and 1 more; load-more responses not understood: https://a.example/api"
    )


def test_summary_says_that_nothing_was_found() -> None:
    lines = summary({"finish_reason": "finished", "scheduler/enqueued": 1, "pages/listing": 1}, "x")
    assert lines[-1] == "no article was found on these pages"


def test_progress_line() -> None:
    line = progress_line(GOOD, 75.2, 3.14159)
    assert line == "1:15 4 pages (3.1/s), 3 articles: 2 new, 0 changed, 0 duplicate, 0 errors"
