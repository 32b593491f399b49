"""Checks of a site file: its names, patterns and selectors, and what its recorded pages give."""

from __future__ import annotations

import contextlib
import inspect
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from newsspider.cli import goldens
from newsspider.cli.extraction import UnreadablePageError, document_of, read_page
from newsspider.cli.site_pages import module_name
from newsspider.pages.article.page import selected
from newsspider.pages.document import Document
from newsspider.recording.cases import META_NAME, RecordingError
from newsspider.site_spider import SiteSpider
from newsspider.sites.registry import SiteRegistry, rule_problems
from newsspider.sites.selectors import selectors
from newsspider.urls import registered_domain

NAME = re.compile(r"[a-z][a-z0-9_]*\Z")


def shared_hosts(spiders: Mapping[str, type[SiteSpider]]) -> dict[str, list[str]]:
    """Return by name of a site file a line for each host that another file before it is about."""
    sound = [spiders[name] for name in sorted(spiders) if not any(rule_problems(spiders[name]))]
    found: dict[str, list[str]] = {}
    for line in SiteRegistry(sound).conflicts:
        name, _, words = line.partition(": ")
        found.setdefault(name, []).append(words)
    return found


def site_problems(spider: type[SiteSpider], fixtures: Path) -> Iterator[str]:
    """Yield a line for everything in a site file that cannot work, or that its recorded pages contradict."""
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
            yield f"allowed_domains: {domain!r} is not a host name"
    wrong = list(rule_problems(spider))
    yield from wrong
    yield from _named_seeds(spider)
    yield from _own_methods(spider)
    folder = fixtures / str(spider.name)
    if not any(folder.glob(f"*/{META_NAME}")):
        yield f"no recorded pages in {folder} (scrapy record {folder} --crawl {spider.name})"
    elif not wrong:
        yield from recorded_problems(spider, folder)


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


def recorded_problems(spider: type[SiteSpider], folder: Path) -> Iterator[str]:
    """Yield a line for each field that differs from expected.json, and for selectors that match on no article."""
    unmatched = dict(selectors(spider.page_class))
    cases = goldens.cases(folder)
    for case in cases:
        try:
            page = read_page(case)
            lines = list(goldens.differences(goldens.expected(case), goldens.derived(case, SiteRegistry([spider]))))
        except (RecordingError, UnreadablePageError) as error:
            yield str(error)
            continue
        if lines:
            more = f" and {len(lines) - 1} more" if len(lines) > 1 else ""
            yield f"{case}: {lines[0]}{more} (scrapy bless -n {case})"
        unmatched = _still_unmatched(unmatched, document_of(page)) if unmatched else unmatched
    if not cases:
        yield f"no page of {folder} has an expected.json (scrapy bless {folder}/CASE writes a first one)"
    for name, selector in unmatched.items() if cases else ():
        yield f"{spider.page_class.__name__}.{name}: {selector!r} matches on none of the {len(cases)} articles"


def _still_unmatched(unmatched: dict[str, object], document: Document) -> dict[str, object]:
    return {name: value for name, value in unmatched.items() if not selected(document, str(value))}
