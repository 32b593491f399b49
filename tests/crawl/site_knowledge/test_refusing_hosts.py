"""A host that only refuses is left alone; one page that is what was asked for ends the row."""

from __future__ import annotations

from newsspider.crawl.site_knowledge.refusing_hosts import MOST_IN_A_ROW, RefusingHosts

HOST = "www.luchuan.example"


def test_host_is_closed_after_refusals_in_a_row_and_no_other_host() -> None:
    hosts = RefusingHosts()
    for _ in range(MOST_IN_A_ROW - 1):
        hosts.refused(HOST)
    assert not hosts.is_closed(HOST)
    hosts.refused(HOST)
    assert hosts.is_closed(HOST)
    assert not hosts.is_closed("m.luchuan.example")


def test_page_between_refusals_begins_the_row_anew() -> None:
    hosts = RefusingHosts()
    for _ in range(3 * MOST_IN_A_ROW):
        hosts.refused(HOST)
        hosts.answered(HOST)
    assert not hosts.is_closed(HOST)
    assert hosts.has_refused(HOST) and not hosts.has_refused("m.luchuan.example")


def test_fact_is_new_once() -> None:
    hosts = RefusingHosts()
    assert [hosts.is_new("a"), hosts.is_new("b"), hosts.is_new("a")] == [True, True, False]
