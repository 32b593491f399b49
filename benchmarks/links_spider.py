"""The baseline of benchmarks/crawl.py: plain Scrapy that follows every link of one host and keeps nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from scrapy import Request, Spider
from scrapy.http import Response, TextResponse
from scrapy.linkextractors import LinkExtractor


class LinksSpider(Spider):
    """Arguments: `url` to follow links from, or also `urls`, a file of URLs that are only downloaded then."""

    name = "links"

    def __init__(self, url: str = "", urls: str = "", **arguments: Any) -> None:
        super().__init__(**arguments)
        self.extractor = LinkExtractor(allow_domains=[urlsplit(url).netloc])
        self.is_following = not urls
        if urls:
            with open(urls, encoding="utf-8") as lines:
                self.start_urls = lines.read().split()
        else:
            self.start_urls = [url]

    def parse(self, response: Response, **_: Any) -> Iterator[Request]:
        if self.is_following and isinstance(response, TextResponse):
            for link in self.extractor.extract_links(response):
                yield Request(link.url)
