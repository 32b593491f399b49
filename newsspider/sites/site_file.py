"""What a site file says about its site, as class attributes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from newsspider.pages.article import ArticlePage
from newsspider.pages.document import Document
from newsspider.pages.listing import ListingPage
from newsspider.urls import registered_domain


class SiteFile:
    """The attributes of a site file; all but `seeds` may be left out.

    They hold for the hosts of `allowed_domains`, else for the registered domains of `seeds`, whichever spider or
    command meets them. `article_pattern` and `listing_pattern` are searched in the whole URL and overrule what the page
    looks like. `more_url` is a load-more URL with `{page}`, for listings whose page does not name it. `follow_related`
    is "all", "none", or names of blocks separated by commas, `depth` how many hops through related links are followed.
    `max_articles` limits the runs of the file's own spider only.
    """

    seeds: ClassVar[Sequence[str]] = ()
    allowed_domains: ClassVar[Sequence[str]] = ()
    article_pattern: ClassVar[str | None] = None
    listing_pattern: ClassVar[str | None] = None
    more_url: ClassVar[str | None] = None
    more_first_page: ClassVar[int] = 2
    max_articles: int | None = None
    depth: int | None = None
    follow_related: str = "all"
    page_class: ClassVar[type[ArticlePage]] = ArticlePage
    listing_class: ClassVar[type[ListingPage]] = ListingPage

    def page_for(self, document: Document) -> ArticlePage:
        """Return the page object of an article; a site with several layouts chooses here.

        It is called outside of crawls as well, so it may read the document and the class, and nothing else.
        """
        return self.page_class(document)

    @classmethod
    def domains(cls) -> tuple[str, ...]:
        """Return the hosts that the file is about, in lower case; none for a spider for any site."""
        named = cls.allowed_domains or [registered_domain(seed) for seed in cls.seeds]
        return tuple(dict.fromkeys(domain.lower().strip(".") for domain in named if domain))
