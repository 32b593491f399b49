"""Page classes of site files, by registered domain."""

from __future__ import annotations

from scrapy.settings import BaseSettings
from scrapy.spiderloader import get_spider_loader

from newsspider.cli.extraction import PageClasses
from newsspider.site_spider import SiteSpider
from newsspider.urls import registered_domain


def site_spiders(settings: BaseSettings) -> dict[str, type[SiteSpider]]:
    """Return the site files' spiders by name; those without configuration, such as `news`, have no seeds."""
    loader = get_spider_loader(settings)
    spiders = {name: loader.load(name) for name in loader.list()}
    return {name: spider for name, spider in spiders.items() if issubclass(spider, SiteSpider) and spider.seeds}


def site_page_classes(settings: BaseSettings) -> PageClasses:
    """Return page classes by registered domain."""
    return {
        registered_domain(address): spider.page_class
        for spider in site_spiders(settings).values()
        for address in (*spider.seeds, *(spider.allowed_domains or ()))
    }
