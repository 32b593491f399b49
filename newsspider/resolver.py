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

    What Scrapy hands over as `crawler` is the process that runs the crawlers.
    """

    process: Any

    @classmethod
    def from_crawler(cls, crawler: Crawler, reactor: ReactorBase) -> PublicAddressResolver:
        resolver = super().from_crawler(crawler, reactor)
        resolver.process = crawler
        return resolver

    def getHostByName(self, name: str, timeout: Sequence[int] = ()) -> Deferred[str]:
        answer: Deferred[Any] = super().getHostByName(name, timeout)
        answer.addCallback(self._checked, name)
        return answer

    def _checked(self, address: str, name: str) -> str:
        crawlers = list(getattr(self.process, "crawlers", [self.process]))
        # a shell's crawler is not among those of the process: what it asks for was typed
        if is_public_address(address) or not crawlers or any(is_trusted(name, crawler) for crawler in crawlers):
            return address
        for crawler in crawlers:
            crawler.stats.inc_value("links/skipped/private_address")
        logger.warning("%s has the private address %s and is no seed: not asked", name, address)
        raise DNSLookupError(f"{name} has a private address")


def is_trusted(host: str, crawler: Any) -> bool:
    """Return whether `host` may have a private address: a seed, one of TRUSTED_HOSTS, or typed into the shell."""
    seeds = getattr(crawler.spider, "trusted_hosts", None)
    if seeds is None:
        return True
    return host.lower() in seeds or host.lower() in {name.lower() for name in crawler.settings.getlist("TRUSTED_HOSTS")}
