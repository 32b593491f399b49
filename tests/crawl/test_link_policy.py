"""Order and limits of links."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from newsspider.crawl.link_rules import is_before, is_block_followed, is_farm, is_stale
from newsspider.crawl.priorities import article_priority, listing_priority
from newsspider.crawl.scope import is_home, is_in_domains

NOW = datetime(2024, 4, 26, 2, 0, tzinfo=UTC)
SITE = "https://www.linhe-news.example"


def test_newer_before_older_listed_before_listing_before_related_and_deeper_last():
    order = [
        article_priority(NOW - timedelta(hours=1), NOW, 9),
        article_priority(NOW - timedelta(days=2), NOW, 0),
        article_priority(NOW - timedelta(days=900), NOW, 0),
        listing_priority(1, 0),
        listing_priority(2, 0),
        listing_priority(1, 1),
        article_priority(NOW, NOW, 0, depth=1),
        article_priority(None, NOW, 0, depth=1),
        article_priority(NOW, NOW, 0, depth=2),
    ]
    assert order == sorted(order, reverse=True)
    assert len(set(order)) == len(order)


@pytest.mark.parametrize(
    ("published_at", "path", "expected"),
    [
        (NOW - timedelta(days=3), "/1.html", True),
        (NOW, "/2020/0101/1.html", False),
        (None, "/2024/0420/1.html", True),
        (None, "/2024/0425/1.html", False),
        (None, "/2024-04/1.html", False),
        (None, "/1.html", False),
    ],
)
def test_since_goes_by_the_date_shown_then_by_the_address(published_at, path, expected):
    assert is_before(NOW - timedelta(days=1), published_at, SITE + path) is expected


def test_related_links_into_the_past_are_stale_only_beyond_the_age_limit():
    year = timedelta(days=365)
    link = (SITE + "/a.html", NOW - timedelta(days=400))
    assert is_stale(*link, NOW, year)
    assert not is_stale(*link, NOW - timedelta(days=100), year)
    assert not is_stale(*link, None, year)
    assert not is_stale(*link, NOW, timedelta())


def test_blocks_are_chosen_by_name_in_either_script():
    assert is_block_followed("all", "推荐阅读")
    assert not is_block_followed("none", "推荐阅读")
    assert is_block_followed(frozenset({"推荐阅读"}), "推薦閱讀")
    assert not is_block_followed(frozenset({"相关阅读"}), "推荐阅读")


def test_domains_hold_their_subdomains_and_no_lookalikes():
    assert is_in_domains(SITE, ["linhe-news.example"])
    assert not is_in_domains("https://evil-linhe-news.example/", ["linhe-news.example"])
    assert not is_in_domains("https://[broken/", ["linhe-news.example"])


def test_only_the_root_is_a_front_page():
    assert is_home(SITE)
    assert is_home(SITE + "/")
    assert not is_home(SITE + "/?p=1")
    assert not is_home(SITE + "/yaowen/")


@pytest.mark.parametrize(
    ("paths", "expected"),
    [
        (["/go/1", "/go/2", "/go/3"], True),
        (["/in?u=7", "/go/x", "/go/1", "/go/2", "/go/3"], True),
        (["/a/10001.html", "/a/10002.html"], False),  # an article that moved once
        (["/r?u=7", "/a/10001.html", "/m/a/10001.html"], False),
        (["/a/10001.html", "/a/10001.html?from=x", "/a/10001.html?spm=y"], False),  # one address, dressed anew
    ],
)
def test_redirects_that_lead_on_through_one_url_pattern_are_a_farm(paths: list[str], expected: bool) -> None:
    assert is_farm([SITE + path for path in paths]) is expected
