"""Sets of page keys that can forget those of a site at once."""

from __future__ import annotations

from collections import defaultdict

from newsspider.urls import registered_domain


def site_of_key(key: str) -> str:
    """Return the registered domain of a page's key, which begins with a host."""
    return registered_domain(f"http://{key.partition('/')[0]}/")


class KeySet:
    """Keys of pages, by their hosts."""

    def __init__(self) -> None:
        self._by_host: defaultdict[str, set[str]] = defaultdict(set)

    def __contains__(self, key: str) -> bool:
        return key in self._by_host.get(key.partition("/")[0], ())

    def __len__(self) -> int:
        return sum(map(len, self._by_host.values()))

    def add(self, key: str) -> None:
        self._by_host[key.partition("/")[0]].add(key)

    def discard(self, key: str) -> None:
        self._by_host[key.partition("/")[0]].discard(key)

    def forget(self, site: str) -> None:
        """Take out the keys of all hosts of a site."""
        for host in [host for host in self._by_host if site_of_key(host) == site]:
            del self._by_host[host]
