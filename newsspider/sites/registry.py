"""One truth about a site: what its site file says, looked up by the host of a URL in every crawl and command."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Self, cast
from urllib.parse import urlsplit

from scrapy import Spider
from scrapy.settings import SETTINGS_PRIORITIES, BaseSettings
from scrapy.spiderloader import get_spider_loader

from newsspider.errors import NewsspiderError
from newsspider.pages.article import ArticlePage
from newsspider.pages.document import Document
from newsspider.pages.listing import ListingPage
from newsspider.sites.blocks import block_names
from newsspider.sites.selectors import selector_problems
from newsspider.sites.site_file import SiteFile
from newsspider.sites.site_settings import SITE_SETTINGS, setting_problems, site_values
from newsspider.urls import registered_domain

# hosts whose rules are remembered: a crawl of any site meets hosts without end
MOST_HOSTS = 50_000
_SLOT_PARTS = {"DOWNLOAD_DELAY": "delay", "CONCURRENT_REQUESTS_PER_DOMAIN": "concurrency"}


class SiteFileError(NewsspiderError, ValueError):
    """A site file that cannot be used; the message is one line that names it."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SiteRules:
    """What holds for a site; `name` is None where no site file knows it.

    `article` and `listing` are searched in the whole URL. `blocks` is "all", "none", or the names of the related blocks
    that are followed. `settings` has the settings that differ for this site, by name.
    """

    name: str | None
    domains: tuple[str, ...]
    page_for: Callable[[Document], ArticlePage]
    listing_class: type[ListingPage]
    article: re.Pattern[str] | None
    listing: re.Pattern[str] | None
    more_url: str | None
    more_first_page: int
    depth: int | None
    blocks: str | frozenset[str]
    settings: Mapping[str, Any]

    @classmethod
    def of(cls, file: type[SiteFile], overruled: frozenset[str] = frozenset()) -> Self:
        """Return the rules of `file` without the settings in `overruled`. Raises SiteFileError."""
        if problem := next(rule_problems(file), None):
            raise SiteFileError(f"site file {_name_of(file)}: {problem}")
        domains = file.domains()
        values = site_values(_custom(file)) if domains else {}
        return cls(
            name=_name_of(file) if domains else None,
            domains=domains,
            # without its __init__: a spider of its own may ask for arguments
            page_for=file.__new__(file).page_for,
            listing_class=file.listing_class,
            article=re.compile(file.article_pattern) if file.article_pattern else None,
            listing=re.compile(file.listing_pattern) if file.listing_pattern else None,
            more_url=file.more_url,
            more_first_page=file.more_first_page,
            depth=file.depth,
            blocks=block_names(file.follow_related),
            settings={name: value for name, value in values.items() if name not in overruled},
        )


def rule_problems(file: type[SiteFile]) -> Iterator[str]:
    """Yield a line for every attribute of a site file that cannot be meant."""
    for name in ("article_pattern", "listing_pattern"):
        pattern = getattr(file, name)
        try:
            if pattern is not None:
                re.compile(pattern)
        except (re.error, TypeError) as error:
            yield f"{name} {pattern!r}: {error}"
    try:
        block_names(file.follow_related)
    except (ValueError, AttributeError) as error:
        yield f"follow_related: {error}"
    yield from selector_problems(file.page_class)
    if file.domains():
        yield from setting_problems(_custom(file))


def _custom(file: type[SiteFile]) -> Mapping[str, Any]:
    return getattr(file, "custom_settings", None) or {}


def _name_of(file: type[SiteFile]) -> str:
    return str(getattr(file, "name", None) or file.__name__)


class SiteRegistry:
    """The rules of all sites that have a site file. Where files share a host, the first by name holds.

    `general` holds for every other site; a spider for any site may be given for that. `overruled` are settings that
    the command line gives for all sites.
    """

    def __init__(
        self,
        files: Iterable[type[SiteFile]] = (),
        general: type[SiteFile] = SiteFile,
        overruled: frozenset[str] = frozenset(),
    ) -> None:
        self.general = SiteRules.of(general)
        self._by_domain: dict[str, SiteRules] = {}
        self._by_site: dict[str, list[SiteRules]] = defaultdict(list)
        self._by_host: dict[str, SiteRules] = {}
        self.conflicts: list[str] = []
        for file in files:
            self._add(SiteRules.of(file, overruled))

    def _add(self, rules: SiteRules) -> None:
        for domain in rules.domains:
            holder = self._by_domain.setdefault(domain, rules)
            if holder is not rules:
                self.conflicts.append(f"{rules.name}: {domain} belongs to the site file {holder.name} already")
        for site in {registered_domain(domain) for domain in rules.domains}:
            self._by_site[site].append(rules)

    @classmethod
    def of(cls, settings: BaseSettings, running: type[Spider] | None = None) -> Self:
        """Return the registry of the project's site files, and of the spider that is running. Raises SiteFileError.

        A running spider comes before the others, if it is a site file; if it is for any site, its attributes are those
        of the sites without a site file.
        """
        loader = get_spider_loader(settings)
        found = [loader.load(name) for name in sorted(loader.list())]
        first = [running] if running is not None else []
        others = [file for file in found if file not in first]
        files = [file for file in (*first, *others) if issubclass(file, SiteFile)]
        is_general = running is not None and issubclass(running, SiteFile) and not running.domains()
        general = cast(type[SiteFile], running) if is_general else SiteFile
        least = SETTINGS_PRIORITIES["cmdline"]
        overruled = frozenset(name for name in SITE_SETTINGS if (settings.getpriority(name) or 0) >= least)
        return cls([file for file in files if file.domains()], general, overruled)

    def of_url(self, url: str) -> SiteRules:
        """Return the rules for the host of `url`: those of the longest domain that it is, or is below of."""
        if not self._by_domain:
            return self.general
        try:
            host = (urlsplit(url).hostname or "").lower()
        except ValueError:
            return self.general
        return self.of_host(host)

    def of_host(self, host: str) -> SiteRules:
        """Return the rules for `host`, without a port."""
        if (remembered := self._by_host.get(host)) is not None:
            return remembered
        labels = host.lower().rstrip(".").split(".")
        names = (".".join(labels[start:]) for start in range(len(labels)))
        rules = next((self._by_domain[name] for name in names if name in self._by_domain), self.general)
        if len(self._by_host) < MOST_HOSTS:
            self._by_host[host] = rules
        return rules

    def of_site(self, site: str) -> list[SiteRules]:
        """Return the rules of the site files about hosts of `site` (a registered domain), possibly several."""
        return self._by_site.get(site, [])

    def sister_sites(self, site: str) -> set[str]:
        """Return `site` and the sites that its site files name beside it."""
        domains = (domain for rules in self.of_site(site) for domain in rules.domains)
        return {site, *(registered_domain(domain) for domain in domains)}

    def is_left_out(self, url: str) -> bool:
        """Return True if the site of `url` has site files, and none of them is about its host."""
        return bool(self.of_site(registered_domain(url))) and self.of_url(url) is self.general

    def value(self, url: str, name: str) -> Any:
        """Return the setting `name` where the site of `url` has one of its own, None where it has not."""
        return self.of_url(url).settings.get(name)

    def slot_settings(self, host: str) -> dict[str, float]:
        """Return the delay and the concurrency that the site file of `host` asks for, as in DOWNLOAD_SLOTS."""
        values = self.of_host(host).settings
        return {part: values[name] for name, part in _SLOT_PARTS.items() if name in values}

    def asks_for(self, name: str) -> bool:
        """Return True if a site file switches the setting `name` on."""
        return any(rules.settings.get(name) for rules in self._by_domain.values())
