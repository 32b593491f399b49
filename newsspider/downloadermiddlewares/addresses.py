"""Private addresses: refused by name, by number and after the name was resolved."""

from __future__ import annotations

import logging
import unicodedata
from typing import TYPE_CHECKING, Any, Final

from scrapy.resolver import CachingThreadedResolver
from scrapy.utils.httpobj import urlparse_cached
from twisted.internet.defer import Deferred
from twisted.internet.error import DNSLookupError

from newsspider.downloadermiddlewares.fetch_rules import CONTEXT_KEY, fetch_rules
from newsspider.downloadermiddlewares.refusals import RefusedError, SkipReason
from newsspider.urls import ip_of, is_public_ip

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from twisted.internet.base import ReactorBase

logger = logging.getLogger(__name__)

LOCAL_NAMES: Final = (
    *(".localhost", ".local", ".internal", ".localdomain", ".lan", ".intranet", ".home.arpa", ".home", ".corp"),
    ".private",
)


class AddressMiddleware:
    """Refuses requests to addresses that are not of the public internet, unless their host was typed as a seed.

    The first line, for addresses written in the URL; the second is the resolver, the third the address that answered.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> AddressMiddleware:
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        parts = urlparse_cached(request)
        if parts.scheme in ("data", "file") and not request.meta.get(CONTEXT_KEY):
            return
        if parts.scheme not in ("http", "https"):
            raise RefusedError(SkipReason.SCHEME, f"{parts.scheme}: is not followed: {request.url[:200]}")
        host = (parts.hostname or "").lower()
        if is_private_host(host) and not is_trusted(host, self.crawler):
            raise RefusedError(SkipReason.PRIVATE_ADDRESS, f"{request.url} is on a private network and no seed")

    def process_response(self, request: Request, response: Response) -> Response:
        address = response.ip_address
        if address is None or request.meta.get("proxy") or is_public_ip(str(address)):
            return response
        if is_trusted(urlparse_cached(request).hostname or "", self.crawler):
            return response
        raise RefusedError(SkipReason.PRIVATE_ADDRESS, f"{request.url} was answered by the private address {address}")


def is_private_host(host: str) -> bool:
    """Return True if `host` names this machine or its network: a local name, or an IP address however it is written.

    `127.1`, `2130706433`, `0x7f.1` and `0177.0.0.1` are all the address that the system's resolver makes of them. A
    final dot makes no difference, and a name without any other dot is one of the local network.
    """
    host = _plain(host)
    if not host or host.endswith(LOCAL_NAMES):
        return True
    ip = ip_of(host)
    return not is_public_ip(ip) if ip is not None else "." not in host


def _plain(host: str) -> str:
    """Return `host` in lower case and ASCII digits, without final dots."""
    return unicodedata.normalize("NFKC", host).replace("。", ".").lower().rstrip(".")


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
        if is_public_ip(address) or not crawlers or any(is_trusted(name, crawler) for crawler in crawlers):
            return address
        for crawler in crawlers:
            crawler.stats.inc_value(SkipReason.PRIVATE_ADDRESS.stat)
        logger.warning("%s has the private address %s and was not typed: not fetched", name, address)
        raise DNSLookupError(f"{name} has a private address")


def is_trusted(host: str, crawler: Crawler) -> bool:
    """Return True if `host` may have a private address: a seed, one of TRUSTED_HOSTS, or typed into the shell."""
    rules = fetch_rules(crawler)
    if rules is None:
        return True
    trusted = (*rules.trusted_hosts, *crawler.settings.getlist("TRUSTED_HOSTS"))
    return _plain(host) in {_plain(name) for name in trusted}
