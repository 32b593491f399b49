"""DNS answers that point into a private network are no answers, except for hosts that were typed."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from scrapy.resolver import CachingThreadedResolver
from twisted.internet.defer import Deferred
from twisted.internet.error import DNSLookupError

from newsspider.urls import is_public_address

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scrapy.crawler import Crawler
    from twisted.internet.base import ReactorBase

logger = logging.getLogger(__name__)


class PublicAddressResolver(CachingThreadedResolver):
    """Checks every answer, cached ones too, right where the connection takes it from: rebinding has no gap to use.

    The trusted hosts are TRUSTED_HOSTS and the spider's `trusted_hosts` (its seeds).
    """

    crawler: Crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler, reactor: ReactorBase) -> PublicAddressResolver:
        resolver = super().from_crawler(crawler, reactor)
        resolver.crawler = crawler
        return resolver

    def getHostByName(self, name: str, timeout: Sequence[int] = ()) -> Deferred[str]:
        answer: Deferred[Any] = super().getHostByName(name, timeout)
        answer.addCallback(self._checked, name)
        return answer

    def _checked(self, address: str, name: str) -> str:
        if is_public_address(address) or name.lower() in trusted_hosts(self.crawler):
            return address
        if self.crawler.stats is not None:
            self.crawler.stats.inc_value("links/skipped/private_address")
        logger.warning("%s has the private address %s and is no seed: not asked", name, address)
        raise DNSLookupError(f"{name} has a private address")


def trusted_hosts(crawler: Crawler) -> set[str]:
    """Return the hosts that may have a private address: the spider's seeds and the TRUSTED_HOSTS setting."""
    hosts = {host.lower() for host in crawler.settings.getlist("TRUSTED_HOSTS")}
    return hosts | getattr(crawler.spider, "trusted_hosts", set())
