"""`scrapy checksites`: check the site files; the same check runs as a test."""

from __future__ import annotations

import argparse
import contextlib
import inspect
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from lxml import etree
from lxml.cssselect import CSSSelector
from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from newsspider.cli.console import complain
from newsspider.cli.site_pages import site_spiders
from newsspider.commands.genspider import module_name
from newsspider.pages.article import ArticlePage
from newsspider.recording.cases import META_NAME
from newsspider.site_spider import SiteSpider
from newsspider.sites.registry import SiteRegistry, rule_problems
from newsspider.urls import registered_domain

NAME = re.compile(r"[a-z][a-z0-9_]*\Z")
FIXTURES = Path("fixtures")


class Command(ScrapyCommand):
    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        return "[SITE...]"

    def short_desc(self) -> str:
        return "Check the site files"

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        if self.settings is None:
            raise RuntimeError("checksites runs inside `scrapy`")
        spiders = site_spiders(self.settings)
        unknown = sorted(set(args) - set(spiders))
        if unknown:
            raise UsageError(f"no site file {unknown[0]!r}; there are: {', '.join(sorted(spiders))}", print_help=False)
        conflicts = shared_hosts(spiders)
        for name in args or sorted(spiders):
            problems = [*site_problems(spiders[name], FIXTURES), *conflicts.get(name, ())]
            for problem in problems:
                complain(f"{name}: {problem}")
                self.exitcode = 1
            if not problems:
                print(f"{name}\tok")


def shared_hosts(spiders: Mapping[str, type[SiteSpider]]) -> dict[str, list[str]]:
    """Return by name of a site file a line for each host that another file before it is about."""
    sound = [spiders[name] for name in sorted(spiders) if not any(rule_problems(spiders[name]))]
    found: dict[str, list[str]] = {}
    for line in SiteRegistry(sound).conflicts:
        name, _, words = line.partition(": ")
        found.setdefault(name, []).append(words)
    return found


def site_problems(spider: type[SiteSpider], fixtures: Path) -> Iterator[str]:
    """Yield a line for everything in a site file that cannot work."""
    if not NAME.match(spider.name or ""):
        yield f"name {spider.name!r}: lower-case letters, digits and _ only"
    modules = {module_name(address) for address in (*spider.seeds, *spider.allowed_domains)}
    if spider.__module__.rpartition(".")[2] not in modules:
        yield f"the file should be called {' or '.join(sorted(modules))}.py, for the site's domain"
    for seed in spider.seeds:
        if urlsplit(seed).scheme not in ("http", "https") or not urlsplit(seed).hostname:
            yield f"seed {seed!r} is not an http(s) URL"
    for domain in spider.allowed_domains:
        if "/" in domain or domain != domain.lower():
            yield f"allowed_domains: {domain!r} is no host name"
    yield from rule_problems(spider)
    yield from _named_seeds(spider)
    yield from _own_methods(spider)
    yield from selector_problems(spider.page_class)
    if not any((fixtures / spider.name).glob(f"*/{META_NAME}")):
        folder = fixtures / str(spider.name)
        yield f"no recorded pages in {folder} (scrapy record {folder} --crawl {spider.name})"


def _named_seeds(spider: type[SiteSpider]) -> Iterator[str]:
    """Yield a line where `article_pattern` takes a listing for an article."""
    with contextlib.suppress(re.error, TypeError):
        pattern = re.compile(spider.article_pattern) if spider.article_pattern else None
        if pattern and any(pattern.search(seed) for seed in spider.seeds if _is_listing(seed, spider)):
            yield f"article_pattern {spider.article_pattern!r} takes a seed for an article"


def _own_methods(spider: type[SiteSpider]) -> Iterator[str]:
    """Yield a line for each method that only the file's own spider would run."""
    for name, value in vars(spider).items():
        if inspect.isfunction(value) and hasattr(SiteSpider, name) and name not in ("page_for", "__init__"):
            yield f"{name}: other crawls of the site do not run it; class attributes and page_for hold in all"


def _is_listing(seed: str, spider: type[SiteSpider]) -> bool:
    return urlsplit(seed).path.endswith("/") and registered_domain(seed) != ""


def selector_problems(page_class: type[ArticlePage]) -> Iterator[str]:
    """Yield a line for every selector of a page class (`*_selector`, `*_selectors`) that is neither CSS nor XPath."""
    for name in dir(page_class):
        if not name.endswith(("_selector", "_selectors")):
            continue
        value = getattr(page_class, name)
        for selector in [value] if isinstance(value, str) else (value or ()):
            if isinstance(selector, str) and not is_selector(selector):
                yield f"{page_class.__name__}.{name}: {selector!r} is neither CSS nor XPath"


def is_selector(text: str) -> bool:
    """Return True if `text` compiles as XPath (it starts with / or .) or as CSS."""
    try:
        if text.lstrip("(").startswith(("/", "./")):
            etree.XPath(text)
        else:
            CSSSelector(text.split("::")[0])
    except (etree.XPathError, SyntaxError, ValueError):
        return False
    return True
