"""When a listing is worth another page."""

from __future__ import annotations

from newsspider.frontier.pagination import PATIENCE, PagerProgress


def test_a_ranking_that_shows_the_next_pages_does_not_end_the_list():
    pager = PagerProgress()
    unseen = set("abcdefgh")
    assert pager.is_moving("abcdef", unseen)
    assert pager.is_moving("cdef", unseen)
    assert pager.is_moving("efcd", unseen)
    assert pager.is_moving("ghcdef", unseen)


def test_the_same_links_in_the_same_order_are_the_end():
    pager = PagerProgress()
    assert pager.is_moving("abc", set("abc"))
    assert not pager.is_moving("abc", set("abc"))


def test_pages_that_only_shuffle_are_followed_for_a_while():
    pager = PagerProgress()
    pages = ["abc", "acb", "bac", "bca", "cab"]
    assert [pager.is_moving(page, set("abc")) for page in pages] == [True] * (PATIENCE + 1) + [False]


def test_empty_pages_are_forgiven_for_a_while():
    pager = PagerProgress()
    assert [pager.is_moving("", ()) for _ in range(PATIENCE + 1)] == [True] * PATIENCE + [False]


def test_one_new_article_on_every_page_does_not_lead_through_the_archive():
    pager = PagerProgress()
    assert pager.is_moving("abcx", {"x"})
    assert not pager.is_moving("defx", {"x"})


def test_nothing_new_ends_the_list_unless_a_run_broke_off():
    assert not PagerProgress().is_moving("abc", ())
    assert PagerProgress().is_moving("abc", (), is_resumed=True)
