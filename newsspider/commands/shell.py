"""`scrapy shell`: Scrapy's command with `page`, `article` and `listing` at hand, and without pipelines and MongoDB."""

from __future__ import annotations

import argparse
from typing import Any

from scrapy.commands.shell import Command as ScrapyShell
from scrapy.http import Response

from newsspider.cli.console import complain
from newsspider.cli.running import spider_problem, without_storage
from newsspider.cli.setting_names import CheckedSettings
from newsspider.cli.site_pages import site_registry
from newsspider.downloadermiddlewares.download_errors import DOWNLOAD_ERRORS
from newsspider.extensions.summary import FAILED, WRONG_USE
from newsspider.messages import _
from newsspider.pages.document import Document
from newsspider.pages.sniff import body_type
from newsspider.pipelines.clean import clean_article
from newsspider.responses import content_type, fetched_at
from newsspider.sites.registry import SiteRegistry


class Command(CheckedSettings, ScrapyShell):
    """`page` is what the site's page class reads, `article` the item that a crawl would store, `listing` the rows."""

    url: str | None = None
    sites = SiteRegistry()

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        super().process_options(args, opts)
        without_storage(self.settings)

    def update_vars(self, vars: dict[str, Any]) -> None:
        response = vars.get("response")
        if response is None and self.url is not None:
            complain(_("no answer from {url}").format(url=self.url))
            self.exitcode = FAILED
        self.url = None
        vars |= dict.fromkeys(("page", "article", "listing"))
        if not isinstance(response, Response) or body_type(response.body, content_type(response)) != "html":
            return
        document = Document.from_bytes(response.body, response.url, fetched_at(response), content_type(response))
        rules = self.sites.of_url(response.url)
        page = rules.page_for(document)
        vars |= {"page": page, "article": clean_article(page.to_item()), "listing": rules.listing_class(document)}

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        if problem := spider_problem(self.crawler_process, opts.spider):
            complain(problem)
            self.exitcode = WRONG_USE
            return
        if self.settings is not None:
            self.sites = site_registry(self.settings)
        self.url = args[0] if args else None
        try:
            super().run(args, opts)
        except DOWNLOAD_ERRORS as error:
            complain(_("no answer from {name}: {error}").format(name=args[0], error=error))
            self.exitcode = FAILED
