"""What is known of the sites of a crawl: what identifies a URL, and what is likely to be found there."""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable
from urllib.parse import urlsplit

from newsspider.crawl.leased.key_sets import KeySet
from newsspider.crawl.site_knowledge.mirror_hosts import MirrorHosts
from newsspider.crawl.site_knowledge.refusing_hosts import RefusingHosts
from newsspider.crawl.site_knowledge.url_patterns import LISTING, UrlPatterns
from newsspider.crawl.site_knowledge.usual_pages import UsualPages
from newsspider.downloadermiddlewares.fetch_rules import RobotsFailure
from newsspider.sites.registry import SiteRegistry
from newsspider.urls import article_likelihood, registered_domain

# probability from which a URL counts as an article's
SURE_ARTICLE = 0.5
# probability below which a link is not followed: tags, search, login
LEAST_LIKELIHOOD = 0.12


class SiteKnowledge:
    """URL patterns by site, mirror hosts, and what the site files say of their URLs."""

    def __init__(self, sites: SiteRegistry | None = None) -> None:
        self.patterns: dict[str, UrlPatterns] = {}
        self.mirrors = MirrorHosts()
        self.refusing = RefusingHosts()
        self._usual_pages: dict[str, UsualPages] = {}
        self.robots_sitemaps: dict[str, list[str]] = {}
        # by scheme and host: what earlier runs found, and what this run did (None: it can be had again)
        self.robots_failures: dict[str, RobotsFailure] = {}
        self.new_robots_failures: dict[str, RobotsFailure | None] = {}
        self._sites = sites or SiteRegistry()
        self._mirror_keys = KeySet()
        self.learnt: set[str] = set()  # sites of which what is stored has been read

    def forget(self, site: str, held: Container[str]) -> None:
        """Forget a site whose turn is over, and what links to sites that are not `held` have left."""
        for other in {site, *(other for other in self.patterns if other not in held)}:
            self.patterns.pop(other, None)
            self._usual_pages.pop(other, None)
            self.learnt.discard(other)
        self._mirror_keys.forget(site)
        self.mirrors.forget(site)
        self.refusing.forget(site)
        for host in [host for host in self.robots_sitemaps if registered_domain(f"http://{host}/") == site]:
            del self.robots_sitemaps[host]

    def patterns_of(self, url: str) -> UrlPatterns:
        """Return what is known of the URLs of the site of `url`."""
        return self.patterns.setdefault(registered_domain(url), UrlPatterns())

    def usual_pages(self, url: str) -> UsualPages:
        """Return what the article pages of the site of `url` have in common."""
        return self._usual_pages.setdefault(registered_domain(url), UsualPages())

    def doubts(self) -> dict[str, dict[str, list[str]]]:
        """Return what this run doubted, by site: digest -> keys."""
        found = ((site, usual.doubts()) for site, usual in self._usual_pages.items())
        return {site: doubts for site, doubts in found if doubts}

    def key_of(self, url: str) -> str:
        """Return the identity of a URL: its article key without session tokens, on the host that mirrors share."""
        return self.mirrors.folded(self.own_key(url))

    def own_key(self, url: str) -> str:
        """Return the identity of a URL on its own host."""
        return self.patterns_of(url).identity(url)

    def is_new_mirror_key(self, own_key: str) -> bool:
        """Return True the first time that it is asked for the own key of a URL on a mirror host."""
        if own_key == self.mirrors.folded(own_key) or own_key in self._mirror_keys:
            return False
        self._mirror_keys.add(own_key)
        return True

    def learn_alias(self, url: str, known: str) -> None:
        """Learn that the page at `url` is the article known at `known`."""
        self.patterns_of(url).learn_alias(url, known)
        self.mirrors.learn_alias(url, known)

    def saw_headlines(self, links: Iterable[tuple[str, str]], first_hosts: Collection[str]) -> None:
        """Learn mirror hosts from (URL, headline) of links; a mirror's host gives way to one of `first_hosts`."""
        for url, title in sorted(links, key=lambda link: urlsplit(link[0]).hostname not in first_hosts):
            self.mirrors.saw_headline(url, title)

    def listing_read(self, url: str, unseen: int, first_page_key: str, first_shown: int, *, is_first: bool) -> None:
        """Learn that `url` is a page of the listing `first_page_key`.

        It shows `unseen` articles that no earlier run knew, and `first_shown` that this run had not come across.
        """
        self.patterns_of(url).record(url, LISTING, unseen)
        first = f"http://{first_page_key}"
        self.patterns_of(first).listing_read(first, first_shown, is_begun=is_first)

    def is_named_article(self, url: str) -> bool:
        """Return True if the site file says that `url` is an article's."""
        pattern = self._sites.of_url(url).article
        return pattern is not None and pattern.search(url) is not None

    def is_named_listing(self, url: str) -> bool:
        """Return True if the site file says that `url` is a listing's."""
        pattern = self._sites.of_url(url).listing
        return pattern is not None and pattern.search(url) is not None

    def names_articles(self, url: str) -> bool:
        """Return True if the site file of `url` says which URLs are articles'."""
        return self._sites.of_url(url).article is not None

    def likelihood(self, url: str) -> float:
        """Return the probability (0 to 1) that `url` is an article's."""
        return self.patterns_of(url).predict(url)

    def may_be_article(self, url: str) -> bool:
        """Return True if the site's experience or the look of `url` says that it is an article's.

        Faults may have made the experience worse than the look.
        """
        return max(self.likelihood(url), article_likelihood(url)) >= SURE_ARTICLE
