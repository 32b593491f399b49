"""Hosts that refuse us: how many answers in a row were not the page that was asked for."""

from __future__ import annotations

from collections import Counter
from typing import Final

from newsspider.urls import registered_domain

# after so many refusals in a row a host is left alone until the next run
MOST_IN_A_ROW: Final = 5


class RefusingHosts:
    """Counts refusals by host; one page that is what was asked for ends the row."""

    def __init__(self) -> None:
        self._in_a_row: Counter[str] = Counter()
        self._told: set[str] = set()
        self._refusing: set[str] = set()

    def refused(self, host: str) -> None:
        self._in_a_row[host] += 1
        self._refusing.add(host)

    def has_refused(self, host: str) -> bool:
        """Return True if the host has refused anything in this run."""
        return host in self._refusing

    def is_new(self, fact: str) -> bool:
        """Return True the first time that it is asked for `fact`."""
        is_new = fact not in self._told
        self._told.add(fact)
        return is_new

    def forget(self, site: str) -> None:
        """Ask the hosts of a site again when its next turn comes."""
        for host in [host for host in self._in_a_row if registered_domain(host) == site]:
            del self._in_a_row[host]

    def answered(self, host: str) -> None:
        self._in_a_row.pop(host, None)

    def is_closed(self, host: str) -> bool:
        """Return True if the host has refused so often that it is not asked any more in this run."""
        return self._in_a_row[host] >= MOST_IN_A_ROW
