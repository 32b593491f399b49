"""What may wait and be sent, by the leases that the process holds."""

from __future__ import annotations

import time

import pytest
from scrapy import Request

from newsspider.crawl.leased.held_sites import HeldSite, HeldSites, Standing
from newsspider.crawl.leased.key_sets import KeySet
from newsspider.downloadermiddlewares.fetch_rules import CONTEXT_KEY

SITE = "hekou.example"
URL = "http://www.hekou.example/1.html"


def held_sites(renewed_s_ago: float = 0.0, epoch: int = 1) -> HeldSites:
    held = HeldSites()
    held.switch_on(batch=8, lease_s=60)
    now = time.monotonic()
    held.hold(HeldSite(SITE, epoch, now, now - renewed_s_ago))
    return held


def request(url: str = URL) -> Request:
    return Request(url, meta={CONTEXT_KEY: "any"})


@pytest.mark.parametrize(
    ("renewed_s_ago", "url", "standing"),
    [(0, URL, Standing.SEND), (43, URL, Standing.WAIT), (0, "http://other.example/", Standing.LOST)],
)
def test_only_a_lease_that_was_renewed_in_time_lets_a_request_be_sent(renewed_s_ago, url, standing):
    assert held_sites(renewed_s_ago).standing(request(url)) is standing


def test_without_leases_everything_is_sent():
    assert HeldSites().standing(request()) is Standing.SEND


def test_what_waits_for_a_lease_that_was_lost_is_not_sent_under_the_next_one():
    held, waiting = held_sites(), request()
    assert held.enqueued(waiting)
    held.drop(SITE)
    assert not held.dequeued(waiting, is_begun=False)
    assert not held.enqueued(waiting.replace()), "a retry that comes when the site is held no more"
    now = time.monotonic()
    held.hold(HeldSite(SITE, 2, now, now))
    assert not held.dequeued(waiting, is_begun=False)


def test_a_site_that_is_given_back_finishes_what_it_began_and_begins_nothing():
    held, first, second = held_sites(), request(), request()
    assert held.enqueued(first)
    assert held.enqueued(second)
    site = held.get(SITE)
    assert site is not None
    site.is_drying = True
    assert held.dequeued(first, is_begun=True)
    assert not held.dequeued(second, is_begun=False)
    assert (site.waiting, held.room(SITE)) == (0, 0)


def test_more_is_loaded_below_a_quarter_of_the_next_load_until_there_is_no_more():
    held = held_sites()
    site = held.get(SITE)
    assert site is not None
    assert held.is_low(site)
    site.waiting = 2
    assert not held.is_low(site), "a load is never more than a batch"
    site.waiting, site.is_exhausted = 0, True
    assert not held.is_low(site)
    site.has_overflow = True
    assert held.is_low(site)


def test_keys_of_a_site_are_forgotten_with_all_its_hosts():
    keys = KeySet()
    for key in ("www.hekou.example/1", "news.hekou.example/2", "other.example/3"):
        keys.add(key)
    keys.forget(SITE)
    assert ["www.hekou.example/1" in keys, "news.hekou.example/2" in keys, "other.example/3" in keys] == [0, 0, 1]
    assert len(keys) == 1
