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


REFUSED = GOOD | {
    "answers/www.luchuan.example": 20,
    "rejected/answers/www.luchuan.example/blocked": 8,
    "rejected/evidence/www.luchuan.example/blocked/安全验证": 1,
    "rejected/given_up/www.luchuan.example/blocked": 3,
}
LINE = "www.luchuan.example answered 8 of 20 requests with a challenge or a refusal (安全验证): "


def refusals(stats: dict[str, Any]) -> list[str]:
    return [line for line in summary(stats, "x") if " answered " in line]


def test_refusals_are_one_line_per_host_with_their_number_reason_and_remedy() -> None:
    remedy = "try later, with a longer DOWNLOAD_DELAY"
    assert refusals(REFUSED) == [LINE + remedy]
    scripts = REFUSED | {"rejected/scripts/www.luchuan.example": 1}
    assert refusals(scripts) == [f"{LINE}{remedy}, or RENDER=1, which runs its scripts"]
    passed = {name: value for name, value in REFUSED.items() if "given_up" not in name}
    assert refusals(passed) == [LINE + "asked once more it gave the pages"]
    assert [exit_code(stats) for stats in (REFUSED, scripts, passed)] == [0, 0, 0]


def test_several_kinds_of_refusals_are_told_apart_the_most_frequent_first() -> None:
    (line,) = refusals(REFUSED | {"rejected/answers/www.luchuan.example/empty": 9})
    assert "17 of 20 requests 9 with a blank page (), 8 with a challenge or a refusal (安全验证)" in line


def test_a_crawl_that_was_refused_altogether_failed() -> None:
    nothing = {name: value for name, value in REFUSED.items() if not name.startswith("articles/")}
    assert failures(nothing) == [LINE + "try later, with a longer DOWNLOAD_DELAY"]
    assert len(refusals(nothing)) == 1
    assert exit_code(nothing) == exit_code(REFUSED | {"rejected/seeds/www.luchuan.example": 1}) == 1


def test_disputed_readings_are_counted() -> None:
    line = "2 stored articles show something else now: kept as disputed until a second visit agrees"
    assert line in summary(GOOD | {"articles/disputed": 2}, "x")
