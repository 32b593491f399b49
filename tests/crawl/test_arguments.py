"""Crawl arguments: what is understood, and the one line for what is not."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from newsspider.crawl.arguments import ArgumentError, parse_arguments


@pytest.mark.parametrize(
    ("given", "name", "expected"),
    [
        ({"url": "https://a.example/"}, "urls", ("https://a.example/",)),
        ({"url": "https://a.example/,http://b.example/x"}, "urls", ("https://a.example/", "http://b.example/x")),
        ({"url": "https://a.example/list,2,3.html"}, "urls", ("https://a.example/list,2,3.html",)),
        ({"url": "https://a.example/, https://a.example/ ,"}, "urls", ("https://a.example/",)),
        ({"url": "https://新闻.example/要闻/"}, "urls", ("https://新闻.example/要闻/",)),
        ({"max_articles": "12"}, "max_articles", 12),
        ({"depth": "0"}, "depth", 0),
        ({"sample": "3"}, "sample", 3),
        ({"since": "2024-04-24"}, "since", datetime(2024, 4, 23, 16, 0, tzinfo=UTC)),
        ({"since": "2024-04-24T08:00:00+00:00"}, "since", datetime(2024, 4, 24, 8, 0, tzinfo=UTC)),
        ({"follow_related": "all"}, "follow_related", "all"),
        ({"follow_related": "NONE"}, "follow_related", "none"),
        ({"follow_related": "相关阅读，推荐阅读"}, "follow_related", frozenset({"相关阅读", "推荐阅读"})),
        ({"offsite": "one-hop"}, "is_one_hop_offsite", True),
        ({"due": "1"}, "is_due", True),
        ({"due": "0"}, "is_due", False),
        ({"_job": "abc"}, "urls", ()),
    ],
)
def test_arguments_are_understood(given, name, expected):
    assert getattr(parse_arguments(given), name) == expected


@pytest.mark.parametrize(
    "given",
    [
        {"url": "a.example/x"},
        {"url": "ftp://a.example/"},
        {"url": "https://"},
        {"url": "http://a.example:99999/"},
        {"url": "https://a.example/,nonsense://x"},
        {"max_articles": "0"},
        {"max_articles": "many"},
        {"max_articles": "-3"},
        {"depth": "1.5"},
        {"depth": "999"},
        {"sample": ""},
        {"since": "yesterday"},
        {"since": "2024-13-01"},
        {"follow_related": ""},
        {"follow_related": "all,推荐阅读"},
        {"offsite": "yes"},
        {"due": "perhaps"},
        {"max_article": "5"},
    ],
)
def test_a_wrong_argument_is_one_line_that_names_it(given):
    with pytest.raises(ArgumentError) as error:
        parse_arguments(given)
    message = str(error.value)
    assert "\n" not in message
    assert next(iter(given)) in message


def test_a_site_may_have_arguments_of_its_own():
    assert parse_arguments({"edition": "evening"}, extra=("edition",)).urls == ()
