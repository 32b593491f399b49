"""When a listing is worth another page."""

from __future__ import annotations

from newsspider.frontier.pagination import PATIENCE, PagerProgress


def test_a_ranking_that_shows_the_next_pages_does_not_end_the_list():
    chain = PagerProgress()
    fresh = set("abcdefgh")
    assert chain.goes_on("abcdef", fresh)
    assert chain.goes_on("cdef", fresh)
    assert chain.goes_on("efcd", fresh)
    assert chain.goes_on("ghcdef", fresh)


def test_the_same_links_in_the_same_order_are_the_end():
    chain = PagerProgress()
    assert chain.goes_on("abc", set("abc"))
    assert not chain.goes_on("abc", set("abc"))


def test_pages_that_only_shuffle_are_followed_for_a_while():
    chain = PagerProgress()
    pages = ["abc", "acb", "bac", "bca", "cab"]
    assert [chain.goes_on(page, set("abc")) for page in pages] == [True] * (PATIENCE + 1) + [False]


def test_empty_pages_are_forgiven_for_a_while():
    chain = PagerProgress()
    assert [chain.goes_on("", ()) for _ in range(PATIENCE + 1)] == [True] * PATIENCE + [False]


def test_one_new_article_on_every_page_does_not_lead_through_the_archive():
    chain = PagerProgress()
    assert chain.goes_on("abcx", {"x"})
    assert not chain.goes_on("defx", {"x"})


def test_nothing_new_ends_the_list_unless_a_run_broke_off():
    assert not PagerProgress().goes_on("abc", ())
    assert PagerProgress().goes_on("abc", (), is_resumed=True)
