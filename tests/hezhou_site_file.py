"""A site file for `library_site`, read with `-s SPIDER_MODULES=newsspider.spiders,tests.hezhou_site_file`."""

from __future__ import annotations

from typing import Any, ClassVar

from newsspider.pages.article import ArticlePage
from newsspider.site_spider import SiteSpider


class HezhouPage(ArticlePage):
    """Leaves out the first paragraph, so that its text differs from what the general rules find."""

    body_selector = "div.content > p + p"


class HezhouSpider(SiteSpider):
    name = "hezhou"
    allowed_domains = ("127.0.0.1",)
    seeds = ("http://127.0.0.1/news/",)
    page_class = HezhouPage
    follow_related = "none"
    custom_settings: ClassVar[dict[str, Any]] = {"REVISIT_LISTING_S": 7200, "MAX_LISTING_PAGES": 2}
