"""What site files say, by the host of a URL."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest
from scrapy.utils.project import get_project_settings

from newsspider.crawl.budget import CrawlLimits, SiteLimits
from newsspider.crawl.request_context import RequestContext
from newsspider.crawl.scope import CrawlScope
from newsspider.frontier.pace import pace_by_site
from newsspider.pages.article import ArticlePage
from newsspider.pages.document import Document
from newsspider.render.meta import renders
from newsspider.site_spider import SiteSpider
from newsspider.sites.registry import SiteFileError, SiteRegistry
from newsspider.sites.site_settings import setting_problems


class RiverPage(ArticlePage):
    """Of the paper."""


class OtherPage(ArticlePage):
    """Of its second layout."""


class RiverSpider(SiteSpider):
    name = "river"
    seeds = ("https://www.river.example/",)
    allowed_domains = ("www.river.example", "cdn-river.example")
    article_pattern = r"/a/\d+"
    follow_related = "相关阅读"
    depth = 1
    page_class = RiverPage
    custom_settings: ClassVar[dict[str, Any]] = {
        "DOWNLOAD_DELAY": 5.0,
        "REVISIT_LISTING_S": 7200,
        "MAX_LISTING_PAGES": 3,
        "RENDER": True,
        "MAX_PAGES": 9,
    }

    def page_for(self, document: Document) -> ArticlePage:
        return OtherPage(document) if "/old/" in document.url else self.page_class(document)


class RiverFinanceSpider(SiteSpider):
    name = "river_finance"
    seeds = ("https://finance.river.example/",)
    allowed_domains = ("finance.river.example",)


REGISTRY = SiteRegistry([RiverFinanceSpider, RiverSpider])
ARTICLE = "https://www.river.example/a/1"


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://www.river.example/a/1", "river"),
        ("http://www.River.example:8080/", "river"),
        ("https://img.cdn-river.example/", "river"),
        ("https://finance.river.example/x", "river_finance"),
        ("https://river.example/", None),
        ("https://notriver.example/", None),
        ("http://[broken/", None),
    ],
)
def test_the_longest_domain_of_a_host_has_the_rules(url: str, name: str | None) -> None:
    assert REGISTRY.of_url(url).name == name


def test_a_site_with_several_layouts_chooses_its_page_in_every_crawl() -> None:
    layouts = {"/a/1": RiverPage, "/old/1": OtherPage}
    for path, page_class in layouts.items():
        document = Document.from_text("<p>x</p>", f"https://www.river.example{path}", None)  # type: ignore[arg-type]
        assert type(REGISTRY.of_url(document.url).page_for(document)) is page_class


def test_sites_that_belong_together_are_in_scope_and_hosts_of_no_file_are_not() -> None:
    scope = CrawlScope([ARTICLE], (), follows_offsite=False, trusts_seeds=True, files=REGISTRY)
    link = RequestContext(kind="article")
    assert scope.contains("https://cdn-river.example/a/2", link)
    assert scope.contains("https://finance.river.example/a/3", link)
    assert not scope.contains("https://shop.river.example/", link)
    typed = CrawlScope(["https://shop.river.example/"], (), follows_offsite=False, trusts_seeds=True, files=REGISTRY)
    assert typed.contains("https://shop.river.example/b", link)


def test_limits_pace_and_rendering_are_those_of_the_site() -> None:
    settings = get_project_settings()
    run = CrawlLimits.of(settings, RiverSpider().arguments, None, None)
    limits = SiteLimits(run, REGISTRY, is_depth_asked=False)
    assert (limits.of(ARTICLE).related_depth, limits.of(ARTICLE).listing_pages) == (1, 3)
    assert limits.of("https://elsewhere.example/") == run
    assert SiteLimits(run, REGISTRY, is_depth_asked=True).of(ARTICLE).related_depth == run.related_depth
    pace_of = pace_by_site(settings, REGISTRY)
    assert (pace_of(ARTICLE).listing_s, pace_of("https://elsewhere.example/").listing_s) == (7200, 900)
    assert REGISTRY.slot_settings("www.river.example") == {"delay": 5.0}
    settings.set("RENDER_SITES", True)
    assert renders(settings, REGISTRY, ARTICLE)
    assert not renders(settings, REGISTRY, "https://elsewhere.example/")


def test_the_command_line_comes_before_site_files() -> None:
    settings = get_project_settings()
    settings.set("DOWNLOAD_DELAY", 0, priority="cmdline")
    registry = SiteRegistry.of(settings, RiverSpider)
    assert registry.slot_settings("www.river.example") == {}
    assert registry.value(ARTICLE, "REVISIT_LISTING_S") == 7200


def test_a_spider_of_a_site_leaves_the_settings_of_other_sites_alone() -> None:
    settings = get_project_settings()
    RiverSpider.update_settings(settings)
    assert (settings["DOWNLOAD_DELAY"], settings["MAX_PAGES"], settings["RENDER_SITES"]) == (1.0, 9, True)


def test_two_files_for_a_host_are_told() -> None:
    class Second(RiverSpider):
        name = "second"

    registry = SiteRegistry([RiverSpider, Second])
    assert registry.conflicts[0] == "second: www.river.example belongs to the site file river already"
    assert registry.of_url(ARTICLE).name == "river"


@pytest.mark.parametrize(
    ("attribute", "value", "told"),
    [
        ("article_pattern", "(", "site file broken: article_pattern '('"),
        ("follow_related", "all,相关", "follow_related: 'all,相关' mixes"),
        ("custom_settings", {"ITEM_PIPELINES": {}}, "ITEM_PIPELINES is not a setting of one site"),
        ("custom_settings", {"DOWNLOAD_DELAY": "soon"}, "DOWNLOAD_DELAY: 'soon' is not a number"),
    ],
)
def test_a_site_file_that_cannot_be_meant_is_refused(attribute: str, value: object, told: str) -> None:
    broken = type("Broken", (RiverSpider,), {"name": "broken", attribute: value})
    with pytest.raises(SiteFileError, match=r"^site file broken: ") as error:
        SiteRegistry([broken])
    assert told in str(error.value)


@pytest.mark.parametrize(
    ("custom", "is_fine"),
    [
        ({"RENDER": True, "QUIET_HOURS": "01:00-06:30", "MAX_SECONDS": 60}, True),
        ({"RENDER": "yes"}, False),
        ({"QUIET_HOURS": "night"}, False),
        ({"MAX_LISTING_PAGES": 2.5}, False),
        ({"DOWNLOAD_DELAY": -1}, False),
        ({"DOWNLOAD_DELAY": float("inf")}, False),
        ({"CONCURRENT_REQUESTS_PER_DOMAIN": 0}, False),
        ({"DOWNLOAD_DELAY": True}, False),
    ],
)
def test_settings_of_a_site_are_checked(custom: dict[str, Any], is_fine: bool) -> None:
    assert (list(setting_problems(custom)) == []) is is_fine
