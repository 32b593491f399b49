"""Fetch pages that were typed on the command line, with the crawl's own politeness and safety rules."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from scrapy import Request, Spider
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.http import Response
from scrapy.settings import Settings
from scrapy.utils.project import get_project_settings
from twisted.python.failure import Failure

from newsspider.crawl.problems import problem_of
from newsspider.pages.document import Document
from newsspider.pages.sniff import body_type
from newsspider.recording.cases import RecordedResponse
from newsspider.recording.replay import recorded_response
from newsspider.render.meta import render_meta, renders
from newsspider.responses import content_type, fetched_at, is_rendered
from newsspider.sites.registry import SiteRegistry

# one page each, nothing stored: no pipelines, no MongoDB, no progress line
FETCH_SETTINGS: dict[str, Any] = {
    "ITEM_PIPELINES": {},
    "CRAWL_STATE_ENABLED": False,
    "PROGRESS_ENABLED": False,
    "SPIDER_MIDDLEWARES": {},
}


@dataclass
class Fetched:
    """What came back, by URL as typed: pages, and in one line each what did not come."""

    pages: dict[str, RecordedResponse] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)


class FetchSpider(Spider):
    """Asks for each URL once; hosts typed by hand may be on a private network."""

    name = "fetch"
    handle_httpstatus_all = False

    def __init__(
        self,
        urls: Sequence[str] = (),
        fetched: Fetched | None = None,
        sites: SiteRegistry | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.urls = list(urls)
        self.sites = sites or SiteRegistry()
        self.fetched = fetched if fetched is not None else Fetched()
        self.trusted_hosts = {(urlsplit(url).hostname or "").lower() for url in urls}

    async def start(self) -> AsyncIterator[Request]:
        for url in self.urls:
            yield Request(url, dont_filter=True, errback=self.keep_problem, cb_kwargs={"typed": url})

    def parse(self, response: Response, typed: str) -> Iterator[Request]:
        if renders(self.settings, self.sites, response.url) and not is_rendered(response) and self._is_shell(response):
            meta, told = render_meta(response), {"typed": typed}
            yield Request(response.url, dont_filter=True, errback=self.keep_problem, meta=meta, cb_kwargs=told)
            return
        page = recorded_response(Request(response.url), response, None)
        self.fetched.pages[typed] = page

    def keep_problem(self, failure: Failure) -> None:
        request: Request = failure.request  # type: ignore[attr-defined]
        self.fetched.problems[request.cb_kwargs["typed"]] = problem_of(failure).line

    def _is_shell(self, response: Response) -> bool:
        """Return True if a page shows nothing until its scripts have run."""
        if body_type(response.body, content_type(response)) != "html":
            return False
        document = Document.from_bytes(response.body, response.url, fetched_at(response), content_type(response))
        return self.sites.of_url(response.url).page_for(document).kind() == "shell"


def is_url(name: str) -> bool:
    return name.lower().startswith(("http://", "https://"))


def fetch(urls: Sequence[str], settings: Settings | None = None, sites: SiteRegistry | None = None) -> Fetched:
    """Return what the web, or with REPLAY a recording, has under `urls`; with RECORD it is recorded as well.

    `sites` say whose pages are rendered.
    """
    settings = settings or get_project_settings()
    for name, value in FETCH_SETTINGS.items():
        settings.set(name, value, priority="cmdline")
    if sites is not None:
        settings.set("RENDER_SITES", any(sites.value(url, "RENDER") for url in urls), priority="cmdline")
        own = {host: sites.slot_settings(host) for url in urls if (host := urlsplit(url).hostname)}
        slots = settings.getdict("DOWNLOAD_SLOTS") | {host: values for host, values in own.items() if values}
        settings.set("DOWNLOAD_SLOTS", slots, priority="cmdline")
    fetched = Fetched()
    process = AsyncCrawlerProcess(settings)
    process.crawl(FetchSpider, urls=urls, fetched=fetched, sites=sites)
    process.start()
    for url in urls:
        if url not in fetched.pages:
            fetched.problems.setdefault(url, "no answer")
    return fetched
