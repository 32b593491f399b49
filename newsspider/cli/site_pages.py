"""The site files, for commands."""

from __future__ import annotations

import re

from scrapy.exceptions import UsageError
from scrapy.settings import BaseSettings
from scrapy.spiderloader import get_spider_loader

from newsspider.site_spider import SiteSpider
from newsspider.sites.registry import SiteFileError, SiteRegistry
from newsspider.urls import registered_domain

NOT_IN_MODULE = re.compile(r"[^a-z0-9]+")


def module_name(url: str) -> str:
    """Return the module that a site's file is in: its registered domain with underscores."""
    name = NOT_IN_MODULE.sub("_", registered_domain(url)).strip("_")
    return name if name[:1].isalpha() else f"site_{name}"


def site_spiders(settings: BaseSettings) -> dict[str, type[SiteSpider]]:
    """Return the site files' spiders by name; those without configuration, such as `news`, have no seeds."""
    loader = get_spider_loader(settings)
    spiders = {name: loader.load(name) for name in loader.list()}
    return {name: spider for name, spider in spiders.items() if issubclass(spider, SiteSpider) and spider.seeds}


def site_registry(settings: BaseSettings) -> SiteRegistry:
    """Return the rules of all sites. Raises UsageError, one line, for a site file that cannot be used."""
    try:
        return SiteRegistry.of(settings)
    except SiteFileError as error:
        raise UsageError(str(error), print_help=False) from None
