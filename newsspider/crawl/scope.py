"""Which sites and hosts a crawl may ask."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from urllib.parse import urlsplit

from newsspider.crawl.request_context import RequestContext
from newsspider.sites.registry import SiteRegistry
from newsspider.urls import registered_domain


class CrawlScope:
    """The sites of a crawl: those of its seeds, or the site file's `allowed_domains`, and those added on the way."""

    def __init__(
        self,
        seed_urls: Iterable[str],
        allowed_domains: Sequence[str],
        *,
        follows_offsite: bool,
        trusts_seeds: bool,
        files: SiteRegistry | None = None,
    ) -> None:
        """Take the sites of `seed_urls`; `allowed_domains` come before them.

        `follows_offsite`: one hop beyond the sites is allowed. `trusts_seeds`: typed hosts may have private addresses.
        `files` say which further sites belong to one, and which of its hosts do not.
        """
        self._files = files or SiteRegistry()
        hosts = {url: (urlsplit(url).hostname or "").lower() for url in seed_urls}
        self.sites: set[str] = set()
        for url in hosts:
            self.adopt_site(registered_domain(url))
        self._typed_hosts = set(hosts.values())
        self.trusted_hosts: set[str] = set(hosts.values()) if trusts_seeds else set()
        self._allowed_domains = tuple(allowed_domains)
        self._follows_offsite = follows_offsite
        self._trusts_seeds = trusts_seeds

    def adopt_site(self, site: str) -> None:
        """Add a site, that of a page to revisit or where a seed redirects to, with those its site file names."""
        self.sites |= self._files.sister_sites(site)

    def trust_host(self, url: str) -> None:
        """Let the host of `url`, typed in an earlier run, have a private address."""
        if self._trusts_seeds:
            self.trusted_hosts.add((urlsplit(url).hostname or "").lower())

    def contains(self, url: str, context: RequestContext) -> bool:
        """Return True if `url`, a link on the page of `context`, belongs to the crawl.

        On a page one hop beyond the sites every link does if such hops are allowed; its caller limits the depth.
        """
        if self._is_outside(url):
            return context.is_offsite and self._follows_offsite
        return True

    def _is_outside(self, url: str) -> bool:
        if self._allowed_domains:
            return not is_in_domains(url, self._allowed_domains)
        if registered_domain(url) not in self.sites:
            return True
        return self._files.is_left_out(url) and urlsplit(url).hostname not in self._typed_hosts


def is_in_domains(url: str, domains: Iterable[str]) -> bool:
    """Return True if the host of `url` is one of `domains` or below one; False for a broken URL."""
    try:
        host = (urlsplit(url).hostname or "").lower()
    except ValueError:
        return False
    return any(host == domain or host.endswith("." + domain) for domain in domains)


def is_same_port(url: str, page_url: str) -> bool:
    """Return True if both URLs are served on the same port: another is another service."""
    return _port(url) == _port(page_url)


def _port(url: str) -> int:
    parts = urlsplit(url)
    return parts.port or (443 if parts.scheme == "https" else 80)


def is_home(url: str) -> bool:
    """Return True if `url` is the front page of a host."""
    parts = urlsplit(url)
    return parts.path in ("", "/") and not parts.query
